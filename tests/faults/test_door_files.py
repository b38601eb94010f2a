"""Files that are not what their names say: each is told, and what stands beside is still read."""

from __future__ import annotations

import os
import sys

import pytest

from incohort.sources import check, read

PATIENTS = "patient_id,sex\nP1,female\nP2,male\n"
LABS = "patient_id,analyte,taken_at,value,unit\n"
ONE = "P1,ANC,2015-03-02,1.5,10*9/L\n"
UTF8 = "the file is UTF-8 text"
TEXT = "the file is text"
QUOTES = "quotation marks come in pairs, and stand around a whole cell"
COMMAS = "cells are separated by commas"
READ = "the file can be read"


def places(faults):
    """Where and which, without the words."""
    return [(f.table, f.row, f.column, f.value, f.rule) for f in faults]


@pytest.mark.parametrize(
    "content",
    [
        PATIENTS.encode("utf-8-sig"),
        PATIENTS.replace("\n", "\r\n").encode("utf-8-sig"),
        PATIENTS.replace("\n", "\r").encode(),
        PATIENTS.replace("\n", "\r\n", 1).encode(),
        (PATIENTS + "\n\r\n\n").encode(),
        PATIENTS.rstrip().encode(),
        b'"patient_id","sex"\n"P1","female"\n"P2","male"\n',
    ],
    ids=["bom", "crlf", "cr", "mixed", "blank lines", "no last break", "quoted"],
)
def test_what_programs_write_in_different_ways_is_one_table(mine, content):
    """A BOM, any line break, blank lines at the end and quotes are no faults and change nothing."""
    mine.text("patients.csv", content)
    table = read(mine.path).tables["patients"].order_by("patient_id").execute()

    assert list(table.patient_id) == ["P1", "P2"]
    assert list(table.sex) == ["female", "male"]


def test_rows_are_counted_as_a_spreadsheet_does(mine):
    """A line break inside quotes is no new row; quotes and commas inside are the cell's."""
    mine.text(
        "patients.csv",
        'patient_id,centre,sex\nP1,"a\nb\n""c"", d",female\nP2,"x\r\ny",f\nP3,z,m\n',
    )
    faults = check(mine.path)

    assert [(f.row, f.column, f.value) for f in faults] == [(3, "sex", "f"), (4, "sex", "m")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_an_empty_line_between_rows_is_counted_and_no_fault(mine, end):
    """Rows after it have the numbers that a spreadsheet shows, whichever line break it is."""
    mine.text("labs.csv", f"{LABS}{ONE}\n\n{ONE.replace('1.5', 'x')}\n".replace("\n", end))

    assert [(f.row, f.column, f.value) for f in check(mine.path)] == [
        (5, "patient_id + analyte + taken_at", "P1, ANC, 2015-03-02"),
        (5, "value", "x"),
    ]


def test_empty_lines_inside_a_cell_are_the_cell_s(mine):
    """A note of several paragraphs moves no row below it, and is kept as it is."""
    mine.text("patients.csv", 'patient_id,centre,sex\nP1,"a\n\nb\n\n\nc",female\nP2,y,f\n')
    assert [(f.row, f.value) for f in check(mine.path)] == [(3, "f")]

    mine.text("patients.csv", 'patient_id,centre,sex\nP1,"a\n\nb\n\n\nc",female\nP2,y,male\n')
    assert sorted(read(mine.path).tables["patients"].execute().centre) == ["a\n\nb\n\n\nc", "y"]


@pytest.mark.parametrize("size", [100, 3_000_000])
def test_a_row_of_any_length_is_read_where_it_stands(mine, size):
    """A cell of three megabytes neither stops the reading nor moves a row."""
    mine.text("patients.csv", f"patient_id,centre,sex\nP1,{'a' * size},female\nP2,y,f\n")

    assert [(f.row, f.column, f.value) for f in check(mine.path)] == [(3, "sex", "f")]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (b"", ("labs", None, "", "", "the file has a header row and data")),
        (b"\xef\xbb\xbf", ("labs", None, "", "", "the file has a header row and data")),
        (b"\n\n" + LABS.encode(), ("labs", 1, "", "", "the first row names the columns")),
        ((LABS + ONE).encode("utf-16"), ("labs", None, "", "UTF-16", UTF8)),
        ((LABS + ONE).encode("utf-16-le"), ("labs", 1, "", "labs.csv", TEXT)),
        (b"PK\x03\x04\x14\0\0\0\x08\0", ("labs", 1, "", "labs.csv", TEXT)),
        (b"a" * (1 << 21), ("labs", 1, "", "labs.csv", TEXT)),
        (b'"patient_id,analyte\nP1,ANC\n', ("labs", 1, "", "", QUOTES)),
        (b"patient_id;analyte\nP1;ANC\n", ("labs", 1, "", "patient_id;analyte", COMMAS)),
        (b"patient_id\tanalyte\nP1\tANC\n", ("labs", 1, "", "patient_id\\tanalyte", COMMAS)),
        (b"patient_id|analyte\nP1|ANC\n", ("labs", 1, "", "patient_id|analyte", COMMAS)),
        (b"sep=;\npatient_id;analyte\n", ("labs", 1, "", "sep=;", COMMAS)),
    ],
    ids=["empty", "bom only", "blank first", "utf-16", "utf-16 without bom", "zip", "one long line",
         "open quote", "semicolons", "tabs", "bars", "sep="],
)  # fmt: skip
def test_a_file_that_is_no_csv_is_told_once(mine, content, place):
    """One fault says what it seems to be, and the other tables are checked all the same."""
    mine.text("labs.csv", content)
    mine.write("events", {"grade": "9"})
    faults = check(mine.path)

    assert places(faults) == [place, ("events", 2, "grade", "9", "grade lies between 1 and 5")]
    assert faults[0].remedy


