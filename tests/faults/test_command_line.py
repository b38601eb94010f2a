"""The last net of the command line: one message and exit code 2, whatever is thrown."""

from __future__ import annotations

import os
import subprocess
import sys

import duckdb
import nbformat
import pytest
from nbclient.exceptions import CellTimeoutError

from incohort import cli
from incohort.reports import kernels

THROWN = [
    (OSError(24, "Too many open files", "/a/b"), "Too many open files"),
    (OSError(36, "File name too long", "x" * 5000), "File name too long"),
    (MemoryError(), "not enough memory"),
    (RecursionError("maximum recursion depth exceeded"), "nested too deeply"),
    (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"), "can't be read"),
    (duckdb.IOException("IO Error: gone"), "did not foresee (IOException: IO Error: gone)"),
    (ValueError("Exceeds the limit\nof digits"), "(ValueError: Exceeds the limit of digits)"),
]


@pytest.mark.parametrize(("error", "said"), THROWN, ids=lambda value: type(value).__name__)
def test_whatever_is_thrown_is_one_message_and_exit_code_2(monkeypatch, capsys, error, said):
    """No traceback, one line of bearable length, and never the exit code of a failed notebook."""

    def throw(_):
        raise error

    monkeypatch.setattr("incohort.sources.locate", throw)

    assert cli.run(["check", "anything"]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
    assert len(told) < 600


def shell(line, **environment):
    """A line in a shell, where `incohort` is this interpreter's."""
    program = f'incohort() {{ {sys.executable} -m incohort "$@"; }}; {line}'
    return subprocess.run(
        ["bash", "-c", program],
        capture_output=True,
        check=False,
        env={**os.environ, "COLUMNS": "200", **environment},
    )


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no bash")
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("incohort dictionary show analytes | head -1; exit ${PIPESTATUS[0]}", 0),
        ("incohort --help | head -c 1; exit ${PIPESTATUS[0]}", 0),
        ("incohort dictionary show ANC >&-", 0),
        ("incohort check nothing_here 2>&-", 2),
    ],
)
def test_a_reader_who_goes_away_is_no_traceback(line, code):
    """The command ends as it would have, and says nothing about pipes."""
    done = shell(line)

    assert done.returncode == code
    assert done.stderr == b""


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")  # noqa: PTH110
def test_a_full_disk_behind_the_output_is_one_message():
    """What could not be written is said, with exit code 2."""
    done = shell("incohort dictionary show ANC > /dev/full")

    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert b"No space left" in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_letters_that_a_terminal_lacks_are_written_out(encoding):
    """10⁹ becomes 10^9 and never 109; nothing is lost, nothing breaks."""
    done = shell("incohort dictionary show ANC", PYTHONIOENCODING=encoding, PYTHONUTF8="0")

    assert done.returncode == 0
    assert done.stderr == b""
    assert b"10^9/L" in done.stdout


def test_a_cell_that_took_too_long_is_a_notebook_s_failure(monkeypatch, tmp_path):
    """It is an OSError to Python; the reader hears of the cell, and not that a disk is full."""
    cell = nbformat.v4.new_code_cell("1", metadata={"papermill": {"start_time": "2020"}})
    node = nbformat.v4.new_notebook(cells=[cell], metadata={"papermill": {}})

    def execute(*_, kept, **__):
        kept.nodes.append(node)
        raise CellTimeoutError("A cell timed out")

    monkeypatch.setattr(kernels, "execute_notebook", execute)
    failure = kernels.execute(tmp_path / "a.ipynb", {}, {}, tmp_path).failure

    assert (failure.name, failure.cell) == ("CellTimeoutError", 1)
    assert "longer" in failure.message
