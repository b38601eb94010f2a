"""Percentages that series printed with their number, of studies that have no file of their own."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import Field

from incohort.dictionary.figures import Figure, ShareCheck, Unit
from incohort.dictionary.files import bundled
from incohort.dictionary.models import Certainty, _Entry
from incohort.dictionary.rows import parse_rows


class PrintedShare(_Entry):
    """One row of `evidence/printed_percentages.csv`: a printed percentage, of how many, the count.

    `events` is left out where no count is known. Nothing is filled in.
    """

    study: str
    label: str
    of: Unit = "patients"
    as_printed: str
    n: Annotated[int, Field(gt=0)]
    events: Annotated[int, Field(ge=0)] | None = None
    source: str
    certainty: Certainty
    note: str = ""

    @property
    def figure(self) -> Figure:
        """It as a figure that is judged by its number."""
        return Figure(
            label=self.label,
            as_printed=self.as_printed,
            of=self.of,
            share=ShareCheck(n=self.n, events=self.events),
            note=self.note,
        )


@cache
def printed_shares() -> tuple[PrintedShare, ...]:
    """The percentages of this installation, in the file's order.

    Raises:
        DictionaryError: A row of the file is not as its model says.
    """
    path = bundled("data_dictionary") / "evidence" / "printed_percentages.csv"
    return parse_rows(path, PrintedShare, optional=("events", "of"))
