"""Counts printed with a sign, held against a limit: every sign, every side, every comparison."""

from __future__ import annotations

import ibis
import pytest

from incohort.cohort.daily import daily, low_below, meets, sign_of, value_of
from incohort.cohort.severity import grade
from incohort.cohort.values import is_below
from incohort.dictionary import load

# Of a count printed with a sign, whether it is as the limit of 1.5 asks; a dash: it may be either.
# < 1.5 is below 1.5; ≤ 1.5 may be 1.5 itself; ≥ 1.5 is not below it, and may be 1.5 itself.
SIGNS = """
printed | < 1.5 | <= 1.5 | >= 1.5 | > 1.5
1.49    | true  | true   | false  | false
1.5     | false | true   | true   | false
1.51    | false | false  | true   | true
<1.49   | true  | true   | false  | false
<1.5    | true  | true   | false  | false
<1.51   | -     | -      | -      | -
<=1.49  | true  | true   | false  | false
<=1.5   | -     | true   | -      | false
<=1.51  | -     | -      | -      | -
>=1.49  | -     | -      | -      | -
>=1.5   | false | -      | true   | -
>=1.51  | false | false  | true   | true
>1.49   | -     | -      | -      | -
>1.5    | false | false  | true   | true
>1.51   | false | false  | true   | true
"""
WORDS = {"true": True, "false": False, "-": None}
HEADS, *ROWS = ([cell.strip() for cell in line.split("|")] for line in SIGNS.strip().splitlines())
CASES = [
    (row[0], head, WORDS[cell])
    for row in ROWS
    for head, cell in zip(HEADS[1:], row[1:], strict=True)
]


def printed(texts) -> ibis.Table:
    """Counts as they are printed, in the order of the texts."""
    rows = [
        {
            "nth": i,
            "value": float(text.lstrip("<>=")),
            "comparator": text.rstrip("0123456789.") or None,
        }
        for i, text in enumerate(texts)
    ]
    return ibis.memtable(rows, schema={"nth": "int64", "value": "float64", "comparator": "string"})


def answers(table: ibis.Table, expression: ibis.Value) -> list[object]:
    """What an expression says of each count."""
    found = table.mutate(found=expression).order_by("nth").execute()["found"]
    return [None if value is None or value != value else value for value in found]  # noqa: PLR0124 — NaN


@pytest.mark.parametrize("comparison", ["<", "<=", ">=", ">"])
def test_a_count_meets_a_threshold_where_its_sign_can_tell(comparison):
    """The table above, sign by sign: what may lie on either side is neither true nor false."""
    table = printed([row[0] for row in ROWS])
    threshold = load().threshold("late_onset_count", "tesfa")
    assert threshold.value == 1.5
    asked = threshold.model_copy(update={"comparison": comparison})

    found = answers(table, meets(table.value, table.comparator, asked))

    assert dict(zip([row[0] for row in ROWS], found, strict=True)) == {
        text: answer for text, head, answer in CASES if head == f"{comparison} 1.5"
    }


def test_a_count_is_below_a_limit_where_its_sign_can_tell():
    """The first column of the table, whichever definition asks."""
    table = printed([row[0] for row in ROWS])
    found = answers(table, is_below(table.value, table.comparator, 1.5))

    assert found == [answer for _, head, answer in CASES if head == "< 1.5"]


def test_of_one_number_the_signs_are_in_order_and_come_back():
    """< 0.5, ≤ 0.5, 0.5, ≥ 0.5, > 0.5: the lowest of a day is the first of them that there is."""
    order = ["<0.5", "<=0.5", "0.5", ">=0.5", ">0.5"]
    for first in range(len(order)):
        table = printed(order[first:]).mutate(
            patient_id=ibis.literal("A"), analyte=ibis.literal("ANC"),
            taken_at=ibis.literal("2020-01-10").cast("timestamp"),
        )  # fmt: skip
        lowest = daily(table)
        [row] = (
            lowest.mutate(value=value_of(lowest.key), sign=sign_of(lowest.key))
            .execute()
            .to_dict("records")
        )

        assert row["value"] == 0.5
        assert f"{row['sign'] or ''}0.5" == order[first]


@pytest.mark.parametrize(
    ("text", "is_low", "opens"),
    [
        ("1.499999", True, True),
        ("<1.5", True, True),
        ("<=1.5", True, False),
        ("1.5", False, False),
        (">=1.5", False, False),
        ("1.500001", False, False),
    ],
)
def test_a_day_is_low_below_the_limit_and_not_at_it(text, is_low, opens):
    """To a millionth; ≤ 1.5 is not known to lie below 1.5, and opens no episode."""
    table = printed([text]).mutate(
        patient_id=ibis.literal("A"), analyte=ibis.literal("ANC"),
        taken_at=ibis.literal("2020-01-10").cast("timestamp"),
    )  # fmt: skip
    [key] = daily(table).execute()["key"]

    assert (key < low_below(1.5, is_decided=True)) is is_low
    assert (key < low_below(1.5, is_decided=False)) is opens


@pytest.mark.parametrize("system", load().definitions.severity_systems, ids=lambda s: s.name)
def test_a_grade_holds_its_lower_bound_and_not_its_upper(system):
    """At each bound of each system, a millionth below it, and with each sign before it."""
    for entry in system.grades:
        if entry.low is None:
            continue
        below = next((e.name for e in system.grades if e.high == entry.low), None)
        lowest = next(e for e in system.grades if e.low is None)
        expected = {
            f"{entry.low}": entry.name,
            f"{entry.low - 1e-6:.6f}": below,
            f"<{entry.low}": below if below == lowest.name else None,
            f"<={entry.low}": None,
            f">={entry.low}": None,
            f">{entry.low}": None,
        }
        table = printed(expected)
        found = answers(table, grade(table.value, table.comparator, system))
        assert dict(zip(expected, found, strict=True)) == expected
    upper = system.upper_limit
    ends = {f"{upper}": "none", f">={upper}": "none", f">{upper}": "none", f"<={upper}": None}
    table = printed(ends)
    assert answers(table, grade(table.value, table.comparator, system)) == [*ends.values()]
