"""A process that is told to stop does so, wherever it is, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="what is looked at is in /proc")
DEAF = """\
while True:
    try:
        time.sleep(0.01)
    except BaseException:
        pass
"""
# Some minutes in which no line of Python is reached.
BUSY = "import hashlib; hashlib.pbkdf2_hmac('sha256', b'', b'', 2**31 - 1)\n"
HOLDS = """\
folder, _ = stopping.scratch_folder()
(folder / "rows").write_text("P1")
print(folder, flush=True)
"""


@contextmanager
def started(program: str, tmp: Path, **more) -> Iterator[subprocess.Popen]:
    """A process that listens and then runs a program; it ends with the test."""
    lead = "import signal, sys, time\nfrom incohort import stopping\nstopping.listen()\n"
    run = subprocess.Popen(
        [sys.executable, "-c", lead + "print('ready', flush=True)\n" + program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp)},
        **more,
    )
    try:
        assert run.stdout.readline() == "ready\n"
        yield run
    finally:
        run.kill()
        run.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("program", [DEAF, BUSY], ids=["deaf to exceptions", "busy outside Python"])
def test_a_stop_is_never_lost(tmp_path, program, number):
    """Code that swallows whatever is raised in it, or never looks, is ended all the same."""
    with started(program, tmp_path) as run:
        time.sleep(0.05)
        at = time.monotonic()
        run.send_signal(number)
        _, said = run.communicate(timeout=20)

        assert run.returncode == 130
        assert said == "incohort: Stopped.\n"
        assert time.monotonic() - at < 5


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_private_copy_of_rows_is_gone_after_a_stop(tmp_path, number):
    """Rows that were put aside don't outlive the process that did it."""
    with started(HOLDS + DEAF, tmp_path) as run:
        folder = Path(run.stdout.readline().strip())
        assert (folder / "rows").exists()
        run.send_signal(number)
        run.communicate(timeout=20)

    assert not list(tmp_path.iterdir())


def test_a_private_copy_of_rows_left_by_a_kill_is_cleared_by_the_next(tmp_path):
    """Nobody holds its lock any more; a folder still in use, and anybody else's, stays."""
    foreign = tmp_path / "incohort-theirs"
    foreign.mkdir()
    (foreign / "in-use").write_text("a diary")
    with started(HOLDS + DEAF, tmp_path) as killed, started(HOLDS + DEAF, tmp_path) as living:
        left, used = (Path(run.stdout.readline().strip()) for run in (killed, living))
        killed.kill()
        killed.wait()
        assert (left / "rows").exists()
        with started(HOLDS, tmp_path) as following:
            following.stdout.readline()
            assert not left.exists()
            assert (used / "rows").exists()
            assert (foreign / "in-use").read_text() == "a diary"


def test_what_must_stay_whole_is_not_cut_in_half(tmp_path):
    """A stop waits for it, and it is not begun again."""
    done = tmp_path / "done"
    program = f"""\
import pathlib
def twice():
    with stopping.unbroken():
        print("begun", flush=True)
        time.sleep(0.5)
        with pathlib.Path({str(done)!r}).open("a") as file:
            file.write("done")
twice()
twice()
"""
    with started(program, tmp_path) as run:
        assert run.stdout.readline() == "begun\n"
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=20)

    assert run.returncode == 130
    assert done.read_text() == "done"


def test_an_end_that_hangs_is_cut_short(tmp_path):
    """Whatever waits for a disk or a lock at the end, five seconds later the process is gone."""
    with started(f"stopping.at_stop(lambda: time.sleep(60))\n{DEAF}", tmp_path) as run:
        at = time.monotonic()
        run.send_signal(signal.SIGINT)
        run.communicate(timeout=20)

    assert run.returncode == 130
    assert time.monotonic() - at < 5


def test_a_signal_that_was_ignored_stays_so(tmp_path):
    """Under nohup a closed terminal ends nothing."""
    ignoring = {"preexec_fn": lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)}
    with started("time.sleep(0.3); print('done')", tmp_path, **ignoring) as run:
        run.send_signal(signal.SIGHUP)
        said, _ = run.communicate(timeout=20)

    assert run.returncode == 0
    assert said == "done\n"
