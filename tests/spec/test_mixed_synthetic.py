"""The mixed synthetic cohort: its known truth, found again by plain loops over the files."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

import pytest
from scipy import stats

from incohort.analyses.cohort_overview.study import CohortOverview
from incohort.cohort import open_cohort
from incohort.dictionary import bundled, load
from incohort.synthetic import mixed
from incohort.synthetic.mixed_truth import PROFILES, truth

FOLDER = bundled("data_dictionary") / "cohorts" / "mixed_synthetic"
TO_10_9_PER_L = {"10*9/L": 1.0, "/uL": 0.001}
N = 300


def rows(table: str) -> list[dict[str, str]]:
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def counts() -> dict[str, list[tuple[date, float]]]:
    """Neutrophil counts of each patient by day, in 10⁹/L; `<` is read as the limit itself."""
    by_patient = defaultdict(list)
    for row in rows("labs"):
        if row["analyte"] == "ANC":
            day = date.fromisoformat(row["taken_at"][:10])
            value = float(row["value"]) * TO_10_9_PER_L[row["unit"]]
            by_patient[row["patient_id"]].append((day, value))
    return {patient: sorted(series) for patient, series in by_patient.items()}


def scatters_around(count: int, n: int, share: float) -> bool:
    """Whether so many of n may be drawn with that probability (one in ten thousand may not)."""
    return float(stats.binomtest(count, n, share).pvalue) > 1e-4


def test_the_program_writes_the_same_bytes(tmp_path: Path):
    """The folder that ships is what the seeded program writes today."""
    mixed.write(tmp_path)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in FOLDER.iterdir()}


TABLES = {
    "patients", "labs", "medications", "antibody_tests", "diagnoses", "events", "clonality",
}  # fmt: skip


def test_all_seven_tables_are_there():
    """Each table of the clinic has rows; the dictionary knows more."""
    assert {path.stem for path in FOLDER.glob("*.csv")} == TABLES
    assert set(load().tables) > TABLES
    assert all(rows(table) for table in TABLES)


def test_the_shares_of_a_truth_add_to_one():
    """Every patient has one aetiology, severity, course and pattern, `unknown` among them."""
    sums = Counter()
    for key, share in truth().items():
        sums[key.split("/")[1]] += share
    assert sums["aetiology"] == pytest.approx(1)
    assert sums["course"] == pytest.approx(1)
    assert sums["cytopenia"] == pytest.approx(1)
    assert sums["severity"] == pytest.approx(1)


def test_aetiologies_are_exact():
    """So many patients of each cause as the truth says, 300 in all."""
    found = Counter(row["aetiology"] for row in rows("patients"))
    assert found == {name: profile.n for name, profile in PROFILES.items()}
    assert found.total() == N


def test_severity_is_found_again(counts):
    """Severe below 0.5, moderate below 1.0, mild below 1.5; the first count is the lowest."""
    found = Counter()
    for series in counts.values():
        first = series[0][1]
        assert first == min(value for _, value in series)
        found["severe" if first < 0.5 else "moderate" if first < 1.0 else "mild"] += 1
        assert first < 1.5
    for grade in ("mild", "moderate", "severe"):
        share = truth()[f"cohort_overview/severity/{grade}/proportion"]
        assert scatters_around(found[grade], N, share), grade


def test_course_is_found_again(counts):
    """Acute: normal within three months. Chronic: still low after them. Else it is not known."""
    found = Counter()
    for series in counts.values():
        start = series[0][0]
        normal = [(day - start).days for day, value in series if value >= 1.8]
        low = [(day - start).days for day, value in series if value < 1.5]
        if normal:
            assert max(low) < min(normal) < 90
            found["acute"] += 1
        elif max(low) > 92:
            found["chronic"] += 1
        else:
            found["unknown"] += 1
    for course in ("acute", "chronic", "unknown"):
        share = truth()[f"cohort_overview/course/{course}/proportion"]
        assert scatters_around(found[course], len(counts), share), course


def test_cytopenias_are_found_again():
    """Haemoglobin and platelets are clearly low or clearly normal, whatever limit is taken."""
    values = defaultdict(dict)
    for row in rows("labs"):
        if row["analyte"] in {"HB", "PLT"}:
            factor = 0.1 if row["unit"] == "g/L" else 1.0
            values[row["patient_id"]][row["analyte"]] = float(row["value"]) * factor
    found = Counter(unknown=N - len(values))
    for cells in values.values():
        assert cells["HB"] < 11 or cells["HB"] >= 13
        assert cells["PLT"] < 100 or cells["PLT"] >= 150
        patterns = {
            (True, True): "pancytopenia",
            (True, False): "with_anaemia",
            (False, True): "with_thrombocytopenia",
            (False, False): "isolated",
        }
        found[patterns[cells["HB"] < 11, cells["PLT"] < 100]] += 1
    for pattern in ("isolated", "with_anaemia", "with_thrombocytopenia", "pancytopenia", "unknown"):
        share = truth()[f"cohort_overview/cytopenia/{pattern}/proportion"]
        assert scatters_around(found[pattern], N, share), pattern


def test_nothing_of_the_thyroid_was_tested():
    """No thyroid analyte, and no antibody test in those with thyroid disease, of whom there are."""
    thyroid = {"TSH", "FT3", "FT3_MASS", "FT4", "FT4_MASS", "ANTI_TPO", "ANTI_TG", "TRAB"}
    assert not thyroid & {row["analyte"] for row in rows("labs")}
    diseased = {
        row["patient_id"] for row in rows("diagnoses") if row["condition"] == "thyroid_disease"
    } | {row["patient_id"] for row in rows("patients") if row["aetiology"] == "thyroid_disease"}
    assert len(diseased) > 9
    assert not diseased & {row["patient_id"] for row in rows("antibody_tests")}


def test_it_has_what_other_cohorts_lack():
    """Children, adults, missing values, comparators, Duffy-null, late onset, deaths, clones."""
    patients = rows("patients")
    ages = [float(row["age_years"]) for row in patients if row["age_years"]]
    assert min(ages) < 1
    assert max(ages) > 80
    assert any(row["birth_date"] for row in patients)
    assert any(not row["age_years"] and not row["birth_date"] for row in patients)
    assert {row["duffy_null"] for row in patients} == {"true", "false", ""}
    assert {row["comparator"] for row in rows("labs")} == {"", "<"}
    assert {"rituximab", "filgrastim"} <= {row["drug"] for row in rows("medications")}
    assert {"death", "infection", "remission"} <= {row["event"] for row in rows("events")}
    assert {"clonal", "polyclonal", "not_done"} <= {row["tcr_result"] for row in rows("clonality")}
    results = {row["result"] for row in rows("antibody_tests")}
    assert results == {"positive", "negative", "indeterminate", "not_done"}


def test_every_drug_is_in_the_dictionary():
    """Each name and each ATC code, present or former, is one the dictionary knows."""
    for row in rows("medications"):
        by_name, by_code = load().drug(row["drug"]), load().drug(row["atc"])
        assert by_name is not None, row["drug"]
        assert by_name == by_code


def test_nothing_happens_after_death():
    """What is dated after a patient's death would be a fault."""
    died = {
        row["patient_id"]: row["occurred_on"] for row in rows("events") if row["event"] == "death"
    }
    assert died
    dates = (
        ("labs", "taken_at"),
        ("antibody_tests", "taken_on"),
        ("clonality", "taken_on"),
        ("medications", "started_on"),
        ("medications", "stopped_on"),
        ("events", "occurred_on"),
    )
    for table, column in dates:
        for row in rows(table):
            if row["patient_id"] in died and row[column]:
                assert row[column][:10] <= died[row["patient_id"]], (table, row)


