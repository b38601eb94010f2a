"""What is worth a look: each kind is found, what is clinically possible is left alone."""

from __future__ import annotations

import unicodedata
from datetime import date

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


def labs(folder, *rows):
    """Laboratory rows written `ANC 1.5 /uL` or `A ANC <1.5 /uL 2024-01-01`."""
    written = []
    for row in rows:
        name, value, unit, *rest = row.split()
        value, sign = value.lstrip("<>"), value[0] if value[0] in "<>" else ""
        taken = rest[0] if rest else "2015-03-02"
        patient = rest[1] if len(rest) > 1 else "P1"
        written.append(
            {"analyte": name, "value": value, "unit": unit, "comparator": sign}
            | {"taken_at": taken, "patient_id": patient}
        )
    folder.write("labs", *written)


# Each is a sample of a patient of its own: what is planted, and the one entry that is to tell it.
PLANTED = (
    # a part above its whole, in whatever units: 1.9 in a sample of 0.152
    ("part_above_whole ANC", "ANC 1.9 10*9/L", "WBC 0.152 10*9/L"),
    ("part_above_whole ANC", "ANC 4500 /uL", "WBC 4.0 10*9/L"),
    ("part_above_whole LYMPH", "LYMPH 5.2 10*9/L", "WBC 3.0 10*9/L"),
    ("part_above_whole MONO", "MONO 2 K/uL", "WBC 1400 /uL"),
    ("part_above_whole CD4", "CD4 2400 /uL", "LYMPH 1.2 10*9/L"),
    # together: twice 2.5 where the whole is 4.0
    (
        "parts_above_whole ANC, LYMPH, MONO, WBC",
        "ANC 2.5 10*9/L",
        "LYMPH 2.5 10*9/L",
        "WBC 4.0 10*9/L",
    ),
    ("shares_above_whole NEUT_PCT, BANDS_PCT", "NEUT_PCT 80 %", "BANDS_PCT 40 %"),
    # 5.0 × 40 % is 2.0, not 0.5; with bands 5.0 × (40 + 10) % is 2.5, not 4.0
    ("count_against_share ANC, WBC, NEUT_PCT", "ANC 0.5 10*9/L", "WBC 5 G/L", "NEUT_PCT 40 %"),
    (
        "count_against_share ANC, WBC, NEUT_PCT",
        "ANC 4.0 10*9/L",
        "WBC 5.0 10*9/L",
        "NEUT_PCT 40 %",
        "BANDS_PCT 10 %",
    ),
    ("share_as_fraction NEUT_PCT", "NEUT_PCT 0.45 %"),
    ("share_as_fraction NEUT_PCT", "NEUT_PCT 0.45 %", "ANC <100 /uL", "WBC 1.5 10*9/L"),
    # a German 1.500; a count in 10⁹/L under another unit
    ("thousands_point ANC in /µL", "ANC 1.500 /uL"),
    ("thousands_point PLT in /µL", "PLT 250.000 /uL"),
    ("thousands_point CD4 in /µL", "CD4 1.234 /uL"),
    ("not_whole ANC in 10⁶/L", "ANC 0.45 10^6/L"),
    ("below_plausible WBC in /µL", "WBC 4.5 /uL"),
    ("below_plausible PLT in 10⁶/L", "PLT 250 10*6/L"),
    ("below_plausible HB in g/L", "HB 13.9 g/L"),
    ("above_plausible PLT in 10⁹/L", "PLT 3000 10*9/L"),
    ("above_plausible TSH in mIU/L", "TSH 900 mIU/L"),
    ("below_plausible HB in g/dL", "HB 2.5 g/dL"),
    # what programs write for nothing: no CRP, and so no platelets either
    ("mark 999", "CRP 999 mg/L"),
    ("mark 999", "PLT 999 10*9/L"),
)
# What the very ill have, rounding, a sign or another sample explain.
SOUND = (
    ("ANC 0 10*9/L",),
    ("ANC 48 10*9/L",),  # after G-CSF
    ("WBC 180 10*9/L", "LYMPH 95 10*9/L"),  # leukaemia
    ("WBC 0.0 10*9/L",),
    ("PLT 1 10*9/L", "HB 38 g/L"),
    ("ANC 1.50 10*9/L", "WBC 1.5 10*9/L"),
    ("ANC 1.54 10*9/L", "WBC 1.5 10*9/L"),
    ("ANC <0.5 10*9/L", "WBC 0.3 10*9/L"),
    ("ANC 0.9 10*9/L", "WBC <1.0 10*9/L"),
    ("ANC 2.0 10*9/L", "WBC 5.0 10*9/L", "NEUT_PCT 41 %"),
    ("ANC 2.6 10*9/L", "WBC 5.0 10*9/L", "NEUT_PCT 40 %", "BANDS_PCT 12 %"),
    ("ANC 0.05 10*9/L", "WBC 1.2 10*9/L", "NEUT_PCT 0 %"),
    ("ANC 0.01 10*9/L", "WBC 1.2 10*9/L", "NEUT_PCT 0.8 %"),  # agranulocytosis bears it out
    ("WBC 2.0 10*9/L", "NEUT_PCT 40 %"),
    ("ANC 1500 /uL", "ANC 850 /uL 2015-03-03", "ANC 0 /uL 2015-03-04"),
    ("ANC 999 /uL", "ANC 1000 /uL 2015-03-03"),
    ("CD4 512.3 /uL",),
    ("CD8 1300 /uL", "LYMPH 1.2 10*9/L"),  # two machines
    ("ANC 55 10*9/L", "WBC 70 10*9/L"),
    ("TSH 0.01 mIU/L", *(f"TSH {d}0 mIU/L 2015-03-1{d}" for d in range(1, 8))),
    ("ANC 3.0 10*9/L 2015-03-02", "WBC 2.0 10*9/L 2015-03-03"),
)


