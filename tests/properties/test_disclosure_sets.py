"""Sets named by columns and categories: what adds up by the names, and an attacker who knows it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import optimize

from incohort.disclosure import PROFILES, Ledger, gate
from incohort.disclosure.lattice import Lattice
from incohort.disclosure.sets import sums_of_sets
from incohort.results import Estimate, Findings, Measure, NotEstimable, Suppressed
from incohort.results.groups import EVERYBODY, NOT_RECORDED, GroupName, Whose
from incohort.shapes.sets import Base

SEXES, GRADES = ("female", "male"), ("mild", "moderate", "severe")
EXACT = [
    profile for profile in PROFILES.values() if not profile.is_open and not profile.is_rounding
]


@st.composite
def bases(draw, most: int = 90) -> Base:
    """Up to 90 patients with a sex and a grade, each now and then not recorded."""
    n, seed = draw(st.integers(20, most)), draw(st.integers(0, 10**6))
    random = np.random.default_rng(seed)
    shares = draw(st.sampled_from([(0.5, 0.45, 0.05), (0.8, 0.2, 0.0), (0.9, 0.05, 0.05)]))
    frame = pd.DataFrame({"patient_id": [f"P{i}" for i in range(n)]})
    frame["sex"] = random.choice([*SEXES, None], n, p=shares)
    frame["grade"] = random.choice([*GRADES, None], n, p=[0.5, 0.3, 0.15, 0.05])
    base = Base("patients", frame)
    base.cut("sex", frame["sex"], SEXES)
    base.cut("grade", frame["grade"], GRADES)
    return base


def crossed(base: Base) -> Findings:
    """Everybody, each sex, each grade, and each sex in each grade, as counts."""
    names = {"all": EVERYBODY}
    names |= {sex: EVERYBODY.where("sex", [sex]) for sex in SEXES}
    for grade in GRADES:
        of_grade = EVERYBODY.where("grade", [grade])
        names[grade] = of_grade
        names |= {f"{grade}/{sex}": of_grade.where("sex", [sex]) for sex in SEXES}
    census = base.census
    results = tuple(
        Estimate(key=key, label=key, measure=Measure.COUNT, value=float(census.n(name)),
                 n=census.n(name))
        for key, name in names.items()
    )  # fmt: skip
    whose = tuple(Whose(key=key, unit="patients", of=name) for key, name in names.items())
    return Findings(name="t", title="T", results=results, whose=whose, censuses=(census,))


def highest(base: Base, after: Findings, key: str) -> int:
    """The largest that a withheld count can be, by an integer program over the cells of the table.

    It knows which cells add up to what, what is shown, and that nobody has an empty category.
    """
    sexes, grades = (*SEXES, NOT_RECORDED), (*GRADES, NOT_RECORDED)
    cells = list(product(grades, sexes))
    n = {word: int((base.frame[c] == word).sum()) for c, own in (("sex", SEXES), ("grade", GRADES))
         for word in own}  # fmt: skip
    gaps = {c: int(base.frame[c].isna().sum()) for c in ("sex", "grade")}

    def inside(name: str) -> list[float]:
        parts = set(name.split("/")) - {"all"}
        return [float(parts <= {grade, sex}) for grade, sex in cells]

    empty = {word for word, number in n.items() if not number}
    empty |= {f"{c}?" for c, number in gaps.items() if not number}
    marked = [
        {f"grade{'?' if grade == NOT_RECORDED else ''}", f"sex{'?' if sex == NOT_RECORDED else ''}"}
        for grade, sex in cells
    ]
    top = [
        0.0 if empty & (marks | {*cell}) else 1000.0
        for marks, cell in zip(marked, cells, strict=True)
    ]
    shown = [r for r in after.results if isinstance(r, Estimate)]
    constraints = [
        optimize.LinearConstraint(np.array([inside(r.key)]), r.value, r.value) for r in shown
    ]
    answer = optimize.milp(
        -np.array(inside(key)), constraints=constraints, integrality=np.ones(len(cells)),
        bounds=optimize.Bounds(np.zeros(len(cells)), np.array(top)),
    )  # fmt: skip
    return round(-answer.fun) if answer.success else 1000


def _column(word: str) -> str:
    return "sex" if word in SEXES else "grade"


@settings(deadline=None, max_examples=25)
@given(bases(), st.sampled_from(EXACT))
def test_no_small_set_can_be_worked_out(base, profile):
    """An integer program over all cells never finds that a withheld count is small."""
    before = crossed(base)
    after = gate(before, profile)
    for result in after.results:
        true, words = before.by_key[result.key].value, {*result.key.split("/")} - {"all"}
        has_all = all(base.census.n(EVERYBODY.where(_column(w), [w])) for w in words)
        if isinstance(result, Suppressed) and true <= profile.limit and has_all:
            assert highest(base, after, result.key) > profile.limit, result.key
        elif isinstance(result, Estimate):
            assert result.value == true > profile.limit


def test_without_withholding_more_the_same_attacker_wins():
    """Where only what is small itself is withheld, subtraction gives it back."""
    frame = pd.DataFrame({"patient_id": [f"P{i}" for i in range(40)]})
    frame["sex"] = ["female"] * 20 + ["male"] * 20
    frame["grade"] = ["mild"] * 17 + ["severe"] * 3 + ["mild"] * 20
    base = Base("patients", frame)
    base.cut("sex", frame["sex"], SEXES)
    base.cut("grade", frame["grade"], GRADES)
    before = crossed(base)
    small = {r.key for r in before.results if r.value <= 4}
    alone = replace(
        before,
        results=tuple(
            Suppressed(key=r.key, label=r.label, reason="") if r.key in small else r
            for r in before.results
        ),
    )

    assert highest(base, alone, "severe/female") <= 4
    assert highest(base, gate(before, PROFILES["darwin"]), "severe/female") > 4


@settings(deadline=None, max_examples=25)
@given(bases())
def test_every_sum_of_the_lattice_holds(base):
    """What the names say adds up does, of whoever is in the cohort."""
    lattice = Lattice(base.census, crossed(base).whose)
    for total, parts in lattice.sums():
        counted = lattice.counted
        assert counted[total].rows == sum(counted[part].rows for part in parts)


@settings(deadline=None, max_examples=25)
@given(bases())
def test_sets_taken_together_are_the_sum_of_their_parts(base):
    """Female or severe, without counting anybody twice, is a sum of cells, each table coarse."""
    women, severe = (EVERYBODY.where(*cut) for cut in (("sex", ["female"]), ("grade", ["severe"])))
    rest = severe.where("sex", ["male", NOT_RECORDED])
    either = GroupName.together([women, rest])
    whose = {
        name: Whose(key=name, unit="patients", of=group)
        for name, group in {"a": either, "b": women.where("grade", ["mild"]), "c": rest}.items()
    }
    frame = base.frame
    is_either = (frame["sex"] == "female") | (frame["grade"] == "severe")
    assert base.census.n(either) == is_either.sum()
    assert len(Lattice(base.census, whose.values()).cells_in(("grade", "sex"))["grade"]) == 3
    sums = sums_of_sets({"patients": base.census}, whose, list(whose))
    assert all(
        sums.value[e.total] == sum(sums.value[part] for part in e.parts) for e in sums.equations
    )
    assert any(e.total == sums.atoms_of["a"]["events"] for e in sums.equations)
    with pytest.raises(ValueError, match="could share a row"):
        GroupName.together([women, severe])


@settings(deadline=None, max_examples=20)
@given(bases(), st.sampled_from(EXACT))
def test_what_was_shown_before_is_not_forgotten_under_its_key(base, profile):
    """A key that is asked of other patients does not make the gate forget the first answer."""
    names = {"before": EVERYBODY, "after": EVERYBODY.where("sex", SEXES)}
    census = base.census
    left = census.n(names["before"]) - census.n(names["after"])
    assume(0 < left <= profile.limit < census.n(names["after"]))
    ledger = Ledger()
    shown = []
    for name in names.values():
        n = census.n(name)
        one = Estimate(key="k", label="k", measure=Measure.COUNT, value=float(n), n=n)
        whose = (Whose(key="k", unit="patients", of=name),)
        findings = Findings(name="t", title="T", results=(one,), whose=whose, censuses=(census,))
        shown += [isinstance(r, Estimate) for r in gate(findings, profile, ledger).results]

    assert shown == [True, False]


PRICE = Estimate(key="price", label="Price", measure=Measure.STATISTIC, value=12.345, n=3)


def beside_a_price(price: Estimate | NotEstimable) -> Findings:
    """A small count of a set, and a number that is said to be no person's."""
    base = Base("patients", pd.DataFrame({"patient_id": ["P1", "P2"]}))
    one = Estimate(key="k", label="k", measure=Measure.COUNT, value=2.0, n=2)
    return Findings(
        name="t", title="T", results=(one, price), given=frozenset({"price"}),
        whose=(Whose(key="k", unit="patients", of=EVERYBODY),), censuses=(base.census,),
    )  # fmt: skip


