"""What a report's own record says of it, for the pages that list reports."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from incohort.reports.templating import Badge

FORMAT = "incohort results 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the list."""

    folder: str
    notebook: str
    title: str
    cohort: str
    cohort_title: str
    badges: tuple[Badge, ...]
    notices: tuple[str, ...]
    tally: str
    changed: tuple[str, ...]
    failed: bool
    is_internal: bool


def entries_in(out: Path) -> list[Entry]:
    """What lies in `out`, by cohort and then by notebook."""
    found = [_entry(path) for path in sorted(out.glob("[!.]*/results.json"))]
    return sorted(filter(None, found), key=_order)


def _order(entry: Entry) -> tuple[str, str]:
    return entry.cohort, entry.folder


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
        notebook=record["notebook"],
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
