"""Files made to break a reader: one message, exit code 2 or 3, and an answer in bounded time."""

from __future__ import annotations

import json
import os
import sys

import duckdb
import pytest

from incohort import cli
from incohort.errors import UsageError
from incohort.imports.meds.events import _entry, _unmatched
from incohort.imports.meds.mapping import locate_mapping, read_mapping
from incohort.reports.notebooks import read_notebook
from incohort.sources import check, locate
from incohort.sources.bounds import MOST_ROWS

LABS = "patient_id,analyte,taken_at,value,unit\n"
DESCRIPTORS = {
    "digits": '{"version": ' + "9" * 5000 + "}",
    "deep": "[" * 100_000,
    "half a letter": '{"title": "\\ud800"}',
    "twice": '{"title": "a", "title": "b"}',
    "a list": "[]",
    "not closed": '{"title": "a"',
    "cp1252": '{"title": "é"}'.encode("cp1252"),
    "utf-16": '{"title": "é"}'.encode("utf-16"),
    "a long path": json.dumps({"resources": [{"path": "a" * 300 + ".csv"}]}),
    "a NUL in a path": json.dumps({"resources": [{"path": "a\0b"}]}),
    "large": '{"title": "' + "a" * (5 << 20) + '"}',
}


@pytest.mark.parametrize("content", DESCRIPTORS.values(), ids=DESCRIPTORS)
def test_a_descriptor_that_no_reader_can_take_is_one_fault(mine, content):
    """Its digits, its depth, its letters or its size: told, and the tables are read beside it."""
    mine.text("datapackage.json", content)
    mine.write("patients", {"sex": "f"})
    faults = check(mine.path)

    assert [(f.table, f.column) for f in faults if f.table == "patients"] == [("patients", "sex")]
    assert [f.table for f in faults if f.table != "patients"] == ["datapackage.json"]
    assert all(len(f"{f.value}{f.rule}{f.remedy}") < 600 for f in faults)


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes and devices")
def test_a_pipe_or_a_device_is_not_waited_for(mine):
    """/dev/zero has no end and a pipe no writer; a link in a circle leads nowhere."""
    path = mine.path / "datapackage.json"
    for make in (
        lambda: path.symlink_to("/dev/zero"),
        lambda: os.mkfifo(path),
        lambda: path.symlink_to(path.name),
        path.mkdir,
    ):
        make()
        (fault,) = check(mine.path)
        assert (fault.table, fault.rule) == ("datapackage.json", "datapackage.json can't be read")
        path.rmdir() if path.is_dir() else path.unlink()


def test_many_invented_columns_are_told_by_the_first(mine):
    """A hundred thousand names of which none exists are one line on the list."""
    names = [f"labs.X{i}" for i in range(100_000)]
    mine.text("datapackage.json", json.dumps({"incohort": {"synthetic_columns": names}}))
    faults = check(mine.path)

    assert len(faults) == 20
    assert sum(f.count for f in faults) == 100_000


@pytest.mark.parametrize(
    "typed", ["a" * 300, "a\0b", "~nosuchuser/x", "\udc80", "", "x/" * 5000], ids=ascii
)
def test_a_name_that_no_file_can_have_is_refused(typed, capsys):
    """As a cohort, a notebook, a mapping: one short message and exit code 2."""
    for command in (
        ["check", typed],
        ["params", typed + ".ipynb"],
        ["run", "01_cohort_overview", "--cohort", typed or "\0"],
        ["import", "meds", typed, "--out", "o"],
        ["import", "meds", "a.parquet", "--out", "o", "--mapping", typed],
        ["dictionary", "show", typed],
        ["claims", typed],
    ):
        assert cli.run(command) == 2, command
        said = capsys.readouterr().err
        assert said.count("\n") == 1
        assert len(said) < 1500


# ------------------------------------------------------------------ tables
def test_a_table_of_too_many_equal_rows_is_refused_before_it_is_read(mine):
    """Run-length encoding puts hundreds of millions of rows into a small file."""
    rows = MOST_ROWS + 1
    equal = duckdb.sql("SELECT 'P1' AS patient_id, 'ANC' AS analyte FROM range($1)", params=[rows])
    equal.write_parquet(str(mine.path / "labs.parquet"), row_group_size=5_000_000)
    (fault,) = check(mine.path)

    assert (fault.table, fault.rule) == ("labs", "the file can be read")
    assert f"{rows:,} rows" in fault.remedy


