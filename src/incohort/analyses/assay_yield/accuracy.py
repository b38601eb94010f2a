"""How far to believe a result: against a reference where there is one, and without."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from incohort.analyses.assay_yield.held import Held, held_of
from incohort.analyses.assay_yield.latent import latent_tables
from incohort.analyses.assay_yield.parameters import AETIOLOGY
from incohort.analyses.assay_yield.question import TESTS, Question
from incohort.analyses.assay_yield.splitting import split_of
from incohort.analyses.assay_yield.verified import comparison_table, verification_table
from incohort.results import Cell, Figure, Findings, Layout, Measure, Sentence, Table, clauses
from incohort.shapes import vocabulary
from incohort.shapes.making import listed
from incohort.shapes.recorded import as_sentence
from incohort.shapes.tabular import cells, forest, row, table
from incohort.shapes.telling import Told
from incohort.shapes.two_populations import two_populations
from incohort.stats import NoEstimate
from incohort.stats.assays.accuracy import diagnostic_accuracy

PARTS_OF = {"gift_gat": ("gift", "gat")}  # an assay that is positive where another one is
_SHARES = {
    "sensitivity": ("sensitivity", "nobody tested has the disease by the reference"),
    "specificity": ("specificity", "nobody tested is free of the disease by the reference"),
    "ppv": ("positive predictive value", "nobody with the reference tested positive"),
    "npv": ("negative predictive value", "nobody with the reference tested negative"),
}
_RATIOS = {
    "lr_positive": "likelihood ratio of a positive",
    "lr_negative": "likelihood ratio of a negative",
}
_KINDS = (*["fraction_percent_ci"] * 2, *["fraction_percent"] * 2, *["estimate_ci"] * 2)


def accuracy(question: Question) -> Findings:
    """Accuracy of each assay against the reference, and by latent classes without one."""
    told = question.telling(*TESTS, *question.reference_sources)
    held = [held_of(question, name) for name in question.assays]
    rows = [(question.label(own.assay), _cells(question, told, own)) for own in held]
    by_reference = (
        *_tables(question, rows),
        verification_table(question, told, held),
        *comparison_table(question, told, held),
    )
    # a line says so, in place of tables that say it in every cell
    reason = question.unrecorded
    said = (Sentence(as_sentence(f"{reason}: no assay is held against one")),) if reason else ()
    tables = (*(() if reason else by_reference), *latent_tables(question, told))
    split, cautions = _populations(question, told)
    layout = Layout(
        sentences=said,
        tables=(*tables, *split),
        figures=_figure(question),
        cautions=(*_cautions(question), *cautions),
    )
    return told.findings("accuracy", "How far to believe a result", layout)


def _populations(question: Question, told: Told) -> tuple[tuple[Table, ...], tuple[str, ...]]:
    """Accuracy from two assays in two populations, where the design names these."""
    design = question.design
    if design.populations == "none":
        return (), ()
    split = split_of(question)
    return two_populations(
        told, question.units, question.panel, split, resamples=design.resamples, seed=design.seed
    )


def _tables(question: Question, rows: list[tuple[str, tuple[Cell, ...]]]) -> tuple[Table, Table]:
    """What the assay finds of the diseased and of the others, and what its result tells."""
    ci = f"({question.scope.level} CI)"
    return (
        table(
            question.scope, "accuracy",
            f"Each assay against the reference: {question.reference_label}", "Assay",
            (f"Sensitivity {ci}", f"Specificity {ci}"),
            [row(label, *own[:2]) for label, own in rows], _reference_note(question),
        ),
        table(
            question.scope, "accuracy/result", "What a result tells, by the same reference",
            "Assay",
            (
                ("Positive", "Predictive value"), ("Negative", "Predictive value"),
                (f"Positive {ci}", "Likelihood ratio"), (f"Negative {ci}", "Likelihood ratio"),
            ),
            [row(label, *own[2:]) for label, own in rows],
            "Predictive values hold where the disease is as common as in these patients.",
        ),
    )  # fmt: skip


def _cells(question: Question, told: Told, held: Held) -> tuple[Cell, ...]:
    label, tail = question.label(held.assay), f"accuracy/{held.assay}"
    if held.reason:
        all_words = {name: text for name, (text, _) in _SHARES.items()} | _RATIOS
        everybody = question.described
        keys = [
            told.none_in(f"{tail}/{name}", f"{label}: {text}", held.reason, everybody)
            for name, text in all_words.items()
        ]
        return cells(_KINDS, keys)
    keys = []
    for name, events, of in held.shares:
        words, nobody = _SHARES[name]
        key, text = f"{tail}/{name}", f"{label}: {words}"
        if name in {"ppv", "npv"} and held.is_settled:
            settled = NoEstimate(held.is_settled)
            sets = held.cells
            keys.append(told.statistic_in(key, text, Measure.PROPORTION, settled, sets, n=0))
        else:
            keys.append(told.share_in(key, text, events, of, nobody=nobody))
    answers = diagnostic_accuracy(held.table, conf_level=question.scope.conf_level)
    for name, text in _RATIOS.items():
        answer = getattr(answers, name)
        keys.append(
            told.statistic_in(
                f"{tail}/{name}", f"{label}: {text}", Measure.RISK_RATIO, answer, held.cells
            )
        )
    _unverified(question, told, held)
    return cells(_KINDS, keys)


def _unverified(question: Question, told: Told, held: Held) -> None:
    """Who has a result of the assay and nothing to hold it against."""
    tested = question.unverified(question.units.counting(held.assay))
    for sign, members in (("positive", held.positive), ("negative", held.negative)):
        told.count_in(
            f"accuracy/{held.assay}/without_reference/{sign}/count",
            f"{question.label(held.assay)} {sign}, nothing known by the reference",
            question.unverified(members),
            tested,
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
    """Whether everybody diseased who was tested is positive by one of the assays."""
    units = question.units
    diseased = units.flags(question.diseased(units.tested))
    tested, positive = (
        np.column_stack([units.flags(sign(name)) for name in question.assays])
        for sign in (units.counting, units.positive)
    )
    own = diseased & tested.any(axis=1)
    return bool(own.any() and positive[own].any(axis=1).all())


def _figure(question: Question) -> tuple[Figure, ...]:
    """Sensitivity and specificity of each assay, where there is a reference."""
    names = [name for name in question.assays if name != question.design.reference]
    if question.no_reference or not names:
        return ()
    parts = ("sensitivity", "specificity")
    keys = {
        (name, part): question.scope.key(f"accuracy/{name}/{part}")
        for name in names
        for part in parts
    }
    said = clauses(
        *(
            f"{question.label(name)} {part} {{{key}:percent_ci}}"
            for (name, part), key in keys.items()
        )
    )
    drawn = forest(
        question.scope,
        "accuracy",
        f"Sensitivity and specificity with {question.scope.level} intervals",
        f"Accuracy by assay: {said}.",
        {part.capitalize(): [keys[name, part] for name in names] for part in parts},
        "%",
    )
    return (replace(drawn, reference=None),)
