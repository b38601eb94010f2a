"""Readings and titres: how well they tell who has the disease, and how two methods agree."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd

from incohort.analyses.assay_yield.question import Question
from incohort.cohort import pairing
from incohort.results import (
    Cell,
    Curve,
    Figure,
    FigureKind,
    Findings,
    Layout,
    Measure,
    Row,
    Series,
    Table,
    clauses,
)
from incohort.shapes.sets import NO, YES, Members
from incohort.shapes.tabular import BLANK, cell, cells, row, table
from incohort.shapes.telling import Told
from incohort.shapes.titres import titre_results
from incohort.stats import Interval, NoEstimate
from incohort.stats.assays.method_comparison import passing_bablok
from incohort.stats.assays.roc import RocCurve, compare_areas, cut_off_at_specificity, roc_curve

SOURCES = ("antibody_tests.reading", "antibody_tests.assay")
_ENOUGH = 10  # patients with readings before an assay of a restricted cohort is told to have any
_Asked = tuple[str, Measure, float | Interval | NoEstimate, tuple[Members, ...]]
_KINDS = ("estimate_ci", "estimate_ci", "percent_ci", "percent_ci")


def readings(question: Question) -> Findings:
    """ROC curves, cut-offs at the wanted specificity, and two methods on the same samples."""
    told = question.telling(*SOURCES, *question.reference_sources)
    measured = Measured(question)
    assays = measured.with_readings or (question.index,)
    rows = [_roc_row(question, told, measured, name) for name in assays]
    told.sources = SOURCES
    lines = [_line_row(question, told, measured, *pair) for pair in combinations(assays, 2)]
    titre_tables, titre_figures = titre_results(told, question.units, measured)
    layout = Layout(
        tables=(
            _roc_table(question, rows),
            *((_line_table(question, lines),) if lines else ()),
            *titre_tables,
        ),
        figures=(*_roc_figure(question, told, assays), *titre_figures),
        cautions=(
            (
                "A cut-off that is found and judged on the same patients flatters the assay: the "
                "specificity was set beforehand, the cut-off is exploratory and has to be tried "
                "on others."
            ),
        ),
    )
    return told.findings("readings", "Readings and titres", layout)


class Measured:
    """The readings and titres of one question, one for each assay and patient or sample.

    A patient's is that of their first sample with one.
    """

    def __init__(self, question: Question) -> None:
        """Keep the question; rows are read when they are asked for."""
        self._question = question

    @cached_property
    def _rows(self) -> pd.DataFrame:
        question = self._question
        if question.absent:
            names = ("patient_id", "sample", "assay", "reading", "titre", "comparator")
            return pd.DataFrame({name: pd.Series(dtype="object") for name in names})
        table = pairing.measured(question.cohort.tables["antibody_tests"], question.all_assays)
        frame: pd.DataFrame = table.execute()
        return frame.sort_values(["patient_id", "taken_on", "sample"], na_position="last")

    def _of(self, assay: str, value: str) -> pd.DataFrame:
        """The rows of an assay that have that value, one for each unit, in order of the units."""
        own = self._rows[(self._rows["assay"] == assay) & self._rows[value].notna()]
        on = ["patient_id"] if self._question.design.unit == "patient" else ["patient_id", "sample"]
        return own.drop_duplicates(on).set_index(on)

    def reading(self, assay: str) -> pd.Series:
        """The reading of each row of the units; missing where there is none."""
        return self._aligned(self._of(assay, "reading")["reading"])

    def titre(self, assay: str) -> tuple[pd.Series, pd.Series]:
        """The titre or its bound of each row, and the comparator of a bound."""
        rows = self._of(assay, "titre")
        return self._aligned(rows["titre"]), rows["comparator"].reindex(self._units)

    @cached_property
    def _units(self) -> pd.Index:
        frame = self._question.units.base.frame
        if self._question.design.unit == "patient" or self._question.absent:
            units: pd.Index = pd.Index(frame["patient_id"])
            return units
        return pd.MultiIndex.from_frame(frame[["patient_id", "sample"]])

    def _aligned(self, values: pd.Series) -> pd.Series:
        return pd.to_numeric(values, errors="coerce").reindex(self._units).astype("float64")

    def having(self, value: str, *assays: str) -> Members:
        """The described with a reading, or a titre, of each of some assays."""
        members = self._question.units.described
        for assay in assays:
            known = self._aligned(self._of(assay, value)[value]).notna().reset_index(drop=True)
            words = known.map({True: YES, False: None})
            members = members.where(members.base.cut(f"{assay} {value}", words, (YES,)), YES)
        return members

    def parted(self, assay: str, groups: Iterable[Members], cut_off: float) -> tuple[Members, ...]:
        """Those of each group with a reading above a cut-off, and at or below it."""
        known = self.reading(assay).reset_index(drop=True)
        words = (known > cut_off).map({True: YES, False: NO}).where(known.notna())
        column = self._question.units.base.cut(f"{assay} above the cut-off", words, (YES, NO))
        return tuple(group.where(column, word) for group in groups for word in (YES, NO))

    def of(self, assay: str, members: Members) -> np.ndarray:
        """The readings of an assay in a set of those who have one, in the order of the units."""
        order = self._question.units.order
        values = self.reading(assay).to_numpy()[order]
        return values[self._question.units.flags(members)]

    @cached_property
    def with_readings(self) -> tuple[str, ...]:
        """The assays compared that the whole cohort has readings of."""
        return self._having("reading")

    @cached_property
    def with_titres(self) -> tuple[str, ...]:
        """The assays compared that the whole cohort has titres of."""
        return self._having("titre")

    def _having(self, value: str) -> tuple[str, ...]:
        enough = _ENOUGH if self._question.scope.lists_all else 1
        rows = self._rows[self._rows[value].notna()]
        n = rows.groupby("assay")["patient_id"].nunique()
        return tuple(a for a in self._question.assays if n.get(a, 0) >= enough)


def _roc_row(question: Question, told: Told, measured: Measured, name: str) -> Row:
    """Area, cut-off, and what the cut-off gives, of one assay's readings."""
    label, tail = question.label(name), f"roc/{name}"
    words = {
        "area": "area under the curve",
        "cut_off": "cut-off, positive above it",
        "sensitivity": "sensitivity at the cut-off",
        "specificity": "specificity",
    }
    reason = _nothing_to_judge(question, measured, name)
    if reason:
        keys = [
            told.none_in(f"{tail}/{part}", f"{label}: {text}", reason, question.described)
            for part, text in words.items()
        ]
        return row(label, *cells(_KINDS, keys), _compared(question, told, measured, name))
    members = question.verified(measured.having("reading", name))
    groups = (question.diseased(members), question.healthy(members))
    values, level = measured.of(name, members), question.scope.conf_level
    diseased = question.units.flags(groups[0])[question.units.flags(members)]
    curve = roc_curve(values, diseased, conf_level=level)
    cut = cut_off_at_specificity(values, diseased, question.design.specificity, conf_level=level)
    if isinstance(curve, RocCurve):
        _add_curve(question, told, members, name, curve, values)
    area = curve if isinstance(curve, NoEstimate) else curve.area
    sets: tuple[Members, ...] = groups
    cut_off: Interval | NoEstimate
    sensitivity: Interval | NoEstimate
    specificity: float | NoEstimate
    if isinstance(cut, NoEstimate):
        cut_off = sensitivity = specificity = cut
    else:
        words["specificity"] = "specificity at the cut-off"
        sets = measured.parted(name, groups, cut.cut_off.estimate)
        cut_off, sensitivity, specificity = cut.cut_off, cut.sensitivity, cut.specificity
    asked: tuple[_Asked, ...] = (
        ("area", Measure.COEFFICIENT, area, groups),
        ("cut_off", Measure.QUANTILE, cut_off, sets),
        ("sensitivity", Measure.PROPORTION, sensitivity, sets),
        ("specificity", Measure.PROPORTION, specificity, sets),
    )
    keys = [
        told.statistic_in(
            f"{tail}/{part}", f"{label}: {words[part]}", measure, answer, own,
            n=None if isinstance(answer, NoEstimate) else len(members),
        )
        for part, measure, answer, own in asked
    ]  # fmt: skip
    return row(label, *cells(_KINDS, keys), _compared(question, told, measured, name))


