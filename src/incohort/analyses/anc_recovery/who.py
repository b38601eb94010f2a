"""Who is in: the steps from all patients to timed episodes, and what became of each episode."""

from __future__ import annotations

import pandas as pd

from incohort.analyses.anc_recovery.question import Question
from incohort.analyses.anc_recovery.tally import Tally, tally
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Figure,
    FigureKind,
    Findings,
    Layout,
    Margin,
    Measure,
    Row,
    Series,
    Table,
    clauses,
)
from incohort.shapes.episodes import meets_criteria
from incohort.shapes.making import Made
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
_CENSORED = {
    "follow_up_ended": "Follow-up ended",
    "end_of_study": "End of the study",
    "lost_to_follow_up": "Lost to follow-up",
    "not_confirmed": "A rise that no later count confirmed",
    "death_without_date": "Died, date not recorded",
    "horizon": "Beyond the horizon",
}
_CRITERIA = {
    "criterion_onset": "Onset during the drug or soon after it",
    "criterion_recovery": "Recovery within a month",
    "criterion_rechallenge": "Recurrence on re-exposure",
    "criterion_exclusions": "No other cause",
    "late_onset": "Late onset after a biologic",
    "high_risk": "High risk: age, count, infection or comorbidity",
}
_NEEDS = {
    "criterion_onset": ("labs", "medications"),
    "criterion_rechallenge": ("labs", "medications"),
    "late_onset": ("labs", "medications"),
}


def who(question: Question) -> Findings:
    """The flow of patients, the episodes by what became of them, and the criteria one by one."""
    made = tally(question)
    figure, flow_margins = _flow(question, made)
    of_episodes, excluded, episode_margins = _episode_flow(question, made)
    ends, end_margins = _ends_table(question, made, excluded)
    spans = _spans_table(question, made)
    criteria, criteria_margins = _criteria_table(question, made)
    layout = Layout(
        tables=(ends, spans, criteria),
        figures=(figure, *of_episodes),
        cautions=(
            (
                "The criteria of drug-induced neutropenia ask for recovery. Whoever dies early can "
                "never meet them, so nobody is left out for failing them unless it is chosen; the "
                "part on the criteria shows what choosing does."
            ),
        ),
        margins=(
            *flow_margins,
            *episode_margins,
            *end_margins,
            *criteria_margins,
            *_links(question),
        ),
    )
    return question.scope.findings("who", "Who is in?", made, layout)


def _flow(question: Question, made: Tally) -> tuple[Figure, list[Margin]]:
    """Patients at each step, and who is left out at it."""
    made.sources = ("patients.patient_id",)
    here = made.count("flow/described/count", "Patients described", len(question.population.frame))
    included: list[str] = [here]
    excluded: list[str] = []
    margins: list[Margin] = []
    made.sources = question.sources
    if question.absent:
        included.append(made.none("flow/timed/count", "With a time to recovery", question.absent))
        return _flow_figure(question, made, included, excluded), margins
    left = len(question.population.frame)
    for name, label, reason, kept in _steps(question):
        here = made.count(f"flow/{name}/count", label, kept)
        outs = [made.count(f"flow/{name}/excluded/count", f"Left out: {reason}", left - kept)]
        margins.append(Margin(total=included[-1], parts=(here, *outs)))
        included.append(here)
        excluded += outs
        left = kept
    timed = question.timed["patient_id"].nunique()
    here = made.count("flow/timed/count", "With an episode that can be timed", timed)
    outs = [
        made.count(f"flow/{why}/excluded/count", f"Left out: {_NOT_TIMED[why]}", n)
        for why, n in _reasons(question).items()
    ]
    margins.append(Margin(total=included[-1], parts=(here, *outs)))
    return _flow_figure(question, made, [*included, here], [*excluded, *outs]), margins


def _steps(question: Question) -> list[tuple[str, str, str, int]]:
    """Name, label, reason for being left out, and how many patients remain, before timing."""
    counted = int(question.population.frame["n_anc"].gt(0).sum())
    episodes = question.all_episodes["patient_id"].nunique()
    low = question.choices.opened_below
    steps = [
        ("counted", "With a neutrophil count", "no neutrophil count", counted),
        (
            "episode",
            f"With a dated count below {low:g} × 10⁹/L",
            "no dated count below it",
            episodes,
        ),
    ]
    if question.design.criteria == "drug_induced":
        met = question.episodes["patient_id"].nunique()
        steps.append(
            ("criteria", "Meeting the criteria of drug-induced neutropenia",
             "a criterion not met, or not known", met)
        )  # fmt: skip
    return steps


