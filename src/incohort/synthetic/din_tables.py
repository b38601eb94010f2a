"""The rows of the synthetic drug-induced cohort: its cases as printed tables."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from incohort.synthetic.din_cases import Case
from incohort.synthetic.din_counts import printed
from incohort.synthetic.folder import Record

COLUMNS = {
    "patients": ("patient_id", "sex", "age_years", "index_date", "centre", "aetiology"),
    "labs": ("patient_id", "analyte", "taken_at", "value", "unit", "comparator"),
    "medications": (
        "patient_id", "atc", "drug", "role", "started_on", "stopped_on", "dose", "dose_unit",
    ),
    "diagnoses": (
        "patient_id", "condition", "subtype", "diagnosed_on", "code", "code_system",
    ),
    "events": ("patient_id", "event", "occurred_on", "grade", "detail"),
}  # fmt: skip

_DRUG_INDUCED, _SNOMED = "drug_induced_neutropenia", "47318007"


def patient_records(cases: Sequence[Case]) -> list[Record]:
    """Who they are; the index date is that of the first low count."""
    return [
        {
            "patient_id": case.patient_id,
            "sex": case.sex,
            "age_years": "" if case.age_years is None else str(case.age_years),
            "index_date": case.day(case.first_low).isoformat(),
            "centre": case.centre,
            "aetiology": "drug_induced",
        }
        for case in cases
    ]


def lab_records(cases: Sequence[Case], rng: np.random.Generator) -> list[Record]:
    """Neutrophil counts; on the index day haemoglobin and platelets, and CRP where it was taken."""
    records: list[Record] = []
    for case in cases:
        for day, value in case.counts:
            records.append(_lab(case, "ANC", day, printed(value, case.centre)))
        others = {
            "HB": ({"value": f"{rng.normal(12.5, 1.4):.1f}", "unit": "g/dL"}, case.first_low),
            "PLT": ({"value": f"{rng.normal(240, 55):.0f}", "unit": "10*9/L"}, case.first_low),
        }
        if case.crp is not None:
            others["CRP"] = ({"value": f"{case.crp:.1f}", "unit": "mg/L"}, 0)
        records += [_lab(case, name, day, value) for name, (value, day) in others.items()]
    return records


def _lab(case: Case, analyte: str, day: int, value: Record) -> Record:
    return {
        "patient_id": case.patient_id,
        "analyte": analyte,
        "taken_at": case.day(day).isoformat(),
        **value,
    }


def medication_records(cases: Sequence[Case]) -> list[Record]:
    """Every course, patient by patient."""
    return [
        {
            "patient_id": case.patient_id,
            "atc": course.atc,
            "drug": course.drug,
            "role": course.role,
            "started_on": case.day(course.start).isoformat(),
            "stopped_on": "" if course.stop is None else case.day(course.stop).isoformat(),
            "dose": course.dose,
            "dose_unit": course.dose_unit,
        }
        for case in cases
        for course in case.given
    ]


def diagnosis_records(cases: Sequence[Case]) -> list[Record]:
    """The neutropenia on the index day, what else there is a year before; none where none known."""
    return [
        {
            "patient_id": case.patient_id,
            "condition": condition,
            "subtype": "graves" if condition == "thyroid_disease" else "",
            "diagnosed_on": case.day(
                case.first_low if condition == _DRUG_INDUCED else case.first_low - 365
            ).isoformat(),
            "code": _SNOMED if condition == _DRUG_INDUCED else "",
            "code_system": "snomed" if condition == _DRUG_INDUCED else "",
        }
        for case in cases
        for condition in case.conditions or ()
    ]


def event_records(cases: Sequence[Case]) -> list[Record]:
    """Admissions, infections by grade, relapses, deaths."""
    return [
        {
            "patient_id": case.patient_id,
            "event": event.event,
            "occurred_on": case.day(event.day).isoformat(),
            "grade": str(event.grade) if event.grade else "",
            "detail": event.detail,
        }
        for case in cases
        for event in case.events
    ]
