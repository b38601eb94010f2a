"""A measured value held against what is known: ROC curve, area, and a cut-off.

The cut-off is the lowest that leaves a wanted share of those without the disease at or below it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from incohort.results import Cell, Curve, Figure, Measure
from incohort.shapes.making import Scope, part_of
from incohort.shapes.sets import Members
from incohort.shapes.tabular import cell, cells, figure, phrases
from incohort.shapes.telling import Draft
from incohort.stats import NoEstimate
from incohort.stats.assays.roc import RocCurve, compare_areas, cut_off_at_specificity, roc_curve

_WORDS = {
    "area": "area under the curve",
    "cut_off": "cut-off, positive above it",
    "sensitivity": "sensitivity at the cut-off",
    "specificity": "specificity",
}
_AXES = ("1 − specificity", "Sensitivity")
_KINDS = ("estimate_ci", "estimate_ci", "percent_ci", "percent_ci")


@dataclass(frozen=True, eq=False, kw_only=True)
class Judged:
    """A measured value of those with and without the disease.

    Args:
        name: In keys.
        label: As it is printed.
        groups: Those with a value who have the disease, and those who don't.
        values: Of both groups.
        diseased: Which of the values are of the diseased.
        parted: Those of each group above a cut-off, and at or below it.
    """

    name: str
    label: str
    groups: tuple[Members, Members]
    values: np.ndarray
    diseased: np.ndarray
    parted: Callable[[float], tuple[Members, ...]]


def roc_none(
    draft: Draft, name: str, label: str, reason: str, members: Members
) -> tuple[Cell, ...]:
    """The cells of a value that can't be held against anything, and why."""
    return cells(_KINDS, draft.no_parts_in(f"roc/{name}", label, _WORDS, reason, members))


def roc_cells(draft: Draft, judged: Judged, wanted: float) -> tuple[Cell, ...]:
    """The area, the cut-off at a wanted specificity, and what it gives; the curve, too."""
    values, diseased, level = judged.values, judged.diseased, draft.scope.conf_level
    curve = roc_curve(values, diseased, conf_level=level)
    cut = cut_off_at_specificity(values, diseased, wanted, conf_level=level)
    if isinstance(curve, RocCurve):
        _add_curve(draft, judged, curve)
    words, sets = _WORDS, tuple[Members, ...](judged.groups)
    if not isinstance(cut, NoEstimate):
        words = _WORDS | {"specificity": "specificity at the cut-off"}
        sets = judged.parted(cut.cut_off.estimate)
    keys = []
    for part, measure, answer, rests_on in (
        ("area", Measure.COEFFICIENT, curve, judged.groups),
        ("cut_off", Measure.QUANTILE, cut, sets),
        ("sensitivity", Measure.PROPORTION, cut, sets),
        ("specificity", Measure.PROPORTION, cut, sets),
    ):
        tail, label = f"roc/{judged.name}/{part}", f"{judged.label}: {words[part]}"
        n = None if isinstance(answer, NoEstimate) else len(values)
        number = part_of(answer, part)
        keys.append(draft.statistic_in(tail, label, measure, number, rests_on, n=n))
    return cells(_KINDS, keys)


def _add_curve(draft: Draft, judged: Judged, curve: RocCurve) -> None:
    """The curve as a result, with how many persons' readings lie at each corner."""
    key, values = draft.scope.key(f"roc/{judged.name}/curve"), judged.values
    drawn = Curve(
        key=key,
        label=judged.label,
        x=tuple(1 - value for value in curve.specificity),
        y=curve.sensitivity,
        x_label=_AXES[0],
        y_label=_AXES[1],
        measure="sensitivity",
        is_stepped=False,
        n_persons=tuple(int((values == threshold).sum()) for threshold in curve.thresholds),
        n=len(values),
        method="empirical ROC curve",
        sources=draft.sources,
        origin=draft.scope.origin_of(key, draft.sources),
    )
    diseased, healthy = judged.groups
    draft.drawn_in(drawn, diseased | healthy, f"ROC curve of {judged.name}")


def areas_compared(
    draft: Draft, first: Judged, second: Judged, groups: tuple[Members, Members]
) -> Cell:
    """DeLong's test of two areas, of values of the same patients."""
    answer = compare_areas(
        first.values, second.values, first.diseased, conf_level=draft.scope.conf_level
    )
    key = draft.test_in(
        f"roc/{first.name}_{second.name}/area_p_value",
        f"Area of {first.label} and of {second.label}, DeLong's P",
        answer if isinstance(answer, NoEstimate) else answer.test,
        groups,
    )
    return cell("p_value", key)


def roc_figure(scope: Scope, labels: Mapping[str, str], caption: str) -> tuple[Figure, ...]:
    """The curves that there are; `labels` are those of their keys."""
    if not labels:
        return ()
    areas = {label: f"{key.removesuffix('curve')}area" for key, label in labels.items()}
    return (
        figure(
            scope, "roc", "curves", caption,
            f"Area under the curve: {phrases(areas, 'estimate_ci')}.",
            {label: (key,) for key, label in labels.items()},
            x_label=_AXES[0], y_label=_AXES[1], is_roc=True,
        ),
    )  # fmt: skip
