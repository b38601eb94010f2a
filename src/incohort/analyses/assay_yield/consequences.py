"""What the antibodies are against, why assays differ, and what happens to those who have them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, reduce
from operator import or_

import pandas as pd

from incohort.analyses.assay_yield.question import RESULT, Question
from incohort.dictionary import NeutrophilAntigens, hna
from incohort.errors import UsageError
from incohort.results import Findings, Layout, Row, Sentence, Table
from incohort.shapes import recorded, vocabulary
from incohort.shapes.sets import NO, YES, Members
from incohort.shapes.tabular import cell, cells, row, table, text
from incohort.shapes.telling import Told
from incohort.shapes.tested import NEGATIVE, POSITIVE
from incohort.stats.contingency import fisher_exact

_SPECIFICITY = "antibody_tests.specificity"
_EVENT = "events.event"
_ALWAYS = ("infection", "recurrent_infections", "death")
OTHER = "other"
_SEES = {"yes": "sees", "unreliably": "unreliable for", "no": "does not see"}
_CAN_MISS, _SEEN = "can be missed", "seen"


def consequences(question: Question) -> Findings:
    """Antigens named, what each assay can see, and events by antibody status."""
    told, named = question.telling(RESULT, _SPECIFICITY), Named(question)
    antigens = _antigens_table(question, told, named)
    discordant = _discordance(question, told, named)
    told.sources = (RESULT, "antibody_tests.assay", _EVENT)
    events = _events_table(question, told)
    layout = Layout(
        sentences=(Sentence(recorded.as_sentence(named.absent)),) if named.absent else (),
        tables=(
            *(() if named.absent else (antigens,)),
            _sight_table(question),
            *(() if named.absent else (discordant,)),
            events,
        ),
        cautions=(
            (
                "Events are counted whenever they happened, before the test or after it, and "
                "nobody was followed for the same time: a difference is no effect of antibodies."
            ),
        ),
    )
    title = "What the antibodies are against, and what goes with them"
    return told.findings("consequences", title, layout)


class Named:
    """The antigens named in positive results."""

    def __init__(self, question: Question) -> None:
        """Keep the question; rows are read when they are asked for."""
        self._question = question
        self._antigens: NeutrophilAntigens = hna()

    @cached_property
    def _by_patient(self) -> pd.Series:
        """The antigens named in each patient of the cohort; empty where none is."""
        ids = self._question.described.base.frame["patient_id"]
        found: dict[str, set[str]] = {}
        if not self._question.absent:
            tests = self._question.cohort.tables["antibody_tests"]
            positive = tests.filter(tests.result == POSITIVE, tests.specificity.notnull())  # noqa: PD004 — an Ibis column
            frame: pd.DataFrame = positive.select("patient_id", "specificity").distinct().execute()
            for patient, words in zip(frame["patient_id"], frame["specificity"], strict=True):
                found.setdefault(patient, set()).update(map(self._known, _parts(words)))
        return ids.map(lambda patient: found.get(patient, set()))

    @cached_property
    def absent(self) -> str:
        """Why no antigen is named in the whole cohort; empty where one is."""
        if self._question.absent:
            return self._question.absent
        tests = self._question.cohort.tables["antibody_tests"]
        named = tests.filter(tests.specificity.notnull())  # noqa: PD004 — an Ibis column
        return "" if int(named.count().execute()) else "no antigen is named in this cohort"

    def _known(self, name: str) -> str:
        """The antigen's name in the dictionary, or `other`."""
        try:
            return self._antigens.antigen(name).name
        except UsageError:
            return OTHER

    @cached_property
    def members(self) -> Members:
        """The patients described with a named antigen."""
        base = self._question.described.base
        words = self._by_patient.map(lambda names: YES if names else None)
        return self._question.described.where(base.cut("antigen named", words, (YES,)), YES)

    def against(self, antigen: str) -> Members:
        """Those of them with antibodies against an antigen."""
        base = self._question.described.base
        has = self._by_patient.map(lambda names: antigen in names)
        within = base.everybody.where("antigen named", YES)
        return self.members.where(base.flag(f"antigen {antigen}", has, within), YES)

    def seen_by(self, assay: str) -> str:
        """A column of whether an assay can miss what a patient's antibodies are against."""
        sights = (entry for entry in hna().sights if entry.assay == assay)
        sees = {antigen: entry.sees for entry in sights for antigen in entry.antigens}

        def word(names: set[str]) -> str | None:
            stated = {sees[name] for name in names if name in sees}
            return (_CAN_MISS if stated - {"yes"} else _SEEN) if stated else None

        base = self._question.described.base
        return base.cut(f"antigen by {assay}", self._by_patient.map(word), (_CAN_MISS, _SEEN))

    @property
    def listed(self) -> tuple[str, ...]:
        """Antigens that are told of: those named; of a restricted cohort in anybody of it."""
        every = (*(antigen.name for antigen in self._antigens.antigens), OTHER)
        own = self._by_patient
        if not self._question.scope.lists_all:
            own = own[self._question.described.mask]
        named = set[str]().union(*own)
        return tuple(name for name in every if name in named)