def test_a_header_alone_is_an_empty_table_but_no_cohort(mine):
    """Nobody had a laboratory test: fine. Nobody is in the cohort: a fault."""
    mine.text("labs.csv", LABS)
    assert check(mine.path) == ()
    mine.text("patients.csv", "patient_id,sex\n")

    assert places(check(mine.path)) == [("patients", None, "", "", "the table patients has rows")]


def test_latin_1_is_told_with_its_first_row_and_the_rest_is_still_checked(mine):
    """Two rows hold letters that are not UTF-8; a third holds another fault."""
    text = 'patient_id,centre,sex\nP1,"a\nb",female\nP2,Köln,male\nP3,Bonn,m\nP4,Gießen,male\n'
    mine.text("patients.csv", text.encode("latin-1"))
    faults = check(mine.path)

    assert places(faults) == [
        ("patients", 3, "", "Latin-1 or similar", UTF8),
        ("patients", 4, "sex", "m", "sex is one of the dictionary's"),
    ]
    assert [f.count for f in faults] == [2, 1]


def test_ragged_rows_are_told_with_how_many_cells_they_have(mine):
    """A comma too many or too few; rows beside them keep their numbers and are checked."""
    mine.text(
        "labs.csv", f"{LABS}{ONE}P1,WBC,2015-03-02\n\nP1,HB,2015-03-02,12,g/dL,x\nP1,PLT,x,1,G/L\n"
    )
    assert places(check(mine.path)) == [
        ("labs", 3, "", "3 cells", "every row has the header's 5 cells"),
        ("labs", 5, "", "6 cells", "every row has the header's 5 cells"),
        ("labs", 6, "taken_at", "x", "dates are written year-month-day, all in one format"),
    ]  # fmt: skip


def test_thousands_of_ragged_rows_are_capped_and_counted(mine):
    """Twenty are told, all are counted."""
    mine.text("labs.csv", LABS + "P1,WBC,2015-03-02\n" * 3000)
    ragged = [f for f in check(mine.path) if "cells" in f.rule]

    assert [f.row for f in ragged] == list(range(2, 22))
    assert sum(f.count for f in ragged) == 3000


@pytest.mark.parametrize("cell", ['"ANC', '"ANC"x', '"A"NC"'])
def test_a_stray_quotation_mark_is_told_where_it_stands(mine, cell):
    """Rows before it are checked; it invents no fault of the rows after it."""
    mine.text("labs.csv", f"{LABS}P1,WBC,2015-03-02,x,G/L\nP1,{cell},2015-03-02,1,G/L\n{ONE}")

    assert places(check(mine.path)) == [
        ("labs", 2, "value", "x", "the cell is a number"),
        ("labs", 3, "", "", QUOTES),
    ]


def test_patients_that_could_not_be_read_make_nobody_an_orphan(mine):
    """After an open quotation mark in patients, other tables' patients are not said to be lost."""
    mine.text("patients.csv", 'patient_id,sex\nP1,female\n"P2,male\nP3,male\n')
    mine.write("labs", {"patient_id": "P3"})

    assert places(check(mine.path)) == [("patients", 3, "", "", QUOTES)]


def test_nul_bytes_are_told_with_the_cell(mine):
    """A NUL ends no cell and gets into no table."""
    mine.text("patients.csv", b"patient_id,sex\nP\x001,female\nP2,ma\x00le\n")

    assert [(f.row, f.column, f.value) for f in check(mine.path)] == [
        (2, "patient_id", "P\\x001"),
        (3, "sex", "ma\\x00le"),
    ]


