"""SQL that is written once in a process: writing takes Ibis far longer than DuckDB takes to answer.

What is asked of a cohort's tables depends on their columns, not on their rows; a run opens one
cohort several times, and many whose tables are alike.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import ibis.expr.types as ir

_T = TypeVar("_T")
_MOST = 2000  # kept; the oldest goes first
_KEPT: dict[Hashable, Any] = {}


def once(key: Hashable, make: Callable[[], _T]) -> _T:
    """What is made for a key, made once in this process."""
    if key not in _KEPT:
        while len(_KEPT) >= _MOST:
            _KEPT.pop(next(iter(_KEPT)), None)
        _KEPT[key] = make()
    kept: _T = _KEPT[key]
    return kept


def written(connection: Any, key: Hashable, make: Callable[[], ir.Table]) -> str:
    """The SQL of an expression.

    Args:
        connection: The DuckDB that will be asked.
        key: Whatever the expression depends on: equal keys stand for equal expressions.
        make: Makes the expression, on tables without a connection; asked for a new key only.
    """
    return once(("written", key), lambda: str(connection.compile(make())))
