"""Episodes and recovery on patients that a clinician can work through by hand.

The tables stand in `tables/episodes/`; docs/definitions.md shows the same.
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from incohort.cohort import Choices, RecoveryChoices, counts_frame, episode_frame, open_cohort
from incohort.cohort.recovery_choices import CONFIRMATIONS, TIME_ZEROS
from incohort.dictionary import load
from incohort.errors import CohortFaultsError, UsageError

# Ibis 12 calls a method that DuckDB 2 renamed.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")

_SPEC = importlib.util.spec_from_file_location(
    "definitions_page", Path(__file__).with_name("definitions_page.py")
)
page = importlib.util.module_from_spec(_SPEC)
sys.modules[_SPEC.name] = page
_SPEC.loader.exec_module(page)
_WORKED = importlib.util.spec_from_file_location("worked", Path(__file__).with_name("worked.py"))
worked = importlib.util.module_from_spec(_WORKED)
sys.modules[_WORKED.name] = worked
_WORKED.loader.exec_module(worked)
written, told = worked.written, worked.told

RULES = page.rules(page.EPISODE_TABLES)
CASES = [
    pytest.param(case, id=f"{rule.name}: {case.title}") for rule in RULES for case in rule.cases
]


@pytest.mark.parametrize("case", CASES)
def test_an_episode_is_what_the_table_says(case, tmp_path):
    """Each episode of the table gets the answer that stands beside it, and there are no others."""
    tables = {name: rows for name, rows in case.tables.items() if name != "expected"}
    frame = episode_frame(
        open_cohort(str(written(tmp_path / "cohort", tables))), worked.chosen(case, RecoveryChoices)
    )

    found = {
        (patient, str(episode)): row
        for (patient, episode), row in zip(
            zip(frame["patient_id"], frame["episode"], strict=True),
            frame.to_dict("records"),
            strict=True,
        )
    }
    assert list(found) == [(row["patient"], row["episode"]) for row in case.expected]
    wrong = [
        f"{row['patient']}/{row['episode']}: {name} is {told(cells[name])}, not {value}, "
        f"since {row['because']}"
        for row, cells in zip(case.expected, found.values(), strict=True)
        for name, value in row.items()
        if name not in ("patient", "episode", "because") and told(cells[name]) != value
    ]
    assert not wrong, "\n".join(wrong)


LOW = {"patient": "A", "analyte": "ANC", "taken_at": "2020-01-10", "value": "0.2"}


@pytest.mark.parametrize(
    ("tables", "told_of"),
    [
        (
            {
                "labs": [LOW, LOW | {"taken_at": "2020-01-14"}],
                "events": [{"patient": "A", "event": "death", "occurred_on": "2020-01-12"}],
            },
            "2020-01-14",
        ),
        ({"labs": [LOW, LOW | {"taken_at": "2020-01-11T08:00:00+02:00"}]}, "+02:00"),
        ({"labs": [LOW, LOW | {"taken_at": "2019-02-29"}]}, "2019-02-29"),
    ],
    ids=["a count after death", "a time with a zone", "29 February of a common year"],
)
def test_the_door_names_the_row(tables, told_of, tmp_path):
    """What no episode can be derived from is refused at the door, with its row and value."""
    with pytest.raises(CohortFaultsError) as refused:
        open_cohort(str(written(tmp_path / "cohort", tables)))

    [fault] = refused.value.faults
    assert (fault.table, fault.row) == ("labs", 3)
    assert told_of in fault.value


def test_without_tables_nothing_is_said(tmp_path):
    """Without drugs and events nobody has a suspect or a `no`; without counts no episode."""
    labs = {"labs": [LOW, LOW | {"taken_at": "2020-01-12", "value": "1.6"}]}
    frame = episode_frame(open_cohort(str(written(tmp_path / "one", labs))), RecoveryChoices())
    bare = written(tmp_path / "two", {"patients": [{"patient": "A", "sex": "female"}]})

    [row] = frame.to_dict("records")
    assert row["not_timed_because"] == "no_suspect"
    silent = ["has_gcsf", "criterion_onset", "criterion_rechallenge", "late_onset",
              "high_risk_infection", "high_risk_comorbidity"]  # fmt: skip
    assert [row[name] for name in silent] == [None] * len(silent)
    for derive in (episode_frame, counts_frame):
        nothing = derive(open_cohort(str(bare)), RecoveryChoices())
        assert nothing.empty
    assert list(episode_frame(open_cohort(str(bare)), RecoveryChoices())) == list(frame)


def test_each_count_goes_to_one_episode(tmp_path):
    """Before the first episode counts are the first's; after a recovery its own until the next."""
    values = {"01": "2.0", "03": "0.4", "05": "1.6", "09": "2.2", "11": "0.3", "12": "1.9"}
    labs = [LOW | {"taken_at": f"2020-01-{day}", "value": value} for day, value in values.items()]
    cohort = open_cohort(str(written(tmp_path / "cohort", {"labs": labs})))

    found = counts_frame(cohort, RecoveryChoices(time_zero="first_low"))

    assert found["episode"].tolist() == [1, 1, 1, 1, 2, 2]
    assert found["day"].tolist() == [-2, 0, 2, 6, 0, 1]
    assert found["anc"].tolist() == [2.0, 0.4, 1.6, 2.2, 0.3, 1.9]


def test_choices_that_mean_nothing_are_refused():
    """A word that is no choice is refused with the nearest; a number out of range by its name."""
    with pytest.raises(UsageError, match="next_count"):
        RecoveryChoices(confirmation="next_counts")
    with pytest.raises(UsageError, match="withdrawal"):
        RecoveryChoices(time_zero="withdrawl")
    for name, value in (("recovery_threshold", 0), ("confirmation_days", 0), ("observed_days", 0),
                        ("lost_after_days", -1), ("anc_limit", float("nan"))):  # fmt: skip
        with pytest.raises(UsageError, match=name):
            RecoveryChoices(**{name: value})


def test_choices_name_what_the_dictionary_has():
    """Defaults are alternatives of the dictionary, comorbidities conditions of its table."""
    choices = RecoveryChoices()
    conditions = next(c for c in load().table("diagnoses").columns if c.name == "condition")

    assert choices.recovered_from == 1.5
    assert choices.opened_below == 1.5
    assert set(choices.severe_comorbidities) <= {c.value for c in conditions.categories}
    assert choices.severity_system == Choices().severity_system
    assert load().threshold("late_onset_count", choices.late_onset)
    assert load().threshold("late_onset_delay", choices.late_onset_delay)
    assert choices.confirmation in CONFIRMATIONS
    assert choices.time_zero in TIME_ZEROS


def test_the_case_says_which_choices_there_are():
    """Every table has rows and reasons, and its choices exist."""
    names = {entry.name for entry in fields(RecoveryChoices)}
    for rule in RULES:
        for case in rule.cases:
            assert all(rows for rows in case.tables.values())
            assert all(row["because"] for row in case.expected)
            assert set(case.choices) <= names
