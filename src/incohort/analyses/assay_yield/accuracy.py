"""How far to believe a result: against a reference where there is one, and without."""

from __future__ import annotations

from functools import partial

import numpy as np

from incohort.analyses.assay_yield.held import Held, held_of
from incohort.analyses.assay_yield.latent import latent_tables
from incohort.analyses.assay_yield.parameters import NO_REFERENCE
from incohort.analyses.assay_yield.question import TESTS, Question
from incohort.analyses.assay_yield.splitting import split_of
from incohort.analyses.assay_yield.verified import comparison_table, verification_table
from incohort.results import Cell, Figure, Findings, Layout, Measure, Table
from incohort.shapes import vocabulary
from incohort.shapes.making import listed, part_of
from incohort.shapes.recorded import instead
from incohort.shapes.sets import Members
from incohort.shapes.tabular import cells, figure, phrases, row, table
from incohort.shapes.telling import Draft
from incohort.shapes.two_populations import TwoPopulations
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
_BY_CAUSE = (
    "Incorporation bias: where antibodies took part in settling the cause, an assay is held "
    "against itself, and its sensitivity is too high."
)
_ALL_FOUND = (
    "Everybody whom the reference calls diseased is positive by one of the assays: so it looks "
    "where antibodies made the diagnosis. The shares are then no sensitivities."
)
_BY_AN_ASSAY = (
    "The reference is an assay and errs as well: these numbers say how the others would fare if it "
    "were right."
)


def accuracy(question: Question) -> Findings:
    """Accuracy of each assay against the reference, and by latent classes without one."""
    draft = question.telling(*TESTS, *question.reference_sources)
    held = [held_of(question, name) for name in question.assays]
    rows = {question.label(assay.assay): _cells(question, draft, assay) for assay in held}
    by_reference = (
        *_tables(question, rows),
        verification_table(question, draft, held),
        *comparison_table(question, draft, held),
    )
    # a line says so, in place of tables that say it in every cell
    reason = question.unrecorded
    tables = (*(() if reason else by_reference), *latent_tables(question, draft))
    of_populations, cautions = _populations(question, draft)
    layout = Layout(
        sentences=instead(f"{reason}: no assay is held against one" if reason else ""),
        tables=(*tables, *of_populations),
        figures=_figure(question),
        cautions=(*_cautions(question), *cautions),
    )
    return draft.findings("accuracy", "How far to believe a result", layout)


def _populations(question: Question, draft: Draft) -> tuple[tuple[Table, ...], tuple[str, ...]]:
    """Accuracy from two assays in two populations, where the design names these."""
    split, design = split_of(question), question.design
    if split is None:
        return (), ()
    model = TwoPopulations(
        draft=draft, units=question.units, split=split, resamples=design.resamples, seed=design.seed
    )
    return model.of(question.panel)


def _tables(question: Question, rows: dict[str, tuple[Cell, ...]]) -> tuple[Table, Table]:
    """What the assay finds of the diseased and of the others, and what its result tells."""
    ci = f"({question.scope.level} CI)"
    return (
        table(
            question.scope, "accuracy",
            f"Each assay against the reference: {question.reference_label}", "Assay",
            (f"Sensitivity {ci}", f"Specificity {ci}"),
            [row(label, *numbers[:2]) for label, numbers in rows.items()],
            _reference_note(question),
        ),
        table(
            question.scope, "accuracy/result", "What a result tells, by the same reference",
            "Assay",
            (
                ("Positive", "Predictive value"), ("Negative", "Predictive value"),
                (f"Positive {ci}", "Likelihood ratio"), (f"Negative {ci}", "Likelihood ratio"),
            ),
            [row(label, *numbers[2:]) for label, numbers in rows.items()],
            "Predictive values hold where the disease is as common as in these patients.",
        ),
    )  # fmt: skip


def _cells(question: Question, draft: Draft, held: Held) -> tuple[Cell, ...]:
    """The shares and likelihood ratios of an assay, or why there are none."""
    label, tail = question.label(held.assay), f"accuracy/{held.assay}"
    if held.reason:
        words = {name: share for name, (share, _) in _SHARES.items()} | _RATIOS
        return cells(_KINDS, draft.no_parts_in(tail, label, words, held.reason, question.everybody))
    shares = [_share(draft, held, label, *share) for share in held.shares]
    answer = diagnostic_accuracy(held.table, conf_level=question.scope.conf_level)
    ratios = draft.parts_in(tail, label, _RATIOS, Measure.RISK_RATIO, answer, held.cells)
    for name, key in zip(_RATIOS, ratios, strict=True):
        draft.from_sets(key, held.cells, partial(_ratio, question.scope.conf_level, name))
    _unverified(question, draft, held)
    return cells(_KINDS, (*shares, *ratios))