def _reasons(question: Question) -> dict[str, int]:
    """Why patients have no timed episode: what is said of their first one."""
    frame = question.episodes
    rest = frame[~frame["patient_id"].isin(question.timed["patient_id"])]
    reasons = rest.drop_duplicates("patient_id")["not_timed_because"]
    listed = {why: int((reasons == why).sum()) for why in _possible(question)}
    lists_all = question.scope.lists_all
    return {why: n for why, n in listed.items() if n or lists_all}


def _possible(question: Question) -> tuple[str, ...]:
    own = {
        "withdrawal": ("no_suspect", "no_withdrawal_date"),
        "admission": ("no_admission_date",),
    }.get(question.choices.time_zero, ())
    return (*own, "recovered_before_time_zero", "no_count_after_time_zero")


def _flow_figure(
    question: Question, made: Tally, included: list[str], excluded: list[str]
) -> Figure:
    return Figure(
        key=question.scope.key("flow/figure"),
        kind=FigureKind.FLOW,
        caption="Flow of patients",
        alt=f"Of {{{included[0]}:count}} patients described: "
        f"{_told(made, [*included[1:], *excluded])}.",
        series=(Series("Included", tuple(included)), Series("Left out", tuple(excluded))),
    )


def _episode_flow(
    question: Question, made: Tally
) -> tuple[tuple[Figure, ...], list[str], list[Margin]]:
    """Episodes at each step, and which are left out at it: together they are all."""
    frame, timed = question.episodes, question.timed
    is_chosen = question.design.criteria == "drug_induced"
    label = "Episodes that meet the criteria" if is_chosen else "Episodes"
    total = _episodes(question, made, "episodes/count", label, frame)
    analysed = _episodes(question, made, "analysed/count", "Episodes analysed", timed)
    if question.absent:
        return (), [], []
    included, excluded = [total, analysed], []
    for why, flags in _left_out(question).items():
        if flags.any() or question.scope.lists_all:
            reasons = {**_NOT_TIMED, "no_suspect": _NO_SUSPECT}
            label = f"Left out: {reasons.get(why, _LATER)}"
            tail = f"episodes/{why}/excluded/count"
            excluded.append(_episodes(question, made, tail, label, frame, flags))
    margins = [Margin(total=total, parts=(analysed, *excluded))]
    left_out = list(excluded)
    if question.design.criteria == "drug_induced":
        every = question.all_episodes
        fails = ~meets_criteria(every)
        found = _episodes(question, made, "episodes/found/count", "Episodes found", every)
        failed = _episodes(
            question, made, "episodes/criteria/excluded/count",
            "Left out: a criterion not met, or not known", every, fails,
        )  # fmt: skip
        margins.append(Margin(total=found, parts=(total, failed)))
        included, excluded = [found, *included], [failed, *excluded]
    figure = Figure(
        key=question.scope.key("episodes/figure"),
        kind=FigureKind.FLOW,
        caption="Flow of episodes",
        alt=f"Of {{{included[0]}:count}} episodes: {_told(made, [*included[1:], *excluded])}.",
        x_label="Episodes",
        series=(Series("Included", tuple(included)), Series("Left out", tuple(excluded))),
    )
    return (figure,), left_out, margins


def _told(made: Tally, keys: list[str]) -> str:
    """Each step as a clause."""
    labels = (made.results[key].label for key in keys)
    return clauses(
        *(
            f"{{{key}:count}} {label[:1].lower()}{label[1:]}"
            for key, label in zip(keys, labels, strict=True)
        )
    )


def _left_out(question: Question) -> dict[str, pd.Series]:
    """Which episodes are not analysed, by the reason; one that is timed but not the first, too."""
    frame = question.episodes
    flags = {why: frame["not_timed_because"].eq(why) for why in _possible(question)}
    if question.design.episodes == "first":
        is_timed = frame["is_timed"].eq(other=True)
        is_first = ~frame[is_timed].duplicated("patient_id")
        flags["later"] = is_timed & ~is_first.reindex(frame.index, fill_value=False)
    return flags


