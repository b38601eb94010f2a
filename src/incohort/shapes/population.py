"""Who is analysed: the steps from everybody in a cohort to the patients described."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from incohort.cohort import Choices, Cohort, infant_limit, patient_frame, severity_system
from incohort.errors import UsageError
from incohort.shapes import vocabulary
from incohort.shapes.people import OPEN_AND_LOW, age_edges, band_names, grades, people
from incohort.shapes.recorded import unrecorded
from incohort.shapes.sets import Members

Describe = Literal["everybody", "counted", "neutropenic"]
Sex = Literal["all", "female", "male"]
_INSIDE, _OUTSIDE = "within the limits", "outside the limits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which patients a report is about; ages in years, the lower included, the upper not."""

    sex: Sex = "all"
    age_from: float | None = None
    age_below: float | None = None
    describe: Describe = "everybody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of the selection: who is left, who was left out, and why."""

    name: str
    label: str
    members: Members
    before: Members | None
    reason: str

    @property
    def n(self) -> int:
        """How many are left."""
        return len(self.members)

    @property
    def excluded(self) -> int:
        """How many were left out."""
        return 0 if self.before is None else len(self.before) - len(self.members)


class Steps:
    """The steps of a selection, each from those who were left by the one before."""

    def __init__(self, label: str, members: Members) -> None:
        """Begin with all rows, under the name `cohort`."""
        self.taken = [Step(name="cohort", label=label, members=members, before=None, reason="")]

    @property
    def members(self) -> Members:
        """Who is left."""
        return self.taken[-1].members

    def keep(self, name: str, label: str, members: Members, reason: str) -> None:
        """Take a step to these members; `reason` is that of the others."""
        self.taken.append(
            Step(name=name, label=label, members=members, before=self.members, reason=reason)
        )


@dataclass(frozen=True, kw_only=True)
class Population:
    """The patients described, one row each, and the steps that led to them.

    `members` are the same patients as a set of all the cohort's, and `counted` and `low` those of
    them with a count and with a low one. `restricted_by` are the columns by which somebody could
    have been left out. `infant_limit`,
    10⁹/L, is there where the limit of infants may have decided over somebody in the cohort.
    `unrecorded` says of columns why they are known of nobody in the whole cohort.
    """

    frame: pd.DataFrame
    members: Members
    counted: Members
    low: Members
    steps: tuple[Step, ...]
    restricted_by: tuple[str, ...]
    label: str
    describe: Describe = "everybody"
    infant_limit: float | None = None
    unrecorded: Mapping[str, str] = field(default_factory=dict)

    @property
    def applied(self) -> tuple[Step, ...]:
        """The steps that led to those described, without those that are only counted."""
        used = {"everybody": (), "counted": ("counted",), "neutropenic": ("counted", "neutropenic")}
        left_out = {"counted", "neutropenic"} - set(used[self.describe])
        return tuple(step for step in self.steps if step.name not in left_out)

    @property
    def grading_sources(self) -> tuple[str, ...]:
        """The columns that say how deep a neutropenia is."""
        ages = () if self.infant_limit is None else ("patients.age_years", "patients.birth_date")
        return ("labs.ANC", *ages)


def refuse_other_ages(cohort: Cohort, selection: Selection) -> None:
    """Refuse limits of age that are not the dictionary's, where rows are no reader's to part.

    A limit that moves year by year would tell the age of whoever crosses it.

    Raises:
        UsageError: The cohort is restricted, and an age is no limit of a band.
    """
    asked = {"age_from": selection.age_from, "age_below": selection.age_below}
    others = [n for n, age in asked.items() if age is not None and age not in (0, *age_edges())]
    if cohort.is_open or not others:
        return
    edges = ", ".join(f"{edge:g}" for edge in age_edges())
    asked_ages = " and ".join(f"{name}={asked[name]:g}" for name in others)
    raise UsageError(
        f"Of a restricted cohort limits of age are those of the dictionary's bands ({edges} "
        f"years), not {asked_ages}: others could part a few from the rest. The study team may ask "
        "for any with --internal."
    )


