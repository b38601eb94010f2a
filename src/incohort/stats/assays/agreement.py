"""Agreement of two assays beyond chance: kappa plain and weighted, PABAK, AC1, and their biases."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from incohort.stats._checked import check_option
from incohort.stats._quantiles import t_of, z_of
from incohort.stats.assays.paired import NOBODY, cells
from incohort.stats.outcome import Interval, NoEstimate, check_conf_level, without_interval
from incohort.stats.proportions import proportion

KappaWeights = Literal["none", "linear", "quadratic"]
Matrix = NDArray[np.float64]

_ONE_RESULT = "both assays gave the same one result throughout, so chance alone explains it"
_OPPOSITE = "each assay gave one result throughout, so nothing shows how they vary together"
_ALIKE = (
    "the assays agreed to the same extent in every patient, so nothing shows how far the agreement "
    "would vary in others: there is no interval"
)
_NONE = 1e-12  # what is below it is rounding
KAPPA_OF_A_CONSTANT = (
    "one of the two assays gave the same result throughout: kappa is then 0 by its formula, "
    "with a standard error of 0, so it has no interval"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KappaParadox:
    """Why kappa may be low where agreement is high, both in [−1, 1].

    `prevalence_index` is (both − neither) / n: far from 0 where positives are rare or the rule.
    `bias_index` is (first_only − second_only) / n: how far apart the assays' shares are.
    """

    prevalence_index: float
    bias_index: float
    n: int


def cohen_kappa(
    table: ArrayLike, *, conf_level: float = 0.95, weights: KappaWeights = "none"
) -> Interval | NoEstimate:
    """Cohen's kappa of two assays: agreement beyond what their shares alone would give.

    Weighted kappa lets near misses count in part and is the one for titres: order the categories
    and let the lowest be "below the first dilution", so that censored titres need no value.

    The interval is Wald's with the variance for a kappa other than 0, cut to [−1, 1]. That variance
    vanishes where all agree; the lower limit is then that of Wilson's for the agreement, put on
    kappa's scale with the agreement by chance held.

    No estimate where an assay never varied. Where neither did, kappa is 0/0 or no agreement is
    possible; where one did not, the agreement seen is that by chance for every table, so kappa's 0
    and its standard error of 0 come from the formula and not from the patients.

    Args:
        table: Counts, shape (k, k): rows are the first assay's categories, columns the second's.
        conf_level: In (0, 1).
        weights: `none`, `linear` (1 − |i − j| / (k − 1)) or `quadratic` (its square).

    Returns:
        Estimate and limits in [−1, 1].

    Source: Cohen 1960, 1968; Fleiss, Cohen & Everitt 1969, Psychol Bull 72:323; R's Kappa of vcd;
        tests/validation/assays/agreement.R.

    >>> round(cohen_kappa([[71, 6], [37, 219]]).estimate, 4)  # Vox Sang 2015: GAT/GIFT, flow
    0.6816
    """
    check_option("weights", weights, get_args(KappaWeights))
    check_conf_level(conf_level)
    counts = _square(table)
    n = float(counts.sum())
    if n == 0:
        return NoEstimate(NOBODY)
    p = counts / n
    rows, columns = p.sum(axis=1), p.sum(axis=0)
    w = _weights(len(p), weights)
    observed, chance = float((w * p).sum()), float(rows @ w @ columns)
    if math.isclose(chance, 1.0, rel_tol=0, abs_tol=1e-12):
        return NoEstimate(_ONE_RESULT)
    n_constant = sum(np.count_nonzero(counts.sum(axis=axis)) == 1 for axis in (0, 1))
    if n_constant:
        return NoEstimate(_OPPOSITE if n_constant == 2 else KAPPA_OF_A_CONSTANT)
    # their variance: the influence of each cell through the agreement seen and the margins
    by_margin = np.add.outer(w @ columns, rows @ w)
    terms = w * (1 - chance) - by_margin * (1 - observed)
    mean = observed * chance - 2 * chance + observed
    variance = (float((p * terms**2).sum()) - mean**2) / (n * (1 - chance) ** 4)
    name = "Cohen's kappa" if weights == "none" else f"kappa with {weights} weights"
    return chance_corrected(
        observed, chance, variance, int(n), conf_level, f"{name}, Fleiss–Cohen–Everitt interval"
    )


def gwet_ac1(table: ArrayLike, *, conf_level: float = 0.95) -> Interval | NoEstimate:
    """Gwet's AC1: agreement beyond chance, with chance only where the assays may be guessing.

    Unlike kappa it does not collapse where nearly all results are negative. The variance is that of
    two raters over the patients, the interval with t on n − 1 degrees of freedom as in Gwet's
    program irrCAC; where all agree its lower limit is Wilson's, as for kappa.

    Args:
        table: Counts, shape (k, k): rows are the first assay's categories, columns the second's.
        conf_level: In (0, 1).

    Returns:
        Estimate and limits in [−1, 1].

    Source: Gwet 2008, Br J Math Stat Psychol 61:29;
        tests/validation/assays/agreement.R.

    >>> round(gwet_ac1([[13, 0, 0], [0, 20, 7], [0, 4, 56]]).estimate, 5)  # Gwet's abstractors
    0.84933
    """
    check_conf_level(conf_level)
    counts = _square(table)
    n, k = int(counts.sum()), len(counts)
    if n == 0:
        return NoEstimate(NOBODY)
    p = counts / n
    used = (p.sum(axis=1) + p.sum(axis=0)) / 2
    observed = float(np.trace(p))
    chance = float((used * (1 - used)).sum() / (k - 1))
    if n == 1:
        return NoEstimate("one patient can't show how agreement varies")
    estimate = (observed - chance) / (1 - chance)
    # a patient's own agreement, corrected for the part that her categories have in the chance
    own_chance = (1 - np.add.outer(used, used) / 2) / (k - 1)
    agreement = (np.eye(k) - chance) / (1 - chance)
    agreement -= 2 * (1 - estimate) * (own_chance - chance) / (1 - chance)
    variance = float((p * (agreement - estimate) ** 2).sum()) / n
    t = t_of(conf_level, n - 1)
    name = "Gwet's AC1, t interval over patients"
    return chance_corrected(observed, chance, variance, n, conf_level, name, quantile=t)


def pabak(table: ArrayLike, *, conf_level: float = 0.95) -> Interval | NoEstimate:
    """Prevalence- and bias-adjusted kappa: 2·agreement − 1 for two results.

    What kappa would be if positives and negatives were as frequent and the assays' shares equal.

    Args:
        table: Counts [[both, first_only], [second_only, neither]], shape (2, 2).
        conf_level: In (0, 1).

    Returns:
        Estimate and limits in [−1, 1]; the limits are Wilson's for the agreement.

    Source: Byrt, Bishop & Carlin 1993, J Clin Epidemiol 46:423; R's epi.kappa of epiR;
        tests/validation/assays/agreement.R.
    """
    a, b, c, d = cells(table)
    share = proportion(a + d, a + b + c + d, conf_level=conf_level)
    if isinstance(share, NoEstimate):
        return NoEstimate(NOBODY)
    return Interval(
        estimate=2 * share.estimate - 1,
        ci_low=2 * share.ci_low - 1,
        ci_high=2 * share.ci_high - 1,
        conf_level=conf_level,
        method="prevalence- and bias-adjusted kappa, Wilson interval",
    )


def kappa_paradox(table: ArrayLike) -> KappaParadox | NoEstimate:
    """The prevalence and bias indices of a paired table, to be read beside its kappa.

    Args:
        table: Counts [[both, first_only], [second_only, neither]], shape (2, 2).

    Source: Byrt, Bishop & Carlin 1993, J Clin Epidemiol 46:423; R's epi.kappa of epiR;
        tests/validation/assays/agreement.R.
    """
    a, b, c, d = cells(table)
    n = a + b + c + d
    if n == 0:
        return NoEstimate(NOBODY)
    return KappaParadox(prevalence_index=(a - d) / n, bias_index=(b - c) / n, n=n)


def _agreement(agreeing: int, n: int, conf_level: float) -> Interval:
    share = proportion(agreeing, n, conf_level=conf_level)
    assert isinstance(share, Interval)  # noqa: S101 — n is above 0
    return share


def _square(table: ArrayLike) -> Matrix:
    values = np.asarray(table, dtype=np.float64)
    is_square = values.ndim == 2 and values.shape[0] == values.shape[1] >= 2
    if not is_square or (values < 0).any() or (values != np.floor(values)).any():
        msg = f"not a square table of counts: {values!r}"
        raise ValueError(msg)
    return values


def _weights(k: int, weights: KappaWeights) -> Matrix:
    if weights == "none":
        return np.eye(k)
    steps = np.abs(np.subtract.outer(np.arange(k), np.arange(k))) / (k - 1)
    near: Matrix = 1 - (steps if weights == "linear" else steps**2)
    return near


def chance_corrected(
    observed: float,
    chance: float,
    variance: float,
    n: int,
    conf_level: float,
    method: str,
    *,
    quantile: float | None = None,
) -> Interval:
    """(observed − chance) / (1 − chance) with its interval in [−1, 1].

    Where all agree, or none, the variance is 0; the limit on the open side is then Wilson's for the
    agreement. Where it is 0 in between, each patient's assays agree to the same extent, and nothing
    shows how the agreement varies: there is no interval.
    """
    estimate = (observed - chance) / (1 - chance)
    name = method.partition(",")[0]
    if math.isclose(observed, 1.0, rel_tol=0, abs_tol=_NONE):
        low, high = (_agreement(n, n, conf_level).ci_low - chance) / (1 - chance), 1.0
        estimate, method = 1.0, f"{name}, Wilson lower limit, as all agree"
    elif math.isclose(observed, 0.0, rel_tol=0, abs_tol=_NONE):
        low, high = estimate, (_agreement(0, n, conf_level).ci_high - chance) / (1 - chance)
        method = f"{name}, Wilson upper limit, as none agree"
    elif variance < _NONE:
        return without_interval(max(estimate, -1.0), conf_level, name, _ALIKE)
    else:
        z = z_of(conf_level) if quantile is None else quantile
        half = z * math.sqrt(max(variance, 0.0))
        low, high = estimate - half, min(estimate + half, 1.0)
    return Interval(
        estimate=estimate, ci_low=max(low, -1.0), ci_high=high, conf_level=conf_level, method=method
    )
