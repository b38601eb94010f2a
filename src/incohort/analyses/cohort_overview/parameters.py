"""What may be asked of the overview of a cohort."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from incohort.params import shared
from incohort.params.model import Bears, Parameters, Picks


class OverviewParameters(Parameters):
    """Whom to describe, whose limits grade them, and what Table 1 shows."""

    study: ClassVar[str] = "cohort_overview"
    notebook: ClassVar[str] = "01_cohort_overview"
    needs: ClassVar[tuple[str, ...]] = ("labs",)

    cohort: shared.Cohort = "kyritsi2015"
    describe: shared.Describe = "everybody"
    sex: shared.Sex = "all"
    age_from: shared.AgeFrom = None
    age_below: shared.AgeBelow = None
    severity_system: Annotated[shared.SeveritySystem, Bears()] = "lecture"
    anc_limit: shared.AncLimit = None
    count_at: Annotated[shared.CountAt, Bears()] = "index"
    infants: shared.Infants = "two_weeks"
    chronic: Annotated[
        Literal["three_months", "six_months"],
        Field(description="from which length on neutropenia is chronic"),
        Picks("chronic"),
        Bears(),
    ] = "three_months"
    platelets: Annotated[
        Literal["below_150", "below_100"],
        Field(description="what counts as thrombocytopenia, in 10⁹/L"),
        Picks("thrombocytopenia"),
        Bears(),
    ] = "below_150"
    window_days: Annotated[shared.WindowDays, Bears()] = 90
    group_by: Annotated[
        shared.GroupBy, Field(description="what makes the columns of Table 1"), Bears()
    ] = "severity"
    show_p_values: Annotated[
        bool, Field(description="whether Table 1 tests each characteristic"), Bears()
    ] = False
    interval: shared.Interval = "wilson"
    conf_level: shared.ConfLevel = 0.95
