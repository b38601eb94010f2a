"""What late onset after a biologic leaves open; a notebook's parameters have the same names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from incohort.cohort.refusing import refuse_outside, refuse_unknown
from incohort.dictionary import Threshold, load
from incohort.errors import UsageError

DrugClass = Literal[
    "anti-CD20", "anti-CD52", "TNF inhibitor", "IL-6 receptor inhibitor", "BLyS inhibitor"
]
DRUG_CLASSES: tuple[DrugClass, ...] = (
    "anti-CD20", "anti-CD52", "TNF inhibitor", "IL-6 receptor inhibitor", "BLyS inhibitor",
)  # fmt: skip
Handling = Literal["flag", "exclude"]
HANDLINGS: tuple[Handling, ...] = ("flag", "exclude")
DepletedBy = Literal["cd19", "days_after_dose"]
DEPLETED_BY: tuple[DepletedBy, ...] = ("cd19", "days_after_dose")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """One definition of late onset: a count, and from when to when after the last dose.

    `delay_days` of None: none is stated. `is_depleted`: B cells must be depleted.
    `is_unexplained`: no rival cause may be near.
    """

    name: str
    count: Threshold
    delay_days: float | None = None
    horizon_days: float | None = None
    is_depleted: bool = False
    is_unexplained: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LateOnsetChoices:
    """Which drugs, which definition, and what its words leave open.

    `own_…` are the count (10⁹/L), the days from the last dose and the last of these days of the
    definition `own`; a horizon of None is none. `baseline_low` and `rival_causes` say whether a
    count that was low before the first dose, and a cytotoxic drug at most `rival_days` before,
    are told beside the answer or make it no. B cells are depleted where the CD19+ count nearest
    to the low one (at most `depleted_within_days` away, after the first dose) is below
    `depleted_below`, or until `depleted_days` after a dose.

    Choices without a source: `baseline_limit`, `rival_days`, `depleted_below`,
    `depleted_within_days`, `depleted_days`, and that blood is drawn before the dose of its day.
    """

    drug_class: str = "anti-CD20"
    definition: str = "tesfa"
    own_count: float = 1.0
    own_delay_days: int = 28
    own_horizon_days: int | None = None
    baseline_low: str = "flag"
    baseline_limit: float = 1.5
    rival_causes: str = "flag"
    rival_days: int = 30
    depleted_by: str = "cd19"
    depleted_below: float = 0.01
    depleted_within_days: int = 90
    depleted_days: int = 180

    def __post_init__(self) -> None:
        """Refuse a word that is no choice, and a number out of its range.

        Raises:
            UsageError: One of these.
        """
        refuse_unknown(
            ("class of drugs", self.drug_class, DRUG_CLASSES),
            ("definition of late onset", self.definition, DEFINITIONS),
            ("baseline_low", self.baseline_low, HANDLINGS),
            ("rival_causes", self.rival_causes, HANDLINGS),
            ("depleted_by", self.depleted_by, DEPLETED_BY),
        )
        refuse_outside(
            ("own_count", self.own_count, 0.1, 2.5),
            ("own_delay_days", self.own_delay_days, 0, 365),
            ("baseline_limit", self.baseline_limit, 0.5, 2.5),
            ("rival_days", self.rival_days, 0, 180),
            ("depleted_below", self.depleted_below, 0, 0.1),
            ("depleted_within_days", self.depleted_within_days, 0, 365),
            ("depleted_days", self.depleted_days, 1, 3650),
        )
        if self.own_horizon_days is not None:
            refuse_outside(("own_horizon_days", self.own_horizon_days, 1, 3650))
        if self.definition == "own":  # of the others it is a row beside, which nobody then meets
            self._refuse_nothing_between()

    def _refuse_nothing_between(self) -> None:
        delay, horizon = self.own_delay_days, self.own_horizon_days
        if horizon is not None and delay > horizon:
            raise UsageError(
                f"own_delay_days is {delay}, and own_horizon_days {horizon}: no day lies between. "
                "Choose an earlier first day or a later last one."
            )


def late_onset_alternatives(choices: LateOnsetChoices) -> tuple[Alternative, ...]:
    """Every definition, in the order in which they stand side by side; `own` is the last."""
    return (*_published(), _own(choices))


def _published() -> tuple[Alternative, ...]:
    at = load().threshold
    four, three = (at("late_onset_delay", f"{n}_weeks").in_days for n in ("four", "three"))
    year = at("late_onset_horizon", "twelve_months").in_days
    count = {name: at("late_onset_count", name) for name in _COUNTS}
    return (
        Alternative(name="tesfa", count=count["tesfa"], delay_days=four),
        Alternative(name="monaco", count=count["tesfa"], delay_days=four),
        Alternative(name="wolach", count=count["zonozi"], delay_days=three),
        Alternative(name="zonozi", count=count["zonozi"], is_depleted=True, is_unexplained=True),
        Alternative(name="nitta", count=count["nitta"]),
        Alternative(name="abdulkader", count=count["abdulkader"], horizon_days=year),
        Alternative(name="lecture_3wk", count=count["lecture"], delay_days=three),
        Alternative(name="lecture_4wk", count=count["lecture"], delay_days=four),
    )


_COUNTS = ("tesfa", "abdulkader", "zonozi", "nitta", "lecture")


def _own(choices: LateOnsetChoices) -> Alternative:
    threshold = load().threshold("late_onset_count", "zonozi")
    count = threshold.model_copy(update={"name": "own", "value": choices.own_count})
    return Alternative(
        name="own",
        count=count,
        delay_days=choices.own_delay_days,
        horizon_days=choices.own_horizon_days,
    )


DEFINITIONS = (
    "tesfa", "monaco", "wolach", "zonozi", "nitta", "abdulkader", "lecture_3wk", "lecture_4wk",
    "own",
)  # fmt: skip