def _parts(words: str) -> Iterable[str]:
    return filter(None, (part.strip() for part in words.split(";")))


def _antigens_table(question: Question, told: Told, named: Named) -> Table:
    """Patients by the antigens named in them; one patient may have several."""
    reason, rows = "no positive result names an antigen", []
    for name in named.listed:
        label = "Another antigen" if name == OTHER else name
        key = told.share_in(
            f"antigens/{_slug(name)}/proportion",
            f"Antibodies against {label}",
            named.against(name),
            named.members,
            nobody=reason,
            absent=named.absent,
        )
        rows.append(row(label, cell("fraction_percent_ci", key)))
    if not rows:
        key = told.share_in(
            "antigens/any/proportion", "Antigen named", named.members, named.members,
            nobody=reason, absent=named.absent,
        )  # fmt: skip
        rows.append(row("Any antigen", cell("fraction_percent_ci", key)))
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


def _discordance(question: Question, told: Told, named: Named) -> Table:
    """Of those an assay missed and another found, in how many the named antigen explains it."""
    rows = []
    for name in question.assays:
        label, column = question.label(name), named.seen_by(name)
        missed = _missed(question, name)
        nobody = f"nobody negative by {label} was positive by another assay"
        known = missed.known(column)
        if len(missed):
            nobody = f"of nobody whom {label} missed is it known whether {label} sees the antigen"
        key = told.share_in(
            f"discordance/{name}/explained/proportion",
            f"Negative by {label}, positive by another: an antigen is named that it can miss",
            missed.where(column, _CAN_MISS),
            known,
            nobody=nobody,
            absent=named.absent,
        )
        rest = text("" if named.absent else "0")
        is_told = question.scope.lists_all or len(missed) > len(known)
        if is_told and not named.absent:
            count = told.count_in(
                f"discordance/{name}/not_recorded/count",
                f"Negative by {label}, positive by another: nothing known of the antigen",
                missed.unknown(column),
                missed,
            )
            rest = cell("count", count)
        rows.append(row(label, cell("fraction_percent_ci", key), rest))
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


def _missed(question: Question, name: str) -> Members:
    """Who was missed by an assay and found by another."""
    tests = question.patients
    left, found = tests.with_result(name, NEGATIVE), []
    for other in question.assays:
        if other != name:
            found.append(tests.with_result(other, POSITIVE, of=left))
            left = left.outside(tests.column(other), POSITIVE)
    return reduce(or_, found) if found else left.where(tests.column(name), POSITIVE)


def _events_table(question: Question, told: Told) -> Table:
    """Who had which event, of those positive and negative by the index assay."""
    had = _who_had(question)
    absent = question.absent or recorded.no_table(question.cohort, "events")
    if not had and not question.scope.lists_all:
        absent = absent or "this cohort records no events"
    rows = [_event_row(question, told, event, absent) for event in _asked(question, had)]
    label, level = question.label(question.index), question.scope.level
    return table(
        question.scope, "events", f"Events by antibody status ({label})", "Event",
        (f"{label} positive ({level} CI)", f"{label} negative ({level} CI)", "Fisher's exact P"),
        rows,
        "Patients with at least one such event; in the others none is recorded. P: two-sided, not "
        "corrected for multiplicity.",
    )  # fmt: skip


def _who_had(question: Question) -> frozenset[str]:
    """The events that anybody had; each is a column of the patients."""
    base = question.described.base
    frame = pd.DataFrame({"patient_id": [], "event": []})
    if question.cohort.has("events"):
        events = question.cohort.tables["events"]
        frame = events.select("patient_id", "event").distinct().execute()
    for event in vocabulary.labels("events", "event"):
        own = frame.loc[frame["event"] == event, "patient_id"]
        base.flag(f"event {event}", base.frame["patient_id"].isin(own))
    return frozenset(frame["event"])


def _asked(question: Question, had: frozenset[str]) -> tuple[str, ...]:
    if question.scope.lists_all:
        return _ALWAYS
    known = vocabulary.labels("events", "event")
    return tuple(event for event in known if event in had) or _ALWAYS[:1]


def _event_row(question: Question, told: Told, event: str, absent: str) -> Row:
    label = vocabulary.labels("events", "event")[event]
    keys, sets = [], []
    for sign in (POSITIVE, NEGATIVE):
        group = question.patients.with_result(question.index, sign)
        hit, rest = (group.where(f"event {event}", word) for word in (YES, NO))
        sets += [hit, rest]
        keys.append(
            told.share_in(
                f"events/{event}/{sign}/proportion",
                f"{label}, antibody-{sign}",
                hit,
                group,
                nobody=f"nobody is {sign} by {question.label(question.index)}",
                absent=absent,
            )
        )
    tail, words = f"events/{event}/fisher_p_value", f"{label} by antibody status, exact P"
    if absent:
        keys.append(told.none_in(tail, words, absent, sets[0]))
    else:
        a, b, c, d = map(len, sets)
        keys.append(told.test_in(tail, words, fisher_exact([[a, b], [c, d]]), sets))
    return row(label, *cells(("fraction_percent_ci", "fraction_percent_ci", "p_value"), keys))
