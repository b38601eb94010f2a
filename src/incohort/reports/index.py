"""`index.html`, `claims.html`, `judged.html`: what lies in a folder, and what was found."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from incohort.claims.by_itself import all_judged, published_judged
from incohort.reports.cohort_list import cohorts_in
from incohort.reports.entries import entries_in
from incohort.reports.judged_view import judged_views, tally
from incohort.reports.manifest import with_page_seal
from incohort.reports.place import write_whole
from incohort.reports.reading import LeftOut
from incohort.reports.register import claims_register, judgements_in
from incohort.reports.replacing import refuse_others_pages
from incohort.reports.templating import render, script

NO_CHANGES: Mapping[str, str] = MappingProxyType({})


def write_index(out: Path, changes: Mapping[str, str] = NO_CHANGES) -> tuple[LeftOut, ...]:
    """List what lies in `out`, by cohort and then by notebook, and every published figure.

    What is foreign, damaged or can't be read is left out, and comes back.

    Args:
        out: The folder of the reports.
        changes: By folder, what differs from the last run of the same report.

    Raises:
        UsageError: A page of that name is somebody's own.
    """
    refuse_others_pages(out)
    listed, left_out = entries_in(out)
    judgements = judgements_in(listed, out)
    is_internal = any(entry.is_internal for entry in listed)
    register = claims_register(judgements)
    pages = {
        "claims.html": render("claims.html.j2", is_internal=is_internal, studies=register),
        "judged.html": _judged(is_internal=is_internal),
        "index.html": render(
            "index.html.j2",
            is_internal=is_internal,
            entries=listed,
            cohorts=cohorts_in(listed),
            changes=changes,
            script=script(),
        ),
    }
    for name, page in pages.items():
        write_whole(out / name, with_page_seal(page))
    return (*left_out, *judgements.left_out)


def _judged(*, is_internal: bool) -> str:
    """The page of figures that were held against what was printed beside them."""
    sources = published_judged()
    return render(
        "judged.html.j2",
        is_internal=is_internal,
        views=judged_views(sources),
        tally=tally(all_judged(sources)),
    )
