"""Every printed figure of Kyritsi 2015, counted again from the written files by plain loops."""

from __future__ import annotations

import csv
import json
import math
from collections import Counter
from pathlib import Path

import pytest
from scipy import stats

from incohort.dictionary import bundled
from incohort.synthetic import kyritsi2015

FOLDER = bundled("data_dictionary") / "cohorts" / "kyritsi2015"


def rows(table: str) -> list[dict[str, str]]:
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def with_thyroid_disease() -> set[str]:
    return {row["patient_id"] for row in rows("patients") if row["aetiology"] == "thyroid_disease"}


@pytest.fixture(scope="module")
def first_values() -> dict[tuple[str, str], float]:
    """The earliest value of each analyte in each patient."""
    earliest: dict[tuple[str, str], tuple[str, float]] = {}
    for row in rows("labs"):
        key = row["patient_id"], row["analyte"]
        candidate = row["taken_at"], float(row["value"])
        earliest[key] = min(candidate, earliest.get(key, candidate))
    return {key: value for key, (_, value) in earliest.items()}


def positive(assay: str) -> set[str]:
    return {
        row["patient_id"]
        for row in rows("antibody_tests")
        if row["assay"] == assay and row["result"] == "positive"
    }


def correlation(values: dict[tuple[str, str], float], first: str, second: str) -> tuple[float, int]:
    """Pearson's r by its definition, and the number of pairs."""
    pairs = [
        (value, values[patient, second])
        for (patient, analyte), value in sorted(values.items())
        if analyte == first and (patient, second) in values
    ]
    n = len(pairs)
    mean_x, mean_y = (math.fsum(column) / n for column in zip(*pairs, strict=True))
    sxy = math.fsum((x - mean_x) * (y - mean_y) for x, y in pairs)
    sxx = math.fsum((x - mean_x) ** 2 for x, _ in pairs)
    syy = math.fsum((y - mean_y) ** 2 for _, y in pairs)
    return sxy / math.sqrt(sxx * syy), n


def p_value_of(r: float, n: int) -> float:
    """Two-sided P of Pearson's r, from Student's t with n − 2 degrees of freedom."""
    t = r * math.sqrt((n - 2) / (1 - r * r))
    return 2 * float(stats.t.sf(abs(t), n - 2))


def test_diagnoses_are_as_printed():
    """95 + 65 + 20 + 5 + 33 = 218 patients, each with one row."""
    patients = rows("patients")
    assert len({row["patient_id"] for row in patients}) == len(patients) == 218
    assert Counter(row["aetiology"] for row in patients) == {
        "thyroid_disease": 95,
        "chronic_immunologic": 65,
        "t_lgl": 20,
        "autoimmune_disorder": 5,
        "other": 33,
    }


def test_anti_pmn_by_subtype_is_as_printed(with_thyroid_disease):
    """13 of 26 HT, 1 of 5 GD, 0 of 6 TTM, 2 of 2 NTMG, 0 of 4 AN-SHP; nobody else was tested."""
    subtype = {row["patient_id"]: row["subtype"] for row in rows("diagnoses")}
    tested = {row["patient_id"] for row in rows("antibody_tests")}
    assert tested <= with_thyroid_disease
    assert Counter(subtype[patient] for patient in tested) == {
        "hashimoto": 26,
        "graves": 5,
        "ttm": 6,
        "ntmg": 2,
        "an_shp": 4,
    }
    assert Counter(subtype[patient] for patient in positive("gift")) == {
        "hashimoto": 13,
        "graves": 1,
        "ntmg": 2,
    }
    untested = with_thyroid_disease - tested
    assert {subtype[patient] for patient in untested} == {"unknown"}


def test_assays_are_as_printed():
    """GIFT finds all 16, GAT 4 of these and nobody else, LIFT none; each on all 43 sera."""
    assert len(positive("gift")) == 16
    assert len(positive("gat")) == 4
    assert positive("gat") < positive("gift")
    assert positive("lift") == set()
    assert Counter(row["assay"] for row in rows("antibody_tests")) == {
        "gift": 43,
        "gat": 43,
        "lift": 43,
    }


