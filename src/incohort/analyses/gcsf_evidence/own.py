"""The reader's cohort compared as the published series compared theirs, and a little better."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Unpack

import pandas as pd

from incohort.analyses.anc_recovery.question import GCSF
from incohort.analyses.anc_recovery.question import Question as Recovery
from incohort.analyses.gcsf_evidence.question import Question
from incohort.dictionary import load
from incohort.results import Findings, Layout, Measure, Row, clauses
from incohort.shapes.episodes import ended
from incohort.shapes.making import Details, part_of
from incohort.shapes.sentences import sentence
from incohort.shapes.sets import Members
from incohort.shapes.tabular import BLANK, cell, cells, row, table
from incohort.shapes.telling import Draft, telling
from incohort.shapes.times import times_of
from incohort.shapes.unread_drugs import unread_gcsf
from incohort.stats import NoEstimate, then
from incohort.stats.location import Summary, summarise
from incohort.stats.meta import Arm, mean_difference, t_test
from incohort.stats.survival import Rmst, RmstComparison, RmstContrast, rmst_comparison

if TYPE_CHECKING:
    from incohort.shapes.making import Estimated

ARMS = {"gcsf": "With G-CSF", "none": "Without"}
MEAN = "cohort/mean_difference"
RMST = "cohort/rmst_difference"
CAUTIONS = (
    (
        "The comparison of means is crude on purpose, as the published series made theirs: "
        "whoever was given G-CSF at any time in the episode counts as treated. The days until "
        "the first dose had to be survived without recovery (immortal time), and G-CSF tends to "
        "be given to the sicker (confounding by indication): both make G-CSF look slower."
    ),
    (
        "The mean is that of the observed recoveries. Those who died or were lost have no such "
        "time and are left out: a mean over the recovered conditions on the outcome."
    ),
    (
        "The restricted mean keeps those censored, too, and takes a death as the end of "
        "observation; treatment is still taken as given from the start. Notebook 04 follows "
        "treatment day by day."
    ),
    (
        "A recovery is dated at the first count that shows it, so rare counts lengthen the days, "
        "and unequally so if one group is counted more often."
    ),
)
_COMPARED = (
    "Whoever was given G-CSF at any time in the episode stands under it; a course begun on the day "
    "that ended it (recovery, death or the last count), or later, doesn’t count. Late onset after "
    "a biologic is another course, and where the neutropenia began only after time zero the days "
    "before it are none of recovery."
)
_THRESHOLDS = (
    (
        "An episode opens below the system’s upper limit or below the threshold, whichever "
        "is lower: a lower threshold also takes fewer, deeper episodes."
    ),
    (
        "Recovery at a lower count comes earlier, so that G-CSF begun after it doesn’t "
        "count: from row to row patients change from one group to the other."
    ),
)
# Where an episode stands in the comparison: a column of the analysed ones.
_PLACE = "compared"
_PLACES = {
    "gcsf": "with G-CSF", "none": "without G-CSF", "late": "no, of late onset",
    "unknown": "no, G-CSF not known",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Own:
    """The first episodes of a cohort that are compared, by whether G-CSF was given in them."""

    draft: Draft
    recovery: Recovery

    @cached_property
    def _axis(self) -> str:
        """Late are those of late onset after a biologic, or that had not begun at time zero."""
        asked = self.recovery.of_the_cohort
        frame = asked.timed
        is_late = frame["late_onset"].eq(other=True) | (asked.onset_days > 0)
        given = frame["has_gcsf"]
        names = pd.Series("unknown", index=frame.index, dtype="object")
        names = names.mask(given.eq(other=True), "gcsf").mask(given.eq(other=False), "none")
        words = names.mask(is_late, "late").map(_PLACES)
        return self.recovery.sets.cut(_PLACE, words, _PLACES.values())

    def part(self, *names: str) -> Members:
        """The analysed episodes at these places of the comparison."""
        places = (_PLACES[name] for name in names)
        return self.recovery.sets.analysed.where(self._axis, *places)

    @property
    def recovered(self) -> list[Members]:
        """Those who recovered, with G-CSF and without."""
        return [ended(self.part(arm), "recovered") for arm in ARMS]

    def summary(self, arm: str) -> Summary | NoEstimate:
        """Mean and SD of the days of an arm's observed recoveries."""
        recovered = ended(self.part(arm), "recovered")
        return summarise(recovered.frame["time"].astype(float).tolist())

    @cached_property
    def arms(self) -> tuple[Arm, Arm] | NoEstimate:
        """Both arms as a publication would have printed them."""
        arms = []
        for name in ARMS:
            summary = self.summary(name)
            if isinstance(summary, NoEstimate):
                return NoEstimate(f"nobody is known to have recovered {_PLACES[name]}")
            if summary.sd is None:
                return NoEstimate(f"only one patient recovered {_PLACES[name]}")
            arms.append(Arm(n=summary.n, mean=summary.mean, sd=summary.sd))
        return arms[0], arms[1]

    def restricted(self, tau: float) -> RmstComparison | NoEstimate:
        """Days below the threshold up to `tau`, with G-CSF less without."""
        frame = self.part(*ARMS).frame
        if not all(len(self.part(arm)) for arm in ARMS):
            return NoEstimate("there are no episodes with G-CSF, or none without, to compare")
        times, level = times_of(frame), self.recovery.conf_level
        is_given = frame["has_gcsf"].eq(other=True).to_numpy(dtype=int)
        answer = rmst_comparison(times.time, times.event, is_given, tau, conf_level=level)
        if not isinstance(answer, NoEstimate):
            return answer
        reason = answer.reason.replace("in group 0, ", "without G-CSF, ")
        return NoEstimate(reason.replace("in group 1, ", "with G-CSF, "))

    def tell(
        self, tail: str, label: str, measure: Measure, answer: float | Estimated,
        sets: Sequence[Members], **details: Unpack[Details],
    ) -> str:  # fmt: skip
        """A number of days, or why there is none, which can tell of days that nobody has."""
        if isinstance(answer, NoEstimate):
            details["n"] = min(arm.n_persons for arm in sets)
            sets = [*sets, sets[0].nobody]
        details["unit"] = "d"
        return self.draft.statistic_in(tail, label, measure, answer, sets, quantity=tail, **details)


