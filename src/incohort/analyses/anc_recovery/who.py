"""Who is in: the steps from all patients to timed episodes, and what became of each episode."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from incohort.analyses.anc_recovery.question import COUNTS, Question
from incohort.results import (
    Figure,
    FigureKind,
    Findings,
    Layout,
    Measure,
    Row,
    Series,
    Table,
    clauses,
)
from incohort.shapes.clock import TimesTold
from incohort.shapes.episodes import FATE, NEVER_COUNTED, TIMED, ended, those
from incohort.shapes.recorded import no_table
from incohort.shapes.sets import NO, YES, Members
from incohort.shapes.tabular import BLANK, cell, cells, row, table, text
from incohort.stats import NoEstimate
from incohort.stats.location import summarise

_NOT_TIMED = {
    "no_suspect": "no suspect drug before the onset",
    "no_withdrawal_date": "date of withdrawal not recorded",
    "no_admission_date": "no admission recorded",
    "no_date": "time zero not recorded",
    "recovered_before_time_zero": "recovered before time zero",
    "no_count_after_time_zero": "no count after time zero",
}
# A course that had ended before the last recovery is no suspect of a later episode.
_NO_SUSPECT = "no suspect drug before the onset, or none since the recovery before it"
_LATER = "a later episode of a patient whose first is analysed"
_FAILED = "a criterion not met, or not known"
_CENSORED = {
    "follow_up_ended": "Follow-up ended",
    "end_of_study": "End of the study",
    "lost_to_follow_up": "Lost to follow-up",
    "not_confirmed": "A rise that no later count confirmed",
    "death_without_date": "Died, date not recorded",
    "horizon": "Beyond the horizon",
}
# Each criterion in print, with the tables that it needs.
_CRITERIA = {
    "criterion_onset": ("Onset during the drug or soon after it", ("labs", "medications")),
    "criterion_recovery": ("Recovery within a month", ("labs",)),
    "criterion_rechallenge": ("Recurrence on re-exposure", ("labs", "medications")),
    "criterion_exclusions": ("No other cause", ("labs",)),
    "late_onset": ("Late onset after a biologic", ("labs", "medications")),
    "high_risk": ("High risk: age, count, infection or comorbidity", ("labs",)),
}
_BY_CRITERIA = (
    *COUNTS, "medications.started_on", "medications.stopped_on", "patients.aetiology",
)  # fmt: skip
_CAUTION = (
    "The criteria of drug-induced neutropenia ask for recovery. Whoever dies early can never meet "
    "them, so nobody is left out for failing them unless it is chosen; the part on the criteria "
    "shows what choosing does."
)


def who(question: Question) -> Findings:
    """The flow of patients, the episodes by what became of them, and the criteria one by one."""
    told = question.telling()
    patients = _flow_of_patients(question, told)
    episodes, left_out = _flow_of_episodes(question, told)
    ends = _ends_table(question, told, left_out)
    spans = _spans_table(question, told)
    layout = Layout(
        tables=(ends, spans, _criteria_table(question, told)),
        figures=(patients, *episodes),
        cautions=(_CAUTION,),
    )
    return told.findings("who", "Who is in?", layout)


def _flow_of_patients(question: Question, told: TimesTold) -> Figure:
    """Patients at each step, and who is left out at it."""
    sets, low = question.sets, question.choices.opened_below
    told.sources = ("patients.patient_id",)
    included = [told.count_in("flow/described/count", "Patients described", sets.patients)]
    excluded: list[str] = []
    told.sources = question.sources
    timed_label = "With an episode that can be timed"
    taking_part = those(sets.eligible, are_patients=True)
    if question.absent:
        label = "With a time to recovery"
        included.append(told.number_in("flow/timed/count", label, taking_part))
        return _flow(told, "flow", "Flow of patients", "patients described", included, excluded)
    steps = [
        ("counted", "With a neutrophil count", "no neutrophil count",
         sets.patients.less(those(sets.patients, ends=(NEVER_COUNTED,)))),
        ("episode", f"With a dated count below {low:g} × 10⁹/L", "no dated count below it",
         sets.with_episode),
    ]  # fmt: skip
    if sets.asks_for_criteria:
        label = "Meeting the criteria of drug-induced neutropenia"
        steps.append(("criteria", label, _FAILED, taking_part))
    before = sets.patients
    for name, label, reason, members in steps:
        included.append(told.count_in(f"flow/{name}/count", label, members))
        if not question.scope.lists_all or _is_possible(before.less(members)):
            tail = f"flow/{name}/excluded/count"
            excluded.append(told.count_left(tail, f"Left out: {reason}", members, before))
        before = members
    timed = those(taking_part, ends=TIMED)
    included.append(told.count_in("flow/timed/count", timed_label, timed))
    for why in _possible(question):
        members = those(taking_part, ends=(why,))
        if _is_listed(question, members):
            label = f"Left out: {_NOT_TIMED[why]}"
            excluded.append(told.count_in(f"flow/{why}/excluded/count", label, members))
    return _flow(told, "flow", "Flow of patients", "patients described", included, excluded)


def _possible(question: Question) -> tuple[str, ...]:
    """Why episodes may have no time with this clock."""
    own = {
        "withdrawal": ("no_suspect", "no_withdrawal_date"),
        "admission": ("no_admission_date",),
    }.get(question.choices.time_zero, ())
    return (*own, "recovered_before_time_zero", "no_count_after_time_zero")


def _told_of(question: Question, whole: Members) -> Members | None:
    """Of how many a count is said to be; of a restricted cohort it is not said.

    All counts of a table would go where their number may not be told, though they may.
    """
    return None if question.scope.lists_all else whole


def _is_listed(question: Question, members: Members) -> bool:
    """Whether a fate is told of: somebody has it; of a restricted cohort somebody in all of it."""
    return _is_possible(members) if question.scope.lists_all else len(members) > 0


def _is_possible(members: Members) -> bool:
    """Whether somebody in the whole cohort is among the categories of a set."""
    return len(members.base.everybody.where(FATE, *members.name.by_axis[FATE])) > 0


def _flow(
    told: TimesTold, name: str, caption: str, noun: str, included: Sequence[str],
    excluded: Sequence[str],
) -> Figure:  # fmt: skip
    """The steps as a figure, each as a clause of its alternative text."""
    first, *others = (*included, *excluded)
    labels = [told.results[key].label for key in others]
    said = clauses(
        *(f"{{{key}:count}} {label[:1].lower()}{label[1:]}"
          for key, label in zip(others, labels, strict=True))
    )  # fmt: skip
    return Figure(
        key=told.scope.key(f"{name}/figure"),
        kind=FigureKind.FLOW,
        caption=caption,
        alt=f"Of {{{first}:count}} {noun}: {said}.",
        x_label="" if name == "flow" else "Episodes",
        series=(Series("Included", tuple(included)), Series("Left out", tuple(excluded))),
    )


def _flow_of_episodes(question: Question, told: TimesTold) -> tuple[tuple[Figure, ...], list[str]]:
    """Episodes at each step, and which are left out at it: together they are all."""
    sets = question.sets
    label = "Episodes that meet the criteria" if sets.asks_for_criteria else "Episodes"
    tail = "episodes/count"
    included = [
        told.count_in(tail, label, sets.eligible, absent=no_table(question.cohort, "labs")),
        told.number_in("analysed/count", "Episodes analysed", sets.analysed),
    ]
    if question.absent:
        return (), []
    members = {why: those(sets.eligible, ends=(why,)) for why in _possible(question)}
    if sets.takes_first:
        members["later"] = those(sets.eligible, ends=TIMED).less(sets.analysed)
    whole = _told_of(question, sets.eligible)
    labels = {**_NOT_TIMED, "no_suspect": _NO_SUSPECT, "later": _LATER}
    left_out = [
        told.count_in(f"episodes/{why}/excluded/count", f"Left out: {labels[why]}", own, whole)
        for why, own in members.items()
        if _is_listed(question, own)
    ]
    excluded = list(left_out)
    if sets.asks_for_criteria:
        failed = sets.episodes.less(sets.eligible)
        tail = "episodes/criteria/excluded/count"
        included.insert(0, told.count_in("episodes/found/count", "Episodes found", sets.episodes))
        excluded.insert(0, told.count_in(tail, f"Left out: {_FAILED}", failed, sets.episodes))
    flow = _flow(told, "episodes", "Flow of episodes", "episodes", included, excluded)
    return (flow,), left_out


def _ends_table(question: Question, told: TimesTold, left_out: Sequence[str]) -> Table:
    """What became of the episodes that are analysed."""
    sets, analysed = question.sets, question.sets.analysed
    label, absent = "Patients with an episode", no_table(question.cohort, "labs")
    taking_part = those(sets.eligible, are_patients=True)
    patients = told.count_in("patients/count", label, taking_part, absent=absent)
    total, whole = (told.scope.key(f"{name}/count") for name in ("episodes", "analysed"))
    rows = [(label, patients, 0), ("Episodes", total, 0)]
    rows += [(told.results[key].label, key, 1) for key in left_out]
    rows.append(("Analysed", whole, 0))
    ways = {"recovered": "Recovered", "died": "Died before recovery"}
    ends = {how: ended(analysed, how) for how in ways}
    ends |= {
        why: members
        for why in _CENSORED
        if _is_listed(question, members := those(analysed, ends=(why,)))
    }
    for name, members in ends.items():
        label = (ways | _CENSORED)[name]
        rows.append((label, told.number_in(f"ends/{name}/count", label, members, analysed), 1))
    frame = sets.base.frame
    relapsed = sets.base.flag("low again later", frame["relapse"], sets.of_the_cohort.episodes)
    label, members = "Below the limits again later", analysed.where(relapsed, YES)
    relapse = told.number_in("ends/relapse/count", label, members, analysed)
    rows.append((f"Of the recovered, {label[0].lower()}{label[1:]}", relapse, 0))
    lines = [row(label, cell("count", key), level=level) for label, key, level in rows]
    caption = "What became of the episodes"
    return table(told.scope, "ends", caption, "Episodes", ("Number",), lines)


def _spans_table(question: Question, told: TimesTold) -> Table:
    """Onset against the suspect's start, and how long the neutropenia lasted."""
    sets = question.sets
    frame, whole = sets.base.frame, sets.of_the_cohort
    is_first = ~frame[whole.eligible.mask].duplicated("patient_id")
    first = sets.base.flag("first of its patient", is_first.reindex(frame.index), whole.eligible)
    lasted = (pd.to_datetime(frame["recovered_on"]) - pd.to_datetime(frame["onset_on"])).dt.days
    told.sources = ("labs.ANC", "labs.taken_at", "medications.started_on")
    rows = [
        _span(
            told, "onset", "Days from the suspect's start to the first low count, first episodes",
            pd.to_numeric(frame["onset_days"]).astype("float64"),
            sets.eligible.where(first, YES), no_table(question.cohort, "labs", "medications"),
        )
    ]  # fmt: skip
    told.sources = ("labs.ANC", "labs.taken_at")
    rows.append(
        _span(
            told, "duration", "Days from the first low count to recovery, all episodes",
            lasted.astype("float64"), sets.eligible, no_table(question.cohort, "labs"),
        )
    )  # fmt: skip
    told.sources = question.sources
    return table(
        told.scope, "spans", "Onset and duration", "Span",
        ("Median (quartiles), days", "Shortest", "Longest"), rows,
        "Among those who recovered only: whoever died or was lost has no duration, so these are "
        "shorter than the times of all. The curve below allows for that.",
    )  # fmt: skip


