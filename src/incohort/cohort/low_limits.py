"""Between which of several limits each patient's count lies, and whether it was low at a visit."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from incohort.cohort.autoimmune_choices import AutoimmuneChoices
from incohort.cohort.counted_days import counted_days, low_column, low_flags
from incohort.cohort.joining import beside
from incohort.cohort.opened import Cohort
from incohort.cohort.queries import frame_of
from incohort.cohort.tidying import tidy
from incohort.cohort.visit_counts import COLUMNS, visits


def band_name(low: float | None, high: float | None) -> str:
    """The name of counts from `low` to below `high`; None is no limit on that side."""
    return f"{'' if low is None else f'{low:g}'}_to_{'' if high is None else f'{high:g}'}"


def band_names(limits: tuple[float, ...]) -> dict[str, tuple[float | None, float | None]]:
    """Every band that two of the limits may bound, the narrow ones and those that are open."""
    ends = (None, *limits, None)
    places = [(i, j) for i in range(len(ends)) for j in range(i + 1, len(ends))]
    return {band_name(ends[i], ends[j]): (ends[i], ends[j]) for i, j in places}


def band_words(limits: tuple[float, ...], chosen: frozenset[str]) -> list[str]:
    """Whom some of the bands are, as a reader says it: `count below 2`.

    >>> band_words((1.5, 2.0), frozenset({"_to_1.5", "_to_2", "1.5_to_2"}))
    ['count below 2']
    """
    bands = band_names(limits)
    inside = {name for name in bands if name in chosen}
    if inside == set(bands):
        return ["count recorded"]
    for limit in limits:
        below = {name for name, (_, high) in bands.items() if high is not None and high <= limit}
        above = {name for name, (low, _) in bands.items() if low is not None and low >= limit}
        phrases = {
            f"count below {limit:g}": below,
            f"count of {limit:g} or more": above,
            f"count open at {limit:g}": set(bands) - below - above,
            f"count not known to be below {limit:g}": set(bands) - below,
            f"count not known to be {limit:g} or more": set(bands) - above,
            f"count on a known side of {limit:g}": below | above,
        }
        for words, those in phrases.items():
            if inside == those:
                return [words]
    if not inside:
        return ["count not recorded"]
    return [f"count {' or '.join(name.replace('_', ' ').strip() for name in sorted(inside))}"]


def low_bands(
    cohort: Cohort, choices: AutoimmuneChoices, limits: tuple[float, ...]
) -> pd.DataFrame:
    """One row per patient in the order of `patient_id`: `patient_id` and `band`.

    Args:
        cohort: Any.
        choices: Which count is asked: any, or the one nearest the index date.
        limits: Ascending, 10⁹/L.

    Returns:
        `band` is the narrowest of `band_names` that surely holds the count: one printed as < 2.5
        lies below 2.5, and on either side of 1.5. Missing where no count says anything.
    """
    frame = frame_of(cohort, _flags, choices, limits)
    flags = [[None if pd.isna(flag) else bool(flag) for flag in frame[low_column(limit)]]
             for limit in limits]  # fmt: skip
    is_counted = frame["is_counted"].eq(other=True)
    bands = [_band(limits, row) for row in zip(*flags, strict=True)]
    known = pd.Series(bands, index=frame.index, dtype=object)
    is_told = is_counted | known.ne(band_name(None, None))
    return frame[["patient_id"]].assign(band=known.where(is_told))


def _band(limits: tuple[float, ...], flags: tuple[object, ...]) -> str:
    above = [limit for limit, flag in zip(limits, flags, strict=True) if flag is False]
    below = [limit for limit, flag in zip(limits, flags, strict=True) if flag is True]
    return band_name(max(above, default=None), min(below, default=None))


def _flags(cohort: Cohort, choices: AutoimmuneChoices, limits: tuple[float, ...]) -> ir.Table:
    people = cohort.tables["patients"]
    if not cohort.has("labs"):
        nothing = dict.fromkeys(("is_counted", *map(low_column, limits)), ibis.null("boolean"))
        return people.select("patient_id", **nothing).order_by("patient_id")
    days = counted_days(cohort.tables["labs"], people, choices)
    return beside(people.select("patient_id"), low_flags(days, limits)).order_by("patient_id")


def visit_counts(cohort: Cohort, limit: float) -> pd.DataFrame:
    """One row per visit, admission and day with a count, of which it is known when it was.

    Columns: `patient_id`, `kind` (`outpatient`, `admission`, or `count`: a day on which neutrophils
    were counted), `day`, and `is_low`: whether a count from its first day to its last was below the
    limit, missing where none was taken or one-sided ones leave it open.
    """
    return tidy(frame_of(cohort, visits, limit), COLUMNS, ("is_low",), whole=("day",))
