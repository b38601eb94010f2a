"""Printed patients, and 34 cases rebuilt from their counts, read back from the written files."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path
from statistics import median, quantiles

import pytest
import rebuilt
from rebuilt import card, rows, who

from incohort.commands.reporting import demo_requests
from incohort.dictionary import study
from incohort.stats.margins import Crossed, extent
from incohort.synthetic import anticd20_cases, ici_cases, ici_review2020

LABS = {"labs.analyte", "labs.value", "labs.unit", "labs.comparator", "labs.taken_at"}
DRUGS = {"medications.atc", "medications.drug", "medications.role", "medications.started_on"}
COLUMNS = {
    anticd20_cases: LABS | DRUGS | {
        "patients.sex", "patients.age_years", "patients.index_date", "patients.centre",
        "patients.aetiology", "diagnoses.condition", "medications.stopped_on",
        "medications.indication", "medications.cycle_number", "events.event", "events.site",
        "events.detail", "events.occurred_on",
    },
    ici_cases: LABS | DRUGS | {
        "patients.sex", "patients.age_years", "patients.index_date", "patients.centre",
        "patients.aetiology", "patients.same_as", "medications.stopped_on", "medications.dose",
        "medications.dose_unit", "medications.cycle_number", "medications.interval_weeks",
        "events.event", "events.cause", "events.detail", "antibody_tests.assay",
        "antibody_tests.result",
    },
    ici_review2020: LABS | DRUGS | {
        "patients.index_date", "patients.aetiology", "events.event", "events.occurred_on",
        "events.cause", "events.culture",
    },
}  # fmt: skip
NAMES = {module: module.__name__.rpartition(".")[2] for module in COLUMNS}
CD20, ICI, REVIEW = NAMES.values()


@pytest.mark.parametrize("module", COLUMNS, ids=NAMES.values())
def test_a_cohort_is_what_its_program_writes(module, tmp_path: Path):
    """The same bytes, no fault, nothing worth a look, no column of what was not printed."""
    rebuilt.holds(NAMES[module], COLUMNS[module], module.write, tmp_path)


@pytest.mark.parametrize("name", NAMES.values())
def test_what_is_held_is_in_the_register(name):
    """Each key that is said to come out is in the study's register."""
    assert set(card(name)["held"]) <= {claim.key for claim in study(name).claims}


def test_the_demo_asks_the_cohorts_what_was_printed_of_them():
    """Two stand in the notebook on checkpoint inhibitors, and in no other; the third is shown."""
    shown = {(request.cohort, request.notebook) for request in demo_requests()}
    assert CD20 in {cohort for cohort, _ in shown}
    assert {pair for pair in shown if pair[0] in {ICI, REVIEW}} == {
        (ICI, "07_checkpoint_inhibitors"), (REVIEW, "07_checkpoint_inhibitors"),
    }  # fmt: skip


def days(first: str, second: str) -> int:
    return (date.fromisoformat(second) - date.fromisoformat(first)).days


# ---------------------------------------------------------------- anti-CD20
def first_low() -> dict[str, tuple[int, float | None]]:
    """Days from the last dose before the first low count, and the count; None where not read."""
    doses = defaultdict(list)
    for row in rows(CD20, "medications"):
        if row["role"] == "suspect":
            doses[row["patient_id"]].append(row["started_on"])
    found: dict[str, tuple[int, float | None]] = {}
    for row in sorted(rows(CD20, "labs"), key=lambda row: row["taken_at"]):
        patient = row["patient_id"]
        if row["analyte"] == "ANC" and not row["comparator"] and patient not in found:
            last = max(day for day in doses[patient] if day <= row["taken_at"])
            count = float(row["value"]) if row["value"] else None
            found[patient] = (days(last, row["taken_at"]), count)
    return found


