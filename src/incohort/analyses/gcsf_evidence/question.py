"""What is asked of the evidence on G-CSF: which comparisons, pooled how, beside which cohort."""

from __future__ import annotations

from functools import cached_property

from incohort.analyses.anc_recovery.parameters import RecoveryParameters
from incohort.analyses.anc_recovery.question import Question as Recovery
from incohort.analyses.gcsf_evidence.comparisons import Comparison, comparisons
from incohort.analyses.gcsf_evidence.parameters import EvidenceParameters
from incohort.analyses.gcsf_evidence.printed import PREFIX
from incohort.cohort import Cohort
from incohort.results import Measure
from incohort.shapes.making import Given, Scope
from incohort.stats import Interval, NoEstimate
from incohort.stats.meta import Effect, Method, Pooled

METHODS: dict[Method, str] = {
    "fixed": "Fixed effect",
    "dersimonian_laird": "Random effects, DerSimonian–Laird",
    "reml_hartung_knapp": "Random effects, REML with Hartung–Knapp",
}


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
        return Recovery(self.cohort, self._shared)

    @property
    def _shared(self) -> RecoveryParameters:
        return RecoveryParameters.of(self.design.shared_with(RecoveryParameters))

    def recovery_at(self, threshold: float) -> Recovery:
        """The same where recovery means another count, 10⁹/L."""
        if threshold == self.design.recovery_threshold:
            return self.recovery
        design = self._shared.but(recovery_threshold=threshold)
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
    def pooled(self) -> tuple[Comparison, ...]:
        """The comparisons that take part in the pooling."""
        return tuple(c for c in self.chosen if c.has_effect(approximate=self.design.approximate))

    @cached_property
    def chosen(self) -> tuple[Comparison, ...]:
        """The comparisons that pass the filters, whether they can be pooled or not."""
        design = self.design
        return tuple(
            comparison
            for comparison in self.all_comparisons
            if design.region in {"any", comparison.region}
            and design.published_recovery in {"any", comparison.recovered}
        )

    @property
    def filtered(self) -> str:
        """Which comparisons are pooled, in words."""
        design = self.design
        kept = [
            {
                "any": "",
                "from_0_5": "recovery at 0.5",
                "from_1_0_or_1_5": "recovery at 1.0 or 1.5",
                "not_stated": "recovery not stated",
            }[design.published_recovery],
            {"any": "", "asia": "Asia", "europe": "Europe"}[design.region],
            "with approximate figures" if design.approximate else "",
        ]
        return ", ".join(filter(None, kept))


def difference(
    given: Given, tail: str, label: str, answer: Effect | Pooled | Interval | NoEstimate,
    n: int | None = None, *notes: str,
) -> str:  # fmt: skip
    """A difference of mean days that rests on publications."""
    return given.interval(tail, label, Measure.DIFFERENCE, answer, n=n, unit="d", notes=notes)
