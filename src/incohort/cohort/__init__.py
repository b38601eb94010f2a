"""Cohorts as one row per patient: the clinical definitions, as Ibis expressions."""

from incohort.cohort.choices import Choices
from incohort.cohort.frame import patient_frame, severity_system
from incohort.cohort.opened import Cohort, of_source, open_cohort

__all__ = ["Choices", "Cohort", "of_source", "open_cohort", "patient_frame", "severity_system"]
