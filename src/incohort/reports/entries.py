"""What a report's own record says of it, for the pages that list reports."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from incohort.reports.identity import plain_label
from incohort.reports.manifest import known_in
from incohort.reports.reading import LeftOut, Shape, Text, read_shape
from incohort.reports.templating import Badge

FORMAT = "incohort results 1"
RECORD = "results.json"


class _File(Shape):
    """What is listed of a file."""

    name: Text


class _Card(Shape):
    """What is listed of a cohort."""

    name: Text
    title: Text
    origin: Text
    is_public: bool
    notices: list[Text]
    files: list[_File] = Field(default_factory=list)


class _Record(Shape):
    """What is listed of a report; `results.json` holds it beside the results."""

    format: Literal["incohort results 1"]
    notebook: Text
    title: Text
    cohort: _Card
    claims: list[Text]
    changed: list[Text]
    parameters: dict[Text, Any]
    failure: dict[str, Any] | None
    is_internal: bool
    profile: Text = ""


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
    tally: tuple[str, ...]
    changed: tuple[str, ...]
    failed: bool
    is_internal: bool
    profile: str
    files: tuple[str, ...]


def entries_in(out: Path) -> tuple[list[Entry], list[LeftOut]]:
    """What lies in `out`, by cohort and then by notebook, and what had to be left out."""
    entries: list[Entry] = []
    left_out: list[LeftOut] = []
    for folder in _folders(out):
        path = out / folder / RECORD
        if not os.path.lexists(path):
            continue
        record = read_shape(path, _Record)
        if isinstance(record, _Record) and not _is_text(folder):
            record = "its folder's name is no text"
        if isinstance(record, str):
            left_out.append(LeftOut(f"{folder}/{RECORD}", record))
        else:
            entries.append(_entry(out / folder, record))
    return sorted(entries, key=_order), left_out


def _folders(out: Path) -> list[str]:
    try:
        with os.scandir(out) as inside:
            return sorted(i.name for i in inside if not i.name.startswith(".") and i.is_dir())
    except OSError:
        return []


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _order(entry: Entry) -> tuple[str, str]:
    return entry.cohort, entry.folder


def _entry(folder: Path, record: _Record) -> Entry:
    card = record.cohort
    known = known_in(folder)
    notebook, cohort = known.labels if known else ("", "")
    return Entry(
        folder=folder.name,
        notebook=_told_apart(record.notebook, notebook, "notebook"),
        title=record.title,
        cohort=_told_apart(card.name, cohort, "cohort"),
        cohort_title=card.title,
        badges=(
            Badge(text=card.origin, is_warning=card.origin != "observed"),
            Badge(text="public" if card.is_public else "restricted"),
        ),
        notices=tuple(card.notices),
        tally=tuple(record.claims),
        changed=tuple(f"{name} = {_said(record.parameters.get(name))}" for name in record.changed),
        failed=record.failure is not None,
        is_internal=record.is_internal,
        profile="" if record.profile == "none" else record.profile,
        files=tuple(file.name for file in card.files),
    )


def _told_apart(name: str, label: str, otherwise: str) -> str:
    """A name, with what tells it from another of that name in this folder."""
    return name if label in {"", plain_label(name, otherwise)} else f"{name} ({label})"


def _said(value: object) -> str:
    """A parameter's value as one would type it."""
    if isinstance(value, bool):
        return str(value).lower()
    text = str(value)
    return text if _is_text(text) else ascii(text)
