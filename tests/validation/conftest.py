"""What the comparisons with R share: the recorded values, and what it means to agree."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
WORDS = {"Inf": math.inf, "-Inf": -math.inf, "NA": None}
CLOSED_FORM = 1e-9


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return WORDS.get(value, value) if isinstance(value, str) else value


def _is_close(found: float, value: float, tolerance: float) -> bool:
    """Relatively, so that small P values count; absolutely only about zero."""
    return found == value or math.isclose(found, value, rel_tol=tolerance, abs_tol=tolerance / 1000)


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], dict[str, Any]]:
    """`recorded(topic)`: what `<topic>.R` wrote, by section, each a list of cases."""

    def read(topic: str) -> dict[str, Any]:
        return _plain(json.loads((HERE / f"{topic}.json").read_text(encoding="utf-8")))

    return read


@pytest.fixture(scope="session")
def agree() -> Callable[..., None]:
    """`agree(case, result, expected, tolerance)`: each field of `expected` equals the result's.

    1e-9 for closed forms (the default), 1e-6 for iterative fits.
    """

    def check(
        case: Any, result: Any, expected: dict[str, Any], tolerance: float = CLOSED_FORM
    ) -> None:
        for field, value in expected.items():
            assert hasattr(result, field), f"{case}: {result} has no {field}"
            found = getattr(result, field)
            if isinstance(value, (int, float)) and isinstance(found, (int, float)):
                same = _is_close(found, value, tolerance)
            else:
                same = found == value
            assert same, f"{case}: {field} is {found!r}, R has {value!r}"

    return check
