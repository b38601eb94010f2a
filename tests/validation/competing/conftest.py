"""What the tests of competing risks share: the data sets of competing.R."""

from __future__ import annotations

import csv
import functools
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent


@functools.cache
def read_set(name: str) -> dict[str, np.ndarray]:
    with (HERE / "data" / f"{name}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {key: np.array([float(row[key]) for row in rows]) for key in rows[0]}


@pytest.fixture(scope="session")
def data_set():
    """`data_set(name)`: the columns of data/<name>.csv."""
    return read_set
