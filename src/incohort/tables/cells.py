"""What one cell says: its numbers as printed text, and which of them are missing and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from incohort.results import (
    CellKind,
    Drawn,
    Estimate,
    Findings,
    Measure,
    NotEstimable,
    Origin,
    Result,
    Suppressed,
)
from incohort.tables import numbers

DASH = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of a cell's text, and the result that it shows, if any."""

    text: str
    result: Result | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A cell's pieces in order; `reason` where a number is missing, `state` how."""

    parts: tuple[Part, ...]
    reason: str = ""
    state: str = ""  # "not-estimable" or "suppressed"
    is_synthetic: bool = False

    @property
    def text(self) -> str:
        """The cell as plain text."""
        return "".join(part.text for part in self.parts)

    @property
    def first(self) -> Result | None:
        """The first result that it shows."""
        return next((part.result for part in self.parts if part.result is not None), None)


def fill(kind: CellKind, keys: Sequence[str], findings: Findings) -> Filled:
    """The content of a cell or of a sentence's placeholder.

    Raises:
        KeyError: The findings have no result under a key: a programming error.
    """
    results = [findings.by_key[key] for key in keys]
    for result in results:
        if isinstance(result, NotEstimable | Suppressed):
            state = "suppressed" if isinstance(result, Suppressed) else "not-estimable"
            part = Part(text=_absent(kind, result), result=result)
            return Filled(parts=(part,), reason=result.reason, state=state)
        if isinstance(result, Drawn):
            msg = f"{result.key!r} is no single number; it is drawn, not printed"
            raise TypeError(msg)
    estimates = [result for result in results if isinstance(result, Estimate)]
    return Filled(
        parts=_parts(kind, estimates),
        is_synthetic=any(estimate.origin is Origin.SYNTHETIC for estimate in estimates),
    )


def _absent(kind: CellKind, result: NotEstimable | Suppressed) -> str:
    """A dash; of a share that is withheld, how many have the event, where that may be told."""
    if isinstance(result, NotEstimable) or result.events is None:
        return DASH
    events = numbers.count(result.events)
    match kind:
        case CellKind.COUNT:
            return events
        case CellKind.N_PERCENT:
            return f"{events} ({DASH})"
        case CellKind.FRACTION_PERCENT | CellKind.FRACTION_PERCENT_CI:
            return f"{events}/{DASH}"
        case _:
            return DASH


def _parts(kind: CellKind, estimates: list[Estimate]) -> tuple[Part, ...]:
    first = estimates[0]
    match kind:
        case CellKind.MEAN_SD:
            spread = Part(text=numbers.format_estimate(estimates[1]), result=estimates[1])
            return (_value(first), Part(text=" ("), spread, Part(text=")"))
        case CellKind.MEDIAN_IQR:
            low, high = _value(estimates[1]), _value(estimates[2])
            return (_value(first), Part(text=" ("), low, Part(text=" to "), high, Part(text=")"))
        case CellKind.COUNT:
            field = "value" if first.measure is Measure.COUNT else "events"
            return (Part(text=numbers.format_estimate(first, field), result=first),)
        case CellKind.TEXT:
            return ()
        case _:
            return (Part(text=_one(kind, first), result=first),)


def _value(estimate: Estimate) -> Part:
    return Part(text=numbers.format_estimate(estimate), result=estimate)


def _one(kind: CellKind, estimate: Estimate) -> str:
    """The text of a cell that shows one estimate."""
    value, limits = numbers.format_estimate(estimate), numbers.interval(estimate)
    if estimate.measure is Measure.DIFFERENCE and estimate.unit == numbers.POINTS:
        value += " percentage points"
    events, n = (numbers.format_estimate(estimate, field) for field in ("events", "n"))
    match kind:
        case CellKind.N_PERCENT:
            return f"{events} ({value})"
        case CellKind.FRACTION_PERCENT:
            return f"{events}/{n} ({value})"
        case CellKind.PERCENT_CI | CellKind.ESTIMATE_CI:
            return f"{value} ({limits})" if limits else value
        case CellKind.FRACTION_PERCENT_CI:
            return f"{events}/{n}, {value}" + (f" ({limits})" if limits else "")
        case CellKind.ESTIMATE | CellKind.P_VALUE:
            return value
        case CellKind.COUNT | CellKind.MEAN_SD | CellKind.MEDIAN_IQR | CellKind.TEXT:
            msg = f"{kind} shows more than one estimate's value"
            raise ValueError(msg)
        case _:
            assert_never(kind)
