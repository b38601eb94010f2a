"""The door's parts by themselves: a file's form, its header, its copy, names, limits and words."""

from __future__ import annotations

from pathlib import Path

import ibis
import pytest

from incohort.dictionary import load
from incohort.errors import Fault, UsageError
from incohort.sources import repair
from incohort.sources.bounds import MOST_ROWS, TooMuchError, refuse_too_many
from incohort.sources.form import Form, beginning, form_of, is_read_whole
from incohort.sources.keys import is_nobody
from incohort.sources.looks.people import skeleton
from incohort.sources.measurements import UnitUse
from incohort.sources.naming import name_columns, other_format, twin_files, unknown_table
from incohort.sources.place import bundled_cohorts, cohort_name, locate
from incohort.sources.stray import stray_statements
from incohort.sources.telling import MOST, capped, limits, presentable, visible
from incohort.sources.unknown import is_identifier


def file_of(folder: Path, content: str | bytes, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"", Form(n_lines=0)),
        (b"a", Form(n_lines=1)),
        (b"a\n", Form(n_lines=1)),
        (b"a\nb", Form(n_lines=2)),
        (b"a\r\nb\r\n", Form(n_lines=2)),
        (b"a\rb\r", Form(n_lines=2)),
        (b"a\n\nb\n", Form(n_lines=3)),
        (b"a\nb\0c\nd\0\0e\n", Form(n_lines=3, n_nul=3, nul_line=2)),
        (b"\0a\nb\n", Form(n_lines=2, n_nul=1, nul_line=1)),
        (b"a\nbc\nd\0", Form(n_lines=2, n_nul=1, nul_line=3, damaged_from=5, damaged_line=3)),
        (b"a\0", Form(n_lines=0, n_nul=1, nul_line=1, damaged_from=0, damaged_line=1)),
    ],
)
def test_a_files_lines_are_counted_and_its_damage_is_placed(tmp_path, content, form):
    r"""A line ends with \n, \r\n or \r, also the last; NUL bytes at its end are damage."""
    assert form_of(file_of(tmp_path, content)) == form


@pytest.mark.parametrize(
    ("content", "n_rows", "is_whole"),
    [
        ("a,b\n1,2\n3,4\n", 2, True),
        ("a,b\n1,2\n3,4\n", 1, False),
        ('a,b\n1,"2\n3"\n', 1, True),  # a line break inside a cell
        ("a,b\n1,2\n\n", 1, True),  # an empty line at the end
        ("a,b\n1,2\n\n3,4\n", 2, False),  # between rows it would shift their numbers
        ("a,b\n\n1,2\n", 1, False),
        ('a,b\n1,"2"x\n\n', 1, False),  # no CSV at all
    ],
)
def test_whether_all_rows_were_read_is_told_from_lines(tmp_path, content, n_rows, is_whole):
    """A line each is the rule; of more lines than rows each is accounted for."""
    path = file_of(tmp_path, content)
    assert is_read_whole(path, form_of(path), n_rows) is is_whole


@pytest.mark.parametrize("n_bytes", [0, 1, 4, 9, 100])
def test_a_files_beginning_is_that_many_bytes(tmp_path, n_bytes):
    """No byte more, and no more than there are."""
    path, copy = file_of(tmp_path, b"0123456789"), tmp_path / "copy"
    beginning(path, n_bytes, copy)
    assert copy.read_bytes() == b"0123456789"[:n_bytes]


HEADERS = [
    (b"patient_id,sex\nA,male\n", ("patient_id", "sex"), None),
    (b"\xef\xbb\xbfpatient_id,sex\n", ("patient_id", "sex"), None),
    (b'"patient_id","a\nb"\n', ("patient_id", "a\nb"), None),
    (b"patient_id\nA\n", ("patient_id",), None),
    (b"sex,,\n", ("sex", "", ""), None),  # one column's name is no title
    (b"", (), "the file has a header row and data"),
    (b",,\n", (), "the first row names the columns"),
    (b" , \n", (), "the first row names the columns"),
    (b"Our patients,,\n", (), "the first row names the columns"),
    (b"patient_id;sex\n", (), "cells are separated by commas"),
    (b"patient_id\tsex\n", (), "cells are separated by commas"),
    (b"patient_id|sex\n", (), "cells are separated by commas"),
    (b"\xff\xfep\0a\0", (), "the file is UTF-8 text"),
    (b"\xfe\xff\0p\0a", (), "the file is UTF-8 text"),
    (b"PK\0\3\n", (), "the file is text"),
    (b'patient_id,"sex\n', (), "quotation marks come in pairs, and stand around a whole cell"),
]


