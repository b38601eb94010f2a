"""The reader's cohort compared as the published series compared theirs, and a little better."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from incohort.analyses.anc_recovery.question import GCSF
from incohort.analyses.anc_recovery.question import Question as Recovery
from incohort.analyses.gcsf_evidence.question import Question
from incohort.dictionary import load
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Findings,
    Layout,
    Margin,
    Measure,
    Row,
    Sentence,
    Table,
    clauses,
)
from incohort.shapes.making import Made
from incohort.shapes.times import DIED, RECOVERED
from incohort.shapes.unread_drugs import unread_gcsf
from incohort.stats import HypothesisTest, NoEstimate
from incohort.stats.location import Summary, summarise
from incohort.stats.meta import Arm, Effect, mean_difference, t_test
from incohort.stats.survival import Rmst, RmstComparison, RmstContrast, rmst_comparison

ARMS = {"gcsf": "With G-CSF", "none": "Without"}
_IN_A_SENTENCE = {"gcsf": "with G-CSF", "none": "without G-CSF"}
MEAN = "cohort/mean_difference"
RMST = "cohort/rmst_difference"
LATE = ("medications.atc", "medications.started_on")
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


@dataclass(frozen=True)
class Own:
    """The first episodes of a cohort that are compared, by whether G-CSF was given in them."""

    recovery: Recovery

    @cached_property
    def absent(self) -> str:
        """Which tables are missing, as a reason; empty where none."""
        return self.recovery.absent or self.recovery.no_table("medications")

    @property
    def timed(self) -> pd.DataFrame:
        """Each patient's first episode that can be timed."""
        return self.recovery.timed

    @cached_property
    def is_late(self) -> pd.Series:
        """Which are of late onset after a biologic, or had not begun at time zero."""
        frame = self.timed
        onset, zero = pd.to_datetime(frame["onset_on"]), pd.to_datetime(frame["time_zero"])
        late: pd.Series = frame["late_onset"].eq(other=True) | (onset > zero)
        return late

    @cached_property
    def compared(self) -> pd.DataFrame:
        """The others, of whom it is known whether G-CSF was given."""
        frame = self.timed[~self.is_late]
        return frame[frame["has_gcsf"].notna()].reset_index(drop=True)

    def arm(self, name: str) -> pd.DataFrame:
        """Those compared with G-CSF, or without."""
        return self.compared[self.compared["has_gcsf"].eq(other=name == "gcsf")]

    def days(self, name: str) -> list[float]:
        """Days to recovery of those who recovered."""
        frame = self.arm(name)
        return [float(day) for day in frame.loc[frame["cause"] == RECOVERED, "time"]]

    @property
    def smallest(self) -> int:
        """The fewest who recovered in either arm."""
        return min(len(self.days(name)) for name in ARMS)

    def summary(self, name: str) -> Summary | NoEstimate:
        """Mean and SD of an arm's observed recoveries."""
        return NoEstimate(self.absent) if self.absent else summarise(self.days(name))

    @cached_property
    def arms(self) -> tuple[Arm, Arm] | NoEstimate:
        """Both arms as a publication would have printed them."""
        made = []
        for name, words in _IN_A_SENTENCE.items():
            found = self.summary(name)
            if isinstance(found, NoEstimate):
                return NoEstimate(self.absent or f"nobody is known to have recovered {words}")
            if found.sd is None:
                return NoEstimate(f"only one patient recovered {words}")
            made.append(Arm(n=found.n, mean=found.mean, sd=found.sd))
        return made[0], made[1]

    def difference(self, conf_level: float) -> Effect | NoEstimate:
        """Mean days with G-CSF less without, as of the published arms."""
        if isinstance(self.arms, NoEstimate):
            return self.arms
        return mean_difference(*self.arms, conf_level=conf_level, is_welch=True)

    def test(self) -> HypothesisTest | NoEstimate:
        """Welch's test of the same."""
        if isinstance(self.arms, NoEstimate):
            return self.arms
        return t_test(*self.arms, equal_variances=False)

    def restricted(self, tau: float, conf_level: float) -> RmstComparison | NoEstimate:
        """Days below the threshold up to `tau`, with G-CSF less without."""
        if self.absent:
            return NoEstimate(self.absent)
        frame = self.compared
        if min(len(self.arm(name)) for name in ARMS) == 0:
            return NoEstimate("there are no episodes with G-CSF, or none without, to compare")
        answer = rmst_comparison(
            frame["time"].astype("float64").to_numpy(),
            (frame["cause"] == RECOVERED).to_numpy(dtype=bool),
            frame["has_gcsf"].eq(other=True).to_numpy(dtype=int),
            tau,
            conf_level=conf_level,
        )
        if isinstance(answer, NoEstimate):
            return NoEstimate(
                answer.reason.replace("in group 0, ", "without G-CSF, ").replace(
                    "in group 1, ", "with G-CSF, "
                )
            )
        return answer


