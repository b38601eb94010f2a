"""Files that an interrupted copy left: whatever was lost is told, however long the damage is."""

from __future__ import annotations

import os

import duckdb
import pytest

from incohort.sources import check, read

TEXT = "the file is text to its end, in lines that can be read"
START = b"patient_id,sex\nP1,female\nP2,male\n"


@pytest.mark.parametrize("size", [60, 3_000_000, 40_000_000, 120_000_000, 3_000_000_000])
@pytest.mark.parametrize("last", [b"P3,ma", b"P3,male\n", b""])
def test_a_tail_of_nul_bytes_is_told_whatever_its_length(mine, last, size):
    """A file whose end was never written: one fault in the first damaged row, none beside."""
    path = mine.text("patients.csv", START + last)
    os.truncate(path, size)
    (fault,) = check(mine.path)

    row = 5 if last.endswith(b"\n") else 4
    assert (fault.table, fault.row, fault.value, fault.rule) == ("patients", row, "NUL bytes", TEXT)


def test_what_stands_before_the_damage_is_looked_at(mine):
    """Value faults and the damage come in one round; nobody is made an orphan by it."""
    path = mine.text("patients.csv", b"patient_id,sex\nP1,f\nP2,male\nP3")
    os.truncate(path, 50_000_000)
    mine.write("labs", {"patient_id": "P3"})

    assert [(f.table, f.row, f.column) for f in check(mine.path)] == [
        ("patients", 2, "sex"),
        ("patients", 4, ""),
    ]


def test_damage_is_judged_as_such_after_the_sound_file_was(mine):
    """The same columns, opened in the same process: whom the damage hid is nobody's orphan."""
    mine.write("patients", *({"patient_id": f"P{i}"} for i in range(1, 40)))
    mine.write("labs", *({"patient_id": f"P{i}", "specimen": f"S{i}"} for i in range(1, 40)))
    sound = check(mine.path)
    whole = (mine.path / "patients.csv").read_bytes()
    mine.text("patients.csv", whole[: len(whole) // 2] + b"\0" * 4096)
    damaged = check(mine.path)

    assert sound == ()
    assert damaged
    assert {fault.table for fault in damaged} == {"patients"}


@pytest.mark.parametrize("size", [2_500_000, 35_000_000, 60_000_000])
def test_a_long_last_line_is_read_and_not_dropped(mine, size):
    """Rows read are rows there: a last line of any bearable length is one, without a break too."""
    mine.text("patients.csv", START.replace(b"\n", b",x_a\n", 1).replace(b"male\n", b"male,\n"))
    with (mine.path / "patients.csv").open("ab") as file:
        file.write(b"P3,male," + b"z" * size)

    assert sorted(read(mine.path).tables["patients"].execute().patient_id) == ["P1", "P2", "P3"]


def test_a_line_beyond_bearing_is_told(mine):
    """Over 100 MB without a line break."""
    with (mine.path / "patients.csv").open("wb") as file:
        file.write(START.replace(b"\n", b",x_a\n", 1) + b"P3,male," + b"z" * 120_000_000 + b"\n")
    faults = check(mine.path)

    assert ("patients", 4, TEXT) in [(f.table, f.row, f.rule) for f in faults]


def test_nul_bytes_in_a_column_of_one_s_own_are_told(mine):
    """No rule looks at its cells, so the file's fault tells of them."""
    mine.text("patients.csv", b"patient_id,x_a\nP1,a\nP2,a\0b\n")

    assert [(f.row, f.value, f.rule) for f in check(mine.path)] == [(3, "NUL bytes", TEXT)]


@pytest.mark.parametrize("cut", [4, 100, 1000])
def test_a_parquet_file_cut_short_is_told(mine, cut):
    """Its footer is gone."""
    path = mine.path / "labs.parquet"
    duckdb.sql("SELECT 'P1' AS patient_id, 'ANC' AS analyte FROM range(5000)").write_parquet(
        str(path)
    )
    os.truncate(path, path.stat().st_size - min(cut, path.stat().st_size - 1))
    (fault,) = check(mine.path)

    assert (fault.table, fault.rule) == ("labs", "the file can be read")


@pytest.mark.parametrize("start", [4096, 12288])
def test_a_damaged_database_is_told(tmp_path, start):
    """Bytes that were overwritten, or a file cut short, give faults and no rows."""
    path = tmp_path / "mine.duckdb"
    with duckdb.connect(str(path)) as made:
        made.execute(
            "CREATE TABLE patients AS SELECT 'P' || i AS patient_id FROM range(100000) t(i)"
        )
    content = path.read_bytes()
    path.write_bytes(content[:start] + b"\xff" * 4096 + content[start + 4096 :])
    assert check(path)
    path.write_bytes(content[: len(content) // 2])
    assert check(path)
