"""What may be asked of a recovery."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from incohort.params import shared
from incohort.params.model import Acts, AnyOf, Bears, Parameters, Rare, Unit

Criteria = Literal["all", "drug_induced"]
Episodes = Literal["first", "all"]
GroupBy = Literal["low_count", "infection", "sex", "gcsf", "none"]
COVARIATES = ("low_count", "infection", "age", "female", "comorbidity", "crp")


class RecoveryParameters(Parameters):
    """Which episodes, what ends them, what the clock counts from, and what models take."""

    study: ClassVar[str] = "anc_recovery"
    notebook: ClassVar[str] = "04_anc_recovery"
    needs: ClassVar[tuple[str, ...]] = ("labs", "medications")

    cohort: shared.Cohort = "din_synthetic"
    describe: shared.Describe = "everybody"
    sex: shared.Sex = "all"
    age_from: shared.AgeFrom = None
    age_below: shared.AgeBelow = None
    severity_system: shared.EpisodeSystem = "lecture"
    recovery_threshold: shared.RecoveryThreshold = 1.5
    confirmation: Annotated[
        Literal["none", "next_count", "days"],
        Field(
            description="what makes a recovery: the first count that high, the next one too, or "
            "all counts for some days"
        ),
    ] = "none"
    confirmation_days: Annotated[
        int,
        Field(ge=1, le=90, description="for how long counts must stay up"),
        Unit("days"),
        Acts("where confirmation is days"),
    ] = 3
    time_zero: shared.TimeZero = "withdrawal"
    lost_after_days: Annotated[
        int | None,
        Field(
            ge=0,
            le=3650,
            description="a death later than this after the last count says nothing on the time "
            "between (None: it always counts)",
        ),
        Unit("days"),
    ] = None
    criteria: Annotated[
        Criteria,
        Field(
            description="all episodes, or only those that meet the criteria of drug-induced "
            "neutropenia, recovery among them"
        ),
    ] = "all"
    episodes: Annotated[
        Episodes,
        Field(description="each patient's first episode, or all of them with patients as clusters"),
    ] = "first"
    group_by: Annotated[
        GroupBy, Field(description="the groups whose curves are compared"), Bears()
    ] = "low_count"
    horizon_days: shared.HorizonDays = 28
    landmark_day: Annotated[
        int,
        Field(ge=0, le=365, description="the day on which treated and untreated are told apart"),
        Bears(),
    ] = 3
    covariates: Annotated[
        str,
        Field(
            description="what the models adjust for, as known at time zero (daily and at the "
            "landmark: as known then)"
        ),
        AnyOf(*COVARIATES),
        Bears(),
    ] = "low_count, infection, age"
    lower_percentile: Annotated[
        float,
        Field(ge=0, le=49, description="weights below this percentile are set to it"),
        Rare(),
        Bears(),
    ] = 1.0
    upper_percentile: Annotated[
        float,
        Field(ge=51, le=100, description="weights above this percentile are set to it"),
        Rare(),
        Bears(),
    ] = 99.0
    n_imputations: Annotated[
        int,
        Field(ge=2, le=100, description="how many times missing covariates are filled in"),
        Acts("where a covariate is missing"),
        Rare(),
        Bears(),
    ] = 10
    resamples: shared.Resamples = 1000
    seed: shared.Seed = 1
    conf_level: shared.ConfLevel = 0.95

    @property
    def percentiles(self) -> tuple[float, float]:
        """Where weights are truncated."""
        return self.lower_percentile, self.upper_percentile
