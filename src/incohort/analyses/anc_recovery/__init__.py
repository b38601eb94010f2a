"""Time to recovery of the neutrophils after the offending drug, and what each choice changes."""

from __future__ import annotations

from collections.abc import Callable

from incohort.analyses.anc_recovery.answer import answer
from incohort.analyses.anc_recovery.conditioned import conditioned
from incohort.analyses.anc_recovery.curves import recovery
from incohort.analyses.anc_recovery.gcsf_effect import gcsf_effect
from incohort.analyses.anc_recovery.incidence import incidence
from incohort.analyses.anc_recovery.intervals import intervals
from incohort.analyses.anc_recovery.models import models
from incohort.analyses.anc_recovery.multiverse import multiverse
from incohort.analyses.anc_recovery.question import Question, RecoveryDesign
from incohort.analyses.anc_recovery.trajectories import trajectories
from incohort.analyses.anc_recovery.who import who
from incohort.analyses.population import Selection
from incohort.cohort import Cohort, RecoveryChoices
from incohort.results import Findings

__all__ = ["AncRecovery", "RecoveryDesign"]

_Part = Callable[[Question], Findings]
_ANSWERED: tuple[_Part, ...] = (
    recovery, intervals, incidence, models, gcsf_effect, conditioned, multiverse,
)  # fmt: skip


class AncRecovery:
    """A clinician's questions about recovery, asked of one cohort.

    Args:
        cohort: From `open_cohort`.
        choices: Threshold, confirmation, time zero, and the other choices of an episode.
        selection: Who is described; everybody where not given.
        design: What the analysis leaves open.
        conf_level: Of every interval, in (0, 1).

    Raises:
        UsageError: A choice, a covariate or a severity system is not known.

    Source: tests/spec/test_anc_recovery.py.
    """

    def __init__(
        self,
        cohort: Cohort,
        choices: RecoveryChoices | None = None,
        selection: Selection | None = None,
        design: RecoveryDesign | None = None,
        *,
        conf_level: float = 0.95,
    ) -> None:
        """Keep the question; rows are read when the first answer is asked for."""
        self._question = Question(
            cohort,
            choices or RecoveryChoices(),
            selection or Selection(),
            design or RecoveryDesign(),
            conf_level,
        )
        self._found: dict[_Part, Findings] = {}

    def _of(self, part: _Part) -> Findings:
        """What one part found; worked out once, since the answer tells it again."""
        if part not in self._found:
            self._found[part] = part(self._question)
        return self._found[part]

    def who(self) -> Findings:
        """The flow of patients, what became of the episodes, and the criteria one by one."""
        return self._of(who)

    def trajectories(self) -> Findings:
        """The counts of each patient against days, and the episodes as bars."""
        return self._of(trajectories)

    def recovery(self) -> Findings:
        """The curve of those still below the threshold, for all and by group."""
        return self._of(recovery)

    def intervals(self) -> Findings:
        """Recovery as it is known, between two counts, beside guessed days."""
        return self._of(intervals)

    def incidence(self) -> Findings:
        """Cumulative incidence of recovery and of death before it."""
        return self._of(incidence)

    def models(self) -> Findings:
        """What delays recovery, by three models, with their checks."""
        return self._of(models)

    def gcsf(self) -> Findings:
        """The effect of G-CSF on the time to recovery, by each method."""
        return self._of(gcsf_effect)

    def criteria(self) -> Findings:
        """What conditioning on the criteria of drug-induced neutropenia does."""
        return self._of(conditioned)

    def multiverse(self) -> Findings:
        """The median time and the effect of G-CSF under every combination of the choices."""
        return self._of(multiverse)

    def answer(self) -> Findings:
        """The answers in sentences, and what they can't say."""
        parts = [self._of(part) for part in _ANSWERED]
        results = {key: result for found in parts for key, result in found.by_key.items()}
        return answer(self._question, results)
