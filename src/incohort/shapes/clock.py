"""Results on the time to recovery: each of a set of timed episodes, or why there is none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import pairwise
from operator import or_
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from incohort.results import (
    Curve,
    Figure,
    FigureKind,
    Measure,
    NotEstimable,
    Result,
    Series,
)
from incohort.shapes.episodes import TIMED, ended, those
from incohort.shapes.sets import Members
from incohort.shapes.telling import Told
from incohort.shapes.times import DIED, RECOVERED, Times, Vector, persons_at, times_of
from incohort.stats import HypothesisTest, NoEstimate
from incohort.stats.competing import AalenJohansen
from incohort.stats.survival import SurvivalCurve, kaplan_meier, rmst

if TYPE_CHECKING:  # what has its own name only there
    from incohort.shapes.making import Estimated

NOBODY = "nobody is in this group"
NOTHING_TIMED = "no episode of neutropenia can be timed here"
NOT_THAT_LONG = "nobody was followed that long"
# What ends observation, in an estimand's words.
NET, COMPETING = "death is taken as the end of observation", "death competes with recovery"
BAND = "days observed"
_HOW = {RECOVERED: "recovered", DIED: "died"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What recovery is and where the days are counted from, in words.

    `threshold` is the count from which a patient has recovered, `zero` where the clock starts,
    `days` the axis. `has_died` says whether anybody died before recovery, `absent` why no time can
    be told of anybody: a table is missing.
    """

    threshold: str
    zero: str
    days: str
    has_died: bool
    absent: str = ""

    @property
    def below(self) -> str:
        """The axis of those who have not recovered."""
        return f"Not yet recovered to {self.threshold}"


