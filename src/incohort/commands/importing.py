"""From a file kept elsewhere to a cohort folder: written aside, checked, renamed into place."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from incohort.dictionary.files import is_folder, typed_path
from incohort.errors import Fault, UsageError
from incohort.imports.meds.folder import is_untouched, write_meds
from incohort.imports.meds.mapping import locate_mapping
from incohort.imports.meds.summary import Summary
from incohort.reports.place import aside, cannot_write, put_in_place
from incohort.sources import check


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """A cohort that now stands in its folder: what became of the events, and its faults."""

    name: str
    summary: Summary
    faults: tuple[Fault, ...]


def import_meds(file: Path, mapping: str, out: Path) -> Imported:
    """Write the cohort that a mapping finds in a MEDS file.

    A cohort with faults is written too: they are in the hospital's rows, and are told.

    Args:
        file: Parquet with one event per row.
        mapping: The name of a mapping that comes along, or a file.
        out: The cohort's folder. One that stands there is replaced only if it is empty, or an
            import that nobody changed since.

    Raises:
        UsageError: The file, the mapping or the folder is refused; nothing was written.
    """
    file, out = typed_path(str(file)), typed_path(str(out)).absolute()
    mapping_file = locate_mapping(mapping)
    _refuse_other(out)
    with aside(out.parent) as folder:
        written = folder / out.name
        try:
            written.mkdir()
            summary = write_meds(file, mapping_file, written)
            faults = check(written)
            put_in_place(written, out, folder)
        except OSError as error:
            raise cannot_write(out, error) from None
    return Imported(name=out.name, summary=summary, faults=faults)


def _refuse_other(out: Path) -> None:
    if not os.path.lexists(out):
        return
    if not is_folder(out):
        raise UsageError(f"{out.name!r} is a file. Choose another --out.")
    if not is_untouched(out):
        raise UsageError(
            f"The folder {out.name!r} holds something else than an unchanged import, which would "
            "be lost. Choose another --out, or move it away."
        )
