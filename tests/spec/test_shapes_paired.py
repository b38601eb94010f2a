"""Two yes-or-no results of the same patients, by hand; results that nobody in a cohort has."""

from __future__ import annotations

import csv
import json

import pandas as pd
import pytest

from incohort.analyses.assay_yield.study import AssayYield
from incohort.cohort import open_cohort
from incohort.shapes.making import Scope
from incohort.shapes.paired import Paired, agreements, comparisons
from incohort.shapes.sets import Base
from incohort.shapes.telling import Draft


def pair_of(base: Base, first: str, second: str) -> Paired:
    """Two columns of a base as a pair."""
    cells = [
        base.everybody.where(first, x).where(second, y)
        for x, y in (("yes", "yes"), ("yes", "no"), ("no", "yes"), ("no", "no"))
    ]
    return Paired(tail=f"pair/{first}_{second}", label=f"{first} and {second}", cells=tuple(cells))


@pytest.fixture
def base() -> Base:
    """Forty patients: a and b differ in 8 of them, all one way; a and c in 2, one each way."""
    frame = pd.DataFrame({"patient_id": [f"P{i}" for i in range(40)]})
    base = Base("patients", frame)
    base.flag("a", pd.Series([True] * 20 + [False] * 20))
    base.flag("b", pd.Series([True] * 12 + [False] * 28))
    base.flag("c", pd.Series([True] * 19 + [False] * 20 + [True]))
    return base


def test_a_pair_by_hand(base):
    """12 both, 8 only a, none only b, 20 neither: 32 of 40 agree, McNemar's P is 2/2⁸."""
    draft = Draft(scope=Scope(cohort=open_cohort("jinca2021"), prefix="t"))
    pair = pair_of(base, "a", "b")
    agreements(draft, pair, base.everybody.known("a").known("b"))
    comparisons(draft, [pair])

    assert pair.table == [[12, 8], [0, 20]]
    same = draft.results["t/pair/a_b/agreement"]
    assert (same.events, same.n) == (32, 40)
    assert draft.results["t/pair/a_b/mcnemar_exact_p_value"].value == pytest.approx(2 / 2**8)


def test_a_corrected_p_rests_on_the_pairs_with_a_smaller_one(base):
    """Holm's P of one pair can be that of another: it is withheld with the other's counts."""
    draft = Draft(scope=Scope(cohort=open_cohort("jinca2021"), prefix="t"))
    first, second = pair_of(base, "a", "b"), pair_of(base, "a", "c")
    comparisons(draft, [first, second])

    behind = set(draft.whose["t/pair/a_c/mcnemar_holm_p_value"].groups)
    assert {members.name for members in (*first.cells, *second.cells)} <= behind
    behind = set(draft.whose["t/pair/a_b/mcnemar_holm_p_value"].groups)
    assert not {members.name for members in second.cells} & behind


@pytest.mark.parametrize("n_between", [0, 1])
def test_a_result_that_nobody_in_the_cohort_has_takes_nothing_along(tmp_path, n_between):
    """Only where somebody in the cohort is indeterminate there is a number of them to be kept."""
    results = ["positive"] * 20 + ["negative"] * 20 + ["indeterminate"] * n_between
    rows = [(f"P{i}", f"S{i}", "gift", result) for i, result in enumerate(results)]
    tables = {
        "patients": [("patient_id",), *((row[0],) for row in rows)],
        "antibody_tests": [("patient_id", "sample_id", "assay", "result"), *rows],
    }
    for name, lines in tables.items():
        with (tmp_path / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(lines)
    card = {"name": "c", "title": "C", "incohort": {"privacy": "restricted"}, "resources": []}
    (tmp_path / "datapackage.json").write_text(json.dumps(card), encoding="utf-8")
    found = AssayYield(open_cohort(str(tmp_path))).design()

    is_told = "assay_yield/tests/gift/indeterminate/count" in found.by_key
    assert is_told is bool(n_between)
