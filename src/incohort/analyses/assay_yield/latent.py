"""Accuracy without a reference: two latent classes, beside what the reference says."""

from __future__ import annotations

from incohort.analyses.assay_yield.question import Question
from incohort.results import Measure, Table
from incohort.shapes.making import part_of
from incohort.shapes.tabular import BLANK, cell, cells, row, table
from incohort.shapes.telling import Told
from incohort.stats import Interval, NoEstimate
from incohort.stats.assays.latent_class import LatentClassFit, latent_class

_NEEDED = 3


def latent_tables(question: Question, told: Told) -> tuple[Table, ...]:
    """Prevalence, sensitivity and specificity by latent classes, and whether the model may hold."""
    before = told.sources
    told.sources = tuple(source for source in before if source.startswith("antibody_tests"))
    design = question.design
    fit = latent_class(
        question.panel_rows, conf_level=design.conf_level, resamples=design.resamples,
        seed=design.seed,
    )  # fmt: skip
    tables = [_table(question, told, fit)]
    if isinstance(fit, LatentClassFit) and not question.absent:
        tables.append(_model_table(question, told, fit))
    told.sources = before
    return tuple(tables)


def _table(question: Question, told: Told, fit: LatentClassFit | NoEstimate) -> Table:
    """Both answers side by side."""
    share = "Share with antibodies"
    prevalence = _value(question, told, "prevalence", share, part_of(fit, "prevalence"))
    rows = [row(share, BLANK, cell("percent_ci", prevalence), BLANK, BLANK)]
    for column, name in enumerate(question.panel):
        label, keys = question.label(name), []
        for part in ("sensitivity", "specificity"):
            answer = fit if isinstance(fit, NoEstimate) else getattr(fit, part)[column]
            latent = _value(question, told, f"{name}/{part}", f"{label}: {part}", answer)
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


def _value(
    question: Question, told: Told, tail: str, label: str, answer: Interval | NoEstimate
) -> str:
    """A number of the model; of fewer assays than it needs there is none, whoever was tested."""
    tail, label = f"latent/{tail}", f"{label}, latent classes"
    if isinstance(answer, NoEstimate) and len(question.panel) < _NEEDED:
        return told.none_in(tail, label, question.absent or answer.reason, question.complete)
    n = len(question.complete) if isinstance(answer, NoEstimate) else None
    sets = question.by_panel_assay
    return told.statistic_in(tail, label, Measure.PROPORTION, answer, sets, n=n)


def _model_table(question: Question, told: Told, fit: LatentClassFit) -> Table:
    """Whether the model fits, and which pairs of assays depend on each other beyond it."""
    sets = question.by_panel_assay
    fits = told.test_in(
        "latent/goodness_of_fit_p_value", "Two latent classes fit the results, P",
        fit.goodness_of_fit, sets,
    )  # fmt: skip
    rows = [row("Do two classes explain the results? P", cell("p_value", fits))]
    for pair in () if isinstance(fit.dependence, NoEstimate) else fit.dependence:
        first, second = question.panel[pair.first], question.panel[pair.second]
        label = f"{question.label(first)} and {question.label(second)}"
        key = told.statistic_in(
            f"latent/dependence/{first}_{second}/p_value", f"{label} err independently, P",
            Measure.P_VALUE, pair.p_holm, sets,
            method="bivariate residual, parametric bootstrap, Holm's correction",
        )  # fmt: skip
        rows.append(row(f"{label}: independent errors? P", cell("p_value", key)))
    return table(
        question.scope, "latent/model", "May the latent classes be believed?", "Question", ("P",),
        rows,
        f"Maximum likelihood from {fit.n_starts} starts; intervals and P by {fit.resamples} "
        f"resamples (seed {fit.seed}).",
    )  # fmt: skip