@pytest.mark.parametrize(("content", "names", "rule"), HEADERS)
def test_a_header_is_read_or_told(tmp_path, content, names, rule):
    """The names in the first record, or one fault that says what stands there instead."""
    found, faults = repair.read_header(file_of(tmp_path, content), "patients")

    assert found == names
    assert [fault.rule for fault in faults] == ([rule] if rule else [])
    if rule and not rule.endswith(("data", "UTF-8 text")):
        assert [fault.row for fault in faults] == [1]


def test_a_copy_has_each_row_with_its_number_and_length(tmp_path):
    """Short rows are filled, long ones cut, empty lines counted; foreign letters are Latin-1."""
    text = "a,b\n1,2\n\n3\n4,5,6\ncaf\u00e9,8\n".encode("latin-1")
    copy = tmp_path / "copy.csv"
    made = repair.repaired_copy(file_of(tmp_path, text), "patients", 2, copy)

    assert copy.read_text(encoding="utf-8").splitlines() == [
        '"a","b","1"', '"1","2","2"', '"3","","4"', '"4","5","5"', '"caf\u00e9","8","6"',
    ]  # fmt: skip
    assert (made.n_rows, made.is_whole) == (4, True)
    assert [(f.row, f.value, f.count) for f in made.faults] == [
        (4, "1 cells", 1), (5, "3 cells", 1), (6, "Latin-1 or similar", 1),
    ]  # fmt: skip


def test_a_copy_ends_where_quotation_marks_do_not(tmp_path):
    """What came before is kept; the row is told, and that the rest could not be checked."""
    copy = tmp_path / "copy.csv"
    path = file_of(tmp_path, 'a,b\n1,2\n3,"4"x\n5,6\n')
    made = repair.repaired_copy(path, "patients", 2, copy)

    assert (made.n_rows, made.is_whole) == (1, False)
    assert [(f.row, f.count) for f in made.faults] == [(3, 1)]


def test_twenty_rows_of_a_wrong_length_are_told_and_all_counted(tmp_path):
    """The twentieth stands for the rest."""
    path = file_of(tmp_path, "a,b\n" + "1\n" * 22)
    made = repair.repaired_copy(path, "patients", 2, tmp_path / "copy.csv")

    assert [f.row for f in made.faults] == list(range(2, 22))
    assert [f.count for f in made.faults] == [1] * 19 + [3]
    assert made.faults[-1].remedy.endswith(" 2 more rows break this rule further down.")


def faults(n: int) -> list[Fault]:
    return [Fault(table="labs", row=i, rule="r", remedy="Do.") for i in range(n)]


@pytest.mark.parametrize(
    ("told", "n_rows", "counts", "last"),
    [
        (2, 2, [1, 1], "Do."),
        (2, 3, [1, 2], "Do. 1 more row breaks this rule further down."),
        (2, 4, [1, 3], "Do. 2 more rows break this rule further down."),
        (MOST, MOST, [1] * MOST, "Do."),
        (
            MOST + 1,
            MOST + 1,
            [1] * (MOST - 1) + [2],
            "Do. 1 more row breaks this rule further down.",
        ),
        (0, 0, [], None),
    ],
)
def test_the_last_fault_told_counts_those_that_are_not(told, n_rows, counts, last):
    """All counts add up to the faulty rows, and one row breaks while two break."""
    found = capped(faults(told), n_rows)

    assert [fault.count for fault in found] == counts
    assert sum(counts) == n_rows
    assert (found[-1].remedy if found else None) == last


