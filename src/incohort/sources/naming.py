"""Names of files, tables and columns: which are the dictionary's, which the user's own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from incohort.dictionary import load, nearest
from incohort.errors import Fault
from incohort.sources.unknown import EXTRA_PREFIX, unknown_column

__all__ = ["EXTRA_PREFIX", "Names", "name_columns", "no_patients", "other_format", "twin_files"]

_MOST_EXTRA = 1000  # columns of the user's own in one table
_MOST_MATCHED = 200  # unknown columns of a table for which a name is looked for
# What a table may have been saved as instead; anything else beside the tables is none of ours.
_OTHER_FORMATS = {
    "", ".arrow", ".bz2", ".dta", ".feather", ".gz", ".json", ".jsonl", ".ods", ".rds", ".sas7bdat",
    ".sav", ".tab", ".tsv", ".txt", ".xls", ".xlsm", ".xlsx", ".xpt", ".xz", ".zip", ".zst",
}  # fmt: skip
_PACKED = dict.fromkeys((".bz2", ".gz", ".xz", ".zip", ".zst"), ", unpacked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """A table's columns: the names to load them under, in the order of the file.

    `columns` are the dictionary's among them, `extra` the user's own; the rest is not used.
    """

    loaded: tuple[str, ...]
    columns: tuple[str, ...]
    extra: tuple[str, ...]

    @property
    def used(self) -> tuple[str, ...]:
        """The columns to keep; where there is none, one that counts the rows."""
        return (*self.columns, *self.extra) or self.loaded[:1]


def name_columns(
    table: str, written: Sequence[str], unreadable: frozenset[str] = frozenset()
) -> tuple[Names, tuple[Fault, ...]]:
    """The names of a table's columns, and what is wrong with its header.

    Args:
        table: The table's name.
        written: The header as it stands.
        unreadable: Columns that are told elsewhere and not used.
    """
    spec = load().table(table)
    known = [column.name for column in spec.columns]
    free = [name for name in known if name not in written]  # what a misspelt column may be
    faults: list[Fault] = []
    loaded: list[str] = []
    seen: dict[str, int] = {}  # DuckDB tells no two names apart that differ in case alone
    n_unknown = 0
    taken = frozenset(name.casefold() for name in written)
    for position, name in enumerate(written):
        folded = name.casefold()
        seen[folded] = seen.get(folded, 0) + 1
        if seen[folded] > 1:
            loaded.append(f"_again_{position}")
        elif name in unreadable:
            loaded.append(f"_unreadable_{position}")
        elif name in known or (name.startswith(EXTRA_PREFIX) and len(name) > len(EXTRA_PREFIX)):
            loaded.append(name)
        else:
            n_unknown += 1
            match = nearest(name, free) if n_unknown <= _MOST_MATCHED else None
            if match is not None:  # read as that, so that its values are looked at in one round
                free.remove(match)
            loaded.append(match or f"_unknown_{position}")
            faults.append(unknown_column(table, name, match, taken))
    faults += [
        _twin_columns(table, next(n for n in written if n.casefold() == folded), count)
        for folded, count in seen.items()
        if count > 1
    ]
    faults += [
        Fault(
            table=table,
            column=column.name,
            row=1,
            rule=f"the table {table} has the column {column.name}",
            remedy=f"Add it: {column.label[:1].lower()}{column.label[1:]}.",
        )
        for column in spec.columns
        if column.required and column.name in free
    ]
    columns = tuple(name for name in known if name in loaded)
    extra = tuple(name for name in loaded if name.startswith(EXTRA_PREFIX))
    if len(extra) > _MOST_EXTRA:
        faults.append(_too_many_columns(table, len(extra)))
        extra = ()
    return Names(loaded=tuple(loaded), columns=columns, extra=extra), tuple(faults)


def _too_many_columns(table: str, n_extra: int) -> Fault:
    return Fault(
        table=table,
        row=1,
        value=f"{n_extra:,} columns",
        rule=f"a table has at most {_MOST_EXTRA:,} columns of your own",
        remedy="Leave out those that no question needs.",
    )


def _twin_columns(table: str, name: str, count: int) -> Fault:
    return Fault(
        table=table,
        column=name,
        row=1,
        rule="a column's name stands once in the header, upper and lower case being one",
        remedy=f"It stands {count} times. Remove the others, or give each of them a name of its "
        f"own that begins with {EXTRA_PREFIX}.",
    )


def unknown_table(shown: str, name: str, beside: Collection[str] = ()) -> Fault:
    """A table that the dictionary doesn't have; `beside` are the tables that are there."""
    match = nearest(name, [table for table in load().tables if table not in beside])
    hint = f"Did you mean {match!r}? " if match else ""
    return Fault(
        table=shown,
        rule="the table is in the data dictionary",
        remedy=f"{hint}Known are {', '.join(load().tables)}. Rename it, or move it elsewhere.",
        hint=hint,
    )


def other_format(path: Path) -> Fault | None:
    """A table in a form that isn't read; None where the entry isn't named like a table."""
    name = path.name.partition(".")[0].casefold()
    if name not in load().tables or not (path.is_dir() or path.suffix.lower() in _OTHER_FORMATS):
        return None
    kind = "a folder" if path.is_dir() else f"a {path.suffix.lstrip('.')} file"
    return Fault(
        table=name,
        value=path.name,
        rule="a table is a CSV or Parquet file",
        remedy=f"It is {kind.replace('a  file', 'a file without an ending')}, and was not read. "
        f"Save it as {name}.csv{_PACKED.get(path.suffix.lower(), '')}, or move it elsewhere.",
    )


def twin_files(name: str, first: Path, second: Path) -> Fault:
    """Two files for one table."""
    return Fault(
        table=name,
        value=f"{first.name}, {second.name}",
        rule="a table stands in one file",
        remedy="Remove one of the two files.",
    )


def no_patients(*, is_folder: bool) -> Fault:
    """The one table that every cohort has is absent."""
    known = "patients.csv or patients.parquet" if is_folder else "the table patients"
    return Fault(
        table="patients",
        rule="every cohort has the table patients",
        remedy=f"Add {known}, one row per patient.",
    )
