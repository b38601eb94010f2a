"""A cohort's tables as they were written: every cell as text, every row with its number."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from pathlib import Path

import ibis
import ibis.expr.types as ir

from incohort.dictionary import load
from incohort.errors import Fault
from incohort.sources.cells import readings
from incohort.sources.descriptor import Descriptor
from incohort.sources.naming import Names
from incohort.sources.queries import written

ROW = "_row"  # counts from 1 with the header as row 1, as a spreadsheet shows it
LINE = "_line"  # such numbers, where a file has them in a last column


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """One table as text. `columns` are the dictionary's that it has, `extra` the user's own.

    `table` has those columns as strings, empty cells as NULL, `_row`, and beside them what
    `readings` gives. `file` is None inside a DuckDB file. `is_whole` is false where a
    fault of the file's form kept rows unread.
    """

    name: str
    table: ir.Table
    columns: tuple[str, ...]
    extra: tuple[str, ...]
    n_rows: int
    file: Path | None
    is_whole: bool = True


@dataclass(slots=True, kw_only=True)
class Raw:
    """An opened cohort: its tables as text, its word on itself, and what kept parts unread."""

    name: str
    path: Path
    connection: ibis.BaseBackend
    descriptor: Descriptor
    tables: dict[str, RawTable] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @property
    def shape(self) -> Hashable:
        """What an expression on its tables depends on."""
        return tuple((n, t.columns, t.table.schema(), t.is_whole) for n, t in self.tables.items())

    def unbound(self, name: str) -> ir.Table:
        """A table as expressions name it that are written once for all tables of its columns."""
        return ibis.table(self.tables[name].table.schema(), name=f"raw_{name}")


def store(raw: Raw, name: str, names: Names, rows: str, *, has_lines: bool = False) -> int:
    """Keep a table's text and what its cells mean beside it; returns how many rows it has.

    Args:
        raw: The cohort.
        name: The table's name.
        names: Its columns.
        rows: A query for those, every cell a string, and for `LINE` where it has that.
        has_lines: Whether it has.
    """

    def read() -> ir.Table:
        lines = {LINE: "int64"} if has_lines else {}
        source = ibis.table(dict.fromkeys(names.used, "string") | lines, name="text")
        return source.mutate(**readings(source, load().table(name), names.columns))

    key = ("read", name, names.used, names.columns, has_lines)
    query = f"WITH text AS ({rows}) {written(raw.connection, key, read)}"
    return _create(raw, f"all_{name}", query)


def keep(
    raw: Raw, name: str, names: Names, file: Path | None, n_rows: int, *, is_whole: bool = True
) -> None:
    """Show the stored rows, in the order of the file, with their numbers."""
    stored = raw.connection.table(f"all_{name}")
    number = quoted(LINE) if LINE in stored.columns else "rowid + 2"
    left_out = {LINE, *names.used} - {*names.columns, *names.extra}
    kept = [quoted(column) for column in stored.columns if column not in left_out]
    raw.connection.raw_sql(
        f"CREATE OR REPLACE VIEW {quoted('raw_' + name)} AS "
        f"SELECT {', '.join([*kept, f'{number} AS {ROW}'])} FROM {quoted('all_' + name)}"
    )
    raw.tables[name] = RawTable(
        name=name,
        table=raw.connection.table(f"raw_{name}"),
        columns=names.columns,
        extra=names.extra,
        n_rows=n_rows,
        file=file,
        is_whole=is_whole,
    )


def kept(raw: Raw, name: str, key: Hashable, make: Callable[[], ir.Table]) -> tuple[ir.Table, int]:
    """A table computed once and kept under a name of its own, and how many rows it has.

    Args:
        raw: The cohort.
        name: The table's name.
        key: What the table's expression depends on beside its name.
        make: The expression, on `unbound` tables.
    """
    n_rows = _create(raw, name, written(raw.connection, (name, key), make))
    return raw.connection.table(name), n_rows


def forget(raw: Raw, name: str) -> None:
    """Give back the memory of a table's text."""
    raw.connection.raw_sql(f"DROP VIEW {quoted('raw_' + name)}; DROP TABLE {quoted('all_' + name)}")


def quoted(name: str) -> str:
    """A name as it stands in SQL."""
    return '"' + name.replace('"', '""') + '"'


def file_text(path: Path) -> str:
    """A path for DuckDB, in which `*`, `?` and `[` stand for themselves."""
    return text(re.sub(r"([*?\[])", r"[\1]", str(path.absolute())))


def text(value: str) -> str:
    """A text as it stands in SQL."""
    return "'" + value.replace("'", "''") + "'"


def _create(raw: Raw, name: str, query: str) -> int:
    created = raw.connection.raw_sql(f"CREATE OR REPLACE TABLE {quoted(name)} AS {query}")
    return int(created.fetchall()[0][0])
