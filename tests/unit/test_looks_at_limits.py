"""Where each rule on what is worth a look begins, on numbers that can be worked out by hand."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import pytest

from incohort.sources.looks.days import newest_day
from incohort.sources.looks.magnitudes import slips
from incohort.sources.looks.marks import Mark, mark_words, marks
from incohort.sources.looks.people import skeleton

# Ibis 12 calls a method that DuckDB 2 renamed.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")


def group(*numbers: tuple[float, int], name: str = "a", out: tuple[float, ...] = ()) -> list[dict]:
    """So many of each number; those of `out` are outside what is plausible."""
    return [
        {"group": name, "number": float(number), "is_out": number in out}
        for number, n in numbers
        for _ in range(n)
    ]


def marked(*rows: list[dict]) -> set[tuple[str, float]]:
    schema = {"group": "string", "number": "float64", "is_out": "boolean"}
    table = ibis.memtable([row for part in rows for row in part], schema=schema)
    return {(mark.group, mark.number) for mark in marks(table)}


@pytest.mark.parametrize(
    ("numbers", "is_mark"),
    [
        ([(-1, 1), (5, 99)], True),  # below nought nothing is counted
        ([(-99, 1), (5, 99)], True),
        ([(-2, 1), (5, 99)], False),  # nobody writes it for nothing
        ([(999, 2), (5, 38)], True),  # two of 40 are a twentieth
        ([(999, 2), (5, 39)], False),
        ([(999, 1), (5, 9)], False),  # one may be a value
        ([(7777, 1), (5, 198)], True),  # one so large among 199
        ([(7777, 1), (5, 199)], False),  # of 200 and more
        ([(8888, 1), (5, 9)], True),
        ([(99, 3), (5, 27)], True),  # three of 30 are a tenth
        ([(99, 3), (5, 28)], False),
        ([(99, 2), (5, 1)], False),  # two may be values
        ([(100, 30)], False),
    ],
)
def test_a_number_that_stands_for_nothing_is_one_where_it_is_often_enough(numbers, is_mark):
    """999 twice in forty, 99 three times in thirty, a negative one at once."""
    found = marked(group(*numbers))
    assert found == ({("a", float(numbers[0][0]))} if is_mark else set())


def test_what_cannot_be_a_value_in_one_group_is_a_mark_in_all_of_them():
    """999 is no CRP, so the one 999 among the platelets is none either; 888 is told by its own."""
    crp, platelets = (
        group((999, 1), (5, 50), name="crp", out=(999,)),
        group((999, 1), (888, 1), (5, 50), name="plt"),
    )

    assert marked(crp, platelets) == {("crp", 999.0), ("plt", 999.0)}
    assert marked(platelets) == set()
    assert marked([]) == set()
    assert marks(ibis.memtable(group((999, 2)))) == (Mark(group="a", number=999.0),)


def test_a_mark_is_told_with_what_to_do():
    """The number, what it was written as, and that an empty cell says it better."""
    words = mark_words("a value", "999")
    assert (words.subject, words.sentence, words.remedy) == (
        "999",
        "999 as a value: likely written where it is not known.",
        "If so, leave the cell empty; as it stands it is used like any other value.",
    )
    assert not words.is_grave


def slipped(values: list[float], factor: float = 1000.0) -> tuple[float, float, float] | None:
    table = ibis.memtable([{"group": "a", "value": float(value)} for value in values])
    found = slips(table, {"a": (factor,)})
    return (found["a"].low, found["a"].high, found["a"].factor) if found else None


@pytest.mark.parametrize(
    ("values", "slip"),
    [
        # usual is 1200, a thousandth of it 1.2: from a third of that to twice
        ([1200, 1200, 1200, 1200, 1.2], (0.4, 2.4, 0.001)),
        ([1200, 1200, 1200, 1200, 2.4], (0.4, 2.4, 0.001)),
        ([1200, 1200, 1200, 1200, 2.5], None),
        ([1200, 1200, 1200, 1200, 0.5], (0.4, 2.4, 0.001)),
        ([1200, 1200, 1200, 1200, 0.3], None),  # less than a third
        ([1200, 1200, 1200, 1.2], None),  # of four nothing is usual
        ([1200, 1200, 1200, 1200, 1.2, 11], None),  # one between them: both are one group
        ([1200, 1200, 1200, 1200, 1.2, 12], (0.4, 2.4, 0.001)),  # beyond ten times it is no gap
        # usual is 2, a thousand times it 2000: from half of that to three times
        ([2, 2, 2, 2, 2000], (1000.0, 6000.0, 1000.0)),
        ([2, 2, 2, 2, 1000], (1000.0, 6000.0, 1000.0)),
        ([2, 2, 2, 2, 999], None),
        ([2, 2, 2, 2, 6001], None),
        ([2, 2, 2, 2, 2000, 201], None),
        ([2, 2, 2, 2, 2000, 200], (1000.0, 6000.0, 1000.0)),
        ([2, 2, 2, 2, 2], None),
    ],
)
def test_two_units_in_one_column_leave_a_gap(values, slip):
    """The fewer values lie a factor off the usual one, and nothing lies between."""
    assert slipped(values) == (None if slip is None else pytest.approx(slip))


def test_half_of_the_values_are_no_slip():
    """Of 10 values 5 in another unit: nobody can say which of the two is usual."""
    assert slipped([1200.0] * 6 + [1.2] * 5) == pytest.approx((0.4, 2.4, 0.001))
    assert slipped([1200.0] * 5 + [1.2] * 5) is None
    assert slips(ibis.memtable([{"group": "a", "value": 1.0}]), {}) == {}


def newest(*days: tuple[str, str], today: date | None = None) -> date | None:
    rows = [{"patient_id": who, "day": date.fromisoformat(day)} for who, day in days]
    return newest_day(ibis.memtable(rows, schema={"patient_id": "string", "day": "date"}), today)


WRITTEN = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("later", "expected"),
    [
        ("2029-01-01", None),  # 1,096 days after 1 January 2026: three years and a leap day
        ("2029-01-02", WRITTEN),
        ("2026-11-30", None),
    ],
)
def test_a_day_beyond_three_years_without_any_is_doubted(later, expected):
    """From the middle of a patient's days on they go on in steps; no clock is asked."""
    usual = [("A", "2026-01-01")] * 3
    assert newest(*usual, ("A", later)) == expected
    assert newest(*usual) is None


