"""Percentages: which counts give them, of how many, and whether they were rounded or cut."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from incohort.stats.printed.digits import Printed, Style, read_percent

_WHOLE = 100  # per cent


class Fit(StrEnum):
    """How a printed number stands to what should give it."""

    FITS = "fits"
    CUT = "cut"
    OTHER_COUNT = "other count"
    NO_COUNT = "no count"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareFit:
    """Whether a printed percentage can be a count out of `n`.

    `counts` are those that round to it, `cut_counts` those that give it when further digits are
    dropped. `recomputed` is the percentage of the count that was given. `is_telling` is False where
    some count always fits: then nothing was tested.
    """

    fit: Fit
    n: int
    counts: range
    cut_counts: range
    recomputed: float | None
    is_telling: bool


@dataclass(frozen=True, slots=True)
class CommonDenominator:
    """A number of which each of several percentages is a count, with those counts."""

    n: int
    counts: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleTally:
    """How many percentages with known counts were only cut, only rounded, could be either."""

    cut_only: int
    rounded_only: int
    either: int
    neither: int

    @property
    def is_mixed(self) -> bool:
        """Whether no single habit explains them."""
        return bool(self.cut_only and self.rounded_only)


def possible_counts(text: str, n: int, style: Style = "rounded") -> tuple[int, ...]:
    """Every whole number out of `n` that gives the printed percentage.

    Args:
        text: The percentage as printed.
        n: Of how many, 1 or more.
        style: Whether further digits were rounded (both ways at a tie) or cut.

    Raises:
        ValueError: No number stands in the text, or `n` is below 1.

    Source: Brown & Heathers 2017, Soc Psychol Personal Sci 8:363; tests/spec/test_printed.py.

    >>> possible_counts("44", 229), possible_counts("54.2", 137)
    ((100, 101), ())
    """
    return tuple(_counts(read_percent(text), n, style))


def share_fit(text: str, n: int, events: int | None = None) -> ShareFit:
    """Whether a printed percentage can be a count out of `n`, or is the count that was given.

    Args:
        text: The percentage as printed.
        n: Of how many.
        events: The count, where it is known.

    Raises:
        ValueError: No number stands in the text, or the counts are none.

    Source: Brown & Heathers 2017, Soc Psychol Personal Sci 8:363; tests/spec/test_printed.py.

    >>> str(share_fit("97.2", 110, 107).fit)
    'cut'
    """
    printed = read_percent(text)
    counts, cut = _counts(printed, n, "rounded"), _counts(printed, n, "cut")
    if events is None:
        fit = Fit.FITS if counts else Fit.CUT if cut else Fit.NO_COUNT
        recomputed = None
    else:
        if not 0 <= events <= n:
            msg = f"{events} is no count out of {n}"
            raise ValueError(msg)
        exact = Fraction(_WHOLE * events, n)
        recomputed = float(exact)
        is_fit = printed.holds(exact)
        fit = Fit.FITS if is_fit else Fit.CUT if printed.holds(exact, "cut") else Fit.OTHER_COUNT
    return ShareFit(
        fit=fit,
        n=n,
        counts=counts,
        cut_counts=cut,
        recomputed=recomputed,
        is_telling=events is not None or Fraction(_WHOLE, n) > Fraction(printed.unit),
    )


def common_denominators(
    texts: Sequence[str], candidates: Iterable[int], events: Sequence[int | None] = ()
) -> tuple[CommonDenominator, ...]:
    """The numbers of which each of several percentages is a count, by rounding.

    Args:
        texts: The percentages, as printed.
        candidates: Which numbers to try, in this order.
        events: The count of each percentage, where it is known; none of them is, unless given.

    Raises:
        ValueError: A text has no number, or there are not as many counts as texts.

    Source: Brown & Heathers 2017, Soc Psychol Personal Sci 8:363; tests/spec/test_printed.py.

    >>> [fit.n for fit in common_denominators(["59.4", "31.3"], range(20, 107))]
    [32, 64, 96]
    """
    known = tuple(events) or (None,) * len(texts)
    printed = [read_percent(text) for text in texts]
    fitting = []
    for n in candidates:
        possible = [_counts(percentage, n, "rounded") for percentage in printed]
        counts = tuple(
            tuple(of_n) if count is None else (count,) * (count in of_n)
            for count, of_n in zip(known, possible, strict=True)
        )
        if all(counts):
            fitting.append(CommonDenominator(n, counts))
    return tuple(fitting)


def style_of(shares: Iterable[tuple[str, int, int]]) -> StyleTally:
    """Whether a study rounds its percentages, cuts them, or does both.

    Args:
        shares: The percentage as printed, its count, and of how many.

    Raises:
        ValueError: A text has no number.

    Source: tests/spec/test_printed.py.

    >>> style_of([("75.8", 44, 58), ("24.1", 14, 58)]).cut_only
    1
    """
    seen = []
    for text, events, n in shares:
        printed, exact = read_percent(text), Fraction(_WHOLE * events, n)
        seen.append((printed.holds(exact, "cut"), printed.holds(exact)))
    return StyleTally(
        cut_only=seen.count((True, False)),
        rounded_only=seen.count((False, True)),
        either=seen.count((True, True)),
        neither=seen.count((False, False)),
    )


def _counts(printed: Printed, n: int, style: Style) -> range:
    """The counts that print so: they follow each other."""
    if n < 1:
        msg = f"a percentage is of one or more, not of {n}"
        raise ValueError(msg)
    low, high = (end * n / _WHOLE for end in _ends(printed, style))
    first, last = math.ceil(low), math.floor(high)
    if style == "cut" and not printed.sign and last == high:
        last -= 1  # the next number up is cut to itself
    return range(max(0, first), min(n, last) + 1)


def _ends(printed: Printed, style: Style) -> tuple[Fraction, Fraction]:
    """The lowest and the highest percentage that print so; a bound is open to its side."""
    value = Fraction(printed.value)
    if printed.sign in {"<", "≤"}:
        return Fraction(0), value
    if printed.sign in {">", "≥"}:
        return value, Fraction(_WHOLE)
    return printed.range_of(style)
