"""A logistic model of an outcome on what the user chooses to adjust for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import product

import numpy as np
import pandas as pd

from incohort.analyses.thyroid_antibodies.question import Question
from incohort.params.names import names_in
from incohort.results import Findings, Layout, Measure, Row
from incohort.shapes import tabular, vocabulary
from incohort.shapes.groups import sources_of
from incohort.shapes.making import listed, part_of
from incohort.shapes.people import INFECTED, SUBTYPE
from incohort.shapes.ratios import Ratio, Ratios
from incohort.shapes.recorded import instead, no_table
from incohort.shapes.sets import Members
from incohort.shapes.telling import Draft, telling
from incohort.stats import Interval, NoEstimate
from incohort.stats.logistic import LogisticFit, logistic

_TITLE = "Logistic model"
_CAUTION = (
    "A model adjusts only for what was measured, and for what it is given. It is not the study's: "
    "the study printed none."
)
# What is said of a restricted cohort: that the outcomes separate says that a cell is empty.
_EITHER = "maximum likelihood, or Firth's where the covariates tell the outcomes apart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Covariate:
    """One term of the model: a measured column `per` so much, or whether a column has `words`."""

    label: str
    column: str
    sources: tuple[str, ...]
    per: float = 1.0
    words: tuple[str, ...] = ()
    unknown: tuple[str, ...] = (vocabulary.UNKNOWN,)

    def known_in(self, members: Members) -> Members:
        """Those of a set of whom it can be told."""
        if self.words:
            return members.but(self.column, *self.unknown)
        return members.known(members.base.recorded(self.column))

    def values(self, members: Members) -> pd.Series:
        """What the model takes, a number each."""
        if self.words:
            return members.where(self.column, *self.words).mask[members.mask].astype(float)
        return members.frame[self.column].astype(float) / self.per


def _covariates(question: Question) -> dict[str, Covariate]:
    """All that a model may adjust for, by name."""
    return {
        "thyroid_disease": Covariate(
            label="Thyroid disease", column=question.thyroid_axis, words=question.thyroid_words,
            sources=question.thyroid_sources, unknown=(),
        ),
        "hashimoto": _category("Hashimoto thyroiditis", SUBTYPE, "hashimoto"),
        "female": _category("Female sex", "sex", "female"),
        "age": _value("Age, per 10 years", "age_years", "patients.age_years", 10.0),
        "anc": _value("Neutrophil count, per 10⁹/L", "anc", "labs.ANC"),
        "ft3": _value("Free triiodothyronine, per pmol/L", "lab_FT3", "labs.FT3"),
        "anti_tpo": _value("Anti-TPO, per 100 IU/mL", "lab_ANTI_TPO", "labs.ANTI_TPO", 100.0),
    }  # fmt: skip


def _category(label: str, column: str, word: str) -> Covariate:
    return Covariate(label=label, column=column, words=(word,), sources=sources_of(column))


def _value(label: str, column: str, source: str, per: float = 1.0) -> Covariate:
    return Covariate(label=label, column=column, sources=(source,), per=per)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """What the model is of: in whom, and in which column it stands."""

    label: str
    whom: Members
    axis: str
    word: str
    source: str
    reason: str


def _outcome(question: Question) -> _Outcome:
    if question.design.model_outcome == "anti_pmn":
        return _Outcome(
            label="Anti-PMN antibodies", whom=question.tested, axis=question.assay,
            word="positive", source="antibody_tests.result", reason=question.untested,
        )  # fmt: skip
    return _Outcome(
        label="Recurrent infections", whom=question.everybody, axis=INFECTED, word="yes",
        source="events.event", reason=question.population.unrecorded.get(INFECTED, ""),
    )  # fmt: skip


def model(question: Question) -> Findings:
    """A logistic model; Firth's where the covariates tell the outcomes apart."""
    outcome, known = _outcome(question), _covariates(question)
    chosen = {name: known[name] for name in names_in(question.design.model_covariates)}
    reasons = {name: _lacking(question, outcome.whom, chosen[name]) for name in chosen}
    asked = {name: covariate for name, covariate in chosen.items() if not reasons[name]}
    sources = (source for covariate in chosen.values() for source in covariate.sources)
    draft = telling(question.scope, outcome.source, *sources)
    nothing = "no covariate is recorded here" if chosen else "no covariate was chosen"
    reason = outcome.reason or ("" if asked else nothing)
    if reason:
        ratios = _ratios(draft, outcome.whom)
        for name, covariate in chosen.items():
            ratios.left_out(name, covariate.label, reason)
        return draft.findings("logistic", _TITLE, Layout(sentences=instead(reason)))
    fitted = _Fitted(draft=draft, outcome=outcome, covariates=asked)
    lacking = {name: (chosen[name].label, why) for name, why in reasons.items() if why}
    return draft.findings("logistic", _TITLE, fitted.layout(lacking))


