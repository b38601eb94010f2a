"""A reader's own patients and episodes: kept step by step, and asked what the notebooks ask."""

from incohort.analyses.own.episodes import Episodes, episodes
from incohort.analyses.own.patients import Patients, patients
from incohort.shapes.frames import ColumnsTold
from incohort.shapes.frames import described as columns

__all__ = ["ColumnsTold", "Episodes", "Patients", "columns", "episodes", "patients"]
