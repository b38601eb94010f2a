"""The Kaplan–Meier curve: survival over time with its limits, quantiles and risk table."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike

from incohort.stats._checked import check_option
from incohort.stats.outcome import Interval, NoEstimate, check_conf_level, check_probability
from incohort.stats.survival.curves import (
    ConfType,
    crossing,
    crossing_of_limit,
    increasing,
    limits,
    not_reached,
)
from incohort.stats.survival.inputs import (
    TIE_TOLERANCE,
    Codes,
    Flags,
    FollowUp,
    Vector,
    follow_up,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskTable:
    """Who is where at chosen times, shape (m,) each.

    `n_at_risk` counts just before the time; `n_events` and `n_censored` count after the previous
    chosen time up to and with this one, as R's summary.survfit. `n_events_before` and
    `n_censored_before` count everything strictly before: where all entered at the start, they
    add with `n_at_risk` to n.
    """

    time: Vector
    n_at_risk: Codes
    n_events: Codes
    n_censored: Codes
    n_events_before: Codes
    n_censored_before: Codes
    survival: Vector
    ci_low: Vector
    ci_high: Vector
    has_limits: Flags


@dataclass(frozen=True, kw_only=True)
class SurvivalCurve:
    """A product-limit curve: one row for each different time of event or censoring.

    `survival` holds from `time` on, and is 1 before the first. `n_at_risk` counts just before.
    Errors, limits and the cumulative hazard are computed when they are first asked for: a
    quantile of a resample, or a test, needs none of them.

    Once the curve is at 0 it has no variance and so no limits: `has_limits` is False
    there, and the limits are the widest that can be, 0 and 1. Before the first event the limits
    are 1. With delayed entry the risk set can empty on the way; the curve then stays at 0.
    """

    time: Vector
    n_at_risk: Codes
    n_events: Codes
    n_censored: Codes
    survival: Vector
    n: int
    conf_level: float
    conf_type: ConfType
    entry_times: Vector  # sorted; empty where all entered at the start
    method: str

    @cached_property
    def se_log(self) -> Vector:
        """Greenwood's standard error of log survival: √Σ d / (n (n − d)), infinite at S = 0."""
        n, d = self.n_at_risk.astype(np.float64), self.n_events
        with np.errstate(divide="ignore"):
            return np.asarray(np.sqrt(np.cumsum(d / (n * (n - d)))))

    @cached_property
    def cumulative_hazard(self) -> Vector:
        """Nelson and Aalen's estimate."""
        return np.cumsum(self.n_events / self.n_at_risk)

    @cached_property
    def se_cumulative_hazard(self) -> Vector:
        """The standard error of Nelson and Aalen's estimate: √Σ d / n²."""
        return np.asarray(np.sqrt(np.cumsum(self.n_events / self.n_at_risk.astype(float) ** 2)))

    @property
    def ci_low(self) -> Vector:
        """The lower limit of survival, from each time on."""
        return self._limits[0]

    @property
    def ci_high(self) -> Vector:
        """The upper limit of survival, from each time on."""
        return self._limits[1]

    @property
    def has_limits(self) -> Flags:
        """Where survival has a variance, and so limits."""
        return self._limits[2]

    @cached_property
    def _limits(self) -> tuple[Vector, Vector, Flags]:
        return limits(self.survival, self.se_log, self.conf_level, self.conf_type)

    def quantile(self, p: float) -> Interval | NoEstimate:
        """The time by which a proportion p had the event: 0.5 is the median.

        Where the curve is flat at exactly 1 − p, the middle of the flat step, as R does. The
        limits are where the curve's own limits cross 1 − p (Brookmeyer & Crowley 1982).

        Raises:
            ValueError: p is not strictly between 0 and 1.

        Source: R's quantile.survfit; tests/validation/survival/test_kaplan_meier.py.
        """
        check_probability("p", p)
        estimate = crossing(self.time, self.survival, p)
        if math.isinf(estimate):
            return not_reached(p)
        low, high = self.quantile_limits(p)
        return Interval(
            estimate=estimate,
            ci_low=low,
            ci_high=high,
            conf_level=self.conf_level,
            method=f"Kaplan–Meier quantile, limits from the {self.conf_type} interval",
        )

    def quantile_limits(self, p: float) -> tuple[float, float]:
        """The limits of a quantile, infinite where not reached; they may exist without it.

        The curve's lower limit gives the earlier one and its upper limit the later one, where they
        come down to 1 − p. A limit can rise again, with delayed entry and where few are left at
        the end, and so cross more than once: the limit's value next below 1 − p decides then, as
        in R. Later times whose interval holds 1 − p again are not counted.

        Source: R's quantile.survfit (survival 3.5-3, findq).
        """
        low = crossing_of_limit(self.time, self.ci_low, p)
        return low, crossing_of_limit(self.time, self.ci_high, p)

    def at(self, times: ArrayLike) -> RiskTable:
        """Survival and the counts of the risk table at chosen times.

        Args:
            times: Increasing, from 0, shape (m,).

        Raises:
            ValueError: The times do not increase.
        """
        chosen = increasing(times)
        slack = TIE_TOLERANCE * max(1.0, float(self.time.mean()))
        until = np.searchsorted(self.time, chosen + slack, side="right")
        before = np.searchsorted(self.time, chosen - slack, side="left")
        events = np.concatenate([[0], np.cumsum(self.n_events)])
        censored = np.concatenate([[0], np.cumsum(self.n_censored)])
        yet_to_enter = len(self.entry_times) - np.searchsorted(self.entry_times, chosen - slack)
        return RiskTable(
            time=chosen,
            n_at_risk=self.n - events[before] - censored[before] - yet_to_enter,
            n_events=np.diff(events[until], prepend=0),
            n_censored=np.diff(censored[until], prepend=0),
            n_events_before=events[before],
            n_censored_before=censored[before],
            survival=np.concatenate([[1.0], self.survival])[until],
            ci_low=np.concatenate([[1.0], self.ci_low])[until],
            ci_high=np.concatenate([[1.0], self.ci_high])[until],
            has_limits=np.concatenate([[True], self.has_limits])[until],
        )


