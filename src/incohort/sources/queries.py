"""SQL that is written once in a process: writing takes Ibis far longer than DuckDB takes to answer.

What is asked of a cohort's tables depends on their columns, not on their rows; a run opens one
cohort several times, and many whose tables are alike.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import ibis.expr.types as ir

_MOST = 2000  # queries kept
_WRITTEN: dict[Hashable, str] = {}


def written(connection: Any, key: Hashable, make: Callable[[], ir.Table]) -> str:
    """The SQL of an expression.

    Args:
        connection: The DuckDB that will be asked.
        key: Whatever the expression depends on: equal keys stand for equal expressions.
        make: Makes the expression, on tables without a connection; asked for a new key only.
    """
    if key not in _WRITTEN:
        while len(_WRITTEN) >= _MOST:
            _WRITTEN.pop(next(iter(_WRITTEN)), None)
        _WRITTEN[key] = str(connection.compile(make()))
    return _WRITTEN[key]
