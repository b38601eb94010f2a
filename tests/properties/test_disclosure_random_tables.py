"""First tables of random cohorts with gaps, and somebody who works them out with a program."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from incohort.disclosure import PROFILES, Ledger, gate
from incohort.disclosure.profiles import Profile
from incohort.results import Estimate, Findings, Measure, Suppressed
from incohort.results.groups import EVERYBODY, NOT_RECORDED, Census, GroupName, Whose
from incohort.shapes.sets import Base, Members

COLUMNS = {
    "sex": ("female", "male"),
    "cause": ("drug", "immune", "other"),
    "grade": ("mild", "moderate", "severe"),
}
CLOSED = st.sampled_from([profile for profile in PROFILES.values() if not profile.is_open])
FAR = 1000.0


@st.composite
def cohorts(draw) -> Base:
    """30 to 300 patients of whom sex, cause and grade are not recorded now and then."""
    n, seed = draw(st.integers(30, 300)), draw(st.integers(0, 10**6))
    gap = draw(st.sampled_from([0.0, 0.01, 0.05]))
    random = np.random.default_rng(seed)
    base = Base("patients", pd.DataFrame({"patient_id": [f"P{i}" for i in range(n)]}))
    for name, words in COLUMNS.items():
        chances = np.array([0.6, 0.35, 0.05][: len(words)])
        values = pd.Series(random.choice(words, n, p=chances / chances.sum()))
        base.cut(name, values.mask(random.random(n) < gap), words)
    return base


class Page:
    """Results in the making, each with its sets."""

    def __init__(self, base: Base) -> None:
        """An empty page."""
        self.base, self.results, self.whose = base, [], []

    def count(self, key: str, members: Members) -> None:
        """How many are in a set."""
        n = len(members)
        count = Estimate(key=key, label=key, measure=Measure.COUNT, value=float(n), n=n)
        self.results.append(count)
        self.whose.append(Whose(key=key, unit="patients", of=members.name))

    def share(self, key: str, part: Members, whole: Members) -> None:
        """How many of a set are in a part of it, unless nobody is in the set."""
        events, n = len(part), len(whole)
        if n:
            self.results.append(
                Estimate(key=key, label=key, measure=Measure.PROPORTION, value=events / n,
                         events=events, n=n)
            )  # fmt: skip
            own = Whose(key=key, unit="patients", of=whole.name, events=part.name)
            self.whose.append(own)

    @property
    def findings(self) -> Findings:
        """The page, before any gate."""
        return Findings(
            name="t", title="T", results=tuple(self.results), whose=tuple(self.whose),
            censuses=(self.base.census,),
        )  # fmt: skip


def a_first_table(base: Base) -> Findings:
    """The size of all and of each grade, shares of sex and cause in them, and who is missing."""
    page = Page(base)
    groups = {grade: base.everybody.where("grade", grade) for grade in COLUMNS["grade"]}
    groups |= {"all": base.everybody, "none": base.everybody.unknown("grade")}
    for name, members in groups.items():
        page.count(f"{name}/n", members)
        for column in ("sex", "cause"):
            page.count(f"{name}/{column}/missing", members.unknown(column))
            known = members.known(column)
            for word in COLUMNS[column]:
                page.share(f"{name}/{column}/{word}", known.where(column, word), known)
    return page.findings


class Reader:
    """Knows whoever can be in each cell of all columns, but for what the page tells of them."""

    def __init__(self, before: Findings, after: Findings, profile: Profile) -> None:
        """Read what is shown."""
        (self.census,) = (census,) = before.censuses
        words = product(*((*own, NOT_RECORDED) for own in COLUMNS.values()))
        self.cells = [dict(zip(COLUMNS, cell, strict=True)) for cell in words]
        # that nothing is missing of anybody in the whole cohort is no secret; a category that the
        # page asks for is one, though nobody has it
        there = [
            all(word != [NOT_RECORDED] or census.n(EVERYBODY.where(column, word))
                for column, word in self._each(cell))
            for cell in self.cells
        ]  # fmt: skip
        self.top = np.array(there) * FAR
        self.rows: list[np.ndarray] = []
        self.ends: list[tuple[int, int]] = []
        self.base, self.half = profile.base, profile.base // 2
        for own in before.whose:
            self._read(own, after.by_key[own.key])
            if is_no_gap(census, own.of):
                self._know(own.of)

    @staticmethod
    def _each(cell: dict[str, str]):
        return [(name, [word]) for name, word in cell.items()]

    def _read(self, own: Whose, result) -> None:
        events = own.of if own.events is None else own.events
        if isinstance(result, Estimate) or result.events is not None:
            self._know(events)
        if isinstance(result, Estimate) and result.n is not None:
            self._know(own.of)

    def _know(self, group: GroupName) -> None:
        """A rounded number is taken for the nearest multiple, a total too: more than is printed."""
        middle = (self.census.n(group) + self.half) // self.base * self.base
        self.rows.append(self.inside(group))
        self.ends.append((max(middle - self.half, 0), middle + self.half))

    def inside(self, group: GroupName) -> np.ndarray:
        """Which cells make up a set."""
        by = group.by_axis
        return np.array(
            [float(all(cell[a] in own for a, own in by.items())) for cell in self.cells]
        )

    def most(self, wanted: np.ndarray) -> float:
        """The largest that the number of patients in some cells can be."""
        rows = np.array(self.rows).reshape(-1, len(self.cells))
        low, high = np.array(self.ends).reshape(-1, 2).T
        answer = optimize.milp(
            -wanted, constraints=optimize.LinearConstraint(rows, low, high),
            integrality=np.ones(len(self.cells)), bounds=optimize.Bounds(0.0, self.top),
        )  # fmt: skip
        assert answer.success
        return float(round(-answer.fun))


def is_no_gap(census: Census, group: GroupName) -> bool:
    """Whether nothing is missing of anybody in a group: that says nothing of them."""
    is_gap = any(words == {NOT_RECORDED} for words in group.by_axis.values())
    return is_gap and not census.n(group)


def found_out(before: Findings, after: Findings, profile: Profile) -> set[str]:
    """The numbers of which the reader learns that they are small, though somebody could be there.

    Of each result: all, those with the event, those without.
    """
    reader, lost = Reader(before, after, profile), set()
    (census,) = before.censuses
    for own in before.whose:
        whole = reader.inside(own.of)
        sets = [("n", whole, census.n(own.of), is_no_gap(census, own.of))]
        if own.events is not None:
            part, n = reader.inside(own.events), census.n(own.events)
            sets.append(("events", part, n, False))
            sets.append(("others", whole - part, census.n(own.of) - n, False))
        for name, cells, n, is_open in sets:
            is_secret = n <= profile.limit < reader.top @ cells and not is_open
            if is_secret and reader.most(cells) <= profile.limit:
                lost.add(f"{own.key}#{name}")
    return lost


def printed(findings: Findings) -> dict[str, int]:
    """How much is shown of each result: nothing, the events, or all."""
    return {
        r.key: 2 if isinstance(r, Estimate) else int(r.events is not None)
        for r in findings.results
        if isinstance(r, Estimate | Suppressed)
    }


@settings(deadline=None, max_examples=12)
@given(cohorts(), CLOSED)
def test_nobody_learns_that_a_set_is_small(base, profile):
    """Whatever is shown of a first table, each small number behind it may exceed the limit."""
    before = a_first_table(base)

    assert not found_out(before, gate(before, profile), profile)


def test_the_same_reader_wins_where_only_small_numbers_are_withheld():
    """Without a second suppression those of whom nothing is recorded are found by subtraction."""
    random = np.random.default_rng(4)
    base = Base("patients", pd.DataFrame({"patient_id": [f"P{i}" for i in range(120)]}))
    for name, words in COLUMNS.items():
        values = pd.Series(random.choice(words, 120))
        base.cut(name, values.mask(random.random(120) < 0.02), words)
    before, profile = a_first_table(base), PROFILES["darwin"]

    def is_small(result: Estimate) -> bool:
        parts = [result.value if result.measure is Measure.COUNT else result.events]
        if result.measure is Measure.PROPORTION:
            parts += [result.n, result.n - result.events]
        return min(parts) <= profile.limit

    plain = tuple(
        Suppressed(key=r.key, label=r.label, reason="") if is_small(r) else r
        for r in before.results
    )
    assert found_out(before, replace(before, results=plain), profile)
    assert not found_out(before, gate(before, profile), profile)


@settings(deadline=None, max_examples=8)
@given(cohorts(), st.sampled_from([1, 5]), st.integers(0, 8), st.integers(1, 4))
def test_a_higher_limit_never_shows_more_of_sets(base, unit, limit, more):
    """What is withheld of a set at one limit is withheld at every higher one."""
    kind, before = replace(PROFILES["darwin"], base=unit), a_first_table(base)
    lower, higher = (
        printed(gate(before, replace(kind, limit=own))) for own in (limit, limit + more)
    )
    assert all(lower[key] >= higher[key] for key in lower)


def test_a_count_stays_where_its_denominator_goes():
    """Of 60 patients 2 have no grade: how many are mild, moderate, severe is told, not of how many.

    Of 60 and of 58 at once the 2 would be told.
    """
    base = Base("patients", pd.DataFrame({"patient_id": [f"P{i}" for i in range(60)]}))
    grades = ["mild"] * 30 + ["moderate"] * 18 + ["severe"] * 10 + [None] * 2
    base.cut("grade", pd.Series(grades, dtype="object"), COLUMNS["grade"])
    page = Page(base)
    known = base.everybody.known("grade")
    page.count("all", base.everybody)
    for grade in ("mild", "moderate"):
        page.share(grade, known.where("grade", grade), known)
    after = gate(page.findings, PROFILES["darwin"])

    assert after.by_key["all"].value == 60
    assert [after.by_key[grade].events for grade in ("mild", "moderate")] == [30, 18]
    assert all(isinstance(after.by_key[grade], Suppressed) for grade in ("mild", "moderate"))


@settings(deadline=None, max_examples=6)
@given(cohorts(), CLOSED)
def test_what_names_no_new_set_is_decided_as_before(base, profile):
    """A second table of the same sets under other keys shows and withholds the same numbers."""
    before, ledger = a_first_table(base), Ledger()
    again = replace(
        before,
        results=tuple(replace(r, key=f"again/{r.key}") for r in before.results),
        whose=tuple(replace(own, key=f"again/{own.key}") for own in before.whose),
    )
    first = printed(gate(before, profile, ledger))
    second = printed(gate(again, profile, ledger))

    assert second == {f"again/{key}": shown for key, shown in first.items()}


def a_page_of_two_blocks(base: Base) -> Findings:
    """Everybody, each sex, and each cause in each grade: the last two share no column with sex."""
    page = Page(base)
    page.count("all", base.everybody)
    for sex in COLUMNS["sex"]:
        page.count(sex, base.everybody.where("sex", sex))
    for cause, grade in product(COLUMNS["cause"], COLUMNS["grade"]):
        page.count(f"{cause}/{grade}", base.everybody.where("cause", cause).where("grade", grade))
    return page.findings


def test_what_is_too_large_to_be_judged_takes_nothing_along_that_it_shares_no_column_with(
    monkeypatch,
):
    """Of 16 cells of cause and grade nothing is told where 12 are the most; of sex all is.

    Where some of them were told before, nothing more is: what they tell can't be judged.
    """
    random = np.random.default_rng(7)
    base = Base("patients", pd.DataFrame({"patient_id": [f"P{i}" for i in range(270)]}))
    for name, words in COLUMNS.items():
        base.cut(name, pd.Series(random.permutation(list(words) * (270 // len(words)))), words)
    page, profile, ledger = a_page_of_two_blocks(base), PROFILES["darwin"], Ledger()
    assert all(printed(gate(page, profile, ledger)).values())
    again = replace(
        page, results=tuple(replace(r, key=f"{r.key}/again") for r in page.results),
        whose=tuple(replace(own, key=f"{own.key}/again") for own in page.whose),
    )  # fmt: skip

    monkeypatch.setattr("incohort.disclosure.lattice.MOST_CELLS", 12)
    alone = Ledger()
    for _ in range(2):  # shown twice, it says the same twice
        shown = printed(gate(page, profile, alone))
        assert {key for key, how in shown.items() if how} == {"all", *COLUMNS["sex"]}
    assert not any(printed(gate(again, profile, ledger)).values())
