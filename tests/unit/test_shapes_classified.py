"""Classes that the data may leave open: who is in one, and what the others lack first."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from incohort.cohort import open_cohort
from incohort.disclosure import PROFILES, gate
from incohort.results import Estimate, Layout, NotEstimable, Suppressed
from incohort.shapes.classified import Classes, class_table, classified, definition_table
from incohort.shapes.making import Scope
from incohort.shapes.sets import Base
from incohort.shapes.telling import telling

ITEMS = {"count": "Count", "spleen": "Spleen", "clone": "Clone"}
SICK = Classes(
    name="sick", label="Sick", axis="is_sick", labels={"yes": "Yes", "no": "No"},
    missing="missing_sick", items=ITEMS, nobody="nobody can be told",
)  # fmt: skip
KINDS = Classes(
    name="kind", label="Kind", axis="kind", labels={"drug": "A drug", "clone": "A clone"},
    missing="missing_kind", items=ITEMS, nobody="nobody is classed", open_word="unclassified",
)  # fmt: skip


@pytest.fixture
def base():
    """Of 60 patients 10 are sick, 20 not, and of 30 it can't be told: 18, 12 and nobody."""
    base = Base("patients", pd.DataFrame({"patient_id": [f"P{i:02}" for i in range(60)]}))
    missing = pd.Series([None] * 30 + ["count"] * 18 + ["spleen"] * 12)
    SICK.cut(base, pd.Series(["yes"] * 10 + ["no"] * 20 + [None] * 30), missing)
    KINDS.cut(base, pd.Series(["drug"] * 15 + ["clone"] * 15 + ["unclassified"] * 30), missing)
    return base


@pytest.fixture
def draft():
    return telling(Scope(cohort=open_cohort("kyritsi2015"), prefix="t"))


def value(draft, key):
    result = draft.results[f"t/{key}"]
    assert isinstance(result, Estimate)
    return result.value, result.events, result.n


def test_a_share_is_of_those_of_whom_it_can_be_told(base, draft):
    """10 of 30, not of 60; the 30 left are counted, by what each lacks first."""
    sick = classified(draft, SICK, base.everybody, only=("yes",))
    assert value(draft, "sick/yes/proportion") == (pytest.approx(1 / 3), 10, 30)
    assert value(draft, "sick/open/count") == (30, None, 60)
    assert value(draft, "sick/missing/count/count") == (18, None, 60)
    assert value(draft, "sick/missing/spleen/count") == (12, None, 60)
    assert "clone" not in sick.missing  # nobody lacks it first
    assert set(sick.shares) == {"yes"}


def test_left_open_by_a_word_of_its_own_is_no_class(base, draft):
    """A column that names the unclassified counts them as one that is silent does."""
    kinds = classified(draft, KINDS, base.everybody)
    assert value(draft, "kind/drug/proportion") == (0.5, 15, 30)
    assert value(draft, "kind/open/count") == (30, None, 60)
    table = class_table(draft, kinds, "t/all", caption="Kinds", head="Kind", notes=())
    assert [(row.label, row.level) for row in table.rows] == [
        ("All", 0), ("A drug", 0), ("A clone", 0), ("Cannot be told", 0),
        ("Count missing first", 1), ("Spleen missing first", 1),
    ]  # fmt: skip


def test_definitions_stand_side_by_side_with_what_each_lacks(base, draft):
    """A row a definition, and under it the items, in the column of those left open."""
    sick = classified(draft, SICK, base.everybody, only=("yes",))
    table = definition_table(draft, "two", (sick, sick), caption="Two", head="Rule", notes=())
    assert [row.label for row in table.rows] == 2 * [
        "Sick", "Count missing first", "Spleen missing first"
    ]  # fmt: skip
    assert [[cell.keys for cell in row.cells] for row in table.rows[:2]] == [
        [("t/sick/yes/proportion",), ("t/sick/open/count",)],
        [(), ("t/sick/missing/count/count",)],
    ]
    assert sick.lacking == (
        "[[Count {t/sick/missing/count/count:count};;Spleen {t/sick/missing/spleen/count:count}]]"
    )


def test_without_a_table_there_is_a_reason_and_no_item(base, draft):
    """What nobody could be asked is no first missing item of anybody's."""
    sick = classified(draft, replace(SICK, reason="no table of spleens"), base.everybody)
    assert sick.missing == {}
    for result in draft.results.values():
        assert isinstance(result, NotEstimable)
        assert result.reason == "no table of spleens"


def test_nobody_who_can_be_told_has_no_share(base, draft):
    """Of those left open alone the share has a reason, the count is theirs."""
    classified(draft, SICK, SICK.open(base.everybody))
    assert draft.results["t/sick/yes/proportion"].reason == "nobody can be told"
    assert value(draft, "sick/open/count") == (30, None, 30)


def test_a_small_class_is_withheld_with_what_would_give_it_back(base):
    """Of a restricted cohort 3 who lack one item can't be had from the others."""
    base = Base("patients", base.frame)
    missing = pd.Series([None] * 30 + ["count"] * 27 + ["spleen"] * 3)
    SICK.cut(base, pd.Series(["yes"] * 10 + ["no"] * 20 + [None] * 30), missing)
    draft = telling(Scope(cohort=open_cohort("kyritsi2015"), prefix="t"))
    classified(draft, SICK, base.everybody)
    findings = draft.findings("sick", "Sick", Layout())
    told = gate(findings, PROFILES["darwin"]).by_key
    assert isinstance(told["t/sick/missing/spleen/count"], Suppressed)
    assert isinstance(told["t/sick/missing/count/count"], Suppressed)
