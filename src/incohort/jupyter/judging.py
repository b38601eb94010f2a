"""A reader's own printed figures, judged in a notebook by what else was printed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from incohort.claims.by_itself import JudgedSource, judged_in_file, judged_in_memory
from incohort.dictionary.files import typed_path
from incohort.errors import UsageError
from incohort.jupyter.display import style
from incohort.reports.judged_view import JudgedRow, JudgedView, judged_view
from incohort.reports.templating import rendered

_TAKES = (
    'ic.judge takes a YAML file, ic.judge("my_figures.yaml"), or figures as Python has them: '
    'ic.judge([{"label": "Sepsis", "as_printed": "8.5 %", "share": {"n": 107}}]).'
)


@dataclass(frozen=True, slots=True, repr=False)
class JudgedFigures:
    """Figures with their verdicts: exceptions first. It shows itself as a table."""

    source: JudgedSource

    @property
    def rows(self) -> tuple[JudgedRow, ...]:
        """One for each figure, in words."""
        return self._view.rows

    @property
    def _view(self) -> JudgedView:
        return judged_view(self.source)

    def __repr__(self) -> str:
        """A line for each figure, where no table can be shown."""
        lines = [f"{r.label}: {r.as_printed}: {r.why}. {r.explanation}" for r in self.rows]
        return "\n".join((f"{self._view.tally}.", *lines))

    def _repr_html_(self) -> str:
        """As a notebook shows it."""
        return f"<style>{style()}</style>\n{rendered('judged_own.html.j2', view=self._view)}"


def judge(
    figures: str | os.PathLike[str] | Mapping[str, object] | Sequence[object],
) -> JudgedFigures:
    """Printed figures held against what was printed beside them; no patient is needed.

    Args:
        figures: A YAML file (docs/judging.md describes it), a list of figures, or one figure.

    Raises:
        UsageError: It is nothing of these, or not of that form; all faults at once.
    """
    if isinstance(figures, str | os.PathLike):
        (source,) = judged_in_file(typed_path(os.fspath(figures)))
    elif isinstance(figures, Mapping | Sequence) and not isinstance(figures, bytes):
        (source,) = judged_in_memory(figures)
    else:
        raise UsageError(_TAKES)
    return JudgedFigures(source)
