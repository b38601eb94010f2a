"""Runs that go wrong: a kernel is killed, the run is, the disk is full, a cell raises."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

HOSTILE = '<script>alert("1")</script>'
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
SHOW = """\
from incohort.results import Estimate, Findings, Measure
one = Estimate(key="a/b/count", label="b", measure=Measure.COUNT, value=30.0, n=30)
Findings(name="a/b", title="A finding", results=(one,), is_public=True)"""


def code(source: str, *tags: str) -> dict:
    """A code cell that was not run."""
    return {
        "cell_type": "code",
        "metadata": {"tags": list(tags)} if tags else {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def notebook(path: Path, *sources: str) -> str:
    """A notebook of these cells; the first shows that incohort is imported."""
    title = {"cell_type": "markdown", "metadata": {}, "source": f"# {path.stem}\n\nA question."}
    cells = [
        title,
        code('cohort: str = "none"  # the cohort', "parameters"),
        code("import incohort as ic"),
        *map(code, sources),
    ]
    language = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    document = {"nbformat": 4, "nbformat_minor": 4, "metadata": language, "cells": cells}
    path.write_text(json.dumps(document))
    return str(path)


@pytest.fixture
def cohort(tmp_path) -> Path:
    """A public cohort of three patients whose descriptor holds hostile text."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "patients.csv").write_text("patient_id,sex\nP1,female\nP2,male\nP3,male\n")
    descriptor = {
        "name": "mine",
        "title": HOSTILE,
        "resources": [{"name": "patients", "path": "patients.csv"}],
        "incohort": {"privacy": "public", "notices": [HOSTILE]},
    }
    (folder / "datapackage.json").write_text(json.dumps(descriptor))
    return folder


def command_line(cohort: Path, out: Path, *notebooks: str) -> list[str]:
    """The command line of a run."""
    run = [sys.executable, "-m", "incohort", "run", *notebooks]
    return [*run, "--cohort", str(cohort), "--out", str(out), "--jobs", "2"]


def incohort(cohort: Path, out: Path, *notebooks: str, env=None) -> subprocess.CompletedProcess:
    """A run that came to its end."""
    return subprocess.run(
        command_line(cohort, out, *notebooks), capture_output=True, text=True, check=False, env=env
    )


@pytest.fixture
def run(command) -> Callable[..., subprocess.CompletedProcess]:
    """The same in a process that stays, for whoever asks what becomes of a report."""

    def made(cohort: Path, out: Path, *notebooks: str) -> subprocess.CompletedProcess:
        return command(*command_line(cohort, out, *notebooks)[3:])

    return made


def visible(folder: Path) -> set[str]:
    """What a person sees in a folder."""
    return (
        {p.name for p in folder.iterdir() if not p.name.startswith(".")}
        if folder.exists()
        else set()
    )


def waiting(told: Path) -> str:
    """A cell that tells its kernel's process and then takes ten minutes."""
    return f"""\
import os, pathlib, time
pathlib.Path({str(told)!r}).write_text(str(os.getpid()))
time.sleep(600)"""


def waited_for(what) -> bool:
    """Whether something came true within three minutes: a busy machine is slow."""
    end = time.monotonic() + 180
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.05)
    return False


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.slow
def test_a_failing_and_a_killed_notebook_stop_no_other(run, cohort, tmp_path):
    """Exit code 1, the good report is there, each failure is told by its cell and its reason."""
    raising = notebook(
        tmp_path / "raising.ipynb", SHOW, f"raise ValueError('{HOSTILE} {tmp_path}/f')"
    )
    killed = notebook(
        tmp_path / "killed.ipynb", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)"
    )
    good = notebook(tmp_path / "good.ipynb", SHOW)
    out = tmp_path / "out"
    done = run(cohort, out, raising, killed, good)

    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert visible(out) == {
        "good--mine",
        "killed--mine--failed",
        "raising--mine--failed",
        "claims.html",
        "index.html",
        "judged.html",
    }
    page = (out / "raising--mine--failed" / "report.html").read_text()
    assert "stopped in cell 5" in page  # papermill's own cell, with the cohort's name, counts
    assert "A finding" in page
    assert "it was killed" in (out / "killed--mine--failed" / "report.html").read_text()
    assert "<script" not in page
    assert HOSTILE not in (out / "index.html").read_text()
    message = json.loads((out / "raising--mine--failed" / "results.json").read_text())["failure"]
    assert message == {"cell": 5, "name": "ValueError", "message": f"{HOSTILE} f"}


