"""What may be asked about late-onset neutropenia."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from incohort.cohort import LateOnsetChoices
from incohort.params import shared
from incohort.params.model import Acts, Bears, Parameters, Rare, Unit

DrugClass = Literal[
    "anti-CD20", "anti-CD52", "TNF inhibitor", "IL-6 receptor inhibitor", "BLyS inhibitor"
]
Definition = Literal[
    "tesfa", "monaco", "wolach", "zonozi", "nitta", "abdulkader", "lecture_3wk", "lecture_4wk",
    "own",
]  # fmt: skip
Handling = Literal["flag", "exclude"]


class LateOnsetParameters(Parameters):
    """Which drugs, what late onset means, and what its words leave open."""

    study: ClassVar[str] = "late_onset"
    notebook: ClassVar[str] = "06_late_onset"
    needs: ClassVar[tuple[str, ...]] = ("labs", "medications")

    cohort: shared.Cohort = "late_onset_synthetic"
    sex: shared.Sex = "all"
    age_from: shared.AgeFrom = None
    age_below: shared.AgeBelow = None
    drug_class: Annotated[
        DrugClass,
        Field(
            description="after which drugs onset is late; for anti-CD20 and anti-CD52 alone there "
            "is a source"
        ),
    ] = "anti-CD20"
    definition: Annotated[Definition, Field(description="whose definition of late onset")] = "tesfa"
    own_count: Annotated[
        float,
        Field(ge=0.1, le=2.5, description="below which count, by a definition of your own"),
        Unit("10⁹/L"),
    ] = 1.0
    own_delay_days: Annotated[
        int,
        Field(ge=0, le=365, description="from which day after the last dose on, likewise"),
        Unit("days"),
    ] = 28
    own_horizon_days: Annotated[
        int | None,
        Field(ge=1, le=3650, description="up to which day after it, likewise (None: any)"),
        Unit("days"),
        Acts("where low counts come after that day"),
    ] = None
    baseline_low: Annotated[
        Handling,
        Field(
            description="a count already low before the first dose: told beside the answer, or no "
            "late onset"
        ),
        Acts("where counts before the first dose are known"),
    ] = "flag"
    rival_causes: Annotated[
        Handling,
        Field(
            description="a cytotoxic drug near the low count: told beside the answer, or no late "
            "onset"
        ),
        Acts("where cytotoxic drugs are recorded"),
    ] = "flag"
    rival_days: Annotated[
        int,
        Field(
            ge=0, le=180,
            description="how recent chemotherapy is another cause; no source gives a number",
        ),
        Unit("days"),
        Acts("where cytotoxic drugs are recorded"),
    ] = 30  # fmt: skip
    depleted_by: Annotated[
        Literal["cd19", "days_after_dose"],
        Field(
            description="for Zonozi's definition: B cells are depleted by the CD19 count nearest, "
            "or for some days after a dose"
        ),
    ] = "cd19"
    depleted_below: Annotated[
        float,
        Field(
            ge=0, le=0.1,
            description="below which CD19 count they are (a choice without a source)",
        ),
        Unit("10⁹/L"),
        Rare(),
        Acts("where depleted_by is cd19"),
    ] = 0.01  # fmt: skip
    depleted_days: Annotated[
        int,
        Field(
            ge=1, le=3650,
            description="for how long after a dose they are (a choice without a source)",
        ),
        Unit("days"),
        Rare(),
        Acts("where depleted_by is days_after_dose"),
    ] = 180  # fmt: skip
    recovery_threshold: Annotated[shared.RecoveryThreshold, Bears("duration/", "recurrence/")] = 1.5
    reexposure: Annotated[
        Literal["any_later_dose", "within_365_d"],
        Field(description="which dose after a recovery is a re-exposure"),
        Bears("recurrence/"),
        Acts("where a next dose comes more than 365 days after the recovery"),
    ] = "any_later_dose"
    rate_cut_days: Annotated[
        int,
        Field(ge=30, le=3650, description="where the first period ends, for rates"),
        Unit("days"),
        Bears("rate"),
    ] = 365
    other_treatment: Annotated[
        Literal["censor", "compete"],
        Field(
            description="a biologic of another class or a cytotoxic drug begun later: observation "
            "ends, or it competes"
        ),
        Bears("incidence/", "rate"),
        Acts("where such a drug is begun after the first dose"),
    ] = "censor"
    group_by: Annotated[
        Literal["counts", "sex", "none"],
        Field(
            description="which groups are set side by side: those counted at least monthly and "
            "the others, or the sexes"
        ),
        Bears("incidence/"),
    ] = "counts"
    on_treatment_limit: Annotated[
        float,
        Field(ge=0.5, le=2.5, description="below which a count on a TNF or IL-6 inhibitor is low"),
        Unit("10⁹/L"),
        Bears("on_treatment/"),
    ] = 2.0
    interval: shared.Interval = "wilson"
    conf_level: shared.ConfLevel = 0.95

    @model_validator(mode="after")
    def _together(self) -> Self:
        """Refuse values that allow no answer together."""
        self.part(LateOnsetChoices)
        return self
