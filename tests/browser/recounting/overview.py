"""Notebook 01, the overview of a cohort, counted again."""

from __future__ import annotations

import math

from . import textbook
from .characteristics import characteristics, shares
from .raw import QUARTILES, Cohort, Counts, Numbers

OVERVIEW = "cohort_overview"
LIMIT = 1.8  # 10*9/L, the lecture's
THREE_MONTHS = 3 * 30.4375  # days
GRADES = (("severe", 0.0, 0.5), ("moderate", 0.5, 1.0), ("mild", 1.0, LIMIT), ("none", LIMIT, 1e9))
TOP = 0.95  # the last bin begins below this quantile and is open
BIN_WIDTHS = (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)


def numbers(cohort: Cohort) -> Numbers:
    """Values under the keys of their estimates, shares apart."""
    table_one = characteristics(cohort, f"{OVERVIEW}/table_one", graded(cohort))
    return attrition(cohort) | neutrophils(cohort) | table_one


def counts(cohort: Cohort) -> Counts:
    """Events and denominators of shares."""
    return (
        pictures(cohort) | causes(cohort) | shares(cohort, f"{OVERVIEW}/table_one", graded(cohort))
    )


def causes(cohort: Cohort) -> Counts:
    """Who has which cause."""
    found = [cause for row in cohort.patients.values() if (cause := row.get("aetiology"))]
    return {
        f"{OVERVIEW}/aetiology/{cause}/proportion": (found.count(cause), len(found))
        for cause in set(found)
    }


def attrition(cohort: Cohort) -> Numbers:
    """From everybody to those with a count below the limit."""
    counts = [count for p in cohort.patients if (count := cohort.anc(p)) is not None]
    low = sum(count < LIMIT for count in counts)
    prefix = f"{OVERVIEW}/attrition"
    return {
        f"{prefix}/cohort/count": len(cohort.patients),
        f"{prefix}/counted/count": len(counts),
        f"{prefix}/counted/excluded/count": len(cohort.patients) - len(counts),
        f"{prefix}/neutropenic/count": low,
        f"{prefix}/neutropenic/excluded/count": len(counts) - low,
    }


def neutrophils(cohort: Cohort) -> Numbers:
    """Quartiles and histogram of the counts, and the totals of the other pictures."""
    counts = sorted(count for p in cohort.patients if (count := cohort.anc(p)) is not None)
    numbers: Numbers = {}
    totals = {name: len(groups) for name, groups in classified(cohort).items()}
    totals |= {"severity": len(cohort.patients), "aetiology": len(cohort.patients)}
    without = sum(not row.get("aetiology") for row in cohort.patients.values())
    absent = {"severity": len(cohort.patients) - len(counts), "aetiology": without}
    numbers |= {f"{OVERVIEW}/{name}/total/count": total for name, total in totals.items()}
    numbers |= {f"{OVERVIEW}/{name}/not_recorded/count": n for name, n in absent.items()}
    if not counts:
        return numbers
    for part, share in QUARTILES:
        numbers[f"{OVERVIEW}/anc/{part}"] = textbook.quantile(counts, share)
    numbers[f"{OVERVIEW}/anc/total/count"] = len(counts)
    top = textbook.quantile(counts, TOP)
    width = next(step for step in BIN_WIDTHS if top / step < 15)
    last = math.floor(round(top / width, 9))
    for position in range(last + 1):
        low, high = round(position * width, 9), round((position + 1) * width, 9)
        inside = sum(low <= count and (count < high or position == last) for count in counts)
        numbers[f"{OVERVIEW}/anc/histogram/{low:g}_to_{high:g}/count"] = inside
    return numbers


def classified(cohort: Cohort) -> dict[str, dict[str, str]]:
    """Grade, course and cytopenia pattern of each patient to whom they apply."""
    found: dict[str, dict[str, str]] = {"severity": {}, "course": {}, "cytopenia": {}}
    for patient in cohort.patients:
        for name, rule in (("severity", severity), ("course", course), ("cytopenia", cytopenia)):
            answer = rule(cohort, patient)
            if answer:
                found[name][patient] = answer
    return found


def severity(cohort: Cohort, patient: str) -> str | None:
    """The grade of the count; its lower bound belongs to it."""
    count = cohort.anc(patient)
    if count is None:
        return None
    return next(name for name, low, high in GRADES if low <= count < high)


def course(cohort: Cohort, patient: str) -> str | None:
    """Of the first spell of low counts: how long it lasts, or how soon it ends."""
    counts = cohort.labs.get((patient, "ANC"), [])
    begin = next((day for day, count in counts if count < LIMIT), None)
    if begin is None:
        return None
    end = next((day for day, count in counts if day > begin and count >= LIMIT), math.inf)
    last = max(day for day, count in counts if count < LIMIT and begin <= day < end)
    if last - begin >= THREE_MONTHS:
        return "chronic"
    return "acute" if end - begin < THREE_MONTHS else "unknown"


def cytopenia(cohort: Cohort, patient: str) -> str | None:
    """Whether red cells or platelets are low beside the neutrophils."""
    count = cohort.anc(patient)
    if count is None or count >= LIMIT:
        return None
    hb, plt = cohort.nearest(patient, "HB"), cohort.nearest(patient, "PLT")
    if hb is None or plt is None:
        return "unknown"
    limits = {"male": (13.0,), "female": (12.0,)}.get(cohort.patients[patient]["sex"], (12.0, 13.0))
    is_anaemic, is_low = hb < limits[0], plt < 150
    if any((hb < limit) != is_anaemic for limit in limits):
        return "unknown"
    if is_anaemic:
        return "pancytopenia" if is_low else "with_anaemia"
    return "with_thrombocytopenia" if is_low else "isolated"


def pictures(cohort: Cohort) -> Counts:
    """How many patients in each grade, course and pattern."""
    words = {
        "severity": ("severe", "moderate", "mild", "none", "unknown"),
        "course": ("acute", "chronic", "unknown"),
        "cytopenia": (
            "isolated",
            "with_anaemia",
            "with_thrombocytopenia",
            "pancytopenia",
            "unknown",
        ),
    }
    known = {name: list(of.values()) for name, of in classified(cohort).items()}
    return {
        f"{OVERVIEW}/{name}/{word}/proportion": (of.count(word), len(of))
        for name, of in known.items()
        for word in words[name]
    }


def graded(cohort: Cohort) -> dict[str, list[str]]:
    """The columns of Table 1: everybody, then patients by grade."""
    groups: dict[str, list[str]] = {"overall": list(cohort.patients)}
    for patient in cohort.patients:
        groups.setdefault(severity(cohort, patient) or "not_recorded", []).append(patient)
    return groups