def own(question: Question) -> Findings:
    """Days to recovery in this cohort with and without G-CSF."""
    cohort = Own(question.recovery)
    made = Made(scope=question.scope, sources=_sources(question))
    flow, margins = _flow(question, made, cohort)
    means = _means(question, made, cohort)
    thresholds = _thresholds(question, made)
    key = question.scope.key
    described = set(question.recovery.population.frame["patient_id"])
    layout = Layout(
        sentences=(
            *unread_gcsf(made, question.recovery.cohort, described, "cohort/unread"),
            Sentence(
                f"Days from {question.recovery.zero_label} to {question.recovery.threshold}, with "
                "G-CSF less without (a minus is sooner with it): "
                + clauses(
                    f"means of the recoveries observed {{{key(MEAN)}:estimate_ci}}",
                    f"restricted means over {question.design.horizon_days} days "
                    f"{{{key(RMST)}:estimate_ci}}",
                )
                + "."
            ),
        ),
        tables=(flow, means, thresholds),
        cautions=CAUTIONS,
        margins=margins,
    )
    return question.scope.findings("cohort", "This cohort", made, layout)


def _sources(question: Question) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*question.recovery.sources, *GCSF)))


def _flow(question: Question, made: Made, cohort: Own) -> tuple[Table, tuple[Margin, ...]]:
    """Who is compared, and what became of them."""
    absent, scope = cohort.absent, question.scope
    population = question.recovery.population.frame

    def count(tail: str, label: str, value: int) -> str:
        tail = f"cohort/{tail}/count"
        return made.none(tail, label, absent) if absent else made.count(tail, label, value)

    described = made.count("cohort/described/count", "Patients described", len(population))
    late = cohort.is_late
    unknown = int(cohort.timed.loc[~late, "has_gcsf"].isna().sum())
    steps = {
        "untimed": (
            "Without an episode that can be timed: left out",
            len(population) - len(cohort.timed),
        ),
        "timed": ("With an episode that can be timed", len(cohort.timed)),
        "late": ("Late onset, or not begun at time zero: left out", int(late.sum())),
        "unknown": ("Not known whether G-CSF was given: left out", unknown),
        "compared": ("Compared", len(cohort.compared)),
    }
    blank = Cell(CellKind.TEXT)
    rows = [Row("Patients described", (Cell(CellKind.COUNT, (described,)), blank, blank))]
    rows += [
        Row(label, (Cell(CellKind.COUNT, (count(name, label, value),)), blank, blank))
        for name, (label, value) in steps.items()
    ]
    fates = {"recovered": RECOVERED, "died": DIED, "censored": 0}
    of_arm = {
        arm: [count(f"{arm}/n", f"{label}: compared", len(cohort.arm(arm)))]
        for arm, label in ARMS.items()
    }
    for name, cause in fates.items():
        for arm, label in ARMS.items():
            value = int((cohort.arm(arm)["cause"] == cause).sum())
            of_arm[arm].append(count(f"{arm}/{name}", f"{label}: {name}", value))
    for at, words in enumerate(("Compared, by G-CSF", "Recovered", "Died before", "Censored")):
        cells = tuple(Cell(CellKind.COUNT, (keys[at],)) for keys in of_arm.values())
        rows.append(Row(words, (blank, *cells), level=1))
    margins = (
        scope.sum("cohort/described/count", "cohort/timed/count", "cohort/untimed/count"),
        scope.sum("cohort/timed/count", *(f"cohort/{name}/count" for name in
                                          ("late", "unknown", "compared"))),
        scope.sum("cohort/compared/count", *(f"cohort/{arm}/n/count" for arm in ARMS)),
        *(
            scope.sum(f"cohort/{arm}/n/count", *(f"cohort/{arm}/{name}/count" for name in fates))
            for arm in ARMS
        ),
    )  # fmt: skip
    table = Table(
        key=scope.key("cohort/flow/table"),
        caption="Who is compared: each patient’s first episode that can be timed",
        stub_head="Patients",
        columns=(Column("All"), *(Column(label) for label in ARMS.values())),
        rows=tuple(rows),
        notes=(
            (
                "Whoever was given G-CSF at any time in the episode stands under it; a course "
                "begun on the day that ended it (recovery, death or the last count), or later, "
                "doesn’t count. Late onset "
                "after a biologic is another course, and where the neutropenia began only after "
                "time zero the days before it are none of recovery."
            ),
        ),
    )
    return table, margins


