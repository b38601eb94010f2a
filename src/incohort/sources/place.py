"""Where a cohort lies: one that ships, by name, or a folder or DuckDB file of the user's."""

from __future__ import annotations

import os
from pathlib import Path

from incohort.dictionary import bundled
from incohort.dictionary.files import is_folder, is_regular, typed_path
from incohort.dictionary.nearest import brief, nearest_name
from incohort.errors import UsageError

DUCKDB_SUFFIXES = (".duckdb", ".ddb")


def bundled_cohorts() -> tuple[str, ...]:
    """The names of the cohorts that come along, sorted."""
    root = bundled("data_dictionary") / "cohorts"
    return tuple(sorted(path.name for path in root.iterdir() if path.is_dir()))


def bundled_tables(cohort: str) -> frozenset[str]:
    """The tables of a cohort that comes along."""
    folder = bundled("data_dictionary") / "cohorts" / cohort
    return frozenset(path.name.removesuffix(".csv") for path in folder.glob("*.csv"))


def cohort_name(path: Path) -> str:
    """What a cohort is called: its folder's name, or its file's without the ending."""
    return path.resolve().name if path.is_dir() else path.stem


def locate(name_or_path: str) -> Path:
    """The folder or DuckDB file of a cohort.

    A name of a cohort that ships wins; `./name` is always the folder.

    Raises:
        UsageError: Nothing of that name, or a file of another kind; names the nearest cohort.
    """
    names = bundled_cohorts()
    if name_or_path in names:
        return bundled("data_dictionary") / "cohorts" / name_or_path
    path = typed_path(name_or_path, "cohort")
    shown = brief(name_or_path)
    if is_folder(path):
        return path
    if is_regular(path):
        if path.suffix.lower() in DUCKDB_SUFFIXES:
            return path
        msg = (
            f"{shown!r} is a file. A cohort is a folder with patients.csv in it, or a "
            f"DuckDB file ending in {' or '.join(DUCKDB_SUFFIXES)}."
        )
        raise UsageError(msg)
    if os.path.exists(path):  # noqa: PTH110 — Path.exists raises where nothing may be asked
        raise UsageError(f"{shown!r} is neither a folder nor a file of data.")
    match = nearest_name(name_or_path, names)
    hint = f" Did you mean {match!r}?" if match else ""
    msg = (
        f"There is no cohort {shown!r}, neither among those that come along "
        f"({', '.join(names)}) nor as a folder.{hint}"
    )
    raise UsageError(msg)
