"""What the antibodies are against, why assays differ, and what happens to those who have them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import or_

import pandas as pd

from incohort.analyses.assay_yield.question import RESULT, Question
from incohort.cohort.assays import named_specificities
from incohort.cohort.dated_events import events_had
from incohort.dictionary import hna
from incohort.errors import UsageError
from incohort.results import Cell, Findings, Layout, Row, Table
from incohort.shapes import recorded, vocabulary
from incohort.shapes.sets import YES, Base, Members
from incohort.shapes.tabular import cell, cells, row, table, text
from incohort.shapes.telling import Draft
from incohort.shapes.tested import NEGATIVE, POSITIVE
from incohort.shapes.two_by_two import TwoByTwo

_SPECIFICITY = "antibody_tests.specificity"
_EVENT = "events.event"
_ALWAYS = ("infection", "recurrent_infections", "death")
OTHER = "other"
_SEES = {"yes": "sees", "unreliably": "unreliable for", "no": "does not see"}
_CAN_MISS, _SEEN = "can be missed", "seen"
_CAUTION = (
    "Events are counted whenever they happened, before the test or after it, and nobody was "
    "followed for the same time: a difference is no effect of antibodies."
)


def consequences(question: Question) -> Findings:
    """Antigens named, what each assay can see, and events by antibody status."""
    draft, named = question.telling(RESULT, _SPECIFICITY), Named(question)
    antigens = _antigens_table(question, draft, named)
    discordant = _discordance(question, draft, named)
    draft.sources = (RESULT, "antibody_tests.assay", _EVENT)
    events = _events_table(question, draft)
    sight = _sight_table(question)
    layout = Layout(
        sentences=recorded.instead(named.absent),
        tables=(sight, events) if named.absent else (antigens, sight, discordant, events),
        cautions=(_CAUTION,),
    )
    title = "What the antibodies are against, and what goes with them"
    return draft.findings("consequences", title, layout)


@dataclass(frozen=True, eq=False)
class Named:
    """The antigens named in positive results."""

    question: Question

    @property
    def _base(self) -> Base:
        return self.question.everybody.base

    @cached_property
    def _by_patient(self) -> pd.Series:
        """The antigens named in each patient of the cohort; empty where none is."""
        names: dict[str, set[str]] = {}
        if not self.question.absent:
            named = self._named[self._named["is_positive"]]
            for patient, words in zip(named["patient_id"], named["specificity"], strict=True):
                names.setdefault(patient, set()).update(map(_known, _parts(words)))
        return self._base.frame["patient_id"].map(lambda patient: names.get(patient, set()))

    @cached_property
    def absent(self) -> str:
        """Why no antigen is named in the whole cohort; empty where one is."""
        if self.question.absent:
            return self.question.absent
        return "" if len(self._named) else "no antigen is named in this cohort"

    @cached_property
    def _named(self) -> pd.DataFrame:
        return named_specificities(self.question.cohort)

    @cached_property
    def members(self) -> Members:
        """The patients described with a named antigen."""
        words = self._by_patient.map(lambda names: YES if names else None)
        return self.question.everybody.where(self._base.cut("antigen named", words, (YES,)), YES)

    def against(self, antigen: str) -> Members:
        """Those of them with antibodies against an antigen."""
        has = self._by_patient.map(lambda names: antigen in names)
        within = self._base.everybody.where("antigen named", YES)
        return self.members.where(self._base.flag(f"antigen {antigen}", has, within), YES)

    def seen_by(self, assay: str) -> str:
        """A column of whether an assay can miss what a patient's antibodies are against."""
        sights = (entry for entry in hna().sights if entry.assay == assay)
        sees = {antigen: entry.sees for entry in sights for antigen in entry.antigens}

        def word(names: set[str]) -> str | None:
            stated = {sees[name] for name in names if name in sees}
            return (_CAN_MISS if stated - {"yes"} else _SEEN) if stated else None

        words = self._by_patient.map(word)
        return self._base.cut(f"antigen by {assay}", words, (_CAN_MISS, _SEEN))

    @property
    def listed(self) -> tuple[str, ...]:
        """Antigens that are told of: those named; of a restricted cohort in anybody of it."""
        names = self._by_patient
        if not self.question.scope.lists_all:
            names = names[self.question.everybody.mask]
        named = set[str]().union(*names)
        every = (*(antigen.name for antigen in hna().antigens), OTHER)
        return tuple(name for name in every if name in named)


