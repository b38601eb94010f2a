"""MEDS event files: one row per event of a patient, under the hospital's own codes."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb
import ibis
import ibis.expr.types as ir

from incohort.dictionary import nearest
from incohort.dictionary.files import is_folder, is_regular
from incohort.dictionary.nearest import brief
from incohort.errors import UsageError, folded
from incohort.imports.meds.mapping import ANY_END, Coded, LabCodes, Mapping
from incohort.sources.bounds import MEMORY
from incohort.sources.cells import number
from incohort.sources.raw import file_text
from incohort.stopping import scratch

_NUMBER = ("numeric_value", "value")  # the standard's name, and the one of early exports
_TEXT = "text_value"
_SEPARATOR = "//"
_MOST_EVENTS = 100_000_000
_OUR_OWN = (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException)  # no user's


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeCount:
    """A code of the file, how many events have it, and the mapping's entry for it, if any."""

    code: str
    n_events: int
    entry: Coded | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MedsFile:
    """An opened file with what its codes mean.

    `events` has `patient_id` (text), `time`, `code`, `number` (NULL where there is none) and
    `text` (NULL where the file has no texts).
    """

    connection: ibis.BaseBackend
    events: ir.Table
    codes: tuple[CodeCount, ...]
    mapping: Mapping
    unmatched: tuple[str, ...]  # the mapping's codes that no event has

    def coded(self, kind: type[Coded], **properties: str) -> ir.Table:
        """The events whose code stands in an entry of that kind, with properties of the entry.

        Args:
            kind: The form of the entries that are meant.
            properties: The column to add, and the entry's property in it.
        """
        rows = [
            {"code": code.code}
            | {column: getattr(code.entry, name) for column, name in properties.items()}
            for code in self.codes
            if type(code.entry) is kind
        ]
        return self._joined(rows, tuple(properties))

    def under(self, entry: Coded | None) -> ir.Table:
        """The events whose code stands in that entry."""
        return self._joined(
            [{"code": c.code} for c in self.codes if entry and c.entry is entry], ()
        )

    def _joined(self, rows: list[dict[str, object]], columns: tuple[str, ...]) -> ir.Table:
        types = {name: "float64" if name == "factor" else "string" for name in ("code", *columns)}
        meaning = ibis.memtable(rows, schema=types)
        joined = self.events.inner_join(meaning, "code")
        return joined.select(*self.events.columns, *columns)


@contextmanager
def open_meds(path: Path, mapping: Mapping) -> Iterator[MedsFile]:
    """A MEDS file, its codes looked up in a mapping; events stay in it until they are asked for.

    Raises:
        UsageError: No such file, not Parquet, not MEDS, or the mapping knows none of its codes.
    """
    if is_folder(path):
        raise UsageError(f"{path.name!r} is a folder. Name one Parquet file of MEDS events.")
    if not is_regular(path):
        raise UsageError(f"There is no file {brief(str(path))!r}.")
    with scratch() as folder:
        connection = ibis.duckdb.connect(temp_directory=str(folder), memory_limit=MEMORY)
        try:
            events = _events(connection, path)
            codes = _counted(events, mapping)
            patterns = [pattern for entry in mapping.entries for pattern in entry.codes]
            yield MedsFile(
                connection=connection,
                events=events,
                codes=codes,
                mapping=mapping,
                unmatched=_unmatched(patterns, [c.code for c in codes if c.entry]),
            )
        except _OUR_OWN:
            raise
        except duckdb.Error as error:  # damaged pages, or a full disk
            reason = str(error).partition("\n")[0]
            raise UsageError(f"{path.name!r} can't be read to its end: {reason}") from error
        finally:
            connection.disconnect()


def group_of(code: str) -> str:
    """The part of a code before the first separator: its kind, in MEDS files by custom."""
    return code.partition(_SEPARATOR)[0]


def stem_of(code: str) -> str | None:
    """A code without its last part, where that may be a unit: kind, test, unit."""
    return code.rpartition(_SEPARATOR)[0] if code.count(_SEPARATOR) > 1 else None


def last_part(code: ir.StringValue) -> ir.StringValue:
    """What follows the last separator of a code."""
    return code.re_extract(r"([^/]*)$", 1)


