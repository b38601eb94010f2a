"""The same expressions give the same frames on DuckDB, PostgreSQL and Apache Spark."""

from __future__ import annotations

from datetime import date
from functools import cache

import pandas as pd
import pytest

from incohort.cohort import (
    Choices,
    PersonTimeChoices,
    RecoveryChoices,
    counts_frame,
    episode_frame,
    pairing,
    patient_frame,
    person_time,
)
from incohort.cohort.recovery_times import recovery_times

pytestmark = [
    pytest.mark.engines,
    pytest.mark.slow,
    pytest.mark.xdist_group("engines"),  # one session of Spark, one server
    # Spark's gateway leaves its sockets to the garbage collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

CHOICES = {
    "as they come": RecoveryChoices(),
    "next count": RecoveryChoices(
        confirmation="next_count", recovery_threshold=0.5, time_zero="nadir", observed_days=30,
        late_onset="abdulkader", late_onset_horizon="twelve_months",
    ),
    "three days": RecoveryChoices(
        confirmation="days", confirmation_days=3, anc_limit=0.5, time_zero="first_low",
        study_end=date(2020, 3, 1), lost_after_days=14, severity_system="ctcae_v5",
    ),
    "admission": RecoveryChoices(
        recovery_threshold=1.0, time_zero="admission", lost_after_days=0, late_onset="nitta",
        late_onset_delay="four_weeks",
    ),
}  # fmt: skip


@pytest.fixture(params=["on_postgres", "on_spark"])
def elsewhere(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def expected(on_duckdb):
    """What DuckDB gives, each worked out once."""
    return cache(lambda derive, *choices: derive(on_duckdb, *choices))


@pytest.mark.parametrize("choices", CHOICES.values(), ids=CHOICES)
def test_every_engine_gives_the_same_episodes(choices, expected, elsewhere):
    """Nine hundred patients with everything odd have the same episodes, to the last bit."""
    pd.testing.assert_frame_equal(
        episode_frame(elsewhere, choices), expected(episode_frame, choices), check_exact=True
    )


def test_every_engine_gives_the_same_counts(expected, elsewhere):
    """The counts of a trajectory are the same, and on the same days."""
    choices = CHOICES["next count"]

    pd.testing.assert_frame_equal(
        counts_frame(elsewhere, choices), expected(counts_frame, choices), check_exact=True
    )


TIME_CHOICES = {
    "as they come": PersonTimeChoices(),
    "otherwise": PersonTimeChoices(
        carry_days=7, bands="ctcae_v5", gcsf_washout_days=0, infection_washout_days=0,
        lag="same_day", after_last_count="carry", transplant_ends=False, grade_at_least=3,
        only_serious=True, counts_unknown=True, merge_days=60,
    ),
    "serious from grade 3 on": PersonTimeChoices(
        bands="lecture", merge_days=0, grade_at_least=3, only_serious=True
    ),
}  # fmt: skip


@pytest.mark.parametrize("choices", TIME_CHOICES.values(), ids=TIME_CHOICES)
def test_every_engine_gives_the_same_person_time(choices, expected, elsewhere):
    """Days by count, ends of follow-up, episodes of infection: the same of each patient."""
    found, same = person_time(elsewhere, choices), expected(person_time, choices)

    for name in ("time", "follow_up", "infections"):
        pd.testing.assert_frame_equal(
            getattr(found, name), getattr(same, name), check_exact=True, obj=name
        )


ASSAYS = ("gift", "gat", "maiga")
PATIENT_CHOICES = {
    "as they come": Choices(),
    "nadir": Choices(
        severity_system="ctcae_v5", count_at="nadir", window_days=0, chronic="six_months",
        platelets="below_100", recurrent_from=2,
    ),
    "latest": Choices(severity_system="common", anc_limit=1.0, count_at="latest"),
}  # fmt: skip


@pytest.mark.parametrize("choices", PATIENT_CHOICES.values(), ids=PATIENT_CHOICES)
def test_every_engine_gives_the_same_patients(choices, expected, elsewhere):
    """Counts, grades, courses, cytopenias, assays, diagnoses: the same of each patient."""
    pd.testing.assert_frame_equal(
        patient_frame(elsewhere, choices), expected(patient_frame, choices), check_exact=True
    )


@pytest.mark.parametrize("choices", CHOICES.values(), ids=CHOICES)
def test_every_engine_gives_the_same_times_to_recovery(choices, expected, elsewhere):
    """The days that a sensitivity analysis counts from are the same."""
    pd.testing.assert_frame_equal(
        recovery_times(elsewhere, choices), expected(recovery_times, choices),
        check_exact=True, check_dtype=False,  # Spark numbers rows in 32 bits
    )  # fmt: skip


def paired_frames(cohort) -> dict[str, pd.DataFrame]:
    """What `pairing` makes of the antibody tests, in every way it is asked."""
    tests = cohort.tables["antibody_tests"]
    samples = pairing.on_samples(tests, ASSAYS)
    by_patient = {"unit": "patient", "index": "gift"}
    tables = {
        "samples": samples,
        "repeats": pairing.repeats(samples, "gift"),
        "measured": pairing.measured(tests, ASSAYS),
    }
    keys = ("patient_id", "sample", "assay")
    found = {
        name: table.order_by([key for key in keys if key in table.columns]).execute()
        for name, table in tables.items()
    }
    for name, how in {
        "patients": by_patient,
        "patients within 30 days": by_patient | {"window_days": 30},
        "on one sample": {"unit": "sample", "index": "gift"},
    }.items():
        found[name] = pairing.execute(pairing.paired(samples, ASSAYS, **how), ASSAYS)
    return found


def test_every_engine_pairs_the_same_samples(expected, elsewhere):
    """Assays meet on the same samples, contradict each other alike, and have the same titres."""
    found = paired_frames(elsewhere)

    for name, frame in expected(paired_frames).items():
        assert len(frame) > 100, name
        pd.testing.assert_frame_equal(
            found[name], frame, check_exact=True, check_dtype=False, obj=name
        )


def test_the_crowd_has_everything_in_it(expected):
    """Two engines that agree on an empty frame would agree on nothing: each answer occurs."""
    found = pd.concat(
        [expected(episode_frame, choices) for choices in CHOICES.values()], ignore_index=True
    )

    assert set(found["cause"].dropna()) == {0, 1, 2}
    assert set(found["censored_because"].dropna()) >= {
        "follow_up_ended", "not_confirmed", "lost_to_follow_up", "horizon", "death_without_date",
        "end_of_study",
    }  # fmt: skip
    assert set(found["not_timed_because"].dropna()) >= {
        "no_suspect", "no_withdrawal_date", "no_admission_date", "recovered_before_time_zero",
        "no_count_after_time_zero",
    }  # fmt: skip
    assert set(found["nadir_sign"].dropna()) >= {"<", "<="}
    three_valued = ("has_gcsf", "criterion_onset", "criterion_recovery", "criterion_rechallenge",
                    "criterion_exclusions", "late_onset", "high_risk_age", "high_risk_infection",
                    "relapse", "high_risk")  # fmt: skip
    for flag in three_valued:
        assert set(found[flag]) == {True, False, None}, flag
    times = [expected(person_time, choices) for choices in TIME_CHOICES.values()]
    strata = {
        "below_0_1", "0_1_to_0_5", "0_5_to_1", "1_to_1_5", "from_1_5", "unknown", "gcsf",
        "not_at_risk", "outside",
    }  # fmt: skip
    assert set(times[0].time.loc[times[0].time["events"] > 0, "stratum"]) == strata
    ends = pd.concat([each.follow_up for each in times])
    assert set(ends["end_because"].dropna()) == {
        "death", "transplant", "follow_up_ended", "last_count", "carried",
    }  # fmt: skip
    assert set(ends["no_time_because"].dropna()) == {
        "no_count", "one_count_and_no_follow_up", "ended_before_first_count",
    }  # fmt: skip
    ill = pd.concat([each.infections for each in times])
    assert set(ill["status"]) == {"counted", "merged", "undated", "unknown_severity"}
    assert set(ill["because"].dropna()) == {
        "no_count_yet", "no_count_in_force", "band_unclear", "treatment_unclear", "no_count",
        "before_first_count", "after_end", "infection_before",
    }  # fmt: skip
    assert ill[ill["status"] == "counted"].groupby("patient_id").size().max() > 20
    patients = expected(patient_frame, PATIENT_CHOICES["as they come"])
    answers = {
        "severity": {"none", "mild", "moderate", "severe"},
        "course": {"acute", "chronic", "unknown"},
        "cytopenia": {
            "isolated", "with_anaemia", "with_thrombocytopenia", "pancytopenia", "unknown",
        },
        "thyroid_subtype": {"unknown", "graves", "hashimoto"},
        "assay_gat": {"positive", "negative", "indeterminate"},
        "has_recurrent_infections": {True, False},
    }  # fmt: skip
    for column, values in answers.items():
        assert set(patients[column].dropna()) == values, column
    samples = expected(paired_frames)["samples"]
    assert samples["is_contradictory"].any()
    assert (samples["n_rows"] > 1).any()
