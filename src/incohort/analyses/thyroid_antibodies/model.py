"""A logistic model of an outcome on what the user chooses to adjust for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from incohort.analyses.thyroid_antibodies.parameters import Outcome
from incohort.analyses.thyroid_antibodies.question import Question
from incohort.params.names import names_in
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
from incohort.shapes.making import Made, listed
from incohort.shapes.recorded import as_sentence
from incohort.stats import NoEstimate
from incohort.stats.logistic import LogisticFit, logistic

_DECADE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Covariate:
    """One term of the model: how it is read from a patient's row, and in which steps it counts."""

    label: str
    column: str
    sources: tuple[str, ...]
    values: Callable[[pd.DataFrame], pd.Series]


def _number(column: str, per: float = 1.0) -> Callable[[pd.DataFrame], pd.Series]:
    return lambda frame: pd.to_numeric(frame[column]) / per


def _is(column: str, value: str) -> Callable[[pd.DataFrame], pd.Series]:
    def flags(frame: pd.DataFrame) -> pd.Series:
        """1 or 0; missing where nothing is recorded, or that it is unknown."""
        is_known = frame[column].notna() & (frame[column] != vocabulary.UNKNOWN)
        return (frame[column] == value).astype(float).where(is_known, other=float("nan"))

    return flags


COVARIATES = {
    "thyroid_disease": Covariate(
        label="Thyroid disease",
        column="is_thyroid",
        sources=("patients.aetiology",),
        values=lambda frame: (
            frame["is_thyroid"]
            .astype(float)
            .where(frame["is_thyroid"] | frame["is_other"], other=float("nan"))
        ),
    ),
    "hashimoto": Covariate(
        label="Hashimoto thyroiditis",
        column="thyroid_subtype",
        sources=("diagnoses.subtype",),
        values=_is("thyroid_subtype", "hashimoto"),
    ),
    "age": Covariate(
        label="Age, per 10 years",
        column="age_years",
        sources=("patients.age_years",),
        values=_number("age_years", _DECADE),
    ),
    "female": Covariate(
        label="Female sex",
        column="sex",
        sources=("patients.sex",),
        values=_is("sex", "female"),
    ),
    "anc": Covariate(
        label="Neutrophil count, per 10⁹/L",
        column="anc",
        sources=("labs.ANC",),
        values=_number("anc"),
    ),
    "ft3": Covariate(
        label="Free triiodothyronine, per pmol/L",
        column="lab_FT3",
        sources=("labs.FT3",),
        values=_number("lab_FT3"),
    ),
    "anti_tpo": Covariate(
        label="Anti-TPO, per 100 IU/mL",
        column="lab_ANTI_TPO",
        sources=("labs.ANTI_TPO",),
        values=_number("lab_ANTI_TPO", 100.0),
    ),
}