def _ends_table(question: Question, made: Tally, excluded: list[str]) -> tuple[Table, list[Margin]]:
    """What became of the episodes that are analysed."""
    timed = question.timed
    total, analysed = (question.scope.key(f"{tail}/count") for tail in ("episodes", "analysed"))
    patients = _people(question, made)
    rows = [("Patients with an episode", patients, 0), ("Episodes", total, 0),
            *((made.results[key].label, key, 1) for key in excluded),
            ("Analysed", analysed, 0)]  # fmt: skip
    parts = []
    for name, label, cause in (("recovered", "Recovered", 1), ("died", "Died before recovery", 2)):
        parts.append(_episodes(question, made, f"ends/{name}/count", label, timed,
                               timed["cause"] == cause))  # fmt: skip
        rows.append((label, parts[-1], 1))
    for why, label in _CENSORED.items():
        is_so = timed["censored_because"] == why
        if is_so.any() or question.scope.lists_all:
            key = _episodes(question, made, f"ends/{why}/count", label, timed, is_so)
            parts.append(key)
            rows.append((label, key, 1))
    relapse = _episodes(question, made, "ends/relapse/count", "Below the limits again later",
                        timed, timed["relapse"].eq(other=True))  # fmt: skip
    rows.append(("Of the recovered, below the limits again later", relapse, 0))
    table = Table(
        key=question.scope.key("ends/table"),
        caption="What became of the episodes",
        stub_head="Episodes",
        columns=(Column("Number"),),
        rows=tuple(
            Row(label, (Cell(CellKind.COUNT, (key,)),), level=level) for label, key, level in rows
        ),
    )
    return table, [Margin(total=analysed, parts=tuple(parts))]


def _people(question: Question, made: Tally) -> str:
    label = "Patients with an episode"
    if question.no_table("labs"):
        return made.none("patients/count", label, question.no_table("labs"))
    return made.count("patients/count", label, question.episodes["patient_id"].nunique())


def _episodes(
    question: Question,
    made: Tally,
    tail: str,
    label: str,
    frame: pd.DataFrame,
    rows: pd.Series | None = None,
) -> str:
    reason = (
        question.no_table("labs") if rows is None and tail == "episodes/count" else question.absent
    )
    if reason:
        return made.none(tail, label, reason)
    flags = frame["patient_id"].notna() if rows is None else rows
    return made.of(tail, label, flags.fillna(value=False).astype(bool), frame)


def _spans_table(question: Question, made: Tally) -> Table:
    """Onset against the suspect's start, and how long the neutropenia lasted."""
    first = question.episodes.drop_duplicates("patient_id")
    onset = pd.to_numeric(first["onset_days"]).dropna().astype(float)
    frame = question.episodes
    days = pd.to_datetime(frame["recovered_on"]) - pd.to_datetime(frame["onset_on"])
    lasted = days.dt.days.dropna().astype(float)
    persons = frame.loc[lasted.index, "patient_id"].nunique()
    spans = (
        (
            "onset", "Days from the suspect's start to the first low count, first episodes",
            onset, len(onset), question.no_table("labs", "medications"),
            ("labs.taken_at", "medications.started_on"),
        ),
        (
            "duration", "Days from the first low count to recovery, all episodes",
            lasted, persons, question.no_table("labs"), ("labs.taken_at",),
        ),
    )  # fmt: skip
    rows = []
    for name, label, values, n, absent, sources in spans:
        made.sources = ("labs.ANC", *sources)
        keys = _span(made, name, label, values, n, absent)
        median = Cell(CellKind.MEDIAN_IQR, keys[:3])
        ends = tuple(Cell(CellKind.ESTIMATE, (key,)) for key in keys[3:])
        rows.append(Row(label, (median, *ends)))
    made.sources = question.sources
    return Table(
        key=question.scope.key("spans/table"),
        caption="Onset and duration",
        stub_head="Span",
        columns=(Column("Median (quartiles), days"), Column("Shortest"), Column("Longest")),
        rows=tuple(rows),
        notes=(
            (
                "Among those who recovered only: whoever died or was lost has no duration, so "
                "these are shorter than the times of all. The curve below allows for that."
            ),
        ),
    )


