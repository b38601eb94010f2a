"""What the door advises is followed to the letter: the fault goes, and nothing is lost by it."""

from __future__ import annotations

import csv
import io
import re

import pytest

from incohort import cli
from incohort.dictionary import load, nearest
from incohort.dictionary.nearest import nearest_name
from incohort.dictionary.units import unit_meant
from incohort.sources import check, read

LABS = ["patient_id", "analyte", "taken_at", "value", "unit"]
MEANT = re.compile(r"Did you mean '([^']+)'\?")
OWN = re.compile(r"rename it (x_\S+)\. ")


def table(path):
    """A CSV file's header and rows."""
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    return rows[0], rows[1:]


def write(path, header, rows):
    """The same, written."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def follow(folder, fault):
    """Do what a remedy says, as somebody would who knows nothing else."""
    path = folder / f"{fault.table}.csv"
    header, rows = table(path)
    meant, own = MEANT.search(fault.remedy), OWN.search(fault.remedy)
    if fault.row == 1 and meant:
        header[header.index(fault.column)] = meant[1]
    elif fault.row == 1 and own:
        header[header.index(fault.column)] = own[1]
    elif fault.row == 1 and "Remove it" in fault.remedy:
        position = header.index(fault.column)
        header.pop(position)
        rows = [[*row[:position], *row[position + 1 :]] for row in rows]
    elif meant:
        position = header.index(fault.column)
        rows = [
            [meant[1] if i == position and cell == fault.value else cell
             for i, cell in enumerate(row)] for row in rows
        ]  # fmt: skip
    else:
        pytest.fail(f"nothing to follow in {fault.remedy!r}")
    write(path, header, rows)


@pytest.mark.parametrize(
    ("name", "becomes"),
    [
        ("Sex", "sex"),
        ("gender", "sex"),
        ("DOB", "birth_date"),
        ("Index Date", "index_date"),
        ("indexdate", "index_date"),
        ("aetiolgy", "aetiology"),
        ("ward", "x_ward"),
        ("blood group", "x_bloodgroup"),
        ("X_ward", "x_ward"),
        ("email", None),
        ("E-Mail", None),
        ("Patient Name", None),
        ("phone", None),
        ("LastName", None),
        ("zip_code", None),
        ("MRN", None),
        ("Geburtsname", None),
    ],
)
def test_an_unknown_column_followed_is_no_fault(mine, name, becomes):
    """It gets the name that was meant, or one of its own; what tells who somebody is goes."""
    values = {"sex": "female", "birth_date": "1970-05-01", "index_date": "2015-03-02"}
    without = (becomes,) if becomes else ()
    mine.write("patients", {name: values.get(becomes, "")}, without=without)
    (fault,) = [f for f in check(mine.path) if f.row == 1]
    follow(mine.path, fault)

    assert check(mine.path) == ()
    header, _ = table(mine.path / "patients.csv")
    assert (becomes in header) if becomes else not [n for n in header if n.startswith("x_")]


def test_a_name_that_is_taken_is_not_advised(mine):
    """Where sex is there already, Sex and gender are columns of one's own."""
    mine.text("patients.csv", "patient_id,sex,gender,x_ward,ward\nP1,female,f,a,b\n")
    for fault in check(mine.path):
        follow(mine.path, fault)

    assert check(mine.path) == ()
    header, rows = table(mine.path / "patients.csv")
    assert rows == [["P1", "female", "f", "a", "b"]]
    assert header[:2] == ["patient_id", "sex"]


def test_values_under_a_misspelt_column_are_looked_at_in_the_same_round(mine):
    """The header's fault hides none of the cells', and the column is not said to be missing."""
    mine.text("patients.csv", "Patient_ID,Sex\nP1,f\nP2,male\n")

    assert [(f.row, f.column, f.value) for f in check(mine.path)] == [
        (1, "Patient_ID", ""),
        (1, "Sex", ""),
        (2, "sex", "f"),
    ]