def test_first_episodes_after_anti_cd20_are_as_printed():
    """Days and counts of eleven as in their reports; median 119 d, of 9 at 28 d or more 135."""
    found = first_low()
    assert found == {
        "A1": (168, 0), "A2": (71, 1.1), "A3": (151, 0), "A4": (184, 0.4), "A5": (135, 1.3),
        "UK1": (115, 0), "UK2": (119, 0.2), "UK3": (150, 0.28), "US1": (91, 0.13),
        "AU1": (14, 0.1), "ES1": (20, None),
    }  # fmt: skip
    delays = [delay for delay, _ in found.values()]
    assert (median(delays), min(delays), max(delays)) == (119, 14, 184)
    assert median(delay for delay in delays if delay >= 28) == 135
    people = {
        row["patient_id"]: row["sex"][:1] + row["age_years"] for row in rows(CD20, "patients")
    }
    assert people == {
        "A1": "f63", "A2": "f25", "A3": "f62", "A4": "m51", "A5": "f55", "UK1": "f31",
        "UK2": "m35", "UK3": "f22", "US1": "f38", "AU1": "m40", "ES1": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "limit", "is_held", "delay", "n"),
    [
        ("tesfa", 1.5, False, 28, 9), ("wolach", 1.0, False, 21, 7), ("nitta", 1.0, True, 0, 8),
        ("abdulkader", 1.5, True, 0, 10), ("lecture_3wk", 0.5, False, 21, 7),
        ("lecture_4wk", 0.5, False, 28, 7),
    ],
)  # fmt: skip
def test_the_definitions_count_as_many(name, limit, is_held, delay, n):
    """How many first episodes are late-onset by each definition, by a plain comparison."""
    late = [
        patient
        for patient, (day, count) in first_low().items()
        if count is not None and day >= delay and (count < limit or (is_held and count == limit))
    ]
    (claim,) = (c for c in study(CD20).claims if c.key == f"late_onset/definition/{name}/count")
    assert len(late) == n == claim.value


def test_a_second_episode_makes_it_late_by_more_definitions():
    """Case 2's second low count, 0 after 106 days, meets what her first of 1.1 did not."""
    second = [row for row in rows(CD20, "labs") if row["patient_id"] == "A2"][2]
    assert (second["value"], days("2001-01-01", second["taken_at"])) == ("0", 106)
    assert first_low()["A2"] == (71, 1.1)


def test_the_american_patient_is_one_with_three_episodes():
    """0.13, 0 and 0.85: 91 days, 137 and 34 weeks after a dose; a normal count between any two."""
    counts = [row for row in rows(CD20, "labs") if row["patient_id"] == "US1"]
    assert [(row["value"], row["comparator"]) for row in counts] == [
        ("0.13", ""), ("1.5", ">="), ("0", ""), ("1.5", ">="), ("0.85", ""),
    ]  # fmt: skip
    first, final = (
        row["started_on"]
        for row in rows(CD20, "medications")
        if row["patient_id"] == "US1" and row["drug"] == "ocrelizumab"
    )
    low = [row["taken_at"] for row in counts if not row["comparator"]]
    assert (days(first, low[0]), days(final, low[1]), days(final, low[2])) == (91, 137, 34 * 7)
    (ozanimod,) = (r["started_on"] for r in rows(CD20, "medications") if r["drug"] == "ozanimod")
    assert days(ozanimod, low[2]) == 8 * 7


def test_what_was_not_read_stays_empty():
    """ES1's count, age and sex, and A4's alemtuzumab's days, are blank and not drawn."""
    (count,) = (row for row in rows(CD20, "labs") if row["patient_id"] == "ES1")
    assert (count["value"], count["unit"]) == ("", "")
    (before,) = (row for row in rows(CD20, "medications") if row["drug"] == "alemtuzumab")
    assert (before["patient_id"], before["started_on"], before["stopped_on"]) == ("A4", "", "")
    assert card(CD20)["origin"] == card(ICI)["origin"] == "observed"


# ---------------------------------------------------------------- checkpoint inhibitors
def spans(name: str) -> dict[str, int]:
    """Days from a patient's low count to the normal one."""
    found: dict[str, dict[bool, str]] = defaultdict(dict)
    for row in rows(name, "labs"):
        found[row["patient_id"]][row["comparator"] == ">="] = row["taken_at"]
    return {p: days(pair[False], pair[True]) for p, pair in found.items() if len(pair) == 2}