def _nothing_to_judge(question: Question, measured: Measured, name: str) -> str:
    """Why an assay's readings can't be held against the reference; empty where they can."""
    if question.no_reference:
        return question.no_reference
    if name == question.design.reference:
        return "it is the reference itself, and would be compared with itself"
    if name not in measured.with_readings:
        return f"the cohort has no readings of {question.label(name)}"
    return ""


def _add_curve(
    question: Question, told: Told, members: Members, name: str, curve: RocCurve,
    values: np.ndarray,
) -> None:  # fmt: skip
    """The curve as a result, with how many persons' readings lie at each corner."""
    key = question.scope.key(f"roc/{name}/curve")
    drawn = Curve(
        key=key,
        label=question.label(name),
        x=tuple(1 - value for value in curve.specificity),
        y=curve.sensitivity,
        x_label="1 − specificity",
        y_label="Sensitivity",
        measure="sensitivity",
        is_stepped=False,
        n_persons=tuple(int((values == threshold).sum()) for threshold in curve.thresholds),
        n=len(values),
        method="empirical ROC curve",
        sources=told.sources,
        origin=question.scope.cohort.origin_of(
            key, told.sources, is_whole=not question.scope.restricted_by
        ),
    )
    told.drawn_in(drawn, members, f"ROC curve of {name}")


