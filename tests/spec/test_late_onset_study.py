"""The study of late onset: printed cases counted again, and every sentence in whole."""

from __future__ import annotations

import importlib.util
import sys
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from incohort.analyses.late_onset.courses import CENSORED, ENDED, LATE, courses
from incohort.analyses.late_onset.parameters import LateOnsetParameters
from incohort.analyses.late_onset.study import LateOnset
from incohort.claims import Reason, VerdictKind, judge
from incohort.cohort import (
    LateOnsetChoices,
    LateOnsetDays,
    PersonTimeChoices,
    open_cohort,
    person_time,
)
from incohort.cohort.late_onset_days import LOW, fits
from incohort.dictionary import study
from incohort.errors import UsageError
from incohort.synthetic.late_onset_truth import NAME
from incohort.tables import sentence_text

_WORKED = importlib.util.spec_from_file_location("worked", Path(__file__).with_name("worked.py"))
worked = importlib.util.module_from_spec(_WORKED)
sys.modules[_WORKED.name] = worked
_WORKED.loader.exec_module(worked)


@cache
def asked(cohort: str = "anticd20_cases", **choices: object) -> LateOnset:
    """The study of a cohort, with what it has answered so far."""
    return LateOnset(open_cohort(cohort), **choices)


def values(findings) -> dict[str, float]:
    """The numbers of some findings, by their keys without the study."""
    return {
        key.removeprefix("late_onset/"): result.value
        for key, result in findings.by_key.items()
        if hasattr(result, "value")
    }


def said(findings) -> list[str]:
    """The sentences as they are read."""
    texts = (
        sentence_text(sentence.template, findings)
        for sentence in findings.layout.sentences
        if sentence.holds
    )
    return [text.replace("\xa0", " ") for text in texts if text]


def test_first_episodes_and_any_are_counted_apart():
    """Case 2 had 1.1 first and none later on: the second episode counts as any, not as first."""
    told = values(asked().definitions())
    first, ever = (
        [told[f"definition/{name}/{tail}"] for name in ("tesfa", "wolach", "nitta", "abdulkader")]
        for tail in ("count", "any/count")
    )

    assert (first, ever) == ([9, 7, 8, 10], [9, 8, 9, 10])


def test_the_printed_cases_claims_agree():
    """What was worked out from the printed patients by hand is what the report counts."""
    printed, cohort = study("anticd20_cases"), open_cohort("anticd20_cases")
    verdicts = judge(asked().definitions().by_key, printed, cohort.card)
    kinds = {
        verdict.claim_key: verdict.verdict
        for verdict in verdicts
        if verdict.claim_key.startswith("late_onset/definition/")
    }

    assert len(kinds) == 6
    assert set(kinds.values()) == {VerdictKind.REPRODUCED}


def test_who_was_never_counted_is_in_no_share():
    """The Spanish patient's count was not read: the patient is said to have none on record."""
    told = values(asked().who())

    assert [told[f"who/{name}/count"] for name in ("given", "counted")] == [11, 10]
    assert said(asked().who()) == [
        (
            "1/11 (9.1 %) of those given an anti-CD20 drug have no count after the first dose: "
            "nothing is known of them, and they are in no share below."
        )
    ]


def test_the_key_sentence_puts_the_definition_beside_the_lectures():
    """The same patients are 9 of 10 by one definition and 7 of 10 by the other."""
    assert said(asked().definitions()) == [
        (
            "By Tesfa's definition 9 of 10 given an anti-CD20 drug and counted afterwards had "
            "late-onset neutropenia in their first episode, by the lecture's (three weeks) 7 of "
            "10; everybody counted after the first dose had a low count: that gives no frequency."
        ),
        (
            "Of these 9 late by Tesfa's definition, 0 were low before the first dose, 0 had a "
            "cytotoxic drug recorded near the low count, and 9 had no count before that tells."
        ),
    ]


def test_a_class_that_nobody_was_given_is_said():
    """No patient of the case reports took an interleukin-6 inhibitor."""
    assert said(asked(drug_class="IL-6 receptor inhibitor").who()) == [
        "Nobody here was given an IL-6 receptor inhibitor; the published series stand alone."
    ]


def test_the_table_under_tnf_is_reproduced():
    """Every printed figure comes out with 72 given etanercept; one statistic was cut."""
    printed, cohort = study("rajakulendran2006"), open_cohort("rajakulendran2006")
    findings = asked("rajakulendran2006").on_treatment()
    verdicts = {
        verdict.claim_key.removeprefix("late_onset/on_treatment/"): verdict
        for verdict in judge(findings.by_key, printed, cohort.card)
        if verdict.claim_key.startswith("late_onset/")
    }
    odd = verdicts.pop("prednisolone/chi_square")

    assert len(verdicts) == 14
    assert {verdict.verdict for verdict in verdicts.values()} == {VerdictKind.REPRODUCED}
    assert odd.reason is Reason.CUT


