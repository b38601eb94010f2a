"""A CSV file as a table of text: what DuckDB can't take as it stands is repaired, and told."""

# ruff: noqa: S608 — every name and path in its SQL goes through text or file_text
from __future__ import annotations

from pathlib import Path

import duckdb
import ibis

from incohort.errors import Fault
from incohort.sources import repair
from incohort.sources.bounds import refuse_too_many
from incohort.sources.form import beginning, form_of, is_read_whole
from incohort.sources.naming import Names, name_columns
from incohort.sources.raw import LINE, Raw, file_text, keep, quoted, store, text

_USUAL_ROW, _LONGEST_ROW = 2_000_000, 100_000_000  # bytes


def load_csv(raw: Raw, name: str, path: Path, scratch: Path) -> None:
    """Load a file, and tell what of it can't be read; `scratch` is a folder for copies."""
    written, faults = repair.read_header(path, name)
    raw.faults += faults
    if not written:
        return
    names, name_faults = name_columns(name, written)
    raw.faults += name_faults
    form = form_of(path)
    file, is_whole = path, form.damaged_from is None
    if form.damaged_from is not None:
        file = scratch / f"beginning-of-{name}.csv"
        beginning(path, form.damaged_from, file)
    refuse_too_many(form.n_lines)
    n_rows = _try_csv(raw, name, file, names)
    if n_rows is None or not is_read_whole(file, form, n_rows):
        copy = scratch / f"{name}.csv"
        repaired = repair.repaired_copy(file, name, len(written), copy)
        raw.faults += repaired.faults
        is_whole = is_whole and repaired.is_whole
        n_rows = _try_csv(raw, name, copy, names, has_lines=True)
        copy.unlink()
        if n_rows != repaired.n_rows:
            raw.faults.append(_no_csv(name, path))
            return
    if form.damaged_from is not None:
        raw.faults.append(_damaged(name, n_rows + 2, has_nul=form.n_nul > 0))
        file.unlink()
    elif form.n_nul and form.n_nul > _told_nul(raw, name, names):
        raw.faults.append(_damaged(name, form.nul_line, has_nul=True))
    keep(raw, name, names, path, n_rows, is_whole=is_whole)


def _try_csv(
    raw: Raw, name: str, path: Path, names: Names, *, has_lines: bool = False
) -> int | None:
    """Load the file; how many rows it has, None where DuckDB can't take each as it stands.

    Only where all rows are of usual length do several threads read one file at once.
    """
    columns = [f"{text(column)}: 'VARCHAR'" for column in names.loaded]
    columns += [f"{text(LINE)}: 'BIGINT'"] if has_lines else []
    used = ", ".join(map(quoted, [*names.used, *([LINE] if has_lines else [])]))
    for longest in (_USUAL_ROW, _LONGEST_ROW):
        buffer = f", buffer_size = {2 * longest}" if longest > _USUAL_ROW else ""
        query = (
            f"SELECT {used} FROM read_csv({file_text(path)}, columns = {{{', '.join(columns)}}}, "
            "header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"', "
            f"nullstr = '', strict_mode = true, max_line_size = {longest}{buffer})"
        )
        try:
            return store(raw, name, names, query, has_lines=has_lines)
        except duckdb.InterruptException:
            raise
        except duckdb.Error:
            continue
    return None


def _told_nul(raw: Raw, name: str, names: Names) -> int:
    """How many NUL bytes stand in cells whose rules will tell of them."""
    table = raw.connection.table(f"all_{name}")
    cells = [table[column] for column in names.columns]
    each = [(cell.length() - cell.replace("\0", "").length()).fill_null(0) for cell in cells]
    total = table.aggregate(n=sum(each, ibis.literal(0)).sum().fill_null(0)).execute()
    return int(total["n"].iloc[0])


def _no_csv(table: str, path: Path) -> Fault:
    remedy = "Export it again as CSV UTF-8 with commas and quotation marks."
    return Fault(table=table, value=path.name, rule="the file is CSV", remedy=remedy)


def _damaged(table: str, row: int, *, has_nul: bool) -> Fault:
    what = (
        "holds NUL bytes, as an interrupted copy leaves them" if has_nul else "is over 100 MB long"
    )
    return Fault(
        table=table,
        row=row,
        value="NUL bytes" if has_nul else "",
        rule="the file is text to its end, in lines that can be read",
        remedy=f"This row {what}; what it and all after it held may be lost. Copy the file again.",
    )
