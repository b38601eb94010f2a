"""`incohort check` as a person runs it: the list, the page, the exit code, nothing left behind."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from incohort import cli
from incohort.errors import UsageError
from incohort.sources import check

HOSTILE = "<script>alert(1)</script>"


def incohort(*arguments, **environment):
    """The command in a process of its own, on a wide terminal."""
    return subprocess.run(
        [sys.executable, "-m", "incohort", *map(str, arguments)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "COLUMNS": "400", **environment},
    )


@pytest.mark.slow
def test_the_list_and_the_page_say_the_same_and_nothing_else_is_written(mine, tmp_path):
    """Exit code 3; every fault on both; markup stands for itself; nothing acts on the terminal."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    mine.write("patients", {"sex": HOSTILE}, {"patient_id": "P2", "centre": "\x1b]0;x\x07"})
    mine.write("labs", {"value": "1500", "unit": ""}, {"value": "1,5", "specimen": "b"})
    mine.text("events.csv", b"patient_id,event,x_a\nP1,infection\n")
    before = {path: path.read_bytes() for path in mine.path.iterdir()}
    page = tmp_path / "faults.html"
    done = incohort("check", mine.path, "--html", page, TMPDIR=str(scratch))
    faults = check(mine.path)

    assert done.returncode == 3
    assert "Traceback" not in done.stderr
    assert "5 faults" in done.stderr
    assert len(faults) == 5
    html = page.read_text(encoding="utf-8")
    for fault in faults:
        assert fault.rule in done.stdout
        assert f"row {fault.row}" in html
        assert fault.value in done.stdout
    assert all(c.isprintable() or c == "\n" for c in done.stdout + html)
    assert HOSTILE not in html
    assert "&lt;script&gt;" in html
    assert {path: path.read_bytes() for path in mine.path.iterdir()} == before
    assert {path.name for path in tmp_path.iterdir()} == {"mine", "scratch", "faults.html"}
    assert list(scratch.iterdir()) == []


@pytest.mark.slow
def test_a_clean_cohort_is_exit_code_0_and_an_absent_one_2(mine):
    """A folder that isn't there is refused in one line, with the nearest cohort."""
    assert incohort("check", mine.path).returncode == 0
    done = incohort("check", "kyritsi2051")

    assert done.returncode == 2
    assert "Did you mean 'kyritsi2015'?" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_page_that_can_not_be_written_names_the_option_that_was_typed(mine, tmp_path):
    """`--html` into a folder that isn't there is answered with --html, not with --out."""
    with pytest.raises(UsageError, match="Choose another --html"):
        cli.check(str(mine.path), html=tmp_path / "absent" / "faults.html")


def test_faults_of_one_column_and_rule_are_one_line(mine):
    """Thirty patients with sex as a letter: three examples, 30 rows, 30 patients, no more lines."""
    mine.write(
        "patients",
        *({"patient_id": f"P{i:02}", "sex": "fmw"[i % 3], "centre": f" C{i}"} for i in range(30)),
    )
    done = incohort("check", mine.path)
    internal = incohort("check", mine.path, "--internal")

    assert "2 faults" in done.stderr
    (sex,) = [line for line in done.stdout.splitlines() if "patients.sex" in line]
    assert "row 2: f; row 3: m; row 4: w" in sex
    assert sex.split()[-2:] == ["30", "30"]
    assert "P07" not in done.stdout
    assert "30: P00, P01, P02" in internal.stdout


def test_the_page_names_patients_only_where_it_is_internal(mine, tmp_path):
    """A page that is passed on tells how many, not who."""
    mine.write("patients", *({"patient_id": f"P{i:02}", "sex": "f"} for i in range(9)))
    page = tmp_path / "faults.html"

    cli.run(["check", str(mine.path), "--html", str(page)])
    assert "P08" not in page.read_text(encoding="utf-8")
    cli.run(["check", str(mine.path), "--html", str(page), "--internal"])
    text = page.read_text(encoding="utf-8")
    assert "P08" in text
    assert "INTERNAL" in text


def test_thousands_of_unknown_columns_are_one_line(mine, capsys, monkeypatch):
    """The first are named, the others counted."""
    monkeypatch.setenv("COLUMNS", "400")
    names = ",".join(f"question_{i}" for i in range(5000))
    mine.text("patients.csv", f"patient_id,{names}\nP1{',' * 5000}\n")

    assert cli.run(["check", str(mine.path)]) == 3
    told = capsys.readouterr()
    assert "1 fault" in told.err
    assert "question_10 and 4,997 more" in " ".join(told.out.split())
    assert told.out.count("\n") < 40


def test_check_says_what_comes_next(mine, capsys, monkeypatch):
    """A clean cohort is followed by the command that reports on it, with the name as typed."""
    monkeypatch.setenv("COLUMNS", "400")
    assert cli.run(["check", str(mine.path)]) == 0
    said = capsys.readouterr().out

    assert "no faults" in said
    assert f"incohort run 01_cohort_overview --cohort {mine.path}" in said
