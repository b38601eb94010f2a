"""Opening a cohort from a notebook, whether a person or the runner started it."""

from __future__ import annotations

from incohort import cohort
from incohort.cohort import Cohort
from incohort.errors import UsageError
from incohort.jupyter.banner import announce
from incohort.reports.handover import from_environment


def open_cohort(name: str) -> Cohort:
    """The cohort of that name, or in that folder, checked against the dictionary.

    In a run the cohort lies where the runner said, and `name` is only what it is called.

    Raises:
        UsageError: There is no such cohort; or it is restricted, in a run of a public one.
        CohortFaultsError: It breaks the dictionary's rules; all faults come at once.
    """
    handover = from_environment()
    is_handed_over = bool(handover.path) and name == handover.name
    opened = cohort.open_cohort(handover.path if is_handed_over else name)
    if handover.is_public and not handover.is_internal and not opened.card.is_public:
        raise UsageError(
            f"The cohort {opened.card.name!r} is restricted, and this run is of a public one, of "
            "which everything is shown. Name the restricted one with --cohort."
        )
    announce(opened.card, handover)
    return opened
