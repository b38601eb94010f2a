"""The laboratory of the mixed synthetic cohort: counts over time, and one panel per patient.

The index count is the lowest, so a grade by the first count and one by the lowest agree. Nothing
of the thyroid is measured.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import time

import numpy as np

from incohort.synthetic.folder import Record
from incohort.synthetic.mixed_people import Person

_FIRST_COUNT = {"mild": (1.05, 1.45), "moderate": (0.52, 0.98), "severe": (0.04, 0.47)}  # 10*9/L
_HIGHEST_LOW = 1.45  # below every limit of neutropenia in use from the first birthday on
_HIGHEST_LOW_INFANT = 0.98  # below the limit of infants
_DETECTABLE = 0.1  # below it the laboratory prints < 0.1

# Centre south prints other units: (unit, what to multiply by, decimals).
_UNITS: dict[str, tuple[str, float, int]] = {
    "ANC": ("10*9/L", 1.0, 2), "WBC": ("10*9/L", 1.0, 2), "LYMPH": ("10*9/L", 1.0, 2),
    "MONO": ("10*9/L", 1.0, 2), "HB": ("g/dL", 1.0, 1), "PLT": ("10*9/L", 1.0, 0),
    "CRP": ("mg/L", 1.0, 0), "RF": ("[IU]/mL", 1.0, 0), "ANA_TITRE": ("{titer}", 1.0, 0),
    "C3": ("mg/dL", 1.0, 0), "C4": ("mg/dL", 1.0, 0), "IGG": ("mg/dL", 1.0, 0),
    "IGA": ("mg/dL", 1.0, 0), "IGM": ("mg/dL", 1.0, 0),
}  # fmt: skip
_UNITS_SOUTH: dict[str, tuple[str, float, int]] = {
    "ANC": ("/uL", 1000.0, 0), "WBC": ("10*3/uL", 1.0, 2), "HB": ("g/L", 10.0, 0),
    "CRP": ("mg/dL", 0.1, 1), "IGG": ("g/L", 0.01, 2),
}  # fmt: skip


def lab_records(people: Sequence[Person], rng: np.random.Generator) -> list[Record]:
    """Every laboratory row, patient by patient: the counts by day, then the panel."""
    records: list[Record] = []
    for person in people:
        counts = _counts(person, rng)
        first = counts[0][1]
        panel = _blood(person, first, rng) | _immunology(person, rng)
        if person.has_count:
            records += [_record(person, "ANC", day, anc, below=_DETECTABLE) for day, anc in counts]
        for analyte, value in panel.items():
            below = {"CRP": 3.0, "RF": 10.0, "ANA_TITRE": 40.0}.get(analyte, 0.0)
            records.append(_record(person, analyte, 0, value, below=below))
    return records


def _record(person: Person, analyte: str, day: int, value: float, *, below: float) -> Record:
    """One row; under the limit of detection the limit is printed with a comparator."""
    unit, factor, decimals = (
        _UNITS_SOUTH.get(analyte, _UNITS[analyte]) if person.centre == "south" else _UNITS[analyte]
    )
    hour = time(8 + day % 3, 15 * (day % 4))
    return {
        "patient_id": person.patient_id,
        "analyte": analyte,
        "taken_at": f"{person.day(day).isoformat()}T{hour.isoformat()}",
        "value": f"{max(value, below) * factor:.{decimals}f}",
        "unit": unit,
        "comparator": "<" if value < below else "",
    }


def _counts(person: Person, rng: np.random.Generator) -> list[tuple[int, float]]:
    """Neutrophils by day: low until they recover within three months, or low all along."""
    low, high = _FIRST_COUNT[person.severity]
    first = float(rng.uniform(low, high))
    low_days: Iterable[int] = ()
    normal_days: Iterable[int] = ()
    match person.course:
        case "acute":
            recovery = _days_to_recovery(person, rng)
            step = 3 if person.severity == "severe" else 8
            low_days = range(step, recovery, step)
            normal_days = (recovery, recovery + int(rng.integers(25, 60)))
        case "chronic":
            low_days = (
                int(rng.integers(30, 60)), int(rng.integers(98, 130)), int(rng.integers(190, 260))
            )  # fmt: skip
        case _:
            is_seen_again = rng.random() < 0.5 and not person.has_died
            low_days = (int(rng.integers(5, 40)),) if is_seen_again else ()
    highest = _HIGHEST_LOW_INFANT if person.age_years < 2 else _HIGHEST_LOW
    lasting = [(day, min(highest, first * rng.uniform(1.0, 1.6))) for day in low_days]
    normal = [(day, float(rng.uniform(2.1, 5.2))) for day in normal_days]
    return [(0, first), *lasting, *normal]


def _days_to_recovery(person: Person, rng: np.random.Generator) -> int:
    if person.aetiology == "drug_induced" and not person.is_late_onset:
        within_a_month = rng.random() < 0.85
        return int(rng.integers(5, 26) if within_a_month else rng.integers(33, 55))
    return int(rng.integers(14, 75))


def _blood(person: Person, anc: float, rng: np.random.Generator) -> dict[str, float]:
    """White cells that add up; haemoglobin and platelets clearly low or clearly not."""
    lymph = float(rng.uniform(2.5, 5.5) if person.is_child else rng.uniform(1.0, 2.6))
    if person.aetiology == "t_lgl":
        lymph += float(rng.uniform(1.0, 6.0))
    mono = float(rng.uniform(0.2, 0.7))
    blood = {"LYMPH": lymph, "MONO": mono, "WBC": anc + lymph + mono + float(rng.uniform(0.0, 0.3))}
    is_anaemic = person.cytopenia in {"with_anaemia", "pancytopenia"}
    is_thrombopenic = person.cytopenia in {"with_thrombocytopenia", "pancytopenia"}
    hb = rng.uniform(7.2, 9.8) if is_anaemic else _normal_hb(person, rng)
    plt = rng.uniform(12, 88) if is_thrombopenic else rng.uniform(165, 390)
    if person.has_other_cells:
        blood |= {"HB": float(hb), "PLT": float(plt)}
    return blood


def _normal_hb(person: Person, rng: np.random.Generator) -> float:
    """Haemoglobin above the limit of anaemia of men, so that no age or sex makes it anaemia."""
    return float(rng.uniform(13.4, 16.4) if person.sex == "male" else rng.uniform(13.1, 15.0))


def _immunology(person: Person, rng: np.random.Generator) -> dict[str, float]:
    """C-reactive protein in most; antibodies, complement, immunoglobulins where they are asked."""
    values: dict[str, float] = {}
    if rng.random() < 0.8:
        is_septic = person.severity == "severe" and person.aetiology == "drug_induced"
        values["CRP"] = float(rng.uniform(20, 240) if is_septic else rng.uniform(0.5, 18))
    if person.aetiology in {"autoimmune_disorder", "t_lgl", "chronic_immunologic"}:
        is_rheumatoid = person.condition in {"rheumatoid_arthritis", "felty"}
        values["RF"] = float(rng.uniform(60, 700) if is_rheumatoid else rng.uniform(2, 16))
        is_positive = person.aetiology == "autoimmune_disorder" or rng.random() < 0.2
        values["ANA_TITRE"] = 40.0 * 2.0 ** int(rng.integers(1, 6)) if is_positive else 20.0
        is_lupus = person.condition == "systemic_lupus"
        values["C3"] = float(rng.uniform(45, 95) if is_lupus else rng.uniform(85, 150))
        values["C4"] = float(rng.uniform(4, 16) if is_lupus else rng.uniform(14, 40))
    if person.aetiology in {"immunodeficiency", "haematologic_malignancy", "chronic_immunologic"}:
        is_low = person.condition in {"cvid", "cll"}
        values["IGG"] = float(rng.uniform(150, 480) if is_low else rng.uniform(750, 1550))
        values["IGA"] = float(rng.uniform(5, 50) if is_low else rng.uniform(90, 350))
        values["IGM"] = float(rng.uniform(5, 35) if is_low else rng.uniform(50, 220))
    return values
