"""Meta-analysis: the effects of several studies, pooled, with how far they differ."""

from incohort.stats.meta.arms import Arm, Effect, arm_from_quantiles, mean_difference
from incohort.stats.meta.heterogeneity import Heterogeneity
from incohort.stats.meta.moments import t_test
from incohort.stats.meta.pooling import Method, Pooled, leave_one_out, pool
from incohort.stats.meta.subgroups import Subgroups, subgroup_difference

__all__ = [
    "Arm",
    "Effect",
    "Heterogeneity",
    "Method",
    "Pooled",
    "Subgroups",
    "arm_from_quantiles",
    "leave_one_out",
    "mean_difference",
    "pool",
    "subgroup_difference",
    "t_test",
]