def select(cohort: Cohort, choices: Choices, selection: Selection) -> Population:
    """The patients that a selection describes; at each step included + excluded = the step before.

    The steps `counted` and `neutropenic` are always counted, and applied where `describe` says so.

    Raises:
        UsageError: The cohort is restricted, and an age is no limit of a band.
    """
    refuse_other_ages(cohort, selection)
    frame = _worded(patient_frame(cohort, choices))
    infants = _limit_of_infants(cohort, choices, frame)
    steps = Steps("In the cohort", people(frame, choices).everybody)
    used = _narrowed(steps, selection)
    selected = steps.members
    counted, low = _graded(steps, choices, infants)
    described = {"everybody": selected, "counted": counted, "neutropenic": low}[selection.describe]
    is_graded = selection.describe != "everybody"
    return Population(
        frame=described.frame.reset_index(drop=True),
        members=described,
        counted=described if is_graded else counted,
        low=low,
        steps=tuple(steps.taken),
        restricted_by=(*used, "labs.ANC") if is_graded else used,
        label=_label(selection),
        describe=selection.describe,
        infant_limit=infants,
        unrecorded=unrecorded(cohort, frame, choices),
    )


def _limit_of_infants(cohort: Cohort, choices: Choices, frame: pd.DataFrame) -> float | None:
    """The limit of infants, where it may have decided over somebody.

    Of a restricted cohort it is told in any case, so that its absence tells nothing.
    """
    is_used = not cohort.card.is_public or (frame["limit_of"] == "infant").any()
    return infant_limit(choices) if is_used else None


def _narrowed(steps: Steps, selection: Selection) -> tuple[str, ...]:
    """Take the steps by sex and age that are asked for; the columns that they look at."""
    used = []
    if selection.sex != "all":
        used.append("patients.sex")
        members = steps.members.where("sex", selection.sex)
        steps.keep("sex", selection.sex.capitalize(), members, "another sex, or not known")
    if selection.age_from is not None or selection.age_below is not None:
        used.append("patients.age_years")
        members = _of_age(steps.members, selection)
        steps.keep("age", _age_label(selection), members, "another age, or not known")
    return tuple(used)


def _graded(steps: Steps, choices: Choices, infants: float | None) -> tuple[Members, Members]:
    """Take the steps to those with a count, and to those whose count is low."""
    selected, limit = steps.members, severity_system(choices).upper_limit
    of_infants = "" if infants is None else f" (in infants below {infants:g})"
    counted = selected.known("severity")
    steps.keep("counted", "With a neutrophil count", counted, "no neutrophil count")
    low = selected.where("severity", *grades(choices), OPEN_AND_LOW)
    reason = "count at or above the limit, or printed with < or > so that it can't be told"
    steps.keep("neutropenic", f"Count below {limit:g} × 10⁹/L{of_infants}", low, reason)
    return counted, low


def _of_age(members: Members, selection: Selection) -> Members:
    """Those of an age, by the dictionary's bands where these have the limits.

    Else the column of ages is parted at the limits themselves.
    """
    asked = [age for age in (selection.age_from, selection.age_below) if age is not None]
    if set(asked) <= set(age_edges()):
        low = 0 if selection.age_from is None else 1 + age_edges().index(selection.age_from)
        high = None if selection.age_below is None else 1 + age_edges().index(selection.age_below)
        return members.where("age", *band_names()[low:high])
    ages = pd.to_numeric(members.base.frame["age_years"])
    is_old = ages >= (-1.0 if selection.age_from is None else selection.age_from)
    is_young = ages < (1e9 if selection.age_below is None else selection.age_below)
    inside = (is_old & is_young).map({True: _INSIDE, False: _OUTSIDE}).where(ages.notna())
    return members.where(members.base.cut("age limits", inside, (_INSIDE, _OUTSIDE)), _INSIDE)


def _worded(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with a word for what is not known of somebody's count, beside what is missing.

    A count that leaves the grade open is no missing count.
    """
    frame = frame.copy()
    is_open = frame["severity"].isna() & frame["anc"].notna()
    frame["severity"] = frame["severity"].mask(is_open, vocabulary.UNKNOWN)
    return frame


def _age_label(selection: Selection) -> str:
    low = "" if selection.age_from is None else f"from {selection.age_from:g}"
    high = "" if selection.age_below is None else f"below {selection.age_below:g}"
    return f"Aged {' and '.join(filter(None, (low, high)))} years"


def _label(selection: Selection) -> str:
    return {
        "everybody": "everybody selected",
        "counted": "patients with a neutrophil count",
        "neutropenic": "patients with a count below the limit",
    }[selection.describe]
