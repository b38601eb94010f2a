"""A printed percentage: which counts give it, and of which other number."""

from __future__ import annotations

from collections.abc import Sequence

from incohort.claims.by_itself.judged import Context, Outcome, Shown, Why
from incohort.dictionary.figures import IntervalCheck, ShareCheck, Unit
from incohort.stats.printed import (
    Fit,
    ShareFit,
    common_denominators,
    read_percent,
    read_printed,
    share_fit,
    share_intervals,
    style_of,
)
from incohort.tables.numbers import rounded

_REACH = 12  # how far from the printed number another one is looked for
_MOST = 6  # readings that are listed
_FEWEST = 3  # percentages with counts that tell of a habit
_WHY = {Fit.FITS: Why.FITS, Fit.CUT: Why.CUT, Fit.OTHER_COUNT: Why.OTHER_COUNT}


def judge_share(shown: Shown, share: ShareCheck, context: Context) -> Outcome:
    """Whether the percentage can be a count out of its number, or is the one that is known."""
    if not share.is_count:
        words = "It is no count out of a number: a cumulative incidence, or pooled, or attributed."
        return Outcome(Why.UNCHECKED, words)
    printed, text = read_percent(shown.figure.as_printed), shown.figure.as_printed
    digits = str(printed.value)
    fit = share_fit(text, share.n, share.events)
    why = _WHY.get(fit.fit, Why.NO_COUNT)
    if why not in {Why.FITS, Why.CUT} and not share.exact_n:
        words = f"It is of more than {share.n:,}, and of how many was not printed."
        return Outcome(Why.UNCHECKED, words)
    said = _said(fit, share, digits, printed.decimals, shown.figure.of)
    if why in {Why.FITS, Why.CUT}:
        more = "" if share.exact_n else " It is of more than that; of how many was not printed."
        return Outcome(why, f"{said}{more}")
    return Outcome(why, said, _readings(text, fit, share, context))


def judge_interval(asked: IntervalCheck) -> Outcome:
    """Which method gives the interval of a share; where none does, what each would print."""
    decimals = max(read_printed(limit).decimals for limit in asked.ci)
    methods = share_intervals(asked.events, asked.n, asked.ci, conf_level=asked.conf_level)
    fits = [each.method for each in methods if each.prints]
    of = f"{asked.events} of {asked.n}"
    if fits:
        return Outcome(Why.FITS, f"It is {' and '.join(fits)} of {of}.")
    said = "; ".join(
        f"{each.method} {rounded(100 * each.low, decimals + 1)} to "
        f"{rounded(100 * each.high, decimals + 1)}"
        for each in methods
    )
    words = f"By none of these methods: {said}. Another method, or another count than {of}, would"
    return Outcome(Why.OTHER_INTERVAL, f"{words} have to be true.")


def habits(figures: Sequence[Shown]) -> tuple[str, ...]:
    """What a study's percentages tell together: how it rounds, and which numbers they share.

    What was read in a copy tells nothing of the study's habits.
    """
    shown = [entry for entry in figures if not entry.is_second_hand]
    shares = [
        (entry.figure.as_printed, entry.figure.share.events, entry.figure.share.n)
        for entry in shown
        if entry.figure.share
        and entry.figure.share.events is not None
        and entry.figure.share.is_count
    ]
    said = []
    if len(shares) >= _FEWEST:
        tally = style_of(shares)
        if tally.cut_only:
            habit = "the study rounds and cuts" if tally.is_mixed else "the study may always cut"
            rest = f"; {tally.neither} neither" if tally.neither else ""
            said.append(
                f"Of {len(shares)} percentages with their counts {tally.rounded_only} can only "
                f"have been rounded, {tally.cut_only} only cut, {tally.either} either{rest}: "
                f"{habit}."
            )
    return (*said, *_in_common(shown))


def _in_common(shown: Sequence[Shown]) -> tuple[str, ...]:
    """Percentages of one number that none of its counts gives: what number they could share."""
    lost: dict[int, list[str]] = {}
    for entry in shown:
        share = entry.figure.share
        if share is None or share.events is not None or not share.is_count:
            continue
        if share_fit(entry.figure.as_printed, share.n).fit is Fit.NO_COUNT:
            digits = str(read_percent(entry.figure.as_printed).value)
            lost.setdefault(share.n, []).append(digits)
    said = []
    for n, printed in lost.items():
        if len(printed) < 2:
            continue
        tried = range(max(1, n // 5), n + _REACH + 1)
        fits = [fit.n for fit in common_denominators(printed, tried)]
        which = f"{', '.join(printed)} %, none of them a count of {n}"
        they = f"could all be of {_listed(fits)}" if fits else "have no number in common"
        said.append(f"{which}, {they} (tried: {tried.start} to {tried.stop - 1}).")
    return tuple(said)


def _said(fit: ShareFit, share: ShareCheck, digits: str, decimals: int, of: Unit) -> str:
    if share.events is not None and fit.recomputed is not None:
        exact = rounded(fit.recomputed, decimals + 2)
        said = f"{share.events:,} of {share.n:,} {of} are {exact} %."
        if fit.fit is Fit.CUT:
            return f"{said} Cut, not rounded, that is {digits}."
        if fit.fit is Fit.OTHER_COUNT:
            return f"{said} For {digits} % another count, or another number, would have to be true."
        return said
    if fit.fit is Fit.NO_COUNT:
        return f"No whole number out of {share.n:,} {of} gives {digits} %, rounded or cut."
    if fit.fit is Fit.CUT:
        return f"Only cut, not rounded: {_listed(fit.cut_counts)} of {share.n:,}."
    verb = "gives" if len(fit.counts) == 1 else "give"
    weak = "" if fit.is_telling else "; of so many some count always does, so nothing is tested"
    return f"{_listed(fit.counts)} of {share.n:,} {verb} it{weak}."


def _readings(text: str, fit: ShareFit, share: ShareCheck, context: Context) -> tuple[str, ...]:
    """Other counts of the number, then other numbers; those printed elsewhere come first."""
    readings = [f"{k:,} of {share.n:,}" for k in fit.counts]
    near = range(max(1, share.n - _REACH), share.n + _REACH + 1)
    elsewhere = [n for n in context.sizes if n != share.n]
    tried = dict.fromkeys([*elsewhere, *sorted(near, key=lambda n: abs(n - share.n))])
    tried.pop(share.n, None)
    for n in tried:
        if share.events is not None and share.events > n:
            continue
        other = share_fit(text, n, share.events)
        if other.fit is Fit.FITS and other.is_telling:
            counts = (share.events,) if share.events is not None else other.counts
            mark = " (printed elsewhere)" if n in elsewhere else ""
            readings.append(f"{_listed(counts)} of {n:,}{mark}")
    return tuple(readings[:_MOST])


def _listed(numbers: Sequence[int]) -> str:
    """A few numbers, or the first and the last of many in a row."""
    if len(numbers) > 3:
        is_run = numbers[-1] - numbers[0] == len(numbers) - 1
        if is_run:
            return f"{numbers[0]:,} to {numbers[-1]:,}"
    texts = [f"{number:,}" for number in numbers]
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} or {texts[-1]}"
