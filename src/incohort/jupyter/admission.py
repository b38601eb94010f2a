"""The door, as the command line asks at it: in another process, so it answers with plain values."""

from __future__ import annotations

from incohort import sources
from incohort.errors import CohortFaultsError
from incohort.reports.jobs import Admission


def admit(name_or_path: str) -> Admission:
    """The cohort of that name, or in that folder, checked against the dictionary.

    Raises:
        UsageError: There is no such cohort.
    """
    path = sources.locate(name_or_path).resolve()  # a kernel works in a folder of its own
    try:
        source = sources.read(path, is_looked_at=True)
    except CohortFaultsError as error:
        return Admission(name=error.cohort, path=str(path), card=None, faults=error.faults)
    card = source.card
    return Admission(name=card.name, path=str(path), card=card, concerns=source.concerns)
