"""What is to be reported on, how, and what became of it: light, so that any room can say it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from incohort.errors import Fault
from incohort.reports.notebooks import Notebook
from incohort.reports.parameters import Value
from incohort.results import CohortCard, Concern

FAILED = "--failed"
_NOT_IN_A_FOLDER_NAME = re.compile(r"[^\w.-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """A cohort at the door: its place and card, or what is wrong with it.

    `concerns` are what is worth a look, with patients' rows.
    """

    name: str
    path: str
    card: CohortCard | None
    faults: tuple[Fault, ...] = ()
    concerns: tuple[Concern, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One report to be made: a notebook, a cohort that was let in, and what is changed."""

    notebook: Notebook
    card: CohortCard
    cohort_path: str
    overrides: dict[str, Value]
    concerns: tuple[Concern, ...] = ()

    @property
    def folder(self) -> str:
        """The name of the report's folder."""
        cohort = _NOT_IN_A_FOLDER_NAME.sub("-", self.card.name).strip(".-") or "cohort"
        return f"{self.notebook.name}--{cohort}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What holds for all reports of one command."""

    out: Path
    jobs: int
    profile: str = ""
    is_internal: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Where a notebook stopped: the cell as counted from 1, and what was raised there."""

    cell: int
    name: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one job; `failure` is as it was raised, for the terminal alone."""

    folder: str
    failure: Failure | None
    not_reproduced: int
