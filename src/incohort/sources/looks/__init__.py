"""What is worth a look in a cohort: a second list beside the faults, which never stops anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

import ibis.expr.types as ir

from incohort.results import Concern
from incohort.sources.looks import columns, days, drugs, people, samples, values
from incohort.sources.looks.measured import measured
from incohort.sources.measurements import UnitUse
from incohort.sources.raw import Raw, quoted

# One function a group of rules, in the order in which they are told. A further rule is a function
# here: it gives one `Concern` for each thing that it finds, put together by `telling.told`.
RULES: tuple[Callable[[Raw], Iterator[Concern]], ...] = (
    people.concerns,
    columns.concerns,
    drugs.concerns,
)
OF_VALUES: tuple[Callable[[Raw, ir.Table], Iterator[Concern]], ...] = (
    values.concerns,
    samples.concerns,
)


def worth_a_look(
    raw: Raw, uses: Sequence[UnitUse], today: date | None = None
) -> tuple[Concern, ...]:
    """What is worth a look in an opened cohort: the gravest first, then in the rules' order.

    What can't be read, or is outside what is accepted, is left to the faults.

    Args:
        raw: The cohort.
        uses: The units of its laboratory values.
        today: Where the clock may be asked. Without it the same cohort always gives the same.
    """
    laboratory = measured(raw, uses)
    concerns: list[Concern] = []
    if laboratory is not None:
        concerns += [concern for rule in OF_VALUES for concern in rule(raw, laboratory)]
    concerns += [concern for rule in RULES for concern in rule(raw)]
    concerns += days.concerns(raw, today)
    _forget(raw)
    return tuple(sorted(concerns, key=_order))


def _forget(raw: Raw) -> None:
    """Give back the memory of what was put together to look at."""
    tables = raw.connection.raw_sql(
        "SELECT table_name FROM information_schema.tables WHERE table_catalog = current_catalog() "
        "AND (starts_with(table_name, 'looked_at_') OR starts_with(table_name, 'odd_'))"
    )
    for (name,) in tables.fetchall():
        raw.connection.raw_sql(f"DROP TABLE {quoted(name)}")


def _order(concern: Concern) -> tuple[bool, bool]:
    """Grave ones first, and of these what makes the sickest look healthy."""
    look = concern.look
    return not look.is_grave, look.rule not in {"above_plausible", "never_low"}
