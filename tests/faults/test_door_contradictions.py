"""Cells of one row that can't all be right, dates around follow-up, and whose sample a test is of.

Each table of rules is typed out here a second time: what is refused, and what beside it is let in.
"""

from __future__ import annotations

import csv

import pytest

from incohort.cohort import antibodies
from incohort.cohort.opened import of_source
from incohort.dictionary import load
from incohort.sources import check, read

DEAD = {"event": "death", "occurred_on": "2015-06-01"}
REFUSED = [
    ("events", {"event": "fever", "serious": "yes"}, "serious", "infection"),
    ("events", {"event": "fever", "site": "lung"}, "site", "infection"),
    ("events", {"event": "relapse", "culture": "positive"}, "culture", "infection"),
    ("events", {"event": "relapse", "organism": "E. coli"}, "organism", "fever"),
    ("events", {"event": "infection", "organ": "liver"}, "organ", "chronic_gvhd"),
    ("events", {"event": "infection", "cause": "tumour"}, "cause", "death"),
    ("events", {"event": "remission", "response": "complete"}, "response", "response_assessment"),
]
SUBTYPES = [
    ("diagnoses", {"condition": c, "subtype": s}, "condition")
    for s, c in (("crohn", "thyroid_disease"), ("ulcerative_colitis", "sjogren"))
]
SUBTYPES.append(
    ("diagnoses", {"condition": "inflammatory_bowel_disease", "subtype": "graves"}, "subtype")
)
NO_FRACTION = [
    ("gene_tests", {"result": result, "vaf_percent": "12"}, "vaf_percent")
    for result in ("negative", "wild_type", "not_done")
]
NO_TITRE = [("autoantibodies", {"result": "not_done", "titre": "1:80"}, "titre")]


@pytest.mark.parametrize(("table", "row", "column", "instead"), REFUSED)
def test_a_cell_that_belongs_to_another_event_is_told(mine, table, row, column, instead):
    """Told once, at that cell; under the event that it belongs to it is let in."""
    mine.write(table, row)
    (fault,) = check(mine.path)
    mine.write(table, {**row, "event": instead, "occurred_on": "2015-03-10"})

    assert (fault.table, fault.row, fault.column, fault.value) == (table, 2, column, row[column])
    assert fault.remedy.startswith(f"Leave {'the ' * (column != 'serious')}{column} empty, or ")
    assert check(mine.path) == ()


@pytest.mark.parametrize(("table", "row", "column"), [*SUBTYPES, *NO_FRACTION, *NO_TITRE])
def test_two_cells_that_contradict_each_other_are_told(mine, table, row, column):
    """A subtype under another disease; a share of alleles, or a titre, where nothing was found."""
    mine.write(table, row)

    assert [(f.table, f.row, f.column, f.value) for f in check(mine.path)] == [
        (table, 2, column, row[column])
    ]


def test_an_event_that_is_no_infection_may_say_that_it_is_not_serious(mine):
    """A register that writes no beside everything else says nothing wrong."""
    mine.write("events", {"event": "relapse", "serious": "no"})

    assert check(mine.path) == ()


@pytest.mark.parametrize(
    ("gene", "is_read"),
    [("STAT3", True), ("HLA-A", True), ("C9orf72", True), ("stat3", False), ("STAT3 ", False),
     ("STAT3\u200b", False), ("STAT3, STAT5B", False)],
)  # fmt: skip
def test_a_gene_is_written_as_its_symbol(mine, gene, is_read):
    """One way to write it, since rows of one gene are found by it."""
    mine.write("gene_tests", {"gene": gene})

    assert [f.column for f in check(mine.path)] == ([] if is_read else ["gene"])


def test_an_event_that_nobody_can_read_contradicts_nothing(mine):
    """A misspelt infection is one fault, and its site is none."""
    mine.write("events", {"event": "infecton", "site": "lung", "serious": "yes"})

    assert [(f.column, f.value) for f in check(mine.path)] == [("event", "infecton")]


@pytest.mark.parametrize(
    ("row", "column", "told"),
    [
        ({"followed_until": "2015-03-01"}, "followed_until", "2015-03-02 > 2015-03-01"),
        ({"followed_until": "2015-06-02"}, "followed_until", "2015-06-02 > 2015-06-01"),
        ({"followed_from": "2015-06-02"}, "followed_from", "2015-06-02 > 2015-06-01"),
        ({"followed_from": "1970-04-30"}, "followed_from", "1970-05-01 > 1970-04-30"),
        (
            {"followed_from": "2015-04-02", "followed_until": "2015-04-01"},
            "followed_until",
            "2015-04-02 > 2015-04-01",
        ),
    ],
)
def test_follow_up_lies_between_birth_index_date_and_death(mine, row, column, told):
    """The first day outside is told; the last inside, and follow-up before the index date, pass."""
    mine.write("events", DEAD)
    mine.write("patients", {"followed_from": "1970-05-01", "followed_until": "2015-06-01"})
    assert check(mine.path) == ()
    mine.write("patients", row)

    assert [(f.row, f.column, f.value) for f in check(mine.path)] == [(2, column, told)]


