"""The cohorts of which reports lie in a folder, and which notebooks can say something of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from incohort.analyses.studies import needs_of
from incohort.reports.entries import Entry
from incohort.reports.notebooks import bundled_notebooks, read_notebook
from incohort.reports.templating import Badge


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A notebook beside a cohort: its report here, or what it lacks, or that it can be run."""

    title: str
    folder: str = ""
    lacks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedCohort:
    """A cohort with what is said of it, and each notebook that comes along beside it."""

    name: str
    title: str
    badges: tuple[Badge, ...]
    notice: str
    notebooks: tuple[Asked, ...]


def cohorts_in(entries: Sequence[Entry]) -> tuple[ListedCohort, ...]:
    """The cohorts of some reports, in the reports' order."""
    return tuple(
        _listed(name, tuple(own)) for name, own in groupby(entries, key=lambda one: one.cohort)
    )


def _listed(name: str, own: tuple[Entry, ...]) -> ListedCohort:
    first = own[0]
    return ListedCohort(
        name=name,
        title=first.cohort_title,
        badges=first.badges,
        notice=first.notices[0] if first.notices else "",
        notebooks=tuple(_asked(notebook, own) for notebook in bundled_notebooks()),
    )


def _asked(notebook: str, own: Iterable[Entry]) -> Asked:
    """What is there of a notebook: a report at its defaults before others."""
    own = tuple(own)
    made = sorted(
        (one for one in own if one.notebook == notebook and not one.failed),
        key=lambda one: len(one.changed),
    )
    tables = {name.partition(".")[0] for one in own for name in one.files if _is_table(name)}
    lacks = tuple(table for table in needs_of(notebook) if tables and table not in tables)
    return Asked(
        title=read_notebook(notebook).title,
        folder=made[0].folder if made else "",
        lacks=() if made else lacks,
    )


def _is_table(name: str) -> bool:
    return name.endswith((".csv", ".parquet"))