def test_on_the_drug_the_limit_and_the_end_decide():
    """19 of 133 below 2.0; below 1.5 eight of them, since counts known as >= 2.0 are not low."""
    assert said(asked("rajakulendran2006").on_treatment()) == [
        (
            "On a TNF or interleukin-6 inhibitor a count below 2 × 10⁹/L was seen in 19/133, "
            "14.3 % (9.3 to 21.2)."
        )
    ]
    told = asked("rajakulendran2006", on_treatment_limit=1.5).on_treatment().by_key
    assert told["late_onset/on_treatment/frequency"].events == 8


def test_the_delay_is_that_of_first_episodes():
    """Abdulkader: 151 days (71 to 184) of five; with both episodes of case 2 it is 143."""
    told = values(asked("abdulkader2014").episodes())

    assert [told[f"delay/{part}"] for part in ("median", "minimum", "maximum")] == [151, 71, 184]
    assert told["delay/all/median"] == 143
    assert values(asked().episodes())["delay/median"] == 135


def test_a_duration_lies_between_two_counts():
    """Each of the six was low on one day alone: from day 0 on, at the latest on 11.5."""
    sentence = said(asked("abdulkader2014").episodes())[-1]

    assert sentence == (
        "Half had recovered to 1.5 × 10⁹/L by a day between the onset and day 11.5 after it: each "
        "recovery lies between two counts."
    )


def test_it_came_back_in_the_one_who_was_given_it_again():
    """The American: three episodes, given again after the first; the others have no count since."""
    told = asked().recurrence().by_key["late_onset/recurrence/proportion"]
    soon = asked(reexposure="within_365_d").recurrence().by_key

    assert (told.events, told.n) == (1, 1)
    assert said(asked().recurrence()) == [
        "After recovery and another dose late-onset neutropenia came back in 1 of 1 counted since."
    ]
    assert not hasattr(soon["late_onset/recurrence/proportion"], "value")  # after 586 days


def test_who_has_no_count_before_is_in_no_incidence():
    """No report of the eleven tells of a count before the first dose."""
    told = values(asked().incidence())

    assert told["incidence/overall/n/count"] == 0
    assert told["incidence/unclear/count"] == 11


def test_infections_are_counted_in_the_time_at_each_count():
    """Each stratum's events and days as `person_time` has them; 32 at normal counts."""
    time = person_time(open_cohort(NAME), PersonTimeChoices(only_serious=True)).time
    told = values(asked(NAME).infections())
    normal = time[time["stratum"] == "from_1_5"]
    years = sum(map(int, normal["person_days"])) / 365.25

    assert told["infections/from_1_5/events"] == sum(map(int, normal["events"])) == 32
    assert abs(told["infections/from_1_5/rate"] - 100 * 32 / years) < 1e-9


def test_infections_without_a_grade_give_no_rate():
    """The mixed clinic doesn't say which infections were serious: years, and no rate."""
    told = asked("mixed_synthetic").infections().by_key

    assert told["late_onset/infections/from_1_5/years"].value > 0
    assert "serious infection" in told["late_onset/infections/from_1_5/rate"].reason


def course(**ends: int) -> pd.DataFrame:
    """One patient dosed on day 0, low late on some day, counted, dead or given another drug."""
    days = [day for day in (-5, ends.get("event"), ends.get("last")) if day is not None]
    flags = {name: [day == ends.get("event") for day in days] for name in (LOW, fits("tesfa"))}
    counts = pd.DataFrame({
        "patient_id": "P1", "day": days, "is_dosed": [day > 0 for day in days], **flags,
    }).astype({"is_dosed": object, LOW: object, fits("tesfa"): object})  # fmt: skip
    others, deaths = (
        pd.DataFrame({"patient_id": ["P1"] * (name in ends), "day": [ends[name]] * (name in ends)})
        if name in ends else pd.DataFrame({"patient_id": [], "day": []})
        for name in ("other", "death")
    )  # fmt: skip
    doses = pd.DataFrame({"patient_id": ["P1"], "day": [0], "is_of_class": [True]})
    days_of = LateOnsetDays(counts=counts, doses=doses, others=others, deaths=deaths)
    return courses(days_of, "tesfa", other_competes=ends.get("competes", 0) == 1)


