"""The built wheel stands alone: an empty environment, away from the checkout."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

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
        skip_or_fail("the locked packages can't be fetched here")
    cohorts = [p for p in (ROOT / "data_dictionary" / "cohorts").iterdir() if p.is_dir()]
    notebooks = [*(ROOT / "notebooks").glob("*.ipynb")]

    assert demo.returncode == 0, demo.told
    assert (demo.reports / "index.html").is_file()
    assert len([*demo.reports.glob("*/report.html")]) == len(cohorts) * len(notebooks)
    assert str(ROOT) not in demo.told
