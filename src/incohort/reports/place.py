"""Folders written aside and renamed into place: a reader never sees half of one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from incohort.errors import UsageError
from incohort.reports.manifest import carry_over
from incohort.stopping import abandoned, at_stop, held_folder, remove_folder, unbroken

_ASIDE = ".incohort-"
_SPARE = "spare"  # what stood where something else is put, to be given back or to go
OLD = "old"  # an earlier report, in which not everything may go


@contextmanager
def aside(out: Path) -> Iterator[Path]:
    """A hidden folder inside `out` that is gone afterwards, however the run ended.

    What a killed run left is cleared away: nobody holds its lock any more.

    Raises:
        UsageError: Nothing can be written there.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        with unbroken():
            for left in abandoned(out, _ASIDE):
                _clear(left, out)
            folder, remove = held_folder(out, _ASIDE)
            forget = at_stop(lambda: _give_back(folder, out))
    except OSError as error:
        raise cannot_write(out, error) from None
    try:
        yield folder
    finally:
        with unbroken():
            forget()
            _give_back(folder, out)
            remove()


def cannot_write(out: Path, error: OSError, *, option: str = "--out") -> UsageError:
    """Why nothing can be written, in the user's words; `option` is what named the place."""
    reason = error.strerror or type(error).__name__
    return UsageError(f"Nothing can be written to {str(out)!r}: {reason}. Choose another {option}.")


def put_in_place(written: Path, target: Path, folder: Path) -> None:
    """Rename a complete folder to `target`; one that stood there is kept until this is done.

    Args:
        written: The complete folder.
        target: Where it belongs.
        folder: What `aside` gave; what stood at `target` waits there.

    Raises:
        OSError: It can't be renamed; what stood there stands there again.
    """
    spare = folder / _SPARE / target.name
    with unbroken():
        had_one = swapped(written, target, spare)
    if had_one:
        shutil.rmtree(spare, ignore_errors=True)


def swapped(written: Path, target: Path, spare: Path) -> bool:
    """Rename a folder to `target`; whether something stood there, which is at `spare` then.

    Raises:
        OSError: It can't be renamed; what stood there stands there again.
    """
    had_one = os.path.lexists(target)
    if had_one:
        spare.parent.mkdir(exist_ok=True)
        target.rename(spare)
    try:
        written.rename(target)
    except OSError:
        if had_one:
            spare.rename(target)
        raise
    return had_one


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file aside and rename it into place."""
    part = path.with_name(f"{_ASIDE}{path.name}.{os.getpid()}")
    with unbroken():
        try:
            part.write_bytes(content if isinstance(content, bytes) else content.encode())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def _clear(left: Path, out: Path) -> None:
    _give_back(left, out)
    remove_folder(left)


def _give_back(folder: Path, out: Path) -> None:
    """Put back what a run had taken away when it ended, before it put the new one there.

    Where the new one stands, what is somebody's own in the old one goes there.
    """
    for spare in sorted((folder / _SPARE).glob("*")):
        if not os.path.lexists(out / spare.name):
            spare.rename(out / spare.name)
    for old in sorted((folder / OLD).glob("*")):
        if os.path.lexists(out / old.name):
            carry_over(old, out / old.name)
        else:
            old.rename(out / old.name)