@pytest.mark.parametrize("prefix", ["question_", "x_"])
def test_sixteen_thousand_columns_are_one_line(mine, capsys, monkeypatch, prefix):
    """As a spreadsheet gives them at most, unknown or one's own; the cells beside are read."""
    monkeypatch.setenv("COLUMNS", "400")
    names = ",".join(f"{prefix}{i}" for i in range(16_382))
    mine.text("patients.csv", f"patient_id,sex,{names}\nP1,f{',' * 16_382}\n")

    assert cli.run(["check", str(mine.path)]) == 3
    told = capsys.readouterr()
    assert "2 faults" in told.err
    assert "16,379 more" in " ".join(told.out.split()) or "16,382 columns" in told.out
    assert told.out.count("\n") < 60


def test_thousands_of_files_are_one_line(mine, capsys):
    """A folder full of other tables."""
    for i in range(500):
        mine.text(f"export{i}.csv", "a\n")

    assert cli.run(["check", str(mine.path)]) == 3
    told = capsys.readouterr()
    assert "1 fault" in told.err
    assert "497 more" in " ".join(told.out.split())


def test_lists_of_lists_of_lists_are_no_plain_values(mine):
    """A value forty lists deep is told by its column, and never written out."""
    pa = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    value = "x"
    for _ in range(40):
        value = [value]
    table = pa.table({"patient_id": ["P1"], "analyte": ["ANC"], "x_a": [value]})
    parquet.write_table(table, mine.path / "labs.parquet")
    (fault,) = check(mine.path)

    assert (fault.column, fault.rule) == ("x_a", "a column holds one plain value in each cell")


def test_a_view_without_an_end_is_given_up(tmp_path, monkeypatch):
    """A view may compute for ever; the rest of the file is told all the same."""
    monkeypatch.setattr("incohort.sources.bounds._SECONDS", 3.0)
    path = tmp_path / "mine.duckdb"
    with duckdb.connect(str(path)) as made:
        made.execute("CREATE TABLE patients AS SELECT 'P1' AS patient_id, 'f' AS sex")
        made.execute(
            "CREATE VIEW labs AS WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t) "
            "SELECT 'P1' AS patient_id, 'ANC' AS analyte FROM t"
        )
    faults = check(path)

    assert [(f.table, f.column) for f in faults] == [("patients", "sex"), ("labs", "")]
    assert "not come to an end" in faults[1].remedy


def test_a_view_of_endless_rows_is_given_up(tmp_path, monkeypatch):
    """More rows than a table may have are not read to their end."""
    monkeypatch.setattr("incohort.sources.opening.MOST_ROWS", 1000)
    path = tmp_path / "mine.duckdb"
    with duckdb.connect(str(path)) as made:
        made.execute(
            "CREATE VIEW patients AS SELECT i::VARCHAR AS patient_id FROM range(1000000000000) t(i)"
        )
    (fault,) = check(path)

    assert "more than 1,000 rows" in fault.remedy


def test_a_hundred_thousand_wrong_codes_are_one_line(mine, capsys):
    """The first are named, all are counted."""
    mine.text("labs.csv", LABS + "".join(f"P1,CODE{i},,1,G/L\n" for i in range(100_000)))

    assert cli.run(["check", str(mine.path)]) == 3
    told = capsys.readouterr()
    assert "1 fault" in told.err
    assert "100000" in told.out
    assert told.out.count("\n") < 40


def test_numbers_of_thousands_of_digits_are_no_numbers(mine):
    """They are told by their beginning; so is an exponent that no number has."""
    mine.text("labs.csv", f"{LABS}P1,ANC,,{'9' * 5000},G/L\nP1,WBC,,1e999999,G/L\n")

    assert [(f.row, f.column, f.value[:8]) for f in check(mine.path)] == [
        (2, "value", "99999999"),
        (3, "value", "1e999999"),
    ]


# ------------------------------------------------------------------ mappings
MAPPINGS = {
    "laughs": "a: &a [x, x, x, x, x, x, x, x, x]\n"
    + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
    ),
    "itself": "name: &a [*a]\n",
    "deep": "[" * 100_000,
    "deep in blocks": "- " * 5000 + "x",
    "digits": "name: " + "9" * 5000,
    "sexagesimal": "name: 1" + ":10" * 50_000,
    "no integer": "name: !!int abc",
    "no date": "name: 2001-99-99",
    "no answer": "name: !!bool maybe",
    "no time": "name: !!timestamp x",
    "a program": "name: !!python/object:os.system x",
    "a list as key": "? [a, b]\n: 1",
    "half a letter": 'name: "\\ud800"',
    "two documents": "---\na: 1\n---\nb: 2\n",
    "cp1252": "name: é".encode("cp1252"),
    "utf-16": "name: é".encode("utf-16"),
    "NUL": "name: a\0b",
    "empty": "",
    "a number": "1",
    "many faults": "labs:\n" + "  - {x: 1}\n" * 2000,
}


