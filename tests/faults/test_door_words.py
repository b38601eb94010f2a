"""Every fault in its words: the rule that a cell breaks, and what to do about it."""

from __future__ import annotations

import json

from incohort.sources import check
from incohort.sources.descriptor import read_descriptor

MEDICATIONS_STOP = "Correct one of the two dates; a course can't stop before it started."
DAY = "03/02/2015 could be March or February."
ZONE = f"Write 2015-03-02, or 2015-03-02T08:30:00 without a zone; {DAY}"
NOBODY = (
    "It is what programs write for a missing value, a heading or a sum. Write the patient's "
    "number, or remove the row where it is nobody's."
)
CONTROLS = "It holds control characters, shown as \\x1b and the like. Remove them."
UNSEEN = "They are shown as \\u200b and the like, and make two of what looks like one. Remove them."
EMPTY = "; where it is not known, leave the cell empty."
THOUSANDS = (
    "A comma before three digits parts thousands in one country and decimals in another: write "
    "1500 or 1.5 for 1,500, as the laboratory meant it."
)
UNIT = (
    "Write the unit beside the value. It is never guessed: an ANC of 1500 is /uL, the same count "
    "in 10*9/L is 1.5."
)
SPACES = "no spaces stand around the cell's value"
CELLS_UNITS = "Accepted are 10*9/L, 10*3/uL, /uL, 10*6/L."
YEARS = "the date exists, and its year lies between 1850 and 2259"

# table, what differs from a sound row, the column, the rule, the remedy
CELLS = [
    ("labs", {"value": "1,500"}, "value", "a number has no comma", THOUSANDS),
    ("labs", {"value": "12,500,000"}, "value", "a number has no comma", THOUSANDS),
    ("labs", {"value": "1,5"}, "value", "decimals are written with a point",
     "Write 1.5, not 1,5; a comma is never taken for a point."),
    ("labs", {"value": "0,500"}, "value", "decimals are written with a point",
     "Write 1.5, not 1,5; a comma is never taken for a point."),
    ("labs", {"value": "<1"}, "value", "the cell is a number",
     "Write digits, and a decimal point where needed. Put < or > into comparator."),
    ("labs", {"value": " 1.5"}, "value", SPACES, "Remove them; no value is an empty cell."),
    ("labs", {"unit": ""}, "unit", "unit is given wherever value is", UNIT),
    ("labs", {"taken_at": "2.3.2015"}, "taken_at",
     "dates are written year-month-day, all in one format", ZONE),
    ("labs", {"taken_at": "2015-02-29"}, "taken_at", YEARS, f"Correct it{EMPTY}"),
    ("labs", {"value": "501"}, "value", "ANC lies between 0 and 500 10*9/L",
     "Was it measured in /uL? Correct the value or its unit."),
    ("labs", {"value": "-1"}, "value", "ANC lies between 0 and 500 10*9/L",
     "Correct the value or its unit."),
    ("labs", {"unit": "fL"}, "unit", "the unit is accepted for ANC",
     CELLS_UNITS),
    ("labs", {"unit": "g/l", "value": "1"}, "unit", "the unit is accepted for ANC",
     f"g is gram, a mass; a count in 10*9/L may be written G/L. {CELLS_UNITS}"),
    ("labs", {"analyte": "FT3", "unit": "pg/mL"}, "unit", "the unit is accepted for FT3",
     "In pg/mL the analyte is FT3_MASS. Accepted are pmol/L."),
    ("labs", {"patient_id": ""}, "patient_id", "the cell is filled",
     "Fill it in: patient. Without it the row can't be used."),
    ("labs", {"patient_id": "P9"}, "patient_id", "the patient is in the table patients",
     "Add the patient there, or correct the number here."),
    ("labs", {"taken_at": "1960-01-01"}, "taken_at", "birth_date is not after taken_at",
     "Correct the date of the sample or the date of birth."),
    ("labs", {"taken_at": "2015-03-10"}, "taken_at", "taken_at is not after the patient's death",
     "Correct the date of the sample, or the date of the death in the events table."),
    ("medications", {"started_on": "2015-03-02"}, "stopped_on",
     "started_on is not after stopped_on", MEDICATIONS_STOP),
    ("medications", {"dose_unit": ""}, "dose_unit", "dose_unit is given wherever dose is",
     "Fill in dose_unit."),
    ("medications", {"dose": "x"}, "dose", "the cell is a number",
     "Write digits, and a decimal point where needed."),
    ("medications", {"dose": "-1"}, "dose", "dose is at least 0", f"Correct the value{EMPTY}"),
    ("medications", {"atc": "h03"}, "atc", "the cell is an ATC code such as H03BB02",
     "Write an ATC code such as H03BB02."),
    ("medications", {"started_on": "1.1.2015"}, "started_on",
     "dates are written year-month-day, all in one format",
     f"Write 2015-03-02; {DAY}"),
    ("antibody_tests", {"direct": "perhaps"}, "direct", "the cell is true or false",
     "Write true or yes or 1, or false or no or 0."),
    ("antibody_tests", {"direct": "true"}, "direct",
     "the assay gift is done with the patient's serum, so direct is false",
     "Write direct_gift where the patient's own granulocytes were looked at, or correct direct."),
    ("antibody_tests", {"assay": "direct_gift"}, "direct",
     "the assay direct_gift is done on the patient's own granulocytes, so direct is true",
     "Write gift where the patient's serum was tested, or correct direct."),
    ("antibody_tests", {"sample_id": "S\u200b1"}, "sample_id",
     "sample_id has no characters that nobody can see", UNSEEN),
    ("antibody_tests", {"sample_id": "S\x1b1"}, "sample_id", "the cell is plain text", CONTROLS),
    ("antibody_tests", {"titre": "8"}, "titre", "the cell is a titre such as 1:8 or <1:8",
     "Write a titre such as 1:8 or <1:8."),
    ("events", {"grade": "2.5"}, "grade", "the cell is a whole number",
     "Write it without decimals; it is never rounded here."),
    ("events", {"event": "death", "grade": "4"}, "grade", "a death has grade 5 (fatal), or none",
     "Leave the grade empty or write 5, or correct the event."),
    ("patients", {"patient_id": "unknown"}, "patient_id", "patient_id names a patient", NOBODY),
    ("patients", {"patient_id": "P\u00ad7"}, "patient_id",
     "patient_id has no characters that nobody can see", UNSEEN),
    ("patients", {"patient_id": "P\x077"}, "patient_id", "the cell is plain text", CONTROLS),
    ("patients", {"patient_id": " P7"}, "patient_id", SPACES, "Remove them."),
    ("patients", {"centre": "N\x07"}, "centre", "the cell is plain text", CONTROLS),
]  # fmt: skip
APART = {
    "labs": "specimen", "medications": "drug", "antibody_tests": "sample_id", "events": "detail",
    "patients": "patient_id",
}  # fmt: skip


