"""Cohorts as one row per patient or episode: the clinical definitions, as Ibis expressions."""

from incohort.cohort.autoimmune_choices import AutoimmuneChoices
from incohort.cohort.autoimmune_frame import autoimmune_frame
from incohort.cohort.checkpoint_choices import CheckpointChoices
from incohort.cohort.checkpoint_follow_up import checkpoint_doses, checkpoint_follow_up
from incohort.cohort.checkpoint_frame import checkpoint_frame
from incohort.cohort.choices import Choices
from incohort.cohort.clone_tests import CLONE_METHODS, clone_tests
from incohort.cohort.episode_frame import counts_frame, episode_frame
from incohort.cohort.frame import infant_limit, patient_frame, severity_system
from incohort.cohort.late_onset_choices import LateOnsetChoices
from incohort.cohort.late_onset_days import LateOnsetDays, late_onset_days
from incohort.cohort.late_onset_frame import late_onset_frame
from incohort.cohort.lgl_choices import LglChoices
from incohort.cohort.lgl_counts import lgl_counts
from incohort.cohort.lgl_frame import lgl_frame
from incohort.cohort.mutation_frame import LGL_GENES, mutation_frame
from incohort.cohort.numbering import patient_numbers
from incohort.cohort.on_treatment_frame import on_treatment_frame
from incohort.cohort.opened import Cohort, of_source, open_cohort
from incohort.cohort.person_time import PersonTime, person_time
from incohort.cohort.person_time_choices import PersonTimeChoices
from incohort.cohort.recovery_choices import RecoveryChoices
from incohort.cohort.response_frame import LGL_DRUGS, response_frame
from incohort.cohort.unread import unread_treatments

__all__ = [
    "CLONE_METHODS",
    "LGL_DRUGS",
    "LGL_GENES",
    "AutoimmuneChoices",
    "CheckpointChoices",
    "Choices",
    "Cohort",
    "LateOnsetChoices",
    "LateOnsetDays",
    "LglChoices",
    "PersonTime",
    "PersonTimeChoices",
    "RecoveryChoices",
    "autoimmune_frame",
    "checkpoint_doses",
    "checkpoint_follow_up",
    "checkpoint_frame",
    "clone_tests",
    "counts_frame",
    "episode_frame",
    "infant_limit",
    "late_onset_days",
    "late_onset_frame",
    "lgl_counts",
    "lgl_frame",
    "mutation_frame",
    "of_source",
    "on_treatment_frame",
    "open_cohort",
    "patient_frame",
    "patient_numbers",
    "person_time",
    "response_frame",
    "severity_system",
    "unread_treatments",
]
