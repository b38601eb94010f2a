"""Figures that were judged by themselves, as rows: for the page, the terminal and a notebook."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from incohort.claims.by_itself import Judged, JudgedSource, Why
from incohort.claims.verdicts import VerdictKind
from incohort.reports.claims_view import TONES


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRow:
    """One figure: what was printed, the verdict, why, and in `behind` what fits or would fit."""

    label: str
    as_printed: str
    unit: str
    verdict: str
    why: str
    icon: str
    tone: str
    explanation: str
    behind: str
    certainty: str
    location: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedView:
    """A study, or a reader's table: its exceptions first, then what fits, then the rest."""

    name: str
    title: str
    tally: str
    habits: tuple[str, ...]
    exceptions: tuple[JudgedRow, ...]
    fitting: tuple[JudgedRow, ...]
    unchecked: tuple[JudgedRow, ...]

    @property
    def n_against(self) -> int:
        """How many figures don't agree, as far as the paper itself was read."""
        return sum(1 for row in self.exceptions if row.verdict == VerdictKind.DOES_NOT_AGREE)

    @property
    def rows(self) -> tuple[JudgedRow, ...]:
        """All of them, in this order."""
        return (*self.exceptions, *self.fitting, *self.unchecked)


def judged_view(source: JudgedSource) -> JudgedView:
    """A study's figures as rows, with a sentence that counts them."""
    return JudgedView(
        name=source.name,
        title=source.title,
        tally=tally(source.figures),
        habits=source.habits,
        exceptions=tuple(map(_row, source.exceptions)),
        fitting=tuple(map(_row, source.fitting)),
        unchecked=tuple(map(_row, source.unchecked)),
    )


def judged_views(sources: Iterable[JudgedSource]) -> tuple[JudgedView, ...]:
    """All of them: those with the most that does not agree first, then what is to be looked up."""
    views = map(judged_view, sources)
    return tuple(sorted(views, key=lambda view: (-view.n_against, -len(view.exceptions))))


def tally(figures: Iterable[Judged]) -> str:
    """How many figures there are, and how often each was said.

    >>> tally([])
    '0 figures'
    """
    counts = Counter(figure.why for figure in figures)
    total = counts.total()
    noun = "figure" if total == 1 else "figures"
    said = "; ".join(f"{counts[why]} × {why}" for why in Why if counts[why])
    return f"{total:,} {noun}{': ' if said else ''}{said}"


def _row(judged: Judged) -> JudgedRow:
    icon, tone = TONES[judged.verdict]
    if judged.why is Why.UNCHECKED:
        icon, tone = TONES[VerdictKind.NOT_TESTABLE]
    elif judged.is_exception:
        icon, tone = TONES[VerdictKind.DOES_NOT_AGREE]
    figure = judged.shown.figure
    return JudgedRow(
        label=figure.label,
        as_printed=figure.as_printed,
        unit="" if figure.of == "patients" else figure.of,
        verdict=str(judged.verdict),
        why=str(judged.why),
        icon=icon,
        tone=tone,
        explanation=judged.sentence,
        behind=_behind(judged),
        certainty=judged.shown.certainty or "",
        location=judged.shown.location,
        note=figure.note,
    )


def _behind(judged: Judged) -> str:
    if not judged.readings:
        return ""
    return f"{'Would fit' if judged.is_exception else 'Behind it'}: {'; '.join(judged.readings)}."
