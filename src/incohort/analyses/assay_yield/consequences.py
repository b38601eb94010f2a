"""What the antibodies are against, why assays differ, and what happens to those who have them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from incohort.analyses.assay_yield.question import RESULT, Question
from incohort.dictionary import NeutrophilAntigens, hna
from incohort.errors import UsageError
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Findings,
    Layout,
    Margin,
    Row,
    Sentence,
    Table,
)
from incohort.shapes import vocabulary
from incohort.shapes.making import Made
from incohort.shapes.recorded import as_sentence
from incohort.stats import NoEstimate
from incohort.stats.contingency import fisher_exact

_SPECIFICITY = "antibody_tests.specificity"
_EVENT = "events.event"
_ALWAYS = ("infection", "recurrent_infections", "death")
OTHER = "other"
_SEES = {"yes": "sees", "unreliably": "unreliable for", "no": "does not see"}


def consequences(question: Question) -> Findings:
    """Antigens named, what each assay can see, and events by antibody status."""
    made = Made(scope=question.scope, sources=(RESULT, _SPECIFICITY))
    named = Named(question)
    antigens = _antigens_table(question, made, named)
    discordant, more = _discordance(question, made, named)
    made.sources = (RESULT, "antibody_tests.assay", _EVENT)
    events, margins = _events_table(question, made)
    layout = Layout(
        sentences=(Sentence(as_sentence(named.absent)),) if named.absent else (),
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
        margins=(
            *margins,
            *more,
        ),
    )
    title = "What the antibodies are against, and what goes with them"
    return question.scope.findings("consequences", title, made, layout)


class Named:
    """The antigens named in positive results of the patients described."""

    def __init__(self, question: Question) -> None:
        """Keep the question; rows are read when they are asked for."""
        self._question = question
        self._antigens: NeutrophilAntigens = hna()

    @cached_property
    def by_patient(self) -> dict[str, set[str]]:
        """The antigens named in each patient with a named one."""
        if self._question.absent:
            return {}
        tests = self._question.cohort.tables["antibody_tests"]
        positive = tests.filter(tests.result == "positive", tests.specificity.notnull())  # noqa: PD004 — an Ibis column
        frame: pd.DataFrame = positive.select("patient_id", "specificity").distinct().execute()
        described = set(self._question.population.frame["patient_id"])
        found: dict[str, set[str]] = {}
        for patient, text in zip(frame["patient_id"], frame["specificity"], strict=True):
            if patient in described:
                found.setdefault(patient, set()).update(map(self._known, _parts(text)))
        return found

    @cached_property
    def absent(self) -> str:
        """Why no antigen is named in the whole cohort; empty where one is."""
        question = self._question
        if question.absent:
            return question.absent
        tests = question.cohort.tables["antibody_tests"]
        named = tests.filter(tests.specificity.notnull())  # noqa: PD004 — an Ibis column
        if int(named.count().execute()):
            return ""
        return "no antigen is named in this cohort"

    def _known(self, name: str) -> str:
        """The antigen's name in the dictionary, or `other`."""
        try:
            return self._antigens.antigen(name).name
        except UsageError:
            return OTHER

    @property
    def listed(self) -> tuple[str, ...]:
        """Antigens that are told of: those named, or all of them of a restricted cohort."""
        every = (*(antigen.name for antigen in self._antigens.antigens), OTHER)
        if self._question.scope.lists_all:
            return every
        seen = set().union(*self.by_patient.values()) if self.by_patient else set()
        return tuple(name for name in every if name in seen)


def _parts(text: str) -> Iterable[str]:
    return filter(None, (part.strip() for part in text.split(";")))


def _antigens_table(question: Question, made: Made, named: Named) -> Table:
    """Patients by the antigens named in them; one patient may have several."""
    n = len(named.by_patient)
    reason = "no positive result names an antigen"
    rows = []
    for name in named.listed:
        count = sum(name in found for found in named.by_patient.values())
        label = "Another antigen" if name == OTHER else name
        key = made.proportion(
            f"antigens/{_slug(name)}/proportion",
            f"Antibodies against {label}",
            count,
            n,
            nobody=reason,
            absent=named.absent,
        )
        rows.append(Row(label, (Cell(CellKind.FRACTION_PERCENT_CI, (key,)),)))
    if not rows:
        n_behind = None if named.absent else 0
        key = made.none(
            "antigens/any/proportion", "Antigen named", named.absent or reason, n=n_behind
        )
        rows.append(Row("Any antigen", (Cell(CellKind.FRACTION_PERCENT_CI, (key,)),)))
    return Table(
        key=question.scope.key("antigens/table"),
        caption="What the antibodies are against",
        stub_head="Antigen",
        columns=(Column(f"Of patients with a named antigen ({question.level} CI)"),),
        rows=tuple(rows),
        notes=(
            (
                "A patient whose antibodies are against several is counted with each. Positive "
                "patients in whom no antigen was named are in none of these."
            ),
        ),
    )


