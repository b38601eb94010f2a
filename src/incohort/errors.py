"""The errors that a user can cause, each with the exit code the command line ends with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What the command line answers to the shell."""

    DONE = 0
    NOTEBOOK_FAILED = 1
    USAGE = 2
    COHORT_FAULTS = 3
    NOT_REPRODUCED = 4


class IncohortError(Exception):
    """A user's mistake: its message stands alone, without a traceback."""

    exit_code: ClassVar[ExitCode] = ExitCode.USAGE


class UsageError(IncohortError):
    """A wrong name, option or parameter."""


class NotebookFailedError(IncohortError):
    """A notebook stopped before its end; the others still finished."""

    exit_code = ExitCode.NOTEBOOK_FAILED


class NotReproducedError(IncohortError):
    """A published figure did not come out of the cohort that should hold it."""

    exit_code = ExitCode.NOT_REPRODUCED


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with a cohort: where it is, which rule it breaks, what to do.

    `row` counts from 1 with the header as row 1, as a spreadsheet shows it; None where the
    fault belongs to a whole column, table or folder. `value` is the text as it was read.
    `count` is how many rows share the fault when the list names only the first of them.
    """

    table: str
    column: str = ""
    row: int | None = None
    value: str = ""
    rule: str
    remedy: str
    count: int = 1


class CohortFaultsError(IncohortError):
    """The cohort breaks the data dictionary's rules; all faults come at once."""

    exit_code = ExitCode.COHORT_FAULTS

    def __init__(self, cohort: str, faults: tuple[Fault, ...]) -> None:
        """Keep the faults in the order in which they are to be listed."""
        noun = "fault" if len(faults) == 1 else "faults"
        super().__init__(f"cohort {cohort!r} has {len(faults)} {noun}")
        self.cohort = cohort
        self.faults = faults
