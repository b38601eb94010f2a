"""What is asked of the evidence on G-CSF: which comparisons, pooled how, beside which cohort."""

from __future__ import annotations

from functools import cached_property

from incohort.analyses.anc_recovery.parameters import RecoveryParameters
from incohort.analyses.anc_recovery.question import Question as Recovery
from incohort.analyses.gcsf_evidence.comparisons import RECOVERED, REGIONS, Comparison, comparisons
from incohort.analyses.gcsf_evidence.parameters import EvidenceParameters
from incohort.analyses.gcsf_evidence.printed import PREFIX
from incohort.cohort import Cohort
from incohort.shapes.making import Scope


class Question:
    """The published comparisons, and one cohort to stand beside them."""

    def __init__(self, cohort: Cohort, design: EvidenceParameters) -> None:
        """Keep the question; rows are read when the first answer about the cohort is asked for."""
        self.cohort = cohort
        self.design = design
        self.conf_level = design.conf_level

    @cached_property
    def recovery(self) -> Recovery:
        """The cohort's episodes with their times to recovery, as notebook 04 takes them."""
        shared = self.design.shared_with(RecoveryParameters)
        return Recovery(self.cohort, RecoveryParameters.of(shared))

    def recovery_at(self, threshold: float) -> Recovery:
        """The same where recovery means another count, 10⁹/L: then these are other episodes."""
        if threshold == self.design.recovery_threshold:
            return self.recovery
        design = self.recovery.design.but(recovery_threshold=threshold)
        return Recovery(self.cohort, design, f"episodes, recovery at {threshold:g}")

    @cached_property
    def scope(self) -> Scope:
        """What all numbers of the cohort share."""
        return Scope(
            cohort=self.cohort,
            prefix=PREFIX,
            conf_level=self.conf_level,
            restricted_by=self.recovery.population.restricted_by,
        )

    @cached_property
    def published(self) -> Scope:
        """What all numbers share that rest on publications alone, and on nobody of the cohort."""
        return Scope(cohort=self.cohort, prefix=PREFIX, conf_level=self.conf_level)

    @cached_property
    def all_comparisons(self) -> tuple[Comparison, ...]:
        """Every published comparison of G-CSF with none."""
        return comparisons(self.conf_level)

    @cached_property
    def chosen(self) -> tuple[Comparison, ...]:
        """The comparisons that pass the filters, whether they can be pooled or not."""
        design = self.design
        return tuple(
            c for c in self.all_comparisons
            if design.region in {"any", c.region}
            and design.published_recovery in {"any", c.recovered}
        )  # fmt: skip

    @property
    def filtered(self) -> str:
        """Which comparisons are pooled, in words."""
        design = self.design
        kept = (
            RECOVERED.get(design.published_recovery, ""), REGIONS.get(design.region, ""),
            "with approximate figures" if design.approximate else "",
        )  # fmt: skip
        return ", ".join(filter(None, kept))
