"""The answer for the laboratory, the STARD items that a run fills, and what others found."""

from __future__ import annotations

from dataclasses import dataclass

from incohort.analyses.assay_yield.design import NOT_DONE
from incohort.analyses.assay_yield.held import held_of
from incohort.analyses.assay_yield.order import NOBODY, named_choices
from incohort.analyses.assay_yield.question import TESTS, Question
from incohort.analyses.assay_yield.repeated import Repeats
from incohort.dictionary import assay_series
from incohort.results import Cell, CellKind, Findings, Layout, Sentence, Table
from incohort.results.groups import NOT_RECORDED
from incohort.shapes.tabular import BLANK, cell, row, table, text
from incohort.shapes.telling import Told
from incohort.shapes.tested import INDETERMINATE

_DASH = "–"
_STATUS = {"sensitivity": "has the disease", "specificity": "is free of the disease"}
_QUADRANTS = ("true_positive", "false_positive", "false_negative", "true_negative")

Keys = tuple[str, ...]


def laboratory(question: Question) -> Findings:
    """A few sentences for the laboratory, the items of STARD 2015, and the evidence table."""
    told = question.telling(*TESTS)
    items = _items(question, told)
    layout = Layout(
        sentences=_sentences(question, told),
        tables=(_stard_table(question, told, items), _evidence_table(question)),
        cautions=(
            (
                "What the tables of this report show holds for these patients and this "
                "laboratory; a panel chosen on one group finds less in the next."
            ),
        ),
    )
    return told.findings("laboratory", "For the laboratory", layout)


def _sentences(question: Question, told: Told) -> tuple[Sentence, ...]:
    """Which assay first, what the others add, what a negative leaves open, what a repeat finds."""
    units, all_, panel = question.units, question.complete, question.panel
    first, label = question.label(panel[0]), question.label(question.index)
    found = told.share_in(
        "laboratory/first/proportion", f"Found by {first}", units.positive(panel[0], all_), all_,
        nobody=NOBODY,
    )  # fmt: skip
    negative = units.negative(panel[0], all_)
    missed = told.share_in(
        "laboratory/missed/proportion", f"Negative by {first}, found by another assay",
        units.any_positive(panel[1:] or panel, negative), negative,
        nobody=f"nobody with all assays of the panel is negative by {first}",
    )  # fmt: skip
    second = Repeats(question).share(
        told, "laboratory/second/proportion", "Newly positive at the second test", 2,
        "nobody still negative was tested twice",
    )  # fmt: skip
    said = (
        f"Run first, {first} found {{{found}:fraction_percent_ci}}.",
        (
            f"A negative {first} left {{{missed}:fraction_percent_ci}} to be found by the rest of "
            "the panel; what all of them miss stays unseen."
            if len(panel) > 1
            else f"No other assay was run on the same {question.noun}, so how far a negative "
            f"{first} may be believed can't be told from these results."
        ),
        f"A second {label} in patients still negative found {{{second}:fraction_percent_ci}}.",
    )
    return (*map(Sentence, said), *named_choices(question))


@dataclass(frozen=True, slots=True)
class _Item:
    """One item of the checklist: its number, what it asks, its numbers, where the rest stands.

    `target` is the table or figure of this report that `where` names; empty where it is elsewhere.
    """

    number: str
    asks: str
    kind: str
    keys: Keys
    where: str
    target: str = ""
    none: str = _DASH  # what stands where no number is told


def _stard_table(question: Question, told: Told, items: list[_Item]) -> Table:
    rows = []
    for item in items:
        head = f"{item.number}: {item.asks}"
        where = Cell(CellKind.TEXT, text=item.where, target=item.target)
        if not item.keys:
            rows.append(row(head, text(item.none), where))
        for place, key in enumerate(item.keys):
            label = f"{head}: {told.results[key].label}" if len(item.keys) > 1 else head
            rows.append(row(label, cell(item.kind, key), BLANK if place else where))
    return table(
        question.scope, "stard", "STARD 2015: the items that this run fills", "Item",
        ("This run", "Where it stands"), rows,
        "The other items of STARD 2015 are about the study's conduct and are the authors' to "
        "report.",
    )  # fmt: skip


