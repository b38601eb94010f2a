"""Shares of rare events from several series, pooled without adding ½ to an empty cell.

Where a series has no event, `proportions.proportion_upper_bound` tells how many it may have missed.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from incohort.stats._checked import whole
from incohort.stats._profile import Likelihood, limits_of, top_of
from incohort.stats.meta import pool
from incohort.stats.outcome import Interval, NoEstimate, check_conf_level, then
from incohort.stats.proportions import proportion

Vector = NDArray[np.float64]

_REACH = 9.0  # standard deviations about a series' own maximum: beyond lies e⁻⁴⁰ of its height
_MOST_STEPS = 2000  # to either side
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(80)
_NO_SERIES = "there are no series to pool"
_NO_EVENT = "no series has an event, so only an upper limit can be told, as the exact share does"
_ALL_EVENTS = "everybody in every series had the event"
_ONE_SERIES = "one series alone does not tell how series differ"


@dataclass(frozen=True, slots=True, kw_only=True)
class PooledShare:
    """The share in series that differ, with a profile-likelihood interval.

    `spread` is how far series differ: the intraclass correlation of the beta-binomial, the standard
    deviation of the log odds of the random intercept; 0 where they differ no more than by chance.
    `mean_share` is the mean of the series' true shares.
    """

    share: Interval
    spread: float
    mean_share: float
    log_likelihood: float
    k: int
    n: int
    n_events: int


def pooled_exact(
    events: ArrayLike, n: ArrayLike, *, conf_level: float = 0.95
) -> Interval | NoEstimate:
    """The share of all series together, as if they were one, with Clopper and Pearson's limits.

    It holds where series do not differ; with few events nothing can show that they do.

    Args:
        events: Of each series, shape (k,).
        n: Patients of each series, shape (k,).
        conf_level: In (0, 1).

    Raises:
        ValueError: Shapes differ, or a series has more events than patients.

    Source: Clopper & Pearson 1934; R's binom.test; tests/validation/rare.R.

    >>> found = pooled_exact([2, 0, 0], [665, 960, 64])  # PRCA, CLL and another 64
    >>> [round(100 * number, 4) for number in (found.estimate, found.ci_low, found.ci_high)]
    [0.1184, 0.0143, 0.4271]
    """
    x, sizes = _series(events, n)
    return proportion(
        int(x.sum()), int(sizes.sum()), conf_level=conf_level, method="clopper_pearson"
    )


def beta_binomial(
    events: ArrayLike, n: ArrayLike, *, conf_level: float = 0.95
) -> PooledShare | NoEstimate:
    """The mean share of series whose true shares follow a beta distribution.

    Args:
        events: Of each series, shape (k,).
        n: Patients of each series, shape (k,).
        conf_level: In (0, 1).

    Raises:
        ValueError: Shapes differ, or a series has more events than patients.

    Source: Griffiths 1973, Biometrics 29:637; for rare events Kuss 2015, Stat Med 34:1097; R's vglm
        of VGAM, optimize on the likelihood; tests/validation/rare.R.
    """
    pooled = _pooled(events, n, _BetaBinomial.of, conf_level, "beta-binomial, profile likelihood")
    return then(pooled, lambda fit: replace(fit, spread=fit.spread / (1 + fit.spread)))


def random_intercept(
    events: ArrayLike, n: ArrayLike, *, conf_level: float = 0.95
) -> PooledShare | NoEstimate:
    """The share in the median one of series whose log odds are normal: a logistic mixed model.

    Args:
        events: Of each series, shape (k,).
        n: Patients of each series, shape (k,).
        conf_level: In (0, 1).

    Returns:
        `share` is that of the median series, as other programs print it; `mean_share` is larger
        where shares are small and series differ.

    Raises:
        ValueError: Shapes differ, or a series has more events than patients.

    Source: Hamza, van Houwelingen & Stijnen 2008, J Clin Epidemiol 61:41; Stijnen, Hamza & Özdemir
        2010, Stat Med 29:3046; R's rma.glmm of metafor, optimize on the likelihood;
        tests/validation/rare.R.
    """
    method = "logistic model with a random intercept, profile likelihood"
    pooled = _pooled(events, n, _RandomIntercept, conf_level, method)
    return then(pooled, lambda fit: replace(fit, mean_share=_mean_share(fit)))


def freeman_tukey(
    events: ArrayLike, n: ArrayLike, *, conf_level: float = 0.95
) -> Interval | NoEstimate:
    """The pooled share by double arcsines, as many meta-analyses have it: to be warned of.

    Turned back with the harmonic mean of the sizes it may be 0 although there are events, and may
    lie beyond the share of every series: Schwarzer et al. 2019. Shown beside the others only.

    Args:
        events: Of each series, shape (k,).
        n: Patients of each series, shape (k,).
        conf_level: In (0, 1).

    Raises:
        ValueError: Shapes differ, or a series has more events than patients.

    Source: Freeman & Tukey 1950; Miller 1978, Am Stat 32:138; the warning: Schwarzer, Chemaitelly,
        Abu-Raddad & Rücker 2019, Res Synth Methods 10:476; R's rma of metafor (PFT);
        tests/validation/rare.R.
    """
    x, sizes = _series(events, n)
    if len(x) < 2:
        return NoEstimate(_ONE_SERIES if len(x) else _NO_SERIES)
    angle = (np.arcsin(np.sqrt(x / (sizes + 1))) + np.arcsin(np.sqrt((x + 1) / (sizes + 1)))) / 2
    se = 1 / np.sqrt(4 * sizes + 2)
    pooled = pool(angle, se, method="fixed", conf_level=conf_level)
    if isinstance(pooled, NoEstimate):
        return pooled
    harmonic = len(x) / float((1 / sizes).sum())
    estimate, low, high = (
        _from_angle(at, harmonic) for at in (pooled.estimate, pooled.ci_low, pooled.ci_high)
    )
    return Interval(
        estimate=estimate,
        ci_low=low,
        ci_high=high,
        conf_level=conf_level,
        method="double arcsine, fixed effect: misleading where events are rare",
    )


def _from_angle(angle: float, n: float) -> float:
    """Miller's inverse of the double arcsine; 0 and 1 beyond the angles that n patients have."""
    lowest = math.asin(math.sqrt(1 / (n + 1))) / 2
    if angle <= lowest:
        return 0.0
    if angle >= math.pi / 2 - lowest:
        return 1.0
    sine = math.sin(2 * angle)
    inner = 1 - (sine + (sine - 1 / sine) / n) ** 2
    return (1 - math.copysign(math.sqrt(max(inner, 0.0)), math.cos(2 * angle))) / 2


