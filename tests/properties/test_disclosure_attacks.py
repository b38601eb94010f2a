"""Somebody who reads a restricted report with pencil and paper, and then with an integer program.

They have what the report shows and know how its tables are made: a column is a group, its
categories and those not recorded add up to it, groups add up to all. Nothing here looks into
the gate.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize, sparse

from incohort.analyses.cohort_overview.study import CohortOverview
from incohort.cohort import open_cohort
from incohort.disclosure import PROFILES, Ledger, gate
from incohort.results import Estimate, Findings, Measure, Suppressed

PARTS = (
    "attrition", "characteristics", "severity", "course", "cytopenia", "aetiology", "counts",
)  # fmt: skip
SEXES = (("female", 0.58), ("male", 0.37), ("", 0.05))
CAUSES = (
    ("drug_induced", 0.45), ("chronic_immunologic", 0.25), ("autoimmune_disorder", 0.15),
    ("thyroid_disease", 0.1), ("", 0.05),
)  # fmt: skip
ANCESTRIES = (("european", 0.75), ("african", 0.1), ("asian", 0.1), ("", 0.05))


def a_cohort(folder: Path, seed: int) -> Path:
    """A restricted cohort of 60 to 200 patients, with sex, cause, ancestry, age and counts gaps."""
    random = np.random.default_rng(seed)
    n = int(random.integers(60, 201))
    drawn = [
        [str(value) for value in random.choice([v for v, _ in given], n, p=[p for _, p in given])]
        for given in (SEXES, ANCESTRIES, CAUSES)
    ]
    patients = [("patient_id", "sex", "age_years", "index_date", "ancestry", "aetiology")]
    labs = [("patient_id", "analyte", "taken_at", "value", "unit")]
    for i, (sex, ancestry, cause) in enumerate(zip(*drawn, strict=True)):
        name = f"Q{i:03}"
        age = "" if random.random() < 0.03 else str(random.integers(18, 90))
        patients.append((name, sex, age, "2024-03-01", ancestry, cause))
        for analyte, middle, unit, gap in (
            ("ANC", 0.7, "10*9/L", 0.02), ("WBC", 3.2, "10*9/L", 0.05),
            ("HB", 13.0, "g/dL", 0.05), ("PLT", 220.0, "10*9/L", 0.08),
        ):  # fmt: skip
            if random.random() >= gap:
                value = middle * float(random.lognormal(0, 0.25 if analyte != "ANC" else 0.6))
                labs.append((name, analyte, "2024-03-01", f"{value:.2f}", unit))
    for table, rows in (("patients", patients), ("labs", labs)):
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return folder


def counts_of(findings: list[Findings]) -> dict[str, int]:
    """Every count that results tell: events under the key, a share's denominator under `key#n`."""
    found = {}
    for result in (r for f in findings for r in f.results):
        if isinstance(result, Suppressed) and result.events is not None:
            found[result.key] = result.events
        if not isinstance(result, Estimate):
            continue
        if result.measure is Measure.COUNT:
            found[result.key] = round(result.value)
        elif result.measure is Measure.PROPORTION and result.n is not None:
            found[f"{result.key}#n"] = result.n
            if result.events is not None:
                found[result.key] = result.events
    return found


ROOT = "cohort_overview"
Sum = tuple[str, list[str]]


def of_table_one(true: dict[str, int]) -> list[Sum]:
    """What adds up in Table 1: each column downwards, and the columns to that of all."""
    keys = [key.split("/", 2)[2] for key in true if key.startswith(f"{ROOT}/table_one/")]
    names = [key.split("/")[0] for key in keys if key.endswith("/n/count")]
    found = []
    for name in names:
        variables: dict[str, list[str]] = {}
        for key in keys:
            if key.startswith(f"{name}/") and key.endswith("/proportion"):
                variables.setdefault(key.split("/")[1], []).append(key)
        for variable, parts in variables.items():
            found.append((f"{name}/n/count", [*parts, f"{name}/{variable}/missing/count"]))
            found += [(f"{key}#n", parts) for key in parts]
    for key in keys:
        name, _, tail = key.partition("/")
        if name == "overall":
            found.append((key, [f"{group}/{tail}" for group in names if group != name]))
    at = f"{ROOT}/table_one/"
    return [(at + total, [at + key for key in parts]) for total, parts in found]


