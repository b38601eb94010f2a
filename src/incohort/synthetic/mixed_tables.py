"""Antibody tests, diagnoses, events and clonality of the mixed synthetic cohort."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from incohort.synthetic.folder import Record
from incohort.synthetic.mixed_drugs import takes_antithyroid_drug
from incohort.synthetic.mixed_people import Person

_SPECIFICITIES = ("HNA-1a", "HNA-1a", "HNA-1b", "HNA-2", "HNA-3a", "HNA-1a;HNA-1b")
_TITRES = ("1:2", "1:4", "1:8", "1:16", "1:32")


def antibody_records(people: Sequence[Person], rng: np.random.Generator) -> list[Record]:
    """GIFT and GAT on each sample, MAIGA and direct GIFT on some; nobody with thyroid disease."""
    records: list[Record] = []
    for person in people:
        if not person.is_tested or takes_antithyroid_drug(person):
            continue
        is_found = person.has_antibody and rng.random() < 0.8
        records += _sample(person, 1, int(rng.integers(0, 15)), is_found, rng)
        if person.course == "chronic" and not is_found and rng.random() < 0.5:
            day = int(rng.integers(35, 90))  # a negative test is repeated
            records += _sample(person, 2, day, person.has_antibody, rng)
    return records


def _sample(
    person: Person, number: int, day: int, is_found: bool, rng: np.random.Generator
) -> list[Record]:
    """The assays on one sample; a few are indeterminate or could not be done."""

    def test(assay: str, result: str, **more: str) -> Record:
        return {
            "patient_id": person.patient_id,
            "sample_id": f"{person.patient_id}-S{number}",
            "taken_on": person.day(day).isoformat(),
            "assay": assay,
            "direct": "true" if assay == "direct_gift" else "false",
            "result": result,
        } | more

    draw = float(rng.random())
    gift = "positive" if is_found else "negative"
    gift = "not_done" if draw < 0.02 else "indeterminate" if draw < 0.06 else gift
    titre = _TITRES[int(rng.integers(len(_TITRES)))] if gift == "positive" else ""
    tests = [test("gift", gift, titre="<1:2" if gift == "negative" else titre)]
    gat = "positive" if rng.random() < (0.35 if is_found else 0.03) else "negative"
    tests.append(test("gat", gat))
    if rng.random() < 0.25:
        direct = "positive" if rng.random() < (0.9 if is_found else 0.15) else "negative"
        ratio = rng.uniform(2.1, 6.0) if direct == "positive" else rng.uniform(0.7, 1.8)
        tests.append(test("direct_gift", direct, reading=f"{ratio:.2f}"))
    if gift == "positive" and rng.random() < 0.6:
        specificity = _SPECIFICITIES[int(rng.integers(len(_SPECIFICITIES)))]
        tests.append(test("maiga", "positive", specificity=specificity))
    return tests


def diagnosis_records(people: Sequence[Person], rng: np.random.Generator) -> list[Record]:
    """What lies behind the neutropenia, and Graves disease where an antithyroid drug was given."""
    records: list[Record] = []
    for person in people:
        subtype = ""
        if person.condition == "thyroid_disease":
            subtype = "hashimoto" if rng.random() < 0.7 else "graves"
        days = 0 if person.condition == "drug_induced_neutropenia" else -int(rng.integers(0, 1500))
        if person.condition:
            records.append(_diagnosis(person, person.condition, subtype, days))
        if takes_antithyroid_drug(person):
            records.append(_diagnosis(person, "thyroid_disease", "graves", -90))
    return records


_SNOMED = {"hashimoto": "21983002", "graves": "353295004", "drug_induced_neutropenia": "47318007"}


def _diagnosis(person: Person, condition: str, subtype: str, days: int) -> Record:
    earliest = -int(person.age_years * 365)
    code = _SNOMED.get(subtype or condition, "")
    return {
        "patient_id": person.patient_id,
        "condition": condition,
        "subtype": subtype,
        "diagnosed_on": person.day(max(days, earliest)).isoformat(),
        "code": code,
        "code_system": "snomed" if code else "",
    }


_INFECTION = {"mild": 0.08, "moderate": 0.2, "severe": 0.45}
_SITES = ("pneumonia", "skin", "oral ulcers", "sepsis", "urinary tract", "otitis")


def event_records(people: Sequence[Person], rng: np.random.Generator) -> list[Record]:
    """Infections by severity, admissions, recoveries, relapses, deaths."""
    return [
        {
            "patient_id": person.patient_id,
            "event": name,
            "occurred_on": person.day(day).isoformat(),
            "grade": grade,
            "detail": detail,
        }
        for person in people
        for name, day, grade, detail in (*_infections(person, rng), *_milestones(person, rng))
    ]


_Event = tuple[str, int, str, str]  # what, days after the index date, grade, detail


def _infections(person: Person, rng: np.random.Generator) -> list[_Event]:
    """An infection at presentation, likelier with fewer neutrophils; admission if it is grave."""
    events: list[_Event] = []
    if rng.random() < _INFECTION[person.severity]:
        grade = int(rng.integers(2, 5))
        site = _SITES[int(rng.integers(len(_SITES)))]
        events.append(("infection", int(rng.integers(0, 4)), str(grade), site))
        if grade >= 3:
            events.append(("hospitalisation", 4, "", ""))
    if person.course == "chronic" and rng.random() < 0.5 * _INFECTION[person.severity]:
        events.append(("recurrent_infections", 0, "", ""))
    return events


def _milestones(person: Person, rng: np.random.Generator) -> list[_Event]:
    """What else happened: transplant, splenectomy, remission, relapse, death."""
    events: list[_Event] = []
    if person.aetiology == "post_transplant":
        events.append(("transplant", -int(rng.integers(40, 400)), "", ""))
    if person.condition == "felty" and rng.random() < 0.3:
        events.append(("splenectomy", 200, "", ""))
    if person.course == "acute" and rng.random() < 0.5:
        events.append(("remission", 90, "", ""))
        if rng.random() < 0.1:
            events.append(("relapse", 240, "", ""))
    if person.has_died:
        events.append(("death", int(rng.integers(16, 30)), "5", "sepsis"))
    return events


def clonality_records(people: Sequence[Person], rng: np.random.Generator) -> list[Record]:
    """Two samples more than six months apart in LGL disorders, one in some others."""
    records: list[Record] = []
    for person in people:
        is_t = person.aetiology == "t_lgl"
        is_nk = person.condition == "nk_lgl_leukaemia"
        is_asked = person.aetiology in {"chronic_immunologic", "autoimmune_disorder"}
        if is_t or is_nk:
            days = (0,) if person.has_died else (0, int(rng.integers(195, 260)))
            lgl = float(rng.uniform(0.6, 5.0))
        elif is_asked and rng.random() < 0.6:
            days, lgl = (0,), float(rng.uniform(0.05, 0.32))
        else:
            continue
        records += [_assessment(person, day, lgl, is_t, is_nk, rng) for day in days]
    return records


def _assessment(
    person: Person, day: int, lgl: float, is_t: bool, is_nk: bool, rng: np.random.Generator
) -> Record:
    draw = float(rng.random())
    elsewhere = "not_done" if draw < 0.08 else "oligoclonal" if draw < 0.16 else "polyclonal"
    t_share = rng.uniform(35, 80) if is_t else rng.uniform(2, 15)
    nk_share = rng.uniform(40, 75) if is_nk else rng.uniform(4, 18)
    return {
        "patient_id": person.patient_id,
        "taken_on": person.day(day).isoformat(),
        "lgl_count": f"{lgl * rng.uniform(0.9, 1.1):.2f}",
        "cd3_cd8_cd57_percent": f"{t_share:.0f}",
        "cd3neg_cd16_cd56_percent": f"{nk_share:.0f}",
        "tcr_method": "pcr" if rng.random() < 0.7 else "flow",
        "tcr_result": "clonal" if is_t else elsewhere,
    }
