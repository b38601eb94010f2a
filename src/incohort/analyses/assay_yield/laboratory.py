"""The answer for the laboratory, the STARD items that a run fills, and what others found."""

from __future__ import annotations

from incohort.analyses.assay_yield.design import NOT_DONE
from incohort.analyses.assay_yield.held import held_of
from incohort.analyses.assay_yield.order import NOBODY, named_choices
from incohort.analyses.assay_yield.question import TESTS, Question
from incohort.analyses.assay_yield.repeated import Repeats
from incohort.dictionary import assay_series
from incohort.results import Cell, CellKind, Findings, Layout, Row, Sentence, Table
from incohort.results.groups import NOT_RECORDED
from incohort.shapes.answering import TITLE
from incohort.shapes.tabular import BLANK, cell, row, table, text
from incohort.shapes.telling import Draft
from incohort.shapes.tested import INDETERMINATE

_DASH = "–"
_STATUS = {"sensitivity": "has the disease", "specificity": "is free of the disease"}
_QUADRANTS = ("true_positive", "false_positive", "false_negative", "true_negative")
_CAUTION = (
    "What the tables of this report show holds for these patients and this laboratory; a panel "
    "chosen on one group finds less in the next."
)

Keys = tuple[str, ...]


def answer(question: Question) -> Findings:
    """A few sentences for the laboratory."""
    draft = question.telling(*TESTS)
    sentences = (*_sentences(question, draft), *named_choices(question))
    return draft.findings("answer", TITLE, Layout(sentences=sentences, cautions=(_CAUTION,)))


def reporting(question: Question) -> Findings:
    """The items of STARD 2015 that a run fills, and what other series found."""
    draft = question.telling(*TESTS)
    layout = Layout(tables=(_stard_table(question, draft), _evidence_table(question)))
    return draft.findings("stard", "For the report", layout)


def _sentences(question: Question, draft: Draft) -> tuple[Sentence, ...]:
    """Which assay first, what the others add, what a negative leaves open, what a repeat finds."""
    units, complete, panel = question.units, question.complete, question.panel
    first, negative = question.label(panel[0]), units.negative(panel[0], complete)
    by_first = draft.share_in(
        "answer/first/proportion", f"Found by {first}",
        units.positive(panel[0], complete), complete, nobody=NOBODY,
    )  # fmt: skip
    missed = draft.share_in(
        "answer/missed/proportion", f"Negative by {first}, found by another assay",
        units.any_positive(panel[1:] or panel, negative), negative,
        nobody=f"nobody with all assays of the panel is negative by {first}",
    )  # fmt: skip
    second = Repeats(question).share(
        draft, "answer/second/proportion", "Newly positive at the second test", 2,
        "nobody still negative was tested twice",
    )  # fmt: skip
    negatives = (
        f"A negative {first} left {{{missed}:fraction_percent_ci}} to be found by the rest of the "
        "panel; what all of them miss stays unseen."
        if len(panel) > 1
        else f"No other assay was run on the same {question.noun}, so how far a negative {first} "
        "may be believed can't be told from these results."
    )
    return (
        Sentence(f"Run first, {first} found {{{by_first}:fraction_percent_ci}}."),
        Sentence(negatives),
        Sentence(
            f"A second {question.label(question.index)} in patients still negative found "
            f"{{{second}:fraction_percent_ci}}."
        ),
    )


