"""The clinical definitions on patients that a clinician can work through by hand.

The patients and what must come out of them stand in `tables/`; docs/definitions.md shows the same.
"""

from __future__ import annotations

import csv
import importlib.util
import sys
from dataclasses import fields
from pathlib import Path

import pandas as pd
import pytest

from incohort.analyses.cohort_overview.study import CohortOverview
from incohort.cohort import Choices, open_cohort, patient_frame
from incohort.dictionary import load
from incohort.results import NotEstimable

# Ibis 12 calls a method that DuckDB 2 renamed.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")

_SPEC = importlib.util.spec_from_file_location(
    "definitions_page", Path(__file__).with_name("definitions_page.py")
)
page = importlib.util.module_from_spec(_SPEC)
sys.modules[_SPEC.name] = page
_SPEC.loader.exec_module(page)

INDEX_DATE = "2020-01-01"
RULES = page.rules()
CASES = [
    pytest.param(case, id=f"{rule.name}: {case.title}") for rule in RULES for case in rule.cases
]
INPUTS = ("patients", "labs", "antibody_tests", "diagnoses", "events")


def written(folder: Path, case) -> Path:
    """The case as a cohort folder; whom no table describes is a woman seen on INDEX_DATE."""
    tables = {name: rows for name, rows in case.tables.items() if name != "expected"}
    if "patients" not in tables:
        patients = sorted({row["patient"] for rows in tables.values() for row in rows})
        tables["patients"] = [
            {"patient": name, "sex": "female", "index_date": INDEX_DATE} for name in patients
        ]
    folder.mkdir()
    for name, rows in tables.items():
        full = [
            ({"unit": load().analyte(row["analyte"]).unit} if name == "labs" else {}) | row
            for row in rows
        ]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            heads = ["patient_id" if head == "patient" else head for head in full[0]]
            writer = csv.writer(file)
            writer.writerow(heads)
            writer.writerows(row.values() for row in full)
    return folder


def chosen(case) -> Choices:
    types = {entry.name: str(entry.type) for entry in fields(Choices)}
    readers = {"float | None": float, "int": int, "int | None": int}
    return Choices(
        **{
            name: None if value == "none" else readers.get(types[name], str)(value)
            for name, value in case.choices.items()
        }
    )


def agrees(found: object, expected: str) -> bool:
    """Whether a cell of the frame is what the table says, to the last printed digit."""
    if expected == page.NOTHING:
        return bool(pd.isna(found))
    if pd.isna(found):
        return False
    if expected in ("true", "false"):
        return bool(found) is (expected == "true")
    if isinstance(found, str):
        return found == expected
    digits = len(expected.partition(".")[2])
    tolerance = 0.5 * 10**-digits if digits > 3 else 1e-9
    return float(found) == pytest.approx(float(expected), abs=tolerance)


@pytest.mark.parametrize("case", CASES)
def test_the_definition_says_what_the_table_says(case, tmp_path):
    """Each patient of the table gets the answer that stands beside them."""
    cohort = open_cohort(str(written(tmp_path / "cohort", case)))
    frame = patient_frame(cohort, chosen(case)).set_index("patient_id")

    wrong = [
        f"{row['patient']}: {name} is {frame.loc[row['patient'], name]!r}, not {expected!r}, "
        f"since {row['because']}"
        for row in case.expected
        for name, expected in row.items()
        if name not in ("patient", "because")
        and not agrees(frame.loc[row["patient"], name], expected)
    ]
    assert not wrong, "\n".join(wrong)
    assert sorted(frame.index) == [row["patient"] for row in case.expected]


@pytest.mark.parametrize("case", CASES)
def test_a_table_is_well_formed(case):
    """Every table has rows, every expectation its reason; every choice is one there is."""
    assert set(case.tables) <= {*INPUTS, "expected"}
    assert all(rows for rows in case.tables.values())
    assert all(row["because"] for row in case.expected)
    assert set(case.choices) <= {entry.name for entry in fields(Choices)}


def test_without_a_table_nothing_is_said(tmp_path):
    """Who was only registered has no count, no grade, no course, no antibodies: not even `no`."""
    folder = tmp_path / "cohort"
    folder.mkdir()
    (folder / "patients.csv").write_text("patient_id,sex\nA,female\n", encoding="utf-8")

    frame = patient_frame(open_cohort(str(folder)), Choices())

    missing = frame.drop(columns=["patient_id", "sex", "n_anc"]).isna()
    assert missing.to_numpy().all(), list(frame.columns[~frame.isna().all()])
    assert frame["n_anc"].tolist() == [0]


def test_no_share_is_told_of_a_grade_that_nobody_could_have():
    """Of 18 children without a single count 0 % are not severe: nothing is known of them."""
    grades = CohortOverview(open_cohort("jinca2021")).severity()

    shares = [
        result
        for result in grades.results
        if result.key.endswith("/proportion") and "duffy_null" not in result.key
    ]
    assert len(shares) == 5
    assert {(type(share), share.reason) for share in shares} == {
        (NotEstimable, "the cohort has no table labs")
    }


def test_every_rule_is_on_the_page():
    """Each rule and case has a heading of its own, and each patient's reason is told."""
    text = page.definitions_page()
    for rule in RULES:
        assert f"\n## {rule.title}\n" in text
        for case in rule.cases:
            assert f"\n### {case.title}\n" in text
            assert all(page._text(row["because"]) in text for row in case.expected)
