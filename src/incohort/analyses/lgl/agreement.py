"""Whether the methods that look for a clone of T cells agree on the same sample."""

from __future__ import annotations

from itertools import chain

from incohort.analyses.lgl.question import DIAGNOSES, TESTS, Question
from incohort.results import Cell, Findings, Layout, Sentence, Table
from incohort.shapes import recorded, tabular
from incohort.shapes.fractions import Fraction, fractions
from incohort.shapes.groups import groups_by
from incohort.shapes.paired import Paired, agreements, comparisons, paired_counts
from incohort.shapes.recorded import NOT_RECORDED
from incohort.shapes.telling import Draft

_FEW = 10  # pairs, from which on an agreement is worth a sentence
_ON_NAMES = (
    "Of two methods neither is the truth: what is often called sensitivity and specificity against "
    "the other stands here as the share positive or negative by the first, of those that are so by "
    "the second."
)
_ON_CHANCE = (
    "Kappa is agreement beyond chance, PABAK the same as it would be with as many clonal as not. "
    "McNemar's exact test asks whether one method finds a clone more often; several samples of one "
    "patient count as if they were of several."
)

_Rows = tuple[str, str, list[tuple[Cell, ...]], tuple[str, ...], str]


def agreement(question: Question) -> Findings:
    """How often two methods say the same of one sample, and which finds more clones."""
    draft = question.telling(*TESTS)
    draft.noun = "samples"
    names = question.method_pairs
    asked = [_paired(question, *pair) for pair in names]
    sentences, tables = recorded.instead(question.unpaired), tuple[Table, ...]()
    if asked:
        tables, sentences = _tables(question, draft, asked)
        tables = (*tables, *_by_diagnosis(question, draft))
    layout = Layout(sentences=sentences, tables=tables)
    return draft.findings("agreement", "Do the methods agree?", layout)


def _paired(question: Question, first: str, second: str) -> Paired:
    """Two methods on the samples on which both said yes or no."""
    cells = question.samples.fourfold(first, second)
    label, other = question.label(first), question.label(second)
    never = f"{label} and {other} never both gave a result on one sample"
    return Paired(
        tail=f"agreement/{first}/{second}",
        label=f"{label} against {other}",
        cells=cells,
        reason="" if any(map(len, cells)) else never,
    )


def _tables(
    question: Question, draft: Draft, asked: list[Paired]
) -> tuple[tuple[Table, ...], tuple[Sentence, ...]]:
    """The four cells, what one says of the other's results, and agreement beyond chance."""
    units, pairs, ci = question.samples, question.method_pairs, f"({question.scope.level} CI)"
    counts = [
        paired_counts(draft, pair, units.cell_names(*both), units.with_both(*both))
        for pair, both in zip(asked, pairs, strict=True)
    ]
    shares = [
        _of_the_second(question, draft, pair, *both)
        for pair, both in zip(asked, pairs, strict=True)
    ]
    agreed = [
        agreements(draft, pair, units.with_both(*both))
        for pair, both in zip(asked, pairs, strict=True)
    ]
    tests = [cells[2:3] for cells in comparisons(draft, asked)]
    rows: tuple[_Rows, ...] = (
        ("agreement", "Clones found by two methods on the same samples", counts,
         ("Both", "Only the first", "Only the second", "Neither", "With both results"), ""),
        ("agreement/second", "What the first method says, by the second", shares,
         (f"Clonal by the first, of those clonal by the second {ci}",
          f"Not clonal by the first, of those not clonal by the second {ci}"), _ON_NAMES),
        ("agreement/beyond_chance", "How far two methods agree",
         [(*plain[:1], *plain[3:5], *test) for plain, test in zip(agreed, tests, strict=True)],
         ("Same result", f"Kappa {ci}", f"PABAK {ci}", "McNemar's exact P"), _ON_CHANCE),
    )  # fmt: skip
    tables = tuple(
        tabular.table(
            question.scope, name, caption, "First and second method", heads,
            [tabular.row(pair.label, *cells) for pair, cells in zip(asked, each, strict=True)],
            note,
        )
        for name, caption, each, heads, note in rows
    )  # fmt: skip
    return tables, tuple(_said(question, pair, is_key=pair is asked[0]) for pair in asked)


def _of_the_second(
    question: Question, draft: Draft, pair: Paired, first: str, second: str
) -> tuple[Cell, ...]:
    """The share clonal by the first of those clonal by the second, and of the others not."""
    both, _, only_second, neither = pair.cells
    only_first = pair.cells[1]
    name, other = question.label(first), question.label(second)
    keys = (
        draft.share_in(
            f"{pair.tail}/positive", f"Clonal by {name}, of those clonal by {other}", both,
            both | only_second, nobody=f"no sample with both results is clonal by {other}",
        ),
        draft.share_in(
            f"{pair.tail}/negative", f"Not clonal by {name}, of those not clonal by {other}",
            neither, only_first | neither,
            nobody=f"no sample with both results is not clonal by {other}",
        ),
    )  # fmt: skip
    return tabular.cells(("fraction_percent_ci",) * 2, keys)


def _by_diagnosis(question: Question, draft: Draft) -> tuple[Table, ...]:
    """The share clonal by each method, by what the clinic calls the patient."""
    units, axis = (
        question.samples,
        question.samples.base.borrow(question.diagnosis, question.everybody.base),
    )
    groups = [
        group
        for group in groups_by(units.tested, axis, DIAGNOSES, lists_all=question.scope.lists_all)
        if group.name != NOT_RECORDED
    ]
    if not groups:
        return ()
    asked = [
        Fraction(
            tail=f"clonal/{method}/{group.name}/proportion",
            label=f"Clonal by {question.label(method)}, {group.label}",
            head=f"{group.label}, by {question.label(method)}",
            events=units.positive(method, group.members),
            of=units.counting(method, group.members),
            nobody=f"{question.label(method)} gave no result in them",
            sources=("diagnoses.condition",),
        )
        for group in groups
        for method in dict.fromkeys(chain(*question.method_pairs))
    ]
    shares = fractions(draft, "Clonal / with a result (%)", asked)
    return (
        tabular.table(
            question.scope, "clonal", "Samples with a clone, by the clinic's diagnosis", "Samples",
            shares.columns, shares.rows,
            "The clinic may have made the diagnosis by the same result.",
        ),
    )  # fmt: skip


def _said(question: Question, pair: Paired, *, is_key: bool) -> Sentence:
    key = question.scope.key
    same, kappa = key(f"{pair.tail}/agreement"), key(f"{pair.tail}/kappa")
    return Sentence(
        f"{pair.label}: the two say the same in {{{same}:fraction_percent}} of the samples "
        f"(kappa {{{kappa}:estimate_ci}}); neither is the truth.",
        holds=len(pair.members) >= _FEW,
        is_key=is_key,
    )
