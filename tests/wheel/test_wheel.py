"""The built wheel stands alone: an empty environment, away from the checkout."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel as it would be published."""
    out = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", out, ROOT],
        check=True,
        capture_output=True,
    )
    return next(out.glob("*.whl"))


def test_wheel_carries_dictionary_and_notebooks(wheel: Path):
    """Whoever installs incohort has every table, definition, cohort and notebook."""
    inside = {name.removeprefix("incohort/_bundled/") for name in zipfile.ZipFile(wheel).namelist()}
    kept = [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "data_dictionary").rglob("*")]
    missing = {str(p.relative_to(ROOT)) for p in kept if p.is_file()} - inside

    assert not missing


@pytest.mark.slow
@pytest.mark.xdist_group("wheel")
def test_demo_runs_from_the_wheel_in_an_empty_environment(wheel: Path, tmp_path, skip_or_fail):
    """`pip install incohort && incohort demo` works where there is no checkout."""
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "env"], check=True)
    python = tmp_path / "env" / "bin" / "python"
    lock = ROOT / "requirements" / "core.lock"
    install = [python, "-m", "pip", "install", "--quiet", "--no-deps"]
    if subprocess.run([*install, "--require-hashes", "-r", lock], check=False).returncode:
        skip_or_fail("the locked packages can't be fetched here")
    subprocess.run([*install, wheel], check=True)
    away = tmp_path / "away"
    away.mkdir()
    clean = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(
        [tmp_path / "env" / "bin" / "incohort", "demo", "--out", away / "reports"],
        cwd=away,
        env=clean,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert (away / "reports" / "index.html").is_file()
    assert len([*(away / "reports").glob("*/report.html")]) >= 4
    assert str(ROOT) not in done.stdout + done.stderr