def test_text_from_data_is_short_and_cannot_act():
    """200 characters of a cell, 600 of a remedy; what nobody sees is written out."""
    fault = Fault(
        table="t\x1b", column="c\u200b", row=2, value="7" * 201, rule="r", remedy="m" * 601,
        hint="h" * 600, patients=("P\n",),
    )  # fmt: skip
    shown = presentable(fault)

    assert (shown.table, shown.column, shown.patients) == ("t\\x1b", "c\\u200b", ("P\\n",))
    assert shown.value == "7" * 200 + "…"
    assert shown.remedy == "m" * 600 + "…"
    assert shown.hint == "h" * 600
    assert visible("7" * 200) == "7" * 200
    assert visible("é\u2028") == "é\\u2028"


@pytest.mark.parametrize(
    ("low", "high", "unit", "words"),
    [
        (None, None, "a", "is any number"),
        (None, 5, "a", "is at most 5 a"),
        (1, None, "a", "is at least 1 a"),
        (1, 5, None, "lies between 1 and 5"),
        (0.5, 1e6, "mg", "lies between 0.5 and 1000000 mg"),
    ],
)
def test_limits_are_told_in_words(low, high, unit, words):
    """One end, both or none, the unit behind the last."""
    assert limits(low, high, unit) == words


def test_a_table_of_so_many_rows_is_read_and_one_more_is_not():
    """Twenty million pass; the refusal says how many there are."""
    refuse_too_many(MOST_ROWS)
    with pytest.raises(TooMuchError) as refused:
        refuse_too_many(MOST_ROWS + 1)
    assert str(refused.value) == "it has 20,000,001 rows; one table may have 20,000,000"


@pytest.mark.parametrize(
    ("factor", "divisor", "value", "canonical"),
    [(0.001, 1000.0, 1150, 1.15), (0.01, 100.0, 7, 0.07), (1, 1.0, 1.5, 1.5), (10, 1.0, 2, 20),
     (0.5, 2.0, 3, 1.5), (0.7, 1.0, 10, 7.0)],
)  # fmt: skip
def test_a_value_is_divided_where_the_factor_is_one_over_a_whole_number(
    factor, divisor, value, canonical
):
    """1150 / 1000 is the number nearest to 1.15; times 0.001 it is not."""
    use = UnitUse(analyte="ANC", unit="u", factor=factor)
    assert (use.divisor, use.convert(value)) == (divisor, canonical)


def strays(content: dict) -> list[tuple[str, str]]:
    found = stray_statements(content, ("privacy", "study", "notices"), "datapackage.json")
    return [(f.column, f.remedy.partition("?")[0].partition("'")[2].rstrip("'")) for f in found]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"incohort": {"privacy": "public"}, "name": "n", "title": "t"}, []),
        ({"Incohort": {}}, [("Incohort", "incohort")]),
        ({"in-cohort": {}}, [("in-cohort", "incohort")]),
        ({"privacy": "public"}, [("privacy", "incohort.privacy")]),
        ({"Privacy ": "public"}, [("Privacy ", "incohort.privacy")]),
        ({"x_privacy": 1}, [("x_privacy", "incohort.privacy")]),
        ({"restricted": True}, [("restricted", "incohort.privacy")]),
        ({"resources": [{"restricted": True}]}, [("resources.0.restricted", "incohort.privacy")]),
        ({"resources": [{"schema": {"public": True}}]}, []),
        ({"contributors": [{"privacy": "x"}]}, [("contributors.0.privacy", "incohort.privacy")]),
        ({"studdy": "x"}, [("studdy", "incohort.study")]),
        ({"notice": "x"}, [("notice", "incohort.notices")]),
        ({"resources": [{"study": "x"}]}, []),
        ({"version": "1", "keywords": []}, []),
        ({"anything": {"else": 1}}, []),
    ],
)
def test_a_word_on_privacy_in_the_wrong_place_is_told_with_the_right_one(content, told):
    """Whatever looks like a statement of ours, at any depth; other people's keys are let be."""
    assert strays(content) == told


@pytest.mark.parametrize(
    "name",
    [
        *("name", "Last Name", "e-mail", "PatientName", "zip.code", "MRN", "x_phone", "_street_"),
        *("home address line 2", "Straße"),
    ],
)
def test_a_column_that_tells_who_somebody_is_is_known_by_its_name(name):
    """Whatever case and marks it is written with, and under a prefix of one's own."""
    assert is_identifier(name)