def crowd(folder, samples):
    """A patient a sample; returns the patients' names."""
    names = [f"P{i:02}" for i in range(len(samples))]
    patients(folder, *names)
    labs(
        folder,
        *(
            " ".join([*row.split(), *(["2015-03-02"] if row.count(" ") < 3 else []), name])
            for name, rows in zip(names, samples, strict=True)
            for row in rows
        ),
    )
    return names


def test_each_kind_of_doubtful_value_is_found(mine):
    """What is planted is told, under its own name, with the patient whose it is, and no more."""
    names = crowd(mine, [rows for _, *rows in PLANTED])
    expected: dict[str, list[str]] = {}
    for name, (entry, *_) in zip(names, PLANTED, strict=True):
        expected.setdefault(entry, []).append(name)
    found = looks(mine)

    assert {key: [e.patient for e in c.examples] for key, c in found.items()} == expected
    assert all(c.look.n_rows == c.look.n_patients == len(expected[k]) for k, c in found.items())
    assert "2.5" not in " ".join(c.look.sentence + c.look.remedy for c in found.values())


def test_rounding_bounds_and_real_disease_are_no_contradictions(mine):
    """A list that cries at every sick patient is read by nobody."""
    crowd(mine, SOUND)

    assert looks(mine) == {}


def test_decimals_that_are_the_columns_way_are_left_alone(mine):
    """1500.000 and 850.000 stand in one column: no thousands are parted."""
    labs(mine, "ANC 1500.000 /uL", "ANC 5.000 /uL 2015-03-03")
    assert looks(mine) == {}
    labs(mine, "ANC 850.000 /uL", "ANC 120.000 /uL 2015-03-03")
    assert looks(mine) == {}


def test_counts_that_could_be_real_are_told_where_they_never_fall(mine):
    """45, 30 and 50 × 10⁹/L may follow G-CSF; with nothing below they are counts per µL."""
    patients(mine, "A", "B", "C", "D")
    labs(
        mine,
        "ANC 1.2 10*9/L 2024-01-01 D",
        "ANC 45 10*9/L 2024-01-01 A",
        "ANC 30 10*9/L 2024-01-03 A",
        "ANC 50 10*9/L 2024-01-05 A",
        "ANC 0.3 10*9/L 2024-01-01 B",
        "ANC 48 10*9/L 2024-01-09 B",  # after G-CSF
        "ANC 31 10*9/L 2024-01-09 C",  # one count tells nothing
    )
    (found,) = examine(mine.path).concerns

    assert found.look.is_grave
    assert found.look.sentence.endswith("likely per µL.")
    assert (found.look.n_rows, found.look.n_patients, found.look.of) == (3, 1, 4)