def model(question: Question) -> Findings:
    """A logistic model; Firth's where the covariates tell the outcomes apart."""
    outcome: Outcome = question.design.model_outcome
    covariates = names_in(question.design.model_covariates)
    made = Made(scope=question.scope)
    if outcome == "anti_pmn":
        frame = question.tested
        observed = frame["status"] == "positive"
        label, source, reason = (
            "Anti-PMN antibodies",
            "antibody_tests.result",
            question.untested,
        )
    else:
        frame = question.everybody
        observed = frame["has_recurrent_infections"].eq(other=True)
        label, source, reason = (
            "Recurrent infections",
            "events.event",
            question.population.unrecorded.get("has_recurrent_infections", ""),
        )
    lacking = {n: why for n in covariates if (why := _lacking(question, frame, n))}
    asked = tuple(name for name in covariates if name not in lacking)
    design = pd.DataFrame(
        {name: COVARIATES[name].values(frame) for name in asked}, index=frame.index
    )
    complete = design.dropna()
    made.sources = (source, *(s for name in covariates for s in COVARIATES[name].sources))
    nothing = "no covariate is recorded here" if covariates else "no covariate was chosen"
    if reason or not asked:
        return _no_model(question, made, covariates, reason or nothing)
    total = made.count("logistic/n/count", f"{label}: patients with complete rows", len(complete))
    lost = _incomplete(made, len(frame) - len(complete))
    fit = logistic(
        observed[complete.index].to_numpy(),
        complete.to_numpy(dtype=float),
        [COVARIATES[name].label for name in asked],
        conf_level=made.scope.conf_level,
    )
    n_events = int(observed[complete.index].sum())
    behind = min(n_events, len(complete) - n_events)
    if isinstance(fit, LogisticFit):
        behind = _smallest(fit, observed[complete.index], complete)
    rows, keys = _rows(made, asked, fit, behind)
    rows += [_left_out(made, name, why) for name, why in lacking.items()]
    method = fit.method if isinstance(fit, LogisticFit) else "No model could be fitted"
    if question.scope.lists_all:  # that the outcomes separate says that a cell is empty
        method = "maximum likelihood, or Firth's where the covariates tell the outcomes apart"
    whole = "anti_pmn/all/proportion#n" if outcome == "anti_pmn" else "frequency/total/count"
    parts = ("logistic/n/count", "logistic/incomplete/count")  # of patients in another table
    layout = Layout(
        tables=(
            Table(
                key=question.scope.key("logistic/table"),
                caption=f"{label}: logistic model",
                stub_head="Covariate",
                columns=(Column(f"Odds ratio ({question.level} CI)"), Column("P")),
                rows=(
                    *rows,
                    Row("Patients", (Cell(CellKind.COUNT, (total,)), Cell(CellKind.TEXT))),
                    *_with_outcome(made, label, n_events, len(complete)),
                    Row("Left out, incomplete", (lost, Cell(CellKind.TEXT))),
                ),
                notes=(
                    f"{method[:1].upper()}{method[1:]}; complete rows only.",
                    *_told(lacking),
                ),
            ),
        ),
        figures=(
            Figure(
                key=question.scope.key("logistic/figure"),
                kind=FigureKind.FOREST,
                caption=f"{label}: odds ratios with {question.level} intervals",
                alt="Odds ratios: "
                + clauses(*(f"{made.results[key].label} {{{key}:estimate_ci}}" for key in keys))
                + ".",
                series=(Series("Odds ratio", tuple(keys)),),
                x_label="Odds ratio",
                reference=1.0,
                is_log=True,
            ),
        )
        if isinstance(fit, LogisticFit)
        else (),
        margins=(Margin(total=made.scope.key(whole), parts=tuple(map(made.scope.key, parts))),),
        cautions=(
            (
                "A model adjusts only for what was measured, and for what it is given. It is not "
                "the study's: the study printed none."
            ),
        ),
    )
    return question.scope.findings("logistic", "Logistic model", made, layout)


def _lacking(question: Question, frame: pd.DataFrame, name: str) -> str:
    """Why a covariate is not in the model: it is recorded of nobody; empty where it is in it.

    Of a restricted cohort only what the whole cohort lacks is left out: that nobody of a group has
    a value may tell of the group.
    """
    covariate = COVARIATES[name]
    if covariate.column == "is_thyroid":
        return question.unrecorded
    if covariate.column in question.population.unrecorded:
        return question.population.unrecorded[covariate.column]
    tables = {source.split(".")[0] for source in covariate.sources} - {"patients"}
    reason = question.no_table(*sorted(tables))
    if reason or question.scope.lists_all or frame[covariate.column].notna().any():
        return reason
    return "it is recorded of nobody here"


def _no_model(question: Question, made: Made, covariates: tuple[str, ...], reason: str) -> Findings:
    """No model, and why."""
    for name in covariates:
        _left_out(made, name, reason)
    layout = Layout(sentences=(Sentence(as_sentence(reason)),))
    return question.scope.findings("logistic", "Logistic model", made, layout)


