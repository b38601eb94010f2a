"""Opening a cohort: a folder of CSV or Parquet files, or a DuckDB file."""

# ruff: noqa: S608 — every name and path in its SQL goes through quoted, file_text or text
from __future__ import annotations

import re
import weakref
from pathlib import Path

import duckdb
import ibis

from incohort.dictionary import load
from incohort.dictionary.files import is_folder as is_folder_at
from incohort.dictionary.files import is_regular
from incohort.errors import Fault
from incohort.sources.bounds import MEMORY, MOST_ROWS, SCRATCH, TooMuchError, in_time
from incohort.sources.csv_files import load_csv
from incohort.sources.descriptor import Descriptor, read_descriptor
from incohort.sources.naming import (
    EXTRA_PREFIX,
    name_columns,
    no_patients,
    other_format,
    twin_files,
    unknown_table,
)
from incohort.sources.place import cohort_name
from incohort.sources.raw import Raw, file_text, keep, quoted, store, text
from incohort.stopping import scratch_folder

# Types of Parquet and DuckDB that stand for one value in plain text. Times with a zone aren't
# among them: their text, and so their day, would depend on where they are read.
_PLAIN_TYPES = re.compile(
    r"VARCHAR|ENUM\(.*|BOOLEAN|U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL.*|"
    r"DATE|TIMESTAMP(_S|_MS|_NS)?|UUID|\"?NULL\"?",
    re.DOTALL,
)


def open_raw(path: Path) -> Raw:
    """The tables of a folder of CSV or Parquet files, or of a DuckDB file.

    Nothing is raised for what a user wrote: faults come in the result, and what can be read
    beside them is read.
    """
    scratch, remove = scratch_folder()
    connection = ibis.duckdb.connect(
        temp_directory=str(scratch), memory_limit=MEMORY, max_temp_directory_size=SCRATCH
    )
    weakref.finalize(connection, remove)
    connection.raw_sql(
        "SET autoinstall_known_extensions = false; SET autoload_known_extensions = false"
    )
    is_folder = is_folder_at(path)
    name = cohort_name(path)
    raw = Raw(name=name, path=path, connection=connection, descriptor=Descriptor(title=name))
    if is_folder:
        raw.descriptor, faults = read_descriptor(path)
        raw.faults += faults
        _open_folder(raw, scratch)
    else:
        _open_duckdb(raw)
    if "patients" not in raw.tables and not any(f.table == "patients" for f in raw.faults):
        raw.faults.append(no_patients(is_folder=is_folder))
    return raw


def _open_folder(raw: Raw, scratch: Path) -> None:
    for name, path in _files(raw).items():
        try:
            if not is_regular(path):
                raw.faults.append(_unreadable(name, path, _kind(path)))
            elif path.suffix.lower() == ".csv":
                load_csv(raw, name, path, scratch)
            else:
                _load_parquet(raw, name, path)
        except (OSError, UnicodeError, duckdb.Error, TooMuchError) as error:
            raw.faults.append(_unreadable(name, path, _short(error)))


def _files(raw: Raw) -> dict[str, Path]:
    """The file of each table; what else is named like one is told."""
    try:
        entries = sorted(raw.path.iterdir())
    except OSError as error:
        raw.faults.append(_unreadable(raw.name, raw.path, _short(error)))
        return {}
    files: dict[str, Path] = {}
    beside = {entry.stem for entry in entries}
    for path in entries:
        name = path.stem
        if path.name.startswith("."):
            continue
        if path.suffix.lower() not in {".csv", ".parquet"}:
            fault = other_format(path)
            raw.faults += [fault] if fault else []
        elif name not in load().tables:
            raw.faults.append(unknown_table(path.name, name, beside))
        elif name in files:
            raw.faults.append(twin_files(name, files[name], path))
        else:
            files[name] = path
    return files


