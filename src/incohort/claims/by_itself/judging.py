"""Printed figures judged without any data: each by itself and by what its study printed beside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from incohort.claims.by_itself.bounds import judge_bounds
from incohort.claims.by_itself.judged import Context, Judged, Outcome, Shown, Why, verdict_of
from incohort.claims.by_itself.numbers import judge_mean, judge_p, judge_rate, judge_ratio
from incohort.claims.by_itself.shares import habits, judge_interval, judge_share
from incohort.dictionary.figures import SumCheck, is_id
from incohort.stats.printed import adds_up, is_ordered


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedSource:
    """A study, or a reader's table, with a verdict on each of its figures.

    `habits` is what its percentages tell together.
    """

    name: str
    title: str
    figures: tuple[Judged, ...]
    habits: tuple[str, ...]

    @property
    def exceptions(self) -> tuple[Judged, ...]:
        """What a reader should see first."""
        return tuple(figure for figure in self.figures if figure.is_exception)

    @property
    def fitting(self) -> tuple[Judged, ...]:
        """What fits, cut figures last."""
        fits = [figure for figure in self.figures if figure.why in {Why.FITS, Why.CUT}]
        return tuple(sorted(fits, key=lambda figure: figure.why is Why.CUT))

    @property
    def unchecked(self) -> tuple[Judged, ...]:
        """What can't be checked, and what is listed without being judged."""
        listed = {Why.UNCHECKED, Why.BOUNDS}
        return tuple(figure for figure in self.figures if figure.why in listed)


def judge_by_itself(figures: Iterable[Shown]) -> tuple[JudgedSource, ...]:
    """A verdict on each figure, by study in the order given.

    Args:
        figures: Printed figures with the study that each stands in; those of a study follow each
            other.
    """
    sources = []
    for name, group in groupby(figures, key=lambda shown: shown.source):
        shown = tuple(group)
        context = Context.of(shown)
        judged = tuple(verdict_of(entry, _outcome(entry, context)) for entry in shown)
        sources.append(
            JudgedSource(name=name, title=shown[0].title, figures=judged, habits=habits(shown))
        )
    return tuple(sources)


def judge_one(shown: Shown, beside: Sequence[Shown]) -> Judged:
    """The verdict on one figure of a study, by all that stands in it."""
    return verdict_of(shown, _outcome(shown, Context.of(beside)))


def _outcome(shown: Shown, context: Context) -> Outcome:
    figure = shown.figure
    if figure.version_of:
        words = f"Another version of the same cohort printed another number: {figure.version_of}."
        return Outcome(Why.VERSIONS, words)
    if figure.share is not None:
        return judge_share(shown, figure.share, context)
    if figure.interval is not None:
        return judge_interval(figure.interval)
    if figure.mean is not None:
        return judge_mean(shown, figure.mean)
    if figure.ratio is not None:
        return judge_ratio(shown, figure.ratio)
    if figure.p is not None:
        return judge_p(shown, figure.p, context)
    if figure.rate is not None:
        return judge_rate(shown, figure.rate)
    if figure.sum is not None:
        return _sum(figure.sum, context)
    if figure.bounds is not None:
        return judge_bounds(figure.bounds)
    return Outcome(Why.UNCHECKED, "Nothing was printed beside it that it could be held against.")


def _sum(asked: SumCheck, context: Context) -> Outcome:
    parts, total = [_text(part, context) for part in asked.parts], _text(asked.total, context)
    if asked.relation == "at_most":
        above = [part for part in parts if not is_ordered(part, total)]
        if not above:
            return Outcome(Why.FITS, "No part is more than the whole.")
        words = f"{', '.join(above)} can't be more than {total}, unless they are of other numbers."
        return Outcome(Why.MORE, words)
    addition = adds_up(parts, total)
    if addition.adds_up:
        return Outcome(Why.FITS, f"The parts make {addition.sum_of_parts:,}.")
    which = "are not accounted for" if addition.gap > 0 else "are too many"
    words = f"The parts make {addition.sum_of_parts:,} and not {addition.total:,}"
    words = f"{words}: {abs(addition.gap):,} {which}."
    return Outcome(Why.DONT_SUM, words)


def _text(part: str, context: Context) -> str:
    return context.figures[part].figure.as_printed if is_id(part) else part


def all_judged(sources: Sequence[JudgedSource]) -> tuple[Judged, ...]:
    """The figures of all sources in a row."""
    return tuple(figure for source in sources for figure in source.figures)
