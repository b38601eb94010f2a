"""Samples and columns that are just inside what is left alone, and just outside of it."""

from __future__ import annotations

import pytest

from incohort.sources import examine


def found_in(folder) -> dict[str, list[str]]:
    """The patients of what is worth a look, by rule and subject; the cohort has no faults."""
    examined = examine(folder.path)
    assert examined.faults == ()
    return {
        f"{c.look.rule} {c.look.subject}".strip(): [e.patient for e in c.examples]
        for c in examined.concerns
    }


def samples(folder, *rows: str) -> None:
    """Laboratory rows `who ANC 1.5 10*9/L`, of one day; `who` is a patient without dates."""
    written = []
    for row in rows:
        who, analyte, value, unit, *day = row.split()
        written.append(
            {"patient_id": who, "analyte": analyte, "value": value, "unit": unit}
            | {"taken_at": day[0] if day else "2015-03-02", "specimen": ""}
        )
    names = dict.fromkeys(row["patient_id"] for row in written)
    folder.write(
        "patients", *({"patient_id": n, "birth_date": "", "index_date": ""} for n in names)
    )
    folder.write("labs", *written)


# Of 1.5 with one decimal the truth is up to 1.55; of 1.55 with two it is from 1.545 on.
SAMPLES = {
    "part_above_whole ANC": (
        ("ANC 1.55 10*9/L", "WBC 1.5 10*9/L"),  # 1.545 is not above 1.55
        ("ANC 1.56 10*9/L", "WBC 1.5 10*9/L"),  # 1.555 is
    ),
    # lymphocytes of two machines may differ by a fifth: 1.05 × 1.2 is 1.26
    "part_above_whole CD4": (
        ("CD4 1260 /uL", "LYMPH 1.0 10*9/L"),
        ("CD4 1261 /uL", "LYMPH 1.0 10*9/L"),
    ),
    # 1.995 + 1.995 is 3.99; a tenth more than 3.635 is 3.9985, than 3.605 is 3.9655
    "parts_above_whole ANC, LYMPH, WBC": (
        ("ANC 2.00 10*9/L", "LYMPH 2.00 10*9/L", "WBC 3.63 10*9/L"),
        ("ANC 2.00 10*9/L", "LYMPH 2.00 10*9/L", "WBC 3.60 10*9/L"),
    ),
    # 60.5 + 39.5 is 100, 61.5 + 39.5 is 101
    "shares_above_whole NEUT_PCT, BANDS_PCT": (
        ("NEUT_PCT 61 %", "BANDS_PCT 40 %"),
        ("NEUT_PCT 62 %", "BANDS_PCT 40 %"),
    ),
    # at most 10.005 × 50.5 % = 5.05; four fifths of 6.315 are 5.052, of 6.325 5.06
    "count_against_share ANC, WBC, NEUT_PCT": (
        ("ANC 6.32 10*9/L", "WBC 10.00 10*9/L", "NEUT_PCT 50 %"),
        ("ANC 6.33 10*9/L", "WBC 10.00 10*9/L", "NEUT_PCT 50 %"),
    ),
    "share_as_fraction NEUT_PCT": (("NEUT_PCT 1 %",), ("NEUT_PCT 0.99 %",)),
}
LOW = (
    # at least 9.995 × 49.5 % = 4.948, four fifths of which are 3.958: 3.965 is not below, 3.955 is
    ("ANC 3.96 10*9/L", "WBC 10.00 10*9/L", "NEUT_PCT 50 %"),
    ("ANC 3.95 10*9/L", "WBC 10.00 10*9/L", "NEUT_PCT 50 %"),
)
LITTLE = (
    # at most 1.005 × 10.5 % = 0.1055: 0.205 is 0.0995 more, 0.215 is 0.1095 more than that
    ("ANC 0.21 10*9/L", "WBC 1.00 10*9/L", "NEUT_PCT 10 %"),
    ("ANC 0.22 10*9/L", "WBC 1.00 10*9/L", "NEUT_PCT 10 %"),
)
BORNE_OUT = (
    # were 0.8 a fraction, 0.92 at least of 1.15 would be neutrophils: up to half of that says no
    ("ANC 0.45 10*9/L", "WBC 1.2 10*9/L", "NEUT_PCT 0.8 %"),
    ("ANC 0.46 10*9/L", "WBC 1.2 10*9/L", "NEUT_PCT 0.8 %"),
)


