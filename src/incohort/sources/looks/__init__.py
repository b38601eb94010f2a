"""What is worth a look in a cohort: a second list beside the faults, which never stops anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from incohort.results import Concern
from incohort.sources.looks import values
from incohort.sources.measurements import UnitUse
from incohort.sources.raw import Raw

# One function a group of rules, each called once. A further rule is a function here.
RULES: tuple[Callable[[Raw, Sequence[UnitUse]], Iterator[Concern]], ...] = (values.concerns,)


def worth_a_look(raw: Raw, uses: Sequence[UnitUse]) -> tuple[Concern, ...]:
    """What is worth a look in an opened cohort: the gravest first, then in the rules' order.

    A row of which a fault is told may stand here, too; what can't be read is left to the faults.
    """
    found = [concern for rule in RULES for concern in rule(raw, uses)]
    return tuple(sorted(found, key=lambda concern: not concern.look.is_grave))
