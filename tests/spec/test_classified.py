"""Classes that patients fall in, on patients that a clinician can work through by hand.

The tables stand in `tables/lgl/` and `tables/autoimmune/`; docs/definitions.md shows the same.
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import fields, replace
from pathlib import Path

import pandas as pd
import pytest

from incohort.cohort import (
    AutoimmuneChoices,
    LglChoices,
    autoimmune_frame,
    lgl_frame,
    open_cohort,
)
from incohort.cohort.felty import DEFINITIONS
from incohort.cohort.lgl import CLASSES, ITEMS
from incohort.cohort.neutropenia_cause import CAUSE_ITEMS, CAUSES
from incohort.errors import UsageError

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

LGL_RULES, AUTOIMMUNE_RULES = (
    page.rules(folder) for folder in (page.LGL_TABLES, page.AUTOIMMUNE_TABLES)
)
CASES = [
    pytest.param(case, asked, id=f"{rule.name}: {case.title}")
    for rules, asked in ((LGL_RULES, "lgl"), (AUTOIMMUNE_RULES, "autoimmune"))
    for rule in rules
    for case in rule.cases
]


def chosen(case, kind: type):
    """The choices of a case that are of one kind."""
    names = {entry.name for entry in fields(kind)}
    own = {name: word for name, word in case.choices.items() if name in names}
    return worked.chosen(replace(case, choices=own), kind)


def frame_of(folder: Path, case, asked: str) -> pd.DataFrame:
    """The frame of a case: of lymphocytes, or of autoimmune disease."""
    cohort = open_cohort(str(worked.written(folder, case.tables, case.collected or None)))
    of_lgl = chosen(case, LglChoices)
    if asked == "lgl":
        return lgl_frame(cohort, of_lgl)
    return autoimmune_frame(cohort, replace(chosen(case, AutoimmuneChoices), lgl=of_lgl))


@pytest.mark.parametrize(("case", "asked"), CASES)
def test_a_patient_is_what_the_table_says(case, asked, tmp_path):
    """Each patient of the table has the class, and the first missing item, beside them."""
    frame = frame_of(tmp_path / "cohort", case, asked).set_index("patient_id")

    assert list(frame.index) == [row["patient"] for row in case.expected]
    wrong = [
        f"{row['patient']}: {name} is {worked.told(frame.loc[row['patient'], name])}, not {value}, "
        f"since {row['because']}"
        for row in case.expected
        for name, value in row.items()
        if name not in ("patient", "because")
        and worked.told(frame.loc[row["patient"], name]) != value
    ]
    assert not wrong, "\n".join(wrong)


def test_every_class_and_item_is_worked_through():
    """No class and no missing item is without a patient in the tables."""
    rows = [row for rule in LGL_RULES for case in rule.cases for row in case.expected]

    assert {row["lgl_class"] for row in rows} == set(CLASSES)
    missing = {row["first_missing"] for row in rows if "first_missing" in row}
    assert missing == {worked.NOTHING, *ITEMS}


def test_every_cause_and_answer_is_worked_through():
    """Each definition is true, false and open of somebody; each cause and missing item occurs."""
    rows = [row for rule in AUTOIMMUNE_RULES for case in rule.cases for row in case.expected]

    for name in DEFINITIONS:
        assert {row[name] for row in rows if name in row} == {"true", "false", worked.NOTHING}, name
    told_of = {row["cause"] for row in rows if "cause" in row}
    assert told_of == {worked.NOTHING, *CAUSES}
    missing = {row["cause_missing"] for row in rows if "cause_missing" in row}
    assert missing == {worked.NOTHING, *CAUSE_ITEMS}


def test_without_any_table_nobody_is_said_to_have_it_or_not(tmp_path):
    """Who was only registered has no answer; the first missing is always rheumatoid arthritis."""
    folder = tmp_path / "cohort"
    folder.mkdir()
    (folder / "patients.csv").write_text("patient_id,sex\nA,female\n", encoding="utf-8")

    frame = autoimmune_frame(open_cohort(str(folder)), AutoimmuneChoices(known_cause="exclude"))

    assert frame["patient_id"].tolist() == ["A"]
    for name in DEFINITIONS:
        assert frame[name].tolist() == [None]
        assert frame[f"missing_{name}"].tolist() == ["rheumatoid_arthritis"]
    assert frame["cause_missing"].tolist() == ["anc"]


def test_without_a_table_of_clonality_nobody_is_classified(tmp_path):
    """Nobody was asked: no row, and the columns are there."""
    folder = tmp_path / "cohort"
    folder.mkdir()
    (folder / "patients.csv").write_text("patient_id,sex\nA,female\n", encoding="utf-8")

    frame = lgl_frame(open_cohort(str(folder)), LglChoices())

    assert frame.empty
    assert {"lgl_class", "first_missing"} <= set(frame.columns)


def test_one_sample_each_makes_no_leukaemia():
    """Kyritsi's patients have one sample each: the clonal ones can't be classified by duration."""
    frame = lgl_frame(open_cohort("kyritsi2015"), LglChoices(lgl_rule="lamy"))

    assert (frame["lgl_class"] != "t_lgl").all()
    of_clones = frame[frame["is_clonal"].map(lambda flag: flag is True)]
    assert len(of_clones) == 20
    assert set(of_clones["first_missing"]) <= {"phenotype", "duration"}


@pytest.mark.parametrize(
    ("kind", "wrong", "sentence"),
    [
        (LglChoices, {"lgl_rule": "lami"}, "lamy"),
        (LglChoices, {"duration": "six_month"}, "six_months"),
        (LglChoices, {"clonality_rule": "trbc"}, "trbc1"),
        (LglChoices, {"oligoclonal": "clona"}, "clonal"),
        (LglChoices, {"gap": "break"}, "breaks"),
        (LglChoices, {"nk_limit": 0.05}, "nk_limit is 0.05; it must be from 0.1 to 5"),
        (LglChoices, {"lgl_limit": float("nan")}, "lgl_limit is nan; it must be from 0.1 to 5"),
        (AutoimmuneChoices, {"anc_limit": 5.1}, "anc_limit is 5.1; it must be from 0.1 to 5"),
        (AutoimmuneChoices, {"felty_limit": 2.1}, "felty_limit is 2.1; .* from 0.5 to 2"),
        (AutoimmuneChoices, {"when": "evr"}, "ever"),
        (AutoimmuneChoices, {"known_cause": "excluded"}, "exclude"),
        (AutoimmuneChoices, {"lgl_needs": "rules"}, "rule"),
        (AutoimmuneChoices, {"onset": "seven_day"}, "seven_days"),
        (AutoimmuneChoices, {"platelets": "below_15"}, "below_150"),
    ],
)
def test_a_choice_that_is_none_is_refused(kind, wrong, sentence):
    """A word that is no choice, or a limit out of range, with what there is instead."""
    with pytest.raises(UsageError, match=sentence):
        kind(**wrong)
