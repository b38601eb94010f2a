"""The answer for the laboratory, the STARD items that a run fills, and what others found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incohort.analyses.assay_yield.held import held_of
from incohort.analyses.assay_yield.order import named_choices
from incohort.analyses.assay_yield.question import Flags, Question
from incohort.analyses.assay_yield.repeated import tests_of
from incohort.analyses.assay_yield.tally import Tally, any_but, tally
from incohort.dictionary import assay_series
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

_DASH = "–"
_STATUS = {"sensitivity": "has the disease", "specificity": "is free of the disease"}
_NOBODY = "nobody has a result of every assay of the panel"


def laboratory(question: Question) -> Findings:
    """A few sentences for the laboratory, the items of STARD 2015, and the evidence table."""
    made = tally(question)
    sentences, margins = _sentences(question, made)
    table, more = _stard_table(question, made)
    layout = Layout(
        sentences=sentences,
        tables=(table, _evidence_table(question)),
        cautions=(
            (
                "What the tables of this report show holds for these patients and this "
                "laboratory; a panel chosen on one group finds less in the next."
            ),
        ),
        margins=(*margins, *more),
    )
    return question.scope.findings("laboratory", "For the laboratory", made, layout)


def _sentences(question: Question, made: Tally) -> tuple[tuple[Sentence, ...], tuple[Margin, ...]]:
    """Which assay first, what the others add, what a negative leaves open, what a repeat finds."""
    panel, key = question.panel, question.scope.key
    positive, among = question.panel_rows
    first = question.label(panel[0])
    found = made.share(
        "laboratory/first/proportion", f"Found by {first}", positive[:, 0], among, question,
        nobody=_NOBODY,
    )  # fmt: skip
    rest = made.share(
        "laboratory/missed/proportion", f"Negative by {first}, found by another assay",
        any_but(positive, 0), among & ~positive[:, 0], question,
        nobody=f"nobody with all assays of the panel is negative by {first}",
    )  # fmt: skip
    second, label = _second(question, made), question.label(question.index)
    sentences = [
        f"Run first, {first} found {{{found}:fraction_percent_ci}}.",
        (
            f"A negative {first} left {{{rest}:fraction_percent_ci}} to be found by the rest of "
            "the panel; what all of them miss stays unseen."
            if len(panel) > 1
            else f"No other assay was run on the same {question.noun}, so how far a negative "
            f"{first} may be believed can't be told from these results."
        ),
        f"A second {label} in patients still negative found {{{second}:fraction_percent_ci}}.",
    ]
    margins = (
        Margin(total=key(f"incremental/{panel[0]}/proportion"), parts=(found,)),
        Margin(total=key(f"incremental/{panel[0]}/proportion#n"), parts=(f"{found}#n",)),
        Margin(total=key(f"negative/{panel[0]}/missed/proportion"), parts=(rest,)),
        Margin(total=key(f"negative/{panel[0]}/missed/proportion#n"), parts=(f"{rest}#n",)),
        Margin(total=key("repeats/2/proportion"), parts=(second,)),
        Margin(total=key("repeats/2/proportion#n"), parts=(f"{second}#n",)),
    )
    return (*map(Sentence, sentences), *named_choices(question)), margins


def _second(question: Question, made: Tally) -> str:
    tests = tests_of(question)
    again = tests[tests["n_tests"] >= 2]
    new = ((again["n_tests"] == 2) & again["is_positive"]).sum()
    return made.proportion(
        "laboratory/second/proportion",
        "Newly positive at the second test",
        int(new),
        len(again),
        nobody="nobody still negative was tested twice",
        absent=question.absent,
    )


@dataclass(frozen=True, slots=True)
class _Item:
    """One item of the checklist: its number, what it asks, its numbers, where the rest stands.

    `target` is the table or figure of this report that `where` names; empty where it is elsewhere.
    """

    number: str
    asks: str
    keys: tuple[tuple[CellKind, str], ...]
    where: str
    target: str = ""


def _stard_table(question: Question, made: Tally) -> tuple[Table, tuple[Margin, ...]]:
    items, margins = _items(question, made)
    rows = []
    for item in items:
        cells = [
            (kind, key, _label(made, key) if len(item.keys) > 1 else "") for kind, key in item.keys
        ]
        where = Cell(CellKind.TEXT, text=item.where, target=item.target)
        if not cells:
            dash = Cell(CellKind.TEXT, text=_DASH)
            rows.append(Row(f"{item.number}: {item.asks}", (dash, where)))
        for place, (kind, key, label) in enumerate(cells):
            head = f"{item.number}: {item.asks}"
            rows.append(
                Row(
                    f"{head}: {label}" if label else head,
                    (Cell(kind, (key,)), where if place == 0 else Cell(CellKind.TEXT)),
                )
            )
    table = Table(
        key=question.scope.key("stard/table"),
        caption="STARD 2015: the items that this run fills",
        stub_head="Item",
        columns=(Column("This run"), Column("Where it stands")),
        rows=tuple(rows),
        notes=(
            (
                "The other items of STARD 2015 are about the study's conduct and are the authors' "
                "to report."
            ),
        ),
    )
    return table, margins


def _label(made: Tally, key: str) -> str:
    return made.results[key].label


def _items(question: Question, made: Tally) -> tuple[list[_Item], tuple[Margin, ...]]:
    """The items with their numbers, each restated under a key of its own."""
    key, index = question.scope.key, question.index
    label = question.label(index)
    described = made.count("stard/19/described/count", "patients described", question.n_described)
    rows = question.units[f"assay_{index}"]
    every = np.ones(len(rows), dtype=bool)
    between = (rows == "indeterminate").to_numpy(dtype=bool)
    missing = (rows.isna() | (rows == "not_done")).to_numpy(dtype=bool)
    tested = _count(question, made, "stard/19/tested/count", "with any test", every, every)
    item_15 = _count(question, made, "stard/15/count", "indeterminate", between, every)
    item_16 = _count(question, made, "stard/16/count", "missing", missing, every)
    cells, estimates, margins = _held(question, made)
    share, count = CellKind.FRACTION_PERCENT_CI, CellKind.COUNT
    held_against = "" if question.unrecorded else key("accuracy/table")
    items = [
        _Item(
            "12a", f"Cut-off of the index test ({label})", (),
            "As the laboratory called the results; a cut-off of readings, explored: Readings",
            key("roc/table"),
        ),
        _Item(
            "12b", "Reference standard", (), question.reference_label.capitalize(), held_against,
        ),
        _Item(
            "15", "Indeterminate results", ((count, item_15),), "Indeterminate results",
            key("indeterminates/table"),
        ),
        _Item(
            "16", "Missing results", ((count, item_16),), "Design and flow: results by assay",
            key("tests/table"),
        ),
        _Item(
            "19", "Flow of participants", ((count, described), (count, tested)),
            "Design and flow: the diagram", key("flow/figure"),
        ),
        _Item("20", "Baseline characteristics", _baseline(question, made), "Notebook 01"),
        _Item(
            "23", "Cross tabulation with the reference", tuple((count, k) for k in cells),
            "How far to believe a result", held_against,
        ),
        _Item(
            "24", "Estimates with their precision", tuple((share, k) for k in estimates),
            "How far to believe a result", held_against,
        ),
    ]  # fmt: skip
    same = [
        Margin(total=key("flow/described/count"), parts=(described,)),
        Margin(total=key("tests/total/count"), parts=(tested,)),
        Margin(total=key(f"tests/{index}/indeterminate/count"), parts=(item_15,)),
        Margin(
            total=item_16,
            parts=(key(f"tests/{index}/not_done/count"), key(f"tests/{index}/none/count")),
        ),
    ]
    return items, (*same, *margins)


def _count(
    question: Question, made: Tally, tail: str, label: str, rows: Flags, among: Flags
) -> str:
    if question.absent:
        return made.none(tail, label, question.absent)
    return made.of(tail, label, rows, among, question)


def _baseline(question: Question, made: Tally) -> tuple[tuple[CellKind, str], ...]:
    """Sex of the patients described; the rest of Table 1 is notebook 01's."""
    before = made.sources
    made.sources = ("patients.sex",)
    sexes = question.population.frame["sex"]
    key = made.proportion(
        "stard/20/female/proportion", "female", int((sexes == "female").sum()),
        int(sexes.isin(["female", "male"]).sum()), nobody="the sex of nobody is known",
    )  # fmt: skip
    made.sources = before
    return ((CellKind.FRACTION_PERCENT, key),)


