"""Published comparisons of G-CSF with none: what each printed, and whether that can be pooled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from incohort.dictionary import GcsfArm, gcsf_arms, recovery_series
from incohort.stats import NoEstimate
from incohort.stats.meta import Arm, Effect, mean_difference

REGIONS = {
    "asia": "Asia",
    "europe": "Europe",
    "several": "Several countries",
    "not_stated": "Country not stated",
}
RECOVERED = {
    "from_0_5": "recovery at 0.5",
    "from_1_0_or_1_5": "recovery at 1.0 or 1.5",
    "not_stated": "recovery not stated",
}
# The figures that may be printed of both arms, and what they are.
_PRINTED = {
    "mean_days": "means",
    "median_days": "medians",
    "other_days": "means or medians, not stated",
}
_LOW_LIMIT = 1.0  # Wang 2019 put recovery at 1.0 and at 1.5 in one group


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """One published pair of arms: its name in keys, its label in print, and where it was made.

    `effect` is the difference of mean days, with G-CSF less without, from what was printed, or the
    reason why there is none. `implied` is the same where numbers of patients were not printed but
    follow from other figures.
    """

    name: str
    label: str
    region: str
    gcsf: GcsfArm
    none: GcsfArm
    effect: Effect | NoEstimate
    implied: Effect | NoEstimate
    implied_arms: tuple[Arm, Arm] | None

    @property
    def recovered(self) -> Literal["from_0_5", "from_1_0_or_1_5", "not_stated"]:
        """What the abstract says that recovery means, as Wang 2019 groups it."""
        if self.gcsf.threshold is None:
            return "not_stated"
        return "from_1_0_or_1_5" if self.gcsf.threshold >= _LOW_LIMIT else "from_0_5"

    @property
    def group(self) -> str:
        """Region and threshold in words."""
        return f"{REGIONS[self.region]}, {RECOVERED[self.recovered]}"

    @property
    def sizes(self) -> str:
        """How many patients with and without G-CSF, where printed or implied."""
        if self.gcsf.n is not None and self.none.n is not None:
            return f"{self.gcsf.n} and {self.none.n}"
        if self.implied_arms:
            return "about {} and {}".format(*(arm.n for arm in self.implied_arms))
        return "not printed"

    @property
    def printed(self) -> tuple[float, str] | None:
        """The difference of the figures printed, and what they are; None where there are none."""
        for name, kind in _PRINTED.items():
            first, second = getattr(self.gcsf, name), getattr(self.none, name)
            if first is not None and second is not None:
                return first - second, kind
        return None


def comparisons(conf_level: float) -> tuple[Comparison, ...]:
    """Every pair of arms of the evidence, in its order."""
    pairs: dict[str, dict[str, GcsfArm]] = {}
    for arm in gcsf_arms():
        pairs.setdefault(arm.comparison, {})[arm.arm] = arm
    return tuple(_comparison(pair["gcsf"], pair["none"], conf_level) for pair in pairs.values())


def _comparison(gcsf: GcsfArm, none: GcsfArm, conf_level: float) -> Comparison:
    """Two arms with their difference, and with the one by the numbers that are implied."""
    share = implied_share(gcsf, none)
    arms, implied_arms = _arms(gcsf, none, gcsf.n, none.n), None
    if share is not None:
        n = round(share[0] * share[1])
        implied_arms = _arms(gcsf, none, n, share[1] - n, "numbers implied by three means")
    effect: Effect | NoEstimate = NoEstimate(_why_not(gcsf, none))
    implied: Effect | NoEstimate = NoEstimate(
        "nothing that was printed implies the missing figures"
    )
    if arms:
        effect = mean_difference(*arms, conf_level=conf_level)
    if implied_arms:
        implied = mean_difference(*implied_arms, conf_level=conf_level, is_welch=True)
    return Comparison(
        name=gcsf.comparison,
        label=gcsf.label,
        region=gcsf.region,
        gcsf=gcsf,
        none=none,
        effect=effect,
        implied=implied,
        implied_arms=implied_arms,
    )


def _why_not(gcsf: GcsfArm, none: GcsfArm) -> str:
    """What was not printed, and is needed for a difference with its standard error."""
    if gcsf.mean_days is not None and none.mean_days is not None:
        if None in (gcsf.sd_days, none.sd_days):
            return "means without a standard deviation"
        return "how many patients were in each arm was not printed"
    if gcsf.median_days is not None:
        return "medians without numbers of patients or a spread: no mean can be made of them"
    if gcsf.other_days is not None:
        return "not stated whether means or medians, and without a spread"
    return "no days were printed, only that there was no difference"


def _arms(
    gcsf: GcsfArm, none: GcsfArm, n_gcsf: int | None, n_none: int | None, implied_by: str = ""
) -> tuple[Arm, Arm] | None:
    """Both arms as the estimator takes them; None where something is missing."""
    arms = [
        Arm(n=n, mean=arm.mean_days, sd=arm.sd_days, is_approximate=bool(implied_by),
            method=implied_by or "as printed")
        for arm, n in ((gcsf, n_gcsf), (none, n_none))
        if n is not None and arm.mean_days is not None and arm.sd_days is not None
    ]  # fmt: skip
    return (arms[0], arms[1]) if len(arms) == 2 else None


def implied_share(gcsf: GcsfArm, none: GcsfArm) -> tuple[float, int] | None:
    """The share given G-CSF that the arms' means and everybody's imply, and how many there were.

    The mean of all is the arms' means weighted by their shares: s · m₁ + (1 − s) · m₀ = m.
    """
    if gcsf.mean_days is None or none.mean_days is None or gcsf.n is not None:
        return None
    for row in recovery_series():
        is_whole = (row.measure, row.statistic, row.group) == ("recovery_days", "mean", "all")
        if row.study == gcsf.study and is_whole and row.n and gcsf.mean_days != none.mean_days:
            share = (none.mean_days - row.value) / (none.mean_days - gcsf.mean_days)
            return (share, row.n) if 0 < share < 1 else None
    return None
