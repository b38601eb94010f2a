"""How deep a neutropenia is: the grade of a count in a system of the dictionary."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from incohort.cohort.choices import Infants
from incohort.cohort.values import is_below
from incohort.dictionary import Grade, SeveritySystem, load

NOT_NEUTROPENIC = "none"


def with_limits(
    counts: ir.Table, infants: Infants, upper_limit: float, infant_limit: float | None
) -> ir.Table:
    """Neutrophil counts with the limit below which each is low, and whose limit that is.

    From the age that `infants` chooses to the first birthday the limit is that of infants.
    It depends on the age on the day of the count, so that a child
    followed past the first birthday is held against both. An age given in years has to be below 1:
    a 1 may stand for any age up to 2. Newborns before that age have no limit of their own in the
    sources, and whose age is not known none that could be chosen: both have the system's.

    Args:
        counts: Neutrophil counts from `values.dated`.
        infants: The alternative of `infant_limit_begins`, or `as_adults`.
        upper_limit: The severity system's limit, which holds for everybody else, 10⁹/L.
        infant_limit: The limit of infants, 10⁹/L; None: they are graded as adults.

    Returns:
        `counts` with `low_below`, 10⁹/L, and `limit_of`: `infant`, `system`, or `unknown_age` where
        the system's limit stands in for want of an age.
    """
    if infant_limit is None:
        return counts.mutate(low_below=ibis.literal(upper_limit), limit_of=ibis.literal("system"))
    known = load()
    begins = known.threshold("infant_limit_begins", infants).in_days
    ends = known.threshold("infant_limit_ends", "one_year").in_days
    age = counts.age_days
    is_infant = (age >= begins) & (age < ends)
    return counts.mutate(
        low_below=ibis.cases((is_infant, infant_limit), else_=upper_limit),
        limit_of=ibis.cases((is_infant, "infant"), (age.notnull(), "system"), else_="unknown_age"),
    )


def grade(
    anc: ir.FloatingValue,
    comparator: ir.StringValue,
    system: SeveritySystem,
    limit: ir.FloatingValue | None = None,
) -> ir.StringValue:
    """The name of the grade that a count falls in, `none` above the limit, NULL without a count.

    A grade holds its lower bound: a count of 1.0 is mild where moderate ends below 1.0. A count
    known on one side only has a grade where that side decides: < 0.5 is severe, > 2.0 is none, and
    < 1.0, which may be moderate or severe, is NULL.

    Args:
        anc: Absolute neutrophil count, 10⁹/L.
        comparator: Which side of it the truth lies on; NULL for an exact count.
        system: Grades by `low` ≤ ANC < `high`.
        limit: From where on a count is in no grade, 10⁹/L, at most the system's upper limit; None:
            the system's upper limit.
    """
    lowest = next(entry for entry in system.grades if entry.low is None)
    bounds = sorted((entry for entry in system.grades if entry is not lowest), key=_low)
    deepest = min((_low(entry) for entry in bounds[:1]), default=system.upper_limit)
    deepest = min(deepest, system.upper_limit) if limit is None else ibis.least(deepest, limit)
    upper = system.upper_limit if limit is None else limit
    exact = comparator.isnull()
    return ibis.cases(
        (exact & (anc >= upper), NOT_NEUTROPENIC),
        *((exact & (anc >= _low(entry)), entry.name) for entry in reversed(bounds)),
        (exact & anc.notnull(), lowest.name),
        (is_below(anc, comparator, deepest), lowest.name),
        (~is_below(anc, comparator, upper), NOT_NEUTROPENIC),
    )


def _low(entry: Grade) -> float:
    return entry.low or 0.0