def _span(
    made: Made, name: str, label: str, values: pd.Series, n: int, absent: str
) -> tuple[str, str, str, str, str]:
    answer = NoEstimate(absent) if absent else summarise(values.tolist())
    measures = {
        "median": Measure.MEDIAN, "q1": Measure.QUANTILE, "q3": Measure.QUANTILE,
        "minimum": Measure.QUANTILE, "maximum": Measure.QUANTILE,
    }  # fmt: skip
    keys = []
    for part, measure in measures.items():
        text = f"{label}: {part}"
        if isinstance(answer, NoEstimate):
            reason = absent or "no episode has both dates"
            keys.append(made.none(f"{name}/{part}", text, reason, n=None if absent else 0))
            continue
        is_end = part in {"minimum", "maximum"}
        number = getattr(values, part[:3])() if is_end else getattr(answer, part)
        keys.append(
            made.estimate(
                f"{name}/{part}", text, measure,
                float(number),
                n=n, unit="d", method="" if is_end else "sample quantile, type 7",
                smallest=1 if is_end else None,  # one patient's own value
            )
        )  # fmt: skip
    return keys[0], keys[1], keys[2], keys[3], keys[4]


def _links(question: Question) -> list[Margin]:
    """Which of these counts stand in another part, too; where the design parts them none does."""
    same = question.scope.same
    steps = ["episode", *(["criteria"] if question.design.criteria == "drug_induced" else [])]
    return [
        same(f"flow/{steps[-1]}/count", "patients/count"),
        same("flow/timed/count", "analysed/count"),
        same("analysed/count", "km/all/n/count"),
        same("analysed/count", "criteria_effect/everybody/n/count"),
        same("ends/recovered/count", "km/all/recovered/count"),
        same("ends/died/count", "km/all/died/count"),
        same("ends/died/count", "criteria_effect/everybody/died/count"),
        question.scope.sum("km/all/censored/count", *(f"ends/{why}/count" for why in _CENSORED)),
    ]


def _criteria_table(question: Question, made: Tally) -> tuple[Table, list[Margin]]:
    """Each criterion on its own: met, not met, not known; together they are all episodes."""
    frame = question.all_episodes
    chosen = question.design.criteria == "drug_induced"
    every = "episodes/found/count" if chosen else "episodes/count"
    rows, margins = [], []
    for name, label in _CRITERIA.items():
        made.sources = (*COUNTS_AND_DRUGS, *question.scope.restricted_by)
        reason = question.no_table(*_NEEDS.get(name, ("labs",)))
        cells = []
        for word, is_so in (
            ("met", frame[name].eq(other=True)),
            ("failed", frame[name].eq(other=False)),
            ("unknown", frame[name].isna()),
        ):
            tail, text = f"criteria/{name}/{word}/count", f"{label}: {word}"
            key = made.none(tail, text, reason) if reason else made.of(tail, text, is_so, frame)
            cells.append(Cell(CellKind.COUNT, (key,)))
        rows.append(Row(label, tuple(cells)))
        keys = tuple(cell.keys[0] for cell in cells)
        totals = (question.scope.key(every), *(f"{key}#n" for key in keys))
        margins += [Margin(total=total, parts=keys) for total in totals]
    tail, text = "criteria/drug_induced/met/count", "All that every episode can be asked: met"
    reason = question.no_table("labs", "medications")
    key = (
        made.none(tail, text, reason)
        if reason
        else made.of(tail, text, meets_criteria(frame), frame)
    )
    blank = Cell(CellKind.TEXT)
    rows.append(
        Row("Onset, recovery and exclusions together", (Cell(CellKind.COUNT, (key,)), blank, blank))
    )
    made.sources = question.sources
    table = Table(
        key=question.scope.key("criteria/table"),
        caption="Criteria, each on its own, of all episodes",
        stub_head="Criterion",
        columns=(Column("Met"), Column("Not met"), Column("Not known")),
        rows=tuple(rows),
        notes=("Recurrence on re-exposure supports the diagnosis and is not asked of everybody.",),
    )
    return table, margins


COUNTS_AND_DRUGS = (
    "labs.ANC", "labs.taken_at", "medications.started_on", "medications.stopped_on",
    "patients.aetiology",
)  # fmt: skip
