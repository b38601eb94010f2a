"""Whose tests a notebook counts: the patient's own."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from incohort.dictionary import load
from incohort.reports.notebooks import bundled_notebooks
from incohort.sources import locate

ASSAYS = next(c for c in load().table("antibody_tests").columns if c.name == "assay").categories


@pytest.fixture(scope="module")
def with_mothers(tmp_path_factory) -> tuple[str, str]:
    """Kyritsi's patients twice, the second time with a positive test of each one's mother."""
    plain, more = (tmp_path_factory.mktemp(name) / "own" for name in ("plain", "more"))
    for folder in (plain, more):
        shutil.copytree(locate("kyritsi2015"), folder)
    _add_mothers(more)
    return str(plain), str(more)


def _add_mothers(folder: Path) -> None:
    """In each assay, in every mother: on the patient's own sample where the patient has one."""
    with (folder / "patients.csv").open(encoding="utf-8") as file:
        people = [row["patient_id"] for row in csv.DictReader(file)]
    path = folder / "antibody_tests.csv"
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    samples = {row["patient_id"]: row["sample_id"] for row in rows}
    mothers = [
        {
            "patient_id": name, "subject": "mother", "sample_id": samples.get(name, f"M-{name}"),
            "assay": assay.value, "result": "positive", "titre": "1:64", "reading": "9.5",
            "specificity": "HNA-1a",
        }
        for name in people
        for assay in ASSAYS
    ]  # fmt: skip
    columns = dict.fromkeys(name for row in (*rows, mothers[0]) for name in row)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(columns), restval="")
        writer.writeheader()
        writer.writerows([*rows, *mothers])


@pytest.mark.parametrize("name", bundled_notebooks())
def test_a_mothers_test_changes_no_number(run_cells, with_mothers, name):
    """Every result, its value, interval and reason are the same with and without her."""
    own, beside = (
        {
            key: result
            for found in run_cells(name, cohort=place)
            for key, result in found.by_key.items()
        }
        for place in with_mothers
    )

    assert own
    assert beside == own


def test_tests_are_taken_from_the_table_in_one_place():
    """A second place would be one that could forget whose a test is."""
    source = Path(__file__).resolve().parents[2] / "src" / "incohort"
    taking = [
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if 'tables["antibody_tests"]' in path.read_text(encoding="utf-8")
        or "tables[_TESTS]" in path.read_text(encoding="utf-8")
    ]

    assert taking == ["cohort/antibodies.py"]
