"""Where the files that come with incohort lie: in the checkout, or inside the installed wheel."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Literal

from incohort.errors import UsageError, refuse_url

_LARGEST = 32 * 2**20  # bytes of a descriptor, a mapping or a notebook
_LONGEST_SHOWN = 120  # characters of a path in a message
_PACKAGE = Path(__file__).resolve().parent.parent


@cache
def bundled(part: Literal["data_dictionary", "notebooks"]) -> Path:
    """The folder of that name which belongs to this installation.

    Raises:
        FileNotFoundError: The installation is incomplete.
    """
    for root in (_PACKAGE / "_bundled", _PACKAGE.parent.parent):
        if (root / part).is_dir():
            return root / part
    msg = f"this installation of incohort has no {part}; install it again"
    raise FileNotFoundError(msg)


def typed_path(text: str, what: str = "name of a file or folder") -> Path:
    """A path as somebody typed it, with `~` for a home; `what` is what it should name.

    Raises:
        UsageError: There is no such user, no system can have a file of that name, or it is a URL.
    """
    refuse_url(text, what)
    shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    if not text or "\0" in text:
        raise UsageError(f"{shown!r} is no name of a file or folder.")
    try:
        return Path(text).expanduser()
    except RuntimeError:
        user = shown.partition("/")[0]
        raise UsageError(f"{shown!r}: there is no home folder of {user!r}.") from None


def is_folder(path: Path) -> bool:
    """Whether a folder lies there; a name that no system can have is none."""
    return _is(stat.S_ISDIR, path)


def is_regular(path: Path) -> bool:
    """Whether a file of data lies there: no pipe or device, which might never end."""
    return _is(stat.S_ISREG, path)


def read_regular(path: Path, *, most: int = _LARGEST) -> bytes:
    """The bytes of a file that one may hold in memory.

    Args:
        path: The file.
        most: The largest that is read, in bytes.

    Raises:
        OSError: It can't be read, is no file of data, or is larger; `strerror` says which.
    """
    with open(path, "rb", opener=_without_waiting) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no file of data")
        content = file.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most // 2**20} MB")
    return content


def is_writable(text: str) -> bool:
    r"""Whether a text can be written as UTF-8: half of a surrogate pair (`\ud800`) can't."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; where it is a pipe, don't wait for somebody to write."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _is(kind: Callable[[int], bool], path: Path) -> bool:
    try:
        return kind(path.stat().st_mode)
    except (OSError, ValueError):
        return False
