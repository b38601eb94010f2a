"""What may be asked of neutropenia in autoimmune disease."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from incohort.cohort.autoimmune_choices import Felty, KnownCause, LglNeeds, When
from incohort.cohort.autoimmune_marks import MARKS
from incohort.params import shared
from incohort.params.model import Acts, AnyOf, Bears, Parameters, Unit
from incohort.params.names import names_in

Test = Literal["fisher", "chi2", "yates"]
Compared = Literal["unexplained", "all"]
DISEASES = {
    "rheumatoid_arthritis": "Rheumatoid arthritis",
    "systemic_lupus": "Systemic lupus erythematosus",
    "sjogren": "Sjögren syndrome",
    "systemic_sclerosis": "Systemic sclerosis",
    "primary_biliary_cholangitis": "Primary biliary cholangitis",
    "graves": "Graves' disease",
    "inflammatory_bowel_disease": "Inflammatory bowel disease",
}


class AutoimmuneParameters(Parameters):
    """Which diseases, below which count, and by which definitions."""

    study: ClassVar[str] = "autoimmune"
    notebook: ClassVar[str] = "09_autoimmune_disease"
    needs: ClassVar[tuple[str, ...]] = ("labs", "diagnoses")

    cohort: shared.Cohort = "fragoulis2018"
    sex: shared.Sex = "all"
    age_from: shared.AgeFrom = None
    age_below: shared.AgeBelow = None
    diseases: Annotated[
        str,
        Field(description="the diseases whose patients are asked about"),
        AnyOf(*DISEASES),
    ] = ", ".join(DISEASES)
    anc_limit: Annotated[
        shared.AncLimit, Bears("unit/", "cause/", "association/", "infection_rate/")
    ] = None
    when: Annotated[
        When,
        Field(description="a count below the limit at any time, or the one nearest the index date"),
    ] = "ever"
    window_days: Annotated[
        shared.WindowDays, Acts("where counts or other values were taken on other days")
    ] = 90
    felty: Annotated[
        Felty,
        Field(description="the definition of Felty's syndrome that the answer tells"),
        Bears(),
    ] = "clinic"
    felty_limit: Annotated[
        float,
        Field(
            ge=0.5,
            le=2.0,
            description="the count below which rheumatoid arthritis is Felty's syndrome; Barnes "
            "1971 has a limit of its own",
        ),
        Unit("10⁹/L"),
        Bears("felty/"),
    ] = 1.5
    known_cause: Annotated[
        KnownCause,
        Field(
            description="who has a drug or a disease of the blood for a cause can have Felty's "
            "syndrome, or can't"
        ),
        Acts("where a drug or a disease of the blood is recorded beside rheumatoid arthritis"),
        Bears("felty/"),
    ] = "include"
    lgl_needs: Annotated[
        LglNeeds,
        Field(
            description="what makes T-LGL leukaemia beside rheumatoid arthritis: the whole rule "
            "(size, phenotype, duration, clonality), or a clone alone"
        ),
        Acts("where clones were looked for in rheumatoid arthritis"),
        Bears("felty/"),
    ] = "rule"
    compared: Annotated[
        Compared,
        Field(
            description="the neutropenic who are compared with the others: those without a "
            "recorded cause outside immunity, or all"
        ),
        Acts("where causes are recorded"),
        Bears("association/", "infection_rate/", "cause/lgl"),
    ] = "unexplained"
    test: Annotated[
        Test,
        Field(description="whose P value compares them: Fisher's, Pearson's, or that with Yates'"),
        Bears(*(f"association/{mark}/p_value" for mark in MARKS)),
    ] = "fisher"
    interval: shared.Interval = "wilson"
    conf_level: shared.ConfLevel = 0.95

    @property
    def asked_diseases(self) -> tuple[str, ...]:
        """The names in `diseases`, in the order in which they are listed."""
        named = names_in(self.diseases)
        return tuple(name for name in DISEASES if name in named)
