"""All results of a report as one long table, a row each, under the names that every list has."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from typing import assert_never

from incohort.exports.texts import neutral
from incohort.results import (
    Band,
    Curve,
    Estimate,
    Findings,
    NotEstimable,
    PatientPoints,
    PatientTracks,
    Result,
    Suppressed,
)

Value = str | int | float | None
Row = dict[str, Value]

RUN_COLUMNS = ("run", "notebook", "cohort")
RESULT_COLUMNS = (
    "key", "study", "population", "group", "measure", "label", "estimand", "value", "ci_low",
    "ci_high", "conf_level", "n", "events", "unit", "method", "origin", "state", "reason",
)  # fmt: skip
POINT_COLUMNS = (
    "key", "label", "x", "y", "ci_low", "ci_high", "n_at_risk", "n_events", "n_censored", "n",
    "group",
)  # fmt: skip
_PARAMETER = "parameters."  # before a parameter's name: some are called like a column


def result_rows(results: Iterable[Result]) -> Iterator[Row]:
    """One row a result, whether it is shown, withheld or can't be estimated."""
    for result in results:
        yield dict.fromkeys(RESULT_COLUMNS) | _named(result) | _told(result)


def _named(result: Result) -> Row:
    """What the parts of a key say: study, population, group, measure."""
    study, *middle, measure = result.key.split("/") if "/" in result.key else (result.key, "")
    return {
        "key": result.key,
        "label": result.label,
        "study": study,
        "population": middle[0] if middle else "",
        "group": "/".join(middle[1:]),
        "measure": measure,
    }


def _told(result: Result) -> Row:
    match result:
        case Estimate():
            return {
                "estimand": result.estimand.words if result.estimand else "",
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


def point_rows(results: Iterable[Result]) -> Iterator[Row]:
    """The places that curves and bands are drawn at, a row each; a band has one for each quartile.

    A patient's own series and marks are no list to be taken along.
    """
    for result in results:
        if isinstance(result, Curve):
            yield from _points(
                result, "", x=result.x, y=result.y, ci_low=result.ci_low, ci_high=result.ci_high,
                n_at_risk=result.n_at_risk, n_events=result.n_events,
                n_censored=result.n_censored,
            )  # fmt: skip
        elif isinstance(result, Band):
            quartiles = {"q1": result.q1, "median": result.median, "q3": result.q3}
            for name, values in quartiles.items():
                yield from _points(result, name, x=result.x, y=values, n=result.n)


def _points(result: Curve | Band, group: str, **columns: Sequence[float]) -> Iterator[Row]:
    for place in range(len(result.x)):
        numbers = {name: _at(values, place) for name, values in columns.items()}
        named: Row = {"key": result.key, "label": result.label, "group": group}
        yield {**dict.fromkeys(POINT_COLUMNS), **named, **numbers}


def _at(values: Sequence[float], place: int) -> Value:
    return values[place] if values else None


def _number(value: float | None) -> float | None:
    return None if value is None else float(value)


def _whole(value: int | None) -> int | None:
    return None if value is None else int(value)


def as_csv(
    findings: Sequence[Findings],
    run: Mapping[str, str],
    parameters: Mapping[str, str],
    marking: str = "",
) -> bytes:
    """The results as CSV (RFC 4180) in UTF-8, numbers at full precision.

    Args:
        findings: After the gate; a key that stands twice is one row.
        run: Of which run they are: `RUN_COLUMNS`.
        parameters: Each parameter's value, in columns whose names begin with `parameters.`.
        marking: What stands in a last column of each row, where it may not leave.
    """
    results = {key: result for found in findings for key, result in found.by_key.items()}
    shared: Row = {
        **dict.fromkeys(RUN_COLUMNS, ""),
        **run,
        **{f"{_PARAMETER}{name}": value for name, value in parameters.items()},
    }
    ending: Row = {"marking": marking} if marking else {}
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([neutral(name) for name in (*shared, *RESULT_COLUMNS, *ending)])
    for row in result_rows(results.values()):
        writer.writerow([_cell(value) for value in (shared | row | ending).values()])
    return text.getvalue().encode()


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
