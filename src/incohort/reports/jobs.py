"""What is to be reported on, how, and what became of it: light, so that any room can say it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from incohort.dictionary.files import bundled
from incohort.errors import Fault
from incohort.params.parameter import Value, effective
from incohort.reports.identity import Identity, changed_values, place_of
from incohort.reports.notebooks import Notebook
from incohort.results import CohortCard, Concern

FAILED = "--failed"


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

    def identity(self, disclosure: tuple[str, ...] = ()) -> Identity:
        """Which report it is to be; `disclosure` is its profile, and `internal`."""
        values = effective(self.notebook.parameters, self.overrides)
        return Identity(
            notebook=self.notebook.name,
            notebook_place=self.notebook.place,
            cohort=self.card.name,
            cohort_place=place_of(Path(self.cohort_path), bundled("data_dictionary") / "cohorts"),
            changed=changed_values(values, self.notebook.defaults),
            disclosure=disclosure,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What holds for all reports of one command.

    `ledger` is where the releases are; beside the cohort where not given. `withheld` are keys of
    which nothing is shown for the sake of earlier releases.
    """

    out: Path
    jobs: int
    profile: str = ""
    is_internal: bool = False
    ledger: Path | None = None
    withheld: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Where a notebook stopped: the cell as counted from 1, and what was raised there."""

    cell: int
    name: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one job; `failure` is as it was raised, for the terminal alone.

    `kept` are files of somebody's own that were in the report's way, by their new names.
    `no_release` says why a restricted report can't be released later, where it can't.
    `kept` are files of somebody's own that were in the report's way, by their new names. `changes`
    says what differs from the last run of the same report; empty where nothing does.
    """

    folder: str
    failure: Failure | None
    not_reproduced: int
    kept: tuple[str, ...] = ()
    no_release: str = ""
    changes: str = ""
