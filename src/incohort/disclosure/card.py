"""What may be told of a cohort's files: not how many rows they have, which counts the patients."""

from __future__ import annotations

from dataclasses import replace

from incohort.disclosure.profiles import Profile
from incohort.results import CohortCard


def gate_card(card: CohortCard, profile: Profile) -> CohortCard:
    """The card as it may be shown: without the numbers of rows, unless everything is shown."""
    if profile.is_open:
        return card
    return replace(card, files=tuple(replace(file, n_rows=None) for file in card.files))
