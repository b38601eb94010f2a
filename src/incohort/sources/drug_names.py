"""A drug of a row by its code or its name; the names that occur are read once, in Python."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from incohort.dictionary import load
from incohort.dictionary.drug_names import name_key


@dataclass(frozen=True, kw_only=True)
class DrugNames:
    """The names in a column of drugs, each with the ATC code that it is read as, or None."""

    codes: dict[str, str | None]

    def is_one_of(
        self, atc: ir.StringValue, drug: ir.StringValue, codes: Collection[str]
    ) -> ir.BooleanValue:
        """Whether a row is of one of these codes: by its code, or by its name without one."""
        named = [name for name, code in self.codes.items() if code in codes]
        by_name = atc.isnull() & drug.isin(named)
        return (atc.isin(sorted(codes)) | by_name).fill_null(False)  # noqa: FBT003 — a value

    def is_read(self, atc: ir.StringValue, drug: ir.StringValue) -> ir.BooleanValue:
        """Whether it can be told what a row's drug is: it has a code, or a name that is known."""
        known = [name for name, code in self.codes.items() if code]
        return atc.notnull() | drug.isin(known).fill_null(False)  # noqa: FBT003 — a value

    def may_be_one_of(
        self, atc: ir.StringValue, drug: ir.StringValue, codes: Collection[str]
    ) -> ir.BooleanValue:
        """Whether a row that is none of these may yet be one of them.

        Nobody knows its name, or its code is that of a whole group in which they are.
        """
        groups = {code[:size] for code in codes for size in (1, 3, 4, 5) if size < len(code)}
        is_wider = atc.isin(sorted(groups - set(codes)))
        return ~self.is_read(atc, drug) | is_wider.fill_null(False)  # noqa: FBT003 — a value

    def substance(self, atc: ir.StringValue, drug: ir.StringValue) -> ir.StringValue:
        """One word for all codes and names of a drug; a name nobody knows stands for itself."""
        present = {code: entry.atc for entry in load().drugs for code in entry.all_atc}
        words = {
            name: present.get(code, code) if code else name_key(name) or name
            for name, code in self.codes.items()
        }
        named = drug.substitute(words) if words else drug
        former = {code: new for code, new in present.items() if code != new}
        return ibis.cases((atc.isnull(), named), else_=atc.substitute(former))


_NAMES: ContextVar[tuple[str, ...] | None] = ContextVar("names", default=None)


def names_in(drug: ir.StringColumn) -> DrugNames:
    """What the different names in a column of drugs are read as; the column is asked at once."""
    names = _NAMES.get()
    if names is None:
        names = tuple(sorted(distinct_names(drug).execute()["drug"]))
    return DrugNames(codes={name: load().code_of(name) for name in names})


def distinct_names(drug: ir.StringColumn) -> ir.Table:
    """The different names in a column of drugs, as its one column `drug`."""
    return drug.name("drug").as_table().distinct().filter(lambda names: names.drug.notnull())


@contextmanager
def names_are(names: tuple[str, ...]) -> Iterator[None]:
    """Inside, `names_in` answers with these, which are all that occur, and asks no column."""
    before = _NAMES.set(names)
    try:
        yield
    finally:
        _NAMES.reset(before)
