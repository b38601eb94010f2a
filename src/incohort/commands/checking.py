"""A cohort against the dictionary: its faults, and what is worth a look."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

from incohort import sources
from incohort.commands import terminal
from incohort.errors import CohortFaultsError, ExitCode, refuse_url

_FIRST_NOTEBOOK = "01_cohort_overview"


def check_cohort(cohort: str, html: Path | None, *, is_internal: bool) -> int:
    """List what is wrong with a cohort, then what to do next; the exit code.

    Args:
        cohort: A cohort that comes along, or a folder or file.
        html: A file for the same list as a page.
        is_internal: Name the patients of the rows that are told.

    Raises:
        UsageError: There is no such cohort, or the page can't be written.
    """
    path = sources.locate(cohort)
    # The one clock of the command; a day more, as it is tomorrow somewhere.
    tomorrow = datetime.now(UTC).date() + timedelta(days=1)
    examination = sources.examine(path, today=tomorrow)
    name = sources.visible(sources.cohort_name(path))
    if html is not None:
        refuse_url(str(html))
        _write_page(html, name, examination, is_internal=is_internal)
    code: int = ExitCode.DONE
    if examination.faults:
        code = terminal.print_faults(
            CohortFaultsError(name, examination.faults),
            "Correct them, then check again.",
            with_patients=is_internal,
        )
    else:
        terminal.say(f"{name}: no faults.")
    terminal.print_worth_a_look(examination.concerns, with_patients=is_internal)
    if not examination.faults:
        terminal.say(f"Next: incohort run {_FIRST_NOTEBOOK} --cohort {shlex.quote(cohort)}")
    return code


def _write_page(
    html: Path, name: str, examination: sources.Examination, *, is_internal: bool
) -> None:
    from incohort.reports.place import (  # noqa: PLC0415 — only where a page is asked for
        cannot_write,
        write_whole,
    )
    from incohort.reports.templating import faults_page  # noqa: PLC0415 — likewise

    try:
        write_whole(
            html,
            faults_page(name, examination.faults, examination.concerns, is_internal=is_internal),
        )
    except OSError as error:
        raise cannot_write(html, error, option="--html") from None
