"""How long large granular lymphocytes stayed above a limit, as far as dated counts tell."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from incohort.cohort.daily import day_number

COLUMNS = ("is_above", "is_lasting", "lasting_because")


def expansion(
    clonality: ir.Table, limit: float, lasts_days: float | None, *, gap_breaks: bool
) -> ir.Table:
    """Whether counts lay above a limit, and for longer than so many days; one row per patient.

    The highest count of a day speaks for it. An expansion lasted where two counts above the limit
    lie far enough apart with none at or below it between. It did not where the counts fell and
    didn't rise again, soon enough after the first high one that no expansion can have lasted. A
    count without a date tells how high they were, and not when.

    Args:
        clonality: The table of that name.
        limit: 10⁹/L.
        lasts_days: An expansion lasts for more days than these; None: any does.
        gap_breaks: Whether a count at or below the limit between two above it parts them.

    Returns:
        `patient_id`, `is_above`, `is_lasting` (NULL where the data can't tell), and
        `lasting_because`: why they can't: `undated`, `one_count`, `too_short`, `fell_and_rose`,
        `end_between_counts`.
    """
    counts = clonality.filter(clonality.lgl_count.notnull())
    rows = counts.select(
        "patient_id", day=day_number(counts.taken_on), is_high=counts.lgl_count > limit
    )
    whole = rows.group_by("patient_id").aggregate(
        is_above=rows.is_high.any(),
        has_undated_high=(rows.is_high & rows.day.isnull()).any(),
        has_undated_low=(~rows.is_high & rows.day.isnull()).any(),
    )
    if lasts_days is None:
        return whole.select(
            "patient_id", "is_above", is_lasting=True, lasting_because=ibis.null("string")
        )
    spells = _spells(rows.filter(rows.day.notnull()), lasts_days, gap_breaks=gap_breaks)
    both = whole.left_join(spells, "patient_id")
    has_lasted = both.has_lasted.fill_null(False)  # noqa: FBT003 — a value
    may_last = both.may_last.fill_null(True)  # noqa: FBT003 — a value: no dated count is high
    hides_gap = both.has_undated_low if gap_breaks else ibis.literal(False)  # noqa: FBT003 — a value
    return both.select(
        "patient_id",
        "is_above",
        is_lasting=ibis.cases(
            (has_lasted & ~hides_gap, True),
            (~has_lasted & ~may_last & ~both.has_undated_high, False),
        ),
        lasting_because=ibis.cases(
            (both.n_high.isnull() | both.has_undated_high | has_lasted | ~may_last, "undated"),
            (both.n_spells > 1, "fell_and_rose"),
            (both.has_ended, "end_between_counts"),
            (both.n_high == 1, "one_count"),
            else_="too_short",
        ),
    )


def _spells(rows: ir.Table, lasts_days: float, *, gap_breaks: bool) -> ir.Table:
    """What the spells of high counts of each patient say; who has none has no row."""
    daily = rows.group_by("patient_id", "day").aggregate(is_high=rows.is_high.any())
    by_day = {"group_by": daily.patient_id, "order_by": daily.day}
    low_day = daily.is_high.ifelse(None, daily.day)
    n_low = low_day.count().over(ibis.window(**by_day, rows=(None, 0)))
    seen = daily.select(
        "patient_id",
        "day",
        "is_high",
        spell=n_low if gap_breaks else ibis.literal(0, "int64"),
        next_low=low_day.min().over(ibis.window(**by_day, rows=(0, None))),
    )
    high = seen.filter(seen.is_high)
    spells = high.group_by("patient_id", "spell").aggregate(
        first=high.day.min(), last=high.day.max(), low=high.next_low.max(), n_high=high.count()
    )
    ended = (spells.low > spells["last"]).ifelse(spells.low, None)
    spells = spells.mutate(
        has_lasted=spells["last"] - spells["first"] > lasts_days,
        has_ended=ended.notnull(),
        may_last=(ended - spells["first"] > lasts_days).fill_null(True),  # noqa: FBT003 — a value
    )
    return spells.group_by("patient_id").aggregate(
        has_lasted=spells.has_lasted.any(),
        may_last=spells.may_last.any(),
        has_ended=spells.has_ended.all(),
        n_high=spells.n_high.sum(),
        n_spells=spells.count(),
    )