@pytest.mark.parametrize("profile", EXACT)
def test_a_number_that_is_no_person_s_is_shown_to_its_last_digit(profile):
    """What was given to a report is shown as it is; the small count beside it is not."""
    after = gate(beside_a_price(PRICE), profile)
    assert after.by_key["price"] == PRICE
    assert isinstance(after.by_key["k"], Suppressed)
    assert not after.given


@pytest.mark.parametrize(
    "result",
    [
        replace(PRICE, sources=("patients.sex",)),
        replace(PRICE, measure=Measure.COUNT),
        replace(PRICE, events=1),
        replace(PRICE, residual_df=30),
        NotEstimable(key="price", label="Price", reason="nobody was tested", n=0),
        NotEstimable(key="price", label="Price", reason="none", sources=("patients.sex",)),
        Suppressed(key="price", label="Price", reason=""),
    ],
)
def test_what_rests_on_rows_is_somebody_s(result):
    """A count, or anything with a column behind it, can't be said to be no person's."""
    with pytest.raises(ValueError, match="'price' is said to be given"):
        beside_a_price(result)


def test_nothing_is_somebody_s_and_nobody_s():
    """A key with a set that is given, too, is a mistake; one with neither is refused."""
    neither = gate(replace(beside_a_price(PRICE), given=frozenset()), PROFILES["darwin"])
    assert "names no set of patients" in neither.by_key["price"].reason
    both = replace(beside_a_price(PRICE), whose=tuple(
        Whose(key=key, unit="patients", of=EVERYBODY) for key in ("k", "price")
    ))  # fmt: skip
    with pytest.raises(ValueError, match="no person's: price"):
        gate(both, PROFILES["darwin"])


