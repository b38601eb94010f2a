"""A MEDS file as a cohort folder: CSV tables, their descriptor, and what became of each event."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import ibis.expr.types as ir

from incohort.dictionary import ColumnSpec, load
from incohort.dictionary.files import is_regular, read_regular
from incohort.imports.meds.events import open_meds
from incohort.imports.meds.labs import labs_of
from incohort.imports.meds.mapping import Mapping, read_mapping
from incohort.imports.meds.summary import Summary, summarise
from incohort.imports.meds.tables import Rows, tables_of
from incohort.sources.descriptor import FILE_NAME

RECORD = "import.json"  # not a table, so the door passes it by
_CHUNK = 1 << 20

_OWN_COLUMNS = {
    "x_origin": "Whether the laboratory reported the value or it was derived here",
    "x_index_by": "The rule that gave the index date",
}
_INDEX_WORDS = {
    "first_count": "the first neutrophil count",
    "first_admission": "the first admission to hospital",
}
_BANDS_WORDS = {
    "zero": "Where no band neutrophils were given they count as none.",
    "not_derived": "Where no band neutrophils were given it was not derived.",
}


def write_meds(file: Path, mapping_file: Path, folder: Path) -> Summary:
    """Write the cohort that a mapping finds in a MEDS file, the same bytes each time.

    Args:
        file: Parquet with one event per row.
        mapping_file: What the file's codes mean.
        folder: An empty folder.

    Raises:
        UsageError: The file or the mapping is refused.
    """
    mapping = read_mapping(mapping_file)
    with open_meds(file, mapping) as meds:
        labs = labs_of(meds)
        written = meds.connection.create_table("labs", labs.rows)
        tables = {
            name: Rows(
                table=meds.connection.create_table(name, rows.table),
                n_written=rows.n_written,
                left_out=rows.left_out,
            )
            for name, rows in tables_of(meds, written)
        }
        summary = summarise(meds, labs, tables)
        frames = {"patients": tables["patients"].table, "labs": written}
        frames |= {name: rows.table for name, rows in tables.items() if summary.rows[name]}
        for name, table in frames.items():
            _write_csv(table, folder / f"{name}.csv")
    resources = [
        _resource(name, table.columns, folder / f"{name}.csv") for name, table in frames.items()
    ]
    _write_json(folder / FILE_NAME, _descriptor(mapping, resources))
    record = summary.as_json() | {
        "source_sha256": sha256(file),
        "mapping_sha256": sha256(mapping_file),
        "files": {path.name: sha256(path) for path in sorted(folder.iterdir())},
    }
    _write_json(folder / RECORD, record)
    return summary


def is_untouched(folder: Path) -> bool:
    """Whether a folder is empty, or holds an import and nothing that anybody changed since."""
    names = {path.name for path in folder.iterdir()}
    if not names:
        return True
    try:
        files = json.loads(read_regular(folder / RECORD))["files"]
        return names == {*files, RECORD} and all(
            is_regular(folder / name) and sha256(folder / name) == digest
            for name, digest in files.items()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False


def sha256(path: Path) -> str:
    """The digest of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _write_csv(table: ir.Table, path: Path) -> None:
    table.to_csv(str(path), header=True, nullstr="")


def _write_json(path: Path, content: dict[str, Any]) -> None:
    text = json.dumps(content, indent=2, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def _descriptor(mapping: Mapping, resources: list[dict[str, Any]]) -> dict[str, Any]:
    licence = [mapping.licence.model_dump()] if mapping.licence else []
    sources = [source.model_dump(exclude_defaults=True) for source in mapping.sources]
    return {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": mapping.name,
        "title": mapping.title,
        **({"description": mapping.description} if mapping.description else {}),
        **({"licenses": licence} if licence else {}),
        **({"sources": sources} if sources else {}),
        "incohort": {
            "privacy": "restricted",
            "origin": "observed",
            "notices": [*mapping.notices[:1], *_notices(mapping), *mapping.notices[1:]],
        },
        "resources": resources,
    }


def _notices(mapping: Mapping) -> list[str]:
    """What the import decided, in words without a count: the page shows them unguarded."""
    notices = []
    if mapping.derive_anc is not None:
        notices.append(
            "Where the laboratory reported no neutrophil count, it was derived as white cells × "
            "(neutrophils % + bands %) / 100 from values of the same time. "
            + _BANDS_WORDS[mapping.derive_anc.missing_bands]
        )
    rules = [_INDEX_WORDS[rule] for rule in mapping.index_date]
    index = f"The index date is the day of {', or without one of '.join(rules)}."
    if mapping.birth is not None and mapping.birth.known_to == "year":
        index += (
            " Of births only the year is known; the age is the year of the index date minus the "
            "year of birth."
        )
    return [*notices, index]


def _resource(name: str, columns: tuple[str, ...], path: Path) -> dict[str, Any]:
    spec = load().table(name)
    known = {column.name: column for column in spec.columns}
    schema: dict[str, Any] = {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "fields": [_field(column, known.get(column)) for column in columns],
        "missingValues": [""],
        "primaryKey": [column for column in spec.primary_key if column in columns],
    }
    if spec.foreign_keys:
        schema["foreignKeys"] = [
            {"fields": [column], "reference": {"resource": "patients", "fields": [column]}}
            for column in spec.foreign_keys
        ]
    return {
        "name": name,
        "title": spec.label,
        "type": "table",
        "path": path.name,
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }


def _field(name: str, column: ColumnSpec | None) -> dict[str, Any]:
    """One column in the words of Table Schema 2.0."""
    if column is None:
        return {"name": name, "title": _OWN_COLUMNS[name], "type": "string"}
    required = {"constraints": {"required": True}} if column.required else {}
    return {"name": name, "title": column.label, "type": column.type.in_datapackage, **required}