def _compared(question: Question, told: Told, measured: Measured, name: str) -> Cell:
    """DeLong's test of an assay's area against the index assay's; blank for the index itself."""
    index = question.index
    if name == index or index not in measured.with_readings or question.no_reference:
        return BLANK
    members = question.verified(measured.having("reading", index, name))
    sets = (question.diseased(members), question.healthy(members))
    diseased = question.units.flags(sets[0])[question.units.flags(members)]
    x, y = (measured.of(assay, members) for assay in (index, name))
    answer = compare_areas(x, y, diseased, conf_level=question.scope.conf_level)
    key = told.test_in(
        f"roc/{index}_{name}/area_p_value",
        f"Area of {question.label(index)} and of {question.label(name)}, DeLong's P",
        answer if isinstance(answer, NoEstimate) else answer.test,
        sets,
    )
    return cell("p_value", key)


def _roc_table(question: Question, rows: list[Row]) -> Table:
    ci = f"({question.scope.level} CI)"
    return table(
        question.scope, "roc", f"Readings against the reference: {question.reference_label}",
        "Assay",
        (
            f"Area under the curve {ci}", f"Cut-off {ci}", f"Sensitivity there {ci}",
            "Specificity there", "Area against the index assay's, P",
        ),
        rows,
        "Area: DeLong's interval. Cut-off: the lowest that leaves "
        f"{100 * question.design.specificity:g} % of those without the disease at or below it; "
        "percentile bootstrap, computed over all resamples. Higher readings speak for antibodies.",
    )  # fmt: skip


def _roc_figure(question: Question, told: Told, assays: tuple[str, ...]) -> tuple[Figure, ...]:
    keys = [question.scope.key(f"roc/{name}/curve") for name in assays]
    labels = {key: told.results[key].label for key in keys if key in told.results}
    if not labels:
        return ()
    said = clauses(
        *(
            f"{label} area {{{key.removesuffix('curve')}area:estimate_ci}}"
            for key, label in labels.items()
        )
    )
    return (
        Figure(
            key=question.scope.key("roc/figure"),
            kind=FigureKind.CURVES,
            caption="Sensitivity and specificity at each cut-off of the readings",
            alt=f"ROC curves: {said}.",
            series=tuple(Series(label, (key,)) for key, label in labels.items()),
            x_label="1 − specificity",
            y_label="Sensitivity",
            is_roc=True,
        ),
    )


def _line_row(question: Question, told: Told, measured: Measured, first: str, second: str) -> Row:
    """Passing and Bablok's line of one assay's readings on another's."""
    members = measured.having("reading", first, second)
    x, y = (measured.of(name, members) for name in (first, second))
    label = f"{question.label(first)} against {question.label(second)}"
    line = passing_bablok(x, y, conf_level=question.scope.conf_level)
    keys = [
        told.statistic_in(
            f"readings/{first}_{second}/{name}", f"{label}: {name}", Measure.COEFFICIENT,
            line if isinstance(line, NoEstimate) else getattr(line, name), (members,),
        )
        for name in ("slope", "intercept")
    ]  # fmt: skip
    return row(label, *cells(["estimate_ci"] * 2, keys))


def _line_table(question: Question, rows: list[Row]) -> Table:
    ci = f"({question.scope.level} CI)"
    return table(
        question.scope, "readings", "Readings of two assays on a line",
        "First (across) and second (up)", (f"Slope {ci}", f"Intercept {ci}"), rows,
        "Passing and Bablok's line. Each assay has readings in a unit of its own, so their "
        "differences mean nothing, and no limits of agreement are given.",
    )  # fmt: skip
