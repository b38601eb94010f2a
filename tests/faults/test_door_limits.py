"""Every limit of the dictionary: the limit itself passes, the next number beyond it does not."""

from __future__ import annotations

import math

import pytest

from incohort.dictionary import load
from incohort.dictionary.models import ColumnType
from incohort.sources import check, examine

APART = {  # what tells the rows of a table apart
    "patients": "patient_id", "medications": "drug", "events": "x_n", "clonality": "taken_on",
}  # fmt: skip
ACCEPTED = [
    (name, column)
    for name, spec in load().tables.items()
    for column in spec.columns
    if column.hard is not None
]
PLAUSIBLE = [(name, column) for name, column in ACCEPTED if column.plausible is not None]
ids = [f"{name}.{column.name}" for name, column in ACCEPTED]


def ends(limits) -> list[tuple[float, float]]:
    """The ends that a range has, with the direction that leads out of it."""
    both = ((limits.low, -math.inf), (limits.high, math.inf))
    return [(limit, out) for limit, out in both if limit is not None]


def written(column, number: float) -> str:
    return str(int(number)) if column.type is ColumnType.INTEGER else repr(number)


def beyond(column, limit: float, out: float) -> float:
    if column.type is ColumnType.INTEGER:
        return limit + math.copysign(1, out)
    return math.nextafter(limit, out)


def rows_of(table: str, column: str, values) -> list[dict[str, str]]:
    """One row a value, of one patient where the table lets it have many."""
    if table == "patients":
        usual = {"birth_date": "", "index_date": ""}
        return [{**usual, "patient_id": f"P{i + 1}", column: v} for i, v in enumerate(values)]
    day = next(c.name for c in load().table(table).columns if c.type is ColumnType.DATE)
    return [{day: f"2015-01-{i + 1:02}", column: v} for i, v in enumerate(values)]


@pytest.mark.parametrize(("table", "column"), ACCEPTED, ids=ids)
def test_the_accepted_limit_of_a_column_passes_and_the_next_number_does_not(mine, table, column):
    """Both ends of each range that a column has; a whole number's next one is one away."""
    sides = ends(column.hard)
    numbers = [n for limit, out in sides for n in (limit, beyond(column, limit, out))]
    mine.write(table, *rows_of(table, column.name, [written(column, n) for n in numbers]))
    faults = check(mine.path)

    assert [(f.row, f.column) for f in faults] == [
        (2 * i + 3, column.name) for i in range(len(sides))
    ]
    for limit, _ in sides:
        assert all(f"{limit:.15g}" in fault.rule for fault in faults)


def test_the_accepted_limit_of_an_analyte_passes_and_the_next_number_does_not(mine):
    """Both ends of each analyte's range, in its own unit."""
    cases = [
        (analyte, number, number != limit)
        for analyte in load().analytes.values()
        for limit, out in ends(analyte.hard)
        for number in (limit, math.nextafter(limit, out))
    ]
    mine.write(
        "labs",
        *(
            {"analyte": a.name, "unit": a.unit, "value": repr(number), "specimen": f"s{i}"}
            for i, (a, number, _) in enumerate(cases)
        ),
    )
    faults = check(mine.path)

    assert [f.row for f in faults] == [i for i, case in enumerate(cases, 2) if case[2]]
    told = {f.row: f.rule for f in faults}
    for row, (analyte, _, is_out) in enumerate(cases, 2):
        if is_out:
            assert told[row].startswith(f"{analyte.name} lies between ")


def looked_at(folder, table: str) -> dict[int, str]:
    """The rows of a table that are worth a look, with the rule."""
    found = examine(folder.path).concerns
    return {e.row: c.look.rule for c in found if c.look.table == table for e in c.examples}


@pytest.mark.parametrize(
    ("table", "column"), PLAUSIBLE, ids=[f"{t}.{c.name}" for t, c in PLAUSIBLE]
)
def test_the_plausible_limit_of_a_column_is_no_news_and_the_next_number_is(mine, table, column):
    """Where the accepted range goes on beyond it: what does not is a fault."""
    asked = [
        (number, rule if number != limit else None)
        for (limit, out), rule in zip(
            ends(column.plausible), ("below_plausible", "above_plausible"), strict=True
        )
        if limit not in (column.hard.low, column.hard.high)
        for number in (limit, beyond(column, limit, out))
    ]
    assert asked
    mine.write(table, *rows_of(table, column.name, [written(column, n) for n, _ in asked]))

    assert looked_at(mine, table) == {row: rule for row, (_, rule) in enumerate(asked, 2) if rule}


def test_the_plausible_limit_of_an_analyte_is_no_news_and_the_next_value_is(mine):
    """A value is told from the first one on that its rounding can't explain.

    60.0 may be 60; 60.1 is 60.05 at least.
    """
    asked = []
    for analyte in load().analytes.values():
        for (limit, out), rule in zip(
            ends(analyte.plausible), ("below_plausible", "above_plausible"), strict=True
        ):
            if limit in (analyte.hard.low, analyte.hard.high):
                continue
            step = math.copysign(10.0 ** -(len(f"{limit:.15g}".partition(".")[2]) + 1), out)
            decimals = len(f"{limit:.15g}".partition(".")[2]) + 1
            asked += [
                (analyte, f"{limit:.{decimals}f}", None),
                (analyte, f"{limit + step:.{decimals}f}", rule),
            ]
    names = [f"P{i:03}" for i in range(len(asked))]
    mine.write("patients", *({"patient_id": n, "birth_date": "", "index_date": ""} for n in names))
    mine.write(
        "labs",
        *(
            {"patient_id": name, "analyte": a.name, "unit": a.unit, "value": text}
            for name, (a, text, _) in zip(names, asked, strict=True)
        ),
    )

    assert len(asked) > 60
    assert looked_at(mine, "labs") == {row: rule for row, (*_, rule) in enumerate(asked, 2) if rule}