def _slug(name: str) -> str:
    return name.casefold().replace("-", "_")


def _sight_table(question: Question) -> Table:
    """What is stated of each assay, by the dictionary: no number of this cohort."""
    antigens = hna()
    rows = []
    for assay in question.assays:
        told = [entry for entry in antigens.sights if entry.assay == assay]
        words = [f"{_SEES[entry.sees]} {', '.join(entry.antigens)}" for entry in told]
        misled = [entry.label for entry in antigens.confounders_of(assay)]
        rows.append(
            Row(
                question.label(assay),
                (
                    Cell(CellKind.TEXT, text="; ".join(words) or "not stated"),
                    Cell(CellKind.TEXT, text="; ".join(misled) or "not stated"),
                ),
            )
        )
    named = [entry.source for entry in antigens.sights]
    named += [entry.source for entry in antigens.confounders]
    sources = dict.fromkeys(part for source in named for part in source.split("; "))
    return Table(
        key=question.scope.key("sight/table"),
        caption="Why assays may differ: what each can see",
        stub_head="Assay",
        columns=(Column("Antigens"), Column("Positive without such antibodies")),
        rows=tuple(rows),
        notes=(
            *(statement.text for statement in antigens.statements),
            f"From the data dictionary: {'; '.join(sources)}.",
        ),
    )


def _discordance(question: Question, made: Made, named: Named) -> tuple[Table, tuple[Margin, ...]]:
    """Of those an assay missed and another found, in how many the named antigen explains it."""
    rows, margins = [], []
    for name in question.assays:
        label = question.label(name)
        missed = _missed(question, name, named)
        key = made.proportion(
            f"discordance/{name}/explained/proportion",
            f"Negative by {label}, positive by another: an antigen is named that it can miss",
            missed.explained,
            missed.told,
            nobody=_nobody(label, missed.n),
            absent=named.absent,
        )
        total = f"negative/{name}/missed/proportion"
        parts = [f"discordance/{name}/explained/proportion#n"]
        rest = Cell(CellKind.TEXT, text="" if named.absent else "0")
        if missed.n > missed.told and not named.absent:
            tail = f"discordance/{name}/not_recorded/count"
            text = f"Negative by {label}, positive by another: nothing known of the antigen"
            count = made.count(tail, text, missed.n - missed.told, n=missed.n)
            rest, parts = Cell(CellKind.COUNT, (count,)), [*parts, tail]
        rows.append(Row(label, (Cell(CellKind.FRACTION_PERCENT_CI, (key,)), rest)))
        margins.append(question.scope.sum(total, *parts))
    table = Table(
        key=question.scope.key("discordance/table"),
        caption="Missed by one assay and found by another: does the antigen explain it?",
        stub_head="Assay that was negative",
        columns=(
            Column(f"Antigen that it can miss / antigen known ({question.level} CI)"),
            Column("Antigen not known"),
        ),
        rows=tuple(rows),
        notes=(
            (
                "By the table above: an antigen that the assay does not see, or not reliably. Not "
                "known: no antigen was named, or nothing is stated of how the assay sees it."
            ),
        ),
    )
    return table, tuple(margins)


@dataclass(frozen=True, slots=True)
class _Missed:
    """Patients negative by an assay and positive by another.

    `n` of them, `told` with a named antigen of which it is stated how the assay sees it,
    `explained` with one that it can miss.
    """

    n: int
    told: int
    explained: int


