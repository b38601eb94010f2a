"""What may be asked about large granular lymphocytes."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from incohort.cohort import LglChoices
from incohort.cohort.lgl_choices import ClonalityRule, Gap, LglDuration, LglRule, Oligoclonal
from incohort.params import shared
from incohort.params.model import Acts, Bears, Parameters, Unit

_NO_AGREEMENT = Bears("class/", "missing/")


class LglParameters(Parameters):
    """By which rule a leukaemia is one, whose word a clone is, and how a response counts."""

    study: ClassVar[str] = "lgl"
    notebook: ClassVar[str] = "08_lgl_and_clonality"
    needs: ClassVar[tuple[str, ...]] = ("clonality",)

    cohort: shared.Cohort = "lgl_synthetic"
    sex: shared.Sex = "all"
    age_from: shared.AgeFrom = None
    age_below: shared.AgeBelow = None
    lgl_rule: Annotated[
        LglRule,
        Field(
            description="which count of T cells is large: LGL above 0.5 (lamy), above 2.0 "
            "(original), above lgl_limit (own), or, of the trial E5998, CD3+CD57+ cells above 0.4 "
            "or CD8+ cells above 0.65 at any one time"
        ),
        Acts("where cells were counted"),
        _NO_AGREEMENT,
    ] = "lamy"
    lgl_limit: Annotated[
        float,
        Field(ge=0.1, le=5, description="the count of LGL above which T cells are expanded"),
        Unit("10⁹/L"),
        Acts("where lgl_rule is own"),
        _NO_AGREEMENT,
    ] = 0.5
    nk_limit: Annotated[
        float,
        Field(ge=0.1, le=5, description="the count of LGL above which NK cells are expanded"),
        Unit("10⁹/L"),
        Acts("where cells were counted"),
        _NO_AGREEMENT,
    ] = 0.75
    duration: Annotated[
        LglDuration,
        Field(description="how long an expansion must last: more than six months, or any time"),
        Acts("where cells were counted"),
        _NO_AGREEMENT,
    ] = "six_months"
    clonality_rule: Annotated[
        ClonalityRule,
        Field(
            description="whose word it is that a clone is there: any method, PCR, Vβ families, "
            "TRBC1, or two methods that agree"
        ),
        Acts("where clones were looked for by several methods"),
        _NO_AGREEMENT,
    ] = "any"
    oligoclonal: Annotated[
        Oligoclonal,
        Field(description="what an oligoclonal result is: not clonal, clonal, or neither"),
        Acts("where a result is oligoclonal"),
        Bears("class/", "missing/", "agreement/"),
    ] = "not_clonal"
    gap: Annotated[
        Gap,
        Field(
            description="whether a count at or below the limit between two above it breaks the "
            "six months"
        ),
        Acts("where counts fell and rose again"),
        _NO_AGREEMENT,
    ] = "breaks"
    assess_months: Annotated[
        float,
        Field(
            ge=1,
            le=24,
            description="until when after its start a course has to show a response, 4 being that "
            "of the trial E5998 and 3 that of Bareau",
        ),
        Unit("months"),
        Acts("where courses and assessments are dated"),
        Bears("response/"),
    ] = 4.0
    interval: shared.Interval = "wilson"
    conf_level: shared.ConfLevel = 0.95

    @property
    def lgl(self) -> LglChoices:
        """The rule as the clinical definition takes it."""
        return self.part(LglChoices)
