"""What all tests share: where the checkout is, and when a missing thing is a failure."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


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