def kaplan_meier(
    time: ArrayLike,
    event: ArrayLike,
    *,
    time_enter: ArrayLike | None = None,
    conf_level: float = 0.95,
    conf_type: ConfType = "log-log",
) -> SurvivalCurve | NoEstimate:
    """The proportion still without the event, over time.

    Log-log limits are the default: they stay in [0, 1] and hold their level better in small
    samples than R's default, log (Borgan & Liestøl 1990).

    Args:
        time: When follow-up ended, from 0, shape (n,).
        event: True or 1 for the event, False or 0 for censored, shape (n,).
        time_enter: When each came under observation, shape (n,): at risk only after that.
        conf_level: In (0, 1).
        conf_type: The scale on which the limits are symmetric.

    Raises:
        ValueError: As `follow_up`, or conf_type is none of the three.

    Source: Kaplan & Meier 1958, J Am Stat Assoc 53:457; Greenwood 1926; R's survfit;
        tests/validation/survival/test_kaplan_meier.py.

    Three of 21 in remission relapse in week 6 and one of the 17 then left in week 7:

    >>> curve = kaplan_meier([6, 6, 6, 6, 7] + [9] * 16, [1, 1, 1, 0, 1] + [0] * 16)
    >>> curve.survival.round(3).tolist()
    [0.857, 0.807, 0.807]
    """
    check_conf_level(conf_level)
    check_option("conf_type", conf_type, get_args(ConfType))
    rows = follow_up(time, event, time_enter)
    if rows.n == 0:
        return NoEstimate("there is nobody to follow")
    return curve_of(rows, conf_level, conf_type)


def median_follow_up(
    time: ArrayLike, event: ArrayLike, *, conf_level: float = 0.95
) -> Interval | NoEstimate:
    """How long half were followed, had nobody had the event: reverse Kaplan–Meier.

    Args:
        time: When follow-up ended, from 0, shape (n,).
        event: True or 1 for the event, shape (n,).
        conf_level: In (0, 1).

    Source: Schemper & Smith 1996, Control Clin Trials 17:343; R's survfit.
    """
    curve = kaplan_meier(time, ~follow_up(time, event).event, conf_level=conf_level)
    if isinstance(curve, NoEstimate):
        return curve
    median = curve.quantile(0.5)
    if isinstance(median, NoEstimate):
        return NoEstimate("too many had the event to say how long follow-up would have lasted")
    return median


def curve_of(
    rows: FollowUp, conf_level: float = 0.95, conf_type: ConfType = "log-log"
) -> SurvivalCurve:
    """The curve of follow-up already checked, of at least one row."""
    time, at_risk, leaving, events = _counts(rows)
    return SurvivalCurve(
        time=time,
        n_at_risk=at_risk,
        n_events=events,
        n_censored=leaving - events,
        survival=np.cumprod(1 - events / at_risk, dtype=np.float64),
        n=rows.n,
        conf_level=conf_level,
        conf_type=conf_type,
        entry_times=_entry_times(rows),
        method=f"Kaplan–Meier, Greenwood variance, {conf_type} interval",
    )


def _counts(rows: FollowUp) -> tuple[Vector, Codes, Codes, Codes]:
    """Each different time of leaving; at risk just before it, leaving then, and with the event."""
    if rows.enter_code is None:
        leaving = rows.times.sizes
        at_risk = rows.n - rows.times.starts
        had_it = rows.event[rows.times.order].astype(np.int64)
        events = np.add.reduceat(had_it, rows.times.starts)
        return rows.distinct, at_risk, leaving, events
    m = len(rows.distinct)
    leaving = np.bincount(rows.exit_code, minlength=m)
    events = np.bincount(rows.exit_code[rows.event], minlength=m)
    # Less those who enter at this time or later.
    entering = np.bincount(rows.enter_code + 1, minlength=m + 1)
    at_risk = np.cumsum(entering)[:-1] - np.cumsum(leaving) + leaving
    keep = leaving > 0  # a time of entry alone is no step
    return rows.distinct[keep], at_risk[keep], leaving[keep], events[keep]


def _entry_times(rows: FollowUp) -> Vector:
    if rows.enter_code is None:
        return np.zeros(0)
    return np.sort(rows.distinct[rows.enter_code[rows.enter_code >= 0]])