def _events(connection: ibis.BaseBackend, path: Path) -> ir.Table:
    try:
        query = f"SELECT num_rows FROM parquet_file_metadata({file_text(path)})"  # noqa: S608
        n_events = int(connection.raw_sql(query).fetchall()[0][0])
        table = connection.read_parquet(str(path))
    except duckdb.Error as error:
        raise UsageError(f"{path.name!r} is not a Parquet file.") from error
    if n_events > _MOST_EVENTS:
        raise UsageError(
            f"{path.name!r} has {n_events:,} events; one file may have {_MOST_EVENTS:,}. Import "
            "the patients of the cohort alone."
        )
    columns = table.columns
    for name in ("subject_id", "time", "code"):
        if name not in columns:
            raise _not_meds(path, name, columns)
    value = next((name for name in _NUMBER if name in columns), None)
    if value is None:
        raise _not_meds(path, _NUMBER[0], columns)
    kind = table["time"].type()
    if not kind.is_date() and not (kind.is_timestamp() and kind.timezone is None):
        raise UsageError(
            f"{path.name!r} is not MEDS: its column 'time' must be a timestamp without a time zone."
        )
    # Single precision is read as it prints (0.7, not 0.699999988): the laboratory's own digits.
    return table.select(
        patient_id=table["subject_id"].cast("string"),
        time=table["time"].cast("timestamp(6)").truncate("s"),
        code=table["code"].cast("string").fill_null(""),
        number=number(table[value].cast("string")),
        text=table[_TEXT].cast("string") if _TEXT in columns else ibis.null("string"),
    )


def _not_meds(path: Path, name: str, columns: tuple[str, ...]) -> UsageError:
    match = nearest(name, columns)
    hint = f" Is it {match!r} there?" if match else ""
    return UsageError(
        f"{path.name!r} is not MEDS: it has no column {name!r}.{hint} Its columns are "
        f"{folded([brief(column) for column in columns], 20)}."
    )


def _counted(events: ir.Table, mapping: Mapping) -> tuple[CodeCount, ...]:
    counts = events.group_by("code").aggregate(n=events.count()).order_by("code").execute()
    whole, begins = _lookup(mapping)
    lengths = sorted({len(beginning) for beginning in begins}, reverse=True)
    codes = tuple(
        CodeCount(code=code, n_events=int(n), entry=_entry(code, whole, begins, lengths))
        for code, n in counts.itertuples(index=False, name=None)
    )
    if not any(isinstance(code.entry, LabCodes) for code in codes):
        shown = ", ".join(repr(f.code) for f in sorted(codes, key=lambda f: -f.n_events)[:3])
        raise UsageError(
            f"The mapping {mapping.name!r} knows no laboratory code of this file, whose most "
            f"frequent codes are {shown or 'none'}. Give another one with --mapping."
        )
    return codes


def _lookup(mapping: Mapping) -> tuple[dict[str, Coded], dict[str, Coded]]:
    """The entries by whole codes, and by what codes begin with."""
    patterns = {pattern: entry for entry in mapping.entries for pattern in entry.codes}
    whole = {p: entry for p, entry in patterns.items() if not p.endswith(ANY_END)}
    begins = {p[:-1]: entry for p, entry in patterns.items() if p.endswith(ANY_END)}
    return whole, begins


def _entry(
    code: str, whole: dict[str, Coded], begins: dict[str, Coded], lengths: Sequence[int]
) -> Coded | None:
    """The entry for a code: the whole code, else the longest beginning."""
    if code in whole:
        return whole[code]
    for length in lengths:
        if code[:length] in begins:
            return begins[code[:length]]
    return None


def _unmatched(patterns: Sequence[str], codes: Sequence[str]) -> tuple[str, ...]:
    """The patterns that no code fits: in order, so that a hundred thousand take no time."""
    whole, ordered = set(codes), sorted(codes)

    def is_met(pattern: str) -> bool:
        if not pattern.endswith(ANY_END):
            return pattern in whole
        first = bisect_left(ordered, pattern[:-1])
        return first < len(ordered) and ordered[first].startswith(pattern[:-1])

    return tuple(pattern for pattern in patterns if not is_met(pattern))
