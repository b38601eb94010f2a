"""How long something lasted: median, quartiles and extremes of those in whom it is known."""

from __future__ import annotations

import pandas as pd

from incohort.results import Measure, Row
from incohort.shapes.sets import YES, Members
from incohort.shapes.tabular import cell, cells, row
from incohort.shapes.telling import Draft
from incohort.stats import NoEstimate
from incohort.stats.location import summarise


def span(draft: Draft, name: str, label: str, spans: pd.Series, members: Members) -> Row:
    """Quartiles and extremes of some days; an extreme is of those alone who have it.

    Args:
        draft: Takes the results.
        name: Begins the keys.
        label: The row's, and the numbers'.
        spans: Days of each row of the base; missing where they are not known.
        members: Whose days are summed up.
    """
    days = pd.to_numeric(spans).astype("float64")
    known = members.where(members.base.flag(f"{name} known", days.notna()), YES)
    values = days[known.mask]
    answer = summarise(values.tolist())
    keys = []
    for part in ("median", "q1", "q3", "minimum", "maximum"):
        is_end, sets = part in {"minimum", "maximum"}, [known]
        value: float | NoEstimate = NoEstimate("no episode has both dates")
        if not isinstance(answer, NoEstimate):
            value = float(getattr(values, part[:3])() if is_end else getattr(answer, part))
            if is_end:
                has_it = members.base.flag(f"{name} {part}", days == value, known)
                sets.insert(0, known.where(has_it, YES))
        measure = Measure.MEDIAN if part == "median" else Measure.QUANTILE
        keys.append(
            draft.statistic_in(
                f"{name}/{part}", f"{label}: {part}", measure, value, sets, n=known.n_persons,
                method="" if is_end else "sample quantile, type 7", unit="d",
                quantity=f"{name}/{part}",
            )
        )  # fmt: skip
    return row(label, cell("median_iqr", *keys[:3]), *cells(("estimate", "estimate"), keys[3:]))