def test_everything_is_labelled_synthetic():
    """Every column and every analyte is on the card's list, and the notices say it first."""
    card = json.loads((FOLDER / "datapackage.json").read_text(encoding="utf-8"))["incohort"]
    made = set(card["synthetic_columns"])
    assert {f"labs.{row['analyte']}" for row in rows("labs")} <= made
    for table in TABLES:
        assert {f"{table}.{column}" for column in rows(table)[0]} <= made
    assert (card["privacy"], card["study"], card["origin"]) == ("public", None, "synthetic")
    assert card["notices"][0].startswith("Nobody here exists.")


@pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")
def test_it_is_told_how_many_with_a_low_count_are_duffy_null(counts):
    """Nine of the 120 in whom it was determined; in the other 178 of 298 nothing is known."""
    patients = rows("patients")
    people = {row["patient_id"] for row in patients if row["duffy_null"] == "true"}
    known = {row["patient_id"] for row in patients if row["duffy_null"]}
    low = [name for name, series in counts.items() if series[0][1] < 1.8]

    found = CohortOverview(open_cohort("mixed_synthetic")).severity()
    share = found.by_key["cohort_overview/severity/duffy_null/proportion"]
    assert (share.events, share.n) == (len(people.intersection(low)), len(known.intersection(low)))
    absent = found.by_key["cohort_overview/severity/duffy_null/not_recorded/count"]
    assert (share.n, absent.value) == (120, 178)
    assert share.events == len(people) == 9


@pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")
def test_it_is_told_who_is_held_against_the_limit_of_infants(counts):
    """From two weeks to the first birthday by the date of birth or else the age, by a plain loop.

    A report of adults of known age says nothing of infants.
    """
    found = Counter()
    for row in rows("patients"):
        index = date.fromisoformat(row["index_date"])
        days = [day for day, _ in counts.get(row["patient_id"], [])]
        if not days:
            continue
        on = min(days, key=lambda day: (abs((day - index).days), day))
        if row["birth_date"]:
            born = date.fromisoformat(row["birth_date"])
            is_infant = (on - born).days >= 14 and on <= born.replace(year=born.year + 1)
            found["infant" if is_infant else "system"] += 1
        elif row["age_years"]:
            age = float(row["age_years"]) * 365.25 + (on - index).days
            found["infant" if 14 <= age < 365.25 else "system"] += 1
        else:
            found["unknown_age"] += 1
    asked = CohortOverview(open_cohort("mixed_synthetic"))
    shown = {result.key: result.value for result in asked.severity().results}
    for name in ("infant", "system", "unknown_age"):
        assert shown[f"cohort_overview/severity/limit_of/{name}/count"] == found[name], name
    assert found["infant"]
    assert found["unknown_age"]

    adults = CohortOverview(open_cohort("kyritsi2015"))
    told = [*adults.severity().results, *adults.attrition().results]
    assert not [result.key for result in told if "infant" in f"{result.key} {result.label}"]
