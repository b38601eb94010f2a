"""Every value that a parameter may take gives an answer, or the reason why there is none."""

from __future__ import annotations

import math
import re
from functools import cache

import pytest

from incohort.params.parameter import Kind, Parameter
from incohort.reports.notebooks import bundled_notebooks, read_notebook
from incohort.results import (
    Curve,
    Estimate,
    NotEstimable,
    PatientPoints,
    PatientTracks,
    Result,
)
from incohort.sources import bundled_cohorts

# What is drawn at random stands for itself with few draws: how many are drawn is told, and shown
# to act, by the case of `resamples` itself.
FEW = 100
PLACE = re.compile(r"\{[^{}:]+:[a-z_]+\}")  # of a number, in a template
DRAWS = dict.fromkeys(("resamples",), FEW)


def values_of(parameter: Parameter) -> tuple[object, ...]:
    """Each choice, each name of a list, each limit: what a reader may choose."""
    match parameter.kind:
        case Kind.BOOL:
            return (True, False)
        case Kind.INT | Kind.FLOAT:
            kind = int if parameter.kind is Kind.INT else float
            return tuple(kind(limit) for limit in (parameter.low, parameter.high))
        case _ if parameter.costs_of:
            return ("gift=30, gat=20",)
        case _:
            return parameter.choices


# A list of causes or subtypes is read name by name in the same way: its ends stand for the rest.
LISTS = ("immune_causes", "other_causes", "autoimmune_subtypes")
CASES = [
    (notebook, parameter, value)
    for notebook in bundled_notebooks()
    for parameter in read_notebook(notebook).parameters
    for value in (
        values_of(parameter) if parameter.name not in LISTS
        else (parameter.choices[0], parameter.choices[-1])
    )
    if value != parameter.default and (parameter.name, value) != ("resamples", parameter.high)
]  # fmt: skip

PARAMETERS = list(dict.fromkeys(case[:2] for case in CASES))


def few_draws(notebook: str) -> dict[str, int]:
    """The draws of a notebook that draws."""
    names = {parameter.name for parameter in read_notebook(notebook).parameters}
    return {name: value for name, value in DRAWS.items() if name in names}


def unfit(findings) -> list[str]:
    """Keys of results that are neither finite numbers nor a reason in words."""
    results = (result for found in findings for result in found.results)
    return [result.key for result in results if not is_fit(result)]


def is_fit(result: Result) -> bool:
    """Whether a result is whole."""
    match result:
        case Estimate():
            limits = (result.ci_low, result.ci_high)
            nan = any(limit is not None and math.isnan(limit) for limit in limits)
            return math.isfinite(result.value) and not nan
        case NotEstimable():
            return 10 < len(result.reason) < 160 and "nan" not in result.reason.split()
        case PatientPoints():
            return len(result.x) == len(result.y) == len(result.group)
        case Curve():
            return fits(result)
        case PatientTracks():
            values = [v for track in result.tracks for v in (*track.x, *track.y)]
            return not any(math.isnan(value) for value in values)
        case _:
            return False


def fits(curve: Curve) -> bool:
    """Whether a curve has one entry of everything per point, goes forward, and is no gap."""
    parts = (curve.y, curve.ci_low, curve.ci_high, curve.n_at_risk, curve.n_persons)
    lengths = {len(part) for part in parts if part} | {len(curve.x)}
    is_number = not any(math.isnan(value) for value in (*curve.x, *curve.y))
    return len(lengths) == 1 and is_number and list(curve.x) == sorted(curve.x)


def told(findings) -> dict[str, object]:
    """What a report says under each key, but for which parameters were changed."""
    return {
        key: (result.value, result.ci_low, result.ci_high, result.n, result.label)
        if isinstance(result, Estimate)
        else result
        for found in findings
        for key, result in found.by_key.items()
    }


def without_finding(findings) -> list[str]:
    """The figures that are drawn from estimates and told without one: by what kind they are."""
    return [
        figure.key
        for found in findings
        for figure in found.layout.figures
        if not PLACE.search(figure.alt)
        and any(isinstance(found.by_key[k], Estimate) for s in figure.series for k in s.keys)
    ]


@pytest.fixture(scope="session")
def outcome(run_cells):
    """What is unfit of a notebook with one value changed, and whether any number changed."""

    @cache
    def usual(notebook: str, cohort: tuple[str, ...]) -> dict[str, object]:
        return told(run_cells(notebook, **few_draws(notebook), **on(cohort)))

    @cache
    def of(
        notebook: str, name: str, value: object, cohort: tuple[str, ...] = ()
    ) -> tuple[list[str], bool]:
        findings = run_cells(notebook, **{**few_draws(notebook), name: value}, **on(cohort))
        return unfit(findings), told(findings) != usual(notebook, cohort)

    return of


def on(cohort: tuple[str, ...]) -> dict[str, str]:
    """The cohort that is named, if one is."""
    return dict(zip(("cohort",), cohort, strict=False))


@pytest.mark.parametrize(
    ("notebook", "parameter", "value"),
    CASES,
    ids=[f"{notebook[:2]}-{parameter.name}-{value}" for notebook, parameter, value in CASES],
)
def test_each_allowed_value_runs(outcome, notebook, parameter, value):
    """No value that a reader may choose breaks a cell, or shows a number that is none."""
    assert outcome(notebook, parameter.name, value)[0] == []


@pytest.mark.parametrize(
    ("notebook", "parameter"),
    PARAMETERS,
    ids=[f"{notebook[:2]}-{parameter.name}" for notebook, parameter in PARAMETERS],
)
def test_each_parameter_changes_some_number_or_says_where_it_acts(outcome, notebook, parameter):
    """On the notebook's own cohort or the mixed clinic; what was run above isn't run again."""
    values = [case[2] for case in CASES if case[:2] == (notebook, parameter)]
    changes = (
        outcome(notebook, parameter.name, value, cohort)[1]
        for cohort in ((), ("mixed_synthetic",))
        for value in values
    )

    assert parameter.acts or parameter.name in (*DRAWS, "cohort") or any(changes)


@pytest.mark.parametrize("notebook", bundled_notebooks())
@pytest.mark.parametrize("cohort", bundled_cohorts())
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
