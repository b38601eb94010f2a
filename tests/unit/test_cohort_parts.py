"""Parts of the clinical definitions that no table of the definitions' page is about."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from types import SimpleNamespace
from typing import Any, cast

import ibis
import pandas as pd
import pytest

from incohort.cohort import high_risk, open_cohort
from incohort.cohort.daily import day_of, number_of
from incohort.cohort.dated_events import severe_infections
from incohort.cohort.drug_induced import exclusion_criterion
from incohort.cohort.gcsf import growth_factor_codes, growth_factors, n_treatments, unread
from incohort.cohort.late_onset_choices import DRUG_CLASSES
from incohort.cohort.numbering import patient_numbers
from incohort.cohort.opened import Cohort
from incohort.cohort.recovery_choices import RecoveryChoices
from incohort.cohort.recovery_times import recovery_times
from incohort.cohort.suspects import last_suspect
from incohort.cohort.unread import unread_treatments
from incohort.dictionary import load
from incohort.errors import UsageError
from incohort.results import CohortCard, Origin

# Ibis 12 calls a method that DuckDB 2 renamed.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")

CARD = CohortCard(name="mine", title="Mine", is_public=True)
MEDICATIONS = dict.fromkeys(("patient_id", "atc", "drug", "role"), "string")


def cohort(card: CohortCard = CARD, **tables: ibis.Table) -> Cohort:
    return Cohort(
        name="mine", card=card, tables=tables,
        origins={"labs.ANC": Origin.SYNTHETIC, "patients.sex": Origin.RECONSTRUCTED},
        held=frozenset({"a/held"}),
    )  # fmt: skip


def test_patients_are_numbered_from_one_by_no_order_that_tells_their_ids():
    """Each patient of the cohort once; the order is that of a digest of the id."""
    ids = ["P1", "P2", "P3", "P10"]
    numbers = patient_numbers(cohort(patients=ibis.memtable({"patient_id": ids[::-1]})))

    assert sorted(numbers.values()) == [1, 2, 3, 4]
    assert sorted(numbers, key=numbers.__getitem__) == sorted(
        ids, key=lambda one: sha256(one.encode()).digest()
    )
    assert patient_numbers(cohort(patients=ibis.memtable({"patient_id": ids}))) == numbers


def test_severe_infections_are_dated_graded_and_in_order():
    """Grade 3 is severe, 2 is not; one without a grade or a date is left out, and so is a stay."""
    rows = [
        ("B", "infection", date(2020, 1, 5), 3), ("A", "infection", date(2020, 1, 9), 5),
        ("A", "infection", date(2020, 1, 2), 4), ("A", "infection", date(2020, 1, 1), 2),
        ("A", "infection", date(2020, 1, 3), None), ("A", "infection", None, 4),
        ("A", "hospitalisation", date(2020, 1, 4), 4),
    ]  # fmt: skip
    schema = {"patient_id": "string", "event": "string", "occurred_on": "date", "grade": "int64"}
    events = ibis.memtable([dict(zip(schema, row, strict=True)) for row in rows], schema=schema)
    found = severe_infections(cohort(events=events))
    nobody = severe_infections(cohort())

    assert [(row.patient_id, row.occurred_on.day) for row in found.itertuples()] == [
        ("A", 2), ("A", 9), ("B", 5),
    ]  # fmt: skip
    assert list(found.index) == [0, 1, 2]
    assert nobody.empty
    assert list(nobody) == list(found) == ["patient_id", "occurred_on"]


def test_a_cohort_has_recorded_what_anybody_has_a_row_of():
    """One row of one kind is enough; without the table, or that kind, nothing was recorded."""
    events = ibis.memtable({"event": ["death", "infection"]})
    mine = cohort(events=events)

    assert mine.records("events", "event", "infection")
    assert mine.records("events", "event", "transplant", "death")
    assert not mine.records("events", "event", "transplant")
    assert not mine.records("labs", "analyte", "ANC")
    assert mine.has("events")
    assert not mine.has("labs")


def test_an_estimate_is_as_real_as_the_columns_behind_it():
    """Invented where one column is; held by construction only of everybody; else as its cohort."""
    rebuilt = CohortCard(name="r", title="R", is_public=True, origin=Origin.RECONSTRUCTED)
    for card in (CARD, rebuilt):
        mine = cohort(card)
        own = card.origin
        assert mine.origin_of("a/x", ("labs.HB",)) is own
        assert mine.origin_of("a/x", ("patients.sex",)) is own
        assert mine.origin_of("a/x", ("labs.HB", "labs.ANC")) is Origin.SYNTHETIC
        assert mine.origin_of("a/x", ()) is Origin.OBSERVED
        assert mine.origin_of("a/held", ("labs.ANC",)) is (
            Origin.OBSERVED if card is CARD else Origin.RECONSTRUCTED
        )
        assert mine.origin_of("a/held", ("labs.ANC",), is_whole=False) is Origin.SYNTHETIC
        assert mine.origin_of("a/held", ("labs.HB",), is_whole=False) is own


def medications(*rows: tuple[str | None, ...]) -> ibis.Table:
    """Courses as (atc, drug, role), each of a patient of its own."""
    named = [dict(zip(MEDICATIONS, (f"P{i}", *row), strict=True)) for i, row in enumerate(rows)]
    return ibis.memtable(named, schema=MEDICATIONS)


COURSES = (
    ("L03AA02", "filgrastim", "treatment"),
    (None, "an unknown", "treatment"),
    (None, "an unknown", None),
    (None, "an unknown", "suspect"),
    (None, "an unknown", "concomitant"),
    ("L03", "something", "treatment"),
    ("L", "something", "treatment"),
    ("N02BB02", "an unknown", "treatment"),
    (None, "metamizole", "treatment"),
)


def test_a_treatment_that_may_be_g_csf_is_one_that_nobody_can_name():
    """Without a code and with an unknown name, or with the code of a wider group."""
    table = medications(*COURSES)

    assert sorted(unread(table).execute()["patient_id"]) == ["P1", "P2", "P5", "P6"]
    assert sorted(unread_treatments(cohort(medications=table))["patient_id"]) == [
        "P1", "P2", "P5", "P6",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("course", "says"),
    [
        (("N02BB02", "metamizole", "suspect"), False),
        (("N02BB02", "metamizole", "concomitant"), False),
        (("N02BB02", "metamizole", "treatment"), True),
        (("N02BB02", "metamizole", None), True),
        (("L03AA02", "filgrastim", "concomitant"), True),
        ((None, "filgrastim", "suspect"), True),
    ],
)
def test_a_cohort_of_suspects_alone_says_nothing_of_treatments(course, says):
    """One course of a treatment, one without a role, or G-CSF under any role does."""
    rows = medications(("H03BB02", "thiamazole", "suspect"), course)

    assert bool(n_treatments(rows).execute()["n_treatments"].item()) is says


def test_growth_factors_are_the_dictionarys_and_their_group():
    """Filgrastim and its kin, and L03AA where no more is recorded."""
    names = {drug.name for drug in growth_factors()}
    codes = growth_factor_codes()

    assert {"filgrastim", "pegfilgrastim", "lenograstim"} <= names
    assert codes[0] == "L03AA"
    assert set(codes[1:]) == {code for drug in growth_factors() for code in drug.all_atc}
    assert not names & {"metamizole", "rituximab"}


def test_every_class_of_biologics_is_one_of_the_dictionary():
    """A class that no drug has would find nobody; each has a drug of its own."""
    classes = {drug.drug_class for drug in load().drugs}
    assert set(DRUG_CLASSES) <= classes
    assert {drug.name for drug in load().drugs if drug.drug_class in DRUG_CLASSES} >= {
        "rituximab", "infliximab", "tocilizumab", "alemtuzumab", "belimumab",
    }  # fmt: skip


def test_no_other_cause_is_drug_induced_or_one_that_was_not_found():
    """Another cause says no; nothing recorded says nothing."""
    table = ibis.memtable(
        [
            {"i": i, "aetiology": a}
            for i, a in enumerate(("drug_induced", "unknown", "t_lgl", None))
        ],
        schema={"i": "int64", "aetiology": "string"},
    )
    found = table.mutate(found=exclusion_criterion(table.aetiology)).order_by("i").execute()
    assert [None if v is None else bool(v) for v in found["found"]] == [True, True, False, None]


def test_a_risk_is_high_where_one_flag_is_and_low_where_none_is():
    """One that is not known leaves open what the others don't settle."""
    flags = [True, False, None]
    rows = [
        {"i": 3 * i + j, "a": a, "b": b} for i, a in enumerate(flags) for j, b in enumerate(flags)
    ]
    table = ibis.memtable(rows, schema={"i": "int64", "a": "boolean", "b": "boolean"})
    found = table.mutate(found=high_risk.any_flag(table.a, table.b)).order_by("i").execute()

    assert [None if v is None else bool(v) for v in found["found"]] == [
        True, True, True, True, False, None, True, None, None,
    ]  # fmt: skip


