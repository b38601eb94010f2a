"""From a report, or one cell's findings, to a file: refusals first, written aside, renamed."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path

from incohort.dictionary.files import typed_path
from incohort.errors import UsageError
from incohort.exports.again import Chosen, Report, read_report
from incohort.exports.long_table import as_csv
from incohort.exports.printing import as_pdf
from incohort.exports.workbook import Book, as_xlsx
from incohort.reports.numbering import numbered
from incohort.reports.place import cannot_write, write_whole
from incohort.results import Findings
from incohort.tables.listed import Row
from incohort.tables.marks import INTERNAL, Marks


class Format(StrEnum):
    """What can be written."""

    DOCX = "docx"
    XLSX = "xlsx"
    CSV = "csv"
    PDF = "pdf"


_CLAIM_COLUMNS = (
    "study", "key", "field", "label", "as_printed", "printed_value", "ours", "difference",
    "difference_low", "difference_high", "unit", "verdict", "origin", "reason", "explanation",
    "certainty", "location", "note",
)  # fmt: skip
_PARAMETER_COLUMNS = ("name", "value", "is_changed", "does", "may_be")


def export_report(typed: str, to: str, out: str = "", *, replace: bool = False) -> Path:
    """Write a report in another format; the file that was written.

    Args:
        typed: The report's folder, or the page in it.
        to: docx, xlsx, csv or pdf.
        out: The file; one called as the report in the current folder, unless given.
        replace: Whether a file that is there may be replaced.

    Raises:
        UsageError: It is no report, or was changed; or the file is there already, or can't be
            written.
    """
    kind = _format(to)
    place = _place(out, kind, replace=replace) if out else None
    report = read_report(typed)
    marking = INTERNAL if report.is_internal else ""
    if place is None:
        ending = "--internal" * (bool(marking) and "internal" not in report.run)
        place = _place(f"{report.run}{ending}.{kind}", kind, replace=replace)
    return _written(place, _CONTENTS[kind](report, marking))


def export_findings(
    findings: Findings, typed: str, *, is_internal: bool = False, replace: bool = False
) -> Path:
    """Write what one cell shows; the file that was written.

    Args:
        findings: After the gate.
        typed: The file; its ending says the format.
        is_internal: Whether the file is marked as not to leave.
        replace: Whether a file that is there may be replaced.

    Raises:
        UsageError: The ending is none of the formats, or the file is there already.
    """
    kind = _format(typed_path(typed).suffix.removeprefix(".").lower())
    if kind is Format.PDF:
        raise UsageError("A PDF is made of a whole report: incohort export REPORT --to pdf.")
    place = _place(typed, kind, replace=replace)
    marking = INTERNAL if is_internal else ""
    match kind:
        case Format.DOCX:
            from incohort.exports.word import findings_docx  # noqa: PLC0415 — slow to import

            content = findings_docx(findings, marking)
        case Format.XLSX:
            content = as_xlsx(_book_of_findings(findings, marking))
        case _:
            content = as_csv([findings], {}, {}, marking)
    return _written(place, content, option="file")


def _format(word: str) -> Format:
    try:
        return Format(word)
    except ValueError:
        raise UsageError(
            f"A file is written as docx, xlsx, csv or pdf; got {word[:40]!r}."
        ) from None


def _place(typed: str, kind: Format, *, replace: bool) -> Path:
    """Where the file goes, if it may."""
    path = typed_path(typed)
    other = path.suffix.removeprefix(".").lower()
    if other != kind and other in set(Format):
        raise UsageError(f"{path.name!r} does not end as {kind} does. Choose another name.")
    if path.is_dir() and not path.is_symlink():
        raise UsageError(f"{typed!r} is a folder. Name a file.")
    if os.path.lexists(path) and not replace:
        raise UsageError(
            f"{typed!r} is there already, and would be lost. Choose another name, or replace it "
            "with --replace (replace=True in a notebook)."
        )
    return path


def _written(path: Path, content: bytes, *, option: str = "--out") -> Path:
    try:
        write_whole(path, content)
    except OSError as error:
        raise cannot_write(path, error, option=option) from None
    return path


def _docx(report: Report, marking: str) -> bytes:
    from incohort.exports.word import report_docx  # noqa: PLC0415 — slow to import

    return report_docx(report, marking)


def _xlsx(report: Report, marking: str) -> bytes:
    return as_xlsx(_book(report, marking))


def _csv(report: Report, marking: str) -> bytes:
    run = {"run": report.run, "notebook": report.notebook, "cohort": report.card.name}
    chosen = {
        parameter.name: parameter.value
        for parameter in report.parameters
        if parameter.name != "cohort"
    }
    return as_csv(report.findings, run, chosen, marking)


def _pdf(report: Report, marking: str) -> bytes:
    del marking  # the page has its own
    return as_pdf(report.folder)


_CONTENTS: dict[Format, Callable[[Report, str], bytes]] = {
    Format.DOCX: _docx,
    Format.XLSX: _xlsx,
    Format.CSV: _csv,
    Format.PDF: _pdf,
}


def _book(report: Report, marking: str) -> Book:
    about = [
        ("Notebook", report.notebook),
        ("Cohort", ": ".join(dict.fromkeys((report.card.name, report.card.title)))),
        *(("Data", badge) for badge in report.badges),
        ("Privacy", report.privacy),
        *(("Notice", notice) for notice in report.card.notices),
        *((name, number) for name, number in report.software[:2]),
    ]
    return Book(
        title=report.title,
        about=tuple(about),
        findings=report.findings,
        marks=report.marks,
        lists=(
            ("claims", _CLAIM_COLUMNS, _claims(report)),
            ("parameters", _PARAMETER_COLUMNS, tuple(map(_parameter, report.parameters))),
        ),
        marking=marking,
    )


def _book_of_findings(findings: Findings, marking: str) -> Book:
    profile = findings.profile or "none"
    return Book(
        title=findings.title,
        about=(("Disclosure profile", profile),),
        findings=(findings,),
        marks=Marks(labels=numbered([findings])),
        marking=marking,
    )


def _claims(report: Report) -> tuple[Row, ...]:
    rows = []
    for study, verdicts in report.verdicts.items():
        for verdict in verdicts:
            values = asdict(verdict) | {"study": study, "key": verdict.claim_key}
            rows.append({name: _plain(values[name]) for name in _CLAIM_COLUMNS})
    return tuple(rows)


def _plain(value: object) -> str | int | float | None:
    if value is None or isinstance(value, int | float):
        return value
    return str(value)


def _parameter(parameter: Chosen) -> Row:
    return {
        "name": parameter.name,
        "value": parameter.value,
        "is_changed": "changed" if parameter.is_changed else "",
        "does": parameter.does,
        "may_be": parameter.may_be,
    }
