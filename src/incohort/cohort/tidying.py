"""Frames with the same types, whichever engine they come from."""

from __future__ import annotations

import pandas as pd

from incohort.cohort.daily import day_of


def tidy(
    frame: pd.DataFrame,
    columns: tuple[str, ...],
    flags: tuple[str, ...],
    whole: tuple[str, ...],
    days: tuple[str, ...] = (),
) -> pd.DataFrame:
    """The frame with the same types whatever the engine; what is missing in words is None.

    Args:
        frame: As an engine gives it.
        columns: Those to keep, in order.
        flags: Those that are True, False or None.
        whole: Those that are whole numbers or missing.
        days: Those that are day numbers, which become dates or None.
    """
    tidied: dict[str, object] = {}
    for name in columns:
        column = frame[name]
        if name in flags:
            values = [None if pd.isna(flag) else bool(flag) for flag in column]
            tidied[name] = pd.Series(values, dtype=object)
        elif name in days:
            dates = [None if pd.isna(day) else day_of(int(day)) for day in column]
            tidied[name] = pd.Series(dates, dtype=object)
        elif name in whole:
            tidied[name] = column.astype("Int64").reset_index(drop=True)
        elif pd.api.types.is_float_dtype(column):
            tidied[name] = column.astype("float64").reset_index(drop=True)
        else:
            words = [None if pd.isna(word) else word for word in column]
            tidied[name] = pd.Series(words, dtype=object)
    return pd.DataFrame(tidied)
