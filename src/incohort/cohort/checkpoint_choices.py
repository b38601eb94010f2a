"""What neutropenia under a checkpoint inhibitor leaves open; parameters have the same names."""

from __future__ import annotations

from dataclasses import dataclass

from incohort.cohort.recovery_choices import RecoveryChoices
from incohort.cohort.refusing import refuse_outside, refuse_unknown
from incohort.dictionary import load
from incohort.errors import UsageError

GRADE_SYSTEMS = ("ctcae_v5",)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointChoices:
    """From which grade on a count is an event, and how near another cause makes it a rival.

    An event is at most `after_dose_days` after the last dose. Chemotherapy at most `rival_days`
    before is a rival cause, and an infection that began in the `infection_days` before; one
    found on the day itself may be of the neutropenia.

    An episode ends at `recovery_count`, 10⁹/L, which no limit of an event is above.

    Choices without a source: `after_dose_days`, `rival_days`, `infection_days`, and that blood
    is drawn before the dose of its day.
    """

    grade: int = 4
    grade_system: str = "ctcae_v5"
    after_dose_days: int = 90
    rival_days: int = 30
    infection_days: int = 7
    recovery_count: float = 1.5

    def __post_init__(self) -> None:
        """Refuse a word that is no choice, and a number out of its range.

        Raises:
            UsageError: One of these.
        """
        refuse_unknown(("grade_system", self.grade_system, GRADE_SYSTEMS))
        refuse_outside(
            ("grade", self.grade, 2, 4),
            ("after_dose_days", self.after_dose_days, 0, 730),
            ("rival_days", self.rival_days, 0, 180),
            ("infection_days", self.infection_days, 0, 30),
            ("recovery_count", self.recovery_count, 0.5, 10),
        )
        if self.recovery_count < self.limit:
            raise UsageError(
                f"recovery_count is {self.recovery_count:g}, and a count below "
                f"{self.limit:g} is of grade {self.grade}: nobody recovers to where they are still "
                "neutropenic. Choose a higher count or grade."
            )

    @property
    def recovery(self) -> RecoveryChoices:
        """The same episodes, as the time to recovery from the first low count takes them."""
        return RecoveryChoices(
            severity_system=self.grade_system, anc_limit=self.limit,
            recovery_threshold=self.recovery_count, time_zero="first_low",
        )  # fmt: skip

    @property
    def limit(self) -> float:
        """The count below which the grade begins, 10⁹/L."""
        grades = load().severity_system(self.grade_system).grades
        highs = {entry.name: entry.high for entry in grades}
        return highs[f"grade_{self.grade}"] or 0.0

    @property
    def baseline_limit(self) -> float:
        """The count below which a baseline is low: the system's upper limit, 10⁹/L."""
        return load().severity_system(self.grade_system).upper_limit