def _means(question: Question, made: Made, cohort: Own) -> Table:
    """Means and standard deviations as a publication prints them, and restricted means."""
    key = question.scope.key
    counts = [f"cohort/{arm}/recovered/count" for arm in ARMS]
    moments = []
    for arm, label in ARMS.items():
        made.rests_on = (key(f"cohort/{arm}/recovered/count"),)
        moments.append(_moments(made, arm, label, cohort))
    made.rests_on = tuple(map(key, counts))
    difference, test = _difference(made, MEAN, cohort, question.conf_level), cohort.test()
    p = made.p_value(
        "cohort/welch_p_value", "Means differ, P", test,
        n=None if cohort.absent else sum(len(cohort.days(a)) for a in ARMS),
        smallest=None if cohort.absent else cohort.smallest,
    )  # fmt: skip
    restricted = _restricted(question, made, cohort)
    made.rests_on = ()
    pair = tuple(Cell(CellKind.MEAN_SD, keys) for keys in moments)
    blank = Cell(CellKind.TEXT)
    return Table(
        key=key("cohort/means/table"),
        caption=f"{question.recovery.days} to {question.recovery.threshold}",
        stub_head="Days",
        columns=(
            *(Column(label) for label in ARMS.values()),
            Column(f"Difference ({question.scope.level} CI)"),
        ),
        rows=(
            Row("Mean (SD) of those who recovered",
                (*pair, Cell(CellKind.ESTIMATE_CI, (difference,)))),
            Row("Means differ, P (Welch)", (blank, blank, Cell(CellKind.P_VALUE, (p,)))),
            Row(f"Restricted mean over {question.design.horizon_days} days",
                tuple(Cell(CellKind.ESTIMATE_CI, (one,)) for one in restricted)),
        ),
    )  # fmt: skip


def _moments(made: Made, arm: str, label: str, cohort: Own) -> tuple[str, str]:
    found = cohort.summary(arm)
    n = None if cohort.absent else len(cohort.days(arm))
    tails = (f"cohort/{arm}/mean", f"cohort/{arm}/sd")
    names = (f"{label}: mean days of those who recovered", f"{label}: standard deviation")
    if isinstance(found, NoEstimate):
        reason = cohort.absent or "nobody in this group is known to have recovered"
        first, second = (
            made.none(t, name, reason, n=n) for t, name in zip(tails, names, strict=True)
        )
        return first, second
    mean = made.estimate(tails[0], names[0], Measure.MEAN, found.mean, n=found.n, unit="d",
                         method="arithmetic mean")  # fmt: skip
    if found.sd is None:
        return mean, made.none(tails[1], names[1], "one patient has no spread", n=n)
    return mean, made.estimate(tails[1], names[1], Measure.SD, found.sd, n=found.n, unit="d",
                               method="sample standard deviation")  # fmt: skip


