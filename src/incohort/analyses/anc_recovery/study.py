"""Time to recovery of the neutrophils after the offending drug, and what each choice changes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from incohort.analyses.anc_recovery.answer import answer
from incohort.analyses.anc_recovery.conditioned import conditioned
from incohort.analyses.anc_recovery.curves import recovery
from incohort.analyses.anc_recovery.gcsf_effect import gcsf_effect
from incohort.analyses.anc_recovery.incidence import incidence
from incohort.analyses.anc_recovery.intervals import intervals
from incohort.analyses.anc_recovery.models import models
from incohort.analyses.anc_recovery.multiverse import multiverse
from incohort.analyses.anc_recovery.parameters import RecoveryParameters
from incohort.analyses.anc_recovery.question import Question
from incohort.analyses.anc_recovery.trajectories import trajectories
from incohort.analyses.anc_recovery.who import who
from incohort.analyses.study import Study
from incohort.results import Findings

_Part = Callable[[Question], Findings]
_ANSWERED: tuple[_Part, ...] = (
    recovery, intervals, incidence, models, gcsf_effect, conditioned, multiverse,
)  # fmt: skip


class AncRecovery(Study[RecoveryParameters]):
    """A clinician's questions about recovery, asked of one cohort.

    Source: tests/spec/test_anc_recovery.py.
    """

    parameters = RecoveryParameters

    @cached_property
    def _question(self) -> Question:
        return Question(self._cohort, self.asked)

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
        return answer(self._question, self._parts(*_ANSWERED))
