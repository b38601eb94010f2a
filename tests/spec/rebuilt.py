"""Cohorts that ship, read as plain rows, and what holds of each that was rebuilt from counts."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path

import frictionless

from incohort.dictionary import bundled
from incohort.sources import examine, locate

COHORTS = bundled("data_dictionary") / "cohorts"


def rows(name: str, table: str, place: Path = COHORTS) -> list[dict[str, str]]:
    """A table's rows as they are written; none where there is no table."""
    path = place / name / f"{table}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def who(name: str, table: str, place: Path = COHORTS, **values: str) -> set[str]:
    """The patients who have a row of a table with these values."""
    return {
        row["patient_id"]
        for row in rows(name, table, place)
        if all(row[column] == value for column, value in values.items())
    }


def card(name: str) -> dict:
    """What a cohort says of itself."""
    descriptor = json.loads((COHORTS / name / "datapackage.json").read_text(encoding="utf-8"))
    return descriptor["incohort"]


def fisher(a: int, n1: int, c: int, n2: int) -> float:
    """All tables with these margins that are no likelier than this one, by the formula."""
    ways = {
        i: math.comb(n1, i) * math.comb(n2, a + c - i)
        for i in range(max(0, a + c - n2), min(n1, a + c) + 1)
    }
    return sum(way for way in ways.values() if way <= ways[a]) / math.comb(n1 + n2, a + c)


def holds(name: str, columns: set[str], write: Callable[[Path], None], out: Path) -> None:
    """What holds of every rebuilt cohort.

    The folder is what its program writes today; frictionless and the door accept it, and nothing in
    it is worth a look; it is public, of a study, under a licence, and says what is invented; its
    tables have these columns and no other; what it says comes out is in the study's register.
    """
    write(out / name)
    written = {path.name: path.read_bytes() for path in (out / name).iterdir()}
    assert written == {path.name: path.read_bytes() for path in (COHORTS / name).iterdir()}
    report = frictionless.validate(str(COHORTS / name / "datapackage.json"))
    assert report.valid, report.flatten(["type", "message"])
    found = examine(locate(name))
    assert (found.faults, found.concerns) == ((), ())
    about = card(name)
    assert about["privacy"] == "public"
    assert any("These are not" in notice for notice in about["notices"])
    assert any(notice.startswith("Published: ") for notice in about["notices"])
    assert about["study"]
    tables = [path.stem for path in (COHORTS / name).glob("*.csv")]
    found = {f"{table}.{column}" for table in tables for column in rows(name, table)[0]}
    assert {column for column in found if not column.endswith(".patient_id")} == columns
    analytes = {f"labs.{row['analyte']}" for row in rows(name, "labs")}
    assert set(about["synthetic_columns"]) <= columns | analytes