def test_days_are_counted_from_the_first_of_january_of_the_year_one():
    """Day 0 is that day, and every number leads back to its date."""
    assert number_of(date(1, 1, 1)) == 0
    assert number_of(date(1, 1, 2)) == 1
    for day in (date(1, 1, 1), date(2020, 2, 29), date(2259, 12, 31)):
        assert day_of(number_of(day)) == day


SUSPECTS = dict.fromkeys(("patient_id", "atc", "drug"), "string") | dict.fromkeys(
    ("episode", "started", "stopped"), "int64"
)


@pytest.mark.parametrize(
    ("courses", "named", "n_drugs"),
    [
        ([("N02BB02", "metamizole", 1, 9), ("H03BB02", "thiamazole", 1, 8)], "metamizole", 2),
        ([("N02BB02", "metamizole", 1, 9), ("H03BB02", "thiamazole", 1, None)], "thiamazole", 2),
        ([("N02BB02", "metamizole", 1, 9), ("H03BB02", "thiamazole", 2, 9)], "thiamazole", 2),
        ([("N02BB02", "metamizole", 1, 9), ("H03BB02", "thiamazole", None, 9)], "metamizole", 2),
        ([("H03BB02", "thiamazole", 1, 9), ("N02BB02", "metamizole", 1, 9)], "metamizole", 2),
        ([("H03BB02", "thiamazole", 1, 9), (None, "thiamazole", 1, 9)], "thiamazole", 1),
        ([("H03BB02", "thiamazole", 1, 9), ("H03BB02", "thiamazole", 3, 5)], "thiamazole", 1),
    ],
)
def test_the_last_suspect_is_the_one_withdrawn_last(courses, named, n_drugs):
    """An end that isn't recorded comes last of all; then the later start, then the name."""
    rows = [
        {
            "patient_id": "A",
            "episode": 1,
            "atc": atc,
            "drug": drug,
            "started": start,
            "stopped": stop,
        }
        for atc, drug, start, stop in courses
    ]
    for order in (rows, rows[::-1]):
        [row] = last_suspect(ibis.memtable(order, schema=SUSPECTS)).execute().to_dict("records")
        assert (row["suspect_drug"], row["n_suspects"]) == (named, n_drugs)
        last = next(r for r in rows if r["drug"] == named)
        assert (row["withdrawn"] == last["stopped"]) or last["stopped"] is None
        assert (row["suspect_atc"] or None) in {r["atc"] for r in rows if r["drug"] == named}


