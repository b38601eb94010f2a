"""A cohort's tables as they were written: every cell as text, every row with its number."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import ibis

from incohort.dictionary import load, nearest
from incohort.errors import Fault
from incohort.sources import repair
from incohort.sources.descriptor import Descriptor, read_descriptor

ROW = "_row"  # counts from 1 with the header as row 1, as a spreadsheet shows it
EXTRA_PREFIX = "x_"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """One table as text. `columns` are the dictionary's that it has, `extra` the user's own.

    `table` has those columns as strings, empty cells as NULL, and `_row`. `file` is None inside
    a DuckDB file.
    """

    name: str
    table: ibis.Table
    columns: tuple[str, ...]
    extra: tuple[str, ...]
    n_rows: int
    file: Path | None


@dataclass(slots=True, kw_only=True, weakref_slot=True)
class Raw:
    """An opened cohort: its tables as text, its word on itself, and what kept parts unread."""

    name: str
    path: Path
    connection: ibis.BaseBackend
    descriptor: Descriptor
    tables: dict[str, RawTable] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def open_raw(path: Path) -> Raw:
    """The tables of a folder of CSV or Parquet files, or of a DuckDB file.

    Nothing is raised for what a user wrote: faults come in the result, and what can be read
    beside them is read.
    """
    scratch = tempfile.mkdtemp(prefix="incohort-")
    connection = ibis.duckdb.connect(temp_directory=scratch)
    if path.is_dir():
        descriptor, faults = read_descriptor(path)
        raw = Raw(
            name=path.resolve().name,
            path=path,
            connection=connection,
            descriptor=descriptor,
            faults=list(faults),
        )
        _open_folder(raw, Path(scratch))
    else:
        raw = Raw(
            name=path.stem, path=path, connection=connection, descriptor=Descriptor(title=path.stem)
        )
        _open_duckdb(raw)
    if "patients" not in raw.tables and not any(f.table == "patients" for f in raw.faults):
        known = "patients.csv or patients.parquet" if path.is_dir() else "the table patients"
        raw.faults.append(
            Fault(
                table="patients",
                rule="every cohort has the table patients",
                remedy=f"Add {known}, one row per patient.",
            )
        )
    weakref.finalize(raw, shutil.rmtree, scratch, ignore_errors=True)
    return raw


def _open_folder(raw: Raw, scratch: Path) -> None:
    files: dict[str, Path] = {}
    for path in sorted(raw.path.iterdir()):
        if path.suffix.lower() not in {".csv", ".parquet"} or path.name.startswith("."):
            continue
        name = path.stem
        if name not in load().tables:
            raw.faults.append(_unknown_table(path.name, name))
        elif name in files:
            raw.faults.append(
                Fault(
                    table=name,
                    value=f"{files[name].name}, {path.name}",
                    rule="a table stands in one file",
                    remedy="Remove one of the two files.",
                )
            )
        else:
            files[name] = path
    for name, path in files.items():
        try:
            if path.suffix.lower() == ".csv":
                _load_csv(raw, name, path, scratch)
            else:
                _load_parquet(raw, name, path)
        except (OSError, duckdb.Error) as error:
            raw.faults.append(
                Fault(
                    table=name,
                    value=path.name,
                    rule="the file can be read",
                    remedy=f"Write it again ({_short(error)}).",
                )
            )


def _open_duckdb(raw: Raw) -> None:
    try:
        raw.connection.attach(str(raw.path), name="source", read_only=True)
        names = raw.connection.list_tables(database=("source", "main"))
    except (duckdb.Error, OSError) as error:
        raw.faults.append(
            Fault(
                table=raw.path.name,
                rule="the file is a DuckDB database",
                remedy=f"Write it again with a current DuckDB ({_short(error)}).",
            )
        )
        return
    for name in sorted(names):
        if name not in load().tables:
            if not name.startswith(EXTRA_PREFIX):
                raw.faults.append(_unknown_table(name, name))
            continue
        written = raw.connection.table(name, database=("source", "main")).columns
        names_now, columns, extra, faults = _named(name, tuple(written))
        raw.faults += faults
        selected = ", ".join(
            f"{_cast_to_text(column)} AS {_quoted(now)}"
            for column, now in zip(written, names_now, strict=True)
        )
        _create(
            raw,
            name,
            f"SELECT {selected}, row_number() OVER () + 1 AS {ROW} FROM source.main.{_quoted(name)}",
        )
        _keep(raw, name, columns, extra, None)


def _load_csv(raw: Raw, name: str, path: Path, scratch: Path) -> None:
    written, faults = repair.read_header(path, name)
    raw.faults += faults
    if not written:
        return
    names, columns, extra, name_faults = _named(name, written)
    raw.faults += name_faults
    if not _try_csv(raw, name, path, names):
        copy = scratch / f"{name}.csv"
        raw.faults += repair.repaired_copy(path, name, len(names), copy)
        if not _try_csv(raw, name, copy, names):
            raw.faults.append(
                Fault(
                    table=name,
                    value=path.name,
                    rule="the file is CSV",
                    remedy="Export it again as CSV UTF-8 with commas and quotation marks.",
                )
            )
            return
        copy.unlink()
    _keep(raw, name, columns, extra, path)


def _try_csv(raw: Raw, name: str, path: Path, names: tuple[str, ...]) -> bool:
    """Load the file; False where DuckDB finds any row that it can't take as it stands."""
    types = ", ".join(f"{_text(column)}: 'VARCHAR'" for column in names)
    raw.connection.raw_sql("DROP TABLE IF EXISTS reject_errors; DROP TABLE IF EXISTS reject_scans")
    try:
        raw.connection.raw_sql(
            f"CREATE OR REPLACE TABLE {_quoted('all_' + name)} AS SELECT * FROM read_csv("
            f"{_text(str(path))}, columns = {{{types}}}, header = true, auto_detect = false, "
            "delim = ',', quote = '\"', escape = '\"', nullstr = '', strict_mode = true, "
            "store_rejects = true, max_line_size = 100000000)"
        )
        rejected = raw.connection.raw_sql("SELECT count(*) FROM reject_errors").fetchall()
    except duckdb.Error:
        return False
    if rejected[0][0]:
        return False
    kept = ", ".join(map(_quoted, names))
    _create(
        raw, name, f"SELECT {kept}, rowid + 2 AS {ROW} FROM {_quoted('all_' + name)}", view=True
    )
    return True