@dataclass(kw_only=True)
class TimesTold(Told):
    """Results on timed episodes in the making.

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
        if self.clock.absent or len(members):
            return self.clock.absent
        return NOBODY if len(self.analysed) else NOTHING_TIMED

    def number_in(self, tail: str, label: str, members: Members, of: Members | None = None) -> str:
        """How many are in a set, with `of` how many of those; or why that can't be told."""
        return self.count_in(tail, label, members, of, absent=self.clock.absent)

    def outcomes_in(self, head: str, name: str, members: Members) -> list[str]:
        """How many are in a group of episodes and what became of them; `name` is the group's."""
        return [
            self.number_in(f"{head}/n/count", f"{name}: episodes", members),
            *(
                self.number_in(
                    f"{head}/{how}/count", f"{name}: {label}", ended(members, how), members
                )
                for how, label in (
                    ("recovered", "recovered"),
                    ("died", "died before recovery"),
                    ("censored", "censored"),
                )
            ),
        ]

    def span_in(  # noqa: PLR0913 — the parts of an estimate, each by its name
        self, tail: str, label: str, measure: Measure, answer: Estimated, members: Members, *,
        ends: str = NET, unit: str = "d", quantity: str = "",
    ) -> str:  # fmt: skip
        """A number of days, resting on those who recovered."""
        if self.clock.absent:
            return self.none_in(tail, label, self.clock.absent, members)
        reason = self.reason(members)
        self.ends = ends
        key = self.interval_in(
            tail, label, measure, NoEstimate(reason) if reason else answer, members,
            rests_on=(ended(members, "recovered"),), unit=unit,
            quantity=f"{self.clock.days}, {quantity or measure}",
        )  # fmt: skip
        self.ends = ""
        return key

    def survival(self, members: Members) -> SurvivalCurve | NoEstimate:
        """Kaplan and Meier's curve of a set."""
        times = times_of(members.frame)
        return kaplan_meier(times.time, times.event, conf_level=self.scope.conf_level)

    def median_in(self, tail: str, label: str, members: Members) -> str:
        """The day by which half would have recovered if nobody had died."""
        curve = self.survival(members)
        half = curve if isinstance(curve, NoEstimate) else curve.quantile(0.5)
        return self.span_in(tail, label, Measure.MEDIAN, half, members)

    def mean_in(self, tail: str, label: str, members: Members, horizon: int) -> str:
        """The mean days without recovery up to a horizon, if nobody had died."""
        times, level = times_of(members.frame), self.scope.conf_level
        mean = (
            rmst(times.time, times.event, float(horizon), conf_level=level)
            if times.n
            else NoEstimate(NOBODY)
        )
        return self.span_in(tail, label, Measure.MEAN, mean, members)

    def day_in(
        self, tail: str, label: str, measure: Measure, value: float | NoEstimate, members: Members,
        *, method: str, unit: str = "d",
    ) -> str:  # fmt: skip
        """A number without an interval, resting on those who recovered."""
        if self.clock.absent:
            return self.none_in(tail, label, self.clock.absent, members)
        if isinstance(value, NoEstimate):
            value = NoEstimate(self.reason(members) or value.reason)
        self.ends = NET
        key = self.statistic_in(
            tail, label, measure, value, (members, ended(members, "recovered")), method=method,
            n=None if isinstance(value, NoEstimate) else members.n_persons, unit=unit,
            quantity=f"{self.clock.days}, {tail}",
        )  # fmt: skip
        self.ends = ""
        return key

    def difference_in(
        self, tail: str, label: str, answer: Any, groups: Sequence[Members],
        events: Sequence[Members], *, ends: str = NET,
    ) -> str:  # fmt: skip
        """The P value of a test between groups of episodes.

        Args:
            tail: Of the key.
            label: What it is.
            answer: What the test gave: statistic, degrees of freedom and P, or why there is none.
            groups: What is compared.
            events: Those of each who had the event.
            ends: What ends observation.
        """
        both = reduce(or_, groups)
        if self.clock.absent:
            return self.none_in(tail, label, self.clock.absent, both)
        reason = "" if len(self.analysed) else self.reason(both)
        if reason or isinstance(answer, NoEstimate):
            test: HypothesisTest | NoEstimate = NoEstimate(reason or answer.reason)
            n = min(members.n_persons for members in events)
        else:
            test = HypothesisTest(
                statistic=answer.statistic, p_value=answer.p_value, df=answer.df,
                method=answer.method,
            )  # fmt: skip
            n = both.n_persons
        self.ends = ends
        key = self.test_in(tail, label, test, (both, *events), n=n)
        self.ends = ""
        return key

    def curve_in(
        self, tail: str, label: str, answer: SurvivalCurve | NoEstimate, members: Members,
        times: Times | None = None, quantity: str = "",
    ) -> str:  # fmt: skip
        """A Kaplan–Meier curve of a set; `times` where they are not those of its rows."""
        if isinstance(answer, NoEstimate) or not len(members):
            return self.no_steps_in(tail, label, getattr(answer, "reason", ""), members)
        return self.steps_in(
            tail, label, answer.time, answer.survival, members,
            persons_at(times or times_of(members.frame), answer.time), answer.method,
            limits=(answer.ci_low, answer.ci_high), quantity=quantity or "curve",
            n_at_risk=answer.n_at_risk, n_events=answer.n_events, n_censored=answer.n_censored,
        )  # fmt: skip

    def incidence_in(
        self, tail: str, label: str, cause: int, answer: AalenJohansen | NoEstimate,
        members: Members,
    ) -> str:  # fmt: skip
        """The cumulative incidence of recovery or of death in a set."""
        curve = answer if isinstance(answer, NoEstimate) else answer.of(cause)
        if isinstance(curve, NoEstimate):
            word = {RECOVERED: "nobody recovered", DIED: "nobody died before recovery"}[cause]
            return self.no_steps_in(tail, label, word, ended(members, _HOW[cause]), of=members)
        return self.steps_in(
            tail, label, curve.time, curve.cumulative_incidence, members,
            persons_at(times_of(members.frame), curve.time), curve.method,
            limits=(curve.ci_low, curve.ci_high), quantity=f"incidence {cause}",
            measure="cumulative incidence", y_label="Cumulative incidence",
            n_at_risk=curve.n_at_risk, n_events=curve.n_events,
        )  # fmt: skip

    def no_steps_in(
        self, tail: str, label: str, reason: str, members: Members, of: Members | None = None
    ) -> str:
        """A curve that there is not; `of` are those who were followed, if not the set itself."""
        if self.clock.absent:
            return self.none_in(tail, label, self.clock.absent, members)
        return self.no_curve_in(tail, label, self.reason(of or members) or reason, members)

    @staticmethod
    def together(groups: Sequence[Members]) -> tuple[Times, NDArray[np.int64]]:
        """The times of all that are in one of some groups, and in which each is."""
        both = reduce(or_, groups)
        inside, codes = both.mask.to_numpy(), np.zeros(len(both), dtype=np.int64)
        for number, members in enumerate(groups):
            codes[members.mask.to_numpy()[inside]] = number
        return times_of(both.frame), codes

    def steps_in(  # noqa: PLR0913 — the parts of a curve, each by its name
        self, tail: str, label: str, x: Vector, y: Vector, members: Members,
        n_persons: tuple[int, ...], method: str, *, quantity: str,
        limits: tuple[Vector, Vector] | None = None, measure: str = "survival", y_label: str = "",
        **numbers: Any,
    ) -> str:  # fmt: skip
        """Any stepped curve of a set; `numbers` are those at risk, with the event and censored."""
        key = self.scope.key(tail)
        low, high = limits or (np.empty(0), np.empty(0))
        sources = self.all_sources
        curve = Curve(
            key=key,
            label=label,
            x=tuple(x.tolist()),
            y=tuple(y.tolist()),
            ci_low=tuple(low.tolist()),
            ci_high=tuple(high.tolist()),
            conf_level=self.scope.conf_level if limits else None,
            x_label=self.clock.days,
            y_label=y_label or self.clock.below,
            measure=measure,
            n_persons=n_persons,
            n=members.n_persons,
            method=method,
            sources=sources,
            origin=self.scope.cohort.origin_of(key, sources),
            **cast("Any", {name: tuple(own.tolist()) for name, own in numbers.items()}),
        )
        return self.drawn_in(curve, members, f"{self.clock.days}, {quantity}" if quantity else "")

    def share_by(
        self, tail: str, label: str, curve: SurvivalCurve | AalenJohansen | NoEstimate, day: int,
        members: Members, cause: int = RECOVERED,
    ) -> str:  # fmt: skip
        """The share of a set who had recovered, or died, by a day; without limits at 0 and 1."""
        reason = self.reason(members)
        if self.clock.absent:
            return self.none_in(tail, label, reason, members)
        is_net = isinstance(curve, SurvivalCurve)
        rests = self._behind_share(members, _HOW[cause], day, is_net=is_net)
        self.ends = NET if is_net else COMPETING
        if reason or isinstance(curve, NoEstimate):
            none = NoEstimate(reason or getattr(curve, "reason", ""))
            key = self.statistic_in(tail, label, Measure.PROPORTION, none, [members], n=0)
        elif day > float(curve.time[-1]) and curve.survival[-1] > 0:
            why = NoEstimate(NOT_THAT_LONG)
            n = members.n_persons
            key = self.statistic_in(tail, label, Measure.PROPORTION, why, [members], n=n)
        else:
            value, limits = _share_at(curve, day, cause)
            key = self.estimate(
                tail, label, Measure.PROPORTION, value, n=members.n_persons, method=curve.method,
                ci=(*limits, self.scope.conf_level) if limits and len(rests[0]) else None,
            )  # fmt: skip
            self._of(key, members, rests_on=rests)
        self.ends = ""
        return key

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
        own = pd.Series(np.array(words, dtype=object)[places], index=time.index)
        own[time.isna()] = None
        base.cut(BAND, own, words, those(base.everybody, ends=TIMED))
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
        series = (Series(self.results[key].label, (key,)) for key in keys)
        return (self.curves_figure(name, caption, alt, tuple(series), y_label),)

    def curves_figure(
        self, name: str, caption: str, alt: str, series: tuple[Series, ...], y_label: str = ""
    ) -> Figure:
        """A figure of curves under its key."""
        return Figure(
            key=self.scope.key(f"{name}/figure"),
            kind=FigureKind.CURVES,
            caption=caption,
            alt=alt,
            series=series,
            x_label=self.clock.days,
            y_label=y_label or self.clock.below,
        )


def _share_at(
    curve: SurvivalCurve | AalenJohansen, day: int, cause: int
) -> tuple[float, tuple[float, float] | None]:
    """The share who had the event by a day, with its limits where the curve has any there."""
    if isinstance(curve, SurvivalCurve):
        at = curve.at([float(day)])
        limits = (1 - float(at.ci_high[0]), 1 - float(at.ci_low[0]))
        return 1 - float(at.survival[0]), limits if at.has_limits[0] else None
    own = curve.of(cause)
    if isinstance(own, NoEstimate):
        return 0.0, None
    told = own.at([float(day)])
    limits = (float(told.ci_low[0]), float(told.ci_high[0]))
    return float(told.cumulative_incidence[0]), limits if told.has_limits[0] else None
