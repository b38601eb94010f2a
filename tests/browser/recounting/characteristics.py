"""Tables of characteristics by group, counted again."""

from __future__ import annotations

from itertools import combinations

from . import textbook
from .raw import QUARTILES, Cohort, Counts, Numbers

ANALYTES = ("ANC", "WBC", "LYMPH", "HB", "PLT")
CATEGORIES = ("sex", "ancestry", "aetiology")
LEAST = 10  # patients in whom it is known, where the largest of several differences is looked for


def characteristics(
    cohort: Cohort,
    prefix: str,
    groups: dict[str, list[str]],
    analytes: tuple[str, ...] = ANALYTES,
    categories: tuple[str, ...] = CATEGORIES,
) -> Numbers:
    """What a table of characteristics shows beside shares, for groups of patients."""
    numbers: Numbers = {f"{prefix}/{g}/n/count": len(members) for g, members in groups.items()}
    compared = [name for name in groups if name != "overall"]
    for variable in ("age", *analytes):
        values = {g: known(cohort, members, variable) for g, members in groups.items()}
        for group, members in groups.items():
            for part, share in QUARTILES if values[group] else ():
                key = f"{prefix}/{group}/{variable.lower()}/{part}"
                numbers[key] = textbook.quantile(values[group], share)
            missing = len(members) - len(values[group])
            numbers[f"{prefix}/{group}/{variable.lower()}/missing/count"] = missing
        large = [g for g in compared if len(compared) <= 2 or len(values[g]) >= LEAST]
        pairs = [textbook.smd(values[a], values[b]) for a, b in combinations(large, 2)]
        finite = [pair for pair in pairs if pair is not None]
        if finite:
            numbers[f"{prefix}/{variable.lower()}/smd"] = max(finite)
    for variable in categories:
        tables = {g: tally(cohort, members, variable) for g, members in groups.items()}
        large = [g for g in compared if len(compared) <= 2 or sum(tables[g].values()) >= LEAST]
        pairs = [
            textbook.smd_of_shares(list(tables[a].values()), list(tables[b].values()))
            for a, b in combinations(large, 2)
        ]
        finite = [pair for pair in pairs if pair is not None]
        if finite:
            numbers[f"{prefix}/{variable}/smd"] = max(finite)
    return numbers


def known(cohort: Cohort, members: list[str], variable: str) -> list[float]:
    """The values of those in whom it is known, in order."""
    read = {"age": cohort.age, "ANC": cohort.anc}.get(
        variable, lambda patient: cohort.nearest(patient, variable)
    )
    values = [read(patient) for patient in members]
    return sorted(value for value in values if value is not None)


def tally(cohort: Cohort, members: list[str], variable: str) -> dict[str, int]:
    """How many members have each category that anybody has."""
    seen = sorted({row.get(variable, "") for row in cohort.patients.values()} - {""})
    found = [cohort.patients[p].get(variable, "") for p in members]
    return {value: found.count(value) for value in seen}


def shares(
    cohort: Cohort,
    prefix: str,
    groups: dict[str, list[str]],
    categories: tuple[str, ...] = CATEGORIES,
) -> Counts:
    """The share of each category among the members in whom it is known."""
    counts: Counts = {}
    for variable in categories:
        for group, members in groups.items():
            table = tally(cohort, members, variable)
            for value, count in table.items():
                key = f"{prefix}/{group}/{variable}/{value}/proportion"
                counts[key] = (count, sum(table.values()))
    return counts
