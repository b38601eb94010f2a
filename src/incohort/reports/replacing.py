"""A report takes the place of an earlier one of the same identity, and of nothing else."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from incohort.errors import UsageError
from incohort.reports.identity import Identity, labelled
from incohort.reports.manifest import carry_over, is_our_page, known_in, reports_in, take_away
from incohort.reports.place import OLD, swapped
from incohort.stopping import unbroken

PAGES = ("index.html", "claims.html", "judged.html")


@dataclass(frozen=True, slots=True)
class Place:
    """A report's folder by its name, and what its crate keeps of its identity."""

    name: str
    identity: str


def folders_for(identities: Iterable[Identity], out: Path, failed: str) -> dict[Identity, Place]:
    """Where each report belongs in `out`, after what lies there already.

    A report that was made internally, or under another profile, never takes the place of the one
    that is there: the second to come has its disclosure in its folder's name.
    """
    wanted = tuple(dict.fromkeys(identities))
    lying = {name.removesuffix(failed): known for name, known in reports_in(out)}
    labels = labelled(wanted, lying.values())
    places = {}
    for identity in wanted:
        usual, marked = identity.folders(labels[identity])
        there = lying.get(usual)
        only_disclosed = (
            there is not None
            and there.identity != identity
            and replace(there.identity, disclosure=identity.disclosure) == identity
        )
        is_marked = only_disclosed or (there is None and marked in lying)
        places[identity] = Place(marked if is_marked else usual, identity.as_text(labels[identity]))
    return places


def replace_report(written: Path, target: Path, folder: Path) -> tuple[str, ...]:
    """Put a complete report at `target`; what had to be moved out of its way, by its new name.

    Args:
        written: The complete report.
        target: Where it belongs; what lies there and no run wrote stays.
        folder: What `aside` gave; an earlier report waits there until the new one stands.

    Raises:
        OSError: It can't be renamed, or another report is there meanwhile; what stood there does so
            again.
    """
    old = folder / OLD / target.name
    with unbroken():
        there, new = known_in(target), known_in(written)
        if there is not None and (new is None or there.identity != new.identity):
            raise FileExistsError(
                errno.EEXIST, "another run has put another report there meanwhile"
            )
        return carry_over(old, target) if swapped(written, target, old) else ()


def refuse_others_pages(out: Path) -> None:
    """Refuse to write a list of reports over a page that is somebody's own.

    Raises:
        UsageError: A page of that name is there that no run wrote, or that was changed since.
    """
    for name in PAGES:
        if os.path.lexists(out / name) and not is_our_page(out / name):
            raise UsageError(
                f"{name!r} in the folder {out.name!r} was not written by incohort, or was changed "
                "since, and would be lost. Move it away, or choose another --out."
            )


def refuse_others_folders(out: Path, places: Mapping[Identity, Place], ending: str) -> None:
    """Refuse to put a report where another one lies, or no folder.

    Args:
        out: The folder for the reports.
        places: Where each report belongs.
        ending: What the name of a folder ends in where the notebook fails.

    Raises:
        UsageError: It would replace something else than itself.
    """
    names = [
        (place.name + end, identity) for identity, place in places.items() for end in ("", ending)
    ]
    for name, identity in names:
        target = out / name
        if target.is_symlink() or (target.exists() and not target.is_dir()):
            what = "is a link or a file"
        elif (known := known_in(target)) and known.identity != identity:
            what = "holds another report"
        else:
            continue
        raise UsageError(
            f"{name!r} in the folder {out.name!r} {what}, which would be lost. Move it away, or "
            "choose another --out."
        )


def clean(folders: Iterable[str]) -> None:
    """Take away the reports in these folders, and nothing else."""
    for out in map(Path, folders):
        for name, _ in reports_in(out):
            take_away(out / name)
        for page in PAGES:
            if is_our_page(out / page):
                (out / page).unlink()


if __name__ == "__main__":
    clean(sys.argv[1:])