def _ratio(conf_level: float, name: str, a: int, b: int, c: int, d: int) -> object:
    """A likelihood ratio, from true and false positives, false and true negatives."""
    return part_of(diagnostic_accuracy([[a, b], [c, d]], conf_level=conf_level), name)


def _share(draft: Draft, held: Held, label: str, name: str, events: Members, of: Members) -> str:
    """One share; no predictive value where all have the disease, or none."""
    words, nobody = _SHARES[name]
    tail, text = f"accuracy/{held.assay}/{name}", f"{label}: {words}"
    if name in {"ppv", "npv"} and held.is_settled:
        settled = NoEstimate(held.is_settled)
        return draft.statistic_in(tail, text, Measure.PROPORTION, settled, held.cells, n=0)
    return draft.share_in(tail, text, events, of, nobody=nobody)


def _unverified(question: Question, draft: Draft, held: Held) -> None:
    """Who has a result of the assay and nothing to hold it against."""
    tested = question.unverified(question.units.counting(held.assay))
    for sign, members in (("positive", held.positive), ("negative", held.negative)):
        draft.count_in(
            f"accuracy/{held.assay}/without_reference/{sign}/count",
            f"{question.label(held.assay)} {sign}, nothing known by the reference",
            question.unverified(members),
            tested,
        )


def _reference_note(question: Question) -> str:
    design = question.design
    if not question.is_by_cause:
        return f"Reference: {question.reference_label}."
    causes = vocabulary.labels("patients", "aetiology")
    return (
        f"Diseased: {listed(design.immune, causes)}. Free of it: "
        f"{listed(design.not_immune, causes)}. Of any other cause, and where none is given, "
        "nothing is known."
    )


def _cautions(question: Question) -> tuple[str, ...]:
    """Where a number of this part can mislead, as far as the design tells."""
    reference, assays, label = question.design.reference, question.assays, question.label
    if reference == NO_REFERENCE or (question.is_by_cause and question.no_reference):
        return ()
    if question.is_by_cause:
        is_all_found = not question.scope.lists_all and _is_incorporated(question)
        return (_BY_CAUSE, *((_ALL_FOUND,) if is_all_found else ()))
    in_it = [
        f"Incorporation bias: {label(name)} is part of the reference {label(reference)}, so its "
        "specificity can't be below 100 %."
        for name in PARTS_OF.get(reference, ())
        if name in assays
    ]
    it_in = [
        f"Incorporation bias: {label(reference)} is part of {label(name)}, so its sensitivity "
        "can't be below 100 %."
        for name, parts in PARTS_OF.items()
        if reference in parts and name in assays
    ]
    return (*in_it, *it_in, _BY_AN_ASSAY)


def _is_incorporated(question: Question) -> bool:
    """Whether everybody diseased who was tested is positive by one of the assays."""
    units = question.units
    diseased = units.flags(question.diseased(units.tested))
    tested, positive = (
        np.column_stack([units.flags(sign(name)) for name in question.assays])
        for sign in (units.counting, units.positive)
    )
    judged = diseased & tested.any(axis=1)
    return bool(judged.any() and positive[judged].any(axis=1).all())


def _figure(question: Question) -> tuple[Figure, ...]:
    """Sensitivity and specificity of each assay, where there is a reference."""
    names = [name for name in question.assays if name != question.design.reference]
    if question.no_reference or not names:
        return ()
    parts = ("sensitivity", "specificity")
    keys = {
        f"{question.label(name)} {part}": question.scope.key(f"accuracy/{name}/{part}")
        for name in names
        for part in parts
    }
    series = {p.capitalize(): [key for key in keys.values() if key.endswith(p)] for p in parts}
    return (
        figure(
            question.scope, "accuracy", "forest",
            f"Sensitivity and specificity with {question.scope.level} intervals",
            f"Accuracy by assay: {phrases(keys, 'percent_ci')}.", series, x_label="%",
        ),
    )  # fmt: skip