def test_each_rule_on_a_sample_begins_where_rounding_ends(mine):
    """Two samples each: the one that rounding and counting apart explain, and the next."""
    share = "count_against_share ANC, WBC, NEUT_PCT"
    others = [(share, LOW), (share, LITTLE), ("share_as_fraction NEUT_PCT", BORNE_OUT)]
    cases = [*SAMPLES.items(), *others]
    rows, expected = [], {}
    for i, (rule, (sound, odd)) in enumerate(cases):
        rows += [f"A{i} {row}" for row in sound] + [f"B{i} {row}" for row in odd]
        expected.setdefault(rule, []).append(f"B{i}")
    samples(mine, *rows)

    assert found_in(mine) == expected


def test_counts_that_are_never_low_are_doubted_from_a_limit_on(mine):
    """20 is not above 20, two counts above it are, and one tells nothing where others are low."""
    never = ("A ANC 20 10*9/L 2015-03-01", "A ANC 25 10*9/L 2015-03-02")
    always = ("B ANC 20.1 10*9/L 2015-03-01", "B ANC 25 10*9/L 2015-03-02")
    samples(mine, *never, *always, "C ANC 25 10*9/L", "D ANC 1 10*9/L", "E ANC 1 10*9/L")

    assert found_in(mine) == {"never_low ANC in 10⁹/L": ["B", "B"]}


def test_counts_that_are_all_too_small_are_doubted_from_three_on(mine):
    """9, 9 and 9 per µL; not with a 10 among them, not two, and none at all is no third."""
    columns = {"ANC {} /uL": "999", "LYMPH {} /uL": ("9", "9", "10"), "MONO {} /uL": "99",
               "ANC {} 10*6/L": "990"}  # fmt: skip
    rows = [
        f"P{i} {column.format(value)} 2015-03-{day:02}"
        for i, (column, values) in enumerate(columns.items())
        for day, value in enumerate(values, 1)
    ]
    samples(mine, *rows)

    assert found_in(mine) == {"all_too_small ANC in /µL": ["P0", "P0", "P0"]}


def test_decimals_of_counts_are_doubted_where_thousands_would_be_plausible(mine):
    """60.000 may be 60,000 of 60,000 at most, 60.001 is no whole count; 99.0 is one."""
    samples(mine, "A ANC 60.000 /uL", "B ANC 60.001 10*6/L", "C LYMPH 99.5 /uL", "D MONO 99.0 /uL")

    assert found_in(mine) == {
        "thousands_point ANC in /µL": ["A"],
        "not_whole ANC in 10⁶/L": ["B"],
        "not_whole LYMPH in /µL": ["C"],
    }


def test_single_counts_are_doubted_where_most_patients_are_never_low(mine):
    """Three patients with a count each, 30 in the middle; of two nothing is usual."""
    samples(mine, "A ANC 30 10*9/L", "B ANC 40 10*9/L", "C ANC 1 10*9/L")
    assert found_in(mine) == {"never_low ANC in 10⁹/L": ["A", "B"]}
    samples(mine, "A ANC 30 10*9/L", "B ANC 20 10*9/L", "C ANC 1 10*9/L")
    assert found_in(mine) == {}
    samples(mine, "A ANC 30 10*9/L", "B ANC 40 10*9/L")
    assert found_in(mine) == {}


def test_an_age_is_doubted_from_a_year_and_a_week_on(mine):
    """20 years by the dates: 21.02 and 18.98 are rounding, a hundredth more is not."""
    usual = {"birth_date": "2000-01-01", "index_date": "2020-01-01"}
    ages = {"A": "21.02", "B": "21.03", "C": "18.98", "D": "18.97", "E": "20", "F": ""}
    old = {"birth_date": "1905-01-01", "age_years": ""}
    people = [{**usual, "patient_id": who, "age_years": age} for who, age in ages.items()]
    # 38,351 days are 104.999 years, a day more 105.002
    people += [{**old, "patient_id": "G", "index_date": "2010-01-01"}]
    people += [{**old, "patient_id": "H", "index_date": "2010-01-02"}]
    mine.write("patients", *people)
    looks = {c.look.rule: c for c in examine(mine.path).concerns}

    assert {rule: [e.patient for e in c.examples] for rule, c in looks.items()} == {
        "age_against_dates": ["B", "D"],
        "age_by_dates": ["H"],
    }
    assert looks["age_against_dates"].look.sentence == (
        "Age more than a year off what birth date and index date give."
    )
    assert looks["age_by_dates"].look.sentence == (
        "Birth date and index date give an age of more than 105 years."
    )
    assert looks["age_against_dates"].examples[0].value == "2000-01-01 to 2020-01-01"
    assert (looks["age_by_dates"].look.n_rows, looks["age_by_dates"].look.of) == (1, 8)