def test_every_rule_of_a_cell_says_what_is_wrong_and_what_to_do(mine):
    """One wrong cell a row, in all tables of one cohort: each is told once, in whole sentences."""
    rows: dict[str, list[dict[str, str]]] = {"patients": [{}]}
    expected = []
    for i, (table, cells, column, rule, remedy) in enumerate(CELLS):
        own = rows.setdefault(table, [])
        apart = {APART[table]: f"n{i}"}
        if table == "events":
            apart |= {"occurred_on": f"2015-03-0{len(own) + 1}"}
        own.append({**apart, **cells})
        expected.append((table, len(own) + 1, column, rule, remedy))
    for table, own in rows.items():
        mine.write(table, *own)
    found = {(f.table, f.row, f.column): (f.rule, f.remedy) for f in check(mine.path)}

    assert found == {
        (table, row, column): (rule, remedy) for table, row, column, rule, remedy in expected
    }


def test_every_fault_of_a_header_says_what_to_do(mine):
    """A slip, another word, a measurement, who somebody is, one's own, a twin and an empty one."""
    mine.text(
        "labs.csv",
        "patient_id,Analyte,taken_at,value,unit,unit,ANC,name,ward,x_ward,x_,,comparatr\n"
        "P1,ANC,2015-03-02,1.5,10*9/L,,,,,,,,\n",
    )
    own = "Columns of your own begin with x_."
    renamed = "Only a column that means something else is renamed to begin with x_."
    rows = (
        "ANC is an analyte, and no column. Write one row for each measurement into the table labs: "
        "patient_id, analyte, taken_at, value and unit."
    )
    known = {
        "": "Give the column a name, or remove it.",
        "ANC": rows,
        "Analyte": f"Did you mean 'analyte'? {renamed}",
        "comparatr": f"Did you mean 'comparator'? {renamed}",
        "name": "It may tell who somebody is. Remove it: a cohort holds no such column.",
        "ward": f"To keep it, rename it x_ward_2. {own}",
        "x_": f"To keep it, rename it x_x_. {own}",
    }
    twice = (
        "It stands 2 times. Remove the others, or give each of them a name of its own that begins "
        "with x_."
    )
    faults = check(mine.path)

    assert {f.row for f in faults} == {1}
    [twin] = [f for f in faults if f.column == "unit"]
    assert twin.rule == "a column's name stands once in the header, upper and lower case being one"
    assert twin.remedy == twice
    others = [f for f in faults if f is not twin]
    assert {f.column: f.remedy for f in others} == known
    assert {f.rule for f in others} == {"the column is in the data dictionary"}