def test_a_column_asked_of_some_is_the_same_set_by_both_names():
    """Who has a course is whoever is neutropenic: one equation says so, and no cell contradicts."""
    frame = pd.DataFrame({"patient_id": list("abcde"), "low": [True, True, False, True, None]})
    frame["course"] = ["acute", "chronic", None, None, "acute"]
    base = Base("patients", frame)
    base.flag("low", frame["low"])
    base.cut("course", frame["course"], ("acute", "chronic"), base.everybody.where("low", "yes"))
    acute = base.everybody.where("course", "acute")

    assert len(acute) == 1  # the last is not known to be low, so the course is not asked
    assert len(base.everybody.known("course")) == 2
    assert len(base.everybody.unknown("course")) == 1
    whose = {"k": Whose(key="k", unit="patients", of=acute.name)}
    sums = sums_of_sets({"patients": base.census}, whose, ["k"])
    assert all(
        sums.value[e.total] == sum(sums.value[part] for part in e.parts) for e in sums.equations
    )


def test_a_reason_that_lies_in_no_patient_is_shown_and_one_that_lies_in_some_is_not():
    """That a table is missing tells of nobody; that a ratio has no bound tells of an empty cell.

    So does that all times are the same: it is a reason of many that names no small set.
    """
    frame = pd.DataFrame({"patient_id": [f"P{i}" for i in range(40)]})
    base = Base("patients", frame)
    base.cut("sex", pd.Series(["female"] * 40), SEXES)
    women, men = (base.everybody.where("sex", sex) for sex in SEXES)
    results = (
        NotEstimable(key="t", label="t", reason="the cohort has no table labs"),
        NotEstimable(key="r", label="r", reason="one cell of the table is empty", n=0),
        NotEstimable(key="s", label="s", reason="there is no spread in the times", n=40),
    )
    whose = (
        Whose(key="t", unit="patients", of=men.name),
        Whose(key="r", unit="patients", of=women.name, rests_on=(men.name,)),
        Whose(key="s", unit="patients", of=EVERYBODY),
    )
    findings = Findings(name="t", title="T", results=results, whose=whose, censuses=(base.census,))
    after = gate(findings, PROFILES["darwin"]).by_key

    assert after["t"] == results[0]
    assert isinstance(after["r"], Suppressed)
    assert isinstance(after["s"], Suppressed)


def of_another_question(low: int, n: int) -> Findings:
    """How many of some patients are low, and of these how many acute."""
    frame = pd.DataFrame({"patient_id": [f"P{i}" for i in range(n)]})
    frame["low"] = [i < low for i in range(n)]
    base = Base("episodes", frame)
    base.flag("low", frame["low"])
    is_low = base.everybody.where("low", "yes")
    course = pd.Series(["acute" if i < low - 2 else "chronic" for i in range(n)])
    base.cut("course", course, ("acute", "chronic"), is_low)
    names = {"all": EVERYBODY, "low": is_low.name}
    names |= {word: base.everybody.where("course", word).name for word in ("acute", "chronic")}
    results = tuple(
        Estimate(key=f"{low}/{n}/{key}", label=key, measure=Measure.COUNT,
                 value=float(base.census.n(name)), n=base.census.n(name))
        for key, name in names.items()
    )  # fmt: skip
    whose = tuple(
        Whose(key=f"{low}/{n}/{key}", unit="episodes", of=name) for key, name in names.items()
    )
    return Findings(name="t", title="T", results=results, whose=whose, censuses=(base.census,))


@pytest.mark.parametrize("profile", EXACT)
def test_questions_of_other_rows_or_other_columns_stand_beside_each_other(profile):
    """Asked again with another threshold, columns and rows are other ones: each is judged."""
    ledger = Ledger()
    for low, n in ((30, 60), (40, 60), (30, 70)):
        before = of_another_question(low, n)
        after = gate(before, profile, ledger).by_key
        assert isinstance(after[f"{low}/{n}/low"], Estimate)
        assert isinstance(after[f"{low}/{n}/chronic"], Suppressed)
        assert isinstance(after[f"{low}/{n}/acute"], Suppressed)
