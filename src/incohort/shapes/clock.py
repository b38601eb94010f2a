"""Results on the time to recovery: each of a set of timed episodes, or why there is none."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from itertools import pairwise
from operator import or_
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from incohort.results import Curve, Figure, Measure, NotEstimable, Result
from incohort.shapes.episodes import TIMED, ended, those
from incohort.shapes.sets import Members
from incohort.shapes.tabular import figure
from incohort.shapes.telling import Draft
from incohort.shapes.times import DIED, RECOVERED, Times, Vector, persons_at, times_of
from incohort.stats import NoEstimate, then
from incohort.stats.competing import AalenJohansen, CumulativeIncidence
from incohort.stats.survival import SurvivalCurve, kaplan_meier, rmst

if TYPE_CHECKING:  # what has its own name only there
    from incohort.shapes.making import Estimated

NOBODY = "nobody is in this group"
NOTHING_TIMED = "no episode of neutropenia can be timed here"
NOT_THAT_LONG = "nobody was followed that long"
# What ends observation, in an estimand's words.
NET, COMPETING = "death is taken as the end of observation", "death competes with recovery"
BAND = "days observed"
# Of each cause how an episode ended, and what is said where none did.
_HOW = {RECOVERED: "recovered", DIED: "died"}
_NONE = {RECOVERED: "nobody recovered", DIED: "nobody died before recovery"}
_AT_EACH_STEP = ("n_at_risk", "n_events", "n_censored")


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What recovery is and where the days are counted from, in words.

    `threshold` is the count from which a patient has recovered, `zero` where the clock starts,
    `days` the axis. `has_died` says whether anybody died before recovery.
    """

    threshold: str
    zero: str
    days: str
    has_died: bool

    @property
    def below(self) -> str:
        """The axis of those who have not recovered."""
        return f"Not yet recovered to {self.threshold}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """A stepped curve as it was estimated.

    `n_persons` is how many patients' follow-up ends at each step; `counts` are those at risk, with
    the event and censored, as far as an estimator tells them. An empty `y_label` is the clock's.
    """

    time: Vector
    values: Vector
    n_persons: tuple[int, ...]
    method: str
    limits: tuple[Vector, Vector] | None = None
    counts: Mapping[str, NDArray[np.int64]] = field(default_factory=dict)
    measure: str = "survival"
    y_label: str = ""

    @classmethod
    def of(cls, curve: Any, n_persons: tuple[int, ...]) -> Steps:
        """A curve of those without the event, or of those with it, with its limits."""
        is_risk = isinstance(curve, CumulativeIncidence)
        return cls(
            time=curve.time,
            values=curve.cumulative_incidence if is_risk else curve.survival,
            n_persons=n_persons,
            method=curve.method,
            limits=(curve.ci_low, curve.ci_high),
            counts={name: getattr(curve, name) for name in _AT_EACH_STEP if hasattr(curve, name)},
            measure="cumulative incidence" if is_risk else "survival",
            y_label="Cumulative incidence" if is_risk else "",
        )

    def drawn(self, draft: Draft, clock: Clock, tail: str, label: str, n: int) -> Curve:
        """The curve under its key, of `n` patients."""
        key, sources = draft.scope.key(tail), draft.all_sources
        low, high = self.limits or (np.empty(0), np.empty(0))
        return Curve(
            key=key,
            label=label,
            x=tuple(self.time.tolist()),
            y=tuple(self.values.tolist()),
            ci_low=tuple(low.tolist()),
            ci_high=tuple(high.tolist()),
            conf_level=draft.scope.conf_level if self.limits else None,
            x_label=clock.days,
            y_label=self.y_label or clock.below,
            measure=self.measure,
            n_persons=self.n_persons,
            n=n,
            method=self.method,
            sources=sources,
            origin=draft.scope.cohort.origin_of(key, sources),
            **cast("Any", {name: tuple(at.tolist()) for name, at in self.counts.items()}),
        )


def survival_of(times: Times, conf_level: float) -> SurvivalCurve | NoEstimate:
    """Kaplan and Meier's curve of some times."""
    return kaplan_meier(times.time, times.event, conf_level=conf_level)


