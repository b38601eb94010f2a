"""Which rows a mask keeps, and whether it may."""

from __future__ import annotations

import numpy as np
import pandas as pd

from incohort.errors import UsageError
from incohort.shapes.people import age_edges
from incohort.shapes.sets import Base, Members


def checked(mask: object, members: Members, because: str) -> pd.Series:
    """The mask as true and false.

    Raises:
        UsageError: It is of other rows, or says nothing of some; or the step has no name.
    """
    if not isinstance(mask, pd.Series) or not mask.index.equals(members.frame.index):
        raise UsageError("keep takes a column of True and False with a row for each row of .frame.")
    if not {*mask.dropna().unique()} <= {True, False}:
        raise UsageError("keep takes True and False; compare the column with something.")
    if mask.isna().any():
        msg = (
            "The mask says of some rows neither True nor False. Say whether they stay: "
            ".fillna(False) leaves them out."
        )
        raise UsageError(msg)
    if not because.strip():
        raise UsageError("Say in because=… who stays; it names the step of the flow.")
    return mask.astype(bool)


def by_mask(members: Members, flags: pd.Series, because: str) -> Members:
    """The rows of a mask, as a column of its own."""
    every = flags.reindex(members.base.frame.index, fill_value=False)
    return members.where(members.base.flag(f"kept: {because}", every, members), "yes")


def by_categories(members: Members, flags: pd.Series) -> Members:
    """The rows of a mask that keeps whole categories of a column, under its name.

    Raises:
        UsageError: It cuts across the categories of every column.
    """
    inside, base = flags.to_numpy(), members.base
    for name, axis in base.census.axes.items():
        codes = axis.codes[members.mask.to_numpy()]
        kept, left = set(np.unique(codes[inside])), set(np.unique(codes[~inside]))
        if not kept & left:
            return members.where(name, *(axis.categories[code] for code in sorted(kept)))
    edges = ", ".join(f"{edge:g}" for edge in age_edges())
    msg = (
        "Of a restricted cohort rows are kept by whole categories of a column, and by age in the "
        f"dictionary's bands (limits: {edges} years): any other mask could part a few from the "
        f"others. Columns: {', '.join(columns(base))}."
    )
    raise UsageError(msg)


def columns(base: Base) -> list[str]:
    """The columns of categories that a reader may name."""
    return sorted(name for name in base.census.axes if name in base.frame or name == "age")
