"""Being stopped by Ctrl-C, a kill or a closed terminal; and folders that don't outlive that.

Python answers a Ctrl-C with an exception wherever the main thread happens to be. Inside a weak
reference's callback (importlib has one for each module that it imports) or a `__del__` it is
printed and forgotten, and the run goes on. So nothing is raised here: the system's own handler
wakes a thread that does what was registered for the end, and ends the process.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

STOPPED = 130  # the exit code
_LONGEST = 4.0  # seconds that the end may take
_FOR_THE_LOCK = 1.5  # seconds of these that what may not be cut in half has
_SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)
_PREFIX = "incohort-"
_LOCK = "in-use"

Act = Callable[[], None]
_acts: dict[object, Act] = {}  # in the order in which they were registered
_first_acts: list[Act] = []
_others: list[Callable[[int], None]] = []
_whole = threading.RLock()
_stopping = threading.Event()
_never = threading.Event()
_heard: list[socket.socket] = []


def listen() -> None:
    """From now on a signal ends this process; called once, at its beginning, by its main thread.

    A signal that is ignored, as under `nohup`, stays so.
    """
    if _heard:
        return
    heard, woken = socket.socketpair()
    woken.setblocking(False)  # noqa: FBT003 — the library's own form
    _heard.extend((heard, woken))
    threading.Thread(target=_watch, args=(heard,), daemon=True, name="stopping").start()
    signal.set_wakeup_fd(woken.fileno(), warn_on_full_buffer=False)
    for number in _SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, lambda *_: None)  # the thread has been woken


def at_stop(act: Act, *, first: bool = False) -> Act:
    """Have something done when this process is stopped; what comes back takes it away again.

    Args:
        act: What is done, the last registered one before the others; it may fail.
        first: Do it even before that which may not be cut in half has come to its end.
    """
    if first:
        _first_acts.append(act)
        return lambda: _first_acts.remove(act)
    key = object()
    _acts[key] = act
    return lambda: _acts.pop(key, None) and None


@contextmanager
def unbroken() -> Iterator[None]:
    """What is done inside is not cut in half by a stop, and not begun after one."""
    with _whole:
        if not _stopping.is_set():
            yield
            return
    settle()


@contextmanager
def instead(act: Callable[[int], None]) -> Iterator[None]:
    """Inside, a signal ends nothing: it is handed to somebody who sees to it."""
    _others.append(act)
    try:
        yield
    finally:
        _others.remove(act)


def settle() -> None:
    """Return at once, unless this process is being stopped: then it ends here."""
    if _stopping.is_set():
        _never.wait()


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder of this process alone, gone afterwards, however that is."""
    folder, remove = scratch_folder()
    try:
        yield folder
    finally:
        remove()


def scratch_folder() -> tuple[Path, Act]:
    """A folder of this process alone, and what takes it away.

    It goes when the process is stopped, too. If that is killed, the next one that needs a folder
    there clears it away: rows may lie in it, and nobody holds its lock.
    """
    place = Path(tempfile.gettempdir())
    with unbroken():
        for left in abandoned(place, _PREFIX):
            remove_folder(left)
        return held_folder(place, _PREFIX)


def held_folder(place: Path, prefix: str) -> tuple[Path, Act]:
    """A new folder that others can tell is in use, and what takes it away."""
    with unbroken():
        folder = Path(tempfile.mkdtemp(prefix=prefix, dir=place))
        lock = (folder / _LOCK).open("w")
        _take(lock)
        lock.write(_mark(folder))
        lock.flush()
        owner = os.getpid()

        def remove() -> None:
            if os.getpid() == owner:  # and not a fork that has inherited this
                lock.close()
                remove_folder(folder)
                take_back()

        take_back = at_stop(remove)
    return folder, remove


def abandoned(place: Path, prefix: str) -> Iterator[Path]:
    """The folders made by `held_folder` in `place` whose process has ended without removing them.

    A folder of that name that holds no lock of ours is somebody's own.
    """
    for folder in sorted(place.glob(f"{prefix}*/")):
        with suppress(OSError):
            lock = folder / _LOCK
            if folder.is_symlink() or lock.is_symlink() or not lock.is_file():
                continue
            if lock.stat().st_size > 1000 or lock.read_text("utf-8") != _mark(folder):
                continue
            with lock.open("a") as held:
                if _take(held):
                    yield folder


def remove_folder(folder: Path) -> None:
    """Take a folder away, again where another thread was still writing into it."""
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.05)


def _mark(folder: Path) -> str:
    return f"incohort made the folder {folder.name} and will remove it\n"


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


def _watch(heard: socket.socket) -> None:
    while woken := heard.recv(1):
        if woken[0] in _SIGNALS and _others:
            with suppress(Exception):
                _others[-1](woken[0])
        elif woken[0] in _SIGNALS:
            _end()


def _end() -> None:
    """Say so, do what is to be done, and be gone; within `_LONGEST` in any case."""
    threading.Thread(target=_lose_patience, daemon=True).start()
    _stopping.set()
    with suppress(OSError):
        os.write(2, b"incohort: Stopped.\n")
    for act in reversed(_first_acts):
        with suppress(Exception):
            act()
    _whole.acquire(timeout=_FOR_THE_LOCK)
    for act in reversed(list(_acts.values())):
        with suppress(Exception):
            act()
    os._exit(STOPPED)


def _lose_patience() -> None:
    time.sleep(_LONGEST)
    os._exit(STOPPED)
