"""The built wheel stands alone: an empty environment, away from the checkout."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from incohort.commands.reporting import demo_requests

ROOT = Path(__file__).resolve().parents[2]


def test_wheel_carries_dictionary_and_notebooks(wheel: Path):
    """Whoever installs incohort has every table, definition, cohort and notebook."""
    inside = {name.removeprefix("incohort/_bundled/") for name in zipfile.ZipFile(wheel).namelist()}
    kept = [*(ROOT / "notebooks").glob("*.ipynb"), *(ROOT / "data_dictionary").rglob("*")]
    missing = {str(p.relative_to(ROOT)) for p in kept if p.is_file()} - inside

    assert not missing


@pytest.mark.slow
def test_demo_runs_from_the_wheel_in_an_empty_environment(demo, skip_or_fail):
    """`pip install incohort && incohort demo` works where there is no checkout."""
    if not demo.is_from_wheel:
        skip_or_fail("other packages are installed here than core.lock names")
    assert demo.returncode == 0, demo.told
    assert (demo.reports / "index.html").is_file()
    made = {line.removeprefix("✓ ") for line in demo.told.splitlines() if line.startswith("✓ ")}
    assert made == {f"{request.notebook}--{request.cohort}" for request in demo_requests()}
    assert made <= {path.parent.name for path in demo.reports.glob("*/report.html")}
    assert str(ROOT) not in demo.told
