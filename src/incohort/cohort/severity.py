"""How deep a neutropenia is: the grade of a count in a system of the dictionary."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from incohort.cohort.values import is_below
from incohort.dictionary import Grade, SeveritySystem

NOT_NEUTROPENIC = "none"


def grade(
    anc: ir.FloatingValue, comparator: ir.StringValue, system: SeveritySystem
) -> ir.StringValue:
    """The name of the grade that a count falls in, `none` above the limit, NULL without a count.

    A grade holds its lower bound: a count of 1.0 is mild where moderate ends below 1.0. A count
    known on one side only has a grade where that side decides: < 0.5 is severe, > 2.0 is none, and
    < 1.0, which may be moderate or severe, is NULL.

    Args:
        anc: Absolute neutrophil count, 10⁹/L.
        comparator: Which side of it the truth lies on; NULL for an exact count.
        system: Grades by `low` ≤ ANC < `high`.
    """
    lowest = next(entry for entry in system.grades if entry.low is None)
    bounds = sorted((entry for entry in system.grades if entry is not lowest), key=_low)
    deepest = system.upper_limit if not bounds else min(_low(bounds[0]), system.upper_limit)
    exact = comparator.isnull()
    return ibis.cases(
        (exact & (anc >= system.upper_limit), NOT_NEUTROPENIC),
        *((exact & (anc >= _low(entry)), entry.name) for entry in reversed(bounds)),
        (exact & anc.notnull(), lowest.name),
        (is_below(anc, comparator, deepest), lowest.name),
        (~is_below(anc, comparator, system.upper_limit), NOT_NEUTROPENIC),
    )


def _low(entry: Grade) -> float:
    return entry.low or 0.0