def test_a_wide_table_is_turned_and_no_count_is_dropped(mine):
    """ANC is an analyte: the remedy gives rows, which then hold every count."""
    mine.text("labs.csv", "patient_id,date,ANC,WBC,TSH\nP1,2019-02-27,0.1,1.5,1.8\n")
    faults = {f.column: f.remedy for f in check(mine.path)}

    assert "'taken_at'" in faults["date"]
    for analyte in ("ANC", "WBC", "TSH"):
        assert f"{analyte} is an analyte, and no column" in faults[analyte]
        assert "one row for each measurement" in faults[analyte]
        assert "x_" not in faults[analyte]
    (wide,) = table(mine.path / "labs.csv")[1]
    units = {"ANC": "10*9/L", "WBC": "10*9/L", "TSH": "mIU/L"}
    rows = [
        [wide[0], analyte, wide[1], value, units[analyte]]
        for analyte, value in zip(units, wide[2:], strict=True)
    ]
    write(mine.path / "labs.csv", LABS, rows)
    labs = read(mine.path).tables["labs"].execute()
    assert dict(zip(labs.analyte, labs.value, strict=True)) == {"ANC": 0.1, "WBC": 1.5, "TSH": 1.8}


def test_a_title_above_the_header_is_no_column(mine):
    """Followed, it goes with the empty row below it, and the columns' names come first."""
    text = "Neutropenia clinic 2019-2024,,\n,,\npatient_id,sex,age_years\nAB,female,69\n"
    path = mine.text("patients.csv", text)
    (fault,) = check(mine.path)

    assert (fault.row, fault.rule) == (1, "the first row names the columns")
    assert "Remove the rows above the one that names the columns" in fault.remedy
    path.write_text(text.split("\n", 2)[2], encoding="utf-8")
    assert check(mine.path) == ()


@pytest.mark.parametrize("name", ["ANC", "anc", "WBC (G/L)", "Leukocytes", "anti-TPO", "Platelets"])
def test_an_analyte_is_no_column_of_any_table(mine, name):
    """Nor of patients; its unit behind it changes nothing."""
    mine.write("patients", {name: "1.5"})
    (fault,) = check(mine.path)

    assert "is an analyte, and no column" in fault.remedy


@pytest.mark.parametrize(
    ("column", "value"), [("sex", "F"), ("sex", "m"), ("sex", "Femal"), ("ancestry", "europaean")]
)
def test_a_category_followed_is_no_fault(mine, column, value):
    """The nearest is one of the dictionary's."""
    mine.write("patients", {column: value})
    (fault,) = check(mine.path)
    follow(mine.path, fault)

    assert check(mine.path) == ()


def test_every_unit_that_is_advised_is_the_same_quantity():
    """For no accepted unit of one analyte is another quantity advised at another."""
    analytes = load().analytes.values()
    spellings = {s for a in analytes for u in a.units for s in (u.unit, *u.aliases)}
    spellings |= {"U/mL", "kU/L", "mU/mL", "U/L", "ng/mL", "nmol/L", "mmol/L", "mg/dL", "10*6/uL"}
    for analyte in analytes:
        for unit in spellings:
            advised = unit_meant(analyte, unit)
            if advised is None or analyte.accepted(unit):
                continue
            other = [a for a in analytes if a.accepted(unit)]
            factors = {a.accepted(unit).factor for a in other if a.unit == analyte.unit}
            assert factors <= {analyte.accepted(advised).factor}, (analyte.name, unit, advised)


@pytest.mark.parametrize(
    ("analyte", "unit", "advised"),
    [
        ("ANTI_TPO", "U/mL", None),
        ("ANTI_TPO", "kU/L", None),
        ("ANTI_TPO", "IU per mL", "[IU]/mL"),
        ("TSH", "uIU/L", None),
        ("FT4", "nmol/L", None),
        ("HB", "mg/dL", None),
        ("ANC", "10*6/uL", None),
        ("ANC", "cells per µL", "/uL"),
        ("ANC", "x 10^9 per litre", "10*9/L"),
    ],
)
def test_a_unit_is_advised_only_where_it_is_a_spelling(mine, analyte, unit, advised):
    """A kit's units are no international ones, and a letter is a thousandth."""
    mine.write("labs", {"analyte": analyte, "unit": unit, "value": "12"})
    (fault,) = check(mine.path)

    assert ("Did you mean" in fault.remedy) is (advised is not None)
    if advised:
        assert MEANT.search(fault.remedy)[1] == advised
        follow(mine.path, fault)
        assert check(mine.path) == ()