def test_a_long_pause_up_to_the_day_the_rule_was_written_is_none():
    """2015 and 30 November 2026 may both have been; 1 December 2026 had not yet."""
    usual = [("A", "2015-01-01")] * 3
    assert newest(*usual, ("A", "2026-11-30")) is None
    assert newest(*usual, ("A", "2026-12-01")) == WRITTEN
    # steps add up: each of them is short enough
    steps = [("A", "2027-06-01"), ("A", "2030-05-01"), ("A", "2033-04-01")]
    assert newest(*[("A", "2026-01-01")] * 4, *steps) is None
    assert newest(*[("A", "2030-01-01")] * 4, ("A", "2036-01-01")) == date(2030, 1, 1)


def test_today_says_it_where_the_clock_may_be_asked():
    """Today itself, unless the cohort's days were moved beyond it."""
    usual = [("A", "2015-01-01")] * 3
    assert newest(*usual, today=date(2016, 1, 1)) == date(2016, 1, 1)
    assert newest(*usual, today=date(2015, 1, 1)) == date(2015, 1, 1)
    assert newest(*[("A", "2115-01-01")] * 3, today=date(2016, 1, 1)) is None
    assert newest() is None
    assert newest_day(None) is None


def test_one_patient_of_ten_may_come_a_generation_late_and_is_doubted():
    """30 years are 10,950 days: a day more than that after everybody else is a slip of the pen."""
    first = date(2015, 1, 1)
    usual = [(f"P{i}", first.isoformat()) for i in range(9)]
    at, beyond = (("Z", (first + timedelta(days=n)).isoformat()) for n in (10_950, 10_951))

    assert newest(*usual, at) is None
    assert newest(*usual, beyond) == WRITTEN
    both = [("Y", beyond[1]), beyond]
    assert newest(*usual, *both) is None  # two of eleven are more than a tenth


def test_patients_of_shifted_centuries_are_far_apart_and_none_is_late():
    """From 2100 on days were moved to hide whose they are: 2110 and 2190 are no contradiction."""
    assert newest(("A", "2110-01-01"), ("B", "2190-01-01")) is None
    assert newest(("A", "2099-12-31"), ("B", "2190-01-01")) == date(2099, 12, 31)


@pytest.mark.parametrize(
    ("one", "other", "is_alike"),
    [
        ("007", "7", True), ("A007", "A7", True), ("A-07", "A-7", True), ("70", "7", False),
        ("700", "70", False), ("0", "00", True), ("A 7", "A7", True), ("a7", "A7", True),
        ("A7", "А7", True), ("A-7", "A\u20137", True), ("A-7", "A7", False), ("Zoe", "Zoë", False),
        ("1O", "10", False),
    ],
)  # fmt: skip
def test_what_nobody_sees_is_no_difference(one, other, is_alike):
    """Case, spaces, leading zeros, dashes and letters of another alphabet; an accent is seen."""
    assert (skeleton(one) == skeleton(other)) is is_alike
