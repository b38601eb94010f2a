"""The reader's cohort compared as the published series compared theirs, and a little better."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from incohort.analyses.anc_recovery.question import GCSF
from incohort.analyses.anc_recovery.question import Question as Recovery
from incohort.analyses.gcsf_evidence.question import Question
from incohort.dictionary import load
from incohort.results import Findings, Layout, Measure, Row, Sentence, clauses
from incohort.shapes import recorded
from incohort.shapes.episodes import ended
from incohort.shapes.sets import Members
from incohort.shapes.tabular import BLANK, cell, cells, row, table
from incohort.shapes.telling import Told, telling
from incohort.shapes.times import times_of
from incohort.shapes.unread_drugs import unread_gcsf
from incohort.stats import NoEstimate
from incohort.stats.location import Summary, summarise
from incohort.stats.meta import Arm, Effect, mean_difference, t_test
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
    "Whoever was given G-CSF at any time in the episode stands under it; a course "
    "begun on the day that ended it (recovery, death or the last count), or later, "
    "doesn’t count. Late onset "
    "after a biologic is another course, and where the neutropenia began only after "
    "time zero the days before it are none of recovery."
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

    told: Told
    recovery: Recovery

    @cached_property
    def absent(self) -> str:
        """Which tables are missing, as a reason; empty where none."""
        return self.recovery.absent or recorded.no_table(self.recovery.cohort, "medications")

    @cached_property
    def _axis(self) -> str:
        """Late are those of late onset after a biologic, or that had not begun at time zero."""
        frame = self.recovery.of_the_cohort.timed
        onset, zero = pd.to_datetime(frame["onset_on"]), pd.to_datetime(frame["time_zero"])
        is_late = frame["late_onset"].eq(other=True) | (onset > zero)
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

    def summary(self, recovered: Members) -> Summary | NoEstimate:
        """Mean and SD of the days of observed recoveries."""
        return summarise(recovered.frame["time"].astype(float).tolist())

    @cached_property
    def arms(self) -> tuple[Arm, Arm] | NoEstimate:
        """Both arms as a publication would have printed them."""
        arms = []
        for name, members in zip(ARMS, self.recovered, strict=True):
            summary = self.summary(members)
            if isinstance(summary, NoEstimate):
                return NoEstimate(f"nobody is known to have recovered {_PLACES[name]}")
            if summary.sd is None:
                return NoEstimate(f"only one patient recovered {_PLACES[name]}")
            arms.append(Arm(n=summary.n, mean=summary.mean, sd=summary.sd))
        return arms[0], arms[1]

    def difference(self) -> Effect | NoEstimate:
        """Mean days with G-CSF less without, as of the published arms."""
        if isinstance(self.arms, NoEstimate):
            return self.arms
        level = self.recovery.conf_level
        return mean_difference(*self.arms, conf_level=level, is_welch=True)

    def restricted(self, tau: float) -> RmstComparison | NoEstimate:
        """Days below the threshold up to `tau`, with G-CSF less without."""
        frame = self.part(*ARMS).frame
        if not all(len(self.part(arm)) for arm in ARMS):
            return NoEstimate("there are no episodes with G-CSF, or none without, to compare")
        times = times_of(frame)
        is_given = frame["has_gcsf"].eq(other=True).to_numpy(dtype=int)
        answer = rmst_comparison(
            times.time, times.event, is_given, tau, conf_level=self.recovery.conf_level
        )
        if not isinstance(answer, NoEstimate):
            return answer
        reason = answer.reason.replace("in group 0, ", "without G-CSF, ")
        return NoEstimate(reason.replace("in group 1, ", "with G-CSF, "))

    def tell(
        self, tail: str, label: str, measure: Measure, answer: float | Estimated,
        sets: Sequence[Members], *, method: str = "", n: int | None = None,
    ) -> str:  # fmt: skip
        """A number of days, or why there is none, which can tell of days that nobody has."""
        if isinstance(answer, NoEstimate):
            n, sets = min(one.n_persons for one in sets), [*sets, sets[0].nobody]
        return self.told.statistic_in(
            tail, label, measure, answer, sets, n=n, unit="d", method=method, quantity=tail
        )


def own(question: Question) -> Findings:
    """Days to recovery in this cohort with and without G-CSF."""
    recovery, scope = question.recovery, question.scope
    told = telling(scope, *dict.fromkeys((*recovery.sources, *GCSF)))
    cohort = Own(told=told, recovery=recovery)
    tau, interval = question.design.horizon_days, f"Difference ({scope.level} CI)"
    layout = Layout(
        sentences=(
            *unread_gcsf(told, question.cohort, recovery.population, "cohort/unread"),
            Sentence(
                f"Days from {recovery.zero.label} to {recovery.threshold}, with "
                "G-CSF less without (a minus is sooner with it): "
                + clauses(
                    f"means of the recoveries observed {{{scope.key(MEAN)}:estimate_ci}}",
                    f"restricted means over {tau} days {{{scope.key(RMST)}:estimate_ci}}",
                )
                + "."
            ),
        ),
        tables=(
            table(
                scope, "cohort/flow",
                "Who is compared: each patient’s first episode that can be timed", "Patients",
                ("All", *ARMS.values()), _flow(cohort), _COMPARED,
            ),
            table(
                scope, "cohort/means", f"{recovery.days} to {recovery.threshold}", "Days",
                (*ARMS.values(), interval), _means(cohort, tau),
            ),
            table(
                scope, "cohort/thresholds",
                "The crude difference, by the count that recovery means", "Threshold",
                (f"Difference in days ({scope.level} CI)",), _thresholds(told, question),
                *_THRESHOLDS,
            ),
        ),
        cautions=CAUTIONS,
    )  # fmt: skip
    return told.findings("cohort", "This cohort", layout)


def _flow(cohort: Own) -> Iterator[Row]:
    """Who is compared, and what became of them."""
    told, sets = cohort.told, cohort.recovery.sets

    described = told.count_in("cohort/described/count", "Patients described", sets.patients)
    yield row("Patients described", cell("count", described), BLANK, BLANK)
    told.absent = cohort.absent
    steps = {
        "untimed": (
            "Without an episode that can be timed: left out", sets.patients.less(sets.analysed),
        ),
        "timed": ("With an episode that can be timed", sets.analysed),
        "late": ("Late onset, or not begun at time zero: left out", cohort.part("late")),
        "unknown": ("Not known whether G-CSF was given: left out", cohort.part("unknown")),
        "compared": ("Compared", cohort.part(*ARMS)),
    }  # fmt: skip
    for name, (label, members) in steps.items():
        key = told.count_in(f"cohort/{name}/count", label, members)
        yield row(label, cell("count", key), BLANK, BLANK)
    arms = {arm: (label, cohort.part(arm)) for arm, label in ARMS.items()}
    rows = {"n": "Compared, by G-CSF", "recovered": "Recovered", "died": "Died before",
            "censored": "Censored"}  # fmt: skip
    for name, words in rows.items():
        keys = [
            told.count_in(
                f"cohort/{arm}/{name}/count", f"{label}: {'compared' if name == 'n' else name}",
                members if name == "n" else ended(members, name),
            )
            for arm, (label, members) in arms.items()
        ]  # fmt: skip
        yield row(words, BLANK, *cells(("count", "count"), keys), level=1)


def _means(cohort: Own, tau: int) -> Iterator[Row]:
    """Means and standard deviations as a publication prints them, and restricted means."""
    both, arms = cohort.recovered, cohort.arms
    nobody = NoEstimate("nobody in this group is known to have recovered")
    moments = []
    for (arm, label), members in zip(ARMS.items(), both, strict=True):
        summary = cohort.summary(members)
        mean = nobody if isinstance(summary, NoEstimate) else summary.mean
        sd = nobody if isinstance(summary, NoEstimate) else summary.sd
        keys = (
            cohort.tell(
                f"cohort/{arm}/mean", f"{label}: mean days of those who recovered", Measure.MEAN,
                mean, [members], method="arithmetic mean",
            ),
            cohort.tell(
                f"cohort/{arm}/sd", f"{label}: standard deviation", Measure.SD,
                NoEstimate("one patient has no spread") if sd is None else sd, [members],
                method="sample standard deviation",
            ),
        )  # fmt: skip
        moments.append(cell("mean_sd", *keys))
    difference = cell("estimate_ci", _difference(cohort, MEAN))
    yield row("Mean (SD) of those who recovered", *moments, difference)
    test = arms if isinstance(arms, NoEstimate) else t_test(*arms, equal_variances=False)
    p = cohort.told.test_in("cohort/welch_p_value", "Means differ, P", test, both)
    yield row("Means differ, P (Welch)", BLANK, BLANK, cell("p_value", p))
    restricted = cells(("estimate_ci",) * 3, _restricted(cohort, tau))
    yield row(f"Restricted mean over {tau} days", *restricted)


def _difference(cohort: Own, tail: str, label: str = "Crude difference of means") -> str:
    """The crude difference of means, or why there is none."""
    return cohort.tell(tail, label, Measure.DIFFERENCE, cohort.difference(), cohort.recovered)


def _restricted(cohort: Own, tau: int) -> Iterator[str]:
    """The restricted mean of each arm, and their difference."""
    answer, recovered = cohort.restricted(float(tau)), cohort.recovered
    arms = [cohort.part(arm) for arm in ARMS]
    parts: tuple[Rmst | RmstContrast | NoEstimate, ...] = (
        (answer, answer, answer)
        if isinstance(answer, NoEstimate)
        else (answer.second, answer.first, answer.difference)
    )
    sets = ([arms[0]], [arms[1]], arms)
    tails = (*(f"cohort/{arm}/rmst" for arm in ARMS), RMST)
    labels = (
        *(f"{label}: mean days below the threshold within {tau} days" for label in ARMS.values()),
        f"Difference of restricted means over {tau} days",
    )
    measures = (Measure.MEAN, Measure.MEAN, Measure.DIFFERENCE)
    for tail, label, measure, part, of in zip(tails, labels, measures, parts, sets, strict=True):
        is_none = isinstance(part, NoEstimate)
        n = None if is_none else sum(map(len, of))
        behind = recovered if is_none else [*of, *recovered]
        yield cohort.tell(tail, label, measure, part, behind, n=n)


def _thresholds(told: Told, question: Question) -> Iterator[Row]:
    """The crude difference by each count that recovery may mean."""
    counts = sorted(a.value for a in load().definition("recovery_count").alternatives)
    for value in counts:
        recovery = question.recovery_at(value)
        cohort = Own(told=told, recovery=recovery)
        tail = f"cohort/threshold_{f'{value:g}'.replace('.', '_')}/mean_difference"
        label = f"Recovery at {value:g} × 10⁹/L"
        yield row(label, cell("estimate_ci", _difference(cohort, tail, label)))
