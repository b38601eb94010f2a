"""Three assays and more on the same patients: Cochran's Q, Fleiss' kappa, every pair compared."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import Literal, assert_never, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from incohort.stats._checked import check_option
from incohort.stats._quantiles import t_of
from incohort.stats.assays.agreement import chance_corrected, cohen_kappa, gwet_ac1
from incohort.stats.assays.paired import (
    Agreement,
    McNemarMethod,
    agreement,
    mcnemar,
    paired_difference,
    paired_table,
)
from incohort.stats.multiplicity import holm
from incohort.stats.outcome import HypothesisTest, Interval, NoEstimate, check_conf_level

CochranMethod = Literal["asymptotic", "exact"]
Results = NDArray[np.bool_]

_MAX_STEPS = 1_000_000  # states times placements before the exact test gives up: two seconds
_ONE_ASSAY = "one assay has nothing to be compared with"
_NOBODY = "no patient has a result of every assay"


@dataclass(frozen=True, slots=True, kw_only=True)
class PairComparison:
    """Two of several assays, `first` and `second` being their columns, on the `n` who had both.

    `table` is ((both, first_only), (second_only, neither)). `p_holm` is the test's P after Holm's
    correction for all pairs; a pair that never disagreed has none, and counts in the others' as 1.
    """

    first: int
    second: int
    n: int
    table: tuple[tuple[int, int], tuple[int, int]]
    difference: Interval | NoEstimate
    test: HypothesisTest | NoEstimate
    p_holm: float | None
    agreement: Agreement | NoEstimate
    kappa: Interval | NoEstimate
    ac1: Interval | NoEstimate


def cochran_q(
    positive: ArrayLike, *, method: CochranMethod = "asymptotic"
) -> HypothesisTest | NoEstimate:
    """Cochran's Q: are several assays positive equally often in the same patients?

    Under the null hypothesis the positives of each patient fall on the assays at random. `exact`
    sums over all such placements, patient by patient, with states alike but for the assays' order
    merged; take it where few patients' assays disagree: Tate and Brown want 24 results of such
    patients (patients times assays) for the chi-square.

    Args:
        positive: True for positive, shape (n patients, k assays), k ≥ 2, complete.
        method: `asymptotic` (chi-square with k − 1 degrees of freedom) or `exact`.

    Returns:
        The test with its statistic Q.

    Source: Cochran 1950, Biometrika 37:256; Tate & Brown 1970, JASA 65:155; R's mantelhaen.test,
        independence_test of coin; tests/validation/assays/several.R.
    """
    check_option("method", method, get_args(CochranMethod))
    x = _results(positive)
    n, k = x.shape
    if k < 2:
        return NoEstimate(_ONE_ASSAY)
    if n == 0:
        return NoEstimate(_NOBODY)
    by_assay = x.sum(axis=0, dtype=np.int64)
    by_patient = x.sum(axis=1, dtype=np.int64)
    spread = int((by_patient * (k - by_patient)).sum())
    if spread == 0:
        return NoEstimate("in each patient all assays gave the same result")
    total = int(by_assay.sum())
    statistic = (k - 1) * (k * int((by_assay**2).sum()) - total**2) / spread
    match method:
        case "asymptotic":
            p_value: float | None = float(special.chdtrc(k - 1, statistic))
            df, name = k - 1, "Cochran's Q test"
        case "exact":
            p_value = _exact_p(by_patient[(by_patient > 0) & (by_patient < k)], by_assay, k)
            df, name = None, "Cochran's exact Q test"
        case _:
            assert_never(method)
    if p_value is None:
        return NoEstimate("there are too many patients for the exact test; use the chi-square")
    return HypothesisTest(statistic=statistic, p_value=p_value, df=df, method=name)


def fleiss_kappa(counts: ArrayLike, *, conf_level: float = 0.95) -> Interval | NoEstimate:
    """Fleiss' kappa: agreement of several interchangeable assays beyond chance.

    The interval is for a kappa other than 0 (Fleiss' own standard error is not), with t on n − 1
    degrees of freedom; where all agree its lower limit is Wilson's, as for Cohen's kappa.

    Args:
        counts: How many of m assays put the patient into the category, shape (n patients, q
            categories); every row adds to m ≥ 2. For boolean results of shape (n, m) that is
            the columns `positives` and `m − positives`.
        conf_level: In (0, 1).

    Returns:
        Estimate and limits in [−1, 1].

    Source: Fleiss 1971, Psychol Bull 76:378; Gwet 2021, Educ Psychol Meas 81:781 (variance);
        tests/validation/assays/several.R.
    """
    check_conf_level(conf_level)
    x = np.asarray(counts, dtype=np.float64)
    if x.ndim != 2 or x.shape[1] < 2 or (x < 0).any() or (x != np.floor(x)).any():
        msg = "counts have a row for each patient and two or more columns of whole numbers"
        raise ValueError(msg)
    n = len(x)
    if n == 0:
        return NoEstimate(_NOBODY)
    m = float(x[0].sum())
    if (x.sum(axis=1) != m).any():
        msg = "each patient needs a result of each assay"
        raise ValueError(msg)
    if m < 2:
        return NoEstimate(_ONE_ASSAY)
    if n == 1:
        return NoEstimate("one patient can't show how agreement varies")
    share = x.mean(axis=0) / m
    agreeing_pairs = (x * (x - 1)).sum(axis=1) / (m * (m - 1))  # Fleiss' P_i: pairs that agree
    observed, chance = float(agreeing_pairs.mean()), float((share**2).sum())  # his P̄ and P̄_e
    if math.isclose(chance, 1.0, rel_tol=0, abs_tol=1e-12):
        return NoEstimate("all assays gave the same one result throughout")
    estimate = (observed - chance) / (1 - chance)
    own_chance = x @ share / m
    influence = (agreeing_pairs - chance) / (1 - chance)
    influence -= 2 * (1 - estimate) * (own_chance - chance) / (1 - chance)
    variance = float(((influence - estimate) ** 2).sum()) / (n * (n - 1))
    return chance_corrected(
        observed,
        chance,
        variance,
        n,
        conf_level,
        "Fleiss' kappa, t interval over patients",
        quantile=t_of(conf_level, n - 1),
    )


def compare_pairs(
    positive: ArrayLike,
    tested: ArrayLike | None = None,
    *,
    conf_level: float = 0.95,
    method: McNemarMethod = "exact",
) -> tuple[PairComparison, ...] | NoEstimate:
    """Every pair of assays: table, difference, McNemar's test with Holm's correction, agreement.

    Each pair is compared on the patients who had both.

    Args:
        positive: True for positive, shape (n patients, k assays).
        tested: True where the assay gave a positive or negative result, shape (n, k); all where
            not given.
        conf_level: In (0, 1).
        method: Which of McNemar's tests.

    Returns:
        The k·(k − 1)/2 pairs in the order of the columns.

    Source: R's p.adjust; tests/validation/assays/several.R; the parts name their own papers.
    """
    check_option("method", method, get_args(McNemarMethod))
    check_conf_level(conf_level)
    x = _results(positive)
    done = np.ones_like(x) if tested is None else _results(tested)
    if done.shape != x.shape:
        msg = "positive and tested must have one shape"
        raise ValueError(msg)
    if x.shape[1] < 2:
        return NoEstimate(_ONE_ASSAY)
    pairs = list(combinations(range(x.shape[1]), 2))
    tables = []
    for i, j in pairs:
        both = done[:, i] & done[:, j]
        tables.append(paired_table(x[both, i], x[both, j]))
    tests = [mcnemar(table, method=method) for table in tables]
    corrected = holm([1.0 if isinstance(test, NoEstimate) else test.p_value for test in tests])
    return tuple(
        PairComparison(
            first=i,
            second=j,
            n=sum(map(sum, table)),
            table=table,
            difference=paired_difference(table, conf_level=conf_level),
            test=test,
            p_holm=None if isinstance(test, NoEstimate) else p_holm,
            agreement=agreement(table, conf_level=conf_level),
            kappa=cohen_kappa(table, conf_level=conf_level),
            ac1=gwet_ac1(table, conf_level=conf_level),
        )
        for (i, j), table, test, p_holm in zip(pairs, tables, tests, corrected, strict=True)
    )


def _results(values: ArrayLike) -> Results:
    x = np.asarray(values)
    if x.ndim != 2 or x.dtype != np.bool_:
        msg = "results are a boolean matrix: a row for each patient, a column for each assay"
        raise ValueError(msg)
    return x


def _exact_p(by_patient: NDArray[np.int64], by_assay: NDArray[np.int64], k: int) -> float | None:
    """P that the assays' totals are at least as uneven; None where the states outgrow the limit.

    Patients in whom all assays agree move every total alike and are left out. The state is the
    totals in order of size: the assays are exchangeable under the null hypothesis.
    """
    moved = int(by_assay.sum()) - int(by_patient.sum())
    seen = int(((by_assay - moved // k) ** 2).sum())  # those patients gave each assay moved / k
    states: dict[tuple[int, ...], float] = {(0,) * k: 1.0}
    steps = 0
    for positives in sorted(by_patient.tolist()):
        placements = list(combinations(range(k), positives))
        steps += len(states) * len(placements)
        if steps > _MAX_STEPS:
            return None
        following: defaultdict[tuple[int, ...], float] = defaultdict(float)
        for totals, probability in states.items():
            share = probability / len(placements)
            for placed in placements:
                raised = list(totals)
                for assay in placed:
                    raised[assay] += 1
                following[tuple(sorted(raised))] += share
        states = following
    return min(1.0, math.fsum(p for s, p in states.items() if sum(t * t for t in s) >= seen))
