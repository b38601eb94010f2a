"""The frames of a cohort, each derived once: a report asks again for what the last one asked."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, TypeVar

import pandas as pd

from incohort.cohort.episode_frame import counts_frame, episode_frame, timed_table
from incohort.cohort.opened import Cohort
from incohort.cohort.recovery_choices import RecoveryChoices

_T = TypeVar("_T")
# By the cohort's identity, as tables have no equality; what a cohort asked for goes when it goes.
_KEPT: dict[int, dict[object, Any]] = {}


def once(cohort: Cohort, derive: Callable[..., _T], *choices: Any, **given: Any) -> _T:
    """What is derived of a cohort by some choices; not to be changed in place."""
    if id(cohort) not in _KEPT:
        _KEPT[id(cohort)] = {}
        weakref.finalize(cohort, _KEPT.pop, id(cohort), None)
    kept = _KEPT[id(cohort)]
    asked = (derive.__name__, *choices)
    if asked not in kept:
        kept[asked] = derive(cohort, *choices, **given)
    frame: _T = kept[asked]
    return frame


def episodes_of(cohort: Cohort, choices: RecoveryChoices) -> pd.DataFrame:
    """The episodes of a cohort, one row each."""
    return once(cohort, episode_frame, choices, table=_timed(cohort, choices))


def counts_of(cohort: Cohort, choices: RecoveryChoices) -> pd.DataFrame:
    """The dated counts of a cohort, each with the episode that it is of."""
    return once(cohort, counts_frame, choices, table=_timed(cohort, choices))


def _timed(cohort: Cohort, choices: RecoveryChoices) -> object:
    """The episodes where the rows are, from which both frames come; None without counts."""
    return once(cohort, timed_table, choices) if cohort.has("labs") else None
