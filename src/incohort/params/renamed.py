"""Parameters that had another name before: whoever types it is told the new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from incohort.dictionary.nearest import unknown_name
from incohort.errors import UsageError

# docs/migration.md tells the same, with tables and keys.
RENAMED: Mapping[str, str] = MappingProxyType(
    {
        "n_bootstrap": "resamples",
        "which": "episodes",
        "threshold": "recovery_threshold",
        "confirm_days": "confirmation_days",
        "imputations": "n_imputations",
        "recovered": "published_recovery",
        "window_days": "pairing_days",  # in 03; 01 and 02 have one of that name
    }
)


def refusal_of_name(name: str, known: Iterable[str]) -> UsageError:
    """What is said of a name that no parameter has."""
    names = tuple(known)
    new = RENAMED.get(name)
    if new in names:
        return UsageError(f"Parameter {name!r} is called {new!r} since version 0.2.")
    return unknown_name("parameter", name, names)