@pytest.mark.slow
def test_a_failure_never_replaces_an_earlier_report_and_goes_when_it_succeeds(
    run, cohort, tmp_path
):
    """The good report stays whole beside the account of the failure, which a success takes away."""
    path = tmp_path / "a.ipynb"
    out = tmp_path / "out"
    notebook(path, SHOW)
    assert run(cohort, out, str(path)).returncode == 0
    earlier = (out / "a--mine" / "report.html").read_bytes()

    notebook(path, "1 / 0")
    assert run(cohort, out, str(path)).returncode == 1
    assert visible(out) == {
        "a--mine",
        "a--mine--failed",
        "claims.html",
        "index.html",
        "judged.html",
    }
    assert (out / "a--mine" / "report.html").read_bytes() == earlier

    notebook(path, SHOW)
    assert run(cohort, out, str(path)).returncode == 0
    assert visible(out) == {"a--mine", "claims.html", "index.html", "judged.html"}


@pytest.mark.slow
def test_the_same_inputs_give_the_same_bytes(run, cohort, tmp_path):
    """Two runs differ in the crate's clock times and in nothing else."""
    path = notebook(tmp_path / "a.ipynb", SHOW, "print('words')")
    folders = [tmp_path / "one" / "a--mine", tmp_path / "two" / "a--mine"]
    for started, folder in zip((run, incohort), folders, strict=True):
        assert started(cohort, folder.parent, path).returncode == 0
    names = {p.name for p in folders[0].iterdir()}

    assert names == {
        "report.html",
        "results.json",
        "claims.json",
        "notebook.ipynb",
        "ro-crate-metadata.json",
    }
    for name in sorted(names - {"ro-crate-metadata.json"}):
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes(), name
        assert str(tmp_path) not in (folders[0] / name).read_text()
    assert str(tmp_path) not in (folders[0] / "ro-crate-metadata.json").read_text()


@LINUX
@pytest.mark.slow
def test_without_forking_the_same_report_comes_out(run, cohort, tmp_path):
    """Where kernels start as usual, every byte is as where they are forked."""
    path = notebook(tmp_path / "a.ipynb", SHOW)
    forked, usual = tmp_path / "forked", tmp_path / "usual"
    assert run(cohort, forked, path).returncode == 0
    program = (
        "import runpy, incohort.reports.forks as f; f.CAN_FORK = False; "
        "runpy.run_module('incohort', run_name='__main__')"
    )
    argv = [sys.executable, "-c", program, *command_line(cohort, usual, path)[3:]]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    for name in ("report.html", "results.json", "claims.json", "notebook.ipynb"):
        one, other = (folder / "a--mine" / name for folder in (forked, usual))
        assert one.read_bytes() == other.read_bytes(), name


@LINUX
@pytest.mark.slow
def test_a_killed_run_leaves_nothing_to_see_and_no_kernel(cohort, tmp_path):
    """Killed without warning, it leaves no half of a report; the next run clears up after it."""
    told = tmp_path / "pid"
    path = tmp_path / "a.ipynb"
    notebook(path, waiting(told))
    out = tmp_path / "out"
    tmp = tmp_path / "tmp"
    tmp.mkdir()
    env = {**os.environ, "TMPDIR": str(tmp)}
    run = subprocess.Popen(command_line(cohort, out, str(path)), stdout=subprocess.DEVNULL, env=env)
    try:
        assert waited_for(lambda: told.exists() and told.read_text())
    finally:
        run.kill()
        run.wait()
    kernel = int(told.read_text())

    assert visible(out) == set()
    assert waited_for(lambda: not is_running(kernel))
    notebook(path, SHOW)
    assert incohort(cohort, out, str(path), env=env).returncode == 0
    assert {p.name for p in out.iterdir()} == {
        "a--mine",
        "claims.html",
        "index.html",
        "judged.html",
    }
    assert not [p.name for p in tmp.iterdir() if p.name.startswith("incohort-")]


@LINUX
@pytest.mark.slow
def test_a_scratch_folder_with_a_long_name(cohort, tmp_path):
    """A socket's name has 107 bytes at most; a folder's may be longer, and the run goes on."""
    out, tmp = tmp_path / "out", tmp_path / ("a" * 60) / ("b" * 60)
    tmp.mkdir(parents=True)
    path = notebook(tmp_path / "a.ipynb", SHOW)

    done = incohort(cohort, out, path, env={**os.environ, "TMPDIR": str(tmp)})

    assert (done.returncode, done.stderr) == (0, "")
    assert visible(out) == {"a--mine", "claims.html", "index.html", "judged.html"}
    assert not [*tmp.iterdir()]