def _known(name: str) -> str:
    """The antigen's name in the dictionary, or `other`."""
    try:
        return hna().antigen(name).name
    except UsageError:
        return OTHER


def _parts(words: str) -> Iterable[str]:
    return filter(None, (part.strip() for part in words.split(";")))


def _antigens_table(question: Question, draft: Draft, named: Named) -> Table:
    """Patients by the antigens named in them; one patient may have several."""
    labels = {name: "Another antigen" if name == OTHER else name for name in named.listed}
    asked = [
        (_slug(name), label, f"Antibodies against {label}", named.against(name))
        for name, label in labels.items()
    ] or [("any", "Any antigen", "Antigen named", named.members)]
    rows = []
    for name, head, label, members in asked:
        key = draft.share_in(
            f"antigens/{name}/proportion", label, members, named.members,
            nobody="no positive result names an antigen", absent=named.absent,
        )  # fmt: skip
        rows.append(row(head, cell("fraction_percent_ci", key)))
    return table(
        question.scope, "antigens", "What the antibodies are against", "Antigen",
        (f"Of patients with a named antigen ({question.scope.level} CI)",), rows,
        "A patient whose antibodies are against several is counted with each. Positive patients in "
        "whom no antigen was named are in none of these.",
    )  # fmt: skip


def _slug(name: str) -> str:
    return name.casefold().replace("-", "_")


def _sight_table(question: Question) -> Table:
    """What is stated of each assay, by the dictionary: no number of this cohort."""
    antigens = hna()
    rows = []
    for assay in question.assays:
        stated = [entry for entry in antigens.sights if entry.assay == assay]
        words = [f"{_SEES[entry.sees]} {', '.join(entry.antigens)}" for entry in stated]
        misled = [entry.label for entry in antigens.confounders_of(assay)]
        rows.append(
            row(
                question.label(assay),
                text("; ".join(words) or "not stated"),
                text("; ".join(misled) or "not stated"),
            )
        )
    named = [entry.source for entry in antigens.sights]
    named += [entry.source for entry in antigens.confounders]
    sources = dict.fromkeys(part for source in named for part in source.split("; "))
    return table(
        question.scope, "sight", "Why assays may differ: what each can see", "Assay",
        ("Antigens", "Positive without such antibodies"), rows,
        *(statement.text for statement in antigens.statements),
        f"From the data dictionary: {'; '.join(sources)}.",
    )  # fmt: skip


def _discordance(question: Question, draft: Draft, named: Named) -> Table:
    """Of those an assay missed and another found, in how many the named antigen explains it."""
    rows = [
        row(question.label(name), *_explained(question, draft, named, name))
        for name in question.assays
    ]
    return table(
        question.scope, "discordance",
        "Missed by one assay and found by another: does the antigen explain it?",
        "Assay that was negative",
        (
            f"Antigen that it can miss / antigen known ({question.scope.level} CI)",
            "Antigen not known",
        ),
        rows,
        "By the table above: an antigen that the assay does not see, or not reliably. Not known: "
        "no antigen was named, or nothing is stated of how the assay sees it.",
    )  # fmt: skip


