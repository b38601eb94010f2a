"""A wholly synthetic cohort of immune neutropenia: all seven tables, many causes, a known truth.

Run as `python -m incohort.synthetic.mixed OUT`; the same seed gives the same bytes. Nothing of the
thyroid was measured in it and nobody with thyroid disease was tested for antibodies, so that a
notebook about them has to say what it can't estimate.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from incohort.synthetic.folder import MadeCohort, MadeTable, folder_argument, write_folder
from incohort.synthetic.mixed_drugs import medication_records
from incohort.synthetic.mixed_labs import lab_records
from incohort.synthetic.mixed_people import draw_people, patient_records
from incohort.synthetic.mixed_tables import (
    antibody_records,
    clonality_records,
    diagnosis_records,
    event_records,
)
from incohort.synthetic.mixed_truth import N

SEED = 2023

_COLUMNS = {
    "patients": (
        "patient_id", "sex", "birth_date", "age_years", "index_date", "centre", "ancestry",
        "duffy_null", "aetiology",
    ),
    "labs": ("patient_id", "analyte", "taken_at", "value", "unit", "comparator"),
    "medications": (
        "patient_id", "atc", "drug", "role", "started_on", "stopped_on", "dose", "dose_unit",
        "indication",
    ),
    "antibody_tests": (
        "patient_id", "sample_id", "taken_on", "assay", "direct", "result", "titre", "reading",
        "specificity",
    ),
    "diagnoses": (
        "patient_id", "condition", "subtype", "diagnosed_on", "code", "code_system",
    ),
    "events": ("patient_id", "event", "occurred_on", "grade", "detail"),
    "clonality": (
        "patient_id", "taken_on", "lgl_count", "cd3_cd8_cd57_percent", "cd3neg_cd16_cd56_percent",
        "tcr_method", "tcr_result",
    ),
}  # fmt: skip

_NOTICES = (
    (
        "Nobody here exists. Every patient, date, value and result was drawn by a seeded program, "
        "to show each way through the notebooks and to test whether they find a known truth "
        "again. No number in this report says anything about patients."
    ),
    (
        "Nothing of the thyroid was measured, and nobody with thyroid disease was tested for "
        "antineutrophil antibodies: a report on them has to say what it can't estimate."
    ),
)


def write(out: Path, seed: int = SEED) -> None:
    """Write the patients as a cohort folder: CSV files and `datapackage.json`."""
    rng = np.random.default_rng(seed)
    people = draw_people(rng)
    tables = {
        "patients": patient_records(people, rng),
        "labs": lab_records(people, rng),
        "medications": medication_records(people, rng),
        "antibody_tests": antibody_records(people, rng),
        "diagnoses": diagnosis_records(people, rng),
        "events": event_records(people, rng),
        "clonality": clonality_records(people, rng),
    }
    cohort = MadeCohort(
        name="mixed_synthetic",
        title=f"Mixed synthetic cohort: {N} made-up patients with immune neutropenia",
        description="Children and adults with twelve causes of neutropenia. Nobody here exists.",
        sources=(),
        tables=tuple(MadeTable(name, _COLUMNS[name], records) for name, records in tables.items()),
        incohort=_card(sorted({row["analyte"] for row in tables["labs"]})),
    )
    write_folder(cohort, out)


def _card(analytes: list[str]) -> dict[str, Any]:
    columns = [f"{table}.{column}" for table, names in _COLUMNS.items() for column in names]
    return {
        "privacy": "public",
        "study": None,
        "origin": "synthetic",
        "notices": list(_NOTICES),
        "synthetic_columns": [*columns, *(f"labs.{analyte}" for analyte in analytes)],
        "held": [],
    }


if __name__ == "__main__":
    write(folder_argument("incohort.synthetic.mixed", sys.argv[1:]))
