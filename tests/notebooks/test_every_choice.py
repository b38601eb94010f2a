"""Every value that a parameter may take gives an answer, or the reason why there is none."""

from __future__ import annotations

import math

import pytest

from incohort.reports.notebooks import bundled_notebooks, read_notebook
from incohort.reports.parameters import Kind, Parameter
from incohort.results import (
    Curve,
    Estimate,
    NotEstimable,
    PatientPoints,
    PatientTracks,
    Result,
)
from incohort.sources import bundled_cohorts

CASES = [
    (notebook, parameter.name, value)
    for notebook in bundled_notebooks()
    for parameter in read_notebook(notebook).parameters
    for value in (
        parameter.choices
        if parameter.kind is Kind.LITERAL
        else (True, False) if parameter.kind is Kind.BOOL
        else (parameter.low, parameter.high) if parameter.low is not None
        else parameter.choices
    )
    if value != parameter.default
]  # fmt: skip


def typed(parameter: Parameter, value: float | str | bool) -> object:
    """The value as a run would hand it over."""
    return int(value) if parameter.kind is Kind.INT else value


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


@pytest.mark.parametrize(("notebook", "name", "value"), CASES)
def test_each_allowed_value_runs(run_cells, notebook, name, value):
    """No value that a reader may choose breaks a cell, or shows a number that is none."""
    parameter = next(p for p in read_notebook(notebook).parameters if p.name == name)

    assert unfit(run_cells(notebook, **{name: typed(parameter, value)})) == []


@pytest.mark.parametrize("notebook", bundled_notebooks())
@pytest.mark.parametrize("cohort", bundled_cohorts())
def test_each_cohort_that_ships_runs(run_cells, half_said, notebook, cohort):
    """Each question can be asked of each cohort; keys stand once, and no sentence is half said."""
    findings = run_cells(notebook, cohort=cohort)
    keys = [key for found in findings for key in found.by_key]

    assert unfit(findings) == []
    assert half_said(findings) == []
    assert len(keys) == len(set(keys))
