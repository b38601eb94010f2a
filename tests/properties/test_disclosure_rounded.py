"""What follows from counts alone, where these are rounded: it gives no exact one back."""

from __future__ import annotations

import csv
from functools import cache
from itertools import product
from pathlib import Path

import pandas as pd
import pytest

from incohort.analyses.assay_yield.study import AssayYield
from incohort.analyses.thyroid_antibodies.study import ThyroidAntibodies
from incohort.cohort import Cohort, open_cohort
from incohort.disclosure import PROFILES, Ledger, gate
from incohort.results import Estimate, Findings, Layout, Result, Suppressed
from incohort.shapes.making import Scope
from incohort.shapes.paired import Paired, agreements, comparisons, paired_indices
from incohort.shapes.sets import Base
from incohort.shapes.telling import telling

DARWIN = PROFILES["darwin"]
SIGNS = ("yes", "no")
COLUMNS = ("a", "b", "c")
# How many have each result of a, b and c, from yes, yes, yes to no, no, no.
PATTERNS = (9, 13, 24, 11, 8, 12, 10, 31)


@cache
def scope() -> Scope:
    """What the keys begin with."""
    return Scope(cohort=open_cohort("kyritsi2015"), prefix="t")


def pairs_of(patterns: tuple[int, ...]) -> Findings:
    """All that is told of the pairs of three assays in patients who had them all."""
    found = list(product(SIGNS, repeat=3))
    rows = [signs for signs, n in zip(found, patterns, strict=True) for _ in range(n)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).assign(patient_id=range(len(rows)))
    base = Base("patients", frame)
    for name in COLUMNS:
        base.cut(name, frame[name], SIGNS)
    draft, everybody = telling(scope()), base.everybody
    pairs = [
        Paired(
            tail=f"pair/{one}_{other}", label=f"{one} and {other}",
            cells=tuple(
                everybody.where(one, x).where(other, y) for x, y in product(SIGNS, SIGNS)
            ),
        )
        for one, other in (("a", "b"), ("a", "c"), ("b", "c"))
    ]  # fmt: skip
    for pair in pairs:
        agreements(draft, pair, everybody)
        paired_indices(draft, pair)
    comparisons(draft, pairs)
    return draft.findings("pairs", "Pairs", Layout())


def printed(patterns: tuple[int, ...]) -> dict[str, tuple]:
    """What is shown of each number where counts are rounded, but for the shares themselves."""
    after = gate(pairs_of(patterns), PROFILES["opensafely"])
    assert not any(isinstance(result, Suppressed) for result in after.results)
    return {
        result.key: (result.value, result.ci_low, result.ci_high, result.n, result.events)
        for result in after.results
        if isinstance(result, Estimate)
    }


def cells(patterns: tuple[int, ...]) -> list[int]:
    """The four cells of each pair."""
    found = dict(zip(product(SIGNS, repeat=3), patterns, strict=True))
    return [
        sum(n for signs, n in found.items() if (signs[i], signs[j]) == own)
        for i, j in ((0, 1), (0, 2), (1, 2))
        for own in product(SIGNS, SIGNS)
    ]


def test_tables_whose_cells_round_alike_are_printed_alike():
    """Whoever tries all tables finds another one that gives every number of all three pairs.

    Of the exact counts the 13 numbers of a pair, with two digits each, gave the one true table,
    and so how many had both assays: less than that many were withheld.
    """
    other = tuple(
        n + step for n, step in zip(PATTERNS, (-1, 0, 1, 1, 0, 2, 2, -1), strict=True)
    )  # fmt: skip
    same = [n == m for n, m in zip(cells(PATTERNS), cells(other), strict=True)]
    exact, again = (
        {r.key: f"{r.value:.2g}" for r in pairs_of(own).results} for own in (PATTERNS, other)
    )

    assert same.count(False) == 10
    assert sum(exact[key] != again[key] for key in exact) > len(exact) / 2
    assert printed(other) == printed(PATTERNS)
    assert len(exact) == 3 * 13


def test_a_pair_is_worked_out_of_the_rounded_cells():
    """22, 35, 20 and 41 are told as 20, 35, 20 and 40; what compares them is of these."""
    shown, (a, b, c, d) = printed(PATTERNS), (20, 35, 20, 40)
    n = a + b + c + d
    agree, by_chance = (a + d) / n, ((a + b) * (a + c) + (c + d) * (b + d)) / n**2

    assert cells(PATTERNS)[:4] == [22, 35, 20, 41]
    assert shown["t/pair/a_b/difference"][0] == float(f"{(b - c) / n:.2g}")
    assert shown["t/pair/a_b/odds_ratio"][0] == float(f"{b / c:.2g}")
    kappa = (agree - by_chance) / (1 - by_chance)
    assert shown["t/pair/a_b/kappa"][0] == pytest.approx(kappa, abs=0.0005)


