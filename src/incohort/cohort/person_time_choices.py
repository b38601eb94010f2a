"""What person-time by neutrophil count and episodes of infection leave open."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, get_args

from incohort.cohort.refusing import refuse_unknown
from incohort.dictionary import load
from incohort.errors import UsageError

Bands = Literal["infection", "lecture", "common", "ctcae_v5"]
Lag = Literal["day_before", "same_day"]
AfterLastCount = Literal["nothing", "carry"]

_RANGES = {
    "carry_days": (7, 365),
    "gcsf_washout_days": (0, 60),
    "infection_washout_days": (0, 60),
    "grade_at_least": (1, 5),
    "merge_days": (0, 60),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonTimeChoices:
    """Which alternatives a report on infections by neutrophil count uses.

    A count holds until the next, for `carry_days` at most. `bands` is where counts are cut: at the
    limits of `infection_bands` or of a severity system of the dictionary. For `gcsf_washout_days`
    after a growth factor the count is that of the treatment. After an infection the patient is not
    at risk of another for `infection_washout_days`. `lag` says whose count an infection is set
    against: that of the day before, or of the same day, which the infection itself may have moved.
    `after_last_count`: where nobody recorded how long a patient was followed, time ends with the
    last count, or that count is carried on. `transplant_ends` is false where what comes after a
    transplantation is the question.

    Infections count from `grade_at_least` on; with `only_serious` those alone that were recorded as
    serious; with `counts_unknown` also those of which neither can be told. One that begins fewer
    than `merge_days` after the last counted onset is the same episode.
    """

    carry_days: int = 30
    bands: Bands = "infection"
    gcsf_washout_days: int = 7
    infection_washout_days: int = 14
    lag: Lag = "day_before"
    after_last_count: AfterLastCount = "nothing"
    transplant_ends: bool = True
    grade_at_least: int = 1
    only_serious: bool = False
    counts_unknown: bool = False
    merge_days: int = 14

    def __post_init__(self) -> None:
        """Refuse what no time could be counted with.

        Raises:
            UsageError: A word that is no choice, or a number out of range.
        """
        refuse_unknown(
            ("bands", self.bands, get_args(Bands)),
            ("lag", self.lag, get_args(Lag)),
            ("after_last_count", self.after_last_count, get_args(AfterLastCount)),
        )
        for name, (least, most) in _RANGES.items():
            value = getattr(self, name)
            if type(value) is not int or not least <= value <= most:
                raise UsageError(
                    f"{name} is {value}; it must be a whole number from {least} to {most}."
                )

    @property
    def limits(self) -> tuple[float, ...]:
        """Where counts are cut, 10⁹/L, ascending; a count at a limit lies above it."""
        if self.bands == "infection":
            alternatives = load().definition("infection_bands").alternatives
            return tuple(sorted(threshold.value for threshold in alternatives))
        grades = load().severity_system(self.bands).grades
        ends = {end for grade in grades for end in (grade.low, grade.high)}
        return tuple(sorted(end for end in ends if end is not None))

    @property
    def band_names(self) -> tuple[str, ...]:
        """The bands from the lowest on, one more than there are limits: `0_1_to_0_5` and so on."""
        words = [f"{limit:g}".replace(".", "_") for limit in self.limits]
        between = (f"{low}_to_{high}" for low, high in pairwise(words))
        return (f"below_{words[0]}", *between, f"from_{words[-1]}")