@pytest.mark.parametrize("value", ["1,500", "150,000", "12,345", "1,234,567", "-1,500"])
def test_a_comma_that_may_part_thousands_is_not_taken_for_a_decimal(mine, value):
    """1,500 may be 1500 or 1.5: both are named, and neither is chosen."""
    mine.write("labs", {"value": value, "unit": "/uL"})
    (fault,) = check(mine.path)

    assert fault.rule == "a number has no comma"
    assert "1500 or 1.5" in fault.remedy


@pytest.mark.parametrize("value", ["1,5", "0,450", "1500,5", "12,50", "1500,250"])
def test_a_comma_that_can_only_be_a_decimal_is_told_so(mine, value):
    """A thousand has no more than three digits before its comma, and no nought."""
    mine.write("labs", {"value": value, "unit": "/uL"})
    (fault,) = check(mine.path)

    assert fault.rule == "decimals are written with a point"


def test_comparator_is_named_only_where_there_is_one(mine):
    """An age has no column for `<`."""
    mine.write("patients", {"age_years": "<1"})
    (age,) = check(mine.path)
    mine.write("patients", {})
    mine.write("labs", {"value": "<0.1"})
    (count,) = check(mine.path)

    assert "comparator" not in age.remedy
    assert "Put < or > into comparator" in count.remedy


def test_a_required_cell_is_never_to_be_left_empty(mine):
    """An impossible value where one is required: emptying it would be the next fault."""
    for name, spec in load().tables.items():
        for column in spec.columns:
            if column.required and column.name != "patient_id":
                mine.write(name, {column.name: "?\t"})
                remedies = [f.remedy for f in check(mine.path) if f.column == column.name]
                assert remedies
                assert not any("empty" in remedy for remedy in remedies), column.name
                (mine.path / f"{name}.csv").unlink()


def test_a_file_is_not_to_be_renamed_over_another(mine):
    """labs.csv is there: lab.csv is no slip for it."""
    mine.write("labs", {})
    mine.text("lab.csv", "a\n")
    (fault,) = check(mine.path)

    assert "Did you mean" not in fault.remedy


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("lowest", ["latest", "nadir", "first"], "nadir"),
        ("minimum", ["latest", "nadir"], "nadir"),
        ("latst", ["latest", "nadir"], "latest"),
        ("AMC", ["ANC"], None),
        ("ALC", ["ANC"], None),
        ("FT3", ["FT4", "TSH"], None),
        ("lift", ["gift", "gat"], None),
        ("IgM", ["IgG"], None),
        ("hyperthyroidism", ["hypothyroidism"], None),
        ("indirect", ["direct"], None),
        ("male", ["female"], None),
        ("HNA-1a", ["HNA-1b"], None),
        ("wang2018", ["wang2019"], None),
        ("last", ["first"], None),
        ("late_onset", ["early_onset"], None),
        ("unknown", ["known"], None),
        ("gta", ["gat", "gift"], "gat"),
        ("infektion", ["infection"], "infection"),
    ],
)
def test_a_slip_is_not_another_meaning(word, known, meant):
    """What is near in letters and far in meaning is not offered; what means the same is."""
    assert nearest(word, known) == meant
    assert nearest_name(word, known) == meant


def test_the_lowest_count_is_the_nadir(capsys):
    """Who asks for the lowest count is led to the nadir, not to the latest."""
    code = cli.run(["run", "01_cohort_overview", "--cohort", "jinca2021", "-p", "count_at=lowest"])

    assert code == 2
    assert "Did you mean 'nadir'?" in capsys.readouterr().err


def test_a_row_that_ends_early_is_no_comma_too_many(mine):
    """A copy that was interrupted is copied again; a comma inside a cell needs quotation marks."""
    head = ",".join(LABS)
    mine.text("labs.csv", f"{head}\nP1,ANC,2024-02-01,1,10^9/L,x\nP1,ANC,2024-02-0")
    many, few = (fault for fault in check(mine.path) if "cells" in fault.rule)

    assert (many.row, few.row, few.value) == (2, 3, "3 cells")
    assert "comma inside a cell needs quotation marks" in many.remedy
    assert "comma inside" not in few.remedy
    assert "the copy was interrupted: copy the file again" in few.remedy
