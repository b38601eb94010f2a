"""Worked patients as cohort folders, and answers as the tables of `tables/` write them."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from incohort.dictionary import load

NOTHING = "-"
INDEX_DATE = "2020-01-01"
_READERS: dict[str, Callable[[str], object]] = {
    "float": float, "float | None": float, "int": int, "int | None": int,
    "date | None": date.fromisoformat,
}  # fmt: skip


def chosen(case: Any, choices: type[Any]) -> Any:
    """The choices of a case, read by the types of their fields."""
    types = {entry.name: str(entry.type) for entry in fields(choices)}
    return choices(
        **{
            name: None
            if value == "none" and types[name].endswith("None")  # elsewhere it is a word
            else _READERS.get(types[name], str)(value)
            for name, value in case.choices.items()
        }
    )


def told(found: object) -> str:
    """A cell of a frame as the tables write it."""
    if found is None or pd.isna(found):
        return NOTHING
    if isinstance(found, bool):
        return str(found).lower()
    if isinstance(found, float) and math.isfinite(found):
        return f"{found:g}"
    return str(found)


def written(
    folder: Path, tables: dict[str, list[dict[str, str]]], collected: list[str] | None = None
) -> Path:
    """The tables as a cohort folder; whom no table describes is a woman seen on INDEX_DATE.

    `collected` is what the cohort says it collected; None: it says nothing.
    """
    tables = {name: rows for name, rows in tables.items() if name != "expected"}
    if "patients" not in tables:
        patients = sorted({row["patient"] for rows in tables.values() for row in rows})
        tables["patients"] = [
            {"patient": name, "sex": "female", "index_date": INDEX_DATE} for name in patients
        ]
    folder.mkdir()
    for name, rows in tables.items():
        full = [
            ({"unit": load().analyte(row["analyte"]).unit} if name == "labs" else {}) | row
            for row in rows
        ]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["patient_id" if head == "patient" else head for head in full[0]])
            writer.writerows(row.values() for row in full)
    if collected is not None:
        about = {"incohort": {"privacy": "public", "collected": collected}}
        (folder / "datapackage.json").write_text(json.dumps(about), encoding="utf-8")
    return folder
