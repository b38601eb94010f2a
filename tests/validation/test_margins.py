"""Least and most cells given margins: printed cohorts by hand, and small tables by trying all."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from incohort.stats import NoEstimate
from incohort.stats.margins import Crossed, Total, extent, table_with, total

EITHER = (True, False)
DRUGS = {"methotrexate": (62, 34, 13), "cyclophosphamide": (32, 21, 15)} | {
    "ciclosporin": (24, 5, 1),
    "steroid": (33, 4, 1),
}


def limits(found):
    assert not isinstance(found, NoEstimate), found
    return found.least, found.most


def test_died_before_recovery_in_the_34_of_bmc_cancer_2020():
    """26 recovered and 14 died: 0 to 8 died before, so at least 6 died after recovering."""
    table = Crossed({"recovered": EITHER, "died": EITHER})
    known = [table.total(34), table.total(26, recovered=True), table.total(14, died=True)]

    assert limits(extent(table.where(recovered=False, died=True), known)) == (0, 8)
    assert limits(extent(table.where(recovered=True, died=True), known)) == (6, 14)


def test_stat3_and_many_lgl_in_gorodetskiy():
    """22 of 56 with the mutation and 12 with more than 2: none to all of the 12 have both."""
    table = Crossed({"stat3": EITHER, "many": EITHER})
    known = [table.total(56), *table.margins(stat3={True: 22}, many={True: 12})]

    assert limits(extent(table.where(stat3=True, many=True), known)) == (0, 12)


def courses():
    """Bareau 2010: 100 patients, four drugs, each given at most once; courses with CR and PR."""
    levels = ("not given", "none", "partial", "complete")
    table = Crossed(dict.fromkeys(DRUGS, levels))
    known = [table.total(100), table.total(0, **dict.fromkeys(DRUGS, "not given"))]
    for drug, (given_to, responded, complete) in DRUGS.items():
        counts = {
            "not given": 100 - given_to, "none": given_to - responded,
            "partial": responded - complete, "complete": complete,
        }  # fmt: skip
        known += table.margins(**{drug: counts})
    return table, known


@pytest.mark.parametrize(
    ("wanted", "least", "most"),
    [
        (lambda cell: cell.count("not given") == len(DRUGS) - 1, 49, 83),
        (lambda cell: "partial" in cell or "complete" in cell, 34, 64),
        (lambda cell: "complete" in cell, 15, 30),
    ],
)
def test_patients_behind_the_courses_of_bareau(wanted, least, most):
    """151 courses of 100 patients: 49 to 83 had one, 34 to 64 ever responded, 15 to 30 fully."""
    table, known = courses()

    assert limits(extent([cell for cell in table.cells if wanted(cell)], known)) == (least, most)


def rajakulendran(n, drugs, *counts):
    """All margins of a stratum; yes and no, but for drug and antinuclear antibody."""
    names = ("male", "methotrexate", "prednisolone", "dmard", "low_baseline")
    levels = {"drug": tuple(drugs), "ana": ("positive", "negative", "untested")}
    table = Crossed(levels | dict.fromkeys(names, EITHER))
    *yes, ana = counts
    of_names = {name: {True: k, False: n - k} for name, k in zip(names, yes, strict=True)}
    ana = dict(zip(levels["ana"], ana, strict=True))
    return table, [table.total(n), *table.margins(drug=drugs, ana=ana, **of_names)]


def test_the_margins_of_rajakulendran():
    """Both strata have a table: with 72 on etanercept and four without a drug, not without them."""
    drugs = {"infliximab": 3, "etanercept": 13, "adalimumab": 3}
    low, of_low = rajakulendran(19, drugs, 16, 5, 4, 11, 11, (7, 4, 8))
    others = {"infliximab": 18, "etanercept": 72, "adalimumab": 20, "none": 4}
    _, of_others = rajakulendran(114, others, 88, 42, 49, 12, 13, (58, 34, 22))
    others.pop("none")
    _, without = rajakulendran(114, others, 88, 42, 49, 12, 13, (58, 34, 22))

    assert limits(extent(low.where(dmard=True, low_baseline=True), of_low)) == (3, 11)
    assert sum(table_with(of_others).values()) == 114
    assert isinstance(table_with(without), NoEstimate)


def test_the_margins_of_brito():
    """90 idiopathic and 201 never neutropenic, four marks each: there is a table; Ro and RF too."""
    for n, counts in ((90, (48, 44, 15, 22)), (201, (44, 65, 17, 19)), (201, (45, 65, 17, 19))):
        table = Crossed(dict.fromkeys(("ro", "rf", "low_c4", "admitted"), EITHER))
        margins = dict(zip(table.levels, ({True: k} for k in counts), strict=True))
        known = [table.total(n), *table.margins(**margins)]
        ro, rf = counts[:2]
        both = extent(table.where(ro=True, rf=True), known)

        assert limits(both) == (max(0, ro + rf - n), min(ro, rf))  # Fréchet's bounds
        assert sum(both.at_most.values()) == sum(both.at_least.values()) == n


def test_bounds_of_three_margins_by_hand():
    """Of 10, 8 have each of three marks: at least 10 − 3·2 = 4 have all, at most 8."""
    table = Crossed(dict.fromkeys("abc", EITHER))
    known = [table.total(10), *table.margins(a={True: 8}, b={True: 8}, c={True: 8})]

    assert limits(extent(table.where(a=True, b=True, c=True), known)) == (4, 8)


def test_a_half_patient_is_none():
    """Three pairs of three cells that sum to 1: halves would do, whole numbers don't."""
    pairs = [total(pair, 1) for pair in itertools.combinations("abc", 2)]

    assert isinstance(table_with(pairs), NoEstimate)
    assert isinstance(extent("a", pairs), NoEstimate)