def _lacking(question: Question, whom: Members, covariate: Covariate) -> str:
    """Why a covariate is not in the model: it is recorded of nobody; empty where it is in it.

    Of a restricted cohort only what the whole cohort lacks is left out: that nobody of a group has
    a value may tell of the group.
    """
    if covariate.column in question.population.unrecorded:
        return question.population.unrecorded[covariate.column]
    tables = {source.split(".")[0] for source in covariate.sources} - {"patients"}
    reason = no_table(question.cohort, *sorted(tables))
    if reason or question.scope.lists_all or whom.frame[covariate.column].notna().any():
        return reason
    return "it is recorded of nobody here"


@dataclass(frozen=True, eq=False, kw_only=True)
class _Fitted:
    """A model of an outcome, of those in whom all its covariates are known."""

    draft: Draft
    outcome: _Outcome
    covariates: Mapping[str, Covariate]

    @cached_property
    def _rows(self) -> tuple[Members, Members]:
        """Those in whom all covariates are known, and those in whom one is not."""
        everybody = self.outcome.whom.base.everybody
        return self.outcome.whom.complete(
            *(covariate.known_in(everybody) for covariate in self.covariates.values())
        )

    @cached_property
    def _events(self) -> Members:
        return self._rows[0].where(self.outcome.axis, self.outcome.word)

    @cached_property
    def _fit(self) -> LogisticFit | NoEstimate:
        complete, covariates = self._rows[0], self.covariates
        values = {name: covariate.values(complete) for name, covariate in covariates.items()}
        return logistic(
            self._events.mask[complete.mask].to_numpy(),
            pd.DataFrame(values).to_numpy(),
            [covariate.label for covariate in covariates.values()],
            conf_level=self.draft.scope.conf_level,
        )

    def layout(self, lacking: Mapping[str, tuple[str, str]]) -> Layout:
        """The model's table and its forest; `lacking` are covariates in no model, and why."""
        fit, label, scope = self._fit, self.outcome.label, self.draft.scope
        ratios = _ratios(self.draft, self._rows[0], fit)
        rows = [
            ratios.row(name, covariate.label, _term(fit, place), self._behind)
            for place, (name, covariate) in enumerate(self.covariates.items(), start=1)
        ]
        if self._is_a_table and isinstance(fit, LogisticFit) and not fit.is_firth:
            self._from_cells(rows)
        left_out = [ratios.left_out(name, *words) for name, words in lacking.items()]
        names = {name: name_printed for name, (name_printed, _) in lacking.items()}
        method = fit.method if isinstance(fit, LogisticFit) else "No model could be fitted"
        method = _EITHER if scope.lists_all else method
        table = tabular.table(
            scope, "logistic", f"{label}: logistic model", "Covariate",
            (f"Odds ratio ({scope.level} CI)", "P"), [*rows, *left_out, *self._counts()],
            f"{method[:1].upper()}{method[1:]}; complete rows only.",
            f"Left out of the model, as they are not recorded here: {listed(names, names)}."
            if names
            else "",
        )  # fmt: skip
        caption = f"{label}: odds ratios with {scope.level} intervals"
        forest = ratios.forest(rows, caption, "Odds ratios", f"{label[0].lower()}{label[1:]}")
        figures = (forest,) if isinstance(fit, LogisticFit) else ()
        return Layout(tables=(table,), figures=figures, cautions=(_CAUTION,))

    @cached_property
    def _behind(self) -> tuple[Members, ...]:
        """The sets whose sizes the coefficients may tell: those with and without the outcome.

        Coefficients normally tell of nobody else. But Firth's method is in use because a cell is
        empty, and a model whose covariates are all yes or no is worked out of the cells that these
        make with the outcome: its ratios give back how many have both, and how many each
        combination has.
        """
        fit, complete = self._fit, self._rows[0]
        outcomes = (self._events, complete.less(self._events))
        if isinstance(fit, LogisticFit) and fit.is_firth:
            return (*outcomes, complete.nobody)
        cells: tuple[Members, ...] = outcomes
        for covariate in self.covariates.values() if self._is_a_table else ():
            column, words = covariate.column, covariate.words
            cells = tuple(
                cell
                for members in cells
                for cell in (members.where(column, *words), members.but(column, *words))
            )
        return cells

    @property
    def _is_a_table(self) -> bool:
        """Whether all covariates are yes or no."""
        return all(covariate.words for covariate in self.covariates.values())

    def _from_cells(self, rows: Sequence[Row]) -> None:
        """Says how the ratios come from the cells alone, which all patients are parted into."""
        kinds = list(product((1, 0), repeat=1 + len(self.covariates)))
        labels = [covariate.label for covariate in self.covariates.values()]

        def again(place: int, part: str, *counts: int) -> object:
            patients, level = np.repeat(kinds, counts, axis=0), self.draft.scope.conf_level
            fit = logistic(patients[:, 0], patients[:, 1:], labels, conf_level=level)
            is_firth = isinstance(fit, LogisticFit) and fit.is_firth
            return NoEstimate("a cell is empty") if is_firth else part_of(_term(fit, place), part)

        for place, line in enumerate(rows, start=1):
            for part, cell in zip(("interval", "test"), line.cells, strict=True):
                self.draft.from_sets(cell.keys[0], self._behind, partial(again, place, part))

    def _counts(self) -> list[Row]:
        """How many the model is of, how many of them have the outcome, and how many it left out."""
        draft, label, (complete, incomplete) = self.draft, self.outcome.label, self._rows
        of, missing = f"{label}: patients with complete rows", "Left out: a covariate is missing"
        n = draft.count_in("logistic/n/count", of, complete)
        events = draft.count_in(
            "logistic/events/count", f"{label}: with the outcome", self._events, of=complete
        )
        left_out = tabular.text("0")  # a count of 0 would be withheld, though it tells of nobody
        if len(incomplete) or not draft.scope.lists_all:
            key = draft.count_in("logistic/incomplete/count", missing, incomplete)
            left_out = tabular.cell("count", key)
        cells = {
            "Patients": tabular.cell("count", n),
            "With the outcome": tabular.cell("count", events),
            "Left out, incomplete": left_out,
        }
        return [tabular.row(head, cell, tabular.BLANK) for head, cell in cells.items()]


def _ratios(draft: Draft, of: Members, fit: LogisticFit | NoEstimate | None = None) -> Ratios:
    ratios = Ratios(
        draft=draft, name="logistic", kind="odds_ratio", measure=Measure.ODDS_RATIO, of=of
    )
    if not isinstance(fit, LogisticFit):
        return ratios
    return replace(ratios, n=fit.n, residual_df=fit.n - len(fit.terms))


def _term(fit: LogisticFit | NoEstimate, place: int) -> Ratio | NoEstimate:
    if isinstance(fit, NoEstimate):
        return fit
    term = fit.terms[place]
    interval = Interval(
        estimate=term.odds_ratio, ci_low=term.ci_low, ci_high=term.ci_high,
        conf_level=fit.conf_level, method=fit.method,
    )  # fmt: skip
    return Ratio(interval=interval, p_value=term.p_value)
