"""Costs as a user types them, `gift=30, gat=20`: read alike at the door and in a notebook."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import isfinite

from incohort.dictionary.nearest import unknown_name
from incohort.errors import UsageError

COSTS_FORM = "a list such as gift=30, gat=20"

_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?", re.ASCII)


def costs_in(text: str, known: Iterable[str]) -> dict[str, float]:
    """What one test costs, by assay; empty where no costs are given.

    Args:
        text: `assay=number`, parted by commas; 0 is allowed, a negative cost is not.
        known: The assays that may be named.

    Raises:
        UsageError: A part is no `assay=number`, or names an unknown assay or one twice.

    >>> costs_in("gift=30, gat=20", ["gift", "gat"])
    {'gift': 30.0, 'gat': 20.0}
    """
    names = tuple(known)
    costs: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, separator, number = (piece.strip() for piece in part.partition("="))
        if not separator:
            raise UsageError(_unread(part))
        if name not in names:
            raise unknown_name("assay", name, names)
        if not _NUMBER.fullmatch(number) or not isfinite(float(number)):
            raise UsageError(_unread(part))
        if name in costs:
            raise UsageError(f"The cost of {name!r} is given twice; give it once.")
        costs[name] = float(number)
    return costs


def _unread(part: str) -> str:
    hint = " Write decimals with a point." if part.isdecimal() else ""
    return f"Costs read assay=number, parted by commas, as in gift=30, gat=20; got {part!r}.{hint}"
