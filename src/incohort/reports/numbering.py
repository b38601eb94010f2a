"""What tables and figures are called in a report and in what is taken from it: `Table 3`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from incohort.results import Figure, Findings, NotEstimable, Result, Suppressed, Table

_MOST_COLUMNS = 6  # that are named as what would make something possible


def parts_of(section: Findings) -> tuple[Table | Figure, ...]:
    """The tables and then the figures of a section, as it is read."""
    return (*section.layout.tables, *section.layout.figures)


def numbered(findings: Sequence[Findings]) -> Mapping[str, str]:
    """The label of each table and figure by its key, in reading order.

    What has nothing to show is told in one line and bears no number.

    Args:
        findings: Those of a report, in its order.
    """
    labels: dict[str, str] = {}
    counts = {"Table": 0, "Figure": 0}
    for section in findings:
        if is_unanswered(section):
            continue
        for part in parts_of(section):
            if part.key not in labels and not is_empty(part, section):
                kind = "Table" if isinstance(part, Table) else "Figure"
                counts[kind] += 1
                labels[part.key] = f"{kind} {counts[kind]}"
    return labels


def is_unanswered(section: Findings) -> bool:
    """Whether findings have numbers to give and not a single one can be given."""
    return bool(section.results) and all(map(_is_missing, section.results))


def is_empty(part: Table | Figure, section: Findings) -> bool:
    """Whether a table or figure names numbers and none of them can be given."""
    results = results_of(part, section)
    return bool(results) and all(map(_is_missing, results))


def missing(part: Table | Figure | None, section: Findings) -> list[NotEstimable | Suppressed]:
    """What can't be given of a table, of a figure, or (None) of a whole section."""
    results = section.results if part is None else results_of(part, section)
    return [result for result in results if isinstance(result, NotEstimable | Suppressed)]


def why_absent(part: Table | Figure | None, section: Findings) -> str:
    """Why a table, a figure or (None) a section is not there, and which columns it would rest on.

    Each reason stands once.
    """
    absent = missing(part, section)
    why = "; ".join(dict.fromkeys(result.reason for result in absent))
    sources = (result.sources for result in absent if isinstance(result, NotEstimable))
    columns = list(dict.fromkeys(column for of_one in sources for column in of_one))
    more = f" and {len(columns) - _MOST_COLUMNS} more" if len(columns) > _MOST_COLUMNS else ""
    is_remedied = ": " in why  # the reason says itself what to do
    remedy = (
        f" It needs {', '.join(columns[:_MOST_COLUMNS])}{more}."
        if columns and not is_remedied
        else ""
    )
    head = f"Not shown: {part.caption}. " if part else ""
    return f"{head}{why[:1].upper()}{why[1:]}.{remedy}"


def results_of(part: Table | Figure, section: Findings) -> list[Result]:
    """The results that a table or figure names, in its order."""
    match part:
        case Table():
            keys = [key for row in part.rows for cell in row.cells for key in cell.keys]
        case Figure():
            keys = [key for series in part.series for key in series.keys]
    return [section.by_key[key] for key in keys]


def _is_missing(result: Result) -> bool:
    return isinstance(result, NotEstimable | Suppressed)
