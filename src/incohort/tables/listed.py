"""Results as rows of a list, at full precision, and as CSV that is no formula anywhere."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from typing import assert_never

from incohort.results import (
    Band,
    Curve,
    Estimate,
    NotEstimable,
    PatientPoints,
    PatientTracks,
    Result,
    Suppressed,
)
from incohort.tables.portable import neutral

Value = str | int | float | None
Row = dict[str, Value]


def told_of(result: Result) -> Row:
    """What is told of a result: whether it is shown, and where it is one number, that number."""
    match result:
        case Estimate():
            return {
                "estimand": result.estimand.words if result.estimand else "",
                "bound": result.bound,
                "value": float(result.value),
                "ci_low": _number(result.ci_low),
                "ci_high": _number(result.ci_high),
                "conf_level": _number(result.conf_level),
                "n": _whole(result.n),
                "events": _whole(result.events),
                "unit": result.unit,
                "method": result.method,
                "origin": str(result.origin),
                "state": "shown",
                "reason": result.no_interval,
            }
        case NotEstimable():
            return {"n": _whole(result.n), "state": "not estimable", "reason": result.reason}
        case Suppressed():
            return {"events": _whole(result.events), "state": "withheld", "reason": result.reason}
        case Curve():
            return {
                "conf_level": _number(result.conf_level),
                "n": _whole(result.n),
                "method": result.method,
                "origin": str(result.origin),
                "state": "shown",
            }
        case Band() | PatientPoints() | PatientTracks():
            return {"origin": str(result.origin), "state": "shown"}
        case _:
            assert_never(result)


def points_of(result: Curve | Band) -> Iterator[Row]:
    """The places that a curve or band is drawn at, a row each; a band has one for each quartile."""
    if isinstance(result, Curve):
        yield from _points(
            result, "", x=result.x, y=result.y, ci_low=result.ci_low, ci_high=result.ci_high,
            n_at_risk=result.n_at_risk, n_events=result.n_events, n_censored=result.n_censored,
        )  # fmt: skip
        return
    for name, values in {"q1": result.q1, "median": result.median, "q3": result.q3}.items():
        yield from _points(result, name, x=result.x, y=values, n=result.n)


def _points(result: Curve | Band, group: str, **columns: Sequence[float]) -> Iterator[Row]:
    for place in range(len(result.x)):
        numbers = {name: values[place] for name, values in columns.items() if values}
        yield {"key": result.key, "label": result.label, "group": group, **numbers}


def csv_of(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """The rows as CSV (RFC 4180); what a row lacks is empty."""
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([neutral(name) for name in columns])
    for row in rows:
        writer.writerow([_cell(row.get(name)) for name in columns])
    return text.getvalue()


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _whole(value: int | None) -> int | None:
    return None if value is None else int(value)


def _cell(value: Value) -> str:
    """A number to its last digit, an open end as `results.json` writes it; a text without guile."""
    match value:
        case None:
            return ""
        case str():
            return neutral(value)
        case float():
            return repr(value).replace("inf", "Infinity")
        case _:
            return str(value)