def of_other_tables(true: dict[str, int]) -> list[Sum]:
    """What adds up in the flow and in the tables below, and which numbers stand in two of them."""
    cohort, counted, low = (
        f"attrition/{name}/count" for name in ("cohort", "counted", "neutropenic")
    )
    found = [
        (cohort, [counted, "attrition/counted/excluded/count"]),
        (counted, [low, "attrition/neutropenic/excluded/count"]),
        (cohort, ["table_one/overall/n/count"]),
    ]  # fmt: skip
    wholes = {"severity": cohort, "aetiology": cohort, "course": low, "cytopenia": low}
    for section, whole in wholes.items():
        parts = [
            key.split("/", 1)[1]
            for key in true
            if key.startswith(f"{ROOT}/{section}/") and key.endswith("/proportion")
            and "duffy" not in key
        ]  # fmt: skip
        found.append((f"{section}/total/count", [whole]))
        found.append((f"{section}/total/count", [*parts, f"{section}/not_recorded/count"]))
        found += [(f"{key}#n", parts) for key in parts]
        for key in parts:
            name = key.split("/")[1]
            found.append((key, [f"table_one/{name}/n/count"] if section == "severity" else []))
            found.append((key, [f"table_one/overall/{section}/{name}/proportion"]))
    bins = [key.split("/", 1)[1] for key in true if "/histogram/" in key and "#" not in key]
    found += [("anc/total/count", [counted]), ("anc/total/count", bins)]
    at = f"{ROOT}/"
    return [(at + total, [at + key for key in parts]) for total, parts in found]


def sums_of_a_page(true: dict[str, int]) -> list[Sum]:
    """All sums that hold; a row that is not there has nobody in it."""
    kept = [
        (total, [key for key in parts if key in true])
        for total, parts in (*of_table_one(true), *of_other_tables(true))
        if total in true
    ]
    return [(t, parts) for t, parts in kept if parts and true[t] == sum(true[k] for k in parts)]


def largest(
    sums: list[Sum], shown: dict[str, int], wanted: set[str], enough: int
) -> dict[str, float]:
    """How large each wanted count can be by the sums and what is shown; at most `enough`."""
    names = sorted({name for total, parts in sums for name in (total, *parts)} | wanted)
    at = {name: place for place, name in enumerate(names)}
    matrix = sparse.lil_matrix((len(sums), len(names)))
    for row, (total, parts) in enumerate(sums):
        matrix[row, at[total]] -= 1
        for part in parts:
            matrix[row, at[part]] += 1
    low = np.array([shown.get(name, 0) for name in names], dtype=float)
    high = np.array([shown.get(name, np.inf) for name in names], dtype=float)
    zeros = np.zeros(len(sums))
    reached = dict.fromkeys(wanted, 0.0)
    while left := [name for name in sorted(wanted) if reached[name] < enough]:
        capped = high.copy()
        capped[at[left[0]]] = min(capped[at[left[0]]], enough)
        cost = np.zeros(len(names))
        cost[at[left[0]]] = -1.0
        bounds = optimize.Bounds(low, np.where(np.isinf(capped), 1000.0, capped))
        answer = optimize.milp(
            cost, constraints=optimize.LinearConstraint(matrix.tocsr(), zeros, zeros),
            bounds=bounds, integrality=np.ones(len(names)),
        )  # fmt: skip
        assert answer.success, answer.message
        for name in left:
            reached[name] = max(reached[name], float(round(answer.x[at[name]])))
        if reached[left[0]] < enough:
            wanted = wanted - {left[0]}
    return reached


@pytest.mark.parametrize(("profile", "seed"), [("darwin", 0), ("acro", 1)])
def test_no_subtraction_on_a_page_gives_a_withheld_count(tmp_path, profile, seed):
    """Of random cohorts: nobody finds a small count of a sex, cause, ancestry, grade or gap."""
    overview = CohortOverview(open_cohort(str(a_cohort(tmp_path, seed))))
    before = [getattr(overview, part)() for part in PARTS]
    ledger, limit = Ledger(), PROFILES[profile].limit
    true = counts_of(before)
    shown = counts_of([gate(findings, PROFILES[profile], ledger) for findings in before])
    for key, value in shown.items():
        assert value == true[key]
        assert value > limit
    for key, n in shown.items():
        _, section, name, *_ = key.split("/")
        whole = f"table_one/{name}/n/count" if section == "table_one" else f"{section}/total/count"
        for total in (f"cohort_overview/{whole}", "cohort_overview/attrition/cohort/count"):
            if key.endswith("#n") and total in shown:
                assert shown[total] - n not in range(1, limit + 1), (total, key)
    secret = {key for key, value in true.items() if key not in shown and value <= limit}
    sums = sums_of_a_page(true)
    reached = largest(sums, shown, secret, limit + 1)
    found_out = {key: true[key] for key in secret if reached[key] <= limit}
    # those that no reader could miss, whatever is withheld: nobody stands for nobody
    alone = largest(sums, {}, set(found_out), limit + 1)
    assert not {key: n for key, n in found_out.items() if alone[key] > limit}
