"""An opened cohort: its typed tables, its card, and how far each of its numbers is real."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import ibis.expr.types as ir

from incohort.dictionary import collectable, unknown_name
from incohort.results import CohortCard, Origin
from incohort.sources import Source, locate, read


@dataclass(frozen=True, kw_only=True)
class Cohort:
    """The tables of one cohort as Ibis expressions; rows stay where they are.

    `origins` tells of columns (`table.column` or `labs.ANALYTE`) that are invented, `held` of
    estimates that equal a published figure by construction. `collected` is what the cohort says it
    collected, None where it says nothing. `is_internal` says that the session is
    the study team's own, in which nothing is withheld.
    """

    name: str
    card: CohortCard
    tables: Mapping[str, ir.Table]
    origins: Mapping[str, Origin]
    held: frozenset[str]
    collected: frozenset[str] | None = None
    is_internal: bool = False

    @property
    def is_open(self) -> bool:
        """Whether rows may be parted at will: anybody may see them, or whoever asks may."""
        return self.card.is_public or self.is_internal

    def has(self, table: str) -> bool:
        """Whether the cohort has that table."""
        return table in self.tables

    def records(self, table: str, column: str, *values: str) -> bool:
        """Whether anybody has a row of that kind: where nobody has, it was not recorded.

        Args:
            table: A long table such as `events`.
            column: Its column that says what a row is of.
            values: The kinds asked for.
        """
        if not self.has(table):
            return False
        rows = self.tables[table]
        return int(rows.filter(rows[column].isin(values)).count().execute()) > 0

    def collects(self, name: str) -> bool | None:
        """Whether the cohort collected something, so that an absent row may mean no.

        None where it says nothing: then an absent row says nothing either. Of a cohort that lists
        what it collected, what the list leaves out was not.

        Args:
            name: As `data_dictionary/collected.yaml` lists it.

        Raises:
            UsageError: Nothing of that name can be collected.
        """
        if name not in collectable():
            raise unknown_name("thing to collect", name, collectable())
        return None if self.collected is None else name in self.collected

    def origin_of(self, key: str, sources: Sequence[str], *, is_whole: bool = True) -> Origin:
        """How far an estimate from these columns rests on patients.

        Args:
            key: The estimate's key.
            sources: The columns it was computed from.
            is_whole: Whether all patients were asked; in a subgroup nothing holds by construction.
        """
        if is_whole and key in self.held:
            is_real = self.card.origin is Origin.OBSERVED  # its spans are patients’, its dates not
            return Origin.OBSERVED if is_real else Origin.RECONSTRUCTED
        if not sources:  # worked out from a publication alone: no row of this cohort is behind it
            return Origin.OBSERVED
        if any(self.origins.get(source) is Origin.SYNTHETIC for source in sources):
            return Origin.SYNTHETIC
        return self.card.origin


def open_cohort(name_or_path: str) -> Cohort:
    """A cohort that comes along, by name, or one of the user's: a folder or a DuckDB file.

    Raises:
        UsageError: There is none of that name.
        CohortFaultsError: It breaks rules of the data dictionary.
    """
    return of_source(read(locate(name_or_path)))


def of_source(source: Source) -> Cohort:
    """A cohort from tables that have passed the door."""
    return Cohort(
        name=source.name,
        card=source.card,
        tables=source.tables,
        origins=source.origins,
        held=frozenset(source.held),
        collected=source.collected,
    )
