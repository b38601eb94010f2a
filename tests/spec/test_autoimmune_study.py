"""Neutropenia in autoimmune disease: each part on small cohorts worked out by hand, and claims."""

from __future__ import annotations

from functools import cache

import pytest

from incohort.analyses.autoimmune.study import AutoimmuneDisease
from incohort.cohort import open_cohort
from incohort.results import Estimate, Findings, NotEstimable

FRAGOULIS, BRITO = "fragoulis2018", "brito_zeron2009"


@cache
def asked(name: str) -> AutoimmuneDisease:
    return AutoimmuneDisease(open_cohort(name))


def number(findings: Findings, tail: str) -> tuple[int | None, int | None]:
    """Events and n of a number."""
    result = findings.by_key[f"autoimmune/{tail}"]
    assert isinstance(result, Estimate)
    return result.events, result.n


@pytest.mark.parametrize(
    ("name", "tail", "events", "n"),
    [
        (FRAGOULIS, "rheumatoid_arthritis/2.0", 58, 771),  # the study's own limit
        (FRAGOULIS, "rheumatoid_arthritis/1.0", 2, 771),  # grades 3 and 4: one each
        (BRITO, "sjogren/2.5", 99, 300),
        (BRITO, "sjogren/0.5", 7, 300),
        (BRITO, "sjogren/1.5", 7, 300),  # of all others it is known that they are below 2.5
    ],
)
def test_a_share_below_a_limit_is_of_all_with_a_count(name, tail, events, n):
    """Printed counts; what lies on either side of a limit is not counted as below it."""
    assert number(asked(name).frequency(), f"frequency/{tail}") == (events, n)


def test_counts_that_leave_a_limit_open_are_counted_apart():
    """Of Brito's 99 below 2.5 the 92 without agranulocytosis may be on either side of 1.5."""
    findings = asked(BRITO).frequency()
    for limit, left in (("0.5", 92), ("1.5", 92), ("2.0", 92), ("2.5", 0)):
        result = findings.by_key[f"autoimmune/frequency/sjogren/{limit}/open/count"]
        assert result.value == left


def test_a_disease_that_nobody_has_is_a_row():
    """Not left out, and no share of nobody."""
    findings = asked(BRITO).frequency()
    (table,) = findings.layout.tables
    (row,) = (row for row in table.rows if row.label == "Systemic sclerosis")
    assert row.cells[1].text == "none here"
    assert isinstance(findings.by_key["autoimmune/frequency/systemic_sclerosis/1.5"], NotEstimable)
