"""Statistics of nearly the same patients: what is shown of them tells of no few who differ."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta
from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incohort.analyses.anc_recovery.study import AncRecovery
from incohort.cohort import open_cohort
from incohort.disclosure import PROFILES, Ledger, gate
from incohort.results import Curve, Estimate, Findings, Layout, Measure, Suppressed
from incohort.shapes.making import Scope
from incohort.shapes.sets import Base, Members
from incohort.shapes.telling import telling
from incohort.stats import Interval

CLOSED = [PROFILES[name] for name in ("opensafely", "darwin", "acro")]
PATIENTS = 14


@cache
def scope() -> Scope:
    """What the keys begin with."""
    return Scope(cohort=open_cohort("kyritsi2015"), prefix="s")


def sets_of(groups: list[frozenset[int]]) -> list[Members]:
    """Each group as a set of patients, who are numbered."""
    frame = pd.DataFrame({"patient_id": range(max(map(max, groups)) + 1)})
    base = Base("patients", frame)
    for number, group in enumerate(groups):
        base.flag(f"group {number}", frame["patient_id"].isin(group))
    return [base.everybody.where(f"group {number}", "yes") for number in range(len(groups))]


def means_of(groups: list[Members], *, first: int = 0) -> Findings:
    """The mean of something in each group of patients."""
    draft = telling(scope())
    for number, group in enumerate(groups, first):
        mean = group.frame["patient_id"].mean()
        draft.statistic_in(
            f"group_{number}/mean", "days", Measure.MEAN, mean, (group,), unit="d", quantity="days"
        )
    return draft.findings(f"{first}", "S", Layout())


def alone(groups: list[frozenset[int]], limit: int) -> list[set[int]]:
    """Up to three patients whose total is worked out.

    The attacker writes a row for each group, solves, and sees of whom a sum of rows is alone.
    """
    rows = np.array([[float(one in group) for one in range(PATIENTS)] for group in groups])
    found = []
    for number in range(1, min(limit, 3) + 1):
        for few in combinations(range(PATIENTS), number):
            target = np.isin(np.arange(PATIENTS), few).astype(float)
            weights, *_ = np.linalg.lstsq(rows.T, target, rcond=None)
            if np.allclose(rows.T @ weights, target, atol=1e-8):
                found.append(set(few))
    return found


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.frozensets(st.integers(0, PATIENTS - 1), max_size=4), min_size=2, max_size=6, unique=True
    ),
    st.booleans(),
)
def test_no_sum_of_shown_means_is_of_up_to_three_patients(left_out, in_turn):
    """Each group leaves out a few of all; whatever is shown, by one cell or by two, isolates none.

    The mean of 63 and the mean of 62 of them give the value of the one.
    """
    groups = [frozenset(range(PATIENTS)) - few for few in left_out]
    profile, ledger = PROFILES["darwin"], Ledger()
    sets = sets_of(groups)
    cells = [means_of(sets[:1]), means_of(sets[1:], first=1)] if in_turn else [means_of(sets)]
    shown = [
        groups[int(result.key.split("_")[1].split("/")[0])]
        for cell in cells
        for result in gate(cell, profile, ledger).results
        if isinstance(result, Estimate)
    ]

    assert shown  # no more is withheld than must be: one of them at least tells nothing
    assert alone(shown, profile.limit) == []


@pytest.mark.parametrize("profile", CLOSED, ids=lambda one: one.name)
def test_groups_that_differ_by_more_than_the_limit_are_all_shown(profile):
    """Halves, thirds and all: nobody is alone, so nothing is withheld."""
    groups = [frozenset(range(40)), frozenset(range(20)), frozenset(range(20, 40))]
    groups.append(frozenset(range(10)))
    gated = gate(means_of(sets_of(groups)), profile)

    assert all(isinstance(result, Estimate) for result in gated.results)


@pytest.mark.parametrize("profile", CLOSED, ids=lambda one: one.name)
def test_all_and_its_parts_are_not_shown_where_a_few_are_in_no_part(profile):
    """40 = 20 + 18 and two in neither: each pair differs by many, all three give the two."""
    groups = [frozenset(range(40)), frozenset(range(20)), frozenset(range(20, 38))]
    gated = gate(means_of(sets_of(groups)), profile)

    assert [isinstance(result, Suppressed) for result in gated.results] == [False, False, True]


@pytest.mark.parametrize("profile", CLOSED, ids=lambda one: one.name)
def test_a_statistic_goes_with_the_size_of_its_group(profile):
    """The size of a group is withheld because the rest is small: its mean would tell the rest."""
    frame = pd.DataFrame({"patient_id": range(43), "kind": ["one"] * 40 + ["rest"] * 3})
    base = Base("patients", frame)
    base.cut("kind", frame["kind"], ("one", "rest"))
    sizes = {"all": base.everybody}
    sizes |= {kind: base.everybody.where("kind", kind) for kind in ("one", "rest")}
    draft = telling(scope())
    for name, group in sizes.items():
        draft.count_in(f"{name}/n/count", name, group)
        for part, measure in (("mean", Measure.MEAN), ("median", Measure.MEDIAN)):
            draft.statistic_in(f"{name}/age/{part}", name, measure, len(group) / 2, (group,))
    gated = gate(draft.findings("s", "S", Layout()), profile).by_key

    for name in sizes:
        size = gated[f"s/{name}/n/count"]
        for part in ("mean", "median"):
            if isinstance(size, Suppressed):
                assert isinstance(gated[f"s/{name}/age/{part}"], Suppressed)
    assert isinstance(gated["s/rest/n/count"], Suppressed)
    assert profile.is_rounding or sum(
        isinstance(gated[f"s/{name}/n/count"], Suppressed) for name in ("all", "one")
    )


def written(place: Path, n: int, days: dict[int, int]) -> str:
    """A restricted cohort of drug-induced neutropenia: who recovered late, and by which day."""
    place.mkdir()
    card = {"name": "s", "incohort": {"privacy": "restricted"}}
    (place / "datapackage.json").write_text(json.dumps(card))
    tables: dict[str, list[dict[str, str]]] = {"patients": [], "labs": [], "medications": []}
    zero = date(2024, 1, 20)

    def on(day: int) -> str:
        return (zero + timedelta(days=day)).isoformat()

    for number in range(n):
        who = {"patient_id": f"P{number:03d}"}
        back = days.get(number, 4 + number % 13)
        tables["patients"].append(
            who | {"sex": ("female", "male")[number % 2], "age_years": "50",
                   "aetiology": "drug_induced"}
        )  # fmt: skip
        tables["labs"] += [
            who | {"analyte": "ANC", "taken_at": on(day), "value": value, "unit": "10*9/L"}
            for day, value in ((0, "0.2"), (back - 1, "0.5"), (back, "2.1"), (back + 3, "2.6"))
        ]
        tables["medications"].append(
            who | {"atc": "H03BB02", "drug": "thiamazole", "role": "suspect",
                   "started_on": on(-30), "stopped_on": on(0)}
        )  # fmt: skip
    for name, rows in tables.items():
        with (place / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return str(place)


@pytest.fixture(scope="module")
def recoveries(tmp_path_factory):
    """63 episodes of which 62 meet the criteria: one patient needs 60 days."""
    place = tmp_path_factory.mktemp("nearly") / "s"
    asked = AncRecovery(open_cohort(written(place, 63, {0: 60})))
    return [asked.recovery(), asked.criteria()]


@pytest.mark.parametrize("profile", CLOSED, ids=lambda one: one.name)
def test_the_one_who_meets_no_criteria_is_not_told_by_two_means(recoveries, profile):
    """63 times the mean of all less 62 times that of the others is the one patient's time."""
    exact = {key: result for found in recoveries for key, result in found.by_key.items()}
    prefix = "anc_recovery/criteria_effect"
    total = 63 * exact[f"{prefix}/everybody/rmst"].value - 62 * exact[f"{prefix}/met/rmst"].value
    ledger = Ledger()
    shown = {
        key: result
        for found in recoveries
        for key, result in gate(found, profile, ledger).by_key.items()
        if not isinstance(result, Suppressed)
    }

    assert total == pytest.approx(28)  # the horizon: this is what must not be got
    for part in ("rmst", "median", "curve"):
        sides = {
            exact[key].n
            for key in shown
            if key.endswith(f"/{part}") and isinstance(exact[key], Estimate | Curve)
        }
        assert not any(0 < abs(a - b) <= profile.limit for a in sides for b in sides), part
        assert not {f"{prefix}/{side}/{part}" for side in ("everybody", "met")} <= shown.keys()


