"""What is worth a look in a cohort: a second list beside the faults, which never stops anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date

import ibis.expr.types as ir

from incohort.results import Concern
from incohort.sources.looks import columns, days, people, samples, values
from incohort.sources.looks.measured import measured
from incohort.sources.measurements import UnitUse
from incohort.sources.raw import Raw

# One function a group of rules, in the order in which they are told. A further rule is a function
# here: it gives one `Concern` for each thing that it finds, put together by `telling.told`.
RULES: tuple[Callable[[Raw], Iterator[Concern]], ...] = (people.concerns, columns.concerns)
OF_VALUES: tuple[Callable[[Raw, ir.Table], Iterator[Concern]], ...] = (
    values.concerns,
    samples.concerns,
)


def worth_a_look(
    raw: Raw, uses: Sequence[UnitUse], today: date | None = None
) -> tuple[Concern, ...]:
    """What is worth a look in an opened cohort: the gravest first, then in the rules' order.

    A row of which a fault is told may stand here, too; what can't be read is left to the faults.

    Args:
        raw: The cohort.
        uses: The units of its laboratory values.
        today: Where the clock may be asked. Without it the same cohort always gives the same.
    """
    laboratory = measured(raw, uses)
    found: list[Concern] = []
    if laboratory is not None:
        found += [concern for rule in OF_VALUES for concern in rule(raw, laboratory)]
    found += [concern for rule in RULES for concern in rule(raw)]
    found += days.concerns(raw, today)
    return tuple(sorted(found, key=_order))


def _order(concern: Concern) -> tuple[bool, bool]:
    """Grave ones first, and of these what makes the sickest look healthy."""
    look = concern.look
    return not look.is_grave, look.rule != "above_plausible"