def in_cohort(question: Question) -> Findings:
    """Days to recovery in this cohort with and without G-CSF."""
    recovery, scope = question.recovery, question.scope
    draft = telling(scope, *recovery.sources, *GCSF)
    cohort, tau = Own(draft=draft, recovery=recovery), question.design.horizon_days
    zero, threshold = recovery.clock.zero, recovery.clock.threshold
    unread = unread_gcsf(draft, question.cohort, recovery.population, "cohort/unread")
    days = clauses(
        "means of the recoveries observed {mean:estimate_ci}",
        f"restricted means over {tau} days {{rmst:estimate_ci}}",
    )
    compared = sentence(
        f"Days from {zero} to {threshold}, with G-CSF less without (a minus is sooner with it): "
        f"{days}.",
        {"mean": scope.key(MEAN), "rmst": scope.key(RMST)},
    )
    interval = f"({scope.level} CI)"
    tables = (
        table(
            scope, "cohort/flow", "Who is compared: each patient’s first episode that can be timed",
            "Patients", ("All", *ARMS.values()), _flow(cohort), _COMPARED,
        ),
        table(
            scope, "cohort/means", f"{recovery.clock.days} to {threshold}", "Days",
            (*ARMS.values(), f"Difference {interval}"), _means(cohort, tau),
        ),
        table(
            scope, "cohort/thresholds", "The crude difference, by the count that recovery means",
            "Threshold", (f"Difference in days {interval}",), _thresholds(draft, question),
            *_THRESHOLDS,
        ),
    )  # fmt: skip
    layout = Layout(sentences=(*unread, compared), tables=tables, cautions=CAUTIONS)
    return draft.findings("cohort", "This cohort", layout)


def _flow(cohort: Own) -> Iterator[Row]:
    """Who is compared, and what became of them."""
    draft, sets = cohort.draft, cohort.recovery.sets
    steps = (
        ("described", "Patients described", sets.patients),
        ("untimed", "Without an episode that can be timed: left out",
         sets.patients.less(sets.analysed)),
        ("timed", "With an episode that can be timed", sets.analysed),
        ("late", "Late onset, or not begun at time zero: left out", cohort.part("late")),
        ("unknown", "Not known whether G-CSF was given: left out", cohort.part("unknown")),
        ("compared", "Compared", cohort.part(*ARMS)),
    )  # fmt: skip
    for name, label, members in steps:
        draft.absent = "" if name == "described" else cohort.recovery.absent_with("medications")
        key = draft.count_in(f"cohort/{name}/count", label, members)
        yield row(label, cell("count", key), BLANK, BLANK)
    ends = {"n": "Compared, by G-CSF", "recovered": "Recovered", "died": "Died before",
            "censored": "Censored"}  # fmt: skip
    for how, words in ends.items():
        keys = []
        for arm, label in ARMS.items():
            members = cohort.part(arm) if how == "n" else ended(cohort.part(arm), how)
            what = f"{label}: {'compared' if how == 'n' else how}"
            keys.append(draft.count_in(f"cohort/{arm}/{how}/count", what, members))
        yield row(words, BLANK, *cells(("count", "count"), keys), level=1)


