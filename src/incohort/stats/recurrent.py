"""Events that may happen again to the same patient: how many each has had on average by a time.

For the ratio of rates of recurrent events (Lin, Wei, Yang & Ying 2000, J R Stat Soc B 62:711), give
`survival.cox` one row for each (time_enter, time] between events and `cluster` for the patient.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from incohort.stats._checked import binary, labels_of
from incohort.stats._quantiles import z_of
from incohort.stats.outcome import (
    HypothesisTest,
    Interval,
    NoEstimate,
    check_conf_level,
    without_interval,
)
from incohort.stats.survival.inputs import in_order

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]

_NONE = 1e-12  # of the square of the mean: a smaller variance is rounding, and there is none
_AT_ONCE = 2_000_000  # numbers of patients × times that are held at once


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanCumulative:
    """The mean number of events a patient from each time on, 0 before the first, shape (m,).

    `n_at_risk` are followed just before the time, `n_events` happen at it, `n_deaths` die then and
    `n_ended` are followed no longer for another reason. Both limits are infinite where nothing
    tells how the number varies.
    """

    time: Vector
    n_at_risk: Codes
    n_events: Codes
    n_deaths: Codes
    n_ended: Codes
    mean: Vector
    se: Vector
    ci_low: Vector
    ci_high: Vector
    conf_level: float
    method: str

    def at(self, time: float) -> Interval | NoEstimate:
        """The mean number of events by a time.

        Args:
            time: From 0; after the last patient's follow-up nothing is known.
        """
        if time < 0 or math.isnan(time):
            msg = f"time is {time}; it counts from 0"
            raise ValueError(msg)
        if time > self.time[-1]:
            return NoEstimate(f"nobody was followed beyond {self.time[-1]:g}")
        place = int(np.searchsorted(self.time, time, side="right")) - 1
        mean = float(self.mean[place]) if place >= 0 else 0.0
        if place < 0 or math.isinf(self.ci_low[place]):
            return without_interval(
                mean,
                self.conf_level,
                self.method,
                "nobody had an event by then"
                if mean == 0
                else "everybody had as many events by then, so nothing tells how they vary",
            )
        return Interval(
            estimate=mean,
            ci_low=float(self.ci_low[place]),
            ci_high=float(self.ci_high[place]),
            conf_level=self.conf_level,
            method=self.method,
        )


@dataclass(frozen=True, slots=True)
class _Course:
    """Followed patients and their events on one grid of times; codes point to `time`."""

    time: Vector
    end: Codes
    died: Flags
    patient: Codes
    event: Codes

    @property
    def n(self) -> int:
        return len(self.end)

    def part(self, members: Flags) -> _Course:
        """Some of the patients on the same grid."""
        number = np.cumsum(members) - 1
        chosen = members[self.patient]
        return _Course(
            self.time,
            self.end[members],
            self.died[members],
            number[self.patient[chosen]],
            self.event[chosen],
        )


@dataclass(frozen=True, slots=True)
class _Steps:
    """What happens at each time, and the estimators' steps, shape (m,)."""

    n_at_risk: Codes
    n_events: Codes
    n_deaths: Codes
    alive: Vector  # the chance to be alive just before the time, 1 where death is no end
    rate: Vector  # dR, events per patient at risk
    hazard: Vector  # dΛ of death, 0 where death is no end
    mean: Vector


