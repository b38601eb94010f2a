"""`index.html`: every report that lies in a folder, with what it found."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from incohort.reports.page import Badge, index_page
from incohort.reports.place import write_whole
from incohort.reports.records import FORMAT


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the list."""

    folder: str
    title: str
    cohort: str
    cohort_title: str
    badges: tuple[Badge, ...]
    notices: tuple[str, ...]
    tally: str
    changed: tuple[str, ...]
    failed: bool
    is_internal: bool


def write_index(out: Path) -> None:
    """List what lies in `out`, by cohort and then by notebook."""
    found = [_entry(path) for path in sorted(out.glob("[!.]*/results.json"))]
    entries = sorted((e for e in found if e), key=lambda e: (e.cohort, e.folder))
    is_internal = any(entry.is_internal for entry in entries)
    write_whole(out / "index.html", index_page(entries, is_internal=is_internal))


def _entry(path: Path) -> Entry | None:
    """What a report's own record says, or None where the file is not one of ours."""
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        return None
    if not isinstance(record, dict) or record.get("format") != FORMAT:
        return None
    card = record["cohort"]
    return Entry(
        folder=path.parent.name,
        title=record["title"],
        cohort=card["name"],
        cohort_title=card["title"],
        badges=(
            Badge(text=card["origin"], is_warning=card["origin"] != "observed"),
            Badge(text="public" if card["is_public"] else "restricted"),
        ),
        notices=tuple(card["notices"]),
        tally="; ".join(record["claims"]),
        changed=tuple(record["changed"]),
        failed=record["failure"] is not None,
        is_internal=record["is_internal"],
    )
