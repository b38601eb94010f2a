"""A wholly synthetic cohort of drug-induced neutropenia: dated counts, G-CSF, a known truth.

Run as `python -m incohort.synthetic.din OUT`; the same seed gives the same bytes. The truth is
`din_truth.DinTruth`, which says how the patients are drawn; `din_draw.draw` gives the same as
arrays, for repeated simulation.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from incohort.synthetic.din_cases import Case, cases_of
from incohort.synthetic.din_draw import draw
from incohort.synthetic.din_extras import LATE_ONSETS, RELAPSES, late_onsets, with_relapses
from incohort.synthetic.din_tables import (
    COLUMNS,
    diagnosis_records,
    event_records,
    lab_records,
    medication_records,
    patient_records,
)
from incohort.synthetic.din_truth import DinTruth
from incohort.synthetic.folder import MadeCohort, MadeTable, folder_argument, write_folder

SEED = 2024
N = 300

_NOTICES = (
    (
        "Nobody here exists. Every patient, date, value and event was drawn by a seeded program "
        "with a known truth, to test whether an analysis finds it again. No number in this report "
        "says anything about patients, nor about G-CSF."
    ),
    (
        "G-CSF multiplies the daily hazard of recovery by 1.5, by premise. It is given to the "
        "sicker, never on the day of withdrawal, and only to those who have not recovered yet: "
        "comparing whoever was ever given it with the others is misleading by construction."
    ),
    (
        "Times to recovery, fatality and how they depend on the nadir were set near published "
        "series: without G-CSF 9 to 11 days on average, 6 to 8 from the first dose with it, "
        "about 7 % dead, most of them within two days. They are chosen, not estimated."
    ),
    (
        f"In {RELAPSES} patients the suspect is taken again and the neutropenia returns; "
        f"{LATE_ONSETS} others fall months after rituximab. The truth doesn't cover these two."
    ),
    (
        "Ages, CRP and diagnoses are missing in some. A patient without any diagnosis is one whose "
        "diagnoses were not recorded."
    ),
)


def write(out: Path, seed: int = SEED) -> None:
    """Write the patients as a cohort folder: CSV files and `datapackage.json`."""
    rng = np.random.default_rng(seed)
    cases = made_cases(DinTruth(), N, rng)
    tables = {
        "patients": patient_records(cases),
        "labs": lab_records(cases, rng),
        "medications": medication_records(cases),
        "diagnoses": diagnosis_records(cases),
        "events": event_records(cases),
    }
    cohort = MadeCohort(
        name="din_synthetic",
        title=f"Synthetic drug-induced neutropenia: {N} made-up patients with dated counts",
        description=(
            "Neutrophil counts from withdrawal of the drug to recovery, death or the end of "
            "follow-up, with G-CSF given to the sicker. Nobody here exists."
        ),
        sources=(),
        tables=tuple(MadeTable(name, COLUMNS[name], records) for name, records in tables.items()),
        incohort=_card(sorted({row["analyte"] for row in tables["labs"]})),
    )
    write_folder(cohort, out)


def made_cases(truth: DinTruth, n: int, rng: np.random.Generator) -> list[Case]:
    """All patients by the date of their first low count, numbered in that order."""
    common = cases_of(draw(truth, n - LATE_ONSETS, rng), rng)
    cases = [*with_relapses(common, rng), *late_onsets(truth.accrual_days, rng)]
    cases.sort(key=lambda case: case.day(case.first_low))
    return [replace(case, patient_id=f"D{i:03d}") for i, case in enumerate(cases, start=1)]


def _card(analytes: list[str]) -> dict[str, Any]:
    columns = [f"{table}.{column}" for table, names in COLUMNS.items() for column in names]
    return {
        "privacy": "public",
        "study": None,
        "origin": "synthetic",
        "notices": list(_NOTICES),
        "synthetic_columns": [*columns, *(f"labs.{analyte}" for analyte in analytes)],
        "held": [],
        "made_for": ["cohort_overview", "anc_recovery", "gcsf_evidence"],
    }


if __name__ == "__main__":
    write(folder_argument("incohort.synthetic.din", sys.argv[1:]))