# How many have and have not: infections, thyroid disease, female sex; from all three to none.
COMBINATIONS = (12, 14, 13, 19, 28, 11, 17, 33)


def model_of(folder: Path, counts: tuple[int, ...]) -> Findings:
    """A logistic model of infections on thyroid disease and sex, in so many of each kind."""
    folder.mkdir()
    tables = {"patients": [("patient_id", "sex", "aetiology")], "events": [("patient_id", "event")]}
    kinds = zip(product((True, False), repeat=3), counts, strict=True)
    for (infected, thyroid, female), n in kinds:
        for _ in range(n):
            name = f"P{len(tables['patients']):03}"
            cause = "thyroid_disease" if thyroid else "drug_induced"
            tables["patients"].append((name, "female" if female else "male", cause))
            if infected:
                tables["events"].append((name, "recurrent_infections"))
    cohort = written(folder, tables)
    return ThyroidAntibodies(cohort, model_covariates="thyroid_disease, female").model()


def written(folder: Path, tables: dict[str, list[tuple]]) -> Cohort:
    """A restricted cohort of these tables."""
    for table, rows in tables.items():
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return open_cohort(str(folder))


def ratios(findings: Findings) -> dict[str, tuple | None]:
    """What is shown of the ratios and P values; None of what is withheld."""
    return {
        result.key: (result.value, result.ci_low, result.ci_high)
        if isinstance(result, Estimate)
        else None
        for result in findings.results
        if result.key.endswith(("odds_ratio", "p_value"))
    }


@pytest.mark.parametrize("profile", ["darwin", "acro"])
def test_a_model_of_yes_and_no_goes_with_the_cells_that_it_gives_back(tmp_path, profile):
    """Whoever fits it to all tables finds how many women with the outcome there are."""
    few = (PROFILES[profile].limit, *COMBINATIONS[1:])
    for name, counts, is_shown in (("few", few, False), ("many", COMBINATIONS, True)):
        shown = ratios(gate(model_of(tmp_path / name, counts), PROFILES[profile]))
        assert len(shown) == 4
        assert all((own is not None) is is_shown for own in shown.values())


def test_models_of_tables_that_round_alike_are_printed_alike(tmp_path):
    """Each kind rounds to the same number, and so does nothing tell the two cohorts apart."""
    other = tuple(
        n + step for n, step in zip(COMBINATIONS, (-2, -1, 2, 1, 2, 1, -1, 2), strict=True)
    )  # fmt: skip
    before = [model_of(tmp_path / f"{n}", own) for n, own in enumerate((COMBINATIONS, other))]
    one, again = (ratios(gate(findings, PROFILES["opensafely"])) for findings in before)
    exact = [ratios(findings) for findings in before]

    assert [(n + 2) // 5 for n in other] == [(n + 2) // 5 for n in COMBINATIONS]
    assert all(f"{exact[0][key][0]:.2g}" != f"{exact[1][key][0]:.2g}" for key in exact[0])
    assert None not in one.values()
    assert one == again


# How many are positive by gift, gat and lift; from all three to none.
PANEL = (12, 30, 25, 20, 28, 22, 24, 60)


def panel_of(folder: Path, counts: tuple[int, ...]) -> dict[str, Result]:
    """What is found of three assays of whom so many have each combination of results."""
    folder.mkdir()
    tables = {
        "patients": [("patient_id",)],
        "antibody_tests": [("patient_id", "sample_id", "assay", "result")],
    }
    for pattern, n in zip(product(("positive", "negative"), repeat=3), counts, strict=True):
        for _ in range(n):
            name = f"P{len(tables['patients']):03}"
            tables["patients"].append((name,))
            tables["antibody_tests"] += [
                (name, f"{name}-1", assay, found)
                for assay, found in zip(("gift", "gat", "lift"), pattern, strict=True)
            ]
    study = AssayYield(written(folder, tables), resamples=100)
    ledger = Ledger()
    parts = (study.pairs(), study.accuracy())
    return {key: r for part in parts for key, r in gate(part, DARWIN, ledger).by_key.items()}


def test_what_is_made_of_whole_patterns_goes_with_a_small_one(tmp_path):
    """With all pairs told, latent classes and a panel's agreement would give a pattern back."""
    few, many = (
        panel_of(tmp_path / f"{n}", (n, *PANEL[1:])) for n in (DARWIN.limit, DARWIN.limit + 1)
    )
    keys = {
        key for key in few
        if key.startswith(("assay_yield/latent/", "assay_yield/several/"))
    }  # fmt: skip

    assert len(keys) > 8
    assert isinstance(few["assay_yield/pair/gift_gat/both/count"], Estimate)
    assert all(isinstance(few[key], Suppressed) for key in keys)
    assert isinstance(many["assay_yield/several/fleiss_kappa"], Estimate)
    assert any(isinstance(many[key], Estimate) for key in keys if "/latent/" in key)
