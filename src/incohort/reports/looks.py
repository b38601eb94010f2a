"""What is worth a look, as it is told: on a report's first screen, and on pages of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from incohort.reports.templating import render
from incohort.results import CohortCard, Concern, Look

PAGE = "worth-a-look.html"
ROWS_PAGE = "worth-a-look-rows.html"
_FIRST = 3  # entries on a report's first screen


@dataclass(frozen=True, slots=True, kw_only=True)
class LooksTold:
    """What a report's first screen says: the gravest entries, how many more, where all stand."""

    first: tuple[Look, ...]
    n_more: int
    page: str
    rows_page: str

    @property
    def n(self) -> int:
        """How many entries there are."""
        return len(self.first) + self.n_more


def looks_told(card: CohortCard, *, shows_rows: bool) -> LooksTold | None:
    """What is told of a cohort on the first screen; None where nobody looked.

    Args:
        card: The card after the gate.
        shows_rows: Whether the page with rows lies beside the report.
    """
    if card.looks is None:
        return None
    grave = [look for look in card.looks if look.is_grave]
    first = tuple(grave or card.looks[:_FIRST])
    return LooksTold(
        first=first,
        n_more=len(card.looks) - len(first),
        page=PAGE,
        rows_page=ROWS_PAGE if shows_rows else "",
    )


def write_looks(
    folder: Path, card: CohortCard, concerns: Sequence[Concern], is_internal: bool
) -> None:
    """Write the page of entries into a report's folder, and the one with rows where that may be.

    Args:
        folder: The report's folder.
        card: The card after the gate.
        concerns: What is worth a look with patients' rows; none where they may not be shown.
        is_internal: Whether every page is marked as internal.
    """
    if not card.looks:
        return
    page = render("looks.html.j2", is_internal=is_internal, cohort=card.name, looks=card.looks)
    (folder / PAGE).write_text(page, encoding="utf-8")
    if concerns:
        page = render(
            "looks_rows.html.j2",
            is_internal=is_internal,
            cohort=card.name,
            concerns=concerns,
            with_patients=True,
        )
        (folder / ROWS_PAGE).write_text(page, encoding="utf-8")
