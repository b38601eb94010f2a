"""`index.html`: every report that lies in a folder, with what it found."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from incohort.reports.place import write_whole
from incohort.reports.templating import Badge, render

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


def write_index(out: Path) -> None:
    """List what lies in `out`, by cohort and then by notebook."""
    found = [_entry(path) for path in sorted(out.glob("[!.]*/results.json"))]
    entries = sorted(filter(None, found), key=_order)
    is_internal = any(entry.is_internal for entry in entries)
    page = render("index.html.j2", is_internal=is_internal, entries=entries)
    write_whole(out / "index.html", page)


def verdicts_in(out: Path, study: str) -> dict[tuple[str, str], str]:
    """What the reports in `out` found of each figure of a study, with the report's cohort."""
    found: dict[tuple[str, str], list[str]] = {}
    entries = filter(None, map(_entry, out.glob("[!.]*/results.json")))
    for entry in sorted((entry for entry in entries if not entry.failed), key=_order):
        path = out / entry.folder / "claims.json"
        for claim in json.loads(path.read_text(encoding="utf-8"))["claims"]:
            if claim["study"] == study:
                words = f"{claim['verdict']} ({entry.cohort})"
                found.setdefault((claim["key"], claim["field"]), []).append(words)
    return {figure: ", ".join(words) for figure, words in found.items()}


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
