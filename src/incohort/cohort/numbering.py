"""A number for each patient of a cohort: the same in every figure and report, and no id."""

from __future__ import annotations

from hashlib import sha256

from incohort.cohort.opened import Cohort


def patient_numbers(cohort: Cohort) -> dict[str, int]:
    """From 1 on by `patient_id`, in an order that is not that of the ids or of the rows.

    It rests on all patients of the cohort, so that nobody's changes with who is described. Whoever
    has the ids can work it out: it is for those who may see single patients.
    """
    patients = cohort.tables["patients"].select("patient_id").execute()
    ids = sorted(
        set(patients["patient_id"]),
        key=lambda patient_id: sha256(str(patient_id).encode()).digest(),
    )
    return {patient_id: number for number, patient_id in enumerate(ids, start=1)}
