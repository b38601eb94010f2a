"""What the terminal shows: no word is cut, whatever the width, and no password is said again."""

from __future__ import annotations

import pytest

from incohort import cli
from incohort.commands.terminal import print_table
from incohort.dictionary import load
from incohort.pages.describe import describe

WIDTHS = (40, 60, 79, 80, 81, 100, 120)
HEADS = ("Where", "What was seen", "How many", "For instance", "What to do")
ROWS = [
    ("labs.value, PLT in 10⁹/L", "PLT below what is plausible.", "2 rows of 2 patients",
     "row 396: 0.0 10*9/L; row 1432: 0.0 10*9/L", "Compare with the record."),
    ("medications.drug", "The ATC code is of another drug.", "41 rows of 41 patients",
     "row 2: co-trimoxazole", "Compare with the record, and correct it. 白血球減少症"),
]  # fmt: skip


def is_whole(cells, told):
    """Whether each word of the cells is found uncut."""
    words = set(told.split())
    return all(word in words for cell in cells for word in cell.split())


@pytest.mark.parametrize("width", WIDTHS)
def test_no_word_of_a_table_is_cut_or_broken(capsys, monkeypatch, width):
    """Side by side or below each other, every word of every cell stands whole."""
    monkeypatch.setenv("COLUMNS", str(width))
    for n in range(1, len(HEADS) + 1):
        rows = [row[-n:] for row in ROWS]
        print_table("A title of some words", HEADS[-n:], rows, "And a text.")
        told = capsys.readouterr().out
        assert is_whole([*HEADS[-n:], *(cell for row in rows for cell in row)], told)
        assert max(map(len, told.splitlines())) <= width


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_word_of_the_dictionary_is_cut(capsys, monkeypatch, width):
    """Every table and analyte of it, at each usual width."""
    monkeypatch.setenv("COLUMNS", str(width))
    for name in (None, *load().tables, *list(load().analytes)[:5]):
        for listing in describe(name):
            filled = listing.without_empty_columns()
            print_table(filled.title, filled.heads, filled.rows, filled.text)
            told = capsys.readouterr().out
            assert is_whole([*(cell for row in filled.rows for cell in row)], told), name


URLS = (
    "http://u:secret@h/x", "postgresql://u:secret@h/x", "jdbc:pg://u:secret@h/x",
    "u:secret@h/x", "//u:secret@h/x", "HTTP://u:se cret@h/x", "s3://h/x?key=secret",
)  # fmt: skip
COMMANDS = (
    ["check", "{}"],
    ["run", "01_cohort_overview", "--cohort", "{}"],
    ["run", "01_cohort_overview", "--cohort", "mixed_synthetic", "--out", "{}"],
    ["run", "{}"],
    ["params", "{}"],
    ["lab", "{}"],
    ["lab", "mixed_synthetic", "--into", "{}"],
    ["import", "meds", "events.parquet", "--mapping", "{}", "--out", "folder"],
    ["import", "meds", "{}", "--out", "folder"],
    ["import", "meds", "events.parquet", "--out", "{}"],
    ["dictionary", "show", "{}"],
    ["claims", "{}"],
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_what_stands_in_a_url_is_not_said_again(capsys, monkeypatch, tmp_path, command):
    """Nothing is fetched or written, and neither a password, a user nor a host is echoed."""
    monkeypatch.chdir(tmp_path)
    for url in URLS:
        assert cli.run([word.replace("{}", url) for word in command]) == 2
        told = capsys.readouterr()
        assert "cret" not in told.out + told.err
        assert "@h" not in told.out + told.err
        if command[0] == "check":
            assert "A URL is no cohort" in told.err
    assert list(tmp_path.iterdir()) == []
