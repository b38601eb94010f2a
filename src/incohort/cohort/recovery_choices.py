"""What a time to recovery leaves open; a notebook's parameters have the same names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from incohort.cohort.late_onset_choices import DRUG_CLASSES
from incohort.cohort.refusing import refuse_unknown
from incohort.dictionary import load
from incohort.errors import UsageError

Confirmation = Literal["none", "next_count", "days"]
TimeZero = Literal["withdrawal", "nadir", "first_low", "admission"]
CONFIRMATIONS: tuple[Confirmation, ...] = ("none", "next_count", "days")
TIME_ZEROS: tuple[TimeZero, ...] = ("withdrawal", "nadir", "first_low", "admission")


_LEAST, _MOST = 1e-3, 1e5  # below one cell in a microlitre there is no count


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryChoices:
    """Which alternatives a report on recovery uses.

    `recovery_threshold` in 10⁹/L is the count from which a patient has recovered, None the
    dictionary's. `anc_limit` is the count below which an episode opens, None the severity
    system's upper limit; above the threshold it is the threshold, since nobody recovers to where
    they already are.
    `confirmation`: `none` takes the first count at or above the threshold, `next_count` asks that
    the next day with a count be at or above it too, `days` that all counts be so until one at
    least `confirmation_days` later. `time_zero` is where the clock starts: the last suspect's
    withdrawal, the nadir, the first count that opens the episode, or the admission to hospital.

    `study_end` is administrative censoring: what comes later is not looked at. `observed_days`
    censors that long after time zero. A death later than `lost_after_days` after the last count
    says nothing on the time between: the patient was lost to follow-up; None: never.

    `severe_comorbidities` are conditions of the table `diagnoses` that make a patient high-risk.
    The lecture names none; these are malignancy of the blood, immunodeficiency and
    transplantation. `onset`, `late_onset`, `late_onset_delay` and `late_onset_horizon` name
    alternatives in the dictionary; a horizon of None is none. `late_onset_drug_class` is the class
    of drugs after which a late onset is asked for: anti-CD20, unless another is chosen.
    """

    severity_system: str = "lecture"
    anc_limit: float | None = None
    recovery_threshold: float | None = None
    confirmation: Confirmation = "none"
    confirmation_days: int = 3
    time_zero: TimeZero = "withdrawal"
    study_end: date | None = None
    observed_days: int | None = None
    lost_after_days: int | None = None
    onset: str = "seven_days"
    late_onset: str = "lecture"
    late_onset_drug_class: str = "anti-CD20"
    late_onset_delay: str = "three_weeks"
    late_onset_horizon: str | None = None
    severe_comorbidities: tuple[str, ...] = (
        "lymphoma", "hodgkin", "cll", "waldenstrom", "t_lgl_leukaemia", "nk_lgl_leukaemia",
        "cvid", "post_hsct",
    )  # fmt: skip

    def __post_init__(self) -> None:
        """Refuse what no episode could be derived with.

        Raises:
            UsageError: A word that is no choice, or a number out of range.
        """
        refuse_unknown(
            ("confirmation", self.confirmation, CONFIRMATIONS),
            ("time zero", self.time_zero, TIME_ZEROS),
            ("class of drugs", self.late_onset_drug_class, DRUG_CLASSES),
        )
        for name, least in (
            ("recovery_threshold", _LEAST), ("anc_limit", _LEAST), ("confirmation_days", 1),
            ("observed_days", 1), ("lost_after_days", 0),
        ):  # fmt: skip
            value = getattr(self, name)
            if value is not None and not least <= value < _MOST:
                raise UsageError(
                    f"{name} is {value}; it must be from {least:.15g} to {_MOST:.15g}."
                )

    @property
    def recovered_from(self) -> float:
        """The count from which a patient has recovered, 10⁹/L."""
        if self.recovery_threshold is not None:
            return self.recovery_threshold
        return load().threshold("recovery_count", "at_least_1_5").value

    @property
    def opened_below(self) -> float:
        """The count below which an episode opens, 10⁹/L; never above the recovered count."""
        limit = self.anc_limit
        if limit is None:
            limit = load().severity_system(self.severity_system).upper_limit
        return min(limit, self.recovered_from)

    @property
    def confirmed_after_days(self) -> int:
        """How many days counts must have stayed up: 0 without confirmation, 1 for a next count.

        The next count is on a later day, whichever; so one day says it.
        """
        return {"none": 0, "next_count": 1, "days": self.confirmation_days}[self.confirmation]
