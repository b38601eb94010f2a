"""Whether groups of studies differ in their effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from incohort.stats.meta.pooling import Method, Pooled, pool
from incohort.stats.outcome import HypothesisTest, NoEstimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgroups:
    """Each group's pooled effect, in order of the labels, and the test that all are the same."""

    labels: tuple[object, ...]
    pooled: tuple[Pooled | NoEstimate, ...]
    difference: HypothesisTest | NoEstimate


def subgroup_difference(
    estimates: ArrayLike,
    se: ArrayLike,
    group: ArrayLike,
    *,
    method: Method = "reml_hartung_knapp",
    conf_level: float = 0.95,
) -> Subgroups:
    """The pooled effect of each group of studies, each with its own τ², and whether they differ.

    Groups in which nothing can be pooled are left out of the test.

    Args:
        estimates: As `pool`, shape (k,).
        se: As `pool`, shape (k,).
        group: Each study's label, shape (k,).
        method: As `pool`.
        conf_level: In (0, 1).

    Raises:
        ValueError: As `pool`, or not one label a study.

    Source: Borenstein & Higgins 2013, Prev Sci 14:134: Q between groups, from the groups' pooled
        effects and standard errors; R's rma of metafor in tests/validation/meta/meta.R.
    """
    y, errors, labels = np.asarray(estimates), np.asarray(se), np.asarray(group)
    if not y.shape == errors.shape == labels.shape:
        raise ValueError("there must be one standard error and one group for each estimate")
    names = np.unique(labels)
    pooled = tuple(
        pool(y[labels == name], errors[labels == name], method=method, conf_level=conf_level)
        for name in names
    )
    return Subgroups(labels=tuple(names.tolist()), pooled=pooled, difference=_difference(pooled))


def _difference(groups: tuple[Pooled | NoEstimate, ...]) -> HypothesisTest | NoEstimate:
    usable = [group for group in groups if isinstance(group, Pooled)]
    if len(usable) < 2:
        return NoEstimate("fewer than two groups of studies can be pooled")
    between = pool([group.estimate for group in usable], [g.se for g in usable], method="fixed")
    if isinstance(between, NoEstimate) or isinstance(between.heterogeneity, NoEstimate):
        return NoEstimate("fewer than two groups of studies can be pooled")
    return HypothesisTest(
        statistic=between.heterogeneity.q,
        p_value=between.heterogeneity.p_value,
        df=between.heterogeneity.df,
        method="Q between subgroups, chi-squared",
    )