def _series(events: ArrayLike, n: ArrayLike) -> tuple[Vector, Vector]:
    """Events and sizes of the series in which there is anybody."""
    x, sizes = whole(events, "events").astype(np.float64), whole(n, "n").astype(np.float64)
    if x.ndim != 1 or x.shape != sizes.shape or (x > sizes).any():
        raise ValueError("events and n must have one length, and no series more events than n")
    return x[sizes > 0], sizes[sizes > 0]


def _problem(x: Vector, sizes: Vector) -> str:
    """Why series can't be pooled by a model, or nothing."""
    if len(x) < 2:
        return _ONE_SERIES if len(x) else _NO_SERIES
    if not x.any():
        return _NO_EVENT
    return _ALL_EVENTS if (x == sizes).all() else ""


def _pooled(
    events: ArrayLike,
    n: ArrayLike,
    likelihood_of: Callable[[Vector, Vector], Likelihood],
    conf_level: float,
    method: str,
) -> PooledShare | NoEstimate:
    """The share where the likelihood of its log odds and of a spread is largest."""
    check_conf_level(conf_level)
    x, sizes = _series(events, n)
    problem = _problem(x, sizes)
    if problem:
        return NoEstimate(problem)
    likelihood = likelihood_of(x, sizes)
    top = top_of(likelihood, float(special.logit(x.sum() / sizes.sum())))
    if top is None:
        return NoEstimate("the likelihood has no maximum: a few series have nearly all events")
    shares = special.expit([top.centre, *limits_of(likelihood, top, conf_level)]).tolist()
    estimate, low, high = shares
    return PooledShare(
        share=Interval(
            estimate=estimate, ci_low=low, ci_high=high, conf_level=conf_level, method=method
        ),
        spread=top.spread,
        mean_share=estimate,
        log_likelihood=top.height,
        k=len(x),
        n=int(sizes.sum()),
        n_events=int(x.sum()),
    )


