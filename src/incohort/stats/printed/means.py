"""Means and standard deviations of whole numbers: whether any such numbers give them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from incohort.stats.printed.digits import Printed, read_printed

_MOST = 100_000  # sums that are tried: with steps as fine as more of them need, some always fits


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanFit:
    """Whether a printed mean, and its standard deviation, can be of `n` whole numbers.

    `sums` are the sums that give the mean, in units of the granularity; `sd_fits` is None where no
    standard deviation was asked for. `is_telling` is False where some sum always fits the mean.
    """

    mean_fits: bool
    sd_fits: bool | None
    n: int
    sums: range
    is_telling: bool


def grim(mean: str, n: int, granularity: str = "1") -> MeanFit:
    """Whether some sum of `n` whole numbers gives the printed mean.

    Args:
        mean: As printed.
        n: How many numbers, 1 or more.
        granularity: The step in which they were measured, as printed: 1 for whole days.

    Raises:
        ValueError: No number stands in a text, or `n` is below 1.

    Source: Brown & Heathers 2017, Soc Psychol Personal Sci 8:363; tests/spec/test_printed.py.

    >>> grim("5.19", 28).mean_fits, grim("5.18", 28).mean_fits
    (False, True)
    """
    sums, is_telling = _sums(read_printed(mean), n, _step(granularity))
    return MeanFit(mean_fits=bool(sums), sd_fits=None, n=n, sums=sums, is_telling=is_telling)


def grimmer(mean: str, sd: str, n: int, granularity: str = "1") -> MeanFit:
    """Whether `n` whole numbers have the printed mean and the printed standard deviation.

    Some sum of squares has to be as odd or even as the sum (a number and its square are odd
    together) and give the standard deviation, which is that of a sample.

    Args:
        mean: As printed.
        sd: As printed.
        n: How many numbers, 2 or more.
        granularity: The step in which they were measured, as printed.

    Raises:
        ValueError: No number stands in a text, or `n` is too small.

    Source: Anaya 2016, PeerJ Preprints 4:e2400v1 (GRIMMER); Allard 2018 (analytic form);
        tests/spec/test_printed.py.

    >>> grimmer("5.21", "1.60", 28).sd_fits
    True
    """
    if n < 2:
        msg = f"a standard deviation is of two or more, not of {n}"
        raise ValueError(msg)
    step = _step(granularity)
    sums, is_telling = _sums(read_printed(mean), n, step)
    spread = read_printed(sd)
    is_sd = sums.stop - sums.start > _MOST or any(
        _has_squares(total, spread, n, step) for total in sums
    )
    return MeanFit(mean_fits=bool(sums), sd_fits=is_sd, n=n, sums=sums, is_telling=is_telling)


def _step(granularity: str) -> Fraction:
    step = Fraction(read_printed(granularity).value)
    if step <= 0:
        msg = f"a step is above 0, not {granularity}"
        raise ValueError(msg)
    return step


def _sums(mean: Printed, n: int, step: Fraction) -> tuple[range, bool]:
    """The sums that give the mean, in steps, and whether there need not have been any."""
    if n < 1:
        msg = f"a mean is of one or more, not of {n}"
        raise ValueError(msg)
    low, high = mean.range_of("rounded")
    sums = range(math.ceil(low * n / step), math.floor(high * n / step) + 1)
    return sums, step / n > Fraction(mean.unit)


def _has_squares(total: int, sd: Printed, n: int, step: Fraction) -> bool:
    """Whether some sum of squares goes with the sum and gives the standard deviation."""
    low, high = sd.range_of("rounded")
    mean_square = Fraction(total * total, n)
    least, most = (
        max(Fraction(0), bound / step) ** 2 * (n - 1) + mean_square for bound in (low, high)
    )
    first, last = max(math.ceil(least), math.ceil(mean_square)), math.floor(most)
    return first + (first - total) % 2 <= last
