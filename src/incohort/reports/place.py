"""Folders written aside and renamed into place: a reader never sees half of one."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from incohort.errors import UsageError

_ASIDE = ".incohort-"
_LOCK = "in-use"
_SPARE = "spare"


@contextmanager
def aside(out: Path) -> Iterator[Path]:
    """A hidden folder inside `out` that is gone afterwards, however the run ended.

    What a killed run left is cleared away: nobody holds its lock any more.

    Raises:
        UsageError: Nothing can be written there.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        _clear_abandoned(out)
        folder = Path(tempfile.mkdtemp(prefix=_ASIDE, dir=out))
    except OSError as error:
        raise cannot_write(out, error) from None
    with (folder / _LOCK).open("w") as lock:
        _take(lock)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


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
    had_one = target.exists()
    if had_one:
        spare.parent.mkdir(exist_ok=True)
        target.rename(spare)
    try:
        written.rename(target)
    except OSError:
        if had_one:
            spare.rename(target)
        raise
    if had_one:
        shutil.rmtree(spare, ignore_errors=True)


def write_whole(path: Path, text: str) -> None:
    """Write a file aside and rename it into place."""
    part = path.with_name(f"{_ASIDE}{path.name}.{os.getpid()}")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _clear_abandoned(out: Path) -> None:
    for folder in sorted(out.glob(f"{_ASIDE}*/")):
        lock = folder / _LOCK
        if lock.is_file():
            with lock.open("a") as held:
                is_abandoned = _take(held)
            if is_abandoned:
                _give_back(folder / _SPARE, out)
                shutil.rmtree(folder, ignore_errors=True)


def _give_back(spares: Path, out: Path) -> None:
    """Put back what a run had taken away when it was killed, before it put the new one there."""
    for spare in sorted(spares.glob("*")):
        if not (out / spare.name).exists():
            spare.rename(out / spare.name)


def _take(lock: IO[str]) -> bool:
    """Whether the lock was free; on Windows none is taken, and nothing is cleared away."""
    if sys.platform == "win32":
        return False
    import fcntl  # noqa: PLC0415 — absent on Windows

    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