@pytest.mark.parametrize(
    ("table", "row", "told"),
    [
        ("visits", {"to_on": "2015-03-01"}, "2015-03-02 > 2015-03-01"),
        ("transplants", {"transplanted_on": "2015-06-02"}, "2015-06-02 > 2015-06-01"),
        ("gene_tests", {"taken_on": "1970-04-30"}, "1970-05-01 > 1970-04-30"),
    ],
)
def test_dates_of_the_new_tables_are_held_against_each_other(mine, table, row, told):
    """An admission that ends before it began; a day after death or before birth."""
    mine.write("events", DEAD)
    mine.write(table, row)

    assert [(f.table, f.row, f.value) for f in check(mine.path)] == [(table, 2, told)]


@pytest.mark.parametrize("day", ["1970-04-30", "2015-06-02"])
def test_a_mothers_sample_may_be_of_before_birth_and_of_after_death(mine, day):
    """The dates of a patient's life bind the patient's samples, also where nobody says whose."""
    mine.write("events", DEAD)
    mine.write("antibody_tests", {"subject": "mother", "taken_on": day})
    assert check(mine.path) == ()
    told = []
    for subject in ("patient", ""):
        mine.write("antibody_tests", {"subject": subject, "taken_on": day})
        told += [(f.row, f.column) for f in check(mine.path)]
    mine.write("antibody_tests", {"taken_on": day})
    told += [(f.row, f.column) for f in check(mine.path)]

    assert told == [(2, "taken_on")] * 3


def test_a_sample_of_nobody_named_is_the_patients(mine):
    """Empty says patient, to the key as to every reader; the mother's row is no twin of it."""
    mine.write("antibody_tests", {"subject": ""}, {"subject": "patient"}, {"subject": "mother"})
    (twin,) = check(mine.path)
    mine.write("antibody_tests", {"subject": ""}, {"subject": "mother"})
    typed = read(mine.path).tables["antibody_tests"].execute()
    mine.write("antibody_tests", {})
    without = read(mine.path).tables["antibody_tests"].execute()

    assert (twin.row, twin.rule) == (3, "one row per assay on one sample")
    assert list(typed["subject"]) == ["patient", "mother"]
    assert list(without["subject"]) == ["patient"]


def test_tests_are_asked_by_whose_they_are(mine):
    """The patient's, the mother's and the father's are three sets."""
    rows = ({"subject": s, "sample_id": f"S{i}"} for i, s in enumerate(("", "mother", "father")))
    mine.write("antibody_tests", *rows)
    cohort = of_source(read(mine.path))
    samples = {
        subject: list(antibodies.antibody_tests(cohort, subject).execute()["sample_id"])
        for subject in ("patient", "mother", "father")
    }

    assert samples == {"patient": ["S0"], "mother": ["S1"], "father": ["S2"]}


def test_anca_is_an_autoantibody_and_no_assay(mine):
    """It stands in its own table, beside which nobody was tested for anti-neutrophil antibodies."""
    mine.write("autoantibodies", {"antibody": "anca", "result": "positive"})
    cohort = of_source(read(mine.path))
    mine.write("antibody_tests", {"assay": "anca"})

    assert not cohort.has("antibody_tests")
    assert [(f.column, f.value) for f in check(mine.path)] == [("assay", "anca")]


@pytest.mark.parametrize(
    ("alleles", "is_read"),
    [
        ("HNA-1a;HNA-1b", True), ("null", True), ("HNA-2", True), ("HNA-4bw", True),
        ("HNA-1a; HNA-1b", False), ("1a/1b", False), ("HNA-6a", False), ("hna-1a", False),
    ],
)  # fmt: skip
def test_antigens_are_written_in_one_way(mine, alleles, is_read):
    """Parted by a semicolon, in full; null where none of the system is carried."""
    system = {"HNA-2": "hna_2", "HNA-4bw": "hna_4"}.get(alleles, "hna_1")
    mine.write("hna_types", {"system": system, "alleles": alleles})

    assert [f.value for f in check(mine.path)] == ([] if is_read else [alleles])


@pytest.mark.parametrize(
    ("system", "alleles", "is_right"),
    [
        ("hna_1", "HNA-1a;HNA-1b", True), ("hna_1", "HNA-3a", False), ("hna_5", "HNA-5bw", True),
        ("hna_2", "HNA-2", True), ("hna_2", "null", True), ("hna_1", "HNA-1a;HNA-3a", False),
        ("", "HNA-3a", None),
    ],
)  # fmt: skip
def test_antigens_are_of_their_system(mine, system, alleles, is_right):
    """One of another system in the row would be read as carried, or as missing there."""
    mine.write("hna_types", {"system": system, "alleles": alleles})
    told = [f.column for f in check(mine.path)]

    assert told == ([] if is_right else ["alleles"] if is_right is False else ["system"])


@pytest.mark.parametrize(("source", "n_told"), [("cord", 0), ("", 0), ("blood", 1)])
def test_cord_blood_comes_from_no_other_source(mine, source, n_told):
    """The donor cord and the source blood can't both be right."""
    mine.write("transplants", {"donor": "cord", "source": source})

    assert [f.column for f in check(mine.path)] == ["source"] * n_told


def test_every_new_table_has_a_row_that_the_fault_tests_use(mine):
    """A table without one would be left out of the tests that run over all of them."""
    for table in load().tables:
        path = mine.write(table, {})
        with path.open(encoding="utf-8") as file:
            assert [row["patient_id"] for row in csv.DictReader(file)] == ["P1"]
