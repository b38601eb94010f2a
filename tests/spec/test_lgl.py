"""Large granular lymphocytes by every rule, on patients that a clinician can work through by hand.

The tables stand in `tables/lgl/`; docs/definitions.md shows the same.
"""

from __future__ import annotations

import csv
import importlib.util
import sys
from dataclasses import fields
from pathlib import Path

import pandas as pd
import pytest

from incohort.cohort import LglChoices, lgl_frame, open_cohort
from incohort.cohort.lgl import CLASSES, ITEMS
from incohort.errors import UsageError

# Ibis 12 calls a method that DuckDB 2 renamed.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")

_SPEC = importlib.util.spec_from_file_location(
    "definitions_page", Path(__file__).with_name("definitions_page.py")
)
page = importlib.util.module_from_spec(_SPEC)
sys.modules[_SPEC.name] = page
_SPEC.loader.exec_module(page)

RULES = page.rules(page.LGL_TABLES)
CASES = [
    pytest.param(case, id=f"{rule.name}: {case.title}") for rule in RULES for case in rule.cases
]


def written(folder: Path, tables: dict[str, list[dict[str, str]]]) -> Path:
    """The tables as a cohort folder, all patients women seen on 1 January 2020."""
    patients = sorted({row["patient"] for rows in tables.values() for row in rows})
    people = [{"patient": name, "sex": "female", "index_date": "2020-01-01"} for name in patients]
    folder.mkdir()
    for name, rows in {"patients": people, **tables}.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["patient_id" if head == "patient" else head for head in rows[0]])
            writer.writerows(row.values() for row in rows)
    return folder


def chosen(case) -> LglChoices:
    is_number = {entry.name: entry.type == "float" for entry in fields(LglChoices)}
    return LglChoices(
        **{name: float(word) if is_number[name] else word for name, word in case.choices.items()}
    )


def told(found: object) -> str:
    """A cell of the frame as the tables write it."""
    if found is None or pd.isna(found):
        return page.NOTHING
    return str(found).lower() if isinstance(found, bool) else str(found)


@pytest.mark.parametrize("case", CASES)
def test_a_patient_is_what_the_table_says(case, tmp_path):
    """Each patient of the table has the class, and the first missing item, beside them."""
    tables = {name: rows for name, rows in case.tables.items() if name != "expected"}
    cohort = open_cohort(str(written(tmp_path / "cohort", tables)))
    frame = lgl_frame(cohort, chosen(case)).set_index("patient_id")

    assert list(frame.index) == [row["patient"] for row in case.expected]
    wrong = [
        f"{row['patient']}: {name} is {told(frame.loc[row['patient'], name])}, not {value}, "
        f"since {row['because']}"
        for row in case.expected
        for name, value in row.items()
        if name not in ("patient", "because") and told(frame.loc[row["patient"], name]) != value
    ]
    assert not wrong, "\n".join(wrong)


def test_every_class_and_item_is_worked_through():
    """No class and no missing item is without a patient in the tables."""
    rows = [row for rule in RULES for case in rule.cases for row in case.expected]

    assert {row["lgl_class"] for row in rows} == set(CLASSES)
    missing = {row["first_missing"] for row in rows if "first_missing" in row}
    assert missing == {page.NOTHING, *ITEMS}


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
    assert set(frame.loc[frame["is_clonal"] == True, "first_missing"]) == {"phenotype"}  # noqa: E712 — None is neither


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"lgl_rule": "lami"}, "lamy"),
        ({"duration": "six_month"}, "six_months"),
        ({"clonality_rule": "trbc"}, "trbc1"),
        ({"oligoclonal": "clona"}, "clonal"),
        ({"gap": "break"}, "breaks"),
        ({"nk_limit": 0.05}, "nk_limit is 0.05; it must be from 0.1 to 5"),
        ({"lgl_limit": float("nan")}, "lgl_limit is nan; it must be from 0.1 to 5"),
    ],
)
def test_a_choice_that_is_none_is_refused(wrong, sentence):
    """A word that is no choice, or a limit out of range, with what there is instead."""
    with pytest.raises(UsageError, match=sentence):
        LglChoices(**wrong)