def _open_duckdb(raw: Raw) -> None:
    try:
        # Not by Ibis, which takes a quotation mark in a name for the name's end.
        raw.connection.raw_sql(f"ATTACH {text(str(raw.path))} AS source (READ_ONLY)")
        # From here on nothing outside the file is read, whatever a view in it says.
        raw.connection.raw_sql("SET enable_external_access = false")
        names = raw.connection.raw_sql(
            "SELECT table_name, table_type <> 'BASE TABLE' FROM information_schema.tables "
            "WHERE table_catalog = 'source' AND table_schema = 'main' ORDER BY 2, 1"
        ).fetchall()  # views last: they may have no end
    except (duckdb.Error, OSError, UnicodeError) as error:
        rule = "the file is a DuckDB database"
        remedy = f"Write it again with a current DuckDB ({_short(error)})."
        raw.faults.append(Fault(table=raw.path.name, rule=rule, remedy=remedy))
        return
    beside = {name for name, _ in names}
    for name, is_view in names:
        if name in load().tables:
            try:
                n_rows = None if is_view else _counted(raw, name)
                _load_typed(raw, name, f"source.main.{quoted(name)}", None, n_rows)
            except (duckdb.Error, TooMuchError) as error:
                raw.faults.append(_unreadable(name, raw.path, _short(error)))
                if isinstance(error, TooMuchError):
                    return  # one is enough: each further one might take as long
        elif not name.startswith(EXTRA_PREFIX):
            raw.faults.append(unknown_table(name, name, beside))


def _counted(raw: Raw, name: str) -> int:
    """How many rows a table of a DuckDB file has."""
    counted = raw.connection.raw_sql(f"SELECT count(*) FROM source.main.{quoted(name)}")
    return int(counted.fetchall()[0][0])


def _load_parquet(raw: Raw, name: str, path: Path) -> None:
    described = f"SELECT num_rows FROM parquet_file_metadata({file_text(path)})"
    n_rows = int(raw.connection.raw_sql(described).fetchall()[0][0])
    _load_typed(raw, name, f"read_parquet({file_text(path)})", path, n_rows)


def _load_typed(
    raw: Raw, name: str, source: str, file: Path | None, n_expected: int | None
) -> None:
    """Load a table whose columns have types; those that are no plain values are told."""
    with in_time(raw.connection, n_expected):
        described = raw.connection.raw_sql(f"DESCRIBE SELECT * FROM {source}").fetchall()
        types = {column: kind for column, kind, *_ in described}
        unreadable = {column: k for column, k in types.items() if not _PLAIN_TYPES.fullmatch(k)}
        names, faults = name_columns(name, tuple(types), frozenset(unreadable))
        raw.faults += faults
        raw.faults += [_not_plain(name, column, kind) for column, kind in unreadable.items()]
        selected = ", ".join(  # a list of lists of lists … would take years to write out
            f"{'NULL' if column in unreadable else _as_text(column, kind)} AS {quoted(loaded)}"
            for (column, kind), loaded in zip(types.items(), names.loaded, strict=True)
            if loaded in names.used
        )
        query = f"SELECT {selected} FROM {source} LIMIT {MOST_ROWS + 1}"
        n_rows = store(raw, name, names, query)
    if n_expected is None and n_rows > MOST_ROWS:
        msg = f"it has more than {MOST_ROWS:,} rows"
        raise TooMuchError(msg)
    if n_expected is not None and n_rows != n_expected:
        raw.faults.append(_unreadable(name, file or raw.path, f"{n_rows:,} of {n_expected:,} rows"))
    keep(raw, name, names, file, n_rows)


def _as_text(column: str, kind: str) -> str:
    """A typed column as it would stand in a CSV file; a time at midnight is its day."""
    value = quoted(column)
    text = f"CAST({value} AS VARCHAR)"
    if kind.startswith("TIMESTAMP"):
        text = f"CASE WHEN {value} = CAST({value} AS DATE) THEN left({text}, 10) ELSE {text} END"
    return f"nullif({text}, '')"


def _not_plain(table: str, column: str, kind: str) -> Fault:
    return Fault(
        table=table,
        column=column,
        row=1,
        value=kind,
        rule="a column holds one plain value in each cell",
        remedy="Write it as text, numbers, dates, times without a zone, or true and false.",
    )


def _unreadable(table: str, path: Path, reason: str) -> Fault:
    remedy = f"Write it again ({reason})."
    return Fault(table=table, value=path.name, rule="the file can be read", remedy=remedy)


def _kind(path: Path) -> str:
    if path.is_dir():
        return "it is a folder"
    if path.is_char_device() or path.is_block_device():
        return "it is a device, no file"
    if path.is_fifo() or path.is_socket():
        return "it is a pipe, no file"
    return "it is a link that leads nowhere" if path.is_symlink() else "it is no file of data"


def _short(error: Exception) -> str:
    if isinstance(error, TooMuchError):
        return str(error)
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return str(error).splitlines()[0].split(":")[0][:80] or type(error).__name__