@pytest.mark.parametrize(
    ("name", "least", "below"),
    [("recovery_threshold", 1e-3, 0.9e-3), ("anc_limit", 1e-3, 0.9e-3), ("confirmation_days", 1, 0),
     ("observed_days", 1, 0), ("lost_after_days", 0, -1)],
)  # fmt: skip
def test_a_choice_is_refused_just_outside_its_limits(name, least, below):
    """The least and all up to 100,000 pass; the message names the limits."""
    for value in (least, 99_999):
        assert getattr(RecoveryChoices(**cast("dict[str, Any]", {name: value})), name) == value
    for value in (below, 100_000):
        with pytest.raises(UsageError) as refused:
            RecoveryChoices(**cast("dict[str, Any]", {name: value}))
        assert str(refused.value) == f"{name} is {value}; it must be from {least} to 100000."


@pytest.mark.parametrize(
    ("name", "typed", "words"),
    [
        ("time_zero", "withdrawl", "There is no time zero 'withdrawl'. Did you mean 'withdrawal'?"),
        ("confirmation", "dayz", "There is no confirmation 'dayz'. Did you mean 'days'?"),
    ],
)
def test_a_word_that_is_no_choice_is_refused_with_the_nearest(name, typed, words):
    """What it should be stands first, all there are behind it."""
    with pytest.raises(UsageError) as refused:
        RecoveryChoices(**cast("dict[str, Any]", {name: typed}))
    assert str(refused.value).startswith(f"{words} Known: ")


def test_what_opens_an_episode_is_never_above_what_ends_it():
    """1.8 opens by the lecture, but nobody recovers to 1.5 from there; a lower limit stands."""
    assert (RecoveryChoices().opened_below, RecoveryChoices().recovered_from) == (1.5, 1.5)
    assert RecoveryChoices(recovery_threshold=2.0).opened_below == 1.8
    assert RecoveryChoices(recovery_threshold=2.0, severity_system="common").opened_below == 1.5
    assert RecoveryChoices(recovery_threshold=2.0, anc_limit=0.5).opened_below == 0.5
    assert RecoveryChoices(recovery_threshold=1.0, anc_limit=1.4).opened_below == 1.0
    days = [
        RecoveryChoices(confirmation=word, confirmation_days=5).confirmed_after_days
        for word in ("none", "next_count", "days")
    ]
    assert days == [0, 1, 5]