def _difference(
    made: Made, tail: str, cohort: Own, conf_level: float, label: str = "Crude difference of means"
) -> str:
    """The crude difference of means, or why there is none."""
    answer = cohort.difference(conf_level)
    smallest = None if cohort.absent else cohort.smallest
    if isinstance(answer, NoEstimate):
        return made.none(tail, label, answer.reason, n=smallest)
    return made.estimate(
        tail, label, Measure.DIFFERENCE, answer.estimate, n=answer.n,
        ci=(answer.ci_low, answer.ci_high, answer.conf_level), unit="d", method=answer.method,
        smallest=smallest,
    )  # fmt: skip


def _restricted(question: Question, made: Made, cohort: Own) -> tuple[str, str, str]:
    """The restricted mean of each arm, and their difference."""
    tau = question.design.horizon_days
    answer = cohort.restricted(float(tau), question.conf_level)
    tails = ("cohort/gcsf/rmst", "cohort/none/rmst", RMST)
    labels = (
        f"With G-CSF: mean days below the threshold within {tau} days",
        f"Without: mean days below the threshold within {tau} days",
        f"Difference of restricted means over {tau} days",
    )
    smallest = None if cohort.absent else cohort.smallest
    if isinstance(answer, NoEstimate):
        found = [
            made.none(tail, label, answer.reason, n=smallest)
            for tail, label in zip(tails, labels, strict=True)
        ]
        return found[0], found[1], found[2]
    parts: tuple[Rmst | RmstContrast, ...] = (answer.second, answer.first, answer.difference)
    measures = (Measure.MEAN, Measure.MEAN, Measure.DIFFERENCE)
    sizes = (answer.second.n, answer.first.n, answer.first.n + answer.second.n)
    keys = [
        made.estimate(
            tail, label, measure, part.estimate, n=n,
            ci=(part.ci_low, part.ci_high, part.conf_level), unit="d", method=part.method,
            smallest=smallest,
        )
        for tail, label, part, measure, n in zip(
            tails, labels, parts, measures, sizes, strict=True
        )
    ]  # fmt: skip
    return keys[0], keys[1], keys[2]


def _thresholds(question: Question, made: Made) -> Table:
    """The crude difference by each count that recovery may mean."""
    rows = []
    for value in _recovery_counts():
        cohort = Own(question.recovery_at(value))
        name = f"{value:g}".replace(".", "_")
        label = f"Recovery at {value:g} × 10⁹/L"
        key = _difference(
            made, f"cohort/threshold_{name}/mean_difference", cohort, question.conf_level, label
        )
        rows.append(Row(label, (Cell(CellKind.ESTIMATE_CI, (key,)),)))
    return Table(
        key=question.scope.key("cohort/thresholds/table"),
        caption="The crude difference, by the count that recovery means",
        stub_head="Threshold",
        columns=(Column(f"Difference in days ({question.scope.level} CI)"),),
        rows=tuple(rows),
        notes=(
            (
                "An episode opens below the system’s upper limit or below the threshold, whichever "
                "is lower: a lower threshold also takes fewer, deeper episodes."
            ),
            (
                "Recovery at a lower count comes earlier, so that G-CSF begun after it doesn’t "
                "count: from row to row patients change from one group to the other."
            ),
        ),
    )


def _recovery_counts() -> list[float]:
    """The counts that sources take for recovery, from low to high."""
    definition = load().definition("recovery_count")
    return sorted(alternative.value for alternative in definition.alternatives)
