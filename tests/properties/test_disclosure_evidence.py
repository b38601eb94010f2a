"""Notebook 05 on random restricted cohorts, before an attacker who knows its sets."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

import numpy as np
import pytest
from attacking import CLOSED, found_out, gated, only_small_withheld, told_of_few

from incohort.analyses.gcsf_evidence.study import GcsfEvidence
from incohort.cohort import open_cohort
from incohort.disclosure import PROFILES
from incohort.results import Findings

WITHDRAWN = date(2024, 2, 27)
PARTS = ("published", "cohort", "beside", "answer")
TABLES = {
    "patients": ("patient_id", "sex", "age_years"),
    "labs": ("patient_id", "analyte", "taken_at", "value", "unit"),
    "medications": ("patient_id", "atc", "drug", "role", "started_on", "stopped_on"),
    "events": ("patient_id", "event", "occurred_on"),
}


def rows_of(seed: int) -> dict[str, list[tuple]]:
    """Of 30 to 120 patients: some never low, some without a date, G-CSF in some, a few deaths."""
    random = np.random.default_rng(seed)
    rows: dict[str, list[tuple]] = {name: [] for name in TABLES}
    for i in range(int(random.integers(30, 121))):
        who, sex = f"P{i}", random.choice(["female", "male", ""], p=[0.6, 0.35, 0.05])
        rows["patients"].append((who, sex, 20 + i % 60))

        def count(day: int, anc: float, who: str = who) -> None:
            taken = (WITHDRAWN + timedelta(days=day)).isoformat()
            rows["labs"].append((who, "ANC", taken, anc, "10*9/L"))

        def course(atc: str, drug: str, role: str, start: int, end: int, who: str = who) -> None:
            days = (WITHDRAWN + timedelta(days=day) for day in (start, end))
            rows["medications"].append((who, atc, drug, role, *days))

        fate = random.choice(["never low", "no drug", "recovered", "died", "lost"],
                             p=[0.1, 0.08, 0.7, 0.05, 0.07])  # fmt: skip
        if fate == "never low":
            count(0, 3.0)
            continue
        count(int(random.choice([0, 0, 0, 0, 0, 0, 3])), 0.2)
        if fate != "no drug":
            course("H03BB02", "thiamazole", "suspect", -30, 0)
        if fate in {"recovered", "no drug"}:
            day = int(random.integers(5, 25))
            count(day - 1, 0.9)
            count(day, 1.6)
        elif fate == "died":
            rows["events"].append((who, "death", WITHDRAWN + timedelta(days=4)))
        treated = random.choice(["G-CSF", "unread", "none"], p=[0.5, 0.06, 0.44])
        if treated == "G-CSF":
            course("L03AA02", "filgrastim", "treatment", 1, 2)
        elif treated == "unread":
            course("", "xyz", "treatment", 1, 2)
    return rows


@pytest.fixture(scope="module")
def asked_of(tmp_path_factory):
    """What the parts of the notebook find in the cohort of a seed, for men or for all."""

    @cache
    def asked(seed: int, sex: str) -> Sequence[Findings]:
        place = tmp_path_factory.mktemp("evidence")
        for name, rows in rows_of(seed).items():
            with (place / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file).writerows([TABLES[name], *rows])
        study = GcsfEvidence(open_cohort(str(place)), sex=sex)
        return [getattr(study, part)() for part in PARTS]

    return asked


@pytest.mark.parametrize("profile", CLOSED, ids=lambda profile: profile.name)
@pytest.mark.parametrize(("seed", "sex"), [(1, "all"), (2, "all"), (3, "female")])
def test_nobody_works_out_a_small_number_of_a_random_cohort(asked_of, seed, sex, profile):
    """No withheld number is known to be small, and no mean rests on few; publications are shown."""
    before = asked_of(seed, sex)
    after = gated(before, profile)

    assert found_out(before, after, profile) == {}
    assert told_of_few(before, after, profile) == []
    assert after[0].results == before[0].results


def test_without_withholding_more_the_same_attacker_wins(asked_of):
    """Where only what is small by itself is withheld, the sums of the flow give it back."""
    profile = PROFILES["darwin"]
    found = [found_out(before, only_small_withheld(before, profile), profile)
             for before in (asked_of(1, "all"), asked_of(2, "all"))]  # fmt: skip
    assert any(found)
