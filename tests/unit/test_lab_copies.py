"""`incohort lab`: JupyterLab works on copies, on the cohort that was asked for."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from incohort import cli
from incohort.dictionary.files import bundled
from incohort.errors import ExitCode
from incohort.jupyter import launcher
from incohort.reports.notebooks import bundled_notebooks, read_notebook

ODD = [
    "my_folder",
    "it's",
    'a "quote"',
    "back\\slash",
    "two\nlines",
    "ünïcode 😀",
    "-p",
    "a b",
    "{x}",
]


@pytest.fixture
def lab(monkeypatch, tmp_path):
    """The command, started in a folder, without a JupyterLab: the options that this would get."""
    started: list[list[str]] = []

    class Lab:
        def __init__(self, command, **_):
            started.append(command)

        def __enter__(self):
            return self

        def __exit__(self, *_):
            pass

        def wait(self):
            return 0

    monkeypatch.setattr(launcher.subprocess, "Popen", Lab)
    monkeypatch.chdir(tmp_path)

    def command(*typed, code=0):
        started.clear()
        assert cli.run(["lab", *typed]) == code
        return started[0][2:] if started else []

    return command


def cohort(folder: Path, sex: str = "female") -> Path:
    """A cohort of one patient."""
    folder.mkdir(parents=True)
    (folder / "patients.csv").write_text(f"patient_id,sex\nP1,{sex}\n")
    return folder


def opened(started: list[str]) -> Path:
    """The folder on which JupyterLab opens."""
    (root,) = (option for option in started if option.startswith("--ServerApp.root_dir="))
    return Path(root.partition("=")[2])


def starts_with(folder: Path) -> set[str]:
    """The cohorts with which the notebooks of a folder start."""
    found = [read_notebook(str(path)) for path in folder.glob("*.ipynb")]
    assert {book.name for book in found} == set(bundled_notebooks())
    return {str(p.default) for book in found for p in book.parameters if p.name == "cohort"}


def test_the_lab_never_opens_the_suite_itself(lab, tmp_path):
    """Without a cohort, too, what JupyterLab saves is a copy; the suite stays as it was."""
    folder = opened(lab())

    assert folder == tmp_path / "incohort-notebooks"
    assert bundled("notebooks") not in (folder, *folder.parents)
    for name in bundled_notebooks():
        suite = bundled("notebooks") / f"{name}.ipynb"
        assert (folder / suite.name).read_bytes() == suite.read_bytes()
        assert not (folder / suite.name).samefile(suite)


def test_the_copies_of_a_checkout_are_not_committed():
    """After `make lab` the repository is as clean as before."""
    root = bundled("notebooks").parent
    done = subprocess.run(
        ["git", "check-ignore", "-q", "incohort-notebooks/01.ipynb"], cwd=root, check=False
    )
    assert done.returncode == 0


@pytest.mark.parametrize("name", ODD)
def test_the_copies_start_with_the_cohort_whatever_it_is_called(lab, tmp_path, name):
    """A relative path leads to the folder from wherever the copies lie, in valid notebooks."""
    folder = cohort(tmp_path / "here" / name)
    copies = opened(lab(f"here/{name}"))

    assert starts_with(copies) == {str(folder)}
    assert not set(copies.name) & set('"\\\n')


def test_each_cohort_has_its_own_copies_and_they_are_never_overwritten(lab, tmp_path):
    """A second cohort, of the same name even, doesn't get the first one's notebooks."""
    one, other = cohort(tmp_path / "one" / "mine"), cohort(tmp_path / "other" / "mine")
    first, second, third = (opened(lab(name)) for name in ("one/mine", "other/mine", "lane2009"))

    assert [p.name for p in (first, second, third)] == ["mine", "mine-2", "lane2009"]
    assert starts_with(first) == {str(one)}
    assert starts_with(second) == {str(other)}
    assert starts_with(third) == {"lane2009"}
    changed = first / "01_cohort_overview.ipynb"
    changed.write_text("changed")
    (first / "02_thyroid_antibodies.ipynb").unlink()
    assert opened(lab("./one/mine")) == first
    assert changed.read_text() == "changed"
    assert (first / "02_thyroid_antibodies.ipynb").exists()


def test_a_cohort_that_is_not_there_or_has_faults_opens_nothing(lab, tmp_path, capsys):
    """The answer is that of `incohort check`, and no copy is written."""
    assert lab("nowhere", code=ExitCode.USAGE) == []
    cohort(tmp_path / "bad", sex="x")
    capsys.readouterr()
    assert lab("bad", code=ExitCode.COHORT_FAULTS) == []
    listed = capsys.readouterr().out
    assert cli.run(["check", "bad"]) == ExitCode.COHORT_FAULTS
    assert capsys.readouterr().out == listed
    assert not (tmp_path / "incohort-notebooks").exists()


def test_jupyters_options_pass_through(lab, tmp_path):
    """All after -- is JupyterLab's, with or without a cohort; an unknown option before is told."""
    cohort(tmp_path / "mine")
    options = ["--allow-root", "--no-browser", "--port", "9999"]

    assert lab("mine", "--", *options)[-4:] == options
    assert lab("--", *options)[-4:] == options
    assert lab("--allow-root")[-1] == "--allow-root"
    assert lab("mine", "other", code=ExitCode.USAGE) == []
    assert lab("--prot", code=ExitCode.USAGE) == []


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def answered(address: str) -> dict:
    """What a server says, once it is there."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310 — our own
                return json.load(answer)
        except OSError:
            time.sleep(0.2)
    return pytest.fail("nobody answered")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="as on the machines where it runs")
def test_a_real_jupyterlab_serves_the_copies_and_ends_when_it_is_told_to(tmp_path):
    """What its contents say is the cohort; a kill of the command ends it, and nothing is left."""
    cohort(tmp_path / "mine")
    runtime = tmp_path / "runtime"
    address = f"http://127.0.0.1:{(port := free_port())}/api/contents/01_cohort_overview.ipynb"
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}"]
    lab = subprocess.Popen(
        [sys.executable, "-m", "incohort", "lab", "mine", "--", *options],
        cwd=tmp_path,
        env={**os.environ, "JUPYTER_RUNTIME_DIR": str(runtime), "JUPYTER_TOKEN": "t"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        cells = answered(f"{address}?token=t")["content"]["cells"]
        lab.terminate()
        lab.wait(timeout=60)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(lab.pid, 9)
        lab.wait()
    (tagged,) = (c for c in cells if "parameters" in c["metadata"].get("tags", []))

    assert f'cohort: str = "{tmp_path / "mine"}"' in tagged["source"]
    assert lab.returncode == 0
    assert not list(runtime.glob("jpserver-*.json"))