def test_a_nadir_of_high_risk_is_below_the_dictionarys_limit():
    """Below 0.1; 65 years are not older than 65."""
    table = ibis.memtable({"i": [0, 1], "nadir": [0.1, 0.0999], "age": [65.0, 65.01]})
    table = table.mutate(sign=ibis.null("string"))
    found = table.mutate(
        count=high_risk.count_flag(table.nadir, table.sign), old=high_risk.age_flag(table.age)
    )
    rows = found.order_by("i").execute()
    assert rows["count"].tolist() == [False, True]
    assert rows["old"].tolist() == [False, True]


def comorbid(*days: int | None) -> int:
    """How many comorbidities by an onset on day 10."""
    episodes = ibis.memtable(
        [{"patient_id": "A", "episode": 1, "onset": number_of(date(2020, 1, 10))}]
    )
    rows = [
        {"patient_id": "A", "condition": "cll", "diagnosed_on": day and date(2020, 1, day)}
        for day in days
    ]
    schema = {"patient_id": "string", "condition": "string", "diagnosed_on": "date"}
    other = {"patient_id": "A", "condition": "thyroid_disease", "diagnosed_on": date(2020, 1, 1)}
    diagnoses = ibis.memtable([*rows, other], schema=schema)
    choices = cast("RecoveryChoices", SimpleNamespace(severe_comorbidities=("cll",)))
    found = high_risk.comorbidities(diagnoses, episodes, choices).execute()
    return int(found["n_comorbidities"].sum())


def test_comorbidities_are_those_by_the_onset_or_of_an_unknown_day():
    """On the day with it, the day after not; only those that were chosen."""
    assert comorbid(9, 10, 11) == 2
    assert comorbid(None) == 1
    assert comorbid(11) == 0


def test_the_short_way_to_times_is_the_long_one(tmp_path):
    """One patient who is admitted, given a suspect and G-CSF, and recovers; one who dies."""
    for name, text in {
        "patients": "patient_id,sex\nA,female\nB,male\n",
        "labs": "patient_id,analyte,taken_at,value,unit\nA,ANC,2020-01-10,0.2,10*9/L\n"
        "A,ANC,2020-01-15,0.1,10*9/L\nA,ANC,2020-01-20,1.8,10*9/L\nB,ANC,2020-01-10,0.2,10*9/L\n",
        "medications": "patient_id,atc,drug,role,started_on,stopped_on\n"
        "A,H03BB02,thiamazole,suspect,2020-01-01,2020-01-11\n"
        "A,L03AA02,filgrastim,treatment,2020-01-12,2020-01-13\n",
        "events": "patient_id,event,occurred_on\n"
        "A,hospitalisation,2020-01-12\nB,death,2020-01-14\n",
    }.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    mine = open_cohort(str(tmp_path))
    found = recovery_times(mine, RecoveryChoices()).to_dict("records")
    days = {
        name: [None if pd.isna(row[name]) else day_of(int(row[name])).day for row in found]
        for name in (
            "onset",
            "nadir_day",
            "last_low",
            "withdrawn",
            "admitted",
            "end",
            "gcsf_started",
        )
    }

    assert [(row["patient_id"], row["episode"], row["cause"]) for row in found] == [
        ("A", 1, 1), ("B", 1, 2),
    ]  # fmt: skip
    assert days == {
        "onset": [10, 10], "nadir_day": [15, 10], "last_low": [15, 10], "withdrawn": [11, None],
        "admitted": [12, None], "end": [20, 14], "gcsf_started": [12, None],
    }  # fmt: skip
    assert [bool(row["has_gcsf"]) for row in found] == [True, False]
    (tmp_path / "medications.csv").unlink()
    (tmp_path / "events.csv").unlink()
    bare = recovery_times(open_cohort(str(tmp_path)), RecoveryChoices())
    assert bare[["withdrawn", "admitted", "gcsf_started", "has_gcsf"]].isna().all(axis=None)
    assert bare["cause"].tolist() == [1, 0]
    (tmp_path / "labs.csv").unlink()
    nothing = recovery_times(open_cohort(str(tmp_path)), RecoveryChoices())
    assert nothing.empty
    assert list(nothing) == list(bare)
