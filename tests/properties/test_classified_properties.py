"""Relations that hold for whoever is classified: a plain loop agrees, what is known stays known."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import ibis
import pandas as pd
import pytest

from incohort.cohort import (
    AutoimmuneChoices,
    Cohort,
    LglChoices,
    autoimmune_frame,
    lgl_frame,
)
from incohort.results import CohortCard

# Ibis 12 calls a method that DuckDB 2 renamed.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning"),
]

_SPEC = importlib.util.spec_from_file_location(
    "crowd", Path(__file__).parents[1] / "engines" / "crowd.py"
)
crowd = importlib.util.module_from_spec(_SPEC)
sys.modules.setdefault("crowd", crowd)
_SPEC.loader.exec_module(crowd)

SIX_MONTHS = 6 * 30.4375
ALL = frozenset({"all_diagnoses", "concurrent_medications"})


@cache
def people() -> crowd.Tables:
    return crowd.crowd(89, 900)


def cohort_of(**more: list[dict]) -> Cohort:
    """The crowd, which collected everything, with rows more."""
    tables = {name: rows + more.get(name, []) for name, rows in people().items()}
    return Cohort(
        name="crowd",
        card=CohortCard(name="crowd", title="Crowd", is_public=True),
        tables={
            name: ibis.memtable(frame, schema=crowd.SCHEMAS[name])
            for name, frame in crowd.frames(tables).items()
        },
        origins={},
        held=frozenset(),
        collected=ALL,
    )


@cache
def causes() -> pd.DataFrame:
    return autoimmune_frame(cohort_of(), AutoimmuneChoices()).set_index("patient_id")


def has_lasted(counts: list[tuple[date | None, float]], limit: float, *, breaks: bool):
    """Whether counts stayed above the limit, from what the rule says and no expression."""
    highs = sorted({day.toordinal() for day, count in counts if day and count > limit})
    lows = {day.toordinal() for day, count in counts if day and count <= limit} - {*highs}
    undated = [count for day, count in counts if day is None]
    if not breaks:
        lows = {low for low in lows if highs and low > highs[-1]}
    far_apart = [(a, b) for a in highs for b in highs if b - a > SIX_MONTHS]
    whole = [(a, b) for a, b in far_apart if not any(a < low < b for low in lows)]
    hides_gap = breaks and any(count <= limit for count in undated)
    if whole and not hides_gap:
        return True
    begins = highs if breaks else highs[:1]
    is_over = all(any(a < low <= a + SIX_MONTHS for low in lows) for a in begins)
    if highs and is_over and not any(count > limit for count in undated):
        return False
    return None


@pytest.mark.parametrize("gap", ["breaks", "ignored"])
def test_six_months_are_what_a_plain_loop_finds(gap):
    """Of everybody whose cells are named, true, false and can't tell alike."""
    choices = LglChoices(gap=gap)
    counts: dict[str, list] = {}
    for row in people()["clonality"]:
        if row["lgl_count"] is not None:
            counts.setdefault(row["patient_id"], []).append((row["taken_on"], row["lgl_count"]))

    frame = lgl_frame(cohort_of(), choices).dropna(subset=["lineage", "lgl_count"])

    limits = {"t": choices.t_limit, "nk": choices.nk_limit}
    expected = [
        has_lasted(counts[patient], limits[lineage], breaks=gap == "breaks")
        for patient, lineage in zip(frame["patient_id"], frame["lineage"], strict=True)
    ]
    assert frame["is_lasting"].tolist() == expected
    assert {True, False, None} == set(expected)


def findings(patients: Iterable[str], result: str) -> list[dict]:
    seen = {"seen_on": date(2020, 1, 1), "finding": "splenomegaly", "result": result}
    return [{"patient_id": patient} | seen for patient in patients]


def clonality_of(patients: Iterable[str], result: str, **more: object) -> list[dict]:
    blank = dict.fromkeys(crowd.SCHEMAS["clonality"]) | {"tcr_method": "pcr", "tcr_result": result}
    return [blank | {"patient_id": patient} | more for patient in patients]


@pytest.mark.parametrize(
    ("definition", "item", "asked", "yes", "no"),
    [
        (
            "felty_triad",
            "spleen",
            "has_splenomegaly",
            lambda patients: {"findings": findings(patients, "present")},
            lambda patients: {"findings": findings(patients, "absent")},
        ),
        (
            "felty_clone_free",
            "clone",
            "is_clonal",
            lambda patients: {"clonality": clonality_of(patients, "polyclonal")},
            lambda patients: {"clonality": clonality_of(patients, "clonal")},
        ),
    ],
)
def test_what_is_first_missing_would_have_told(definition, item, asked, yes, no):
    """Learnt, it settles the answer either way where it alone was missing; known ones stay."""
    before = causes()
    unknown = before.index[before[asked].isna()]
    after = [
        autoimmune_frame(cohort_of(**fill(unknown)), AutoimmuneChoices()).set_index("patient_id")
        for fill in (yes, no)
    ]

    missing = before.index[before[f"missing_{definition}"] == item]
    assert len(missing) > 10
    assert [set(frame.loc[missing, definition]) for frame in after] == [{True}, {False}]
    known = before.index[before[definition].notna()]
    for frame in after:
        assert frame.loc[known, definition].equals(before.loc[known, definition])


@pytest.mark.parametrize("cd3", ["positive", "negative"])
def test_what_was_classified_without_a_phenotype_stays_so(cd3):
    """Whether the cells turn out to be T or NK, a class that was told without is the same."""
    before = lgl_frame(cohort_of(), LglChoices()).set_index("patient_id")
    named = {
        row["patient_id"] for row in people()["clonality"] if row["cd3"] not in (None, "not_done")
    }
    told = before[~before.index.isin(named) & (before["lgl_class"] != "unclassified")]
    more = clonality_of(told.index, "not_done", cd3=cd3)

    after = lgl_frame(cohort_of(clonality=more), LglChoices()).set_index("patient_id")

    assert len(told) > 10
    assert after.loc[told.index, "lgl_class"].equals(told["lgl_class"])


def test_an_absent_row_is_an_answer_only_where_everything_was_collected():
    """Of a cohort that doesn't say what it collected fewer answers are known, none is another."""
    cohort = replace(cohort_of(), collected=None)
    silent = autoimmune_frame(cohort, AutoimmuneChoices()).set_index("patient_id")
    columns = ["has_ra", "is_on_drug", "is_haematological", "felty_clinic", "felty_barnes1971"]

    for name in columns:
        known = silent.index[silent[name].notna()]
        assert silent.loc[known, name].equals(causes().loc[known, name]), name
        assert len(known) < causes()[name].notna().sum(), name
