"""Taking along what one cell shows: the same gated numbers as its display, in a file."""

from __future__ import annotations

import os

from incohort.errors import UsageError
from incohort.exports.exporting import export_findings
from incohort.jupyter.display import gated_findings
from incohort.reports.handover import from_environment
from incohort.results import Findings


def export(findings: Findings, file: str | os.PathLike[str], *, replace: bool = False) -> None:
    """Write what a cell shows into a Word document, a workbook or a CSV file.

    Of a restricted cohort the file holds what the cell would show, and nothing else.

    Args:
        findings: What a question gave, as in `ic.export(people.table_one(), "table1.docx")`.
        file: Its ending says the format: `.docx`, `.xlsx` or `.csv`.
        replace: Whether a file of that name may be replaced.

    Raises:
        UsageError: These are no findings, the ending is another, or the file is there already.
    """
    if not isinstance(findings, Findings):
        raise UsageError(
            'ic.export takes what a question gave: ic.export(people.table_one(), "table1.docx").'
        )
    handover = from_environment()
    gated = gated_findings(findings, handover)
    export_findings(gated, os.fspath(file), is_internal=handover.is_internal, replace=replace)