def _stard_table(question: Question, draft: Draft) -> Table:
    """The items with their numbers, each restated under a key of its own."""
    key, reference = question.scope.key, question.reference_label.capitalize()
    held_against = "" if question.unrecorded else key("accuracy/table")
    believed = "How far to believe a result"
    described, female = _described(question, draft)
    tested = draft.count_in("stard/19/tested/count", "with any test", question.units.tested)
    between = _with_index(question, draft, "15", "indeterminate", INDETERMINATE)
    missing = _with_index(question, draft, "16", "missing", NOT_DONE, NOT_RECORDED)
    quadrants, estimates = _held(question, draft)
    rows = [
        *_item(draft, f"12a: Cut-off of the index test ({question.label(question.index)})", (),
               "As the laboratory called the results; a cut-off of readings, explored: Readings",
               key("roc/table")),
        *_item(draft, "12b: Reference standard", (), reference, held_against),
        *_item(draft, "15: Indeterminate results", between, "Indeterminate results",
               key("indeterminates/table"), none="0"),
        *_item(draft, "16: Missing results", missing, "Design and flow: results by assay",
               key("tests/table"), none="0"),
        *_item(draft, "19: Flow of participants", (described, tested),
               "Design and flow: the diagram", key("flow/figure")),
        *_item(draft, "20: Baseline characteristics", (female,), "Notebook 01",
               kind="fraction_percent"),
        *_item(draft, "23: Cross tabulation with the reference", quadrants, believed, held_against),
        *_item(draft, "24: Estimates with their precision", estimates, believed, held_against,
               kind="fraction_percent_ci"),
    ]  # fmt: skip
    return table(
        question.scope, "stard", "STARD 2015: the items that this run fills", "Item",
        ("This run", "Where it stands"), rows,
        "Items 14 and 17 (analysis, variability) stand under “Methods as they ran”. Items 1 to 11, "
        "13, 18, 21, 22 and 25 to 30 are the authors' to report.",
    )  # fmt: skip


def _item(
    draft: Draft, head: str, keys: Keys, where: str, target: str = "", *, kind: str = "count",
    none: str = _DASH,
) -> list[Row]:  # fmt: skip
    """One item of the checklist: a row for each of its numbers, and where the rest stands.

    `target` is the table or figure that `where` leads to; `none` stands where no number is told.
    """
    place = Cell(CellKind.TEXT, text=where, target=target)
    if not keys:
        return [row(head, text(none), place)]
    labels = [f"{head}: {draft.results[key].label}" if len(keys) > 1 else head for key in keys]
    places = (place, *[BLANK] * (len(keys) - 1))
    return [row(*line) for line in zip(labels, (cell(kind, k) for k in keys), places, strict=True)]


def _described(question: Question, draft: Draft) -> tuple[str, str]:
    """How many are described, and how many of them are female: there without any test, too."""
    members, before = question.everybody, draft.sources
    draft.absent = ""
    described = draft.count_in("stard/19/described/count", "patients described", members)
    draft.sources = ("patients.sex",)
    female = draft.share_in(
        "stard/20/female/proportion", "female", members.where("sex", "female"),
        members.where("sex", "female", "male"), nobody="the sex of nobody is known",
    )  # fmt: skip
    draft.sources, draft.absent = before, question.absent
    return described, female


def _with_index(question: Question, draft: Draft, item: str, label: str, *words: str) -> Keys:
    """How many have one of these results of the index assay, where it is told."""
    if not question.is_told(question.index, *words):
        return ()
    members = question.units.with_result(question.index, *words)
    return (draft.count_in(f"stard/{item}/count", label, members, question.units.tested),)


def _held(question: Question, draft: Draft) -> tuple[Keys, Keys]:
    """The index assay against the reference: four counts, sensitivity and specificity."""
    held, before = held_of(question, question.index), draft.sources
    draft.sources = (*before, *question.reference_sources)
    counts = {f"stard/23/{name}/count": name.replace("_", " ") for name in _QUADRANTS}
    shares = {f"stard/24/{name}": name for name in _STATUS}
    if held.reason:
        quadrants, estimates = (
            tuple(draft.none_in(*words, held.reason, question.everybody) for words in asked.items())
            for asked in (counts, shares)
        )
    else:
        named = zip(counts.items(), held.cells, strict=True)
        quadrants = tuple(draft.count_in(*words, members, held.both) for words, members in named)
        estimates = tuple(
            draft.share_in(
                f"stard/24/{name}", name, events, of,
                nobody=f"nobody tested {_STATUS[name]} by the reference",
            )
            for name, events, of in held.shares[:2]
        )  # fmt: skip
    draft.sources = before
    return quadrants, estimates


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