def test_printed_rows_of_two_reviews_are_as_printed():
    """Durations 8, 20, 37, 10, 7, 16 (median 13), and 60, 52, 16; delays 14, 21, 8, 12, 14."""
    lasted = spans(ICI)
    assert lasted == {
        "BMC1": 8, "BMC2": 20, "BMC3": 37, "BMC4": 10, "BMC5": 7, "BMC6": 16,
        "JITC1": 60, "JITC2": 52, "JITC3": 16,
    }  # fmt: skip
    assert median(lasted[f"BMC{i}"] for i in range(1, 7)) == 13
    last = {
        row["patient_id"]: row["started_on"]
        for row in rows(ICI, "medications")
        if row["role"] == "suspect" and row["started_on"]
    }
    onset = {row["patient_id"]: row["index_date"] for row in rows(ICI, "patients")}
    delays = {patient: days(day, onset[patient]) for patient, day in last.items()}
    assert delays == {"BMC1": 14, "BMC2": 21, "BMC3": 8, "BMC4": 12, "BMC6": 14}
    salvage = {
        row["patient_id"]: row["started_on"]
        for row in rows(ICI, "medications")
        if row["drug"] == "colony-stimulating factor" and row["started_on"]
    }
    after = {p: lasted[p] - days(onset[p], day) for p, day in salvage.items()}
    assert after == {"BMC1": 8, "BMC2": 4, "BMC4": 10, "BMC5": 7, "BMC6": 8}
    assert {row["patient_id"]: row["cause"] for row in rows(ICI, "events")} == {
        "BMC4": "other", "BMC6": "tumour",
    }  # fmt: skip


def test_probable_duplicates_name_each_other():
    """BMC1 with JITC1, BMC2 with JITC2; of the others seven and no second row of BMC6."""
    same = {row["patient_id"]: row["same_as"] for row in rows(ICI, "patients") if row["same_as"]}
    assert same == {"BMC1": "JITC1", "JITC1": "BMC1", "BMC2": "JITC2", "JITC2": "BMC2"}
    others = {"JITC1", "JITC2", "JITC3"}  # the last without a lowest count
    lasted = [n for patient, n in spans(ICI).items() if patient not in others]
    told = {c.key.rpartition("/")[2]: c.value for c in study(ICI).claims if "/duration/" in c.key}
    assert told == {"median": median(lasted), "minimum": min(lasted), "maximum": max(lasted)}
    (delay,) = (c.value for c in study(ICI).claims if c.key == "checkpoint/delay/median")
    assert delay == median((14, 21, 8, 12, 14))
    assert len(rows(ICI, "patients")) == 10


def test_shares_of_the_review_are_as_printed():
    """Of 34: 26 recovered (76 %), 14 died (41 %), 3 of irAE (9 %), 15 with fever, 3 cultures."""
    recovered = set(spans(REVIEW))
    dead = who(REVIEW, "events", event="death")
    irae = who(REVIEW, "events", event="death", cause="irae")
    fever = who(REVIEW, "events", event="fever")
    grew = who(REVIEW, "events", culture="positive")
    counted = [len(of) for of in (recovered, dead, irae, fever, grew)]
    assert counted == [26, 14, 3, 15, 3]
    assert [f"{100 * n / 34:.0f}" for n in (26, 14, 3)] == ["76", "41", "9"]
    assert (f"{100 * 15 / 22:.0f}", grew <= fever) == ("68", True)
    assert len(rows(REVIEW, "patients")) == 34
    assert who(REVIEW, "labs", value="0.5", comparator="<") == who(REVIEW, "patients")


def test_durations_and_onsets_of_the_review_have_the_printed_medians():
    """26 last a median of 13 days, the six printed ones among them; onset 10.5 weeks, 6 apart."""
    lasted = sorted(spans(REVIEW).values())
    assert median(lasted) == 13
    assert all(lasted.count(n) for n in (7, 8, 10, 16, 20, 37))
    onsets = [days("2001-01-01", row["index_date"]) / 7 for row in rows(REVIEW, "patients")]
    low, middle, high = quantiles(onsets, n=4, method="inclusive")
    assert (round(middle, 1), round(high - low)) == (10.5, 6)


def test_deaths_before_recovery_lie_between_the_bounds():
    """None to 8 of the 34 can have died first, and nobody recovers after death."""
    table = Crossed({"recovered": (True, False), "died": (True, False)})
    known = [table.total(34), table.total(26, recovered=True), table.total(14, died=True)]
    possible = extent(table.where(recovered=False, died=True), known)
    dead = {
        r["patient_id"]: r["occurred_on"] for r in rows(REVIEW, "events") if r["event"] == "death"
    }
    recovered = set(spans(REVIEW))
    assert (possible.least, possible.most) == (0, 8)
    assert possible.least <= len(dead.keys() - recovered) <= possible.most
    last = defaultdict(str)
    for row in rows(REVIEW, "labs"):
        last[row["patient_id"]] = max(last[row["patient_id"]], row["taken_at"])
    assert all(last[patient] < day for patient, day in dead.items())