def mean_cumulative(
    time: ArrayLike,
    patient: ArrayLike,
    end: ArrayLike,
    *,
    died: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> MeanCumulative | NoEstimate:
    """The mean number of events a patient by each time, with a variance that is robust.

    Events of one patient need not be independent. Where patients died, none has an event after
    death, and the mean is that of all who began, the dead with as many events as they had. Leaving
    `died` out treats death as an end of observation: the mean if nobody died, which is larger.

    Args:
        time: When each event happened, from 0, shape (k,).
        patient: Whose it was, as a place in `end`, shape (k,).
        end: When each patient's follow-up ended, from 0, shape (n,); the day itself is followed.
        died: Whether it ended with death, shape (n,).
        conf_level: In (0, 1); limits are symmetric on the log scale.

    Raises:
        ValueError: Shapes differ, a value is missing, a time is negative, an event comes after its
            patient's end, or a patient's number is out of range.

    Source: Nelson 1995, Technometrics 37:147; Lawless & Nadeau 1995, Technometrics 37:158; with
        death Ghosh & Lin 2000, Biometrics 56:554, each patient's part of the Kaplan–Meier curve
        taken exactly; R's survfit of survival; tests/validation/recurrent.R.

    Of four patients the first has events on days 10 and 40, the second on day 30:

    >>> mean_cumulative([10, 40, 30], [0, 0, 1], [100, 60, 80, 50]).mean.tolist()
    [0.25, 0.5, 0.75, 0.75, 0.75, 0.75, 0.75]
    """
    check_conf_level(conf_level)
    course = _course(time, patient, end, died)
    if course.n == 0:
        return NoEstimate("there is nobody to follow")
    steps = _steps(course, with_death=died is not None)
    variance = np.zeros(len(course.time))
    for influence in _influences(course, steps):
        variance += (influence**2).sum(axis=0)
    has_none = variance <= _NONE * steps.mean**2
    se = np.where(has_none, 0.0, np.sqrt(variance))
    spread = np.divide(z_of(conf_level) * se, steps.mean, out=np.zeros_like(se), where=~has_none)
    ended = np.bincount(course.end, minlength=len(course.time))
    dead = np.bincount(course.end[course.died], minlength=len(course.time))
    return MeanCumulative(
        time=course.time,
        n_at_risk=steps.n_at_risk,
        n_events=steps.n_events,
        n_deaths=dead,
        n_ended=ended - dead,
        mean=steps.mean,
        se=se,
        ci_low=np.where(has_none, -np.inf, steps.mean * np.exp(-spread)),
        ci_high=np.where(has_none, np.inf, steps.mean * np.exp(spread)),
        conf_level=conf_level,
        method="mean cumulative function, "
        + ("death as its end (Ghosh–Lin)" if died is not None else "robust (Lawless–Nadeau)")
        + ", log interval",
    )


def compare_mean_cumulative(
    time: ArrayLike,
    patient: ArrayLike,
    end: ArrayLike,
    group: ArrayLike,
    *,
    died: ArrayLike | None = None,
) -> HypothesisTest | NoEstimate:
    """Whether two groups differ in their mean number of events a patient.

    Differences of the means' steps are weighted by those at risk, as the log-rank test does for
    first events; their variance is robust, and each group's own.

    Args:
        time: When each event happened, from 0, shape (k,).
        patient: Whose it was, as a place in `end`, shape (k,).
        end: When each patient's follow-up ended, from 0, shape (n,).
        group: Each patient's, two labels, shape (n,).
        died: Whether follow-up ended with death, shape (n,); then the means are Ghosh and Lin's.

    Raises:
        ValueError: As `mean_cumulative`, or there are not two groups.

    Source: Lawless & Nadeau 1995, Technometrics 37:158; Ghosh & Lin 2000, Biometrics 56:554, the
        statistic Q with weights of the log-rank type; R's survfit of survival (its influence);
        tests/validation/recurrent.R.
    """
    course = _course(time, patient, end, died)
    labels, codes = labels_of(group, course.n, "group")
    if len(labels) > 2:
        msg = f"there are {len(labels)} groups; the test compares two"
        raise ValueError(msg)
    if len(labels) < 2:
        return NoEstimate("there is one group only")
    parts = [course.part(codes == code) for code in (0, 1)]
    steps = [_steps(part, with_death=died is not None) for part in parts]
    y_1, y_2 = (part.n_at_risk.astype(np.float64) for part in steps)
    # Their K is Y1 Y2 / (Y1 + Y2), which is 0 once one group has ended.
    weight = np.divide(y_1 * y_2, y_1 + y_2, out=np.zeros_like(y_1), where=y_1 * y_2 > 0)
    score, variance = 0.0, 0.0
    for sign, part, of_it in zip((1.0, -1.0), parts, steps, strict=True):
        score += sign * float(weight @ np.diff(of_it.mean, prepend=0.0))
        for influence in _influences(part, of_it):
            variance += float(((np.diff(influence, axis=1, prepend=0.0) @ weight) ** 2).sum())
    if variance <= _NONE * max(score**2, 1.0):
        return NoEstimate("no patient's events differ from the others', so nothing is compared")
    statistic = score**2 / variance
    return HypothesisTest(
        statistic=statistic,
        p_value=float(special.chdtrc(1, statistic)),
        df=1,
        method="test of two mean cumulative functions with log-rank weights, robust"
        + (", death as their end" if died is not None else ""),
    )


def _course(time: ArrayLike, patient: ArrayLike, end: ArrayLike, died: ArrayLike | None) -> _Course:
    events = np.asarray(time, dtype=np.float64)
    ends = np.asarray(end, dtype=np.float64)
    who = np.asarray(patient)
    dead = np.zeros(len(ends), dtype=bool) if died is None else binary(died, "died")
    if events.ndim != 1 or ends.ndim != 1 or who.shape != events.shape or len(dead) != len(ends):
        raise ValueError("time and patient must have one length, and so must end and died")
    if len(who) and not (who.dtype.kind in "iu" and who.min() >= 0 and who.max() < len(ends)):
        msg = f"patients are numbered from 0 to below their count ({len(ends)})"
        raise ValueError(msg)
    both = np.concatenate([ends, events])
    if not np.isfinite(both).all() or (both < 0).any():
        raise ValueError("times count from 0 and none may be missing")
    times = in_order(both)
    codes = times.codes()
    who = who.astype(np.int64)
    if (codes[len(ends) :] > codes[: len(ends)][who]).any():
        raise ValueError("an event comes after its patient's end of follow-up")
    return _Course(times.distinct, codes[: len(ends)], dead, who, codes[len(ends) :])


def _steps(course: _Course, *, with_death: bool) -> _Steps:
    m = len(course.time)
    ended = np.bincount(course.end, minlength=m)
    at_risk = ended[::-1].cumsum()[::-1]
    events = np.bincount(course.event, minlength=m)
    deaths = np.bincount(course.end[course.died], minlength=m)
    per_patient = np.divide(1.0, at_risk, out=np.zeros(m), where=at_risk > 0)
    hazard = deaths * per_patient if with_death else np.zeros(m)
    # S(t−): a patient who dies at the time of an event was alive for it.
    alive = np.concatenate([[1.0], np.cumprod(1 - hazard)[:-1]])
    rate = events * per_patient
    return _Steps(at_risk, events, deaths, alive, rate, hazard, np.cumsum(alive * rate))


def _influences(course: _Course, steps: _Steps) -> Iterator[Matrix]:
    """Each patient's part of the mean's error at each time, some patients (n, m) at once.

    Ghosh & Lin's Ψ: ∫ S/Y dM − μ(t) ∫ dMᴰ/Y + ∫ μ dMᴰ/Y, with dMᴰ over 1 − dΛ, as it follows from
    the Kaplan–Meier curve's product. Without death the first term alone is Lawless & Nadeau's.
    """
    m = len(course.time)
    per_patient = np.divide(1.0, steps.n_at_risk, out=np.zeros(m), where=steps.n_at_risk > 0)
    # The last hazard may be 1: no later mean rests on it, and its term below is 0.
    of_death = np.divide(per_patient, 1 - steps.hazard, out=np.zeros(m), where=steps.hazard < 1)
    size = max(1, _AT_ONCE // max(m, 1))
    order = np.argsort(course.patient, kind="stable")
    first = np.searchsorted(course.patient[order], np.arange(course.n + 1))
    for start in range(0, course.n, size):
        here = slice(start, min(start + size, course.n))
        end, died = course.end[here], course.died[here]
        rows = order[first[here.start] : first[here.stop]]
        at_risk = np.arange(m) <= end[:, None]
        counted = np.zeros((len(end), m))
        np.add.at(counted, (course.patient[rows] - start, course.event[rows]), 1.0)
        parts = np.cumsum((counted - at_risk * steps.rate) * (steps.alive * per_patient), axis=1)
        if steps.hazard.any():
            deaths = np.zeros((len(end), m))
            deaths[np.flatnonzero(died), end[died]] = 1.0
            lost = (deaths - at_risk * steps.hazard) * of_death
            parts += np.cumsum(lost * steps.mean, axis=1) - steps.mean * np.cumsum(lost, axis=1)
        yield parts
