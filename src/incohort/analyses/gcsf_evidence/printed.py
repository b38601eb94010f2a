"""The published meta-analysis as it was printed, and the Z and P that its own limits give.

Nothing here needs a cohort, so that published figures can be judged without one.
"""

from __future__ import annotations

import math
from statistics import NormalDist

from incohort.dictionary import PooledDifference
from incohort.stats import HypothesisTest, NoEstimate

PREFIX = "gcsf_evidence"
DAYS = "Difference in days, with G-CSF less without"
SIDES = ("favours G-CSF", "favours no G-CSF")  # a difference below 0: sooner with it; above
GROUPS = {
    "all": "All studies",
    "asia": "Asia",
    "europe_south_america": "Europe and South America",
    "recovery_from_1_0_or_1_5": "Recovery at 1.0 or 1.5",
}
VERSIONS = {
    "paper": "Wang 2019, the paper",
    "provisional": "Its provisional abstract",
    "conference": "An abstract of 2019 by the same group",
}
PRINTED_LEVEL = 0.95  # of the intervals that the meta-analysis printed
_NORMAL = NormalDist()


def tail_of(row: PooledDifference) -> str:
    """Where the keys of a printed figure begin."""
    version = "" if row.version == "paper" else f"_{row.version}"
    group = "" if row.group == "all" else f"/{row.group}"
    return f"benchmark/{row.study}{version}{group}"


def label_of(row: PooledDifference) -> str:
    """What a printed figure is called."""
    group = "all studies" if row.group == "all" else GROUPS[row.group]
    return f"{VERSIONS[row.version]}: {group}"


def z_test(row: PooledDifference) -> HypothesisTest | NoEstimate:
    """Z, without its sign, and P that the printed difference and its limits give."""
    if row.ci_low is None or row.ci_high is None:
        return NoEstimate("no interval was printed")
    se = (row.ci_high - row.ci_low) / (2 * _NORMAL.inv_cdf(0.5 + PRINTED_LEVEL / 2))
    statistic = abs(row.difference_days) / se
    return HypothesisTest(
        statistic=statistic,
        p_value=math.erfc(statistic / math.sqrt(2)),
        df=None,
        method="from the printed difference and its limits, normal",
    )
