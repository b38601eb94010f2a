"""The patients of the mixed synthetic cohort: who they are, before anything is measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from incohort.synthetic.folder import Record
from incohort.synthetic.mixed_truth import NO_COUNT, NO_OTHER_CELLS, PROFILES, Profile

CENTRES = ("north", "east", "south")
_FIRST_VISIT = date(2016, 1, 4)
_VISIT_DAYS = 2500  # index dates end in November 2022
_ANCESTRIES = ("european", "middle_eastern", "asian", "american", "mixed", "unknown")
_ANCESTRY_SHARES = (0.78, 0.08, 0.06, 0.03, 0.03, 0.02)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One made patient; `severity`, `course` and `cytopenia` are the truth, not a finding."""

    patient_id: str
    aetiology: str
    sex: str
    age_years: float
    index_date: date
    centre: str
    ancestry: str
    duffy_null: str
    severity: str  # mild, moderate, severe
    course: str  # acute, chronic, unknown
    cytopenia: str  # isolated, with_anaemia, with_thrombocytopenia, pancytopenia
    has_count: bool
    has_other_cells: bool
    is_tested: bool
    has_antibody: bool
    condition: str
    is_late_onset: bool  # weeks after rituximab
    has_died: bool

    @property
    def is_child(self) -> bool:
        """Whether the patient is younger than 18."""
        return self.age_years < 18

    def day(self, days: int) -> date:
        """The date so many days after the index date."""
        return self.index_date + timedelta(days=days)


# What lies behind an aetiology, where it is more than one thing; drawn with equal shares.
_CONDITIONS: dict[str, tuple[str, ...]] = {
    "thyroid_disease": ("thyroid_disease",),
    "chronic_immunologic": ("chronic_immunologic_neutropenia",),
    "t_lgl": ("t_lgl_leukaemia",),
    "autoimmune_disorder": (
        "systemic_lupus", "systemic_lupus", "rheumatoid_arthritis", "felty", "sjogren",
        "systemic_sclerosis", "primary_biliary_cholangitis", "inflammatory_bowel_disease",
    ),
    "drug_induced": ("drug_induced_neutropenia",),
    "haematologic_malignancy": ("cll", "lymphoma", "waldenstrom", "hodgkin", "nk_lgl_leukaemia"),
    "immunodeficiency": ("cvid", "alps"),
    "post_transplant": ("post_hsct",),
}  # fmt: skip
_LATE_ONSET = {"drug_induced": 0.2, "haematologic_malignancy": 0.3}
_DEATH = 0.6  # of those drug-induced or malignant whose course nobody could follow


def draw_people(rng: np.random.Generator) -> list[Person]:
    """All patients in the order of their first visit."""
    aetiologies = [name for name, profile in PROFILES.items() for _ in range(profile.n)]
    order = rng.permutation(len(aetiologies))
    days = np.sort(rng.integers(0, _VISIT_DAYS, size=len(aetiologies)))
    return [
        _person(number, aetiologies[int(chosen)], int(day), rng)
        for number, (chosen, day) in enumerate(zip(order, days, strict=True), start=1)
    ]


def _pick(rng: np.random.Generator, values: Sequence[str], shares: Sequence[float]) -> str:
    """One of the values; what the shares leave open falls to the last."""
    draw = float(rng.random())
    for value, share in zip(values, shares, strict=False):
        draw -= share
        if draw < 0:
            return value
    return values[-1]


def _person(number: int, aetiology: str, days: int, rng: np.random.Generator) -> Person:
    profile = PROFILES[aetiology]
    conditions = _CONDITIONS.get(aetiology, ("",))
    course = _pick(rng, ("acute", "chronic", "unknown"), profile.course)
    may_die = aetiology in _LATE_ONSET and course == "unknown"
    ancestry = _pick(rng, _ANCESTRIES, _ANCESTRY_SHARES)
    duffy_null = "false" if rng.random() < 0.35 else ""
    if aetiology == "ethnic_benign":
        ancestry, duffy_null = _pick(rng, ("african", "middle_eastern"), (0.7, 0.3)), "true"
    return Person(
        patient_id=f"M{number:03d}",
        aetiology=aetiology,
        sex=_pick(rng, ("female", "male"), (profile.female, 1 - profile.female)),
        age_years=_age(profile, rng),
        index_date=_FIRST_VISIT + timedelta(days=days),
        centre=_pick(rng, CENTRES, (0.45, 0.3, 0.25)),
        ancestry=ancestry,
        duffy_null=duffy_null,
        severity=_pick(rng, ("mild", "moderate", "severe"), profile.severity),
        course=course,
        cytopenia=_pick(
            rng,
            ("with_anaemia", "with_thrombocytopenia", "pancytopenia", "isolated"),
            profile.cytopenia,
        ),
        has_count=bool(rng.random() >= NO_COUNT),
        has_other_cells=bool(rng.random() >= NO_OTHER_CELLS),
        is_tested=bool(rng.random() < profile.tested),
        has_antibody=bool(rng.random() < profile.positive),
        condition=conditions[int(rng.integers(len(conditions)))],
        is_late_onset=bool(rng.random() < _LATE_ONSET.get(aetiology, 0.0)),
        has_died=bool(may_die and rng.random() < _DEATH),
    )


def _age(profile: Profile, rng: np.random.Generator) -> float:
    if rng.random() < profile.child:
        low, high = profile.child_age
        return float(np.round(rng.uniform(low, high), 1))
    return float(rng.integers(profile.age[0], profile.age[1]))


def patient_records(people: Sequence[Person], rng: np.random.Generator) -> list[Record]:
    """The table of patients: some ages as a date of birth, some missing, some sexes unknown."""
    records: list[Record] = []
    for person in people:
        draw = float(rng.random())
        as_birth_date = person.is_child and draw < 0.5
        is_missing = not person.is_child and draw < 0.03
        born = person.index_date - timedelta(days=round(person.age_years * 365.25))
        age = f"{person.age_years:.1f}" if person.is_child else f"{person.age_years:.0f}"
        records.append(
            {
                "patient_id": person.patient_id,
                "sex": "unknown" if rng.random() < 0.01 else person.sex,
                "birth_date": born.isoformat() if as_birth_date else "",
                "age_years": "" if as_birth_date or is_missing else age,
                "index_date": person.index_date.isoformat(),
                "centre": person.centre,
                "ancestry": person.ancestry,
                "duffy_null": person.duffy_null,
                "aetiology": person.aetiology,
            }
        )
    return records
