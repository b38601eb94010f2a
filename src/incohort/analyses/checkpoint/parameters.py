"""What may be asked about neutropenia under checkpoint inhibitors."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from incohort.cohort import CheckpointChoices
from incohort.params import shared
from incohort.params.model import Acts, Bears, Parameters, Picks, Rare, Unit


class CheckpointParameters(Parameters):
    """From which grade on a count is an event, what explains it, and whose recovery is timed."""

    study: ClassVar[str] = "checkpoint"
    notebook: ClassVar[str] = "07_checkpoint_inhibitors"
    needs: ClassVar[tuple[str, ...]] = ("labs", "medications")

    cohort: shared.Cohort = "ici_synthetic"
    sex: shared.Sex = "all"
    age_from: shared.AgeFrom = None
    age_below: shared.AgeBelow = None
    grade: Annotated[
        int,
        Field(ge=2, le=4, description="from which CTCAE grade on a low count is an event"),
        Acts("where counts lie between the limits of grades"),
    ] = 4
    after_dose_days: Annotated[
        int,
        Field(
            ge=0,
            le=730,
            description="how long after the last dose a low count may be of the drug; no source "
            "gives a number",
        ),
        Unit("days"),
        Picks("checkpoint_window"),
        Acts("where the last dose before the low count is dated"),
    ] = 90
    rival_days: Annotated[
        int,
        Field(
            ge=0,
            le=180,
            description="how recent chemotherapy is another cause; no source gives a number",
        ),
        Unit("days"),
        Picks("checkpoint_rival"),
        Acts("where chemotherapy is recorded"),
    ] = 30
    infection_days: Annotated[
        int,
        Field(
            ge=0,
            le=30,
            description="how recent the begin of an infection is another cause; no source gives a "
            "number",
        ),
        Unit("days"),
        Picks("checkpoint_rival"),
        Acts("where infections are recorded"),
        Rare(),
    ] = 7
    conflicting_rows: Annotated[
        Literal["first", "second"],
        Field(description="of two rows that are said to be one patient, which counts"),
        Acts("where patients.same_as names another row"),
    ] = "first"
    recovery_of: Annotated[
        Literal["not_ruled_out", "immune_related"],
        Field(
            description="whose recovery is described: all in whom the drug is not ruled out, or "
            "those alone in whom nothing else explains the low count"
        ),
        Acts("where what explains a low count can't be told"),
    ] = "not_ruled_out"
    recovery_count: Annotated[
        float,
        Field(
            ge=0.5,
            le=10,
            description="the count from which a patient has recovered; not below the limit of the "
            "grade",
        ),
        Unit("10⁹/L"),
        Picks("recovery_count"),
    ] = 1.5
    unknown_recovery: Annotated[
        Literal["censored", "not_recovered"],
        Field(
            description="whoever was neither seen to recover nor to die: observed up to the last "
            "count, or taken not to have recovered"
        ),
        Acts("where somebody was neither seen to recover nor to die"),
        Bears(),
    ] = "censored"
    horizon_days: shared.HorizonDays = 28
    interval: shared.Interval = "clopper_pearson"
    conf_level: shared.ConfLevel = 0.95

    @property
    def rules(self) -> CheckpointChoices:
        """The choices as the clinical definition takes them."""
        return self.part(CheckpointChoices)