@pytest.mark.parametrize("profile", CLOSED, ids=lambda one: one.name)
def test_a_median_stays_where_two_of_its_group_have_no_value(profile):
    """38 of 40 have a value: that number tells of the two, the median of the 38 does not."""
    values = [float(i) for i in range(38)] + [None, None]
    base = Base("patients", pd.DataFrame({"patient_id": range(40), "anc": values}))
    draft = telling(scope())
    draft.count_in("n/count", "all", base.everybody)
    known = base.everybody.where(base.recorded("anc"), "yes")
    draft.count_in("known/count", "with a value", known)
    median, *_ = draft.quartiles_in("anc", "ANC", "anc", base.everybody, unit="10*9/L")
    gated = gate(draft.findings("s", "S", Layout()), profile).by_key

    assert isinstance(gated[median], Estimate)
    if not profile.is_rounding:
        assert isinstance(gated["s/known/count"], Suppressed)


@pytest.mark.parametrize("profile", CLOSED, ids=lambda one: one.name)
def test_a_median_of_a_few_values_goes_however_large_the_group(profile):
    """Three of 40 have a value: their median is nearly one of them."""
    values = [1.0, 2.0, 3.0] + [None] * 37
    base = Base("patients", pd.DataFrame({"patient_id": range(40), "anc": values}))
    draft = telling(scope())
    median, *_ = draft.quartiles_in("anc", "ANC", "anc", base.everybody, unit="10*9/L")

    assert isinstance(gate(draft.findings("s", "S", Layout()), profile).by_key[median], Suppressed)


@pytest.mark.parametrize("profile", [p for p in CLOSED if not p.is_rounding], ids=lambda p: p.name)
def test_a_median_with_an_interval_goes_with_how_many_have_a_value(profile):
    """Unlike the bare median its width tells of how many it is, and 40 less those of the two."""
    values = [float(i) for i in range(38)] + [None, None]
    base = Base("patients", pd.DataFrame({"patient_id": range(40), "anc": values}))
    draft, everybody = telling(scope()), base.everybody
    known = everybody.where(base.recorded("anc"), "yes")
    draft.count_in("n/count", "all", everybody)
    draft.count_in("known/count", "with a value", known)
    answer = Interval(estimate=18.5, ci_low=12.0, ci_high=25.0, conf_level=0.95, method="order")
    key = draft.interval_in(
        "anc", "ANC", Measure.MEDIAN, answer, known, rests_on=(everybody,), quantity="anc"
    )
    gated = gate(draft.findings("s", "S", Layout()), profile).by_key

    assert isinstance(gated["s/known/count"], Suppressed)
    assert isinstance(gated[key], Suppressed)