@pytest.mark.parametrize("content", MAPPINGS.values(), ids=MAPPINGS)
def test_a_mapping_that_no_reader_can_take_is_refused(tmp_path, content):
    """Aliases that explode, depth, tags that lie: one message that fits on a screen."""
    path = tmp_path / "ours.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())

    with pytest.raises(UsageError) as refusal:
        read_mapping(locate_mapping(str(path)))
    assert "ours.yaml" in str(refusal.value)
    assert len(str(refusal.value).splitlines()) < 30
    assert len(str(refusal.value)) < 5000


# ------------------------------------------------------------------ notebooks
CELL = {"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": "", "outputs": []}
NOTEBOOKS = {
    "metadata null": [{**CELL, "metadata": None}],
    "metadata a list": [{**CELL, "metadata": []}],
    "no metadata": [{"cell_type": "code", "source": ""}],
    "tags null": [{**CELL, "metadata": {"tags": None}}],
    "tags a text": [{**CELL, "metadata": {"tags": "parameters"}}],
    "tags numbers": [{**CELL, "metadata": {"tags": [1]}}],
    "source numbers": [{**CELL, "source": [1, 2]}],
    "source null": [{**CELL, "source": None}],
    "half a letter": [{**CELL, "source": 'a: str = "\ud800"'}],
    "half a letter, written out": [{**CELL, "source": 'a: str = "\\ud800"'}],
    "a cell null": [None, CELL],
    "a cell of no kind": [{**CELL, "cell_type": "heading"}],
    "outputs null": [{**CELL, "outputs": None}],
    "a day beyond time": [
        {**CELL, "source": "from datetime import date\na: date = date(99999999999999999999, 1, 1)"}
    ],
    "digits": [{**CELL, "source": "a: int = " + "9" * 5000}],
    "infinite": [{**CELL, "source": "a: float = 1e999"}],
    "too large for a float": [{**CELL, "source": "a: float = 1" + "0" * 400}],
    "deep": [{**CELL, "source": "a: int = " + "(" * 5000 + "1" + ")" * 5000}],
    "deep signs": [{**CELL, "source": "a: int = " + "-" * 50_000 + "1"}],
    "a NUL": [{**CELL, "source": "a: int = 1\0"}],
    "cells an object": {"a": 1},
}


@pytest.mark.parametrize("cells", NOTEBOOKS.values(), ids=NOTEBOOKS)
def test_a_notebook_of_odd_shape_is_refused(tmp_path, capsys, cells):
    """`params` and `run` say in one line what is not as it should be, and start nothing."""
    path = tmp_path / "odd.ipynb"
    path.write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})
    )
    for command in (["params", str(path)], ["run", str(path), "--cohort", "jinca2021"]):
        assert cli.run(command) == 2
        said = capsys.readouterr().err
        assert "odd" in said
        assert said.count("\n") == 1
        assert len(said) < 600


@pytest.mark.parametrize(
    "content",
    [b"[" * 100_000, b'{"nbformat": 4, "metadata": null, "cells": []}', b"\xff\xfe", b"9" * 5000],
    ids=["deep", "metadata null", "no text", "digits"],
)
def test_a_file_that_is_no_notebook_is_refused(tmp_path, content):
    """Whatever stands in it."""
    path = tmp_path / "odd.ipynb"
    path.write_bytes(content)

    with pytest.raises(UsageError, match="'odd' is not a notebook of format 4"):
        read_notebook(str(path))


def test_a_pipe_is_no_cohort(tmp_path):
    """It is refused by its name and never opened."""
    if sys.platform == "win32":
        pytest.skip("no pipes")
    os.mkfifo(tmp_path / "pipe.duckdb")

    with pytest.raises(UsageError, match="neither a folder nor a file"):
        locate(str(tmp_path / "pipe.duckdb"))


def test_a_mapping_of_a_hundred_thousand_codes_is_looked_up_in_no_time():
    """As many codes in the file: those not met are found in order, not each against each."""
    patterns = [f"LAB//{i}" for i in range(100_000)] + ["DX//*", "none//*", "LAB//99*"]
    codes = [f"LAB//{i}" for i in range(50_000, 150_000)] + ["DX//a"]

    assert _unmatched(patterns, codes) == (*patterns[:50_000], "none//*")


def test_the_longest_beginning_decides():
    """A whole code before any beginning, a longer beginning before a shorter."""
    whole, begins = {"a//b//c": 1}, {"a//": 2, "a//b": 3}

    assert [_entry(code, whole, begins, [4, 3]) for code in ("a//b//c", "a//bx", "a//x", "b")] == [
        1, 3, 2, None,
    ]  # fmt: skip
