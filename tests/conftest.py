"""What all tests share: when a missing thing is a failure, others' data, and one demo's reports."""

from __future__ import annotations

import gc
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]

# As kernels have it (`incohort.reports.collecting`).
gc.set_threshold(50_000, 20, 100)


@pytest.fixture(scope="session")
def skip_or_fail():
    """Skip for want of something outside the project; fail where everything must be there."""

    def decide(reason: str) -> None:
        if os.environ.get("INCOHORT_REQUIRE_ALL"):
            pytest.fail(f"{reason} (and nothing may be skipped here)")
        pytest.skip(reason)

    return decide


@pytest.fixture(scope="session")
def external_data(skip_or_fail) -> Path:
    """The folder of data that others made, which this project does not ship."""
    folder = Path(os.environ.get("INCOHORT_EXTERNAL_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        skip_or_fail("the folder of external data is absent (INCOHORT_EXTERNAL_DATA names it)")
    return folder


# Reports in which little can be said; the demo leaves them out, whoever asks gets them.
THIN = ("02_thyroid_antibodies--abdulkader2014", "04_anc_recovery--jinca2021")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """How `incohort demo` ended that the built wheel ran in an empty environment.

    `is_from_wheel` is false where the locked packages aren't here; then the checkout ran it.
    """

    reports: Path
    returncode: int
    told: str
    is_from_wheel: bool


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    """The wheel as it would be published."""
    return built_wheel(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="session")
def demo(tmp_path_factory) -> Demo:
    """The demo, run once for all workers: it takes as long as many other tests together."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demo"
    ended, made = place / "ended.json", place / "made"
    try:
        place.mkdir()
    except FileExistsError:
        while not made.exists():
            time.sleep(0.2)
    else:
        try:
            ended.write_text(json.dumps(asdict(run_demo(place)), default=str))
        finally:
            made.touch()
    assert ended.exists(), "the demo could not be run; the other worker tells why"
    said = json.loads(ended.read_text())
    return Demo(**{**said, "reports": Path(said["reports"])})


# One process that carries out commands, one after the other, as `python -m incohort` does each.
CARRY_OUT = """
import json, os, sys
from incohort.stopping import listen
listen()
from incohort.cli import run
with os.fdopen(int(sys.argv[1]), "w") as answers:
    for line in sys.stdin:
        code = run(json.loads(line))
        sys.stdout.flush()
        sys.stderr.flush()
        print(code, file=answers, flush=True)
"""


class Command:
    """`incohort` in a process that stays: what kernels import is imported for the first only."""

    def __init__(self, place: Path) -> None:
        self._said = place / "stdout", place / "stderr"
        readable, writable = os.pipe()
        self._files = [path.open("ab") for path in self._said]
        self._answers = os.fdopen(readable)
        self._process = subprocess.Popen(
            [sys.executable, "-c", CARRY_OUT, str(writable)],
            stdin=subprocess.PIPE,
            stdout=self._files[0],
            stderr=self._files[1],
            pass_fds=[writable],
            text=True,
        )
        os.close(writable)

    def __call__(self, *arguments: object) -> subprocess.CompletedProcess:
        """How a command ended and what it said."""
        for path in self._said:
            os.truncate(path, 0)
        self._process.stdin.write(json.dumps([*map(str, arguments)]) + "\n")
        self._process.stdin.flush()
        code = self._answers.readline()
        out, err = (path.read_text(encoding="utf-8") for path in self._said)
        assert code, f"the process ended: {err}"
        return subprocess.CompletedProcess(arguments, int(code), out, err)

    def close(self) -> None:
        """End the process and what it started."""
        self._process.stdin.close()
        self._process.wait()
        for file in (self._answers, *self._files):
            file.close()


@pytest.fixture(scope="session")
def command(tmp_path_factory) -> Iterator[Command]:
    """`incohort`, for whoever asks for what a command says and leaves, not for how it starts."""
    here = Command(tmp_path_factory.mktemp("command"))
    yield here
    here.close()


def built_wheel(out: Path) -> Path:
    """Build the checkout's wheel there."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT]
    subprocess.run(build, check=True, capture_output=True)
    return next(out.glob("*.whl"))


def locked() -> list[Distribution]:
    """What `core.lock` names, as it is installed here; empty where something is not."""
    lines = (ROOT / "requirements" / "core.lock").read_text(encoding="utf-8").splitlines()
    named = (Requirement(line.rstrip("\\")) for line in lines if re.match(r"\w", line))
    wanted = [one for one in named if one.marker is None or one.marker.evaluate()]
    installed = {_plain(one.name): one for one in distributions()}
    found = [installed.get(_plain(one.name)) for one in wanted]
    are_here = all(
        here is not None and one.specifier.contains(here.version, prereleases=True)
        for one, here in zip(wanted, found, strict=True)
    )
    return found if are_here else []


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def link(package: Distribution, place: Path) -> None:
    """Put what a package brings into another environment, as links to what this one has.

    `make test` has installed it by the lock's hashes; to do it again would take a minute.
    """
    brought = {file.parts[0] for file in package.files or ()} - {"..", "__pycache__"}
    for name in brought:
        if not (place / name).is_symlink():
            (place / name).symlink_to(package.locate_file(name))


def empty_environment(place: Path) -> Path:
    """The Python of an environment with the wheel and the locked packages, and nothing else."""
    packages = locked()
    if not packages:
        return Path(sys.executable)
    env = place / "env"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", env], check=True)
    for package in packages:
        link(package, Path(sysconfig.get_path("purelib", vars={"base": env})))
    python = env / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps"]
    subprocess.run([*pip, built_wheel(place / "dist")], check=True)
    return python


# Reports on several cohorts, which `incohort run` makes one cohort at a time.
MAKE_MORE = """
import sys
from pathlib import Path
from incohort.commands.reporting import Request, make_reports
from incohort.reports.jobs import Settings
out, *names = sys.argv[1:]
pairs = (name.split("--") for name in names)
asked = [Request(notebook=notebook, cohort=cohort) for notebook, cohort in pairs]
make_reports(asked, Settings(out=Path(out), jobs=2), lambda outcome: None)
"""


def run_demo(place: Path) -> Demo:
    """Run the demo in a folder away from the checkout."""
    away = place / "away"
    away.mkdir()
    python = empty_environment(place)
    clean = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(
        [python, "-m", "incohort", "demo", "--out", away / "reports"],
        cwd=away,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )
    run = [python, "-c", MAKE_MORE, away / "reports", *THIN]
    subprocess.run(run, cwd=away, env=clean, capture_output=True, check=False)
    shutil.rmtree(place / "env", ignore_errors=True)
    return Demo(
        reports=away / "reports",
        returncode=done.returncode,
        told=done.stdout + done.stderr,
        is_from_wheel=python != Path(sys.executable),
    )
