"""What is worth a look: each kind is found, what is clinically possible is left alone."""

from __future__ import annotations

import pytest

from incohort import cli
from incohort.errors import ExitCode
from incohort.sources import bundled_cohorts, examine, locate


def looks(folder) -> dict[str, object]:
    """What is worth a look, by rule and subject; the cohort has no faults."""
    found = examine(folder.path)
    assert found.faults == ()
    return {f"{c.look.rule} {c.look.subject}".strip(): c for c in found.concerns}


def patients(folder, *names):
    """So many patients, without dates."""
    folder.write(
        "patients",
        *({"patient_id": name, "index_date": "", "birth_date": ""} for name in names),
    )


def test_counts_under_the_wrong_unit_come_first_and_name_the_likely_one(mine):
    """450, 90 and 480 /µL written as 10⁹/L: three rows of one patient, grave, likely per µL."""
    patients(mine, "A", "B")
    mine.write(
        "labs",
        {"patient_id": "B", "analyte": "HB", "value": "2.5", "unit": "g/dL"},
        *(
            {"patient_id": "A", "value": value, "unit": "10^9/L", "taken_at": f"2024-01-0{day}"}
            for day, value in enumerate(("450", "90", "480", "2.1"), 1)
        ),
    )
    first, second = examine(mine.path).concerns

    assert first.look.is_grave
    assert first.look.sentence.endswith("likely per µL.")
    assert "ANC" in first.look.sentence
    assert (first.look.n_rows, first.look.n_patients, first.look.of) == (3, 1, 1)
    assert [(e.row, e.patient, e.value) for e in first.examples] == [
        (3, "A", "450 10^9/L"),
        (4, "A", "90 10^9/L"),
        (5, "A", "480 10^9/L"),
    ]
    assert second.look.subject == "HB in g/dL"
    assert "below" in second.look.sentence


@pytest.mark.parametrize(
    ("analyte", "value", "unit"),
    [
        ("ANC", "0", "10*9/L"),
        ("ANC", "48", "10*9/L"),  # after G-CSF
        ("WBC", "180", "10*9/L"),  # leukaemia
        ("WBC", "0.0", "10*9/L"),
        ("PLT", "1", "10*9/L"),
        ("HB", "38", "g/L"),
    ],
)
def test_what_the_very_ill_have_is_left_alone(mine, analyte, value, unit):
    """A list that cries at every sick patient is read by nobody."""
    mine.write("labs", {"analyte": analyte, "value": value, "unit": unit})

    assert looks(mine) == {}


@pytest.mark.parametrize("name", bundled_cohorts())
def test_the_cohorts_that_come_along_give_none(name):
    """Nothing in them is beyond what the study printed."""
    assert examine(locate(name)).concerns == ()


def test_check_says_so_and_ends_well(mine, tmp_path, capsys):
    """A heading of its own after "no faults", exit code 0, and the same on the page."""
    mine.write("labs", {"value": "450"})
    page = tmp_path / "check.html"

    assert cli.run(["check", str(mine.path), "--html", str(page)]) == ExitCode.DONE
    printed = capsys.readouterr().out
    assert "no faults" in printed
    assert "Worth a look: 1" in printed
    html = page.read_text(encoding="utf-8")
    assert "keeps to the data dictionary" in html
    assert 'id="worth-a-look"' in html
    assert "450 10*9/L" in html
