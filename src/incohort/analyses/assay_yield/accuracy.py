"""How far to believe a result: against a reference where there is one, and without."""

from __future__ import annotations

from incohort.analyses.assay_yield.held import Held, held_of
from incohort.analyses.assay_yield.latent import latent_tables
from incohort.analyses.assay_yield.parameters import AETIOLOGY
from incohort.analyses.assay_yield.populations import two_populations
from incohort.analyses.assay_yield.question import Question
from incohort.analyses.assay_yield.tally import Tally, tally
from incohort.analyses.assay_yield.verified import comparison_table, verification_table
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
    Sentence,
    Series,
    Table,
    clauses,
)
from incohort.shapes import vocabulary
from incohort.shapes.making import listed
from incohort.shapes.recorded import as_sentence
from incohort.stats.assays.accuracy import diagnostic_accuracy

PARTS_OF = {"gift_gat": ("gift", "gat")}  # an assay that is positive where another one is
_SHARES = (
    ("sensitivity", "sensitivity", "nobody tested has the disease by the reference"),
    ("specificity", "specificity", "nobody tested is free of the disease by the reference"),
    ("ppv", "positive predictive value", "nobody with the reference tested positive"),
    ("npv", "negative predictive value", "nobody with the reference tested negative"),
)


def accuracy(question: Question) -> Findings:
    """Accuracy of each assay against the reference, and by latent classes without one."""
    made = tally(question, *question.reference_sources)
    held = [held_of(question, name) for name in question.assays]
    rows = [(question.label(one.assay), _cells(question, made, one)) for one in held]
    by_reference = (
        *_tables(question, rows),
        verification_table(question, made, held),
        *comparison_table(question, made, held),
    )
    # a line says so, in place of tables that say it in every cell
    reason = question.unrecorded
    said = (Sentence(as_sentence(f"{reason}: no assay is held against one")),) if reason else ()
    tables = (*(() if reason else by_reference), *latent_tables(question, made))
    split = two_populations(question, made)
    layout = Layout(
        sentences=said,
        tables=(*tables, *split.tables),
        figures=_figure(question),
        cautions=(*_cautions(question), *split.cautions),
        margins=(
            *(margin for one in held for margin in _margins(question, one)),
            *split.margins,
        ),
    )
    return question.scope.findings("accuracy", "How far to believe a result", made, layout)


def _tables(question: Question, rows: list[tuple[str, tuple[Cell, ...]]]) -> tuple[Table, Table]:
    """What the assay finds of the diseased and of the others, and what its result tells."""
    ci, key = f"({question.level} CI)", question.scope.key
    found = Table(
        key=key("accuracy/table"),
        caption=f"Each assay against the reference: {question.reference_label}",
        stub_head="Assay",
        columns=(Column(f"Sensitivity {ci}"), Column(f"Specificity {ci}")),
        rows=tuple(Row(label, cells[:2]) for label, cells in rows),
        notes=(_reference_note(question),),
    )
    tells = Table(
        key=key("accuracy/result/table"),
        caption="What a result tells, by the same reference",
        stub_head="Assay",
        columns=(
            Column("Positive", "Predictive value"),
            Column("Negative", "Predictive value"),
            Column(f"Positive {ci}", "Likelihood ratio"),
            Column(f"Negative {ci}", "Likelihood ratio"),
        ),
        rows=tuple(Row(label, cells[2:]) for label, cells in rows),
        notes=("Predictive values hold where the disease is as common as in these patients.",),
    )
    return found, tells


def _cells(question: Question, made: Tally, held: Held) -> tuple[Cell, ...]:
    label, tail = question.label(held.assay), f"accuracy/{held.assay}"
    p, d, among = held.positive, held.diseased, held.among
    groups = ((p, among & d), (~p, among & ~d), (d, among & p), (~d, among & ~p))
    keys = []
    for (name, words, nobody), (rows, group) in zip(_SHARES, groups, strict=True):
        text = f"{label}: {words}"
        if held.reason:
            keys.append(made.none(f"{tail}/{name}", text, held.reason))
            continue
        if name in {"ppv", "npv"} and held.is_settled:
            keys.append(made.none(f"{tail}/{name}", text, held.is_settled, n=0))
            continue
        keys.append(made.share(f"{tail}/{name}", text, rows, group, question, nobody=nobody))
    keys += _likelihood_ratios(made, held, label)
    _unverified(question, made, held)
    kinds = (
        *[CellKind.FRACTION_PERCENT_CI] * 2,
        *[CellKind.FRACTION_PERCENT] * 2,
        *[CellKind.ESTIMATE_CI] * 2,
    )
    return tuple(Cell(kind, (key,)) for kind, key in zip(kinds, keys, strict=True))


