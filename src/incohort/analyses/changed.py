"""Which parameters of a study stand at another value than their default."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

# A choice's field, where the notebooks call the parameter otherwise.
_NAMES = {
    ("RecoveryChoices", "recovered_from"): "recovery_threshold",
    ("RecoveryChoices", "confirm_days"): "confirmation_days",
    ("RecoveryChoices", "horizon_days"): "observed_days",
    ("RecoveryDesign", "which"): "episodes",
    ("RecoveryDesign", "imputations"): "n_imputations",
    ("RecoveryDesign", "resamples"): "n_bootstrap",
}
# What decides in the place of a field that may be left open.
_DECIDED_BY = {("RecoveryChoices", "threshold"): "recovered_from"}


def changed(*choices: Any) -> tuple[str, ...]:
    """The names of the parameters that differ from their default, by the notebooks' names.

    Args:
        choices: Frozen dataclasses whose fields all have defaults.
    """
    names: dict[str, None] = {}
    for chosen in choices:
        kind, standard = type(chosen).__name__, type(chosen)()
        for field in fields(chosen):
            name = _DECIDED_BY.get((kind, field.name), field.name)
            if _plain(getattr(chosen, name)) != _plain(getattr(standard, name)):
                names[_NAMES.get((kind, name), name)] = None
    return tuple(names)


def _plain(value: object) -> object:
    """A comma-separated list as its names, so that spaces make no difference."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value
