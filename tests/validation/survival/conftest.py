"""What the survival tests share: the data sets, R's values, and the rows of each case."""

from __future__ import annotations

import csv
import functools
import json
from pathlib import Path

import numpy as np
import pytest

HERE = Path(__file__).parent

# The case of survival.R: its data set, and the column and value that choose its rows.
KAPLAN_MEIER_CASES = {
    "lung": ("lung", None, None),
    "lung_women": ("lung", "sex", 2),
    "gehan_6mp": ("gehan", "control", 0),
    "ovarian": ("ovarian", None, None),
    "veteran": ("veteran", None, None),
    "mgus2_men": ("mgus2", "male", 1),
    "heart_waiting": ("heart", "transplant", 0),
    "heart_transplanted": ("heart", "transplant", 1),
    "float_ties": ("float_ties", None, None),
    "flat": ("flat", None, None),
    "even": ("even", None, None),
    "late": ("late", None, None),
    "gap": ("gap", None, None),
    "quiet": ("quiet", None, None),
    "rises": ("rises", None, None),
    "gbsg_no_hormone": ("gbsg", "hormon", 0),
}

# The model of survival.R: data set, covariates, stratum, cluster.
COX_CASES = {
    "lung": ("lung", ("age", "sex", "ecog", "wt_loss"), None, None),
    "lung_by_sex": ("lung", ("age", "ecog"), "sex", None),
    "lung_cluster_inst": ("lung", ("age", "sex", "ecog"), None, "inst"),
    "gehan": ("gehan", ("control",), None, None),
    "veteran": ("veteran", ("trt", "karno", "diagtime", "age", "prior"), None, None),
    "ovarian": ("ovarian", ("age", "rx", "ecog"), None, None),
    "mgus2_pcm": ("mgus2", ("age", "male", "mspike"), None, None),
    "mgus2_death": ("mgus2", ("age", "male", "mspike"), None, None),
    "heart": ("heart", ("age", "year", "surgery", "transplant"), None, None),
    "heart_by_surgery_cluster_id": ("heart", ("age", "year", "transplant"), "surgery", "id"),
    "float_ties": ("float_ties", ("x",), None, None),
}


@functools.cache
def read_set(name: str) -> dict[str, np.ndarray]:
    with (HERE / "data" / f"{name}.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {key: np.array([float(row[key] or "nan") for row in rows]) for key in rows[0]}


def chosen(columns: dict[str, np.ndarray], keep: np.ndarray) -> dict[str, np.ndarray]:
    return {key: values[keep] for key, values in columns.items()}


@pytest.fixture(scope="session")
def data_set():
    """`data_set(name)`: the columns of data/<name>.csv."""
    return read_set


@pytest.fixture(scope="session")
def r_values():
    """`r_values(topic)`: what survival.R wrote to <topic>.json."""

    @functools.cache
    def read(topic: str):
        return json.loads((HERE / f"{topic}.json").read_text(encoding="utf-8"))

    return read


@pytest.fixture(scope="session")
def rows_of():
    """`rows_of(case)`: time, event and time_enter (or None) of a Kaplan–Meier case."""

    def rows(case: str):
        name, column, value = KAPLAN_MEIER_CASES[case]
        columns = read_set(name)
        if column:
            columns = chosen(columns, columns[column] == value)
        return columns["time"], columns["event"], columns.get("enter")

    return rows


@pytest.fixture(scope="session")
def model_of():
    """`model_of(case)`: the arguments of `cox` for a Cox case, by name."""

    def arguments(case: str):
        name, covariates, stratum, cluster = COX_CASES[case]
        columns = read_set(name)
        if name == "lung":
            complete = ~np.isnan(np.column_stack(list(columns.values()))).any(axis=1)
            columns = chosen(columns, complete)
        if name == "mgus2":
            columns = chosen(columns, ~np.isnan(columns["mspike"]))
            cause = 1 if case == "mgus2_pcm" else 2
            columns |= {"time": columns["etime"], "event": columns["ev"] == cause}
        return {
            "time": columns["time"],
            "event": columns["event"],
            "covariates": np.column_stack([columns[name] for name in covariates]),
            "time_enter": columns.get("enter"),
            "stratum": columns[stratum] if stratum else None,
            "cluster": columns[cluster] if cluster else None,
        }

    return arguments
