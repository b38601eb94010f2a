"""A report that is to be released: whether it may be at all, and what of it leaves."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from incohort.errors import UsageError
from incohort.reports.entries import RECORD
from incohort.reports.identity import Known
from incohort.reports.manifest import CRATE, known_in, reports_in, written_by_a_run
from incohort.reports.reading import Shape, Text, read_shape

NEEDED = ("report.html", RECORD, "claims.json", "notebook.ipynb", CRATE)


class _Card(Shape):
    """What decides of a cohort."""

    name: Text
    is_public: bool


class _Record(Shape):
    """What decides of a report."""

    title: Text
    cohort: _Card
    failure: dict[str, Any] | None
    is_internal: bool
    profile: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One report as it lies in its folder; `files` are those that leave, under `name`."""

    folder: Path
    name: str
    title: str
    cohort: str
    is_public: bool
    profile: str
    files: tuple[str, ...]
    known: Known

    def copied_to(self, place: Path) -> Path:
        """A folder in `place` with the files that leave, and nothing else.

        Raises:
            OSError: It can't be written.
            UsageError: A file was changed meanwhile.
        """
        copy = place / self.name
        copy.mkdir(parents=True)
        for name in self.files:
            shutil.copyfile(self.folder / name, copy / name, follow_symlinks=False)
        if written_by_a_run(copy) != frozenset(self.files):
            raise UsageError(f"{self.name!r} was changed while it was copied. Try again.")
        return copy


def candidates_in(place: Path) -> tuple[Candidate, ...]:
    """The report in a folder, or all that a batch wrote below it.

    Raises:
        UsageError: There is none, or one of them may not leave.
    """
    if known_in(place) is not None or os.path.lexists(place / RECORD):
        return (_candidate(place),)
    if not place.is_dir():
        raise UsageError(f"There is no folder {str(place)!r}; name a report's, or a batch's.")
    candidates = tuple(_candidate(place / name) for name, _ in reports_in(place))
    if not candidates:
        raise UsageError(f"No report lies in {str(place)!r}; `incohort run` makes one.")
    return candidates


def _candidate(folder: Path) -> Candidate:
    name = folder.resolve().name
    record, known = read_shape(folder / RECORD, _Record), known_in(folder)
    if isinstance(record, str):
        raise UsageError(f"{name!r} can't be released: {record}.")
    ours = written_by_a_run(folder)
    changed = sorted(set(NEEDED) - ours)
    if known is None or changed:
        raise UsageError(
            f"{name!r} is not as a run wrote it ({', '.join(changed) or CRATE} is missing or was "
            "changed), so it can't be released. Run it again."
        )
    if record.is_internal or known.identity.disclosure[:1] == ("internal",):
        raise UsageError(
            f"{name!r} is internal: in it nothing is withheld, and it never leaves. Run it again "
            "without --internal and release that."
        )
    if record.failure is not None:
        raise UsageError(f"{name!r} failed before its end, so it can't be released. Run it again.")
    return Candidate(
        folder=folder.resolve(), name=name, title=record.title, cohort=record.cohort.name,
        is_public=record.cohort.is_public, profile=record.profile, files=tuple(sorted(ours)),
        known=known,
    )  # fmt: skip
