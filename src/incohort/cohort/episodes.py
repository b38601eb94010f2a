"""Neutropenic episodes from dated counts: where each opens, how deep it goes, where it closes."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from incohort.cohort.daily import DAY_SLOTS, daily, low_below, sign_of, value_of
from incohort.cohort.recovery_choices import RecoveryChoices


def episodes(labs: ir.Table, choices: RecoveryChoices) -> ir.Table:
    """One row per episode; patients without a count below the limits have none.

    An episode opens with the first count below both the entry limit and the recovery threshold, and
    closes with the first count at or above the threshold that is confirmed as chosen. What falls
    below the limits after that is a relapse and an episode of its own. A rise that isn't confirmed
    lies within the episode.

    Counts before the drug count as any others: they may open an episode that the drug didn't cause.
    Of several counts on a day the lowest speaks. One low count alone is an episode without an end.

    Args:
        labs: The table `labs`.
        choices: Threshold, entry limit, confirmation, and the end of the study.

    Returns:
        `patient_id`, `episode` (from 1), and as day numbers (see `daily`) `onset`, `nadir_day`
        (the first of equally low days), `last_low` (last count below the threshold), `recovered`
        (NULL: not), `unconfirmed` (a last rise that nothing confirms), `last_count` (the
        patient's), `previous_recovered`, `next_onset`; `nadir` with `nadir_sign`; `n_counts`:
        days with a count, from the first below the threshold to the recovered one or, without
        one, to the last below it.
    """
    counts = daily(labs, choices.study_end, choices.recovered_from)
    spells = _spells(_runs(counts, choices), choices.confirmed_after_days)
    in_order = ibis.window(group_by=spells.patient_id, order_by=spells.onset)
    nadir_day = spells.lowest % DAY_SLOTS
    key = ((spells.lowest - nadir_day).cast("float64") / DAY_SLOTS).cast("int64")
    return spells.select(
        "patient_id",
        "onset",
        "last_low",
        "recovered",
        "unconfirmed",
        "last_count",
        "n_counts",
        episode=ibis.row_number().over(in_order) + 1,
        previous_recovered=spells.recovered.lag().over(in_order),
        next_onset=spells.onset.lead().over(in_order),
        nadir_day=nadir_day,
        nadir=value_of(key),
        nadir_sign=sign_of(key),
    )


def _runs(counts: ir.Table, choices: RecoveryChoices) -> ir.Table:
    """Low counts in a row, with the counts at or above the threshold on either side.

    One sort: within a run of low days the number of days that weren't low stands still.
    """
    is_low = counts.key < low_below(choices.recovered_from, is_decided=True)
    opens = counts.key < low_below(choices.opened_below, is_decided=False)
    by_day = {"group_by": counts.patient_id, "order_by": counts.day}
    whole = ibis.window(**by_day, rows=(None, None))
    seen = counts.select(
        "patient_id",
        "day",
        "key",
        is_low=is_low,
        opens=opens,
        # a count, not a sum: DuckDB would add up in 128 bits and group by them
        n_high=is_low.ifelse(None, 1).count().over(ibis.cumulative_window(**by_day)),
        day_before=counts.day.lag().over(ibis.window(**by_day)),
        day_after=counts.day.lead().over(ibis.window(**by_day)),
        last_count=counts.day.max().over(whole),
    )
    low = seen.filter(seen.is_low)
    is_one_limit = choices.opened_below == choices.recovered_from
    runs = low.group_by("patient_id", "n_high").aggregate(
        first_low=low.day.min(),
        last_low=low.day.max(),
        onset=low.day.min(where=None if is_one_limit else low.opens),
        lowest=(low.key * DAY_SLOTS + low.day).min(),
        high_before=low.day_before.min(),
        day_after=low.day_after.max(),
        last_count=low.last_count.max(),
        n_low=low.count(),
    )
    # on the patient's very last count day_after is NULL, and the maximum is that day itself
    return runs.mutate(rise=(runs.day_after > runs.last_low).ifelse(runs.day_after, None))


def _spells(runs: ir.Table, confirmed_after: int) -> ir.Table:
    """Runs up to a confirmed rise, as one; those that never fall below the entry limit are none."""
    if confirmed_after == 0:  # any rise closes: each run is a spell
        has_risen = runs.rise.notnull()
        each = runs.select(
            "patient_id",
            "onset",
            "lowest",
            "last_low",
            "last_count",
            recovered=runs.rise,
            unconfirmed=ibis.null("int64"),
            n_counts=runs.n_low + has_risen.ifelse(1, 0),
        )
        return each.filter(each.onset.notnull())
    in_order = {"group_by": runs.patient_id, "order_by": runs.first_low}
    stayed_until = ibis.coalesce(
        runs.high_before.lead().over(ibis.window(**in_order)), runs.last_count
    )
    risen = runs.mutate(
        closes=(stayed_until - runs.rise >= confirmed_after).fill_null(False)  # noqa: FBT003 — Ibis takes it by position only
    )
    in_order = {"group_by": risen.patient_id, "order_by": risen.first_low}
    n_closed = risen.closes.ifelse(1, 0).sum().over(ibis.cumulative_window(**in_order))
    parts = risen.mutate(spell=n_closed - risen.closes.ifelse(1, 0))
    spells = parts.group_by("patient_id", "spell").aggregate(
        onset=parts.onset.min(),
        lowest=parts.lowest.min(),
        last_low=parts.last_low.max(),
        last_count=parts.last_count.max(),
        recovered=parts.rise.max(where=parts.closes),
        last_rise=parts.rise.max(),
        n_low=parts.n_low.sum(),
        n_high=parts.n_high.max() - parts.n_high.min(),
    )
    has_risen = spells.recovered.notnull()
    is_open = ~has_risen & (spells.last_rise > spells.last_low)
    each = spells.mutate(
        unconfirmed=is_open.ifelse(spells.last_rise, None),
        n_counts=spells.n_low + spells.n_high + has_risen.ifelse(1, 0),
    ).drop("n_low", "n_high", "last_rise", "spell")
    return each.filter(each.onset.notnull())
