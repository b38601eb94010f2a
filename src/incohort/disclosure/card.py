"""What may be told of a cohort's files and of what is odd in them: never how many rows they have.

The number of rows counts patients. A hash is an oracle: a table of three rows is found by trying
all that it could hold. So are a file's size and its time of change, which no card has.
"""

from __future__ import annotations

from dataclasses import replace

from incohort.disclosure.profiles import Profile
from incohort.results import CohortCard, Look


def gate_card(card: CohortCard, profile: Profile) -> CohortCard:
    """The card as it may be shown.

    Args:
        card: As the door made it.
        profile: An open one shows the numbers of rows and of what is worth a look; a restricted
            cohort's hashes are shown by none, for a report that was to stay within a study team
            may still leave it.
    """
    files, looks = card.files, card.looks
    if not card.is_public:
        files = tuple(replace(file, sha256=None) for file in files)
    if not profile.is_open:
        files = tuple(replace(file, n_rows=None) for file in files)
        looks = None if looks is None else tuple(_look(look, profile) for look in looks)
    return replace(card, files=files, looks=looks)


def _look(look: Look, profile: Profile) -> Look:
    """An entry with its patients where neither they nor those who don't have it are few."""
    n, of = look.n_patients, look.of
    is_told = n is not None and of is not None and min(n, of - n) > profile.limit
    base = profile.base
    shown = (n + base // 2) // base * base if is_told and n is not None else None
    return replace(look, n_rows=None, n_patients=shown, of=None)
