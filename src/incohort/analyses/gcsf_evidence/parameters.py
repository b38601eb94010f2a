"""What may be asked of the evidence on G-CSF."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from incohort.params import shared
from incohort.params.model import Parameters

Pooling = Literal["fixed", "dersimonian_laird", "reml_hartung_knapp"]
Recovered = Literal["any", "from_0_5", "from_1_0_or_1_5", "not_stated"]
Region = Literal["any", "asia", "europe"]


class EvidenceParameters(Parameters):
    """Which published comparisons are pooled and how, and the cohort beside them."""

    study: ClassVar[str] = "gcsf_evidence"
    notebook: ClassVar[str] = "05_gcsf_evidence"
    needs: ClassVar[tuple[str, ...]] = ("labs", "medications")

    cohort: shared.Cohort = "din_synthetic"
    describe: shared.Describe = "everybody"
    sex: shared.Sex = "all"
    age_from: shared.AgeFrom = None
    age_below: shared.AgeBelow = None
    pooling: Annotated[
        Pooling,
        Field(
            description="how published comparisons are pooled where one method is shown: one "
            "effect for all, or effects that vary"
        ),
    ] = "reml_hartung_knapp"
    published_recovery: Annotated[
        Recovered,
        Field(
            description="only comparisons that state recovery at such a count, in 10⁹/L, or that "
            "don't state it"
        ),
    ] = "any"
    region: Annotated[Region, Field(description="only comparisons from this region")] = "any"
    approximate: Annotated[
        bool,
        Field(
            description="whether comparisons are pooled whose numbers of patients were not "
            "printed but are implied"
        ),
    ] = False
    severity_system: shared.EpisodeSystem = "lecture"
    recovery_threshold: shared.RecoveryThreshold = 1.5
    time_zero: shared.TimeZero = "withdrawal"
    horizon_days: shared.HorizonDays = 28
    conf_level: shared.ConfLevel = 0.95

    @property
    def takes_all(self) -> bool:
        """Whether exactly the comparisons that were printed in full are pooled."""
        return self.published_recovery == "any" and self.region == "any" and not self.approximate
