"""Units that fit the analyte or don't, and what a value becomes in the canonical one."""

from __future__ import annotations

from decimal import Decimal

import pytest

from incohort.dictionary import load
from incohort.sources import check, read


def places(faults):
    """Where and which, without the words."""
    return [(f.table, f.row, f.column, f.value) for f in faults]


def test_every_accepted_unit_gives_the_canonical_value(mine):
    """Each spelling of each unit of each analyte: value × factor, in the canonical unit."""
    cases = [
        (analyte, entry, spelling)
        for analyte in load().analytes.values()
        for entry in analyte.units
        for spelling in (entry.unit, *entry.aliases)
    ]
    middles = [
        ((a.plausible.low or 0) + (a.plausible.high or 100)) / 2 / entry.factor
        for a, entry, _ in cases
    ]
    mine.write(
        "labs",
        *(
            {"analyte": a.name, "unit": spelling, "value": repr(value), "specimen": str(i)}
            for i, ((a, _, spelling), value) in enumerate(zip(cases, middles, strict=True))
        ),
    )
    assert check(mine.path) == ()
    found = read(mine.path).tables["labs"].execute().set_index("specimen")

    assert len(found) == len(cases)
    for i, ((analyte, entry, _), value) in enumerate(zip(cases, middles, strict=True)):
        assert found.unit[str(i)] == analyte.unit
        assert found.value[str(i)] == pytest.approx(value * entry.factor, rel=1e-15)


def test_counts_per_microlitre_become_the_number_a_clinician_writes(mine):
    """1500/µL is 1.5 exactly, and 1150, 350 or 2300 no nearly-1.15 either: a threshold can tell."""
    counts = range(50, 9000, 50)
    mine.write("labs", *({"value": str(n), "unit": "/uL", "specimen": str(n)} for n in counts))
    found = read(mine.path).tables["labs"].execute().set_index("specimen").value

    assert {n: found[str(n)] for n in counts} == {n: float(Decimal(n) / 1000) for n in counts}


def test_a_count_of_1500_is_never_guessed_at(mine):
    """Without a unit it is told with what to write; in the wrong unit it is out of range."""
    mine.write("labs", {"value": "1500", "unit": ""}, {"value": "1500", "specimen": "b"})
    bare, wrong = sorted(check(mine.path), key=lambda fault: fault.row)

    assert (bare.row, bare.column, bare.value) == (2, "unit", "1500")
    assert bare.rule == "unit is given wherever value is"
    assert "an ANC of 1500 is /uL, the same count in 10*9/L is 1.5" in bare.remedy
    assert (wrong.row, wrong.column, wrong.value) == (3, "value", "1500 10*9/L")
    assert wrong.rule == "ANC lies between 0 and 500 10*9/L"
    assert wrong.remedy == "Was it measured in /uL? Correct the value or its unit."


def test_values_without_any_column_of_units_are_told(mine):
    """A table that leaves the units out altogether gives no values, and says so."""
    mine.write("labs", {}, {"value": "", "specimen": "b"}, {"specimen": "c"}, without=("unit",))
    mine.write("medications", {}, without=("dose_unit",))

    assert places(check(mine.path)) == [
        ("labs", 2, "unit", "1.5"),
        ("labs", 4, "unit", "1.5"),
        ("medications", 2, "dose_unit", "10"),
    ]


@pytest.mark.parametrize(
    ("analyte", "unit", "remedy"),
    [
        ("ANC", "/nL", "Accepted are 10*9/L, 10*3/uL, /uL, 10*6/L."),
        ("ANC", "10*9/l.", "Did you mean '10*9/L'? "),
        ("FT3", "pg/mL", "In pg/mL the analyte is FT3_MASS. "),
        ("FT3_MASS", "pmol/L", "In pmol/L the analyte is FT3. "),
        ("FT4", "ng/dL", "In ng/dL the analyte is FT4_MASS. "),
    ],
)
def test_a_unit_that_the_analyte_does_not_have_is_told(mine, analyte, unit, remedy):
    """Mass and amount of one substance are told apart by their units; a swap names the other."""
    mine.write("labs", *({"analyte": analyte, "unit": unit, "specimen": s} for s in "ab"))
    (fault,) = check(mine.path)

    assert (fault.row, fault.column, fault.value, fault.count) == (2, "unit", unit, 2)
    assert remedy in fault.remedy


def test_thousands_of_wrong_units_and_values_are_capped_and_counted(mine):
    """Twenty units and twenty values of each analyte are told, all rows are counted."""
    units = [{"unit": f"u{i}", "specimen": f"u{i}"} for i in range(2000)]
    values = [
        {"analyte": a, "value": str(600 + i), "specimen": f"v{i}", "unit": "G/L" if i % 2 else u}
        for a, u in (("ANC", "10*9/L"), ("MONO", "K/uL"))
        for i in range(1000)
    ]
    mine.write("labs", *units, *values)
    faults = check(mine.path)

    assert len(faults) == 60
    assert sum(f.count for f in faults if f.column == "unit") == 2000
    for analyte in ("ANC", "MONO"):
        assert sum(f.count for f in faults if f.rule.startswith(analyte)) == 1000


@pytest.mark.parametrize(
    ("analyte", "right", "wrong", "word"),
    [
        ("WBC", "G/L", "g/L", "gram"),
        ("PLT", "G/l", "g/l", "gram"),
        ("ANC", "M/L", "m/L", "thousandth"),
        ("HB", "g/L", "G/L", "giga"),
    ],
)
def test_giga_is_no_gram_and_mega_no_thousandth(mine, analyte, right, wrong, word):
    """Where a letter's case makes another quantity of it, the unit is refused and told apart."""
    mine.write(
        "labs",
        *({"analyte": analyte, "unit": u, "value": "100", "specimen": u} for u in (right, wrong)),
    )
    (fault,) = check(mine.path)

    assert (fault.row, fault.column, fault.value) == (3, "unit", wrong)
    assert word in fault.remedy


@pytest.mark.parametrize(
    ("analyte", "unit"),
    [("WBC", "giga/l"), ("WBC", "k/UL"), ("WBC", "10*9/l"), ("HB", "G/DL"), ("TSH", "MIU/L")],
)
def test_capitals_that_are_only_a_program_s_habit_are_accepted(mine, analyte, unit):
    """A program that writes all units in capitals, or none, gives the unit that it means."""
    mine.write("labs", {"analyte": analyte, "unit": unit, "value": "12"})

    assert check(mine.path) == ()
