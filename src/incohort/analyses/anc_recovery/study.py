"""Time to recovery of the neutrophils after the offending drug, and what each choice changes."""

from __future__ import annotations

from incohort.analyses.anc_recovery.answer import answer
from incohort.analyses.anc_recovery.conditioned import conditioned
from incohort.analyses.anc_recovery.curves import incidence, recovery
from incohort.analyses.anc_recovery.gcsf_effect import gcsf_effect
from incohort.analyses.anc_recovery.intervals import intervals
from incohort.analyses.anc_recovery.models import models
from incohort.analyses.anc_recovery.multiverse import multiverse
from incohort.analyses.anc_recovery.parameters import RecoveryParameters
from incohort.analyses.anc_recovery.question import Question
from incohort.analyses.anc_recovery.trajectories import trajectories
from incohort.analyses.anc_recovery.who import who
from incohort.analyses.reporting import reporting
from incohort.analyses.study import Study, part
from incohort.analyses.unrecorded import unrecorded

_TOLD_AGAIN = (who, recovery, intervals, incidence, models, gcsf_effect)


class AncRecovery(Study[RecoveryParameters]):
    """A clinician's questions about recovery, asked of one cohort.

    Source: tests/spec/test_anc_recovery.py.
    """

    parameters = RecoveryParameters
    question = Question

    who = part(who)
    trajectories = part(trajectories)
    recovery = part(recovery)
    intervals = part(intervals)
    incidence = part(incidence)
    models = part(models)
    gcsf = part(gcsf_effect)
    criteria = part(conditioned)
    multiverse = part(multiverse)
    unrecorded = part(unrecorded)
    reporting = part(reporting)
    answer = part(answer, after=_TOLD_AGAIN)
