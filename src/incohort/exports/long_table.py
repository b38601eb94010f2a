"""All results of a report as one long table, a row each, under the names that every list has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from incohort.results import Band, Curve, Findings, Result
from incohort.tables.listed import Row, csv_of, points_of, told_of

RUN_COLUMNS = ("run", "notebook", "cohort")
RESULT_COLUMNS = (
    "key", "study", "population", "group", "measure", "label", "estimand", "bound", "value",
    "ci_low", "ci_high", "conf_level", "n", "events", "unit", "method", "origin", "state", "reason",
)  # fmt: skip
POINT_COLUMNS = (
    "key", "label", "x", "y", "ci_low", "ci_high", "n_at_risk", "n_events", "n_censored", "n",
    "group",
)  # fmt: skip
_PARAMETER = "parameters."  # before a parameter's name: some are called like a column


def result_rows(results: Iterable[Result]) -> Iterator[Row]:
    """One row a result, whether it is shown, withheld or can't be estimated."""
    for result in results:
        yield dict.fromkeys(RESULT_COLUMNS) | _named(result) | told_of(result)


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


def point_rows(results: Iterable[Result]) -> Iterator[Row]:
    """The places that curves and bands are drawn at, a row each; a band has one for each quartile.

    A patient's own series and marks are no list to be taken along.
    """
    for result in results:
        if isinstance(result, Curve | Band):
            for row in points_of(result):
                yield dict.fromkeys(POINT_COLUMNS) | row


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
    results = {key: result for section in findings for key, result in section.by_key.items()}
    shared: Row = {
        **dict.fromkeys(RUN_COLUMNS, ""),
        **run,
        **{f"{_PARAMETER}{name}": value for name, value in parameters.items()},
    }
    ending: Row = {"marking": marking} if marking else {}
    columns = (*shared, *RESULT_COLUMNS, *ending)
    return csv_of(
        columns, (shared | row | ending for row in result_rows(results.values()))
    ).encode()