def _means(cohort: Own, tau: int) -> Iterator[Row]:
    """Means and standard deviations as a publication prints them, and restricted means."""
    moments = [cell("mean_sd", *_moments(cohort, arm)) for arm in ARMS]
    difference = cell("estimate_ci", _difference(cohort, MEAN))
    yield row("Mean (SD) of those who recovered", *moments, difference)
    test = then(cohort.arms, lambda arms: t_test(*arms, equal_variances=False))
    p = cohort.draft.test_in("cohort/welch_p_value", "Means differ, P", test, cohort.recovered)
    yield row("Means differ, P (Welch)", BLANK, BLANK, cell("p_value", p))
    restricted = cells(("estimate_ci",) * 3, _restricted(cohort, tau))
    yield row(f"Restricted mean over {tau} days", *restricted)


def _moments(cohort: Own, arm: str) -> Iterator[str]:
    """Mean and standard deviation of an arm's observed recoveries."""
    summary = cohort.summary(arm)
    if isinstance(summary, NoEstimate):
        summary = NoEstimate("nobody in this group is known to have recovered")
    mean, sd = part_of(summary, "mean"), part_of(summary, "sd")
    if sd is None:
        sd = NoEstimate("one patient has no spread")
    for name, label, measure, moment, method in (
        ("mean", "mean days of those who recovered", Measure.MEAN, mean, "arithmetic mean"),
        ("sd", "standard deviation", Measure.SD, sd, "sample standard deviation"),
    ):
        tail, words = f"cohort/{arm}/{name}", f"{ARMS[arm]}: {label}"
        sets = [ended(cohort.part(arm), "recovered")]
        yield cohort.tell(tail, words, measure, moment, sets, method=method)


def _difference(cohort: Own, tail: str, label: str = "Crude difference of means") -> str:
    """Mean days with G-CSF less without, as of the published arms, or why there is none."""
    level = cohort.recovery.conf_level
    answer = then(cohort.arms, lambda arms: mean_difference(*arms, conf_level=level, is_welch=True))
    return cohort.tell(tail, label, Measure.DIFFERENCE, answer, cohort.recovered)


def _restricted(cohort: Own, tau: int) -> Iterator[str]:
    """The restricted mean of each arm, and their difference."""
    answer, arms = cohort.restricted(float(tau)), {arm: cohort.part(arm) for arm in ARMS}
    words, behind = f"mean days below the threshold within {tau} days", cohort.recovered
    asked = [
        (f"cohort/{arm}/rmst", f"{label}: {words}", Measure.MEAN, part, [arms[arm]])
        for (arm, label), part in zip(ARMS.items(), ("second", "first"), strict=True)
    ]
    label = f"Difference of restricted means over {tau} days"
    asked.append((RMST, label, Measure.DIFFERENCE, "difference", list(arms.values())))
    for tail, label, measure, part, of in asked:
        mean: Rmst | RmstContrast | NoEstimate = part_of(answer, part)
        if isinstance(mean, NoEstimate):
            yield cohort.tell(tail, label, measure, mean, behind)
        else:
            n = sum(map(len, of))
            yield cohort.tell(tail, label, measure, mean, [*of, *behind], n=n)


def _thresholds(draft: Draft, question: Question) -> Iterator[Row]:
    """The crude difference by each count that recovery may mean."""
    counts = sorted(a.value for a in load().definition("recovery_count").alternatives)
    for value in counts:
        cohort = Own(draft=draft, recovery=question.recovery_at(value))
        tail = f"cohort/threshold_{f'{value:g}'.replace('.', '_')}/mean_difference"
        label = f"Recovery at {value:g} × 10⁹/L"
        yield row(label, cell("estimate_ci", _difference(cohort, tail, label)))
