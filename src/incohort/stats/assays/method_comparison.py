"""Two measuring methods on the same samples: limits of agreement and Passing–Bablok regression.

A titre below its first dilution has no value, only an upper bound. Limits of agreement and
regression lines need values, and dropping or halving such titres shows the agreement of strong sera
alone, so both refuse them. `titres` compares what the bounds still decide, and weighted kappa takes
"below the first dilution" as its lowest category.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from incohort.stats._quantiles import t_of, z_of
from incohort.stats.outcome import (
    HypothesisTest,
    Interval,
    NoEstimate,
    check_conf_level,
    without_interval,
)

Vector = NDArray[np.float64]

_MAX_PAIRS = 25_000_000
_COLLINEAR = (
    "all points lie on one line, so nothing shows how far it would vary in other samples: there is "
    "no interval"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsOfAgreement:
    """How far two methods differ, first minus second, in the measurement's unit.

    `bias` is the mean difference; `coverage` of the differences are expected between `lower` and
    `upper`, each with its own interval. `slope` is the change of the difference per unit of the
    two methods' mean: away from 0 the limits don't hold over the whole range.
    """

    bias: Interval
    sd: float
    lower: Interval
    upper: Interval
    coverage: float
    slope: Interval | NoEstimate
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PassingBablok:
    """The line y = intercept + slope · x that no outlier moves, and whether a line is right.

    The methods differ proportionally where the slope's interval leaves out 1, and by a constant
    where the intercept's leaves out 0. `linearity` is the cusum test.
    """

    slope: Interval
    intercept: Interval
    linearity: HypothesisTest | NoEstimate
    n: int


def bland_altman(
    first: ArrayLike,
    second: ArrayLike,
    *,
    censored: ArrayLike | None = None,
    coverage: float = 0.95,
    conf_level: float = 0.95,
) -> LimitsOfAgreement | NoEstimate:
    """Bias and limits of agreement of two methods, for differences that are about normal.

    Put titres in as logarithms to base 2: the limits are then in dilution steps.

    Args:
        first: Shape (n,), in the unit of `second`.
        second: Shape (n,).
        censored: True where one of the pair is only a bound, shape (n,); nowhere if not given.
        coverage: Share of differences between the limits, in (0, 1).
        conf_level: In (0, 1).

    Source: Bland & Altman 1986, Lancet 1:307; 1999, Stat Methods Med Res 8:135, section 2
        (intervals: variance s²(1/n + z²/(2(n − 1))), t on n − 1); R's t.test, lm;
        tests/validation/assays/method_comparison.R.
    """
    check_conf_level(conf_level)
    check_conf_level(coverage)
    x, y = _pairs(first, second, censored)
    if refused := _refusal(x, censored, 3):
        return refused
    n, differences = len(x), x - y
    bias, sd = float(differences.mean()), float(differences.std(ddof=1))
    if sd == 0:
        return NoEstimate("all differences are the same, so there is no spread to judge by")
    t = t_of(conf_level, n - 1)
    z = float(special.ndtri(0.5 + coverage / 2))
    half_of_limit = t * sd * math.sqrt(1 / n + z * z / (2 * (n - 1)))

    def around(centre: float, half: float, name: str) -> Interval:
        return Interval(
            estimate=centre,
            ci_low=centre - half,
            ci_high=centre + half,
            conf_level=conf_level,
            method=name,
        )

    return LimitsOfAgreement(
        bias=around(bias, t * sd / math.sqrt(n), "mean difference, t interval"),
        sd=sd,
        lower=around(bias - z * sd, half_of_limit, "limit of agreement, Bland–Altman interval"),
        upper=around(bias + z * sd, half_of_limit, "limit of agreement, Bland–Altman interval"),
        coverage=coverage,
        slope=_slope_on_means(x, y, conf_level),
        n=n,
    )


def passing_bablok(
    x: ArrayLike, y: ArrayLike, *, censored: ArrayLike | None = None, conf_level: float = 0.95
) -> PassingBablok | NoEstimate:
    """Passing and Bablok's line of one method on another, both measured with error.

    The slope is a shifted median of the slopes of all pairs of points, so that exchanging the
    methods inverts it. It is for methods that rise together.

    Args:
        x: One method's values, shape (n,).
        y: The other's, shape (n,).
        censored: True where one of the pair is only a bound, shape (n,); nowhere if not given.
        conf_level: In (0, 1).

    Source: Passing & Bablok 1983, J Clin Chem Clin Biochem 21:709;
        tests/validation/assays/method_comparison.R.
    """
    check_conf_level(conf_level)
    a, b = _pairs(x, y, censored)
    if refused := _refusal(a, censored, 4):
        return refused
    n = len(a)
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return NoEstimate("one of the methods gave the same value throughout")
    if line := _exact_line(a, b, conf_level):
        return line
    if n * (n - 1) // 2 > _MAX_PAIRS:
        return NoEstimate("there are too many points for the slopes of all pairs")
    slopes = _slopes(a, b)
    count, offset = len(slopes), int((slopes < -1).sum())
    z = z_of(conf_level)
    wide = z * math.sqrt(n * (n - 1) * (2 * n + 5) / 18)  # C_γ of their section on the slope
    first = round((count - wide) / 2)  # M₁, from 1
    last = count - first + 1  # M₂
    if first < 1 or last + offset > count:
        return NoEstimate("there are too few points, or the methods do not rise together")
    low, high = float(slopes[first + offset - 1]), float(slopes[last + offset - 1])
    middle = (count - 1) / 2 + offset
    if math.ceil(middle) >= count:
        return NoEstimate("the methods do not rise together")
    slope = float(slopes[math.floor(middle)] + slopes[math.ceil(middle)]) / 2
    if not (math.isfinite(low) and math.isfinite(high) and low > 0):
        return NoEstimate("the methods do not rise together surely enough for a line")

    def intercept_at(value: float) -> float:
        return float(np.median(b - value * a))

    return PassingBablok(
        slope=Interval(
            estimate=slope,
            ci_low=low,
            ci_high=high,
            conf_level=conf_level,
            method="Passing–Bablok slope",
        ),
        intercept=Interval(
            estimate=intercept_at(slope),
            ci_low=intercept_at(high),
            ci_high=intercept_at(low),
            conf_level=conf_level,
            method="Passing–Bablok intercept",
        ),
        linearity=_cusum(a, b, slope, intercept_at(slope)),
        n=n,
    )


def _exact_line(x: Vector, y: Vector, conf_level: float) -> PassingBablok | None:
    """The line where all points lie on one that rises: it has no interval.

    The slopes of all pairs are then the same but for rounding, and their order would tell nothing.
    """
    ends = [int(x.argmin()), int(x.argmax())]
    slope = float(np.diff(y[ends])[0] / np.diff(x[ends])[0])
    intercept = float(y[ends[0]] - slope * x[ends[0]])
    near = 1e-9 * float(np.ptp(y))
    if slope <= 0 or float(np.abs(y - intercept - slope * x).max()) > near:
        return None
    return PassingBablok(
        slope=without_interval(slope, conf_level, "Passing–Bablok slope", _COLLINEAR),
        intercept=without_interval(intercept, conf_level, "Passing–Bablok intercept", _COLLINEAR),
        linearity=NoEstimate("all points lie on the line"),
        n=len(x),
    )


def _pairs(x: ArrayLike, y: ArrayLike, censored: ArrayLike | None) -> tuple[Vector, Vector]:
    a, b = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if a.ndim != 1 or a.shape != b.shape or not np.isfinite(a).all() or not np.isfinite(b).all():
        msg = "paired measurements are two sequences of finite numbers of one length"
        raise ValueError(msg)
    flags = np.zeros(a.shape, dtype=bool) if censored is None else np.asarray(censored)
    if flags.dtype != np.bool_ or flags.shape != a.shape:
        msg = "censored must be booleans, one for each pair"
        raise ValueError(msg)
    return a, b


def _refusal(x: Vector, censored: ArrayLike | None, at_least: int) -> NoEstimate | None:
    n_censored = 0 if censored is None else int(np.asarray(censored).sum())
    if n_censored:
        return NoEstimate(
            f"{n_censored} of {len(x)} pairs hold only a bound (such as <1:8); "
            "compare their order, or categories by weighted kappa"
        )
    if len(x) < at_least:
        return NoEstimate(f"fewer than {at_least} samples were measured by both methods")
    return None


def _slope_on_means(x: Vector, y: Vector, conf_level: float) -> Interval | NoEstimate:
    """Least squares of the difference on the mean, with the t interval."""
    n, means, differences = len(x), (x + y) / 2, x - y
    centred = means - means.mean()
    spread = float(centred @ centred)
    if spread == 0:
        return NoEstimate("the means of the two methods are all the same")
    slope = float(centred @ differences) / spread
    residuals = differences - differences.mean() - slope * centred
    if float(np.abs(residuals).max()) <= 1e-9 * float(np.ptp(differences)):
        name = "difference regressed on mean"
        return without_interval(slope, conf_level, name, _COLLINEAR)
    half = t_of(conf_level, n - 2) * math.sqrt(float(residuals @ residuals) / (n - 2) / spread)
    return Interval(
        estimate=slope,
        ci_low=slope - half,
        ci_high=slope + half,
        conf_level=conf_level,
        method="difference regressed on mean, t interval",
    )


def _slopes(x: Vector, y: Vector) -> Vector:
    """Slopes of all pairs in order, without those of −1 and of points that fall together.

    Where only x ties the slope is +∞: as −∞ it would move the offset and the order alike, so that
    the line stays the same.
    """
    i, j = np.triu_indices(len(x), k=1)
    dx, dy = x[j] - x[i], y[j] - y[i]
    is_apart = (dx != 0) | (dy != 0)
    dx, dy = dx[is_apart], dy[is_apart]
    slopes = np.where(dx == 0, math.inf, dy / np.where(dx == 0, 1.0, dx))
    ordered: Vector = np.sort(slopes[slopes != -1])
    return ordered


def _cusum(x: Vector, y: Vector, slope: float, intercept: float) -> HypothesisTest | NoEstimate:
    """Their test of linearity: do points above and below the line mix along it?

    With scores of mean 0 and variance 1 the cusum over √(l + L) is a Brownian bridge, so P is
    Kolmogorov's. (The paper's l is often read as 1, which would double the variance.)
    """
    residuals = y - intercept - slope * x
    near = 1e-12 * max(float(np.abs(y).max()), 1.0)
    above, below = int((residuals > near).sum()), int((residuals < -near).sum())
    if min(above, below) == 0:
        return NoEstimate("all points lie on the line, or on one side of it")
    scores = np.where(residuals > near, math.sqrt(below / above), 0.0)
    scores = np.where(residuals < -near, -math.sqrt(above / below), scores)
    along = np.argsort((y + x / slope - intercept) / math.sqrt(1 + 1 / slope**2), kind="stable")
    statistic = float(np.abs(np.cumsum(scores[along])).max()) / math.sqrt(above + below)
    return HypothesisTest(
        statistic=statistic,
        p_value=float(special.kolmogorov(statistic)),
        df=None,
        method="Passing–Bablok cusum test of linearity",
    )
