"""Printed margins made into rows: so many patients alike, and what is dealt out among them.

A stratum is a column of a printed table: so many patients, and for each characteristic how many of
them had which level. Each characteristic is dealt out by a seeded draw of its own, so that every
printed count comes out and nothing is said of who had two of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np

from incohort.dictionary import load
from incohort.synthetic.cards import Card
from incohort.synthetic.folder import MadeCohort, MadeTable, Record, write_folder

Item = TypeVar("Item")
_TO = ".."
Fact = tuple[str, Record]  # a table, and a row of it without its patient


@dataclass(frozen=True, slots=True)
class Part:
    """So many patients of whom the same is written; without facts, of whom nothing is."""

    n: int
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """So many patients: what is true of them all, and what of so many of them.

    `dealt` is one tuple of parts a characteristic; the parts of each add up to `n`.
    """

    name: str
    n: int
    facts: tuple[Fact, ...] = ()
    dealt: tuple[tuple[Part, ...], ...] = ()


@dataclass(slots=True)
class Dealt:
    """One patient with all that is written of them; a cohort's program may write more."""

    patient_id: str
    stratum: str
    facts: list[Fact] = field(default_factory=list)

    def write(self, table: str, **row: str) -> None:
        """Write one row more."""
        self.facts.append((table, row))


def some(n: int, of: int, *facts: Fact) -> tuple[Part, Part]:
    """A characteristic that `n` of so many patients have, and of which nothing else is written."""
    return Part(n, facts), Part(of - n)


def deal(initial: str, strata: Sequence[Stratum], rng: np.random.Generator) -> list[Dealt]:
    """All patients, numbered in an order that tells nothing, each with what was dealt to them."""
    every = [stratum for stratum in strata for _ in range(stratum.n)]
    order = [every[i] for i in rng.permutation(len(every))]
    width = max(2, len(str(len(every))))
    roster = [
        Dealt(f"{initial}{number:0{width}d}", stratum.name, list(stratum.facts))
        for number, stratum in enumerate(order, start=1)
    ]
    for stratum in strata:
        members = [patient for patient in roster if patient.stratum == stratum.name]
        for parts in stratum.dealt:
            deal_among(members, parts, rng)
    for patient in roster:
        patient.facts = [(table, _drawn(row, rng)) for table, row in patient.facts]
    return roster


def deal_among(members: Sequence[Dealt], parts: Sequence[Part], rng: np.random.Generator) -> None:
    """Deal one characteristic out among some patients: nothing in it is a range to draw from."""
    hand = shuffled([part for part in parts for _ in range(part.n)], len(members), rng)
    for patient, part in zip(members, hand, strict=True):
        patient.facts.extend(part.facts)


def between(low: str, high: str) -> str:
    """A number to be drawn for each patient, with as many decimals as its limits, which may occur.

    >>> between("1.50", "1.99")
    '1.50..1.99'
    """
    return f"{low}{_TO}{high}"


def dealt_numbers(counts: Sequence[tuple[str, int]], rng: np.random.Generator) -> list[str]:
    """So many of each number or range, in an order that is drawn; ranges drawn from, too."""
    hand = [number for number, n in counts for _ in range(n)]
    return [_number(number, rng) for number in shuffled(hand, len(hand), rng)]


def _drawn(row: Record, rng: np.random.Generator) -> Record:
    """The row with a number in place of each range."""
    return {column: _number(value, rng) for column, value in row.items()}


def _number(value: str, rng: np.random.Generator) -> str:
    low, to, high = value.partition(_TO)
    if not to:
        return value
    decimals = len(low.partition(".")[2])
    steps = [round(float(limit) * 10**decimals) for limit in (low, high)]
    return f"{int(rng.integers(steps[0], steps[1] + 1)) / 10**decimals:.{decimals}f}"


def shuffled(hand: Sequence[Item], n: int, rng: np.random.Generator) -> list[Item]:
    """What is dealt to n patients, in an order that is drawn."""
    if len(hand) != n:
        msg = f"{len(hand)} findings are dealt to {n} patients"
        raise ValueError(msg)
    return [hand[i] for i in rng.permutation(n)]


def write_dealt(name: str, card: Card, roster: Sequence[Dealt], out: Path) -> None:
    """Write the patients as a cohort folder; tables and columns stand in the dictionary's order."""
    cohort = MadeCohort(
        name=name,
        title=card.title,
        description=card.description,
        sources=card.sources,
        tables=tuple(_tables(roster)),
        incohort=card.incohort,
    )
    write_folder(cohort, out)


def _tables(roster: Sequence[Dealt]) -> Iterator[MadeTable]:
    for table, spec in load().tables.items():
        records = [
            {"patient_id": patient.patient_id, **row}
            for patient in roster
            for row in _rows(patient, table)
        ]
        written = {column for record in records for column in record}
        if records:
            columns = tuple(column.name for column in spec.columns if column.name in written)
            yield MadeTable(table, columns, records)


def _rows(patient: Dealt, table: str) -> list[Record]:
    """A patient's rows of a table; what is known of the patient is one row."""
    rows = [row for of_table, row in patient.facts if of_table == table]
    if table != "patients":
        return rows
    return [{column: value for row in rows for column, value in row.items()}]
