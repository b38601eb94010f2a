"""A report in another format, and what the terminal is told of it."""

from __future__ import annotations

from incohort.commands.terminal import say
from incohort.exports.exporting import export_report


def export(report: str, to: str, out: str, *, replace: bool) -> None:
    """Write a report in another format and say where.

    Args:
        report: Its folder, or the page in it.
        to: docx, xlsx, csv or pdf.
        out: The file; one called as the report, unless given.
        replace: Whether a file that is there may be replaced.

    Raises:
        UsageError: It is no report, or was changed; or the file can't be written.
    """
    say(f"✓ {export_report(report, to, out, replace=replace)}")