def test_a_folder_or_a_link_under_a_table_s_name_is_told(mine):
    """Neither stops the rest, and a pipe is not waited for."""
    (mine.path / "labs.csv").mkdir()
    (mine.path / "events.csv").symlink_to("events.csv")
    (mine.path / "diagnoses.parquet").symlink_to("nowhere")
    expected = {"labs": "a folder", "events": "leads nowhere", "diagnoses": "leads nowhere"}
    if sys.platform != "win32":
        os.mkfifo(mine.path / "medications.csv")
        expected["medications"] = "a pipe, no file"
        (mine.path / "antibody_tests.csv").symlink_to("/dev/zero")
        expected["antibody_tests"] = "a device, no file"
    faults = check(mine.path)

    assert {f.table for f in faults} == set(expected)
    assert {f.rule for f in faults} == {READ}
    assert all(expected[f.table] in f.remedy for f in faults)


def test_a_damaged_parquet_file_is_told(mine):
    """The file's reader says no more than that it can't."""
    mine.text("labs.parquet", b"PAR1 and no more")

    assert places(check(mine.path)) == [("labs", None, "", "labs.parquet", READ)]


def test_two_files_for_one_table_are_told(mine):
    """Neither is quietly preferred."""
    mine.write("labs", {})
    mine.text("labs.parquet", b"")

    (fault,) = check(mine.path)
    assert (fault.table, fault.value) == ("labs", "labs.csv, labs.parquet")


@pytest.mark.parametrize(
    ("name", "hint"),
    [("lab.csv", "'labs'"), ("Labs.csv", "'labs'"), ("medication.parquet", "'medications'")],
)
def test_a_file_under_an_unknown_name_is_told_with_the_nearest(mine, name, hint):
    """A table that would be left out is asked about."""
    mine.text(name, LABS)
    (fault,) = check(mine.path)

    assert (fault.table, fault.rule) == (name, "the table is in the data dictionary")
    assert fault.remedy.startswith(f"Did you mean {hint}? Known are patients, labs")


@pytest.mark.parametrize("name", ["labs.xlsx", "Labs.tsv", "labs.csv.gz", "labs", "labs.txt"])
def test_a_table_in_another_form_is_told_and_other_files_are_not(mine, name):
    """A workbook that is named like a table was meant to be read; a letter beside it was not."""
    mine.text(name, b"x")
    for other in ("letter.docx", "figures.xlsx", ".labs.csv.swp", "labs.md", "notes.txt"):
        mine.text(other, b"x")
    (fault,) = check(mine.path)

    assert (fault.table, fault.value) == ("labs", name)
    assert "was not read. Save it as labs.csv" in fault.remedy


def test_hostile_names_of_files_and_columns_are_shown_harmless(mine):
    """Quotes, semicolons, markup and escape codes are names like others: not known."""
    column = "x'; DROP TABLE patients; --\""
    quoted = column.replace('"', '""')
    mine.text("patients.csv", f'patient_id,"{quoted}",<b>,\x1b[31m,x_"; y\nP1,1,2,3,4\n')
    mine.text("a\x1b[31m'; drop--.csv", PATIENTS)
    faults = check(mine.path)

    assert [(f.table, f.column) for f in faults] == [
        ("a\\x1b[31m'; drop--.csv", ""),
        ("patients", "\\x1b[31m"),
        ("patients", "<b>"),
        ("patients", column),
    ]
    assert not any("\x1b" in f"{f}" for f in faults)


def test_a_folder_s_name_is_no_pattern(tmp_path):
    """`[`, `*`, `?` and quotes in a path stand for themselves, and no neighbour is read."""
    for name in ("a*[1]?'\"", "ab1c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "patients.csv").write_text(f"patient_id\n{name.strip(chr(34))}\n")
    hostile = tmp_path / "a*[1]?'\""

    assert check(hostile) == ()
    assert list(read(hostile).tables["patients"].execute().patient_id) == ["a*[1]?'"]


@pytest.mark.parametrize(
    ("header", "column", "rule"),
    [
        ("patient_id,sex,sex", "sex", "a column's name stands once"),
        ("patient_id,x_a,x_A", "x_a", "a column's name stands once"),
        ("patient_id,Sex", "Sex", "the column is in the data dictionary"),
        ("patient_id,", "", "the column is in the data dictionary"),
        ("patient_id,sex ", "sex ", "the column is in the data dictionary"),
        ("sex,centre", "patient_id", "the table patients has the column patient_id"),
    ],
)
def test_a_header_that_is_not_the_dictionary_s_is_told(mine, header, column, rule):
    """A name twice, unknown, misspelt or missing: one fault in row 1, and no traceback after it."""
    mine.text("patients.csv", f"{header}\n" + ",".join(["female"] * header.count(",")) + ",1\n")
    mine.write("labs", {})
    faults = [f for f in check(mine.path) if f.row == 1]

    assert [(f.table, f.column) for f in faults] == [("patients", column)]
    assert faults[0].rule.startswith(rule)