def _likelihood_ratios(made: Tally, held: Held, label: str) -> list[str]:
    tail = f"accuracy/{held.assay}"
    found = diagnostic_accuracy(held.table, conf_level=made.scope.conf_level)
    made.rests_on = tuple(made.scope.key(f"{tail}/{name}") for name, *_ in _SHARES)
    few = min(min(row) for row in held.table)
    keys = []
    for name, words, answer in (
        ("lr_positive", "likelihood ratio of a positive", found.lr_positive),
        ("lr_negative", "likelihood ratio of a negative", found.lr_negative),
    ):
        if held.reason:
            keys.append(made.none(f"{tail}/{name}", f"{label}: {words}", held.reason))
            continue
        keys.append(
            made.interval(
                f"{tail}/{name}", f"{label}: {words}", Measure.RISK_RATIO, answer,
                n=int(held.among.sum()), smallest=few,
            )
        )  # fmt: skip
    return keys


def _unverified(question: Question, made: Tally, held: Held) -> None:
    """Who has a result of the assay and nothing to hold it against."""
    if held.reason:
        return
    _, tested = question.results(held.assay)
    without = tested & ~held.among
    for sign, rows in (("positive", held.positive), ("negative", ~held.positive)):
        made.of(
            f"accuracy/{held.assay}/without_reference/{sign}/count",
            f"{question.label(held.assay)} {sign}, nothing known by the reference",
            rows,
            without,
            question,
        )


def _margins(question: Question, held: Held) -> tuple[Margin, ...]:
    """True and false results make up the positives and the negatives of the assay."""
    if held.reason:
        return ()
    key, tail = question.scope.key, f"accuracy/{held.assay}"
    sensitivity, specificity, ppv, npv = (key(f"{tail}/{name}") for name, *_ in _SHARES)
    positive, negative = (
        key(f"{tail}/without_reference/{sign}/count") for sign in ("positive", "negative")
    )
    own = key(f"positive/{held.assay}/proportion")
    left_out = key("flow/reference/excluded/count")
    return (
        Margin(total=ppv, parts=(sensitivity,)),
        Margin(total=npv, parts=(specificity,)),
        Margin(total=f"{ppv}#others", parts=(f"{specificity}#others",)),
        Margin(total=f"{npv}#others", parts=(f"{sensitivity}#others",)),
        Margin(total=own, parts=(f"{ppv}#n", positive)),
        Margin(total=f"{own}#others", parts=(f"{npv}#n", negative)),
        Margin(total=own, parts=(f"{ppv}#n",)),
        Margin(total=f"{own}#others", parts=(f"{npv}#n",)),
        Margin(total=left_out, parts=(positive, negative)),
        *(Margin(total=left_out, parts=(f"{sign}#n",)) for sign in (positive, negative)),
    )


def _reference_note(question: Question) -> str:
    if question.design.reference != AETIOLOGY:
        return f"Reference: {question.reference_label}."
    causes = vocabulary.labels("patients", "aetiology")
    return (
        f"Diseased: {listed(question.immune, causes)}. Free of it: "
        f"{listed(question.not_immune, causes)}. Of any other cause, and where none is given, "
        "nothing is known."
    )


def _cautions(question: Question) -> tuple[str, ...]:
    """Where a number of this part can mislead, as far as the design tells."""
    reference = question.design.reference
    found = []
    if reference == AETIOLOGY and not question.no_reference:
        found.append(
            "Incorporation bias: where antibodies took part in settling the cause, an assay is "
            "held against itself, and its sensitivity is too high."
        )
        if not question.scope.lists_all and _is_incorporated(question):
            found.append(
                "Everybody whom the reference calls diseased is positive by one of the assays: "
                "so it looks where antibodies made the diagnosis. The shares are then no "
                "sensitivities."
            )
    found += [
        f"Incorporation bias: {question.label(name)} is part of the reference "
        f"{question.label(reference)}, so its specificity can't be below 100 %."
        for name in PARTS_OF.get(reference, ())
        if name in question.assays
    ]
    found += [
        f"Incorporation bias: {question.label(reference)} is part of {question.label(name)}, so "
        "its sensitivity can't be below 100 %."
        for name, parts in PARTS_OF.items()
        if reference in parts and name in question.assays
    ]
    if reference not in {AETIOLOGY, "none"}:
        found.append(
            "The reference is an assay and errs as well: these numbers say how the others would "
            "fare if it were right."
        )
    return tuple(found)


def _is_incorporated(question: Question) -> bool:
    diseased, _ = question.reference
    positive, tested = question.matrix(question.assays)
    own = diseased & tested.any(axis=1)
    return bool(own.any() and positive[own].any(axis=1).all())


def _figure(question: Question) -> tuple[Figure, ...]:
    """Sensitivity and specificity of each assay, where there is a reference."""
    if question.no_reference:
        return ()
    key = question.scope.key
    names = [name for name in question.assays if name != question.design.reference]
    if not names:
        return ()
    series = tuple(
        Series(part.capitalize(), tuple(key(f"accuracy/{name}/{part}") for name in names))
        for part in ("sensitivity", "specificity")
    )
    told = clauses(
        *(
            f"{question.label(name)} {part} {{{key(f'accuracy/{name}/{part}')}:percent_ci}}"
            for name in names
            for part in ("sensitivity", "specificity")
        )
    )
    return (
        Figure(
            key=key("accuracy/figure"),
            kind=FigureKind.FOREST,
            caption=f"Sensitivity and specificity with {question.level} intervals",
            alt=f"Accuracy by assay: {told}.",
            series=series,
            x_label="%",
        ),
    )