def _span(
    told: TimesTold, name: str, label: str, days: pd.Series, members: Members, absent: str
) -> Row:
    """Quartiles and extremes of some days; an extreme is of those alone who have it."""
    base = members.base
    known = members.where(base.flag(f"{name} known", days.notna()), YES)
    values = days[known.mask]
    answer = NoEstimate(absent) if absent else summarise(values.tolist())
    keys = []
    for part, measure in (
        ("median", Measure.MEDIAN), ("q1", Measure.QUANTILE), ("q3", Measure.QUANTILE),
        ("minimum", Measure.QUANTILE), ("maximum", Measure.QUANTILE),
    ):  # fmt: skip
        tail, full = f"{name}/{part}", f"{label}: {part}"
        if absent:
            keys.append(told.none_in(tail, full, absent, members))
            continue
        is_end = part in {"minimum", "maximum"}
        value: float | NoEstimate = NoEstimate("no episode has both dates")
        sets = [known]
        if not isinstance(answer, NoEstimate):
            value = float(getattr(values, part[:3])() if is_end else getattr(answer, part))
            if is_end:
                has_it = base.flag(f"{name} {part}", days == value, known)
                sets.insert(0, known.where(has_it, YES))
        keys.append(
            told.statistic_in(
                tail, full, measure, value, sets, n=known.n_persons, unit="d",
                method="" if is_end else "sample quantile, type 7", quantity=tail,
            )
        )  # fmt: skip
    return row(label, cell("median_iqr", *keys[:3]), *cells(("estimate", "estimate"), keys[3:]))


