"""Readings and titres: how well they tell who has the disease, and how two methods agree."""

from __future__ import annotations

from functools import cached_property
from itertools import combinations

import numpy as np
import pandas as pd

from incohort.analyses.assay_yield.question import Flags, Question
from incohort.analyses.assay_yield.titres import titre_results
from incohort.cohort import pairing
from incohort.results import (
    Cell,
    CellKind,
    Column,
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
from incohort.shapes.making import Made
from incohort.stats import Interval, NoEstimate
from incohort.stats.assays.method_comparison import passing_bablok
from incohort.stats.assays.roc import RocCurve, compare_areas, cut_off_at_specificity, roc_curve

SOURCES = ("antibody_tests.reading", "antibody_tests.assay")
_ENOUGH = 10  # patients with readings before an assay of a restricted cohort is told to have any


def readings(question: Question) -> Findings:
    """ROC curves, cut-offs at the wanted specificity, and two methods on the same samples."""
    made = Made(scope=question.scope, sources=(*SOURCES, *question.reference_sources))
    measured = Measured(question)
    assays = measured.with_readings or (question.index,)
    rows = [_roc_row(question, made, measured, name) for name in assays]
    made.sources = SOURCES
    lines = [_line_row(question, made, measured, a, b) for a, b in combinations(assays, 2)]
    titre_tables, titre_figures, titre_margins = titre_results(question, made, measured)
    layout = Layout(
        tables=(
            _roc_table(question, rows),
            *((_line_table(question, lines),) if lines else ()),
            *titre_tables,
        ),
        figures=(*_roc_figure(question, made, assays), *titre_figures),
        cautions=(
            (
                "A cut-off that is found and judged on the same patients flatters the assay: the "
                "specificity was set beforehand, the cut-off is exploratory and has to be tried "
                "on others."
            ),
        ),
        margins=titre_margins,
    )
    return question.scope.findings("readings", "Readings and titres", made, layout)


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
        """Each unit's reading; missing where there is none."""
        return self._aligned(self._of(assay, "reading")["reading"])

    def titre(self, assay: str) -> tuple[pd.Series, pd.Series]:
        """Each unit's titre or its bound, and the comparator of a bound."""
        rows = self._of(assay, "titre")
        return self._aligned(rows["titre"]), rows["comparator"].reindex(self._units)

    @cached_property
    def _units(self) -> pd.Index:
        frame = self._question.units
        if self._question.design.unit == "patient" or "sample" not in frame:
            units: pd.Index = pd.Index(frame["patient_id"])
            return units
        return pd.MultiIndex.from_frame(frame[["patient_id", "sample"]])

    def _aligned(self, values: pd.Series) -> pd.Series:
        return pd.to_numeric(values, errors="coerce").reindex(self._units).astype("float64")

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


def _roc_row(question: Question, made: Made, measured: Measured, name: str) -> Row:
    """Area, cut-off, and what the cut-off gives, of one assay's readings."""
    label, tail = question.label(name), f"roc/{name}"
    values, diseased, reason = _judged(question, measured, name)
    n_diseased, n_healthy = int(diseased.sum()), int((~diseased).sum())
    few, n = min(n_diseased, n_healthy), len(diseased)
    level, wanted = made.scope.conf_level, question.design.specificity
    curve = NoEstimate(reason) if reason else roc_curve(values, diseased, conf_level=level)
    cut = (
        NoEstimate(reason)
        if reason
        else cut_off_at_specificity(values, diseased, wanted, conf_level=level)
    )
    behind = None if reason else n
    fewest = None if reason else few
    if isinstance(curve, RocCurve):
        _add_curve(question, made, name, curve, values)
    area = made.interval(
        f"{tail}/area", f"{label}: area under the curve", Measure.COEFFICIENT,
        curve if isinstance(curve, NoEstimate) else curve.area, n=behind, smallest=fewest,
    )  # fmt: skip
    above = None if isinstance(cut, NoEstimate) else round((1 - cut.specificity) * n_healthy)
    smallest = fewest if above is None else min(few, above)
    point = made.interval(
        f"{tail}/cut_off", f"{label}: cut-off, positive above it", Measure.QUANTILE,
        cut if isinstance(cut, NoEstimate) else cut.cut_off, n=behind, smallest=smallest,
    )  # fmt: skip
    sensitivity = made.interval(
        f"{tail}/sensitivity", f"{label}: sensitivity at the cut-off", Measure.PROPORTION,
        cut if isinstance(cut, NoEstimate) else cut.sensitivity, smallest=smallest,
    )  # fmt: skip
    if isinstance(cut, NoEstimate):
        seen = made.none(f"{tail}/specificity", f"{label}: specificity", cut.reason, n=behind)
    else:
        seen = made.estimate(
            f"{tail}/specificity", f"{label}: specificity at the cut-off", Measure.PROPORTION,
            cut.specificity, smallest=smallest,
        )  # fmt: skip
    compared = _compared(question, made, measured, name)
    kinds = (
        CellKind.ESTIMATE_CI, CellKind.ESTIMATE_CI, CellKind.PERCENT_CI, CellKind.PERCENT_CI,
        CellKind.P_VALUE,
    )  # fmt: skip
    keys = (area, point, sensitivity, seen, compared)
    cells = [Cell(kind, (key,)) if key else Cell(CellKind.TEXT) for kind, key in zip(
        kinds, keys, strict=True)]  # fmt: skip
    return Row(label, tuple(cells))


def _judged(question: Question, measured: Measured, name: str) -> tuple[np.ndarray, Flags, str]:
    """An assay's readings of whoever has the reference, who is diseased, or why there is none."""
    none = np.zeros(0), np.zeros(0, dtype=bool)
    if question.no_reference:
        return (*none, question.no_reference)
    if name == question.design.reference:
        return (*none, "it is the reference itself, and would be compared with itself")
    if name not in measured.with_readings:
        return (*none, f"the cohort has no readings of {question.label(name)}")
    values = measured.reading(name).to_numpy()
    diseased, known = question.reference
    among = ~np.isnan(values) & known
    return values[among], diseased[among], ""


def _add_curve(
    question: Question, made: Made, name: str, curve: RocCurve, values: np.ndarray
) -> None:
    """The curve as a result, with how many persons' readings lie at each corner."""
    key = question.scope.key(f"roc/{name}/curve")
    at = [int((values == threshold).sum()) for threshold in curve.thresholds]
    made.results[key] = Curve(
        key=key,
        label=question.label(name),
        x=tuple(1 - value for value in curve.specificity),
        y=curve.sensitivity,
        x_label="1 − specificity",
        y_label="Sensitivity",
        measure="sensitivity",
        is_stepped=False,
        n_persons=tuple(at),
        n=len(values),
        method="empirical ROC curve",
        sources=made.sources,
        origin=question.scope.cohort.origin_of(
            key, made.sources, is_whole=not question.scope.restricted_by
        ),
    )


def _compared(question: Question, made: Made, measured: Measured, name: str) -> str:
    """DeLong's test of an assay's area against the index assay's; empty for the index itself."""
    index = question.index
    if name == index or index not in measured.with_readings or question.no_reference:
        return ""
    x, y = (measured.reading(a).to_numpy() for a in (index, name))
    diseased, known = question.reference
    among = ~np.isnan(x) & ~np.isnan(y) & known
    found = compare_areas(x[among], y[among], diseased[among], conf_level=made.scope.conf_level)
    own = diseased[among]
    few = int(min(own.sum(), (~own).sum()))
    return made.p_value(
        f"roc/{index}_{name}/area_p_value",
        f"Area of {question.label(index)} and of {question.label(name)}, DeLong's P",
        found if isinstance(found, NoEstimate) else found.test,
        n=int(among.sum()),
        smallest=few,
    )


def _roc_table(question: Question, rows: list[Row]) -> Table:
    ci = f"({question.level} CI)"
    return Table(
        key=question.scope.key("roc/table"),
        caption=f"Readings against the reference: {question.reference_label}",
        stub_head="Assay",
        columns=(
            Column(f"Area under the curve {ci}"),
            Column(f"Cut-off {ci}"),
            Column(f"Sensitivity there {ci}"),
            Column("Specificity there"),
            Column("Area against the index assay's, P"),
        ),
        rows=tuple(rows),
        notes=(
            (
                "Area: DeLong's interval. Cut-off: the lowest that leaves "
                f"{100 * question.design.specificity:g} % of those without the disease at or "
                "below it; percentile bootstrap, computed over all resamples. Higher readings "
                "speak for antibodies."
            ),
        ),
    )


def _roc_figure(question: Question, made: Made, assays: tuple[str, ...]) -> tuple[Figure, ...]:
    curves = [
        key
        for name in assays
        if isinstance(made.results.get(key := question.scope.key(f"roc/{name}/curve")), Curve)
    ]
    if not curves:
        return ()
    told = clauses(
        *(
            f"{made.results[key].label} area {{{key.removesuffix('curve')}area:estimate_ci}}"
            for key in curves
        )
    )
    return (
        Figure(
            key=question.scope.key("roc/figure"),
            kind=FigureKind.CURVES,
            caption="Sensitivity and specificity at each cut-off of the readings",
            alt=f"ROC curves: {told}.",
            series=tuple(Series(made.results[key].label, (key,)) for key in curves),
            x_label="1 − specificity",
            y_label="Sensitivity",
            is_roc=True,
        ),
    )


def _line_row(question: Question, made: Made, measured: Measured, first: str, second: str) -> Row:
    """Passing and Bablok's line of one assay's readings on another's."""
    x, y = (measured.reading(name).to_numpy() for name in (first, second))
    both = ~np.isnan(x) & ~np.isnan(y)
    n, label = int(both.sum()), f"{question.label(first)} against {question.label(second)}"
    found = passing_bablok(x[both], y[both], conf_level=made.scope.conf_level)
    keys = []
    for name in ("slope", "intercept"):
        answer: Interval | NoEstimate = (
            found if isinstance(found, NoEstimate) else getattr(found, name)
        )
        keys.append(
            made.interval(
                f"readings/{first}_{second}/{name}", f"{label}: {name}", Measure.COEFFICIENT,
                answer, n=n,
            )
        )  # fmt: skip
    return Row(label, tuple(Cell(CellKind.ESTIMATE_CI, (key,)) for key in keys))


def _line_table(question: Question, rows: list[Row]) -> Table:
    return Table(
        key=question.scope.key("readings/table"),
        caption="Readings of two assays on a line",
        stub_head="First (across) and second (up)",
        columns=(
            Column(f"Slope ({question.level} CI)"),
            Column(f"Intercept ({question.level} CI)"),
        ),
        rows=tuple(rows),
        notes=(
            (
                "Passing and Bablok's line. Each assay has readings in a unit of its own, so their "
                "differences mean nothing, and no limits of agreement are given."
            ),
        ),
    )