def test_a_missing_column_is_told_with_what_it_holds(mine):
    """Of labs the analyte; what the column holds stands in small letters."""
    mine.text("labs.csv", "patient_id,value\nP1,\n")
    told = [(f.row, f.column, f.rule, f.remedy) for f in check(mine.path)]

    assert told == [(1, "analyte", "the table labs has the column analyte", "Add it: analyte.")]


def test_rows_of_one_thing_and_a_patient_twice_are_told(mine):
    """The row that stands first, too, and how to go on."""
    mine.write("patients", {}, {})
    mine.write("labs", {}, {})
    told = [(f.table, f.row, f.column, f.rule, f.remedy) for f in check(mine.path)]

    assert told == [
        ("patients", 3, "patient_id", "one row per patient",
         "It stands in row 2 too. Remove one, or tell them apart."),
        ("labs", 3, "patient_id + analyte + taken_at + specimen", "one row per measurement",
         "It stands in row 2 too. Remove one, or tell them apart."),
    ]  # fmt: skip


def test_every_file_that_is_no_table_says_what_to_do(mine):
    """Another form, another name, twice, packed, empty, with other marks or under a title."""
    mine.text("labs.xlsx", "x")
    mine.text("events", "x")
    mine.text("diagnoses.csv.gz", "x")
    (mine.path / "clonality").mkdir()
    mine.text("lab.csv", "patient_id\n")
    mine.text("medications.csv", "")
    mine.text("antibody_tests.csv", "patient_id;assay\nP1;gift\n")
    told = {f.value or f.table: (f.table, f.row, f.rule, f.remedy) for f in check(mine.path)}
    form = "a table is a CSV or Parquet file"
    read = "and was not read. Save it as"
    xlsx = f"It is a xlsx file, {read} labs.csv, or move it elsewhere."
    bare = f"It is a file without an ending, {read} events.csv, or move it elsewhere."
    packed = f"It is a gz file, {read} diagnoses.csv, unpacked, or move it elsewhere."
    folder = f"It is a folder, {read} clonality.csv, or move it elsewhere."
    known = (
        "patients, labs, medications, antibody_tests, diagnoses, events, clonality, "
        "autoantibodies, findings, visits, gene_tests, hna_types, marrow, transplants"
    )
    marks = "This file uses semicolons. Save it as CSV with commas and decimal points."

    assert told == {
        "labs.xlsx": ("labs", None, form, xlsx),
        "events": ("events", None, form, bare),
        "diagnoses.csv.gz": ("diagnoses", None, form, packed),
        "clonality": ("clonality", None, form, folder),
        # labs is there already, so lab can't be meant for it
        "lab.csv": (
            "lab.csv",
            None,
            "the table is in the data dictionary",
            f"Known are {known}. Rename it, or move it elsewhere.",
        ),
        "medications": (
            "medications",
            None,
            "the file has a header row and data",
            "The file is empty. Export it again, or remove it.",
        ),
        "patient_id;assay": ("antibody_tests", 1, "cells are separated by commas", marks),
    }


def test_every_fault_of_a_files_form_says_what_to_do(mine):
    """Rows too short and too long, letters of another code, quotation marks, titles, tabs."""
    few = (
        "The row ends early. If it is the last one, the copy was interrupted: copy the file again. "
        "Otherwise each empty cell needs its comma, and a line break inside a cell quotation marks "
        "around the cell."
    )
    mine.text("labs.csv", "patient_id,analyte,value\nP1,ANC\nP1,WBC,,\n")
    mine.text("diagnoses.csv", "patient_id,condition\nP1,caf\u00e9\n".encode("latin-1"))
    mine.text("events.csv", "A title,,\npatient_id,event,occurred_on\n")
    mine.text("medications.csv", "patient_id\tdrug\nP1\tthiamazole\n")
    mine.text("clonality.csv", ",,\npatient_id,taken_on,lgl_count\n")
    mine.text("antibody_tests.csv", 'patient_id,assay\nP1,"gift\n')
    told = [(f.table, f.row, f.value, f.rule, f.remedy) for f in check(mine.path)]
    titled = "the first row names the columns"

    assert [fault for fault in told if fault[0] == "labs"] == [
        ("labs", 2, "2 cells", "every row has the header's 3 cells", few),
        ("labs", 3, "4 cells", "every row has the header's 3 cells",
         "A comma inside a cell needs quotation marks around the cell."),
    ]  # fmt: skip
    title = "It is a title. Remove the rows above the one that names the columns."
    empty = "It is empty. Remove the empty rows above the header."
    tabs = "This file uses tabs. Save it as CSV with commas and decimal points."
    latin = "Save it as CSV UTF-8; otherwise letters such as é or ö are lost."
    assert ("events", 1, "A title", titled, title) in told
    assert ("clonality", 1, "", titled, empty) in told
    assert ("medications", 1, "patient_id\\tdrug", "cells are separated by commas", tabs) in told
    assert ("diagnoses", 2, "Latin-1 or similar", "the file is UTF-8 text", latin) in told
    marks = next(fault for fault in told if "quotation marks come" in fault[3])
    assert marks[0] == "antibody_tests"
    assert marks[1] == 2
    assert marks[3] == "quotation marks come in pairs, and stand around a whole cell"
    assert marks[4].startswith(
        "Look at the quotation marks in this row; the rest could not be checked ("
    )