def _left_out(made: Made, name: str, reason: str) -> Row:
    """The row of a covariate that is not in the model, and why."""
    label = COVARIATES[name].label
    ratio = made.none(f"logistic/{name}/odds_ratio", label, reason)
    p_value = made.none(f"logistic/{name}/p_value", f"{label}: P", reason)
    return Row(label, (Cell(CellKind.ESTIMATE_CI, (ratio,)), Cell(CellKind.P_VALUE, (p_value,))))


def _told(lacking: dict[str, str]) -> tuple[str, ...]:
    """A note on what the model does not adjust for, though it was asked to."""
    if not lacking:
        return ()
    labels = {name: COVARIATES[name].label for name in lacking}
    return (f"Left out of the model, as they are not recorded here: {listed(lacking, labels)}.",)


def _smallest(fit: LogisticFit, observed: pd.Series, complete: pd.DataFrame) -> int:
    """The smallest group behind the coefficients, for the gate.

    Coefficients normally tell of nobody. But Firth's method is in use because a cell is empty, and
    a model of one covariate with two values is a table of four cells, told by its odds ratio.
    """
    if fit.is_firth:
        return 0
    smallest = min(fit.n_events, fit.n - fit.n_events)
    values = complete.iloc[:, 0]
    if complete.shape[1] == 1 and values.nunique() == 2:
        cells = pd.crosstab(values, observed).to_numpy()
        smallest = min(smallest, int(cells.min()))
    return smallest


def _with_outcome(made: Made, label: str, n_events: int, n: int) -> tuple[Row, ...]:
    """How many have the outcome, on which it hangs how many covariates a model can bear.

    Of a restricted cohort it is left out: beside those with the outcome in other tables it would
    tell of the few whose rows are incomplete.
    """
    if made.scope.lists_all:
        return ()
    key = made.count("logistic/events/count", f"{label}: with the outcome", n_events, n=n)
    cells = (Cell(CellKind.COUNT, (key,)), Cell(CellKind.TEXT))
    return (Row("With the outcome", cells),)


def _incomplete(made: Made, lost: int) -> Cell:
    """How many rows a missing covariate cost; that it cost none tells nothing about anybody."""
    if made.scope.lists_all and not lost:
        return Cell(CellKind.TEXT, text="0")
    key = made.count("logistic/incomplete/count", "Left out: a covariate is missing", lost)
    return Cell(CellKind.COUNT, (key,))


def _rows(
    made: Made, covariates: tuple[str, ...], fit: LogisticFit | NoEstimate, behind: int | None
) -> tuple[list[Row], list[str]]:
    rows, keys = [], []
    for position, name in enumerate(covariates, start=1):
        label = COVARIATES[name].label
        tails = f"logistic/{name}/odds_ratio", f"logistic/{name}/p_value"
        if isinstance(fit, NoEstimate):
            ratio = made.none(tails[0], label, fit.reason, n=behind)
            p_value = made.none(tails[1], f"{label}: P", fit.reason, n=behind)
        else:
            term = fit.terms[position]
            ratio = made.estimate(
                tails[0],
                label,
                Measure.ODDS_RATIO,
                term.odds_ratio,
                n=fit.n,
                ci=(term.ci_low, term.ci_high, fit.conf_level),
                method=fit.method,
                smallest=behind,
                residual_df=fit.n - len(fit.terms),
            )
            p_value = made.estimate(
                tails[1],
                f"{label}: P",
                Measure.P_VALUE,
                term.p_value,
                n=fit.n,
                method=fit.method,
                smallest=behind,
                residual_df=fit.n - len(fit.terms),
            )
        keys.append(ratio)
        rows.append(
            Row(label, (Cell(CellKind.ESTIMATE_CI, (ratio,)), Cell(CellKind.P_VALUE, (p_value,))))
        )
    return rows, keys
