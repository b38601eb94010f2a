"""The groups that curves are compared by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incohort.analyses.anc_recovery.covariates import COVARIATES, Known
from incohort.analyses.anc_recovery.question import GCSF, Question
from incohort.shapes.groups import Group
from incohort.shapes.sets import NO, YES, Members
from incohort.shapes.times import Vector

_LOW = "Below 0.1 × 10⁹/L by time zero"
# Of each choice the two groups, and why somebody is in neither.
_GROUPS = {
    "low_count": (_LOW, f"Not {_LOW[0].lower()}{_LOW[1:]}",
                  "no count from the onset on by time zero"),
    "infection": ("Severe infection by time zero", "No severe infection by time zero",
                  "whether infected is not known"),
    "sex": ("Female", "Male", "sex not recorded"),
    "gcsf": ("Ever given G-CSF", "Never given G-CSF", "when G-CSF was given is not known"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two groups of the analysed episodes, whoever is in neither and why, and the columns behind.

    There are no groups where nothing is to be compared.
    """

    groups: tuple[Group, ...] = ()
    neither: tuple[Group, ...] = ()
    why_neither: str = ""
    sources: tuple[str, ...] = ()


def everybody(question: Question) -> Group:
    """All that are analysed."""
    return Group(name="all", label="All", members=question.sets.analysed)


def compared(question: Question) -> Compared:
    """The groups that were asked for.

    Who was given G-CSF is known only after time zero: to have been given it one must have been
    neutropenic until then. The group is there because it is asked for, and is told apart.
    """
    by = question.design.group_by
    if by == "none":
        return Compared()
    analysed, words = question.sets.analysed, (YES, NO)
    match by:
        case "sex":
            axis, words = "sex", ("female", "male")
        case "gcsf":
            axis = question.flag("ever given G-CSF", _given)
        case "infection" if not Known(question).records_infections:
            nothing = "infection, recorded of nobody"
            axis = question.flag(nothing, lambda asked: np.full(asked.times.n, np.nan))
        case _:
            axis = Known(question).axis(by)  # the models' column
    *labels, why = _GROUPS[by]
    outside: Members = analysed.outside(axis, *words)
    neither = Group(name="neither", label="In neither group", members=outside)
    return Compared(
        groups=tuple(
            Group(name=name, label=label, members=analysed.where(axis, word))
            for name, label, word in zip((YES, NO), labels, words, strict=True)
        ),
        neither=(neither,) if len(outside) or question.scope.lists_all else (),
        why_neither=f"In neither: {why}",
        sources=GCSF if by == "gcsf" else COVARIATES["female" if by == "sex" else by].sources,
    )


def _given(question: Question) -> Vector:
    """Whether G-CSF was given; missing where when is not known."""
    at = question.times.treated_at
    return np.where(np.isnan(at), np.nan, np.isfinite(at))
