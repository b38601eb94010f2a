"""What all tests share: when a missing thing is a failure, others' data, and one demo's reports."""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

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

    `is_from_wheel` is false where the locked packages can't be fetched; then the checkout ran it.
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


def built_wheel(out: Path) -> Path:
    """Build the checkout's wheel there."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT]
    subprocess.run(build, check=True, capture_output=True)
    return next(out.glob("*.whl"))


def run_demo(place: Path) -> Demo:
    """Run the demo in a folder away from the checkout."""
    env, away = place / "env", place / "away"
    away.mkdir()
    subprocess.run([sys.executable, "-m", "venv", env], check=True)
    install = [env / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-deps"]
    lock = ROOT / "requirements" / "core.lock"
    locked = subprocess.run([*install, "--require-hashes", "-r", lock], check=False)
    is_from_wheel = locked.returncode == 0
    if is_from_wheel:
        subprocess.run([*install, built_wheel(place / "dist")], check=True)
    python = env / "bin" / "python" if is_from_wheel else sys.executable
    clean = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(
        [python, "-m", "incohort", "demo", "--out", away / "reports"],
        cwd=away,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )
    for notebook, _, cohort in (name.partition("--") for name in THIN):
        asked = [notebook, "--cohort", cohort, "--out", away / "reports"]
        run = [python, "-m", "incohort", "run", *asked]
        subprocess.run(run, cwd=away, env=clean, capture_output=True, check=False)
    shutil.rmtree(env)
    return Demo(
        reports=away / "reports",
        returncode=done.returncode,
        told=done.stdout + done.stderr,
        is_from_wheel=is_from_wheel,
    )
