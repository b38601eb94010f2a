"""Who is in: the steps from all patients to timed episodes, and what became of each episode."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from incohort.analyses.anc_recovery.question import BY_CRITERIA, COUNTS, Question
from incohort.results import Figure, Findings, Layout, Table, clauses
from incohort.shapes.episodes import FATE, NEVER_COUNTED, TIMED, WHY_CENSORED, ended, those
from incohort.shapes.recorded import no_table
from incohort.shapes.sets import NO, YES, Members
from incohort.shapes.spans import span
from incohort.shapes.tabular import BLANK, cell, figure, row, table, text
from incohort.shapes.telling import Draft
from incohort.shapes.times import days_between

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
_ENDS = {
    "recovered": "Recovered",
    "died": "Died before recovery",
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
_CAUTION = (
    "The criteria of drug-induced neutropenia ask for recovery. Whoever dies early can never meet "
    "them, so nobody is left out for failing them unless it is chosen; the part on the criteria "
    "shows what choosing does."
)


def who(question: Question) -> Findings:
    """The flow of patients, the episodes by what became of them, and the criteria one by one."""
    draft = question.telling()
    draft.absent = ""  # not everything here needs a time
    patients = _flow_of_patients(question, draft)
    episodes, left_out = _flow_of_episodes(question, draft)
    layout = Layout(
        tables=(
            _ends_table(question, draft, left_out),
            _spans_table(question, draft),
            _criteria_table(question, draft),
        ),
        figures=(patients, *episodes),
        cautions=(_CAUTION,),
    )
    return draft.findings("who", "Who is in?", layout)


def _flow_of_patients(question: Question, draft: Draft) -> Figure:
    """Patients at each step, and who is left out at it."""
    taking_part = those(question.sets.eligible, are_patients=True)
    draft.sources = ("patients.patient_id",)
    label = "Patients described"
    included = [draft.count_in("flow/described/count", label, question.sets.patients)]
    excluded: list[str] = []
    draft.sources = question.sources
    tail, reason = "flow/timed/count", question.absent
    if reason:
        label = "With a time to recovery"
        included.append(draft.count_in(tail, label, taking_part, absent=reason))
        return _flow(draft, "flow", "Flow of patients", "patients described", (included, excluded))
    before = question.sets.patients
    for name, label, why, members in _steps(question, taking_part):
        included.append(draft.count_in(f"flow/{name}/count", label, members))
        if not question.scope.lists_all or _is_possible(before.less(members)):
            left_out = f"flow/{name}/excluded/count"
            excluded.append(draft.count_left(left_out, f"Left out: {why}", members, before))
        before = members
    timed = those(taking_part, ends=TIMED)
    included.append(draft.count_in(tail, "With an episode that can be timed", timed))
    for why, members in _untimed(question, taking_part).items():
        label = f"Left out: {_NOT_TIMED[why]}"
        excluded.append(draft.count_in(f"flow/{why}/excluded/count", label, members))
    return _flow(draft, "flow", "Flow of patients", "patients described", (included, excluded))


def _steps(question: Question, taking_part: Members) -> Iterator[tuple[str, str, str, Members]]:
    """The steps before an episode is timed: names, labels, why some are left out, who is left."""
    sets, low = question.sets, question.choices.opened_below
    counted = sets.patients.less(those(sets.patients, ends=(NEVER_COUNTED,)))
    yield "counted", "With a neutrophil count", "no neutrophil count", counted
    label = f"With a dated count below {low:g} × 10⁹/L"
    yield "episode", label, "no dated count below it", sets.with_episode
    if sets.asks_for_criteria:
        label = "Meeting the criteria of drug-induced neutropenia"
        yield "criteria", label, _FAILED, taking_part


def _untimed(question: Question, members: Members) -> dict[str, Members]:
    """Those of a set that have no time with this clock, by the reason, as far as it is told of."""
    whys = (*question.zero.why_none, "recovered_before_time_zero", "no_count_after_time_zero")
    return _listed(question, {why: those(members, ends=(why,)) for why in whys})


def _listed(question: Question, fates: dict[str, Members]) -> dict[str, Members]:
    """The fates that somebody has; of a restricted cohort those that somebody in all of it has."""
    has_it = _is_possible if question.scope.lists_all else len
    return {name: members for name, members in fates.items() if has_it(members)}


def _is_possible(members: Members) -> bool:
    """Whether somebody in the whole cohort is among the categories of a set."""
    return len(members.base.everybody.where(FATE, *members.name.by_axis[FATE])) > 0


def _flow(
    draft: Draft, name: str, caption: str, noun: str, keys: tuple[Sequence[str], Sequence[str]]
) -> Figure:
    """The steps as a figure, included and left out, each a clause of its alternative text."""
    first, *others = (key for side in keys for key in side)
    labels = {key: draft.results[key].label for key in others}
    said = clauses(
        *(f"{{{key}:count}} {label[:1].lower()}{label[1:]}" for key, label in labels.items())
    )
    return figure(
        draft.scope, name, "flow", caption, f"Of {{{first}:count}} {noun}: {said}.",
        zip(("Included", "Left out"), keys, strict=True),
        x_label="" if name == "flow" else "Episodes",
    )  # fmt: skip


def _flow_of_episodes(question: Question, draft: Draft) -> tuple[tuple[Figure, ...], list[str]]:
    """Episodes at each step, and which are left out at it: together they are all."""
    sets = question.sets
    label = "Episodes that meet the criteria" if sets.asks_for_criteria else "Episodes"
    no_counts = no_table(question.cohort, "labs")
    included = [
        draft.count_in("episodes/count", label, sets.eligible, absent=no_counts),
        draft.count_in(
            "analysed/count", "Episodes analysed", sets.analysed, absent=question.absent
        ),
    ]
    if question.absent:
        return (), []
    untimed = _untimed(question, sets.eligible)
    if sets.takes_first:
        later = those(sets.eligible, ends=TIMED).less(sets.analysed)
        untimed |= _listed(question, {"later": later})
    whole = None if question.scope.lists_all else sets.eligible  # all would go with its number
    labels = {**_NOT_TIMED, "no_suspect": _NO_SUSPECT, "later": _LATER}
    left_out = [
        draft.count_in(f"episodes/{why}/excluded/count", f"Left out: {labels[why]}", members, whole)
        for why, members in untimed.items()
    ]
    excluded = list(left_out)
    if sets.asks_for_criteria:
        failed = sets.episodes.less(sets.eligible)
        tail = "episodes/criteria/excluded/count"
        included.insert(0, draft.count_in("episodes/found/count", "Episodes found", sets.episodes))
        excluded.insert(0, draft.count_in(tail, f"Left out: {_FAILED}", failed, sets.episodes))
    flow = _flow(draft, "episodes", "Flow of episodes", "episodes", (included, excluded))
    return (flow,), left_out


def _ends_table(question: Question, draft: Draft, left_out: Sequence[str]) -> Table:
    """What became of the episodes that are analysed."""
    sets, analysed = question.sets, question.sets.analysed
    label, no_counts = "Patients with an episode", no_table(question.cohort, "labs")
    taking_part = those(sets.eligible, are_patients=True)
    patients = draft.count_in("patients/count", label, taking_part, absent=no_counts)
    total, whole = (draft.scope.key(f"{name}/count") for name in ("episodes", "analysed"))
    rows = [(label, patients, 0), ("Episodes", total, 0)]
    rows += [(draft.results[key].label, key, 1) for key in left_out]
    rows.append(("Analysed", whole, 0))
    draft.absent = question.absent
    ends = {how: ended(analysed, how) for how in ("recovered", "died")}
    ends |= _listed(question, {why: those(analysed, ends=(why,)) for why in WHY_CENSORED})
    for name, members in ends.items():
        label = _ENDS[name]
        rows.append((label, draft.count_in(f"ends/{name}/count", label, members, analysed), 1))
    relapses = sets.base.frame["relapse"]
    relapsed = sets.base.flag("low again later", relapses, sets.of_the_cohort.episodes)
    label, members = "Below the limits again later", analysed.where(relapsed, YES)
    relapse = draft.count_in("ends/relapse/count", label, members, analysed)
    rows.append((f"Of the recovered, {label[0].lower()}{label[1:]}", relapse, 0))
    draft.absent = ""
    lines = [row(label, cell("count", key), level=level) for label, key, level in rows]
    caption = "What became of the episodes"
    return table(draft.scope, "ends", caption, "Episodes", ("Number",), lines)


def _spans_table(question: Question, draft: Draft) -> Table:
    """Onset against the suspect's start, and how long the neutropenia lasted."""
    sets = question.sets
    frame, whole = sets.base.frame, sets.of_the_cohort
    is_first = ~frame[whole.eligible.mask].duplicated("patient_id")
    first = sets.base.flag("first of its patient", is_first.reindex(frame.index), whole.eligible)
    lasted = days_between(frame["onset_on"], frame["recovered_on"])
    draft.sources = (*COUNTS, "medications.started_on")
    draft.absent = no_table(question.cohort, "labs", "medications")
    label = "Days from the suspect's start to the first low count, first episodes"
    onset = span(draft, "onset", label, frame["onset_days"], sets.eligible.where(first, YES))
    draft.sources, draft.absent = COUNTS, no_table(question.cohort, "labs")
    label = "Days from the first low count to recovery, all episodes"
    duration = span(draft, "duration", label, lasted, sets.eligible)
    draft.sources, draft.absent = question.sources, ""
    return table(
        draft.scope, "spans", "Onset and duration", "Span",
        ("Median (quartiles), days", "Shortest", "Longest"), (onset, duration),
        "Among those who recovered only: whoever died or was lost has no duration, so these are "
        "shorter than the times of all. The curve below allows for that.",
    )  # fmt: skip