def _missed(question: Question, name: str, named: Named) -> _Missed:
    """Who was missed by an assay and found by another, by what the antigen tells."""
    sees = {a: entry.sees for entry in hna().sights if entry.assay == name for a in entry.antigens}
    frame = question.patients
    others = [f"assay_{other}" for other in question.assays if other != name]
    negative = (frame[f"assay_{name}"] == "negative").to_numpy(dtype=bool)
    found = np.zeros(len(frame), dtype=bool)
    for column in others:
        found |= (frame[column] == "positive").to_numpy(dtype=bool)
    missed = frame.loc[negative & found, "patient_id"]
    told = [{sees[a] for a in named.by_patient.get(who, ()) if a in sees} for who in missed]
    return _Missed(
        n=len(missed), told=sum(map(bool, told)), explained=sum(bool(t - {"yes"}) for t in told)
    )


def _nobody(label: str, n: int) -> str:
    """Why no share can be told of whom an assay missed."""
    if not n:
        return f"nobody negative by {label} was positive by another assay"
    return f"of nobody whom {label} missed is it known whether {label} sees the antigen"


def _events_table(question: Question, made: Made) -> tuple[Table, tuple[Margin, ...]]:
    """Who had which event, of those positive and negative by the index assay."""
    frame = question.patients
    words = frame[f"assay_{question.index}"]
    groups = {
        sign: set(frame.loc[(words == sign).to_numpy(dtype=bool), "patient_id"])
        for sign in ("positive", "negative")
    }
    had = _who_had(question)
    no_events = "" if question.cohort.has("events") else "the cohort has no table events"
    if not had and not question.scope.lists_all:
        no_events = no_events or "this cohort records no events"
    absent = question.absent or no_events
    rows, margins = [], []
    for event in _asked(question, had):
        row, own = _event_row(question, made, event, (had.get(event, set()), groups), absent)
        rows.append(row)
        margins += own
    label = question.label(question.index)
    table = Table(
        key=question.scope.key("events/table"),
        caption=f"Events by antibody status ({label})",
        stub_head="Event",
        columns=(
            Column(f"{label} positive ({question.level} CI)"),
            Column(f"{label} negative ({question.level} CI)"),
            Column("Fisher's exact P"),
        ),
        rows=tuple(rows),
        notes=(
            (
                "Patients with at least one such event; in the others none is recorded. P: two-"
                "sided, not corrected for multiplicity."
            ),
        ),
    )
    return table, tuple(margins)


def _who_had(question: Question) -> dict[str, set[str]]:
    """The patients with each event."""
    if not question.cohort.has("events"):
        return {}
    table = question.cohort.tables["events"]
    frame: pd.DataFrame = table.select("patient_id", "event").distinct().execute()
    found: dict[str, set[str]] = {}
    for patient, event in zip(frame["patient_id"], frame["event"], strict=True):
        found.setdefault(event, set()).add(patient)
    return found


def _asked(question: Question, had: dict[str, set[str]]) -> tuple[str, ...]:
    if question.scope.lists_all:
        return _ALWAYS
    known = vocabulary.labels("events", "event")
    return tuple(event for event in known if event in had) or _ALWAYS[:1]


def _event_row(
    question: Question,
    made: Made,
    event: str,
    who: tuple[set[str], dict[str, set[str]]],
    absent: str,
) -> tuple[Row, list[Margin]]:
    had, groups = who
    label = vocabulary.labels("events", "event")[event]
    keys, table = [], []
    for sign, group in groups.items():
        hit = len(group & had)
        table.append([hit, len(group) - hit])
        keys.append(
            made.proportion(
                f"events/{event}/{sign}/proportion",
                f"{label}, antibody-{sign}",
                hit,
                len(group),
                nobody=f"nobody is {sign} by {question.label(question.index)}",
                absent=absent,
            )
        )
    made.rests_on = tuple(keys)
    answer = NoEstimate(absent) if absent else fisher_exact(table)
    p_value = made.p_value(
        f"events/{event}/fisher_p_value",
        f"{label} by antibody status, exact P",
        answer,
        n=None if absent else sum(map(sum, table)),
        smallest=None if absent else min(map(min, table)),
    )
    cells = (
        *(Cell(CellKind.FRACTION_PERCENT_CI, (key,)) for key in keys),
        Cell(CellKind.P_VALUE, (p_value,)),
    )
    own = question.scope.key(f"positive/{question.index}/proportion")
    margins = [
        Margin(total=own, parts=(f"{keys[0]}#n",)),
        Margin(total=f"{own}#others", parts=(f"{keys[1]}#n",)),
    ]
    return Row(label, cells), margins
