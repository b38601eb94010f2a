"""How deep a neutropenia is: the grade of a count in a system of the dictionary."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from incohort.dictionary import SeveritySystem

NOT_NEUTROPENIC = "none"


def grade(anc: ir.FloatingValue, system: SeveritySystem) -> ir.StringValue:
    """The name of the grade that a count falls in, `none` above the limit, NULL without a count.

    A grade holds its lower bound: a count of 1.0 is mild where moderate ends below 1.0.

    Args:
        anc: Absolute neutrophil count, 10⁹/L.
        system: Grades by `low` ≤ ANC < `high`.
    """
    branches = [(anc >= system.upper_limit, ibis.literal(NOT_NEUTROPENIC))]
    branches += [
        (anc >= entry.low, ibis.literal(entry.name))
        for entry in sorted(system.grades, key=lambda entry: -(entry.low or 0))
        if entry.low is not None
    ]
    lowest = next(entry for entry in system.grades if entry.low is None)
    branches.append((anc.notnull(), ibis.literal(lowest.name)))
    return ibis.cases(*branches)