def test_a_column_in_one_wrong_unit_is_found(mine):
    """Counts of 1, 2 and 3 per µL, and no other: all are in 10⁹/L."""
    labs(mine, "ANC 2 /uL", "ANC 3 /uL 2015-03-03", "ANC 1 /uL 2015-03-04")

    assert list(looks(mine)) == ["all_too_small ANC in /µL"]


def test_one_row_in_another_unit_among_many_is_found(mine):
    """ANC of 2 and 3 /µL among 1400 to 2300: a thousandth, with nothing between."""
    labs(
        mine,
        *(f"ANC {1400 + 100 * day} /uL 2015-03-1{day}" for day in range(10)),
        "ANC 2 /uL 2015-04-01",
        "ANC 3 /uL 2015-04-02",
    )
    found = looks(mine)

    assert list(found) == ["other_magnitude ANC in /µL"]
    assert found["other_magnitude ANC in /µL"].look.n_rows == 2


def test_two_samples_of_one_time_are_told_apart_by_their_number(mine):
    """At 08:30 two tubes: in one the neutrophils exceed the white cells."""
    usual = {"unit": "10*9/L", "taken_at": "2015-03-02T08:30:00"}
    mine.write(
        "labs",
        {**usual, "analyte": "ANC", "value": "1.0", "specimen": "a"},
        {**usual, "analyte": "WBC", "value": "3.0", "specimen": "a"},
        {**usual, "analyte": "ANC", "value": "2.5", "specimen": "b"},
        {**usual, "analyte": "WBC", "value": "2.0", "specimen": "b"},
    )

    assert looks(mine)["part_above_whole ANC"].look.n_rows == 1


def test_ages_and_dates_that_contradict_each_other_are_found(mine):
    """The age is that at the index date; nobody is 110; 1900-01-01 is a program's nothing."""
    rows = {
        "P1": {"age_years": "54"},  # 44.8 by the dates
        "P2": {"age_years": "", "birth_date": "1905-05-01"},
        "P3": {"age_years": "112", "birth_date": ""},
        "P4": {"birth_date": "1900-01-01", "age_years": ""},
        "P5": {"index_date": "1970-01-01", "birth_date": "", "age_years": "40"},
        "Q1": {"age_years": "44.8"},
        "Q2": {"age_years": "44"},
        "Q3": {"age_years": "45"},
        "Q4": {"age_years": "", "birth_date": "2015-02-27"},  # four days old
    }
    mine.write("patients", *({"patient_id": name, **row} for name, row in rows.items()))
    found = {key: {e.patient for e in c.examples} for key, c in looks(mine).items()}

    assert found == {
        "age_against_dates": {"P1"},
        "age_by_dates": {"P2", "P4"},
        "above_plausible": {"P3"},
        "mark 1900-01-01": {"P4"},
        "mark 1970-01-01": {"P5"},
    }


def dated(folder, *days):
    """Five patients of 2015, the first of them with counts on these days too."""
    people = [{"patient_id": f"P{i}", "birth_date": "", "age_years": "40"} for i in range(1, 6)]
    folder.write("patients", *people)
    labs(
        folder,
        *(f"ANC 1.5 10*9/L 2015-0{i}-11 P{i}" for i in range(1, 6)),
        *(f"ANC 1.5 10*9/L {day} P1" for day in days),
    )


def test_a_day_to_come_is_found_by_the_cohorts_own_days(mine):
    """No clock is asked: all else is of 2015, and nothing lies between."""
    to_come = ("2051-01-01", "2090-03-20", "2204-06-30")
    dated(mine, *to_come, "2015-08-01", "2015-09-01", "2015-10-01", "2015-11-01")
    found = looks(mine)

    assert list(found) == ["after_newest"]
    assert tuple(example.value for example in found["after_newest"].examples) == to_come


