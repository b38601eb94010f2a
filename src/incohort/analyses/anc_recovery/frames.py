"""The frames of a cohort, each derived once: a report asks again for what the last one asked."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

import pandas as pd

from incohort.cohort import (
    Choices,
    Cohort,
    RecoveryChoices,
    counts_frame,
    episode_frame,
    patient_numbers,
)
from incohort.cohort.dated_events import severe_infections
from incohort.cohort.episode_frame import timed_table
from incohort.cohort.recovery_times import recovery_times
from incohort.shapes.population import Population, Selection, select

_T = TypeVar("_T")
# By the cohort's identity, as tables have no equality; what a cohort asked for goes when it goes.
_KEPT: dict[int, dict[object, Any]] = {}


def population_of(cohort: Cohort, choices: Choices, selection: Selection) -> Population:
    """Who is described, by `select`; not to be changed in place."""
    return _once(cohort, select, choices, selection)


def episodes_of(cohort: Cohort, choices: RecoveryChoices) -> pd.DataFrame:
    """`episode_frame`; not to be changed in place."""
    return _once(cohort, episode_frame, choices, table=_timed(cohort, choices))


def counts_of(cohort: Cohort, choices: RecoveryChoices) -> pd.DataFrame:
    """`counts_frame`; not to be changed in place."""
    return _once(cohort, counts_frame, choices, table=_timed(cohort, choices))


def times_of(cohort: Cohort, choices: RecoveryChoices) -> pd.DataFrame:
    """`recovery_times`, the same for each time zero; not to be changed in place."""
    return _once(cohort, recovery_times, replace(choices, time_zero="first_low"))


def infections_of(cohort: Cohort) -> pd.DataFrame:
    """`severe_infections`; not to be changed in place."""
    return _once(cohort, severe_infections)


def numbers_of(cohort: Cohort) -> dict[str, int]:
    """`patient_numbers`; not to be changed in place."""
    return _once(cohort, patient_numbers)


def _timed(cohort: Cohort, choices: RecoveryChoices) -> object:
    """The episodes where the rows are, from which both frames come; None without counts."""
    if not cohort.has("labs"):
        return None
    return _once(cohort, timed_table, choices)


def _once(cohort: Cohort, derive: Callable[..., _T], *choices: Any, **given: Any) -> _T:
    if id(cohort) not in _KEPT:
        _KEPT[id(cohort)] = {}
        weakref.finalize(cohort, _KEPT.pop, id(cohort), None)
    kept = _KEPT[id(cohort)]
    asked = (derive.__name__, *choices)
    if asked not in kept:
        kept[asked] = derive(cohort, *choices, **given)
    found: _T = kept[asked]
    return found
