"""What a run wrote into a folder, and whether it is still as it was written.

A report's crate tells: it holds the files' hashes, and a seal over itself. All else in a report's
folder, and what was changed since, is somebody's own.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from incohort.reports.identity import Known, from_text
from incohort.stopping import remove_folder, unbroken

CRATE = "ro-crate-metadata.json"
IDENTITY, SEAL = "#identity", "#seal"
_KEPT = "kept"
_LARGEST = 64 * 2**20
_PAGE_SEAL = "<!-- As written by incohort: SHA-256 of the page above is "


def sealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """A crate with a seal: the hash of all the rest of it."""
    seal = {"@id": SEAL, "@type": "PropertyValue", "name": "SHA-256 of this crate without this"}
    return {**record, "@graph": [*record["@graph"], {**seal, "value": _hash_of(record)}]}


def known_in(folder: Path) -> Known | None:
    """Which report a folder holds, or None where no crate says so."""
    crate = _crate(folder)
    return from_text(str(_entities(crate).get(IDENTITY, {}).get("value", ""))) if crate else None


def reports_in(out: Path) -> list[tuple[str, Known]]:
    """The reports that lie in a folder, by their folders' names."""
    try:
        folders = sorted(p for p in out.iterdir() if not p.name.startswith(".") and p.is_dir())
    except OSError:
        return []
    return [(f.name, known) for f in folders if (known := known_in(f)) is not None]


def carry_over(old: Path, new: Path) -> tuple[str, ...]:
    """Move from an earlier report's folder what no run wrote, and take the rest away.

    What bears the name of one of the new report's files goes into a folder `kept`.

    Returns:
        What went there, by its name below `new`.
    """
    ours = written_by_a_run(old)
    others = sorted(path for path in old.iterdir() if path.name not in ours)
    in_the_way = [path for path in others if os.path.lexists(new / path.name)]
    moved = []
    for path in others:  # first these: an earlier `kept` is among them
        if path not in in_the_way:
            path.rename(new / path.name)
    for path in in_the_way:
        place = _free(new, path.name)
        place.parent.mkdir(exist_ok=True)
        path.rename(place)
        moved.append(f"{place.parent.name}/{place.name}")
    remove_folder(old)
    return tuple(moved)


def take_away(folder: Path) -> None:
    """Take away what a run wrote into a folder, and the folder where nothing else is in it."""
    if folder.is_symlink() or not folder.is_dir():
        return
    with unbroken():
        for name in sorted(written_by_a_run(folder), reverse=True):
            (folder / name).unlink()
        with suppress(OSError):  # something else is in it
            folder.rmdir()


def written_by_a_run(folder: Path) -> frozenset[str]:
    """The names of the files in a folder that are as a run wrote them."""
    crate = _crate(folder)
    if crate is None:
        return frozenset()
    files = {
        name: e.get("sha256") for name, e in _entities(crate).items() if e.get("@type") == "File"
    }
    same = {name for name, known in files.items() if known and _file_hash(folder, name) == known}
    seal = _entities(crate).get(SEAL, {}).get("value")
    rest = [e for e in crate["@graph"] if e.get("@id") != SEAL]
    with suppress(RecursionError):  # nothing of ours is so deep
        if seal == _hash_of({**crate, "@graph": rest}):
            same.add(CRATE)
    return frozenset(same)


def with_page_seal(page: str) -> str:
    """A page with a last line that tells whether somebody has changed it."""
    page = page.rstrip("\n") + "\n"
    return f"{page}{_PAGE_SEAL}{hashlib.sha256(page.encode()).hexdigest()} -->\n"


def is_our_page(path: Path) -> bool:
    """Whether a page is as a run wrote it."""
    content = _content(path)
    if content is None:
        return False
    page, mark, rest = content.rpartition(_PAGE_SEAL.encode())
    return bool(mark) and rest == f"{hashlib.sha256(page).hexdigest()} -->\n".encode()


def _free(new: Path, name: str) -> Path:
    number = 1
    while os.path.lexists(place := new / (_KEPT + (f"-{number}" if number > 1 else "")) / name):
        number += 1
    return place


def _crate(folder: Path) -> dict[str, Any] | None:
    """A folder's crate as far as it is one."""
    content = _content(folder / CRATE)
    try:
        crate = json.loads(content or b"")
    except (ValueError, RecursionError):
        return None
    graph = crate.get("@graph") if isinstance(crate, dict) else None
    is_one = isinstance(graph, list) and all(
        isinstance(e, dict) and isinstance(e.get("@id"), str) for e in graph
    )
    return crate if is_one else None


def _entities(crate: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    return {entity["@id"]: entity for entity in crate["@graph"]}


def _file_hash(folder: Path, name: str) -> str | None:
    content = _content(folder / name) if Path(name).name == name else None
    return None if content is None else hashlib.sha256(content).hexdigest()


def _content(path: Path) -> bytes | None:
    """What a file holds; None of a link, a device, a pipe, or one that can't be read."""
    try:
        kind = path.lstat()
        is_file = stat.S_ISREG(kind.st_mode) and kind.st_size <= _LARGEST
        return path.read_bytes() if is_file else None
    except (OSError, ValueError):
        return None


def _hash_of(record: Mapping[str, Any]) -> str:
    text = json.dumps(record, ensure_ascii=True, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
