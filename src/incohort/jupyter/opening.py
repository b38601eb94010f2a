"""Opening a cohort from a notebook, whether a person or the runner started it."""

from __future__ import annotations

import os
from dataclasses import replace

from incohort import cohort as rooms
from incohort.analyses import own
from incohort.analyses.own import Episodes, Patients
from incohort.cohort import Cohort
from incohort.errors import UsageError
from incohort.jupyter.banner import announce
from incohort.jupyter.closing import note_opened
from incohort.jupyter.guard import guard_here
from incohort.reports.handover import from_environment


def open_cohort(name: str) -> Cohort:
    """The cohort of that name, or in that folder, checked against the dictionary.

    In a run the cohort lies where the runner said, and `name` is only what it is called.

    Raises:
        UsageError: There is no such cohort; or it is restricted, in a run of a public one.
        CohortFaultsError: It breaks the dictionary's rules; all faults come at once.
    """
    if not isinstance(name, str | os.PathLike):
        raise UsageError("open_cohort takes the name of a cohort or of its folder.")
    name, handover = os.fspath(name), from_environment()
    is_handed_over = bool(handover.path) and name == handover.name
    opened = rooms.open_cohort(handover.path if is_handed_over else name)
    opened = replace(opened, is_internal=handover.is_internal)
    if handover.is_public and not handover.is_internal and not opened.card.is_public:
        raise UsageError(
            f"The cohort {opened.card.name!r} is restricted, and this run is of a public one, of "
            "which everything is shown. Name the restricted one with --cohort."
        )
    announce(opened.card, handover)
    note_opened(opened.card)
    if not opened.is_open:
        guard_here()
    return opened


def patients(cohort: Cohort, **choices: object) -> Patients:
    """All patients of a cohort, to be kept step by step and asked.

    Args:
        cohort: From `open_cohort`.
        choices: Clinical alternatives by name, as a notebook's parameters have them.

    Raises:
        UsageError: A choice or its value is not known.
    """
    is_open = _opened(cohort).card.is_public or from_environment().is_internal
    return own.patients(cohort, is_open=is_open, **choices)


def episodes(cohort: Cohort, **choices: object) -> Episodes:
    """The timed episodes of a cohort, to be kept step by step and asked.

    Args:
        cohort: From `open_cohort`.
        choices: Parameters of the study of recovery, by name.

    Raises:
        UsageError: A name is not known, or its value is refused.
    """
    is_open = _opened(cohort).card.is_public or from_environment().is_internal
    return own.episodes(cohort, is_open=is_open, **choices)


def _opened(cohort: object) -> Cohort:
    """What `open_cohort` gave.

    Raises:
        UsageError: It is something else: its name, mostly.
    """
    if isinstance(cohort, Cohort):
        return cohort
    msg = "Open the cohort first: ic.patients(ic.open_cohort(…)), and ic.episodes likewise."
    raise UsageError(msg)