@pytest.mark.parametrize("name", ["names of drugs", "drug", "ward", "x_ward", "phenotype", "sine"])
def test_other_columns_are_not_taken_for_names_of_people(name):
    """A drug's name, a ward and a phenotype tell nobody."""
    assert not is_identifier(name)


def test_columns_are_loaded_under_the_names_that_were_meant():
    """A slip is read as what it was meant for, twins and strangers under names of no use."""
    written = ("patient_id", "Sex", "SEX", "ward", "x_ward", "x_", "centre")
    names, told = name_columns("patients", written, frozenset({"centre"}))

    assert names.loaded == (
        "patient_id", "sex", "_again_2", "_unknown_3", "x_ward", "_unknown_5", "_unreadable_6",
    )  # fmt: skip
    assert names.columns == ("patient_id", "sex")
    assert names.extra == ("x_ward",)
    assert names.used == ("patient_id", "sex", "x_ward")
    assert [fault.column for fault in told] == ["Sex", "ward", "x_", "Sex"]
    only, _ = name_columns("patients", ("ward", "room"))
    assert only.used == ("_unknown_0",)


def test_a_thousand_columns_of_ones_own_are_kept_and_one_more_is_not():
    """Then none of them is, and the fault says how many there are."""
    own = [f"x_{i}" for i in range(1001)]
    kept, told = name_columns("patients", ("patient_id", *own[:1000]))
    assert len(kept.extra) == 1000
    assert not told
    none, [fault] = name_columns("patients", ("patient_id", *own))
    assert none.extra == ()
    assert (fault.value, fault.row) == ("1,001 columns", 1)
    assert fault.rule == "a table has at most 1,000 columns of your own"
    assert fault.remedy == "Leave out those that no question needs."


def test_names_of_files_that_are_none_of_ours_are_let_be(tmp_path):
    """A read-me beside the tables is no table in another form; a folder of that name is."""
    for name in ("notes.txt", "labs.md", "README", "old_labs.xlsx"):
        assert other_format(file_of(tmp_path, "x", name)) is None
    for name in ("labs.XLSX", "Labs.tsv", "labs"):
        assert other_format(file_of(tmp_path, "x", name)).table == "labs"
    fault = twin_files("labs", Path("labs.csv"), Path("labs.parquet"))
    assert (fault.value, fault.rule, fault.remedy) == (
        "labs.csv, labs.parquet", "a table stands in one file", "Remove one of the two files.",
    )  # fmt: skip
    assert unknown_table("lab.csv", "lab").remedy.startswith("Did you mean 'labs'? Known are ")
    assert unknown_table("lab.csv", "lab", ("labs",)).remedy.startswith("Known are ")


def test_a_cohort_is_found_by_name_or_place(tmp_path, monkeypatch):
    """One that ships by its name, any other by its folder or DuckDB file; else all are named."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "kyritsi2015").mkdir()
    base = file_of(tmp_path, "x", "mine.duckdb")
    other = file_of(tmp_path, "x", "mine.xlsx")

    assert "kyritsi2015" in bundled_cohorts()
    assert locate("kyritsi2015") != tmp_path / "kyritsi2015"
    assert locate("./kyritsi2015").resolve() == tmp_path / "kyritsi2015"
    assert locate(str(base)) == base
    assert (cohort_name(tmp_path / "mine"), cohort_name(base)) == ("mine", "mine")
    kinds = "folder with patients.csv in it, or a DuckDB file ending in .duckdb or .ddb"
    for typed, said in (
        (str(other), f"is a file. A cohort is a {kinds}."),
        ("kyritsi2016", "There is no cohort 'kyritsi2016', neither among those that come along ("),
        ("kyritsi", " nor as a folder. Did you mean 'kyritsi2015'?"),
    ):  # fmt: skip
        with pytest.raises(UsageError) as refused:
            locate(typed)
        assert said in str(refused.value)


def test_every_unit_of_every_analyte_comes_to_one_by_its_factor():
    """What a unit is divided by and what it is multiplied with say the same."""
    for analyte in load().analytes.values():
        for entry in analyte.units:
            use = UnitUse(analyte=analyte.name, unit=entry.unit, factor=entry.factor)
            assert use.convert(1 / entry.factor) == pytest.approx(1, rel=1e-15)


# What R, SQL, pandas, Excel and people write for nobody, and what stands below a table.
NOBODY = """
NA|<NA>|n.a.|n.a|n/a|#N/A|#NA|nan|#nan|-nan|NULL|#NULL!|nil|None|NaT|<none>|<null>|undefined
missing|(missing)|unknown|unbekannt|not available|not known|not applicable|(blank)|blank|empty
#REF!|#VALUE!|#DIV/0!|#NAME?|#NUM!|#ERROR!|inf|-Inf|-|--|---|.|..|...|?|??|???|*|_
Total|totals|Total:|grand total|sub total|subtotal|sum|Sum:|sums|Summe|gesamt|insgesamt
Gesamtergebnis|mean|average|median|Mittelwert|patient_id|Patient ID|PatientID
"""


def test_every_word_for_nobody_is_known_and_no_number_is_one():
    """In whatever case; a number that merely begins so is somebody's."""
    words = "|".join(NOBODY.split("\n")).strip("|").split("|")
    others = ["P1", "NA1", "total7", "0", "--1", "Nan Smith", "..a"]
    table = ibis.memtable({"word": [*words, *others]})
    found = table.mutate(nobody=is_nobody(table.word)).execute()

    assert len(words) == 67
    assert found[found["nobody"]]["word"].tolist() == words
    assert found[~found["nobody"]]["word"].tolist() == others


