"""A reader's own printed figures: from a YAML file, or as Python has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from incohort.claims.by_itself.judged import Shown
from incohort.claims.by_itself.judging import JudgedSource, judge_by_itself
from incohort.dictionary import FigureTable
from incohort.dictionary.parse import parse_file, parse_values

_YOURS = "figures"


def judged_in_file(path: Path) -> tuple[JudgedSource, ...]:
    """The figures of a YAML file, judged by what else stands in it.

    Args:
        path: The file, as docs/judging.md describes it.

    Raises:
        DictionaryError: Not readable, or not of that form; all faults with their lines.
    """
    return judge_by_itself(shown_of(parse_file(path, FigureTable), path.name))


def judged_in_memory(
    figures: Mapping[str, object] | Sequence[object],
) -> tuple[JudgedSource, ...]:
    """The same of what a file would hold, or of a list of figures.

    Args:
        figures: A mapping with `figures`, one figure, or a sequence of figures.

    Raises:
        DictionaryError: Not of that form; all faults with the place of each.
    """
    if isinstance(figures, Mapping):
        table = figures if "figures" in figures else {"figures": [figures]}
    else:
        table = {"figures": list(figures)}
    return judge_by_itself(shown_of(parse_values(_YOURS, table, FigureTable), _YOURS))


def shown_of(table: FigureTable, name: str) -> tuple[Shown, ...]:
    """A reader's own figures, as those of one study."""
    title = table.title or name
    return tuple(Shown(figure=figure, source=name, title=title) for figure in table.figures)
