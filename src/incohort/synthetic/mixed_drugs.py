"""The medications of the mixed synthetic cohort: suspected drugs, treatments, others besides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from incohort.synthetic.folder import Record
from incohort.synthetic.mixed_people import Person

# ATC code, name, dose and its unit, indication.
_Drug = tuple[str, str, str, str, str]
_SUSPECTS: tuple[_Drug, ...] = (
    ("H03BB02", "thiamazole", "20", "mg/d", "Graves disease"),
    ("H03BB01", "carbimazole", "30", "mg/d", "Graves disease"),
    ("N05AH02", "clozapine", "300", "mg/d", "schizophrenia"),
    ("N02BB02", "metamizole", "3000", "mg/d", "pain"),
    ("J01EE01", "co-trimoxazole", "1920", "mg/d", "urinary infection"),
    ("A07EC01", "sulfasalazine", "2000", "mg/d", "arthritis"),
    ("N03AF01", "carbamazepine", "600", "mg/d", "epilepsy"),
    ("B01AC05", "ticlopidine", "500", "mg/d", "stroke"),
    ("J01XA01", "vancomycin", "2000", "mg/d", "bone infection"),
    ("V03AC02", "deferiprone", "4500", "mg/d", "iron overload"),
)
_RITUXIMAB = "L01FA01"
_RITUXIMAB_FORMER = "L01XC02"  # the code until 2021, still in centre south's records
_ANTITHYROID = frozenset({"H03BB02", "H03BB01"})
_GIVEN_BESIDES: dict[str, _Drug] = {
    "thyroid_disease": ("H03AA01", "levothyroxine", "75", "ug/d", "hypothyroidism"),
    "rheumatoid_arthritis": ("L04AX03", "methotrexate", "15", "mg/wk", "rheumatoid arthritis"),
    "felty": ("L04AX03", "methotrexate", "15", "mg/wk", "rheumatoid arthritis"),
    "systemic_lupus": ("L04AX01", "azathioprine", "100", "mg/d", "lupus"),
}


def suspected_drug(person: Person) -> _Drug | None:
    """The drug behind an idiosyncratic drug-induced neutropenia; the number of the patient says."""
    if person.aetiology != "drug_induced" or person.is_late_onset:
        return None
    return _SUSPECTS[int(person.patient_id[1:]) % len(_SUSPECTS)]


def takes_antithyroid_drug(person: Person) -> bool:
    """Whether the suspected drug tells that there is Graves disease."""
    drug = suspected_drug(person)
    return drug is not None and drug[0] in _ANTITHYROID


def medication_records(people: Sequence[Person], rng: np.random.Generator) -> list[Record]:
    """Every course, patient by patient."""
    records: list[Record] = []
    for person in people:
        suspect = suspected_drug(person)
        if suspect:
            # On the drug, or at most seven days after it, as the drug-induced criteria want.
            stop = int(rng.integers(0, 3) if rng.random() < 0.8 else rng.integers(-6, 0))
            start = stop - int(rng.integers(12, 75))
            records.append(_course(person, suspect, "suspect", start, stop))
        if person.is_late_onset:
            records += _rituximab(person, rng)
        besides = _GIVEN_BESIDES.get(person.condition)
        if besides and rng.random() < 0.7:
            role = "concomitant"
            records.append(_course(person, besides, role, -int(rng.integers(90, 900)), None))
        records += _treatment(person, rng)
    return records


def _rituximab(person: Person, rng: np.random.Generator) -> list[Record]:
    """Four weekly infusions, the last 6 to 22 weeks before the neutropenia."""
    code = _RITUXIMAB_FORMER if person.centre == "south" else _RITUXIMAB
    drug = (code, "rituximab", "375", "mg/m2", "lymphoma")
    last = -int(rng.integers(42, 155))
    return [
        _course(person, drug, "suspect", last - 7 * weeks, last - 7 * weeks)
        for weeks in (3, 2, 1, 0)
    ]


def _treatment(person: Person, rng: np.random.Generator) -> list[Record]:
    """G-CSF in half of the severe, and what else is given for the cause."""
    draw = float(rng.random())
    if person.severity == "severe" and draw < 0.5:
        start = int(rng.integers(0, 4))
        stop = start + int(rng.integers(3, 9))
        filgrastim = ("L03AA02", "filgrastim", "5", "ug/kg/d", "neutropenia")
        return [] if person.has_died else [_course(person, filgrastim, "treatment", start, stop)]
    if person.aetiology == "t_lgl" and draw < 0.8:
        ciclosporin = ("L04AD01", "ciclosporin", "200", "mg/d", "T-LGL leukaemia")
        return [_course(person, ciclosporin, "treatment", int(rng.integers(10, 60)), None)]
    if person.aetiology == "immunodeficiency" and draw < 0.7:
        globulin = ("J06BA02", "intravenous immunoglobulin", "", "", "")
        return [_course(person, globulin, "treatment", int(rng.integers(-200, -5)), None)]
    return []


def _course(person: Person, drug: _Drug, role: str, start: int, stop: int | None) -> Record:
    atc, name, dose, dose_unit, indication = drug
    return {
        "patient_id": person.patient_id,
        "atc": atc,
        "drug": name,
        "role": role,
        "started_on": person.day(start).isoformat(),
        "stopped_on": "" if stop is None else person.day(stop).isoformat(),
        "dose": dose,
        "dose_unit": dose_unit,
        "indication": indication,
    }
