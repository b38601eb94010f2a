"""Percentages that series printed with their number, as a listing."""

from __future__ import annotations

from collections.abc import Iterable

from incohort.dictionary.printed_shares import PrintedShare
from incohort.pages.wording import CERTAINTY, Listing


def percentages(entries: Iterable[PrintedShare]) -> Listing:
    """Percentages of studies that have no file of their own, one a row."""
    rows = tuple(
        (
            entry.study,
            entry.label,
            entry.as_printed,
            str(entry.n),
            "" if entry.events is None else str(entry.events),
            entry.of,
            entry.source,
            CERTAINTY[entry.certainty],
            entry.note,
        )
        for entry in entries
    )
    heads = ("Study", "Figure", "As printed", "n", "Count", "Of", "Source", "Certainty", "Note")
    text = "Judged by their number and count alone (`incohort claims --judge`)."
    return Listing(title="Printed percentages", heads=heads, rows=rows, text=text)
