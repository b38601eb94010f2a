"""The same expressions give the same episodes on DuckDB, PostgreSQL and Apache Spark."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from incohort.cohort import RecoveryChoices, counts_frame, episode_frame

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
        confirmation="next_count", threshold=0.5, time_zero="nadir", horizon_days=30,
        late_onset="abdulkader", late_onset_horizon="twelve_months",
    ),
    "three days": RecoveryChoices(
        confirmation="days", confirm_days=3, entry_limit=0.5, time_zero="first_low",
        study_end=date(2020, 3, 1), lost_after_days=14, severity_system="ctcae_v5",
    ),
    "admission": RecoveryChoices(
        threshold=1.0, time_zero="admission", lost_after_days=0, late_onset="nitta",
        late_onset_delay="four_weeks",
    ),
}  # fmt: skip


@pytest.fixture(params=["on_postgres", "on_spark"])
def elsewhere(request):
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("choices", CHOICES.values(), ids=CHOICES)
def test_every_engine_gives_the_same_episodes(choices, on_duckdb, elsewhere):
    """Nine hundred patients with everything odd have the same episodes, to the last bit."""
    pd.testing.assert_frame_equal(
        episode_frame(elsewhere, choices), episode_frame(on_duckdb, choices), check_exact=True
    )


def test_every_engine_gives_the_same_counts(on_duckdb, elsewhere):
    """The counts of a trajectory are the same, and on the same days."""
    choices = CHOICES["next count"]

    pd.testing.assert_frame_equal(
        counts_frame(elsewhere, choices), counts_frame(on_duckdb, choices), check_exact=True
    )


def test_the_crowd_has_everything_in_it(on_duckdb):
    """Two engines that agree on an empty frame would agree on nothing: each answer occurs."""
    found = pd.concat(
        [episode_frame(on_duckdb, choices) for choices in CHOICES.values()], ignore_index=True
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
