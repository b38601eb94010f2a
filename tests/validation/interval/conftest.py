"""What the tests of interval-censored times share: the data sets of interval.R."""

from __future__ import annotations

import csv
import functools
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent


@functools.cache
def read_set(name: str) -> dict[str, np.ndarray]:
    source = "cosmesis" if name in {"chemo", "radio"} else name
    with (HERE / "data" / f"{source}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = {key: np.array([float(row[key]) for row in rows]) for key in rows[0]}
    if source != name:
        keep = columns["chemo"] == (name == "chemo")
        columns = {key: values[keep] for key, values in columns.items()}
    return columns


@pytest.fixture(scope="session")
def data_set():
    """`data_set(name)`: the columns of data/<name>.csv, or of an arm of the cosmesis study."""
    return read_set
