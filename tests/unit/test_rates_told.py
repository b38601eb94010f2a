"""Rates of recovery: counted again by hand, and none of a restricted cohort."""

from __future__ import annotations

import pytest

from incohort.analyses import own
from incohort.cohort import open_cohort
from incohort.results import Estimate, NotEstimable

LABS = """patient_id,analyte,taken_at,value,unit
A,ANC,2020-01-01,0.3,10*9/L
A,ANC,2020-01-11,2.0,10*9/L
B,ANC,2020-01-01,0.3,10*9/L
B,ANC,2020-01-21,2.5,10*9/L
C,ANC,2020-01-01,0.3,10*9/L
C,ANC,2020-02-10,0.4,10*9/L
D,ANC,2020-01-01,0.3,10*9/L
D,ANC,2020-01-06,3.0,10*9/L
"""
PATIENTS = "patient_id,sex\nA,female\nB,female\nC,male\nD,male\n"


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    """Two women back after 10 and 20 days; a man after 5, and one not within 40."""
    folder = tmp_path_factory.mktemp("four")
    (folder / "patients.csv").write_text(PATIENTS, encoding="utf-8")
    (folder / "labs.csv").write_text(LABS, encoding="utf-8")
    return open_cohort(str(folder))


def asked(cohort, *, is_open: bool):
    """The rates by sex, by the tail of their keys."""
    episodes = own.episodes(cohort, is_open=is_open, time_zero="first_low", confirmation="none")
    findings = episodes.rates(by="sex")
    return {key.split("by_sex/")[1]: result for key, result in findings.by_key.items()}


def test_rates_are_events_over_days(cohort):
    """Women 2 in 30 days, men 1 in 45, all 3 in 75; men's rate a third of women's."""
    told = asked(cohort, is_open=True)
    values = {key: result.value for key, result in told.items() if isinstance(result, Estimate)}

    assert [values[f"{who}/days"] for who in ("overall", "female", "male")] == [75, 30, 45]
    assert values["overall/rate"] == pytest.approx(100 * 3 / 75)
    assert values["female/rate"] == pytest.approx(100 * 2 / 30)
    assert values["male/rate_ratio"] == pytest.approx((1 / 45) / (2 / 30))
    assert told["male/rate"].n == 2


def test_days_before_the_neutropenia_are_not_at_risk(tmp_path):
    """The drug was stopped on 1 January, the counts fell on the 21st and were back on the 31st."""
    labs = "".join(
        f"A,ANC,2020-01-{day},{value},10*9/L\n" for day, value in ((21, 0.3), (25, 0.2), (31, 2.0))
    )
    (tmp_path / "patients.csv").write_text("patient_id\nA\n", encoding="utf-8")
    header = "patient_id,analyte,taken_at,value,unit\n"
    (tmp_path / "labs.csv").write_text(header + labs, encoding="utf-8")
    course = (
        "patient_id,drug,role,started_on,stopped_on\nA,thiamazole,suspect,2019-12-01,2020-01-01\n"
    )
    (tmp_path / "medications.csv").write_text(course, encoding="utf-8")
    episodes = own.episodes(open_cohort(str(tmp_path)), is_open=True, confirmation="none")
    told = episodes.rates().by_key

    assert told["episodes/rates/by_none/overall/days"].value == 10
    assert told["episodes/rates/by_none/overall/rate"].value == pytest.approx(10.0)


def test_of_a_restricted_cohort_there_are_counts_and_no_rates(cohort):
    """An exact interval gives the count behind it back, so neither rate, days nor test is told."""
    told = asked(cohort, is_open=False)
    kept = {key.split("/")[1] for key, result in told.items() if isinstance(result, Estimate)}

    assert kept == {"n", "recovered"}
    assert {result.reason for result in told.values() if isinstance(result, NotEstimable)} == {
        "with its interval it would give an exact count back"
    }
