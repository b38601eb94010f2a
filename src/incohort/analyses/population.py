"""Who is analysed: the steps from everybody in a cohort to the patients described."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from incohort.analyses import vocabulary
from incohort.analyses.recorded import unrecorded
from incohort.cohort import Choices, Cohort, infant_limit, patient_frame, severity_system

Describe = Literal["everybody", "counted", "neutropenic"]
Sex = Literal["all", "female", "male"]


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
    n: int
    excluded: int
    reason: str


@dataclass(frozen=True, kw_only=True)
class Population:
    """The patients described, one row each, and the steps that led to them.

    `restricted_by` are the columns by which somebody could have been left out. `infant_limit`,
    10⁹/L, is there where the limit of infants may have decided over somebody in the cohort.
    `unrecorded` says of columns why they are known of nobody in the whole cohort.
    """

    frame: pd.DataFrame
    steps: tuple[Step, ...]
    restricted_by: tuple[str, ...]
    label: str
    describe: Describe = "everybody"
    infant_limit: float | None = None
    unrecorded: Mapping[str, str] = field(default_factory=dict)

    @property
    def grading_sources(self) -> tuple[str, ...]:
        """The columns that say how deep a neutropenia is."""
        ages = () if self.infant_limit is None else ("patients.age_years", "patients.birth_date")
        return ("labs.ANC", *ages)


def select(cohort: Cohort, choices: Choices, selection: Selection) -> Population:
    """The patients that a selection describes; at each step included + excluded = the step before.

    The steps `counted` and `neutropenic` are always counted, and applied where `describe` says so.
    """
    frame = _worded(patient_frame(cohort, choices))
    lacking = unrecorded(cohort, frame, choices)
    limit = severity_system(choices).upper_limit
    own = infant_limit(choices)
    # of a restricted cohort it is told in any case, so that its absence tells nothing
    if cohort.card.is_public and not (frame["limit_of"] == "infant").any():
        own = None
    infants = "" if own is None else f" (in infants below {own:g})"
    steps = [Step(name="cohort", label="In the cohort", n=len(frame), excluded=0, reason="")]
    used: list[str] = []

    def keep(
        rows: pd.DataFrame, mask: pd.Series, name: str, label: str, reason: str
    ) -> pd.DataFrame:
        kept = rows[mask.astype("boolean").fillna(value=False).astype(bool)]
        steps.append(
            Step(name=name, label=label, n=len(kept), excluded=len(rows) - len(kept), reason=reason)
        )
        return kept

    if selection.sex != "all":
        used.append("patients.sex")
        mask = frame["sex"] == selection.sex
        frame = keep(frame, mask, "sex", selection.sex.capitalize(), "another sex, or not known")
    if selection.age_from is not None or selection.age_below is not None:
        used.append("patients.age_years")
        low = -1.0 if selection.age_from is None else selection.age_from
        high = 1e9 if selection.age_below is None else selection.age_below
        ages = pd.to_numeric(frame["age_years"])
        label = _age_label(selection)
        frame = keep(
            frame, (ages >= low) & (ages < high), "age", label, "another age, or not known"
        )
    counted = keep(
        frame, frame["anc"].notna(), "counted", "With a neutrophil count", "no neutrophil count"
    )
    neutropenic = keep(
        counted,
        counted["is_neutropenic"],
        "neutropenic",
        f"Count below {limit:g} × 10⁹/L{infants}",
        "count at or above the limit, or printed with < or > so that it can't be told",
    )
    described = {"everybody": frame, "counted": counted, "neutropenic": neutropenic}
    if selection.describe != "everybody":
        used.append("labs.ANC")
    return Population(
        frame=described[selection.describe].reset_index(drop=True),
        steps=tuple(steps),
        restricted_by=tuple(used),
        label=_label(selection),
        describe=selection.describe,
        infant_limit=own,
        unrecorded=lacking,
    )


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