def _load_parquet(raw: Raw, name: str, path: Path) -> None:
    source = f"read_parquet({_text(str(path))}, file_row_number = true)"
    described = raw.connection.raw_sql(f"DESCRIBE SELECT * FROM {source}").fetchall()
    written = tuple(row[0] for row in described if row[0] != "file_row_number")
    names, columns, extra, faults = _named(name, written)
    raw.faults += faults
    selected = ", ".join(
        f"{_cast_to_text(column)} AS {_quoted(now)}"
        for column, now in zip(written, names, strict=True)
    )
    _create(raw, name, f"SELECT {selected}, file_row_number + 2 AS {ROW} FROM {source}")
    _keep(raw, name, columns, extra, path)


def _create(raw: Raw, name: str, query: str, *, view: bool = False) -> None:
    kind = "VIEW" if view else "TABLE"
    raw.connection.raw_sql(f"CREATE OR REPLACE {kind} {_quoted('raw_' + name)} AS {query}")


def _keep(
    raw: Raw, name: str, columns: tuple[str, ...], extra: tuple[str, ...], file: Path | None
) -> None:
    table = raw.connection.table(f"raw_{name}")
    raw.tables[name] = RawTable(
        name=name,
        table=table,
        columns=columns,
        extra=extra,
        n_rows=int(table.count().execute()),
        file=file,
    )


def _named(
    table: str, written: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], list[Fault]]:
    """Names to load the columns under, the dictionary's among them, the user's own, and faults."""
    spec = load().table(table)
    known = [column.name for column in spec.columns]
    faults: list[Fault] = []
    names: list[str] = []
    for position, name in enumerate(written):
        if name in names:
            names.append(f"_again_{position}")
        elif name in known or (name.startswith(EXTRA_PREFIX) and len(name) > len(EXTRA_PREFIX)):
            names.append(name)
        else:
            names.append(f"_unknown_{position}")
            faults.append(_unknown_column(table, name, known))
    for name, count in Counter(written).items():
        if count > 1:
            rule = "a column's name stands once in the header"
            remedy = f"It stands {count} times. Remove or rename the others."
            faults.append(Fault(table=table, column=name, row=1, rule=rule, remedy=remedy))
    for column in spec.columns:
        if column.required and column.name not in written:
            rule = f"the table {table} has the column {column.name}"
            remedy = f"Add it: {column.label[:1].lower()}{column.label[1:]}."
            faults.append(Fault(table=table, column=column.name, row=1, rule=rule, remedy=remedy))
    columns = tuple(name for name in known if name in names)
    extra = tuple(name for name in names if name.startswith(EXTRA_PREFIX))
    return tuple(names), columns, extra, faults


def _unknown_column(table: str, name: str, known: list[str]) -> Fault:
    match = nearest(name, known)
    hint = f"Did you mean {match!r}? " if match else ""
    return Fault(
        table=table,
        column=name,
        row=1,
        rule="the column is in the data dictionary",
        remedy=f"{hint}Columns of your own begin with {EXTRA_PREFIX}: {EXTRA_PREFIX}{name}.",
    )


def _unknown_table(shown: str, name: str) -> Fault:
    match = nearest(name, load().tables)
    hint = f"Did you mean {match!r}? " if match else ""
    return Fault(
        table=shown,
        rule="the table is in the data dictionary",
        remedy=f"{hint}Known are {', '.join(load().tables)}. Rename it, or move it elsewhere.",
    )


def _cast_to_text(column: str) -> str:
    return f"nullif(CAST({_quoted(column)} AS VARCHAR), '')"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _short(error: Exception) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error).splitlines()[0].split(":")[0][:80] or type(error).__name__
