"""What may be asked of the thyroid study."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from incohort.params import shared
from incohort.params.model import AnyOf, Bears, OneOf, Parameters
from incohort.params.names import names_in

Outcome = Literal["recurrent_infections", "anti_pmn"]
ThyroidBy = Literal["aetiology", "diagnosis"]
COVARIATES = ("thyroid_disease", "hashimoto", "age", "female", "anc", "ft3", "anti_tpo")


class ThyroidParameters(Parameters):
    """Who takes part, which assay decides, and what the study's own terms mean here."""

    study: ClassVar[str] = "thyroid_antibodies"
    notebook: ClassVar[str] = "02_thyroid_antibodies"
    needs: ClassVar[tuple[str, ...]] = ("antibody_tests", "labs")

    cohort: shared.Cohort = "kyritsi2015"
    describe: shared.Describe = "everybody"
    sex: shared.Sex = "all"
    age_from: shared.AgeFrom = None
    age_below: shared.AgeBelow = None
    severity_system: Annotated[shared.SeveritySystem, shared.BY_DESCRIBE, Bears()] = "lecture"
    anc_limit: Annotated[shared.AncLimit, shared.BY_DESCRIBE] = None
    count_at: Annotated[shared.CountAt, Bears("correlations/ft3_anc/")] = "index"
    infants: Annotated[shared.Infants, shared.BY_DESCRIBE] = "two_weeks"
    window_days: Annotated[shared.WindowDays, Bears("correlations/", "autoantibodies/")] = 90
    thyroid_by: Annotated[
        ThyroidBy,
        Field(description="thyroid disease as the cause settled on, or as any diagnosis"),
    ] = "aetiology"
    index_assay: Annotated[
        str,
        Field(description="the assay that decides who was tested and who is positive"),
        OneOf(column=("antibody_tests", "assay")),
        Bears("anti_pmn/", "autoantibodies/"),
    ] = "gift"
    autoimmune_subtypes: Annotated[
        str,
        Field(description="subtypes counted as autoimmune thyroid disease"),
        AnyOf(column=("diagnoses", "subtype"), beside=("condition", "thyroid_disease")),
        Bears("anti_pmn/autoimmune", "anti_pmn/not_autoimmune"),
    ] = "hashimoto, graves"
    recurrent_from: Annotated[
        int | None,
        Field(
            ge=1,
            le=100,
            description="from how many infections on they are recurrent (None: only as the "
            "clinic recorded it)",
        ),
        Bears("infections/"),
    ] = None
    model_outcome: Annotated[
        Outcome, Field(description="what the logistic model is of"), Bears("logistic/")
    ] = "recurrent_infections"
    model_covariates: Annotated[
        str,
        Field(description="what the logistic model adjusts for"),
        AnyOf(*COVARIATES),
        Bears("logistic/"),
    ] = "thyroid_disease, age, female, anc"
    interval: shared.Interval = "wilson"
    conf_level: shared.ConfLevel = 0.95

    @property
    def autoimmune(self) -> tuple[str, ...]:
        """The names in `autoimmune_subtypes`."""
        return names_in(self.autoimmune_subtypes)