def test_days_shifted_into_later_centuries_are_left_alone(mine):
    """De-identified records lie in 2110 to 2190, each patient somewhere else."""
    people = [
        {"patient_id": f"P{i}", "birth_date": "", "index_date": f"21{i}0-01-01"} for i in (1, 4, 9)
    ]
    mine.write("patients", *people)
    labs(mine, *(f"ANC 1.5 10*9/L 21{i}2-12-31 P{i}" for i in (1, 4, 9)))

    assert looks(mine) == {}


def test_a_long_follow_up_is_left_alone(mine):
    """Counts of 1995, 2006 and 2020: long pauses, but no day to come."""
    mine.write("patients", {"index_date": "1995-01-01", "birth_date": "", "age_years": "20"})
    labs(mine, *(f"ANC 1.5 10*9/L {year}-03-20" for year in (1995, 2006, 2020)))

    assert looks(mine) == {}


def test_the_clock_of_the_command_finds_next_year(mine):
    """`check` may ask for today; a report never does, and is the same next year."""
    dated(mine, "2016-02-01")

    assert looks(mine) == {}
    found = examine(mine.path, today=date(2015, 12, 31)).concerns
    assert [concern.look.rule for concern in found] == ["after_newest"]


ALIKE = (
    ("A007", "A7"),
    ("008", "8"),
    ("b9", "B9"),
    ("C1", "Ｃ１"),  # full width
    ("Zoë-1", unicodedata.normalize("NFD", "Zoë-1")),
    ("D-7", "D–7"),  # a dash of another length
    ("P3", "Р3"),  # a Cyrillic letter
    ("E 4", "E\u00a04"),
)


def test_two_names_of_one_patient_are_worth_a_look(mine):
    """Each pair is told to whoever may see patients, and to no other."""
    names = [*(name for pair in ALIKE for name in pair), "Q1", "Q10", "Q100", "Q-1-2", "Q-12"]
    patients(mine, *names, "Zoe", "Zoë")
    found = looks(mine)["alike"]

    assert found.look.n_rows == 2 * len(ALIKE)
    assert found.look.of == len(names) + 2
    assert [e.patient for e in found.examples] == ["A007 and A7", "A007 and A7", "008 and 8"]
    assert "A007" not in found.examples[0].words(with_patient=False)


def test_one_centre_in_two_spellings_is_worth_a_look(mine):
    """Zürich and zürich would be two centres."""
    usual = {"birth_date": "", "age_years": "40"}
    mine.write(
        "patients",
        *(
            {**usual, "patient_id": f"P{i}", "centre": c}
            for i, c in enumerate(("Zürich", "zürich"))
        ),
    )

    assert list(looks(mine)) == ["alike"]


def test_other_tables_have_marks_ranges_and_shares_too(mine):
    """−1 as a reading; 130 % of the lymphocytes; LGL per µL in a column of 10⁹/L."""
    mine.write("antibody_tests", {"reading": "-1"})
    mine.write(
        "clonality",
        {"lgl_count": "480", "cd3_cd8_cd57_percent": "70", "cd3neg_cd16_cd56_percent": "60"},
    )

    assert {*looks(mine)} == {"mark -1", "above_plausible", "shares_above_whole"}


def test_a_dose_in_another_unit_is_worth_a_look(mine):
    """0.02 g among 20 mg, both written as mg."""
    mine.write(
        "medications",
        *({"started_on": f"2015-01-0{i}", "dose": str(15 + i)} for i in range(1, 8)),
        {"started_on": "2015-02-01", "dose": "0.02"},
    )

    assert looks(mine)["other_magnitude"].examples[0].value == "0.02 mg/d"


@pytest.mark.parametrize(
    ("table", "cells"),
    [
        ("labs", {"analyte": "ANC", "value": "999", "unit": "10^9/L"}),
        ("labs", {"analyte": "HB", "value": "-1", "unit": "g/L"}),
        ("patients", {"age_years": "999", "birth_date": ""}),
    ],
)
def test_what_is_a_fault_is_not_worth_a_look_as_well(mine, table, cells):
    """Nothing that stops a report is said to be used like any other value."""
    mine.write(table, cells)
    found = examine(mine.path)

    assert [f.table for f in found.faults] == [table]
    assert found.concerns == ()
