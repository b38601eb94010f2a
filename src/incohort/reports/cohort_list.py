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
        _listed(name, tuple(group))
        for name, group in groupby(entries, key=lambda entry: entry.cohort)
    )


def _listed(name: str, entries: tuple[Entry, ...]) -> ListedCohort:
    first = entries[0]
    return ListedCohort(
        name=name,
        title=first.cohort_title,
        badges=first.badges,
        notice=first.notices[0] if first.notices else "",
        notebooks=tuple(_asked(notebook, entries) for notebook in bundled_notebooks()),
    )


def _asked(notebook: str, entries: Iterable[Entry]) -> Asked:
    """What is there of a notebook: a report at its defaults before others."""
    entries = tuple(entries)
    reports = sorted(
        (entry for entry in entries if entry.notebook == notebook and not entry.failed),
        key=lambda entry: len(entry.changed),
    )
    tables = {
        name.partition(".")[0] for entry in entries for name in entry.files if _is_table(name)
    }
    lacks = tuple(table for table in needs_of(notebook) if tables and table not in tables)
    return Asked(
        title=read_notebook(notebook).title,
        folder=reports[0].folder if reports else "",
        lacks=() if reports else lacks,
    )


def _is_table(name: str) -> bool:
    return name.endswith((".csv", ".parquet"))