def _criteria_table(question: Question, told: TimesTold) -> Table:
    """Each criterion on its own: met, not met, not known; together they are all episodes."""
    sets, of = question.sets, _told_of(question, question.sets.episodes)
    told.sources = (*_BY_CRITERIA, *question.scope.restricted_by)
    rows = []
    for name, (label, tables) in _CRITERIA.items():
        axis = sets.base.flag(_plain(name), sets.base.frame[name], sets.of_the_cohort.episodes)
        reason = no_table(question.cohort, *tables)
        kinds = {
            "met": sets.episodes.where(axis, YES),
            "failed": sets.episodes.where(axis, NO),
            "unknown": sets.episodes.unknown(axis),
        }
        numbers = [
            text("0")  # a count of 0 would be withheld, and that nothing is missing tells nothing
            if question.scope.lists_all and word == "unknown" and not (reason or len(members))
            else cell(
                "count",
                told.count_in(
                    f"criteria/{name}/{word}/count", f"{label}: {word}", members, of,
                    absent=reason,
                ),
            )
            for word, members in kinds.items()
        ]  # fmt: skip
        rows.append(row(label, *numbers))
    tail, label = "criteria/drug_induced/met/count", "All that every episode can be asked: met"
    reason, met = no_table(question.cohort, "labs", "medications"), those(sets.episodes, meets=True)
    key = told.count_in(tail, label, met, of, absent=reason)
    rows.append(row("Onset, recovery and exclusions together", cell("count", key), BLANK, BLANK))
    told.sources = question.sources
    return table(
        told.scope, "criteria", "Criteria, each on its own, of all episodes", "Criterion",
        ("Met", "Not met", "Not known"), rows,
        "Recurrence on re-exposure supports the diagnosis and is not asked of everybody.",
    )  # fmt: skip


def _plain(name: str) -> str:
    return name.replace("_", " ")