@dataclass(kw_only=True)
class TimesDraft(Draft):
    """Results on timed episodes in the making; `absent` says why no time can be told of anybody.

    Args:
        clock: What recovery is and where the days are counted from.
        analysed: All timed episodes that are asked about.
        days: By which shares are told.
    """

    clock: Clock
    analysed: Members
    days: tuple[int, ...] = (7, 14, 28)

    def reason(self, members: Members) -> str:
        """Why nothing can be estimated of a set; empty where something may."""
        if self.absent or len(members):
            return self.absent
        return NOBODY if len(self.analysed) else NOTHING_TIMED

    @contextmanager
    def ending(self, ends: str) -> Iterator[None]:
        """While numbers are told whose observation that ends."""
        self.ends = ends
        yield
        self.ends = ""

    def outcomes_in(self, head: str, name: str, members: Members) -> list[str]:
        """How many are in a group of episodes and what became of them; `name` is the group's."""
        return [
            self.count_in(f"{head}/n/count", f"{name}: episodes", members),
            *(
                self.count_in(
                    f"{head}/{how}/count", f"{name}: {label}", ended(members, how), members
                )
                for how, label in (
                    ("recovered", "recovered"),
                    ("died", "died before recovery"),
                    ("censored", "censored"),
                )
            ),
        ]

    def span_in(
        self, tail: str, label: str, measure: Measure, answer: Estimated, members: Members, *,
        ends: str = NET, quantity: str = "",
    ) -> str:  # fmt: skip
        """A number of days, resting on those who recovered."""
        reason = self.reason(members)
        with self.ending(ends):
            return self.interval_in(
                tail, label, measure, NoEstimate(reason) if reason else answer, members,
                rests_on=(ended(members, "recovered"),), unit="d",
                quantity=f"{self.clock.days}, {quantity or measure}",
            )  # fmt: skip

    def survival(self, members: Members) -> SurvivalCurve | NoEstimate:
        """Kaplan and Meier's curve of a set."""
        return survival_of(times_of(members.frame), self.scope.conf_level)

    def median_in(self, tail: str, label: str, members: Members) -> str:
        """The day by which half would have recovered if nobody had died."""
        half = then(self.survival(members), lambda curve: curve.quantile(0.5))
        return self.span_in(tail, label, Measure.MEDIAN, half, members)

    def mean_in(self, tail: str, label: str, members: Members, horizon: int) -> str:
        """The mean days without recovery up to a horizon, if nobody had died."""
        times, level = times_of(members.frame), self.scope.conf_level
        mean = rmst(times.time, times.event, float(horizon), conf_level=level)
        return self.span_in(tail, label, Measure.MEAN, mean, members)

    def day_in(
        self, tail: str, label: str, measure: Measure, value: float | NoEstimate, members: Members,
        *, method: str, unit: str = "d",
    ) -> str:  # fmt: skip
        """A number without an interval, resting on those who recovered."""
        if isinstance(value, NoEstimate):
            value = NoEstimate(self.reason(members) or value.reason)
        with self.ending(NET):
            return self.statistic_in(
                tail, label, measure, value, (members, ended(members, "recovered")), method=method,
                n=None if isinstance(value, NoEstimate) else members.n_persons, unit=unit,
                quantity=f"{self.clock.days}, {tail}",
            )  # fmt: skip

    def difference_in(
        self, tail: str, label: str, groups: Sequence[Members],
        test: Callable[[Times, NDArray[np.int64]], Any], how: str = "recovered", *, ends: str = NET,
    ) -> str:  # fmt: skip
        """The P value of a test between groups of episodes.

        Args:
            tail: Of the key.
            label: What it is.
            groups: What is compared.
            test: Of the times of all of them and of which group each is in: a test, or why there
                is none.
            how: The end that it is a test of, as in `ended`.
            ends: What ends observation.
        """
        both = reduce(or_, groups)
        reason = "" if len(self.analysed) else self.reason(both)
        answer = NoEstimate(reason or "nobody is in either group")
        if len(both) and not reason:
            answer = test(times_of(both.frame), _which(groups, both))
        n = None if isinstance(answer, NoEstimate) else both.n_persons
        with self.ending(ends):
            sets = (both, *(ended(members, how) for members in groups))
            return self.test_in(tail, label, answer, sets, n=n)

    def curve_in(
        self, tail: str, label: str, answer: SurvivalCurve | NoEstimate, members: Members,
        times: Times | None = None, quantity: str = "",
    ) -> str:  # fmt: skip
        """A Kaplan–Meier curve of a set; `times` where they are not those of its rows."""
        if isinstance(answer, NoEstimate) or not len(members):
            return self.no_steps_in(tail, label, getattr(answer, "reason", ""), members)
        steps = Steps.of(answer, persons_at(times or times_of(members.frame), answer.time))
        return self.steps_in(tail, label, steps, members, quantity or "curve")

    def incidence_in(
        self, tail: str, label: str, cause: int, answer: AalenJohansen | NoEstimate,
        members: Members,
    ) -> str:  # fmt: skip
        """The cumulative incidence of recovery or of death in a set."""
        if self.absent:
            return self.none_in(tail, label, self.absent, members)
        curve = then(answer, lambda curves: curves.of(cause))
        if isinstance(curve, NoEstimate):
            those_who = ended(members, _HOW[cause])
            return self.no_steps_in(tail, label, _NONE[cause], those_who, of=members)
        steps = Steps.of(curve, persons_at(times_of(members.frame), curve.time))
        if isinstance(answer, AalenJohansen) and not self.scope.lists_all:
            # Of a restricted cohort, that the counts add up would tell that nobody died.
            steps = replace(steps, counts={**steps.counts, "n_censored": answer.n_censored})
        return self.steps_in(tail, label, steps, members, f"incidence {cause}")

    def no_steps_in(
        self, tail: str, label: str, reason: str, members: Members, of: Members | None = None
    ) -> str:
        """A curve that there is not; `of` are those who were followed, if not the set itself."""
        if self.absent:
            return self.none_in(tail, label, self.absent, members)
        return self.no_curve_in(tail, label, self.reason(of or members) or reason, members)

    def steps_in(self, tail: str, label: str, steps: Steps, members: Members, quantity: str) -> str:
        """Any stepped curve of a set; `quantity` is what it is of, in words."""
        curve = steps.drawn(self, self.clock, tail, label, members.n_persons)
        return self.drawn_in(curve, members, f"{self.clock.days}, {quantity}")

    def share_by(
        self, tail: str, label: str, curve: SurvivalCurve | AalenJohansen | NoEstimate, day: int,
        members: Members, cause: int = RECOVERED,
    ) -> str:  # fmt: skip
        """The share of a set who had recovered, or died, by a day; without limits at 0 and 1."""
        if self.absent:
            return self.none_in(tail, label, self.absent, members)
        is_net = isinstance(curve, SurvivalCurve)
        rests = self._behind_share(members, _HOW[cause], day, is_net=is_net)
        with self.ending(NET if is_net else COMPETING):
            if isinstance(curve, NoEstimate) or not len(members):
                none = NoEstimate(self.reason(members) or getattr(curve, "reason", ""))
                return self.statistic_in(tail, label, Measure.PROPORTION, none, [members], n=0)
            if day > float(curve.time[-1]) and curve.survival[-1] > 0:
                none, n = NoEstimate(NOT_THAT_LONG), members.n_persons
                return self.statistic_in(tail, label, Measure.PROPORTION, none, [members], n=n)
            value, limits = _share_at(curve, day, cause)
            key = self.estimate(
                tail, label, Measure.PROPORTION, value, n=members.n_persons, method=curve.method,
                ci=(*limits, self.scope.conf_level) if limits and len(rests[0]) else None,
            )  # fmt: skip
            return self._of(key, members, rests_on=rests)

    def _behind_share(
        self, members: Members, how: str, day: int, *, is_net: bool
    ) -> tuple[Members, Members]:
        """Those who had the event by a day, and the others: of a curve net of death the ones left.

        Which days the time lies between is a column of all timed episodes.
        """
        by_then = [word for word, last in self._bands.items() if last <= day]
        had, later = (
            ended(members, how).where(BAND, *by_then),
            ended(members, how).outside(BAND, *by_then),
        )
        if is_net:
            return had, members.outside(BAND, *by_then)
        return had, members.less(ended(members, how)) | later

    @cached_property
    def _bands(self) -> dict[str, float]:
        """The spans of days that shares are told by, with the last day of each."""
        edges = [*sorted(self.days), math.inf]
        words = [f"up to day {edges[0]:g}"]
        words += [f"day {low + 1:g} to {high:g}" for low, high in pairwise(edges[:-1])]
        words.append(f"after day {edges[-2]:g}")
        base = self.analysed.base
        time = pd.to_numeric(base.frame["time"]).astype("float64")
        places = np.searchsorted(edges, time.fillna(0.0), side="left")
        bands = pd.Series(np.array(words, dtype=object)[places], index=time.index)
        bands[time.isna()] = None
        base.cut(BAND, bands, words, those(base.everybody, ends=TIMED))
        return dict(zip(words, edges, strict=True))

    def has_curve(self, *keys: str) -> bool:
        """Whether there is a curve to draw under each of these keys.

        Of a restricted cohort also where nobody stands behind it: a figure that is left out only
        then would tell so.
        """
        return all(self._may_have_curve(self.results[key]) for key in keys)

    def _may_have_curve(self, result: Result) -> bool:
        is_of_few = isinstance(result, NotEstimable) and result.n is not None
        return isinstance(result, Curve) or (is_of_few and self.scope.lists_all)

    def curves_drawn(
        self, name: str, caption: str, alt: str, keys: Sequence[str], y_label: str = ""
    ) -> tuple[Figure, ...]:
        """A figure of curves under its key; none where there is no curve to draw."""
        if not any(self.has_curve(key) for key in keys):
            return ()
        series = [(self.results[key].label, [key]) for key in keys]
        return (self.curves_figure(name, caption, alt, series, y_label),)

    def curves_figure(
        self, name: str, caption: str, alt: str, series: Iterable[tuple[str, Iterable[str]]],
        y_label: str = "",
    ) -> Figure:  # fmt: skip
        """A figure of curves under its key."""
        return figure(
            self.scope, name, "curves", caption, alt, series, x_label=self.clock.days,
            y_label=y_label or self.clock.below,
        )  # fmt: skip


def _which(groups: Sequence[Members], both: Members) -> NDArray[np.int64]:
    """In which of the groups each of all their episodes is."""
    inside, codes = both.mask.to_numpy(), np.zeros(len(both), dtype=np.int64)
    for number, members in enumerate(groups):
        codes[members.mask.to_numpy()[inside]] = number
    return codes


def _share_at(
    curve: SurvivalCurve | AalenJohansen, day: int, cause: int
) -> tuple[float, tuple[float, float] | None]:
    """The share who had the event by a day, with its limits where the curve has any there."""
    if isinstance(curve, SurvivalCurve):
        at = curve.at([float(day)])
        limits = (1 - float(at.ci_high[0]), 1 - float(at.ci_low[0]))
        return 1 - float(at.survival[0]), limits if at.has_limits[0] else None
    risks = then(curve.of(cause), lambda risk: risk.at([float(day)]))
    if isinstance(risks, NoEstimate):
        return 0.0, None
    limits = (float(risks.ci_low[0]), float(risks.ci_high[0]))
    return float(risks.cumulative_incidence[0]), limits if risks.has_limits[0] else None
