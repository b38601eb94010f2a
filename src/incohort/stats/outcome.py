"""What an estimator answers: an interval, a test, or the reason why there is none."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

_A = TypeVar("_A")
_B = TypeVar("_B")


@dataclass(frozen=True, slots=True)
class NoEstimate:
    """These data can't give the number; `reason` is a sentence for a clinician."""

    reason: str


def then(answer: _A | NoEstimate, use: Callable[[_A], _B | NoEstimate]) -> _B | NoEstimate:
    """What follows from an answer, or its reason where there is none."""
    return answer if isinstance(answer, NoEstimate) else use(answer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate with its confidence interval; `conf_level` in (0, 1).

    A limit is infinite where the data set none on that side. Both are where the data show nothing
    of how the estimate varies: it then has no interval, and `no_interval` says why.
    """

    estimate: float
    ci_low: float
    ci_high: float
    conf_level: float
    method: str
    no_interval: str = ""


def without_interval(estimate: float, conf_level: float, method: str, reason: str) -> Interval:
    """An estimate that has no interval: one of width 0 would claim to be sure."""
    return Interval(
        estimate=estimate,
        ci_low=-math.inf,
        ci_high=math.inf,
        conf_level=conf_level,
        method=method,
        no_interval=reason,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HypothesisTest:
    """A two-sided test: its statistic and degrees of freedom where it has them, and P in [0, 1]."""

    statistic: float | None
    p_value: float
    df: float | None
    method: str


def check_conf_level(conf_level: float) -> None:
    """Refuse a confidence level that is no probability: a programming error.

    Raises:
        ValueError: Not strictly between 0 and 1.
    """
    check_probability("conf_level", conf_level)


def check_probability(name: str, value: float) -> None:
    """Refuse what is no probability, or is one of certainty: a programming error.

    Raises:
        ValueError: Not strictly between 0 and 1.
    """
    if not 0.0 < value < 1.0:
        msg = f"{name} is {value}; it must lie between 0 and 1"
        raise ValueError(msg)
