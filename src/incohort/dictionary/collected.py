"""What a cohort may say it collected, so that an absent row may mean no."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType

from incohort.dictionary.bombs import DictionaryError
from incohort.dictionary.files import bundled
from incohort.dictionary.load import load
from incohort.dictionary.models import _Entry
from incohort.dictionary.parse import parse_file


class Collected(_Entry):
    """One kind of rows: those of `table` whose `column` is one of `values`, all without these.

    `text` says what it means for a patient who has none, where the cohort collected them.
    """

    name: str
    label: str
    table: str
    column: str | None = None
    values: tuple[str, ...] = ()
    text: str


class _Everything(_Entry):
    collected: tuple[Collected, ...]


@cache
def collectable() -> MappingProxyType[str, Collected]:
    """Everything that a cohort may say it collected, under its name, in the file's order.

    Raises:
        DictionaryError: The file is not as its model says, gives a name twice, or means rows that
            no table has.
    """
    entries = parse_file(bundled("data_dictionary") / "collected.yaml", _Everything).collected
    for entry in entries:
        spec = load().table(entry.table)
        known = {c.value for c in spec.may_be(entry.column)} if entry.column else set[str]()
        if set(entry.values) - known:
            msg = f"collected.yaml: {entry.name} means rows that {entry.table} never has."
            raise DictionaryError(msg)
    by_name = {entry.name: entry for entry in entries}
    if len(by_name) != len(entries):
        msg = "collected.yaml: a name stands twice."
        raise DictionaryError(msg)
    return MappingProxyType(by_name)
