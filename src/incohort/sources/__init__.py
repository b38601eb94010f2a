"""Cohorts from where they are kept: typed Ibis tables, or a list of faults."""

from incohort.sources.door import check
from incohort.sources.place import bundled_cohorts, locate
from incohort.sources.read import Source, read

__all__ = ["Source", "bundled_cohorts", "check", "locate", "read"]
