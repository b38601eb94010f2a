"""What may be asked about a laboratory's assays."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from incohort.params import shared
from incohort.params.model import Acts, AnyOf, Bears, CostsOf, OneOf, Parameters
from incohort.params.names import names_in
from incohort.shapes.tested import Rule

FIRST, NO_REFERENCE, AETIOLOGY = "first", "none", "aetiology"

Unit = Literal["patient", "sample"]
Populations = Literal["none", "sex", "age", "centre", "cause"]

_ASSAYS = ("antibody_tests", "assay")
_CAUSES = ("patients", "aetiology")


class AssayParameters(Parameters):
    """Which assays, what they are held against, and how their results are joined."""

    study: ClassVar[str] = "assay_yield"
    notebook: ClassVar[str] = "03_assay_yield"
    needs: ClassVar[tuple[str, ...]] = ("antibody_tests",)

    cohort: shared.Cohort = "jinca2021"
    describe: shared.Describe = "everybody"
    sex: shared.Sex = "all"
    age_from: shared.AgeFrom = None
    age_below: shared.AgeBelow = None
    assays: Annotated[
        str,
        Field(
            description="the assays compared, in the order in which they are run; those that the "
            "cohort does not have are left out"
        ),
        AnyOf(column=_ASSAYS),
        Bears("pair/", "incremental/", "cumulative/", "events/", "repeats/"),
    ] = "gift, direct_gift, gat, gift_gat, lift, maiga, flow_wift, beads, bmift, other"
    index_assay: Annotated[
        str,
        Field(
            description="the assay whose negative result is in question (first: the first of "
            "those compared)"
        ),
        OneOf(FIRST, column=_ASSAYS),
        Bears("events/", "repeats/"),
    ] = FIRST
    reference: Annotated[
        str,
        Field(
            description="what the assays are held against: the cause settled on, nothing, or an "
            "assay"
        ),
        OneOf(AETIOLOGY, NO_REFERENCE, column=_ASSAYS),
        Bears("accuracy/"),
    ] = AETIOLOGY
    immune_causes: Annotated[
        str,
        Field(description="causes that count as immune; what other_causes names, too, is immune"),
        AnyOf(column=_CAUSES),
        Acts("where reference is aetiology, or populations is cause"),
        Bears("accuracy/"),
    ] = "primary_autoimmune, chronic_immunologic, autoimmune_disorder"
    other_causes: Annotated[
        str,
        Field(
            description="causes that count as not immune; of what neither list names nothing is "
            "known"
        ),
        AnyOf(column=_CAUSES),
        Acts("where reference is aetiology, or populations is cause"),
        Bears("accuracy/"),
    ] = "congenital, ethnic_benign, haematologic_malignancy, other"
    unit: Annotated[Unit, Field(description="what is counted")] = "patient"
    pairing_days: Annotated[
        int | None,
        Field(
            ge=0,
            le=36_500,
            description="how far a patient's results may lie from their first sample by the index "
            "assay, in days (None: any distance)",
        ),
        Acts("where unit is patient"),
    ] = None
    indeterminate: Annotated[
        Rule, Field(description="how results count that are neither positive nor negative")
    ] = "excluded"
    specificity: Annotated[
        float,
        Field(ge=0.5, le=1, description="the specificity wanted of the cut-off of a reading"),
        Acts("where the cohort has readings"),
        Bears(),
    ] = 0.95
    kept_share: Annotated[
        float,
        Field(
            ge=0.01,
            le=1,
            description="the share of all that the assays find together which the smallest panel "
            "has to keep",
        ),
        Bears(),
    ] = 0.95
    costs: Annotated[
        str,
        Field(description="what one test costs, such as gift=30, gat=20 (empty: left out)"),
        CostsOf(column=_ASSAYS),
        Bears(),
    ] = ""
    populations: Annotated[
        Populations,
        Field(
            description="what splits the patients in two for two assays without a reference (Hui "
            "and Walter): nothing, their sex, their age, two centres, or the immune and the other "
            "causes"
        ),
        Bears(),
    ] = "none"
    population_age: Annotated[
        float,
        Field(ge=0, le=125, description="the age below which they are the one population"),
        Acts("where populations is age"),
        Bears(),
    ] = 18.0
    resamples: shared.Resamples = 1000
    seed: shared.Seed = 1
    interval: shared.Interval = "wilson"
    conf_level: shared.ConfLevel = 0.95

    @property
    def named(self) -> tuple[str, ...]:
        """The assays compared, each once, in order."""
        return names_in(self.assays)

    @property
    def immune(self) -> tuple[str, ...]:
        """The causes that count as immune."""
        return names_in(self.immune_causes)

    @property
    def not_immune(self) -> tuple[str, ...]:
        """The causes that count as not immune; one in both lists is immune."""
        return tuple(name for name in names_in(self.other_causes) if name not in self.immune)
