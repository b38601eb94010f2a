"""The errors that a user can cause, each with the exit code the command line ends with."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
    NOT_RELEASED = 6


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


def refuse_url(text: str, what: str = "name of a file or folder") -> None:
    """Nothing, unless a text is like a URL, whose parts are then not said again.

    Args:
        text: What somebody typed.
        what: What it should be.

    Raises:
        UsageError: It begins like a URL, or with a user's name and password.
    """
    if _URL.match(text):
        raise UsageError(
            f"A URL is no {what}: {redacted(text)!r}. Nothing is fetched from elsewhere; name "
            "what is on this computer."
        )


def redacted(text: str) -> str:
    """A text somebody typed, of a URL no more than how it begins: a password may stand in it."""
    match = _URL.match(text)
    if match is None:
        return text
    return f"{match['scheme']}://…" if match["scheme"] else "…"


def without_passwords(message: str) -> str:
    """A message without what stands before and after the @ of a URL in it."""
    return _WITH_PASSWORD.sub(r"\1…", message)


# Two letters at least: C:/ is a drive. `./user:word@place` is a folder.
_URL = re.compile(r"\s*(?:(?P<scheme>[A-Za-z][\w+.:-]+):[/\\]|(?://)?[^/\\\s:@]+:[^@]*@)")
_WITH_PASSWORD = re.compile(r"([A-Za-z][\w+.-]+:[/\\]+)[^\s'\"]*@[^\s'\"]*")


def unforeseen(error: Exception) -> str:
    """One sentence on an error that nothing else answered for: the system's, or our own."""
    said = " ".join(str(error).split())
    said = f"{said[:_LONGEST]}…" if len(said) > _LONGEST else said
    match error:
        case OSError():
            name = f": {str(error.filename)[:_LONGEST]!r}" if error.filename else ""
            return f"The system refused: {error.strerror or said or type(error).__name__}{name}."
        case MemoryError():
            return "There is not enough memory for this."
        case RecursionError():
            return "Something in it is nested too deeply to be read."
        case UnicodeError():
            return f"A text can't be read or written as it stands: {said}."
        case _:
            kind = type(error).__name__
            return f"It stopped at something that incohort did not foresee ({kind}: {said})."


_LONGEST = 200  # characters of what a system or a library says


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong with a cohort: where it is, which rule it breaks, what to do.

    `row` counts from 1 with the header as row 1, as a spreadsheet shows it; None where the
    fault belongs to a whole column, table or folder. `value` is the text as it was read.
    `count` is how many rows share the fault when the list names only the first of them.
    `hint` is the beginning of `remedy` that goes with this value alone. `patients` are the first
    of the `n_patients` in all rows that break the rule: for whoever keeps the cohort, no other.
    """

    table: str
    column: str = ""
    row: int | None = None
    value: str = ""
    rule: str
    remedy: str
    count: int = 1
    hint: str = ""
    patients: tuple[str, ...] = ()
    n_patients: int = 0


_EXAMPLES = 3
_BRIEF = 60  # characters of a value that is one of several


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultKind:
    """All faults of one column that break one rule, or of columns whose names break it."""

    faults: tuple[Fault, ...]

    @property
    def table(self) -> str:
        """The table, or the file."""
        return self.faults[0].table

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns, each once; none where the fault is a whole table's."""
        return tuple(dict.fromkeys(fault.column for fault in self.faults if fault.column))

    @property
    def where(self) -> str:
        """The table and its column, or the first of its columns."""
        names = self.columns
        if len(names) > 1:
            return f"{self.table}: {folded(names, _EXAMPLES)}"
        tables = tuple(dict.fromkeys(fault.table for fault in self.faults))
        return ".".join([folded(tables, _EXAMPLES), *names])

    @property
    def examples(self) -> tuple[str, ...]:
        """The first values with their rows, as many as one needs to see what is meant."""
        first = self.faults[:_EXAMPLES]
        if len(self.columns) > 1:
            return ("row 1",)
        longest = None if len(self.faults) == 1 else _BRIEF
        texts = (_example(fault, longest) for fault in first)
        return tuple(text for text in texts if text)

    @property
    def rule(self) -> str:
        """What all of them break."""
        return self.faults[0].rule

    @property
    def remedy(self) -> str:
        """What to do, after what there is to say of each example."""
        if len(self.faults) == 1:
            return self.faults[0].remedy
        hints = [
            f"{fault.value or fault.column or fault.table}: {fault.hint.strip()}"
            for fault in self.faults[:_EXAMPLES]
            if fault.hint
        ]
        return " ".join([*hints, _common(self.faults[0])])

    @property
    def count(self) -> int:
        """How many rows break the rule, or how many columns where it is about their names."""
        return sum(fault.count for fault in self.faults)

    @property
    def n_patients(self) -> int:
        """How many patients those rows are of; 0 where they name none."""
        return max(fault.n_patients for fault in self.faults)

    @property
    def patients(self) -> str:
        """The patients in words, the first of them by their numbers."""
        named = max((fault.patients for fault in self.faults), key=len)
        more = self.n_patients - len(named)
        return ", ".join(named) + (f" and {more:,} more" if more > 0 else "")


def kinds_of(faults: Sequence[Fault]) -> tuple[FaultKind, ...]:
    """The faults put together by column and rule, in the order in which each kind begins."""
    groups: dict[tuple[str, ...], list[Fault]] = {}
    for fault in faults:
        is_header = fault.row == 1 and not fault.value
        column = "" if is_header else fault.column
        table = "" if fault.row is None and not (column or fault.value) else fault.table
        groups.setdefault((table, column, fault.rule, _key(fault)), []).append(fault)
    return tuple(FaultKind(faults=tuple(group)) for group in groups.values())


def folded(names: Sequence[str], most: int) -> str:
    """Names in a row, of too many the first.

    >>> folded(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest:,} more" if rest > 0 else "")


def _key(fault: Fault) -> str:
    """What keeps faults of one rule apart: those of names have remedies of different kinds."""
    return _common(fault) if fault.row == 1 or fault.row is None else ""


def _common(fault: Fault) -> str:
    return fault.remedy.removeprefix(fault.hint).strip()


def _example(fault: Fault, longest: int | None) -> str:
    value = fault.value
    if longest is not None and len(value) > longest:
        value = f"{value[:longest]}…"
    return ": ".join(filter(None, (f"row {fault.row}" if fault.row else "", value)))


class CohortFaultsError(IncohortError):
    """The cohort breaks the data dictionary's rules; all faults come at once."""

    exit_code = ExitCode.COHORT_FAULTS

    def __init__(self, cohort: str, faults: tuple[Fault, ...]) -> None:
        """Keep the faults in the order in which they are to be listed."""
        n = len(kinds_of(faults))
        super().__init__(f"cohort {cohort!r} has {n} {'fault' if n == 1 else 'faults'}")
        self.cohort = cohort
        self.faults = faults
