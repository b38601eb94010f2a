"""The clinical definitions on patients that a clinician can work through by hand.

The patients and what must come out of them stand in `tables/`; docs/definitions.md shows the same.
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import fields
from pathlib import Path

import pandas as pd
import pytest

from incohort.analyses.cohort_overview.study import CohortOverview
from incohort.cohort import Choices, open_cohort, patient_frame
from incohort.results import NotEstimable

# Ibis 12 calls a method that DuckDB 2 renamed.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")

_SPEC = importlib.util.spec_from_file_location(
    "definitions_page", Path(__file__).with_name("definitions_page.py")
)
page = importlib.util.module_from_spec(_SPEC)
sys.modules[_SPEC.name] = page
_SPEC.loader.exec_module(page)
_WORKED = importlib.util.spec_from_file_location("worked", Path(__file__).with_name("worked.py"))
worked = importlib.util.module_from_spec(_WORKED)
sys.modules[_WORKED.name] = worked
_WORKED.loader.exec_module(worked)
written = worked.written

RULES = page.rules()
CASES = [
    pytest.param(case, id=f"{rule.name}: {case.title}") for rule in RULES for case in rule.cases
]
INPUTS = ("patients", "labs", "antibody_tests", "diagnoses", "events")


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
    cohort = open_cohort(str(written(tmp_path / "cohort", case.tables)))
    frame = patient_frame(cohort, worked.chosen(case, Choices)).set_index("patient_id")

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
