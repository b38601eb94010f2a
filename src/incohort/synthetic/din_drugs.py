"""The drugs of the synthetic drug-induced cohort: suspects, others taken besides, G-CSF."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from incohort.dictionary import Drug, load

# How often a class is suspected. Printed: antibiotics 25, antithyroid drugs 23, antiplatelet drugs
# 16 % (Andrès, Eur J Intern Med 2002); which drugs, and the rest, are made up.
_SUSPECTED: Mapping[tuple[str, ...], float] = MappingProxyType(
    {
        ("co-trimoxazole", "ceftriaxone", "vancomycin", "flucloxacillin", "cefepime"): 0.25,
        ("thiamazole", "carbimazole", "propylthiouracil"): 0.23,
        ("ticlopidine", "clopidogrel"): 0.16,
        (
            "metamizole",
            "clozapine",
            "sulfasalazine",
            "carbamazepine",
            "deferiprone",
            "dapsone",
        ): 0.36,
    }
)
_SECOND_SUSPECT = 0.15
_BESIDES = ("levothyroxine", "methotrexate", "allopurinol", "azathioprine")
_TAKEN_BESIDES = 0.4
RITUXIMAB = "rituximab"
_GCSF = "filgrastim"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A course of a drug, in days from the withdrawal of the last suspect; `stop` None: running."""

    drug: str
    atc: str
    role: str
    start: int
    stop: int | None
    drug_class: str
    dose: str = ""
    dose_unit: str = ""


def known_drug(name: str) -> Drug:
    """The dictionary's entry of a drug that it lists.

    Raises:
        LookupError: It doesn't.
    """
    drug = load().drug(name)
    if drug is None:
        raise LookupError(name)
    return drug


def course(name: str, role: str, start: int, stop: int | None) -> Given:
    """A course of a drug of the dictionary under its present code."""
    drug = known_drug(name)
    return Given(
        drug=drug.name,
        atc=drug.atc,
        role=role,
        start=start,
        stop=stop,
        drug_class=drug.drug_class,
    )


def suspects(rng: np.random.Generator) -> tuple[Given, ...]:
    """The suspect withdrawn on day 0, and in some a second one withdrawn by then."""
    groups = list(_SUSPECTED)
    shares = np.cumsum(list(_SUSPECTED.values()))
    group = groups[min(int(np.searchsorted(shares, rng.random())), len(groups) - 1)]
    name = group[int(rng.integers(len(group)))]
    first = course(name, "suspect", -int(rng.integers(10, 75)), 0)
    others = [drug for other in groups if other != group for drug in other]
    second = others[int(rng.integers(len(others)))]
    stop = -int(rng.integers(0, 5))
    start = stop - int(rng.integers(5, 40))
    if rng.random() >= _SECOND_SUSPECT:
        return (first,)
    return (first, course(second, "suspect", start, stop))


def concomitant(rng: np.random.Generator) -> tuple[Given, ...]:
    """A drug taken for long that nobody suspects and nobody stops, in some."""
    name = _BESIDES[int(rng.integers(len(_BESIDES)))]
    start = -int(rng.integers(90, 900))
    is_taken = rng.random() < _TAKEN_BESIDES
    return (course(name, "concomitant", start, None),) if is_taken else ()


def filgrastim(start: int, stop: int | None) -> Given:
    """A course of G-CSF."""
    drug = known_drug(_GCSF)
    return Given(
        drug=drug.name,
        atc=drug.atc,
        role="treatment",
        start=start,
        stop=stop,
        drug_class=drug.drug_class,
        dose="5",
        dose_unit="ug/kg/d",
    )


def rituximab(infusion: int, *, is_former_code: bool) -> Given:
    """One infusion, under the code of today or of before."""
    drug = known_drug(RITUXIMAB)
    return Given(
        drug=drug.name,
        atc=drug.former_atc[0] if is_former_code else drug.atc,
        role="suspect",
        start=infusion,
        stop=infusion,
        drug_class=drug.drug_class,
        dose="375",
        dose_unit="mg/m2",
    )