def _items(question: Question, told: Told) -> list[_Item]:
    """The items with their numbers, each restated under a key of its own."""
    key, label = question.scope.key, question.label(question.index)
    held_against = "" if question.unrecorded else key("accuracy/table")
    count, share = "count", "fraction_percent_ci"
    described, female = _described(question, told)
    tested = told.count_in("stard/19/tested/count", "with any test", question.units.tested)
    between = _with_index(question, told, "15", "indeterminate", INDETERMINATE)
    missing = _with_index(question, told, "16", "missing", NOT_DONE, NOT_RECORDED)
    quadrants, estimates = _held(question, told)
    return [
        _Item(
            "12a", f"Cut-off of the index test ({label})", count, (),
            "As the laboratory called the results; a cut-off of readings, explored: Readings",
            key("roc/table"),
        ),
        _Item(
            "12b", "Reference standard", count, (), question.reference_label.capitalize(),
            held_against,
        ),
        _Item(
            "15", "Indeterminate results", count, between, "Indeterminate results",
            key("indeterminates/table"), "0",
        ),
        _Item(
            "16", "Missing results", count, missing, "Design and flow: results by assay",
            key("tests/table"), "0",
        ),
        _Item(
            "19", "Flow of participants", count, (described, tested),
            "Design and flow: the diagram", key("flow/figure"),
        ),
        _Item("20", "Baseline characteristics", "fraction_percent", (female,), "Notebook 01"),
        _Item(
            "23", "Cross tabulation with the reference", count, quadrants,
            "How far to believe a result", held_against,
        ),
        _Item(
            "24", "Estimates with their precision", share, estimates,
            "How far to believe a result", held_against,
        ),
    ]  # fmt: skip


def _described(question: Question, told: Told) -> tuple[str, str]:
    """How many are described, and how many of them are female: there without any test, too."""
    members, before = question.described, told.sources
    told.absent = ""
    described = told.count_in("stard/19/described/count", "patients described", members)
    told.sources = ("patients.sex",)
    female = told.share_in(
        "stard/20/female/proportion", "female", members.where("sex", "female"),
        members.where("sex", "female", "male"), nobody="the sex of nobody is known",
    )  # fmt: skip
    told.sources, told.absent = before, question.absent
    return described, female


def _with_index(question: Question, told: Told, item: str, label: str, *words: str) -> Keys:
    """How many have one of these results of the index assay, where it is told."""
    if not question.is_told(question.index, *words):
        return ()
    members = question.units.with_result(question.index, *words)
    return (told.count_in(f"stard/{item}/count", label, members, question.units.tested),)


def _held(question: Question, told: Told) -> tuple[Keys, Keys]:
    """The index assay against the reference: four counts, sensitivity and specificity."""
    held, before = held_of(question, question.index), told.sources
    told.sources = (*before, *question.reference_sources)
    tails = [f"stard/23/{name}/count" for name in _QUADRANTS]
    words = [name.replace("_", " ") for name in _QUADRANTS]
    if held.reason:
        quadrants = [
            told.none_in(tail, label, held.reason, question.described)
            for tail, label in zip(tails, words, strict=True)
        ]
        estimates = [
            told.none_in(f"stard/24/{name}", name, held.reason, question.described)
            for name in _STATUS
        ]
    else:
        named = zip(tails, words, held.cells, strict=True)
        quadrants = [told.count_in(tail, label, own, held.both) for tail, label, own in named]
        estimates = [
            told.share_in(
                f"stard/24/{name}", name, events, of,
                nobody=f"nobody tested {_STATUS[name]} by the reference",
            )
            for name, events, of in held.shares[:2]
        ]  # fmt: skip
    told.sources = before
    return tuple(quadrants), tuple(estimates)


def _evidence_table(question: Question) -> Table:
    """What other series found; as printed, no number of this cohort."""
    rows = [
        row(
            f"{entry.study}, {entry.population}",
            text(question.known.get(entry.assay, "not stated")),
            text(str(entry.n)),
            text(entry.as_printed),
        )
        for entry in assay_series()
    ]
    return table(
        question.scope, "evidence", "What others found", "Series", ("Assay", "n", "As printed"),
        rows, "Figures of publications as they were printed; none is computed here.",
    )  # fmt: skip
