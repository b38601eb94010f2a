"""What became of every event of an imported file: the counts add up to the events read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from incohort.imports.meds.events import MedsFile, group_of, stem_of
from incohort.imports.meds.labs import LabFate, Labs
from incohort.imports.meds.mapping import LabCodes
from incohort.imports.meds.tables import REPEAT, Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmapped:
    """Events under codes that the mapping doesn't name, by the first part of their codes."""

    group: str
    n_codes: int
    n_events: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """An import in counts.

    `n_events` is the sum of `written` (events that stand in a row of that table), `left_out` (by
    table and reason) and the events of `unmapped`. `rows` are the rows of each table; `counts` says
    where the neutrophil counts come from, by sample. `lookalikes` are unmapped codes of a mapped
    test under another unit; `unmatched` are codes of the mapping that the file doesn't have.
    """

    mapping: str
    n_events: int
    n_patients: int
    written: dict[str, int]
    left_out: dict[str, dict[str, int]]
    unmapped: tuple[Unmapped, ...]
    rows: dict[str, int]
    counts: dict[str, int]
    lookalikes: dict[str, int]
    unmatched: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """The same, as it is written beside the tables."""
        return {
            "mapping": self.mapping,
            "events_read": self.n_events,
            "patients": self.n_patients,
            "events_written": self.written,
            "events_left_out": self.left_out,
            "events_not_mapped": {
                entry.group: {"events": entry.n_events, "codes": entry.n_codes}
                for entry in self.unmapped
            },
            "rows": self.rows,
            "neutrophil_counts": self.counts,
            "not_mapped_for_their_unit": self.lookalikes,
            "mapped_and_absent": list(self.unmatched),
        }

    def as_rows(self) -> list[tuple[str, str, str]]:
        """The same for the terminal: what, where or why, and how many."""
        rows = [("Events read", f"of {self.n_patients:,} patients", self.n_events)]
        rows += [("Events written", table, n) for table, n in self.written.items()]
        rows += [
            ("Events left out", f"{table}: {reason}", n)
            for table, reasons in self.left_out.items()
            for reason, n in reasons.items()
        ]
        rows += [
            ("Events not mapped", f"{entry.group} ({_codes(entry.n_codes)})", entry.n_events)
            for entry in self.unmapped
        ]
        rows += [("Not mapped for its unit", code, n) for code, n in self.lookalikes.items()]
        rows += [("Rows in the cohort", table, n) for table, n in self.rows.items()]
        rows += [("Neutrophil counts", origin, n) for origin, n in self.counts.items()]
        if self.unmatched:
            rows.append(("Mapped codes not met", "import.json lists them", len(self.unmatched)))
        return [(what, where, f"{n:,}") for what, where, n in rows if n]


def _codes(n: int) -> str:
    return "1 code" if n == 1 else f"{n:,} codes"


def summarise(meds: MedsFile, labs: Labs, tables: dict[str, Rows]) -> Summary:
    """What became of every event of the file."""
    n_lab_rows = labs.fates.get(LabFate.WRITTEN, 0) - labs.n_repeats
    written = {"labs": n_lab_rows} | {name: rows.n_written for name, rows in tables.items()}
    lab_reasons = {
        str(fate): n for fate, n in sorted(labs.fates.items()) if fate is not LabFate.WRITTEN
    }
    reasons = {"labs": lab_reasons | {REPEAT: labs.n_repeats}} | {
        name: rows.left_out for name, rows in tables.items()
    }
    return Summary(
        mapping=meds.mapping.name,
        n_events=int(meds.events.count().execute()),
        n_patients=int(meds.events.patient_id.nunique().execute()),
        written=written,
        left_out={
            table: kept
            for table, counts in reasons.items()
            if (kept := {reason: n for reason, n in counts.items() if n})
        },
        unmapped=_unmapped(meds),
        rows={"labs": int(labs.rows.count().execute())}
        | {name: int(rows.table.count().execute()) for name, rows in tables.items()},
        counts={str(fate): n for fate, n in sorted(labs.counts.items())},
        lookalikes=_lookalikes(meds),
        unmatched=tuple(sorted(meds.unmatched)),
    )


def _unmapped(meds: MedsFile) -> tuple[Unmapped, ...]:
    codes: dict[str, int] = defaultdict(int)
    events: dict[str, int] = defaultdict(int)
    for code in meds.codes:
        if code.entry is None:
            group = group_of(code.code)
            codes[group] += 1
            events[group] += code.n_events
    return tuple(
        Unmapped(group=group, n_codes=codes[group], n_events=events[group])
        for group in sorted(codes, key=lambda name: (-events[name], name))
    )


def _lookalikes(meds: MedsFile) -> dict[str, int]:
    """Codes that differ from a mapped laboratory code in their last part only."""
    stems = {stem_of(code.code) for code in meds.codes if isinstance(code.entry, LabCodes)}
    stems.discard(None)
    return {
        code.code: code.n_events
        for code in meds.codes
        if code.entry is None and stem_of(code.code) in stems
    }