def _criteria_table(question: Question, draft: Draft) -> Table:
    """Each criterion on its own: met, not met, not known; together they are all episodes."""
    sets = question.sets
    of = None if question.scope.lists_all else sets.episodes  # all would go with its number
    draft.sources = (*BY_CRITERIA, *question.scope.restricted_by)
    rows = []
    for name, (label, tables) in _CRITERIA.items():
        plain, flags = name.replace("_", " "), sets.base.frame[name]
        axis = sets.base.flag(plain, flags, sets.of_the_cohort.episodes)
        draft.absent = no_table(question.cohort, *tables)
        numbers = []
        for word, members in {
            "met": sets.episodes.where(axis, YES),
            "failed": sets.episodes.where(axis, NO),
            "unknown": sets.episodes.unknown(axis),
        }.items():
            if word == "unknown" and of is None and not (draft.absent or len(members)):
                numbers.append(text("0"))  # a count would be withheld; that it is 0 tells nothing
                continue
            tail = f"criteria/{name}/{word}/count"
            numbers.append(cell("count", draft.count_in(tail, f"{label}: {word}", members, of)))
        rows.append(row(label, *numbers))
    draft.absent = no_table(question.cohort, "labs", "medications")
    tail, label = "criteria/drug_induced/met/count", "All that every episode can be asked: met"
    key = draft.count_in(tail, label, those(sets.episodes, meets=True), of)
    rows.append(row("Onset, recovery and exclusions together", cell("count", key), BLANK, BLANK))
    draft.sources, draft.absent = question.sources, ""
    return table(
        draft.scope, "criteria", "Criteria, each on its own, of all episodes", "Criterion",
        ("Met", "Not met", "Not known"), rows,
        "Recurrence on re-exposure supports the diagnosis and is not asked of everybody.",
    )  # fmt: skip
