"""What a paper has to report, item by item, and where a report answers it."""

from __future__ import annotations

from functools import cache
from typing import Annotated

from pydantic import Field

from incohort.dictionary.files import bundled
from incohort.dictionary.models import _Entry
from incohort.dictionary.parse import parse_file

EVERY = "all"  # in place of a study, for what all of them answer in one place


class ChecklistItem(_Entry):
    """One item: what it asks, where each study answers it, or that it was not done.

    `where` has a key without its study, or a part of the page (`#methods`), by study.
    """

    item: str
    asks: str
    where: Annotated[dict[str, str], Field(default_factory=dict)]
    absent: str = ""

    def place_in(self, study: str) -> str:
        """Where a study's report answers it; empty where that is the authors' to do."""
        return self.where.get(study, self.where.get(EVERY, ""))


class Checklist(_Entry):
    """A reporting guideline, for some studies of the suite."""

    name: str
    title: str
    source: str
    studies: tuple[str, ...]
    items: tuple[ChecklistItem, ...]


class Checklists(_Entry):
    """Everything in `checklists.yaml`."""

    checklists: tuple[Checklist, ...]


@cache
def checklists_for(study: str) -> tuple[Checklist, ...]:
    """The reporting guidelines that a study's report fills as far as a run can.

    Raises:
        DictionaryError: The file is not as its model says.
    """
    guidelines = parse_file(bundled("data_dictionary") / "checklists.yaml", Checklists)
    return tuple(checklist for checklist in guidelines.checklists if study in checklist.studies)