def _held(question: Question, made: Tally) -> tuple[list[str], list[str], tuple[Margin, ...]]:
    """The index assay against the reference: four counts, sensitivity and specificity."""
    held, key, index = held_of(question, question.index), question.scope.key, question.index
    p, d, among = held.positive, held.diseased, held.among
    before = made.sources
    made.sources = (*before, *question.reference_sources)
    quadrants = (
        ("true_positive", p & d), ("false_positive", p & ~d),
        ("false_negative", ~p & d), ("true_negative", ~p & ~d),
    )  # fmt: skip
    cells, estimates = [], []
    for name, rows in quadrants:
        tail, words = f"stard/23/{name}/count", name.replace("_", " ")
        if held.reason:
            cells.append(made.none(tail, words, held.reason))
        else:
            cells.append(made.of(tail, words, rows, among, question))
    for name, rows, group in (("sensitivity", p, among & d), ("specificity", ~p, among & ~d)):
        tail = f"stard/24/{name}"
        if held.reason:
            estimates.append(made.none(tail, name, held.reason))
        else:
            nobody = f"nobody tested {_STATUS[name]} by the reference"
            estimates.append(made.share(tail, name, rows, group, question, nobody=nobody))
    made.sources = before
    true_positive, false_positive, false_negative, true_negative = cells
    own = {name: key(f"accuracy/{index}/{name}") for name in ("sensitivity", "specificity")}
    margins = (
        Margin(total=own["sensitivity"], parts=(true_positive,)),
        Margin(total=f"{own['sensitivity']}#others", parts=(false_negative,)),
        Margin(total=own["specificity"], parts=(true_negative,)),
        Margin(total=f"{own['specificity']}#others", parts=(false_positive,)),
        *(
            Margin(total=f"{whole}{part}", parts=(f"{estimate}{part}",))
            for whole, estimate in zip(own.values(), estimates, strict=True)
            for part in ("", "#n")
        ),
        # four cells of one table tell each other's sum
        Margin(total=f"{true_positive}#n", parts=tuple(cells)),
    )
    return cells, estimates, margins


def _evidence_table(question: Question) -> Table:
    """What other series found; as printed, no number of this cohort."""
    rows = tuple(
        Row(
            f"{entry.study}, {entry.population}",
            (
                Cell(CellKind.TEXT, text=question.known.get(entry.assay, "not stated")),
                Cell(CellKind.TEXT, text=str(entry.n)),
                Cell(CellKind.TEXT, text=entry.as_printed),
            ),
        )
        for entry in assay_series()
    )
    return Table(
        key=question.scope.key("evidence/table"),
        caption="What others found",
        stub_head="Series",
        columns=(Column("Assay"), Column("n"), Column("As printed")),
        rows=rows,
        notes=("Figures of publications as they were printed; none is computed here.",),
    )