@pytest.mark.parametrize(
    ("ends", "time", "cause"),
    [
        ({"event": 40, "last": 90}, 40, LATE),
        ({"last": 90}, 90, CENSORED),
        ({"last": 90, "death": 100}, 100, ENDED),
        ({"event": 40, "last": 90, "death": 40}, 40, LATE),  # of one day the count comes first
        ({"event": 40, "last": 90, "other": 39}, 39, CENSORED),
        ({"event": 40, "last": 90, "other": 39, "competes": 1}, 39, ENDED),
        ({"event": 40, "last": 90, "other": 40}, 40, LATE),
        ({"last": 90, "other": -3}, 90, CENSORED),  # begun before the first dose
    ],
)
def test_a_course_ends_with_what_comes_first(ends, time, cause):
    """Late onset, death, another drug, or the last count; what is on one day in this order."""
    row = course(**ends).loc["P1"]

    assert (row["time"], row["cause"], row["had_before"]) == (time, cause, True)


def test_the_chosen_definition_stands_against_each_other():
    """Nine late by Tesfa's; by Wolach's seven of them; by Abdulkader's the Australian as well."""
    told = values(asked().definitions())
    counts = {
        name: [told[f"definition/{name}/agreement/{part}/count"] for part in parts]
        for parts in [("both", "chosen", "other")] for name in ("wolach", "nitta", "abdulkader")
    }  # fmt: skip

    assert counts == {"wolach": [7, 2, 0], "nitta": [7, 2, 1], "abdulkader": [9, 0, 1]}


def test_half_of_the_onsets_are_known_to_within_the_median():
    """A median bounds half of those with a count before; of one in six it is not said."""
    start = "Of the onsets with a count before, half are known to within"

    assert [text for text in said(asked(NAME).episodes()) if text.startswith(start)]
    assert not [text for text in said(asked("abdulkader2014").episodes()) if "known to" in text]


def test_cases_give_no_share():
    """All twelve of the mixed clinic who were counted had a low count: no share is a frequency."""
    share = asked("mixed_synthetic").definitions().by_key["late_onset/definition/tesfa/proportion"]
    clinic = asked(NAME).definitions().by_key["late_onset/definition/tesfa/proportion"]

    assert share.reason.endswith("that gives no frequency")
    assert clinic.n > 0


def test_a_dose_without_a_day_is_not_a_missing_count(tmp_path: Path):
    """P1 has a dose and no day of it, P2 no count, P3 a dated dose beside an undated one."""
    dose = {"drug": "rituximab", "atc": "L01FA01", "role": "suspect"}
    at = "2020-01-01"
    tables = {
        "labs": [
            {"patient": name, "analyte": "ANC", "taken_at": day, "value": value}
            for name, day, value in (
                ("P1", "2020-03-01", "0.4"), ("P3", "2019-12-01", "0.4"), ("P3", "2020-03-01", "3"),
            )
        ],
        "medications": [
            {"patient": name, **dose, "started_on": day, "stopped_on": day}
            for name, day in (("P1", ""), ("P2", at), ("P3", at), ("P3", ""))
        ],
    }  # fmt: skip
    who = LateOnset(open_cohort(str(worked.written(tmp_path / "cohort", tables)))).who()
    told = who.by_key

    assert told["late_onset/who/uncounted/proportion"].events == 1
    assert [told[f"late_onset/who/{name}/count"].value for name in ("counted", "undated")] == [1, 1]
    assert any(text.startswith("Dose not dated: 1 of those given") for text in said(who))


def test_without_medications_the_answer_says_why(tmp_path: Path):
    """No table of medications: that is the reason, and not an empty one."""
    labs = [{"patient": "P1", "analyte": "ANC", "taken_at": "2020-03-01", "value": "0.4"}]
    cohort = open_cohort(str(worked.written(tmp_path / "cohort", {"labs": labs})))
    answer = LateOnset(cohort).answer()

    assert {result.reason for result in answer.by_key.values()} == {
        "the cohort has no table medications"
    }


def test_a_last_day_before_the_first_is_refused():
    """From day 60 to day 59 there is no day; one day alone is allowed, at either door."""
    for door in (LateOnsetParameters, LateOnsetChoices):
        with pytest.raises(UsageError, match="own_delay_days is 60, and own_horizon_days 59"):
            door(definition="own", own_delay_days=60, own_horizon_days=59)
        assert door(definition="own", own_delay_days=60, own_horizon_days=60).own_horizon_days == 60


def test_the_guideline_leads_to_a_section_of_this_notebook():
    """Items 6, 7 and 16a name the sections as this notebook does, and not as another does."""
    cells = {
        row.label.partition(":")[0]: row.cells[0].text
        for table in asked().reporting().layout.tables for row in table.rows
    }  # fmt: skip
    parts = {"6": asked().who(), "7": asked().definitions(), "16a": asked().incidence()}

    assert {item: cells[item] for item in parts} == {
        item: part.title for item, part in parts.items()
    }


def test_each_printed_definition_has_a_label_of_its_own():
    """Six claims on six definitions are told apart by what a reader sees."""
    labels = [
        claim.label for claim in study("anticd20_cases").claims if "/definition/" in claim.key
    ]

    assert len(set(labels)) == len(labels) == 6
