"""Cohorts from where they are kept: typed Ibis tables, or a list of faults."""

from incohort.sources.door import Examination, check, examine
from incohort.sources.place import bundled_cohorts, cohort_name, locate
from incohort.sources.read import Source, read
from incohort.sources.telling import visible

__all__ = [
    "Examination",
    "Source",
    "bundled_cohorts",
    "check",
    "cohort_name",
    "examine",
    "locate",
    "read",
    "visible",
]