@pytest.mark.parametrize(
    ("first", "second", "printed_r", "printed_p", "fitting_n"),
    [
        ("FT3", "ANC", "-0.274", "0.007", range(94, 98)),
        ("ANTI_TPO", "C4", "-0.160", "0.045", range(148, 169)),
        ("ANTI_TG", "C4", "-0.266", "0.001", range(140, 169)),
        ("CD4", "FT4", "-0.274", "0.024", range(68, 69)),
    ],
)
def test_correlations_are_as_printed(first_values, first, second, printed_r, printed_p, fitting_n):
    """The r and P round to the printed digits, on a number of patients that the two imply."""
    r, n = correlation(first_values, first, second)
    assert f"{r:.3f}" == printed_r
    assert f"{p_value_of(r, n):.3f}" == printed_p
    assert n in fitting_n


@pytest.mark.parametrize(
    ("r", "half", "p", "fitting_n"),
    [
        (-0.274, 0.0005, 0.007, range(94, 98)),
        (-0.16, 0.005, 0.045, range(148, 169)),
        (-0.266, 0.0005, 0.001, range(140, 169)),
        (-0.274, 0.0005, 0.024, range(68, 69)),
    ],
)
def test_the_implied_numbers_of_patients_are_all_that_fit(r, half, p, fitting_n):
    """Some r that rounds to the printed one gives the printed P for these numbers and no other."""
    fits = [
        n
        for n in range(3, 1000)
        if p_value_of(abs(r) + half, n) < p + 0.0005 and p_value_of(abs(r) - half, n) >= p - 0.0005
    ]
    assert fits == list(fitting_n)


def test_cd4_with_tsh_is_as_printed(first_values):
    """The r rounds to the printed 0.16; its P value was not found, so none is held."""
    r, n = correlation(first_values, "CD4", "TSH")
    assert f"{r:.2f}" == "0.16"
    assert n == 68


def test_ft3_is_known_in_the_95_with_thyroid_disease(first_values, with_thyroid_disease):
    """The implied denominator of FT3 with ANC is the 95 patients with thyroid disease."""
    measured = {patient for patient, analyte in first_values if analyte == "FT3"}
    assert measured == with_thyroid_disease


def test_infections_give_the_printed_p(with_thyroid_disease):
    """27 of 95 against 21 of 123: χ² = 218·(27·102 − 68·21)² / (95·123·48·170), P = 0.045."""
    infected = {row["patient_id"] for row in rows("events")}
    a, b = len(infected & with_thyroid_disease), len(infected - with_thyroid_disease)
    assert (a, b) == (27, 21)
    chi_square = 218 * (27 * 102 - 68 * 21) ** 2 / (95 * 123 * 48 * 170)
    assert f"{math.erfc(math.sqrt(chi_square / 2)):.3f}" == "0.045"


def test_anti_tpo_is_higher_in_the_positive(first_values):
    """Of all pairs of a positive and a negative patient, most have the higher in the first."""
    tested = {row["patient_id"] for row in rows("antibody_tests")}
    found = [first_values[patient, "ANTI_TPO"] for patient in sorted(positive("gift"))]
    others = [first_values[patient, "ANTI_TPO"] for patient in sorted(tested - positive("gift"))]
    assert (len(found), len(others)) == (16, 27)
    assert float(stats.mannwhitneyu(found, others).pvalue) < 0.05
    assert sum(x > y for x in found for y in others) > 16 * 27 / 2


def test_the_card_calls_every_value_that_was_not_printed_synthetic():
    """All laboratory values, ages, sexes, dates and infections are labelled; the counts aren't."""
    card = json.loads((FOLDER / "datapackage.json").read_text(encoding="utf-8"))["incohort"]
    made = set(card["synthetic_columns"])
    assert {f"labs.{row['analyte']}" for row in rows("labs")} <= made
    assert {"patients.age_years", "patients.sex", "patients.index_date", "events.event"} <= made
    assert not made & {"patients.aetiology", "diagnoses.subtype", "antibody_tests.result"}
    assert (card["privacy"], card["study"], card["origin"]) == (
        "public",
        "kyritsi2015",
        "reconstructed",
    )


def test_the_program_writes_the_same_bytes(tmp_path: Path):
    """The folder that ships is what the seeded program writes today."""
    kyritsi2015.write(tmp_path)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in FOLDER.iterdir()}
