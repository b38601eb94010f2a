"""Made tables as a cohort folder: CSV files and the Data Package descriptor beside them."""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from incohort.dictionary import ColumnSpec, ColumnType, TableSpec, load

Record = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MadeTable:
    """One table to write: its name, its columns in order, its rows as printed text."""

    name: str
    columns: tuple[str, ...]
    records: Sequence[Record]


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCohort:
    """A whole cohort to write: its tables and what its descriptor says about them.

    `incohort` is the descriptor's own object: privacy, study, origin, notices and the like.
    """

    name: str
    title: str
    description: str
    sources: tuple[Mapping[str, str], ...]
    tables: tuple[MadeTable, ...]
    incohort: Mapping[str, Any]


def folder_argument(module: str, arguments: Sequence[str]) -> Path:
    """The folder that a cohort's program is told to write into: its one argument."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}")
    parser.add_argument("out", type=Path, help="the folder to write the cohort into")
    out: Path = parser.parse_args(arguments).out
    return out


def study_and_folder(
    module: str, studies: Iterable[str], arguments: Sequence[str]
) -> tuple[str, Path]:
    """The study that a program is told to rebuild, and the folder to write it into."""
    parser = argparse.ArgumentParser(prog=f"python -m {module}")
    parser.add_argument("study", choices=tuple(studies), help="which study to rebuild")
    parser.add_argument("out", type=Path, help="the folder to write the cohort into")
    given = parser.parse_args(arguments)
    return given.study, given.out


def write_folder(cohort: MadeCohort, out: Path) -> None:
    """Write every table and `datapackage.json` into `out`, byte for byte the same each time."""
    out.mkdir(parents=True, exist_ok=True)
    resources = []
    for table in cohort.tables:
        path = out / f"{table.name}.csv"
        _write_csv(table, path)
        resources.append(_resource(table, load().table(table.name), path.read_bytes()))
    descriptor = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": cohort.name,
        "title": cohort.title,
        "description": cohort.description,
        "licenses": [
            {
                "name": "CC0-1.0",
                "title": "CC0 1.0 Universal",
                "path": "https://creativecommons.org/publicdomain/zero/1.0/",
            }
        ],
        **({"sources": list(cohort.sources)} if cohort.sources else {}),
        "incohort": dict(cohort.incohort),
        "resources": resources,
    }
    text = json.dumps(descriptor, indent=2, ensure_ascii=False)
    (out / "datapackage.json").write_text(text + "\n", encoding="utf-8", newline="\n")


def _write_csv(table: MadeTable, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, table.columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(table.records)


def _resource(table: MadeTable, spec: TableSpec, content: bytes) -> dict[str, Any]:
    columns = {column.name: column for column in spec.columns}
    schema: dict[str, Any] = {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "fields": [_field(columns[name], table.records) for name in table.columns],
        "missingValues": [""],
        "primaryKey": [name for name in spec.primary_key if name in table.columns],
    }
    if spec.foreign_keys:
        schema["foreignKeys"] = [
            {"fields": [name], "reference": {"resource": "patients", "fields": [name]}}
            for name in spec.foreign_keys
        ]
    return {
        "name": table.name,
        "title": spec.label,
        "type": "table",
        "path": f"{table.name}.csv",
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": schema,
    }


def _field(column: ColumnSpec, records: Sequence[Record]) -> dict[str, Any]:
    """One column in the words of Table Schema 2.0."""
    has_hours = any("T" in record.get(column.name, "") for record in records)
    is_day = column.type is ColumnType.DATETIME and not has_hours
    field: dict[str, Any] = {
        "name": column.name,
        "title": column.label,
        "type": "date" if is_day else column.type.in_datapackage,
    }
    constraints: dict[str, Any] = {"required": True} if column.required else {}
    if column.type is ColumnType.CATEGORY and column.categories:
        field["categories"] = [
            {"value": category.value, "label": category.label} for category in column.categories
        ]
        constraints["enum"] = [category.value for category in column.categories]
    if constraints:
        field["constraints"] = constraints
    return field