def can_be_stopped(run: subprocess.Popen) -> bool:
    """Whether a process that was just started has come so far that it hears a signal."""
    caught = re.search(r"SigCgt:\s*(\w+)", Path(f"/proc/{run.pid}/status").read_text())
    return bool(caught and int(caught[1], 16) >> (signal.SIGTERM - 1) & 1)


def processes_in(folder: Path) -> list[str]:
    """The command lines of processes whose environment or arguments name a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            told = [(process / name).read_bytes() for name in ("environ", "cmdline")]
            if any(str(folder).encode() in text for text in told) and is_running(int(process.name)):
                found.append(told[1].replace(b"\0", b" ").decode())
    return found


@LINUX
@pytest.mark.slow
@pytest.mark.parametrize(
    ("moment", "sent"),
    [("at once", "to all"), (0.5, "to it"), (2.0, "to all"), ("in a cell", "to it")],
)
def test_an_interrupted_run_ends_at_once_and_leaves_nothing(cohort, tmp_path, moment, sent):
    """Ctrl-C ends the run and what it started, whenever it comes, with one message and 130."""
    told, tmp, out = tmp_path / "pid", tmp_path / "tmp", tmp_path / "out"
    tmp.mkdir()
    run = subprocess.Popen(
        command_line(cohort, out, notebook(tmp_path / "a.ipynb", waiting(told))),
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp)},
        start_new_session=True,
    )
    try:
        assert waited_for(lambda: can_be_stopped(run))
        if moment == "in a cell":
            assert waited_for(lambda: told.exists() and told.read_text())
        elif moment != "at once":
            time.sleep(moment)
        at = time.monotonic()
        (os.killpg if sent == "to all" else os.kill)(run.pid, signal.SIGINT)
        _, said = run.communicate(timeout=30)
        took = time.monotonic() - at
    finally:
        with suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
        run.communicate()

    assert run.returncode == 130
    assert said == "incohort: Stopped.\n"
    assert took < 5
    assert not out.exists() or not list(out.iterdir())
    assert not list(tmp.iterdir())
    assert waited_for(lambda: not processes_in(tmp_path)), processes_in(tmp_path)


@LINUX
@pytest.mark.slow
def test_a_full_disk_is_told_in_a_sentence_and_leaves_the_earlier_report(run, cohort, tmp_path):
    """No room for the report: exit code 2, the reason, and what stood there stands there."""
    path = notebook(tmp_path / "a.ipynb", SHOW)
    out = tmp_path / "out"
    assert run(cohort, out, path).returncode == 0
    before = {p.name: p.read_bytes() for p in (out / "a--mine").iterdir()}
    # The system refuses any file that grows over 8 kB, as it does where no room is left.
    limited = "import resource, runpy; resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)); "
    program = limited + "runpy.run_module('incohort', run_name='__main__')"
    argv = [sys.executable, "-c", program, *command_line(cohort, out, path)[3:]]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)

    assert done.returncode == 2, done.stderr
    assert "can be written" in done.stderr
    assert "Traceback" not in done.stderr
    assert {p.name: p.read_bytes() for p in (out / "a--mine").iterdir()} == before
    assert {p.name for p in out.iterdir()} == {
        "a--mine",
        "claims.html",
        "index.html",
        "judged.html",
    }


def test_a_folder_that_cannot_be_written_to_is_refused(run, cohort, tmp_path):
    """The message names the folder, and no kernel was started for nothing."""
    (tmp_path / "file").touch()
    path = notebook(tmp_path / "a.ipynb", SHOW)
    done = run(cohort, tmp_path / "file" / "out", path)

    assert done.returncode == 2
    assert "Nothing can be written to" in done.stderr
    assert done.stderr.count("\n") == 1


def test_no_user_profile_takes_part_in_a_run(cohort, tmp_path):
    """What a person's own IPython does at its start changes no report."""
    home = tmp_path / "home"
    startup = home / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("raise SystemExit('the profile was read')")
    path = notebook(tmp_path / "a.ipynb", SHOW)
    done = subprocess.run(
        command_line(cohort, tmp_path / "out", path),
        env={**os.environ, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert [p.name for p in startup.parent.parent.iterdir()] == ["profile_default"]
    # Beside the profile there is at most what matplotlib keeps of the machine's fonts.
    kept = {p.relative_to(home).parts[1] for p in home.rglob("*") if p.is_file()}
    assert kept <= {"profile_default", "matplotlib"}
