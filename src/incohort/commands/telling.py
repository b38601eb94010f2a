"""What is said while reports are made, and of what no list can show."""

from __future__ import annotations

from collections.abc import Sequence

from incohort.commands.terminal import mention, refuse, say
from incohort.errors import ExitCode
from incohort.reports.jobs import Outcome
from incohort.reports.reading import LeftOut

_FIRST = 10  # of a list on the terminal


def tell(outcome: Outcome) -> None:
    """That a report is done, or why it is not."""
    if outcome.kept:
        names = ", ".join(outcome.kept[:_FIRST])
        mention(f"{outcome.folder}: not as a run wrote it, so it is kept: {names}.")
    if outcome.no_release:
        mention(f"{outcome.folder}: it can't be released later: {outcome.no_release}.")
    if outcome.failure is None:
        say(f"✓ {outcome.folder}")
        if outcome.changes:
            mention(f"{outcome.folder}: {outcome.changes}.")
        return
    failure = outcome.failure
    place = f" in cell {failure.cell}" if failure.cell else ""
    say(f"✗ {outcome.folder}")
    refuse(
        f"{outcome.folder} stopped{place}: {failure.name}: {failure.message}",
        ExitCode.NOTEBOOK_FAILED,
    )


def tell_left_out(files: Sequence[LeftOut]) -> None:
    """A line for each file that no list can show; of very many the first ones."""
    for file in files[:_FIRST]:
        mention(f"{file}.")
    if len(files) > _FIRST:
        mention(f"and {len(files) - _FIRST:,} more are left out.")


def end_of(outcomes: Sequence[Outcome], *, is_strict: bool) -> int:
    """The exit code of all of them together."""
    if any(outcome.failure for outcome in outcomes):
        return ExitCode.NOTEBOOK_FAILED
    if is_strict and any(outcome.not_reproduced for outcome in outcomes):
        return refuse("A published figure was not reproduced.", ExitCode.NOT_REPRODUCED)
    return ExitCode.DONE