def test_no_limit_is_said():
    """A cell that no total holds down has a least and no most; one that none names neither."""
    found = extent(["a"], [Total({"a": 1, "b": -1}, 2, None)])

    assert (found.least, found.most, found.at_most) == (2, None, None)
    assert extent(["a"], []).most is None
    assert limits(extent([], [])) == (0, 0)
    assert table_with([]) == {}
    assert isinstance(table_with([total([], 1)]), NoEstimate)


def test_what_a_table_refuses():
    """An unknown characteristic or level, a range the wrong way, sums beyond exactness."""
    table = Crossed({"sex": ("male", "female")})
    for wrong in ({"age": 3}, {"sex": "other"}, {"sex": {"male", "other"}}):
        with pytest.raises(ValueError, match="the table has no"):
            table.where(**wrong)
    assert table.where(sex={"male", "female"}) == table.cells
    with pytest.raises(ValueError, match="between 3 and 2"):
        table.total(3, up_to=2)
    with pytest.raises(ValueError, match="too large"):
        table_with([total(["a"], 2**40)])
    with pytest.raises(ValueError, match="takes none away"):
        extent({"a": -1}, [total(["a"], 1)])


def test_a_solver_that_gives_up_or_errs_is_found_out(monkeypatch):
    """No answer in time is no answer; one that does not add up in whole numbers is refused."""
    known = [total("ab", 3)]
    late = SimpleNamespace(status=1, success=False, message="time limit", x=None)
    wrong = SimpleNamespace(status=0, success=True, message="", x=np.array([1.4, 1.6]))
    below = SimpleNamespace(status=0, success=True, message="", x=np.array([4.0, -1.0]))
    more = SimpleNamespace(status=0, success=True, message="", x=np.array([2.0, 2.0]))
    for answer, message in (
        (late, "time limit"), (wrong, "whole"), (below, "whole"), (more, "whole"),
    ):  # fmt: skip
        monkeypatch.setattr(optimize, "milp", lambda *_, said=answer, **__: said)
        with pytest.raises(RuntimeError, match=message):
            table_with(known)


cells = st.integers(0, 3)
few_totals = st.lists(
    st.tuples(st.dictionaries(cells, st.integers(1, 3), min_size=1), st.integers(0, 6),
              st.integers(0, 2)),
    min_size=1, max_size=4,
)  # fmt: skip


@given(few_totals, st.dictionaries(cells, st.integers(1, 2), min_size=1))
@settings(max_examples=60, deadline=None)
def test_no_table_of_all_lies_beyond_the_bounds(rows, wanted):
    """Every table of four cells, each up to 6, tried: the least and the most are those found."""
    known = [total(range(4), 0, up_to=6)]
    known += [total(weights, low, up_to=low + more) for weights, low, more in rows]
    sums = [
        sum(weight * table[cell] for cell, weight in wanted.items())
        for table in itertools.product(range(7), repeat=4)
        if all(
            row.low <= sum(w * table[cell] for cell, w in row.weights.items()) <= row.high
            for row in known
        )
    ]
    found = extent(wanted, known)

    if sums:
        assert limits(found) == (min(sums), max(sums))
    else:
        assert isinstance(found, NoEstimate)
        assert isinstance(table_with(known), NoEstimate)
