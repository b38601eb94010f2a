"""The cohort of Fragoulis 2018: 771 patients with early rheumatoid arthritis, in its margins.

Each column of the study's table has its counts; who has two characteristics, when an episode was
and how long anybody was followed is drawn, the sum of follow-up is not. Run as
`python -m incohort.synthetic.fragoulis2018 OUT`; the same seed gives the same bytes.
Source: RMD Open 2018;4:e000739, abstract and Table 2; tests/spec/test_rheumatic_cohorts.py counts
every figure again.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from incohort.synthetic.dealing import (
    Dealt,
    Fact,
    Part,
    Stratum,
    between,
    deal,
    deal_among,
    dealt_numbers,
    some,
    write_dealt,
)
from incohort.synthetic.folder import folder_argument
from incohort.synthetic.fragoulis_card import CARD

SEED = 2018
ORIGIN = date(2011, 3, 1)  # arbitrary: the day from which each patient was followed
_MONTH = 30.4375  # days
_LOW, _KNOWN, _UNKNOWN = "neutropenia", "drugs known", "drugs unknown"
_N = {_LOW: 58, _KNOWN: 667, _UNKNOWN: 46}  # printed: 58 and 713, drugs of 667 of these
# Printed: of the 58 and of the 667; 4 with prednisone are of 57.
_DRUGS = {
    ("methotrexate", "L04AX03"): (52, 590),
    ("sulfasalazine", "A07EC01"): (33, 342),
    ("hydroxychloroquine", "P01BA02"): (31, 345),
    ("leflunomide", "L04AK01"): (3, 43),
    ("azathioprine", "L04AX01"): (1, 3),
    ("prednisone", "H02AB07"): (4, 67),
    ("intramuscular corticosteroid", "H02AB"): (48, 573),
    ("TNF inhibitor", "L04AB"): (5, 30),
    ("abatacept", "L04AA24"): (0, 3),
    ("tocilizumab", "L04AC07"): (0, 11),
    ("rituximab", "L01FA01"): (0, 10),
}
# Printed: of the 58 and of the 713. Limits of anaemia and low platelets were not found.
_MARKS = (
    ("HB", "g/dL", "12", "13", (25, 210)),
    ("PLT", "10*9/L", "150", "150", (1, 5)),
    ("WBC", "10*9/L", "4", "4", (41, 23)),
    ("LYMPH", "10*9/L", "1", "1", (13, 98)),
)
_STOPPED = 14  # printed: a drug was stopped for it
# Printed: 42, 14, 1 and 1 of grade 1 to 4, which end at 2.0, 1.5, 1.0 and 0.5.
_MILD = between("1.50", "1.99")
_GRADES = (
    (_MILD, 42), (between("1.00", "1.49"), 14), (between("0.50", "0.99"), 1),
    (between("0.10", "0.49"), 1),
)  # fmt: skip
# Printed: 77 episodes, 44 patients with a single one; 33 of 14 are taken to be 9 × 2 and 5 × 3.
_EPISODES = (("1", 44), ("2", 9), ("3", 5))
_OVER = 14  # days after a low count at which a normal one stands
# From the printed rates and limits: 6 in 1,352 and 55 in 14,182 person-months.
_INFECTED = {True: (6, 1352), False: (55, 14182)}  # is neutropenic: infections, months
_SHORTEST, _LONGEST = 183, 1461  # printed: followed for 6 to 48 months


def write(out: Path, seed: int = SEED) -> None:
    """Write the 771 patients as a cohort folder: CSV files and `datapackage.json`."""
    rng = np.random.default_rng(seed)
    roster = deal("F", _strata(), rng)
    low = [patient for patient in roster if patient.stratum == _LOW]
    other = [patient for patient in roster if patient.stratum != _LOW]
    for members, place in ((low, 0), (other, 1)):
        for analyte, unit, below, above, counts in _MARKS:
            n = counts[place]
            low_row, other_row = _lab(analyte, "<", below, unit), _lab(analyte, ">=", above, unit)
            deal_among(members, (Part(n, (low_row,)), Part(len(members) - n, (other_row,))), rng)
    for stratum in (_LOW, _KNOWN):
        _nobody_without([patient for patient in roster if patient.stratum == stratum])
    _stop_some(low, rng)
    for members, is_low in ((low, True), (other, False)):
        infections, months = _INFECTED[is_low]
        followed = spans(len(members), round(months * _MONTH), rng)
        _follow(members, followed, infections, rng)
        if is_low:
            _count_episodes(members, followed, rng)
    write_dealt("fragoulis2018", CARD, roster, out)


def _strata() -> list[Stratum]:
    disease: Fact = ("diagnoses", {"condition": "rheumatoid_arthritis"})
    drugs = {
        stratum: tuple(
            some(counts[place], _N[stratum], _drug(*drug)) for drug, counts in _DRUGS.items()
        )
        for place, stratum in enumerate((_LOW, _KNOWN))
    }
    return [
        Stratum(name=name, n=n, facts=(disease,), dealt=drugs.get(name, ()))
        for name, n in _N.items()
    ]


def _drug(drug: str, atc: str) -> Fact:
    return "medications", {"atc": atc, "drug": drug, "role": "concomitant"}


def _on(days: int) -> str:
    return (ORIGIN + timedelta(days=days)).isoformat()


def _lab(analyte: str, comparator: str, value: str, unit: str, days: int | None = None) -> Fact:
    row = {"analyte": analyte, "value": value, "unit": unit, "comparator": comparator}
    return "labs", row | ({} if days is None else {"taken_at": _on(days)})


def _drugs_of(patient: Dealt) -> list[Fact]:
    return [fact for fact in patient.facts if fact[0] == "medications"]


def _nobody_without(members: Sequence[Dealt]) -> None:
    """Give whoever was dealt no drug a drug of somebody who has several; the counts stay."""
    for patient in members:
        if not _drugs_of(patient):
            donor = max(members, key=lambda other: len(_drugs_of(other)))
            fact = _drugs_of(donor)[0]
            donor.facts.remove(fact)
            patient.facts.append(fact)


def _stop_some(low: Sequence[Dealt], rng: np.random.Generator) -> None:
    """One drug of each of 14 patients was stopped; which was not printed."""
    for i in rng.choice(len(low), _STOPPED, replace=False):
        drugs = _drugs_of(low[i])
        table, row = drugs[int(rng.integers(len(drugs)))]
        low[i].facts.remove((table, row))
        low[i].facts.append((table, {**row, "stop_reason": "neutropenia"}))


def spans(n: int, total: int, rng: np.random.Generator) -> list[int]:
    """Days of follow-up of n patients that add up to `total`, each within the printed ends."""
    drawn = np.clip(
        rng.gamma(3.0, total / n / 3.0, size=n).round().astype(int), _SHORTEST, _LONGEST
    )
    while int(drawn.sum()) != total:
        missing = total - int(drawn.sum())
        step = 1 if missing > 0 else -1
        can_move = np.flatnonzero((drawn + step >= _SHORTEST) & (drawn + step <= _LONGEST))
        drawn[can_move[: abs(missing)]] += step
    return [int(days) for days in drawn]


def _follow(
    members: Sequence[Dealt], followed: Sequence[int], infections: int, rng: np.random.Generator
) -> None:
    """From when to when each was followed, a count that is not low, and who had an infection."""
    infected = set(rng.choice(len(members), infections, replace=False).tolist())
    for i, (patient, days) in enumerate(zip(members, followed, strict=True)):
        patient.write("patients", index_date=_on(0), followed_from=_on(0), followed_until=_on(days))
        patient.facts.append(_lab("ANC", ">=", "2.0", "10*9/L", 0))
        if i in infected:
            day = int(rng.integers(1, days + 1))
            patient.write("events", event="infection", occurred_on=_on(day))


def _count_episodes(
    low: Sequence[Dealt], followed: Sequence[int], rng: np.random.Generator
) -> None:
    """Each episode's low count and the normal one after it; one episode has the printed grade.

    The index date of these patients is their first low count.
    """
    grades, numbers = dealt_numbers(_GRADES, rng), dealt_numbers(_EPISODES, rng)
    for patient, days, grade, number in zip(low, followed, grades, numbers, strict=True):
        deepest = int(rng.integers(int(number)))
        patient.write("patients", index_date=_on(round(days * 0.5 / int(number))))
        for episode in range(int(number)):
            day = round(days * (episode + 0.5) / int(number))
            mildest = dealt_numbers(((_MILD, 1),), rng)[0]
            value = grade if episode == deepest else max(mildest, grade)
            patient.facts.append(_lab("ANC", "", value, "10*9/L", day))
            patient.facts.append(_lab("ANC", ">=", "2.0", "10*9/L", day + _OVER))


if __name__ == "__main__":
    write(folder_argument("incohort.synthetic.fragoulis2018", sys.argv[1:]))
