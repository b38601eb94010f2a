"""`index.html` and `claims.html`: the reports that lie in a folder, and what they found."""

from __future__ import annotations

from pathlib import Path

from incohort.reports.entries import entries_in
from incohort.reports.place import write_whole
from incohort.reports.register import claims_register
from incohort.reports.templating import render


def write_index(out: Path) -> None:
    """List what lies in `out`, by cohort and then by notebook, and every published figure."""
    listed = entries_in(out)
    is_internal = any(entry.is_internal for entry in listed)
    register = claims_register(listed, out)
    pages = {
        "claims.html": render("claims.html.j2", is_internal=is_internal, studies=register),
        "index.html": render("index.html.j2", is_internal=is_internal, entries=listed),
    }
    for name, page in pages.items():
        write_whole(out / name, page)
