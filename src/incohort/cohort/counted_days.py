"""Neutrophils and white cells of the same day: what either says of a count below a limit."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from incohort.cohort.autoimmune_choices import AutoimmuneChoices
from incohort.cohort.daily import meets
from incohort.cohort.values import dated, is_below, place_of
from incohort.dictionary import load

_ANALYTES = ("ANC", "WBC")


def counted_days(labs: ir.Table, patients: ir.Table, choices: AutoimmuneChoices) -> ir.Table:
    """One row per patient and day with neutrophils or white cells, the lowest of each that day.

    Neutrophils are white cells: where only these were counted, they bound the neutrophils from
    above. Of the index date only the nearest day within the window stays, one with neutrophils
    before one without.

    Returns:
        `patient_id`, `days` from the index date, `taken_on`, `anc` (NULL: not counted), `most` and
        `most_sign` (the neutrophils, or what bounds them), `wbc`, `wbc_sign`.
    """
    rows = dated(labs.filter(labs.analyte.isin(_ANALYTES)), patients)
    lowest = [rows.value, place_of(rows.comparator), rows.taken_on.isnull()]
    of_day = ibis.window(group_by=[rows.patient_id, rows.analyte, rows.days], order_by=lowest)
    ranked = rows.mutate(place=ibis.row_number().over(of_day))
    first = ranked.filter(ranked.place == 0)
    is_anc = first.analyte == "ANC"
    each = first.group_by("patient_id", "days").aggregate(
        taken_on=first.taken_on.min(),
        anc=first.value.max(where=is_anc),
        anc_sign=first.comparator.max(where=is_anc),
        wbc=first.value.max(where=~is_anc),
        wbc_sign=first.comparator.max(where=~is_anc),
    )
    is_counted = each.anc.notnull()
    bounds = each.wbc_sign.isnull() | each.wbc_sign.isin(("<", "<="))
    most = ibis.cases((is_counted, each.anc), (bounds, each.wbc))
    sign = ibis.cases((is_counted, each.anc_sign), else_=ibis.coalesce(each.wbc_sign, "<="))
    days = each.mutate(most=most, most_sign=sign).drop("anc_sign")
    return days if choices.when == "ever" else _nearest(days, choices.window_days)


def _nearest(days: ir.Table, window_days: int) -> ir.Table:
    near = days.filter(days.days.abs() <= window_days)
    order = [near.anc.isnull().ifelse(1, 0), near.days.abs(), near.days]
    by_distance = ibis.window(group_by=near.patient_id, order_by=order)
    ranked = near.mutate(place=ibis.row_number().over(by_distance))
    return ranked.filter(ranked.place == 0).drop("place")


def low_days(days: ir.Table, choices: AutoimmuneChoices) -> ir.Table:
    """What the days of each patient say, one row per patient with any.

    A day of white cells alone settles a low count where they are as low, and asks nothing of the
    neutrophils else. But Barnes' criteria take both counts of one day: a day with one of them that
    could fulfil them leaves the answer open.

    Returns:
        `patient_id`, `anc` (the lowest), `is_neutropenic` (below `anc_limit`), `is_below` (below
        `felty_limit`), `meets_barnes`, and `wants_anc`: whether a missing neutrophil count leaves
        Barnes' criteria open; `is_counted`: whether neutrophils ever were, and `is_counted_then`
        on every day that leaves them open for want of neutrophils.
    """
    barnes = load().threshold("felty_count", "barnes1971")
    white = load().threshold("felty_white_cells", "barnes1971")
    is_low = meets(days.most, days.most_sign, barnes)
    table = days.mutate(
        is_neutropenic=is_below(days.most, days.most_sign, choices.anc_limit),
        is_below=is_below(days.most, days.most_sign, choices.felty_limit),
        of_barnes=is_low & meets(days.wbc, days.wbc_sign, white),
        is_low_unknown=is_low.isnull(),
        is_counted=days.anc.notnull(),
        is_day=True,
    )
    is_open = table.of_barnes.isnull()
    return table.group_by("patient_id").aggregate(
        anc=table.anc.min(),
        is_neutropenic=_ever(table.is_neutropenic, table.is_counted),
        is_below=_ever(table.is_below, table.is_counted),
        meets_barnes=_ever(table.of_barnes, table.is_day),
        wants_anc=(is_open & table.is_low_unknown).any(),
        is_counted=table.is_counted.any(),
        is_counted_then=~(is_open & table.is_low_unknown & ~table.is_counted).any(),
    )


def low_column(limit: float) -> str:
    """The column of `low_flags` for a limit."""
    return f"below_{limit:g}"


def low_flags(days: ir.Table, limits: tuple[float, ...]) -> ir.Table:
    """Whether a patient's count was below each of several limits, by the rule of `low_days`.

    Returns:
        `patient_id`, `is_counted`: whether neutrophils ever were, and of each limit its
        `low_column`; white cells alone can say that a count was below it.
    """
    names = {low_column(limit): limit for limit in limits}
    table = days.mutate(
        is_day=days.anc.notnull(),
        **{name: is_below(days.most, days.most_sign, limit) for name, limit in names.items()},
    )
    return table.group_by("patient_id").aggregate(
        is_counted=table.is_day.any(),
        **{name: _ever(table[name], table.is_day) for name in names},
    )


def _ever(flag: ir.BooleanValue, is_asked: ir.BooleanValue) -> ir.BooleanValue:
    """True where it once is; NULL where a day that is asked could be; False where none could."""
    n_true = flag.ifelse(1, 0).sum()
    n_open = (flag.isnull() & is_asked).ifelse(1, 0).sum()
    return ibis.cases((n_true > 0, True), (n_open > 0, None), (is_asked.any(), False))


def day_asked(days: ir.Table, choices: AutoimmuneChoices) -> ir.Table:
    """The day on which a cause is asked for: the first low one, or the lowest where none is low.

    Returns:
        `patient_id`, `asked_days` from the index date, `asked_on` (NULL without a date).
    """
    is_low = is_below(days.most, days.most_sign, choices.anc_limit).fill_null(False)  # noqa: FBT003 — a value
    order = [
        is_low.ifelse(0, 1),
        is_low.ifelse(days.days, 0),
        days.anc.isnull().ifelse(1, 0),
        ibis.coalesce(days.most, 0.0),
        days.days,
    ]
    ranked = days.mutate(place=ibis.row_number().over(ibis.window(
        group_by=days.patient_id, order_by=order
    )))  # fmt: skip
    first = ranked.filter(ranked.place == 0)
    return first.select("patient_id", asked_days="days", asked_on="taken_on")
