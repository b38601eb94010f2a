"""Accuracy without a reference: two latent classes, beside what the reference says."""

from __future__ import annotations

from incohort.analyses.assay_yield.question import Question
from incohort.analyses.assay_yield.tally import Tally
from incohort.results import Cell, CellKind, Column, Measure, Row, Table
from incohort.stats import Interval, NoEstimate
from incohort.stats.assays.latent_class import LatentClassFit, latent_class

_NEEDED = 3


def latent_tables(question: Question, made: Tally) -> tuple[Table, ...]:
    """Prevalence, sensitivity and specificity by latent classes, and whether the model may hold."""
    rows = question.complete
    before = made.sources
    made.sources = tuple(s for s in before if s.startswith("antibody_tests"))
    fit: LatentClassFit | NoEstimate
    if question.absent:
        fit = NoEstimate(question.absent)
    else:
        fit = latent_class(
            rows,
            conf_level=made.scope.conf_level,
            resamples=question.design.resamples,
            seed=question.design.seed,
        )
    made.rests_on = tuple(made.scope.key(f"positive/{name}/proportion") for name in question.panel)
    sums = rows.sum(axis=0)
    few = int(min([*sums, *(len(rows) - sums)], default=0))
    tables = (
        _table(question, made, fit, few),
        *((_model_table(question, made, fit, few),) if isinstance(fit, LatentClassFit) else ()),
    )
    made.sources = before
    return tables


def _table(question: Question, made: Tally, fit: LatentClassFit | NoEstimate, few: int) -> Table:
    """Both answers side by side."""
    key = question.scope.key
    # too few assays is a reason of the design; everything else speaks of the data
    n = None if question.absent or len(question.panel) < _NEEDED else len(question.complete)
    prevalence = _value(
        made, "latent/prevalence", "Share with antibodies, latent classes",
        fit if isinstance(fit, NoEstimate) else fit.prevalence, (n, few),
    )  # fmt: skip
    blank = Cell(CellKind.TEXT)
    rows = [
        Row(
            "Share with antibodies",
            (blank, Cell(CellKind.PERCENT_CI, (prevalence,)), blank, blank),
        )
    ]
    for column, name in enumerate(question.panel):
        cells = []
        for part in ("sensitivity", "specificity"):
            answer = fit if isinstance(fit, NoEstimate) else getattr(fit, part)[column]
            own = _value(
                made, f"latent/{name}/{part}", f"{question.label(name)}: {part}, latent classes",
                answer, (n, few),
            )  # fmt: skip
            cells += [
                Cell(CellKind.PERCENT_CI, (key(f"accuracy/{name}/{part}"),)),
                Cell(CellKind.PERCENT_CI, (own,)),
            ]
        rows.append(Row(question.label(name), tuple(cells)))
    return Table(
        key=key("latent/table"),
        caption="With a reference and without one",
        stub_head="Assay",
        columns=(
            Column("By the reference", "Sensitivity"),
            Column("By latent classes", "Sensitivity"),
            Column("By the reference", "Specificity"),
            Column("By latent classes", "Specificity"),
        ),
        rows=tuple(rows),
        notes=(
            (
                "Latent classes: everybody either has the antibody or not, unseen, and given that "
                "the assays err independently. Assays that share an antigen or a reading err "
                "together; the model then takes their common errors for truth."
            ),
        ),
    )


def _value(
    made: Tally, tail: str, label: str, answer: Interval | NoEstimate,
    behind: tuple[int | None, int],
) -> str:  # fmt: skip
    if isinstance(answer, NoEstimate):
        return made.none(tail, label, answer.reason, n=behind[0])
    return made.interval(tail, label, Measure.PROPORTION, answer, smallest=behind[1])


def _model_table(question: Question, made: Tally, fit: LatentClassFit, few: int) -> Table:
    """Whether the model fits, and which pairs of assays depend on each other beyond it."""
    fits = made.p_value(
        "latent/goodness_of_fit_p_value", "Two latent classes fit the results, P",
        fit.goodness_of_fit, smallest=few,
    )  # fmt: skip
    rows = [Row("Do two classes explain the results? P", (Cell(CellKind.P_VALUE, (fits,)),))]
    if not isinstance(fit.dependence, NoEstimate):
        for pair in fit.dependence:
            first, second = question.panel[pair.first], question.panel[pair.second]
            label = f"{question.label(first)} and {question.label(second)}"
            key = made.estimate(
                f"latent/dependence/{first}_{second}/p_value", f"{label} err independently, P",
                Measure.P_VALUE, pair.p_holm, smallest=few,
                method="bivariate residual, parametric bootstrap, Holm's correction",
            )  # fmt: skip
            rows.append(Row(f"{label}: independent errors? P", (Cell(CellKind.P_VALUE, (key,)),)))
    return Table(
        key=question.scope.key("latent/model/table"),
        caption="May the latent classes be believed?",
        stub_head="Question",
        columns=(Column("P"),),
        rows=tuple(rows),
        notes=(
            (
                f"Maximum likelihood from {fit.n_starts} starts; intervals and P by "
                f"{fit.resamples} resamples (seed {fit.seed})."
            ),
        ),
    )
