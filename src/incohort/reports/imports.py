"""Imports that would otherwise cost a report more time than its statistics."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

# jsonschema tries these for the format of international addresses, which no notebook holds; the
# second one compiles a grammar at import, for two to three seconds.
_SLOW = ("rfc3987", "rfc3987_syntax")


@contextmanager
def without_slow_validators() -> Iterator[None]:
    """Let what is imported inside go without optional validators; jsonschema expects that."""
    hidden = [name for name in _SLOW if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # how Python marks a missing module
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
