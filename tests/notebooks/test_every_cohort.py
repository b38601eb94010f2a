"""Each notebook on each cohort that ships."""

from __future__ import annotations

import re

import pytest
from answers import few_draws, unfit

from incohort.analyses.studies import needs_of
from incohort.commands.reporting import demo_requests
from incohort.reports.notebooks import bundled_notebooks
from incohort.results import Estimate
from incohort.sources import bundled_cohorts
from incohort.sources.place import bundled_tables

PLACE = re.compile(r"\{[^{}:]+:[a-z_]+\}")  # of a number, in a template


def without_finding(findings) -> list[str]:
    """The figures that are drawn from estimates and told without one: by what kind they are."""
    return [
        figure.key
        for found in findings
        for figure in found.layout.figures
        if not PLACE.search(figure.alt)
        and any(isinstance(found.by_key[k], Estimate) for s in figure.series for k in s.keys)
    ]


def pairs() -> list[tuple[str, str]]:
    """Each cohort with each notebook, but for those that are asked nothing of a cohort.

    A cohort that the demo leaves out is described by the first notebook; for each of the others one
    is enough of those that lack the same of its tables.
    """
    is_shown = {request.cohort for request in demo_requests()}
    first, *_ = bundled_notebooks()
    chosen: dict[tuple[object, ...], tuple[str, str]] = {}
    for cohort in bundled_cohorts():
        for notebook in bundled_notebooks():
            lacks = frozenset(needs_of(notebook)) - bundled_tables(cohort)
            is_itself = cohort in is_shown or (notebook == first and not lacks)
            chosen.setdefault((notebook, cohort if is_itself else lacks), (cohort, notebook))
    return list(chosen.values())


@pytest.mark.parametrize(("cohort", "notebook"), pairs())
def test_each_cohort_that_ships_runs(run_cells, half_said, notebook, cohort):
    """Each question can be asked of each cohort; keys stand once, and no sentence is half said.

    Who can't see a figure is told numbers of this run.
    """
    findings = run_cells(notebook, cohort=cohort, **few_draws(notebook))
    keys = [key for found in findings for key in found.by_key]

    assert unfit(findings) == []
    assert half_said(findings) == []
    assert without_finding(findings) == []
    assert len(keys) == len(set(keys))