def test_a_cohort_without_patients_says_so(mine):
    """Without the table, and with a header alone."""
    mine.text("patients.csv", "patient_id,sex\n")
    [nobody] = check(mine.path)
    (mine.path / "patients.csv").unlink()
    [absent] = check(mine.path)

    assert (nobody.table, nobody.rule, nobody.remedy) == (
        "patients", "the table patients has rows",
        "It has a header and nobody in it. Export it again.",
    )  # fmt: skip
    assert (absent.table, absent.rule, absent.remedy) == (
        "patients", "every cohort has the table patients",
        "Add patients.csv or patients.parquet, one row per patient.",
    )  # fmt: skip


def test_every_fault_of_a_descriptor_says_what_to_do(mine):
    """Another privacy, an unknown key or study, a column that is none, a file that is not there."""

    def told(content: object) -> list[tuple[str, str, str, str]]:
        mine.text("datapackage.json", json.dumps(content))
        _, faults = read_descriptor(mine.path)
        return [(f.column, f.value, f.rule, f.remedy) for f in faults]

    assert told({"incohort": {"privacy": "Public"}}) == [
        ("incohort.privacy", "Public", "input should be 'public' or 'restricted'",
         "Write public or restricted, in small letters and without spaces."),
    ]  # fmt: skip
    assert told({"incohort": "public"})[0][3] == (
        "Write an object in curly brackets, or take it out: the cohort is then restricted."
    )
    assert told({"incohort": {"origin": "real"}})[0][3] == "Correct the entry."
    known = (
        "privacy, study, origin, notices, synthetic_columns, held, collected, unit, n_patients, "
        "made_for"
    )
    assert told({"incohort": {"privcy": "public"}})[0][2:] == (
        "the key is known",
        f"Known are {known}. Did you mean 'privacy'?",
    )
    assert told({"incohort": {"unit": "course"}}) == [
        ("incohort.n_patients", "",
         "the number of patients is said where a row is a course, and only there",
         "Say how many patients are behind the courses, or take unit and n_patients out."),
    ]  # fmt: skip
    assert told({"incohort": {"synthetic_columns": ["labs.AMC", "labs.valu"]}}) == [
        ("incohort.synthetic_columns", "labs.AMC", "the column is in the data dictionary",
         "Write table.column, or labs. and an analyte."),
        ("incohort.synthetic_columns", "labs.valu", "the column is in the data dictionary",
         "Write table.column, or labs. and an analyte. Did you mean 'labs.value'?"),
    ]  # fmt: skip
    assert told({"resources": [{"path": "labs.csv"}, {"path": "patients.csv"}]}) == [
        ("resources", "labs.csv", "each resource is one file in the cohort's folder",
         "Put it beside datapackage.json, or take it off the list; it was not read."),
    ]  # fmt: skip
    assert told([]) == [
        ("", "list", "datapackage.json is not a JSON object",
         "Correct the file, or remove it: the cohort is then restricted."),
    ]  # fmt: skip
    [(column, value, rule, remedy)] = told({"incohort": {"study": "kyritsi2016"}})
    assert (column, value) == ("incohort.study", "kyritsi2016")
    assert rule == "the study is one of the dictionary's"
    assert remedy.startswith("Name one of abdulkader2014, ")
    assert remedy.endswith(", or leave it out.")  # another year is another study
    [(column, value, rule, remedy)] = told({"Incohort": {"privacy": "restricted"}})[:1]
    assert column == "Incohort"
    assert rule == "what is meant for incohort stands under 'incohort', and privacy is stated once"
    assert remedy == (
        "It was not read. Did you mean 'incohort'? Say it there or take it out."
    )  # fmt: skip