def test_shares_of_one_row_may_be_all_of_it_and_no_more(mine):
    """60 and 40 % are 100 %; 60 and 40.1 are not; one share alone is no sum."""
    mine.write(
        "clonality",
        {"cd3_cd8_cd57_percent": "60", "cd3neg_cd16_cd56_percent": "40"},
        {
            "taken_on": "2015-03-03", "cd3_cd8_cd57_percent": "60",
            "cd3neg_cd16_cd56_percent": "40.1",
        },
        {"taken_on": "2015-03-04", "cd3_cd8_cd57_percent": "99", "cd3neg_cd16_cd56_percent": ""},
    )  # fmt: skip
    [concern] = examine(mine.path).concerns

    assert (concern.look.rule, concern.look.n_rows) == ("shares_above_whole", 1)
    assert [(e.row, e.value) for e in concern.examples] == [(3, "60 + 40.1")]
    assert concern.look.sentence.endswith(" together above 100 % of lymphocytes.")


RECORD = "Compare with the record."
OTHERS = "correct the unit, also of these patients’ other values in this unit."
WORDS = {
    "above_plausible": (
        "TSH 900 mIU/L",
        "TSH above what is plausible, more than 200 mIU/L.",
        RECORD,
    ),
    "likely unit": (
        "ANC 450 10*9/L",
        (
            "Counts of ANC above any that a person with neutropenia can have, more than "
            "60 × 10⁹/L: likely per µL."
        ),
        f"If so, the sickest count as healthy here: {OTHERS} {RECORD}",
    ),
    "perhaps": (
        "PLT 3000 10*9/L",
        "PLT above what is plausible, more than 1500 × 10⁹/L: perhaps per µL.",
        f"If so, {OTHERS} {RECORD}",
    ),
    "below": (
        "HB 2.5 g/dL",
        "HB below what is plausible, less than 3 g/dL.",
        RECORD,
    ),
    "below, likely": (
        "HB 13.9 g/L",
        "HB below what is plausible, less than 3 g/dL: likely in g/dL.",
        f"If so, {OTHERS} {RECORD}",
    ),
    "thousands": (
        "ANC 1.500 /uL",
        ("Counts of ANC in /µL with three decimals: likely thousands, such as 1.500 for 1500."),
        (
            f"If so, a healthy count is next to none here: write 1500 without the point, "
            f"or correct the unit. {RECORD}"
        ),
    ),
    "not whole": (
        "ANC 100.5 /uL",
        "Counts of ANC in /µL that are not whole.",
        RECORD,
    ),
    "not whole, likely": (
        "ANC 0.45 10*6/L",
        "Counts of ANC in 10⁶/L that are not whole: likely in 10⁹/L.",
        f"If so, a healthy count is next to none here: correct the unit. {RECORD}",
    ),
    "fraction": (
        "NEUT_PCT 0.45 %",
        "NEUT_PCT below 1 %: likely a fraction, such as 0.45 for 45 %.",
        f"If so, write 45. {RECORD}",
    ),
}


def test_what_is_doubted_says_what_it_likely_is_and_what_to_do(mine):
    """Whole sentences; what makes the sickest look healthy is grave."""
    samples(mine, *(f"P{i} {row}" for i, (row, *_) in enumerate(WORDS.values())))
    concerns = {c.examples[0].patient: c for c in examine(mine.path).concerns}

    assert len(concerns) == len(WORDS)
    for i, (row, sentence, remedy) in enumerate(WORDS.values()):
        look = concerns[f"P{i}"].look
        assert (look.sentence, look.remedy) == (sentence, remedy)
        assert (look.table, look.column, look.n_rows) == ("labs", "value", 1)
        is_told = "likely" in sentence or "any that a person" in sentence
        assert look.is_grave is (row.startswith("ANC") and is_told)


@pytest.mark.parametrize(("value", "is_likely"), [("22", True), ("22.1", False)])
def test_another_unit_is_likely_only_where_the_value_is_plausible_in_it(mine, value, is_likely):
    """A haemoglobin of 22 g/L may be 22 g/dL, the most that is plausible; 22.1 may be neither."""
    samples(mine, f"P1 HB {value} g/L")
    [concern] = examine(mine.path).concerns

    assert concern.look.sentence.endswith("likely in g/dL.") is is_likely


def test_a_code_is_held_against_a_name_of_another_drug_and_not_of_its_group(mine):
    """Thiamazole's code beside metamizole is told; filgrastim's beside G-CSF says the same."""
    mine.write(
        "medications",
        {"atc": "H03BB02", "drug": "metamizole"},
        {"atc": "L03AA02", "drug": "G-CSF"},
        {"atc": "L03AA02", "drug": "filgrastim"},
    )
    [concern] = examine(mine.path).concerns

    assert (concern.look.rule, concern.look.n_rows) == ("code_against_name", 1)
    assert [(e.row, e.value) for e in concern.examples] == [(2, "metamizole")]