@pytest.mark.parametrize(
    ("ending", "packed"),
    [
        *(
            (f".{e}", False)
            for e in ("arrow", "dta", "feather", "json", "jsonl", "ods", "rds", "tab")
        ),
        *(
            (f".{e}", False)
            for e in ("sas7bdat", "sav", "tsv", "txt", "xls", "xlsm", "xlsx", "xpt")
        ),
        *((f".{e}", True) for e in ("bz2", "gz", "xz", "zip", "zst")),
        ("", False),
    ],
)
def test_a_table_in_another_form_is_told_whatever_its_ending(tmp_path, ending, packed):
    """What statistics programs, spreadsheets and packers write; of a packed one that it is."""
    fault = other_format(file_of(tmp_path, "x", f"labs{ending}"))

    assert fault.table == "labs"
    assert (", unpacked, or move" in fault.remedy) is packed


@pytest.mark.parametrize(
    "key",
    ["$schema", "name", "id", "profile", "title", "description", "homepage", "version", "created",
     "licenses", "keywords", "contributors", "sources", "image", "resources"],
)  # fmt: skip
def test_a_key_of_the_standard_is_never_taken_for_ours(key):
    """Data Package v2 names them for the package itself, whatever ours are called."""
    known = {"privacy", "study", *(key[:-1] + "x", f"{key}s")}
    assert list(stray_statements({key: "x"}, known, "datapackage.json")) == []


@pytest.mark.parametrize(
    "key", ["private", "public", "restricted", "confidential", "is_private", "IsPublic"]
)
def test_another_word_for_privacy_is_told_where_it_can_mean_nothing_else(key):
    """As a key of the package or of a table; deeper it may be anything."""
    assert strays({key: True}) == [(key, "incohort.privacy")]
    assert strays({"resources": [{key: 1}]}) == [(f"resources.0.{key}", "incohort.privacy")]
    assert strays({"sources": [{"a": {key: 1}}]}) == []


@pytest.mark.parametrize("dash", "‐‑‒–—−﹘﹣－")
def test_every_dash_is_a_dash(dash):
    """Of whatever length, P-7 is P-7."""
    assert skeleton(f"P{dash}7") == skeleton("P-7")


def test_letters_of_other_alphabets_that_look_alike_are_alike():
    """Cyrillic and Greek letters, and what is drawn as nothing."""
    for other, latin in (
        ("АВЕКМНОРСТУХ", "ABEKMHOPCTYX"), ("аеорсухіј", "aeopcyxij"),
        ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"), ("ο", "o"),
        ("A\u115f\u1160\u3164\uffa0\u2800B", "AB"), ("A\u00ad\u200b\u2028B", "AB"),
    ):  # fmt: skip
        assert skeleton(other) == skeleton(latin)
