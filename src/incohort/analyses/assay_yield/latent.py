"""Accuracy without a reference: two latent classes, beside what the reference says."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial

from incohort.analyses.assay_yield.question import Question
from incohort.results import Measure, Table
from incohort.shapes.making import part_of
from incohort.shapes.sets import Members
from incohort.shapes.tabular import BLANK, cell, cells, row, table
from incohort.shapes.telling import Draft
from incohort.shapes.tested import Flags
from incohort.stats import HypothesisTest, Interval, NoEstimate
from incohort.stats.assays.latent_class import LatentClassFit, latent_class

_NEEDED = 3
_Fits = Callable[..., LatentClassFit | NoEstimate]  # of how many have each combination


def latent_tables(question: Question, draft: Draft) -> tuple[Table, ...]:
    """Prevalence, sensitivity and specificity by latent classes, and whether the model may hold."""
    before = draft.sources
    draft.sources = tuple(source for source in before if source.startswith("antibody_tests"))
    fit = _fitted(question, question.panel_rows)

    @cache
    def again(*counts: int) -> LatentClassFit | NoEstimate:
        return _fitted(question, question.rows_of(*counts))

    tables = [_table(question, draft, fit, again)]
    if isinstance(fit, LatentClassFit) and not question.absent:
        tables.append(_model_table(question, draft, fit, again))
    draft.sources = before
    return tuple(tables)


def _fitted(question: Question, rows: Flags) -> LatentClassFit | NoEstimate:
    design = question.design
    return latent_class(
        rows, conf_level=design.conf_level, resamples=design.resamples, seed=design.seed
    )


def _behind(question: Question) -> tuple[Members, ...]:
    """The model's numbers give back how many have each combination of the panel's results."""
    return (*question.by_panel_assay, *question.panel_patterns)


def _table(
    question: Question, draft: Draft, fit: LatentClassFit | NoEstimate, again: _Fits
) -> Table:
    """Both answers side by side."""
    share = "Share with antibodies"
    patterns = question.panel_patterns
    prevalence = _value(question, draft, "prevalence", share, part_of(fit, "prevalence"))
    draft.from_sets(prevalence, patterns, lambda *counts: part_of(again(*counts), "prevalence"))
    rows = [row(share, BLANK, cell("percent_ci", prevalence), BLANK, BLANK)]
    for column, name in enumerate(question.panel):
        label, keys = question.label(name), []
        for part in ("sensitivity", "specificity"):
            answer = _of_assay(part, column, fit)
            latent = _value(question, draft, f"{name}/{part}", f"{label}: {part}", answer)
            reads = partial(_of_assay, part, column)
            draft.from_sets(latent, patterns, lambda *counts, reads=reads: reads(again(*counts)))
            keys += [question.scope.key(f"accuracy/{name}/{part}"), latent]
        rows.append(row(label, *cells(["percent_ci"] * len(keys), keys)))
    ways = ("By the reference", "By latent classes")
    return table(
        question.scope, "latent", "With a reference and without one", "Assay",
        [(way, part) for part in ("Sensitivity", "Specificity") for way in ways], rows,
        "Latent classes: everybody either has the antibody or not, unseen, and given that the "
        "assays err independently. Assays that share an antigen or a reading err together; the "
        "model then takes their common errors for truth.",
    )  # fmt: skip


def _of_assay(part: str, column: int, fit: LatentClassFit | NoEstimate) -> Interval | NoEstimate:
    """An assay's sensitivity or specificity."""
    if isinstance(fit, NoEstimate):
        return fit
    answers: tuple[Interval, ...] = getattr(fit, part)
    return answers[column]


def _value(
    question: Question, draft: Draft, tail: str, label: str, answer: Interval | NoEstimate
) -> str:
    """A number of the model; of fewer assays than it needs there is none, whoever was tested."""
    tail, label = f"latent/{tail}", f"{label}, latent classes"
    if isinstance(answer, NoEstimate) and len(question.panel) < _NEEDED:
        return draft.none_in(tail, label, question.absent or answer.reason, question.complete)
    n = len(question.complete) if isinstance(answer, NoEstimate) else None
    return draft.statistic_in(tail, label, Measure.PROPORTION, answer, _behind(question), n=n)


def _model_table(question: Question, draft: Draft, fit: LatentClassFit, again: _Fits) -> Table:
    """Whether the model fits, and which pairs of assays depend on each other beyond it."""
    sets, patterns = _behind(question), question.panel_patterns
    fits = draft.test_in(
        "latent/goodness_of_fit_p_value", "Two latent classes fit the results, P",
        fit.goodness_of_fit, sets,
    )  # fmt: skip
    draft.from_sets(fits, patterns, lambda *counts: part_of(again(*counts), "goodness_of_fit"))
    rows = [row("Do two classes explain the results? P", cell("p_value", fits))]
    pairs = () if isinstance(fit.dependence, NoEstimate) else fit.dependence
    for place, pair in enumerate(pairs):
        first, second = question.panel[pair.first], question.panel[pair.second]
        label = f"{question.label(first)} and {question.label(second)}"
        key = draft.statistic_in(
            f"latent/dependence/{first}_{second}/p_value", f"{label} err independently, P",
            Measure.P_VALUE, pair.p_holm, sets,
            method="bivariate residual, parametric bootstrap, Holm's correction",
        )  # fmt: skip
        reads = partial(_dependence, place)
        draft.from_sets(key, patterns, lambda *counts, reads=reads: reads(again(*counts)))
        rows.append(row(f"{label}: independent errors? P", cell("p_value", key)))
    return table(
        question.scope, "latent/model", "May the latent classes be believed?", "Question", ("P",),
        rows,
        f"Maximum likelihood from {fit.n_starts} starts; intervals and P by {fit.resamples} "
        f"resamples (seed {fit.seed}).",
    )  # fmt: skip


def _dependence(place: int, fit: LatentClassFit | NoEstimate) -> HypothesisTest | NoEstimate:
    """Whether the assays of one pair err together, beyond what the classes explain."""
    pairs = part_of(fit, "dependence")
    if isinstance(pairs, NoEstimate):
        return pairs
    return HypothesisTest(statistic=None, p_value=pairs[place].p_holm, df=None, method="")
