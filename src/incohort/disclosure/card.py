"""What may be told of a cohort's files: neither how many rows they have, nor a mark of them.

The number of rows counts patients. A hash is an oracle: a table of three rows is found by trying
all that it could hold. So are a file's size and its time of change, which no card has.
"""

from __future__ import annotations

from dataclasses import replace

from incohort.disclosure.profiles import Profile
from incohort.results import CohortCard


def gate_card(card: CohortCard, profile: Profile) -> CohortCard:
    """The card as it may be shown.

    Args:
        card: As the door made it.
        profile: An open one shows the numbers of rows; a restricted cohort's hashes are shown by
            none, for a report that was to stay within a study team may still leave it.
    """
    files = card.files
    if not card.is_public:
        files = tuple(replace(file, sha256=None) for file in files)
    if not profile.is_open:
        files = tuple(replace(file, n_rows=None) for file in files)
    return replace(card, files=files)
