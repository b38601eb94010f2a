"""Accuracy of an assay against a reference, and of two assays against each other.

An accuracy table is [[true_positive, false_positive], [false_negative, true_negative]]: rows are
the assay's results, columns the reference's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from numpy.typing import ArrayLike

from incohort.stats.assays.paired import McNemarMethod, cells, mcnemar, paired_difference
from incohort.stats.outcome import (
    HypothesisTest,
    Interval,
    NoEstimate,
    check_conf_level,
    check_probability,
)
from incohort.stats.proportions import (
    ProportionMethod,
    RatioMethod,
    proportion,
    proportion_difference,
    risk_ratio,
)

Value = Interval | NoEstimate

_NO_DISEASED = "nobody has the disease by the reference"
_NO_HEALTHY = "nobody is free of the disease by the reference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accuracy:
    """How well an assay's result tells who has the disease by the reference.

    `ppv` and `npv` are those of this mixture of diseased and healthy: where the two were recruited
    apart, take `predictive_values_at` with the prevalence of the clinic.
    """

    sensitivity: Value
    specificity: Value
    ppv: Value
    npv: Value
    lr_positive: Value
    lr_negative: Value
    youden: Value
    n_diseased: int
    n_healthy: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictiveValues:
    """Predictive values at a given prevalence, in [0, 1]."""

    ppv: Value
    npv: Value
    prevalence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """One measure of two assays on the same patients; `difference` is first minus second."""

    first: Value
    second: Value
    difference: Value
    test: HypothesisTest | NoEstimate


@dataclass(frozen=True, slots=True, kw_only=True)
class AccuracyContrast:
    """Sensitivity and specificity of two assays on the same patients."""

    sensitivity: Contrast
    specificity: Contrast


def diagnostic_accuracy(
    table: ArrayLike,
    *,
    conf_level: float = 0.95,
    method: ProportionMethod = "wilson",
    ratio_method: RatioMethod = "score",
) -> Accuracy:
    """Sensitivity, specificity, predictive values, likelihood ratios and Youden's index.

    Args:
        table: Counts [[true_positive, false_positive], [false_negative, true_negative]].
        conf_level: In (0, 1).
        method: The interval of the four proportions.
        ratio_method: That of the likelihood ratios: `score` (Koopman) or `log` (Simel).

    Returns:
        The measures, each with its own reason where it can't be estimated. LR+ is infinite, with a
        finite lower limit, where no healthy patient is positive.

    Source: Simel, Samsa & Matchar 1991, J Clin Epidemiol 44:763; Youden 1950; R's epi.tests of
        epiR, prop.test; tests/validation/assays/accuracy.R.

    >>> found = diagnostic_accuracy([[24, 0], [21, 28]])  # Lane 2009: 45 with AIN, 28 without
    >>> round(found.sensitivity.estimate, 2), round(found.npv.estimate, 2)
    (0.53, 0.57)
    """
    check_conf_level(conf_level)
    tp, fp, fn, tn = cells(table)
    diseased, healthy = tp + fn, fp + tn

    def share(events: int, n: int, reason: str) -> Value:
        estimate = proportion(events, n, conf_level=conf_level, method=method)
        return NoEstimate(reason) if isinstance(estimate, NoEstimate) else estimate

    youden = proportion_difference(tp, diseased, fp, healthy, conf_level=conf_level)
    if isinstance(youden, NoEstimate):
        youden = NoEstimate(_NO_HEALTHY if diseased else _NO_DISEASED)
    return Accuracy(
        sensitivity=share(tp, diseased, _NO_DISEASED),
        specificity=share(tn, healthy, _NO_HEALTHY),
        ppv=share(tp, tp + fp, "nobody tested positive"),
        npv=share(tn, fn + tn, "nobody tested negative"),
        lr_positive=_likelihood_ratio(tp, diseased, fp, healthy, conf_level, ratio_method),
        lr_negative=_likelihood_ratio(fn, diseased, tn, healthy, conf_level, ratio_method),
        youden=youden,
        n_diseased=diseased,
        n_healthy=healthy,
    )


def predictive_values_at(
    table: ArrayLike, prevalence: float, *, conf_level: float = 0.95
) -> PredictiveValues:
    """The predictive values this assay would have where the disease is as frequent as given.

    By Bayes' theorem they follow from the likelihood ratios, so Koopman's limits carry over; the
    prevalence is taken as known.

    Args:
        table: Counts [[true_positive, false_positive], [false_negative, true_negative]].
        prevalence: In (0, 1).
        conf_level: In (0, 1).

    Source: Bayes 1763; Koopman 1984; tests/validation/assays/accuracy.R.
    """
    check_probability("prevalence", prevalence)
    accuracy = diagnostic_accuracy(table, conf_level=conf_level)
    odds = prevalence / (1 - prevalence)
    return PredictiveValues(
        ppv=_by_bayes(accuracy.lr_positive, odds, "PPV"),
        npv=_by_bayes(accuracy.lr_negative, odds, "NPV"),
        prevalence=prevalence,
    )


def compare_accuracy(
    diseased: ArrayLike,
    healthy: ArrayLike,
    *,
    conf_level: float = 0.95,
    method: McNemarMethod = "exact",
) -> AccuracyContrast:
    """Sensitivity and specificity of two assays compared within the same patients.

    Args:
        diseased: Paired counts [[both, first_only], [second_only, neither]] of positives among the
            diseased.
        healthy: The same among the healthy.
        conf_level: In (0, 1).
        method: Which of McNemar's tests.

    Returns:
        Differences first minus second with Tango's interval.

    Source: McNemar 1947; Tango 1998; tests/validation/assays/accuracy.R.
    """
    a, b, c, d = cells(healthy)
    return AccuracyContrast(
        sensitivity=_contrast(diseased, conf_level, method, _NO_DISEASED),
        specificity=_contrast([[d, c], [b, a]], conf_level, method, _NO_HEALTHY),  # negatives now
    )


def _likelihood_ratio(
    events_1: int, n_1: int, events_2: int, n_2: int, conf_level: float, method: RatioMethod
) -> Value:
    if n_1 == 0 or n_2 == 0:
        return NoEstimate(_NO_HEALTHY if n_1 else _NO_DISEASED)
    if events_1 == events_2 == 0:
        return NoEstimate("no patient has this result, so its likelihood ratio is 0/0")
    if events_2 > 0:
        return risk_ratio(events_1, n_1, events_2, n_2, conf_level=conf_level, method=method)
    inverse = risk_ratio(events_2, n_2, events_1, n_1, conf_level=conf_level, method=method)
    if isinstance(inverse, NoEstimate):
        return NoEstimate("no healthy patient has this result; the log interval needs one")
    return Interval(
        estimate=math.inf,
        ci_low=1 / inverse.ci_high,
        ci_high=math.inf,
        conf_level=conf_level,
        method=inverse.method,
    )


def _by_bayes(ratio: Value, odds: float, name: Literal["PPV", "NPV"]) -> Value:
    if isinstance(ratio, NoEstimate):
        return ratio

    def diseased(likelihood_ratio: float) -> float:
        return 1.0 if math.isinf(likelihood_ratio) else 1 - 1 / (1 + odds * likelihood_ratio)

    low, value, high = (diseased(x) for x in (ratio.ci_low, ratio.estimate, ratio.ci_high))
    if name == "NPV":
        low, value, high = 1 - high, 1 - value, 1 - low
    return Interval(
        estimate=value,
        ci_low=low,
        ci_high=high,
        conf_level=ratio.conf_level,
        method=f"{name} by Bayes' theorem at a known prevalence, {ratio.method}",
    )


def _contrast(table: ArrayLike, conf_level: float, method: McNemarMethod, reason: str) -> Contrast:
    a, b, c, d = cells(table)
    n = a + b + c + d
    if n == 0:
        none = NoEstimate(reason)
        return Contrast(first=none, second=none, difference=none, test=none)
    return Contrast(
        first=proportion(a + b, n, conf_level=conf_level),
        second=proportion(a + c, n, conf_level=conf_level),
        difference=paired_difference(table, conf_level=conf_level),
        test=mcnemar(table, method=method),
    )
