"""Serious infections in the time that patients spent at each neutrophil count."""

from __future__ import annotations

from itertools import pairwise

import pandas as pd

from incohort.analyses.late_onset.question import Question
from incohort.cohort import PersonTimeChoices, person_time
from incohort.results import Findings, Layout, Measure, Row
from incohort.shapes.recorded import first_reason, instead, no_table
from incohort.shapes.sets import YES
from incohort.shapes.tabular import cells, row, table
from incohort.shapes.telling import Draft
from incohort.stats import NoEstimate
from incohort.stats.rates import poisson_rate

_TITLE = "Serious infections by neutrophil count"
_YEAR = 365.25
_SOURCES = ("labs.ANC", "labs.taken_at", "events.event", "events.occurred_on", "events.serious")
_NOT_RECORDED = "of nobody it is recorded whether and when they had a serious infection"
_NOBODY = "nobody described spent time there"
_STUDY_TEAM = "rates of a restricted cohort are for the study team"
_NOTE = (
    "A count holds until the next, for 30 days at most; after that it is not known. An infection "
    "is set against the count of the day before. Exact Poisson intervals."
)
_STOPPED = (
    "Fewer infections at a count that is only a little low can come from stopping the drug when "
    "the count falls. Moots 2017, under tocilizumab, printed 4.66 in 100 patient-years at normal "
    "counts, 2.48 at grade 1 or 2, and 2.77 at grade 3 or 4, from two infections as worked out "
    "from its interval."
)


def infections(question: Question) -> Findings:
    """Rates of serious infection at each count, of everybody described."""
    draft = question.telling()
    draft.sources = _SOURCES
    choices = PersonTimeChoices(only_serious=True)
    absent = first_reason(
        no_table(question.cohort, "labs", "events"), "" if question.cohort.is_open else _STUDY_TEAM
    )
    if absent:
        return draft.findings("infections", _TITLE, Layout(sentences=instead(absent)))
    draft.absent = ""
    time = person_time(question.cohort, choices).time
    described = time[time["patient_id"].isin(question.everybody.frame["patient_id"])]
    labels = dict(zip(choices.band_names, _labels(choices), strict=True)) | {
        "unknown": "Count not known"
    }
    rows = [_row(question, draft, described, name, label) for name, label in labels.items()]
    level = draft.scope.level
    heads = ("Patient-years", "Infections", f"In 100 patient-years ({level} CI)")
    tables = (table(draft.scope, "infections", _TITLE, "Count, × 10⁹/L", heads, rows, _NOTE),)
    return draft.findings("infections", _TITLE, Layout(tables=tables, cautions=(_STOPPED,)))


def _labels(choices: PersonTimeChoices) -> list[str]:
    """The bands as they are printed."""
    limits = [f"{limit:.1f}" for limit in choices.limits]
    between = [f"{low} to below {high}" for low, high in pairwise(limits)]
    return [f"Below {limits[0]}", *between, f"From {limits[-1]}"]


def _row(question: Question, draft: Draft, time: pd.DataFrame, name: str, label: str) -> Row:
    spent = time[time["stratum"] == name]
    has_time = question.base.frame["patient_id"].isin(spent["patient_id"])
    members = question.everybody.where(
        question.base.flag(f"time at counts {label.casefold()}", has_time), YES
    )
    years, events = float(spent["person_days"].sum()) / _YEAR, spent["events"]
    reason = _NOBODY if spent.empty else _NOT_RECORDED if events.isna().any() else ""
    n = 0 if reason else int(events.sum())
    answers = {
        "years": (
            Measure.STATISTIC, "patient-years", NoEstimate(_NOBODY) if spent.empty else years,
        ),
        "events": (Measure.STATISTIC, "infections", NoEstimate(reason) if reason else float(n)),
        "rate": (
            Measure.RATE, "in 100 patient-years",
            NoEstimate(reason) if reason else poisson_rate(
                n, years / 100, conf_level=draft.scope.conf_level
            ),
        ),
    }  # fmt: skip
    units = {"years": "a", "events": "", "rate": "per 100 patient-years"}
    keys = [
        draft.statistic_in(
            f"infections/{name}/{part}", f"{label}: {words}", measure, answer, (members,),
            n=members.n_persons, unit=units[part],
        )
        for part, (measure, words, answer) in answers.items()
    ]  # fmt: skip
    return row(label, *cells(("estimate", "estimate", "estimate_ci"), keys))