def _mean_share(fit: PooledShare) -> float:
    """The mean of shares whose log odds are normal about that of the median series."""
    log_odds = float(special.logit(fit.share.estimate)) + fit.spread * _NODES
    return float(_WEIGHTS @ special.expit(log_odds)) / math.sqrt(2 * math.pi)


@dataclass(frozen=True, slots=True)
class _BetaBinomial:
    """Griffiths' form: Π (π + jγ) Π (1 − π + jγ) / Π (1 + jγ), good for a spread γ of 0, too.

    `events`, `others` and `all` are how many series have more than j of them, for j from 0.
    """

    step: Vector
    events: Vector
    others: Vector
    all: Vector
    constant: float

    @classmethod
    def of(cls, x: Vector, sizes: Vector) -> _BetaBinomial:
        step = np.arange(int(sizes.max()), dtype=np.float64)

        def more(of: Vector) -> Vector:
            return len(of) - np.searchsorted(np.sort(of), step, side="right").astype(np.float64)

        return cls(step, more(x), more(sizes - x), more(sizes), _log_choose(x, sizes))

    def at(self, centre: float, spread: float) -> tuple[float, float, float]:
        share, other = float(special.expit(centre)), float(special.expit(-centre))
        along = self.step * spread
        a, b, c = share + along, other + along, 1 + along
        height = self.events @ np.log(a) + self.others @ np.log(b) - self.all @ np.log(c)
        of_a, of_b = self.events / a, self.others / b
        to_share = float(of_a.sum() - of_b.sum())
        to_spread = float(self.step @ (of_a + of_b - self.all / c))
        return float(height) + self.constant, to_share * share * other, to_spread


@dataclass(frozen=True, slots=True)
class _RandomIntercept:
    """Σ log ∫ binomial(x | n, expit(centre + spread·u)) φ(u) du.

    By the trapezoid rule about each series' maximum: where a series has no event its integrand ends
    in a cliff, which Gauss and Hermite's few nodes miss; even steps follow it to the last digits.
    """

    x: Vector
    sizes: Vector

    def at(self, centre: float, spread: float) -> tuple[float, float, float]:
        mode, scale = self._modes(centre, spread)
        finest = min(0.5, 0.35 / max(spread, 1e-9), float(scale.min()) / 1.3)
        steps = min(math.ceil(_REACH / finest), _MOST_STEPS)
        u = mode[:, None] + np.linspace(-_REACH, _REACH, 2 * steps + 1)
        along = centre + spread * u
        x, n = self.x[:, None], self.sizes[:, None]
        heights = x * along - n * np.logaddexp(0.0, along) - u**2 / 2
        top = heights.max(axis=1)
        likely = np.exp(heights - top[:, None])
        sums = likely.sum(axis=1)
        error = likely * (x - n * special.expit(along)) / sums[:, None]
        constant = math.log(_REACH / steps) - math.log(2 * math.pi) / 2
        height = float((top + np.log(sums) + constant).sum()) + _log_choose(self.x, self.sizes)
        return height, float(error.sum()), float((error * u).sum())

    def _modes(self, centre: float, spread: float) -> tuple[Vector, Vector]:
        """Where each series' integrand is largest, and its width: Newton's, in short steps."""
        u, curvature = np.zeros(len(self.x)), np.ones(len(self.x))
        most = 3.0 / max(spread, 1.0)
        for _ in range(200):
            p = special.expit(centre + spread * u)
            curvature = 1 + spread**2 * self.sizes * p * (1 - p)
            step = (spread * (self.x - self.sizes * p) - u) / curvature
            u = u + np.clip(step, -most, most)
            if np.abs(step).max() < 1e-6:
                break
        return u, 1 / np.sqrt(curvature)


def _log_choose(x: Vector, sizes: Vector) -> float:
    ways = special.gammaln(sizes + 1) - special.gammaln(x + 1) - special.gammaln(sizes - x + 1)
    return float(ways.sum())
