"""A cohort that has passed the door: typed Ibis tables, its card, and what is invented in it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import ibis
import ibis.expr.types as ir

from incohort.dictionary import ColumnSpec, ColumnType, TableSpec, load
from incohort.errors import CohortFaultsError
from incohort.results import CohortCard, Concern, InputFile, Origin
from incohort.sources.cells import meaning
from incohort.sources.descriptor import FILE_NAME
from incohort.sources.door import judge
from incohort.sources.looks import worth_a_look
from incohort.sources.measurements import FACTORS, UnitUse, converted, factors
from incohort.sources.opening import open_raw
from incohort.sources.raw import Raw, forget, kept

_CHUNK = 1 << 20
_UNITS = "units_in_use"
_TYPES = {
    ColumnType.STRING: "string",
    ColumnType.INTEGER: "int64",
    ColumnType.NUMBER: "float64",
    ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "date",
    ColumnType.DATETIME: "timestamp",
    ColumnType.CATEGORY: "string",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The typed tables of a cohort without faults.

    Every column of the dictionary is there, NULL where the cohort doesn't have it; the user's own
    (`x_…`) come last, as text. `labs.value` is in the analyte's canonical unit, which `unit` names.
    `origins` tells of columns (`table.column` or `labs.ANALYTE`) that are not simply the cohort's
    own; `held` are the keys of estimates that hold by construction; `collected` is what the cohort
    says it collected, None where it says nothing. `concerns` are what is worth a
    look, with rows; empty where that was not asked.
    """

    name: str
    tables: Mapping[str, ir.Table]
    card: CohortCard
    origins: Mapping[str, Origin]
    held: tuple[str, ...]
    collected: frozenset[str] | None = None
    concerns: tuple[Concern, ...] = ()


def read(path: Path, *, is_looked_at: bool = False) -> Source:
    """The tables of a cohort, typed and in canonical units.

    Args:
        path: A folder of CSV or Parquet files, or a DuckDB file.
        is_looked_at: Whether what is worth a look is looked for, too.

    Raises:
        CohortFaultsError: The cohort breaks rules of the dictionary; all faults at once.
    """
    raw = open_raw(path)
    faults, uses = judge(raw)
    if faults:
        raise CohortFaultsError(raw.name, faults)
    concerns = worth_a_look(raw, uses) if is_looked_at else ()
    tables = {
        name: _materialised(raw, spec, uses)
        for name, spec in load().tables.items()
        if name in raw.tables
    }
    about = raw.descriptor
    card = CohortCard(
        name=raw.name,
        title=about.title,
        is_public=about.is_public,
        origin=about.origin,
        study=about.study,
        notices=about.notices,
        licence=about.licence,
        unit=about.unit,
        n_patients=about.n_patients,
        files=_files(raw),
        looks=tuple(concern.look for concern in concerns) if is_looked_at else None,
    )
    origins = dict.fromkeys(about.synthetic_columns, Origin.SYNTHETIC)
    return Source(
        name=raw.name,
        tables=tables,
        card=card,
        origins=origins,
        held=about.held,
        collected=about.collected,
        concerns=concerns,
    )


def _typed(raw: Raw, spec: TableSpec) -> ir.Table:
    text, extra = raw.unbound(spec.name), raw.tables[spec.name].extra
    columns = {column.name: _value(text, column) for column in spec.columns}
    table = text.select(**columns, **{name: text[name] for name in extra})
    if spec.name != "labs":
        return table
    joined = table.left_join(ibis.table(FACTORS, name=_UNITS), ["analyte", "unit"])
    return joined.mutate(
        value=converted(joined.value, joined.factor, joined.divisor),
        unit=joined.canonical,
    ).select(*table.columns)


def _value(text: ir.Table, column: ColumnSpec) -> ir.Value:
    if column.name not in text.columns:
        return ibis.literal(column.default, type=_TYPES[column.type])
    value = meaning(text, column)
    return value.cast("int64") if column.type is ColumnType.INTEGER else value


def _materialised(raw: Raw, spec: TableSpec, uses: tuple[UnitUse, ...]) -> ir.Table:
    name = spec.name
    if name == "labs":
        raw.connection.create_table(_UNITS, factors(uses), overwrite=True)
    raw_table = raw.tables[name]
    key = (raw_table.table.schema(), raw_table.extra)
    table, _ = kept(raw, name, key, lambda: _typed(raw, spec))
    forget(raw, name)
    return table


def _files(raw: Raw) -> tuple[InputFile, ...]:
    if raw.path.is_file():
        n_rows = sum(table.n_rows for table in raw.tables.values())
        return (InputFile(name=raw.path.name, sha256=_sha256(raw.path), n_rows=n_rows),)
    files = [
        InputFile(name=table.file.name, sha256=_sha256(table.file), n_rows=table.n_rows)
        for table in raw.tables.values()
        if table.file is not None
    ]
    descriptor = raw.path / FILE_NAME
    if descriptor.exists():
        files.append(InputFile(name=FILE_NAME, sha256=_sha256(descriptor), n_rows=0))
    return tuple(sorted(files, key=lambda file: file.name))


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