def _explained(question: Question, draft: Draft, named: Named, name: str) -> tuple[Cell, Cell]:
    """Of those an assay missed: who has an antigen that it can miss, and of whom none is known."""
    label, column, missed = question.label(name), named.seen_by(name), _missed(question, name)
    known, words = missed.known(column), f"Negative by {label}, positive by another"
    nobody = (
        f"of nobody whom {label} missed is it known whether {label} sees the antigen"
        if len(missed)
        else f"nobody negative by {label} was positive by another assay"
    )
    explained = draft.share_in(
        f"discordance/{name}/explained/proportion",
        f"{words}: an antigen is named that it can miss",
        missed.where(column, _CAN_MISS), known, nobody=nobody, absent=named.absent,
    )  # fmt: skip
    unknown = text("" if named.absent else "0")
    if not named.absent and (question.scope.lists_all or len(missed) > len(known)):
        key = draft.count_in(
            f"discordance/{name}/not_recorded/count", f"{words}: nothing known of the antigen",
            missed.unknown(column), missed,
        )  # fmt: skip
        unknown = cell("count", key)
    return cell("fraction_percent_ci", explained), unknown


def _missed(question: Question, name: str) -> Members:
    """Who was missed by an assay and found by another."""
    tests = question.patients
    left, missed = tests.with_result(name, NEGATIVE), list[Members]()
    for other in (assay for assay in question.assays if assay != name):
        missed.append(tests.with_result(other, POSITIVE, of=left))
        left = left.outside(tests.column(other), POSITIVE)
    return reduce(or_, missed) if missed else left.where(tests.column(name), POSITIVE)


def _events_table(question: Question, draft: Draft) -> Table:
    """Who had which event, of those positive and negative by the index assay.

    Listed are the events that anybody had; of a restricted cohort always the same.
    """
    had, lists_all = _who_had(question), question.scope.lists_all
    seen = tuple(event for event in vocabulary.labels("events", "event") if event in had)
    nothing = "" if had or lists_all else "this cohort records no events"
    no_events = recorded.no_table(question.cohort, "events")
    absent = recorded.first_reason(question.absent, no_events, nothing)
    asked = _ALWAYS if lists_all else seen or _ALWAYS[:1]
    label, level = question.label(question.index), question.scope.level
    return table(
        question.scope, "events", f"Events by antibody status ({label})", "Event",
        (f"{label} positive ({level} CI)", f"{label} negative ({level} CI)", "Fisher's exact P"),
        [_event_row(question, draft, event, absent) for event in asked],
        "Patients with at least one such event; in the others none is recorded. P: two-sided, not "
        "corrected for multiplicity.",
    )  # fmt: skip


def _who_had(question: Question) -> frozenset[str]:
    """The events that anybody had; each is a column of the patients."""
    base = question.everybody.base
    frame = events_had(question.cohort)
    for event in vocabulary.labels("events", "event"):
        patients = frame.loc[frame["event"] == event, "patient_id"]
        base.flag(f"event {event}", base.frame["patient_id"].isin(patients))
    return frozenset(frame["event"])


def _event_row(question: Question, draft: Draft, event: str, absent: str) -> Row:
    """Who had an event, of those positive and of those negative, and whether they differ."""
    label, axis = vocabulary.labels("events", "event")[event], f"event {event}"
    groups = {
        sign: question.patients.with_result(question.index, sign) for sign in (POSITIVE, NEGATIVE)
    }
    shares = [
        draft.share_in(
            f"events/{event}/{sign}/proportion", f"{label}, antibody-{sign}",
            group.where(axis, YES), group,
            nobody=f"nobody is {sign} by {question.label(question.index)}", absent=absent,
        )
        for sign, group in groups.items()
    ]  # fmt: skip
    first, second = groups.values()
    compared = TwoByTwo(
        draft=draft, first=first, second=second, axis=axis, events=(YES,), whole=first | second,
        reason=absent,
    )  # fmt: skip
    fisher = compared.fisher(
        f"events/{event}/fisher_p_value", f"{label} by antibody status, exact P"
    )
    return row(label, *cells(["fraction_percent_ci"] * 2, shares), cell("p_value", fisher))
