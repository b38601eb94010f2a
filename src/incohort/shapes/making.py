"""Estimates from what the estimators answer: keys, sources and origin in one place."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from incohort.cohort import Cohort
from incohort.results import (
    Estimate,
    Measure,
    NotEstimable,
    Result,
)
from incohort.stats import HypothesisTest, Interval, NoEstimate
from incohort.stats.location import summarise
from incohort.stats.proportions import ProportionMethod, proportion

if TYPE_CHECKING:  # what has its own name only here
    from incohort.stats.contingency import ChiSquare
    from incohort.stats.correlation import Correlation
    from incohort.stats.location import Comparison
    from incohort.stats.meta import Effect, Pooled
    from incohort.stats.survival import Rmst, RmstContrast

    Tested = HypothesisTest | Comparison | Correlation | ChiSquare | Pooled | NoEstimate
    Estimated = (
        Interval | Comparison | Correlation | Effect | Pooled | Rmst | RmstContrast | NoEstimate
    )

INFINITE = "one cell of the table is empty, so the ratio has no bound"


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What all numbers of one report share.

    `prefix` begins every key. `restricted_by` are the columns by which patients were left out; they
    count among the sources of everything, and nothing then holds by construction. `asked` are the
    parameters that stand at another value than their default.
    """

    cohort: Cohort
    prefix: str
    conf_level: float = 0.95
    interval: ProportionMethod = "wilson"
    restricted_by: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()

    @property
    def lists_all(self) -> bool:
        """Whether categories are listed even where nobody has them.

        Of a restricted cohort a category that is listed only where it occurs would tell that
        somebody, or nobody, is in it.
        """
        return not self.cohort.card.is_public

    @property
    def level(self) -> str:
        """The confidence level as it is printed."""
        return f"{100 * self.conf_level:g} %"

    def key(self, tail: str) -> str:
        """The full key of an estimate."""
        return f"{self.prefix}/{tail}"


@dataclass(kw_only=True)
class Made:
    """Results in the making, under their full keys, in order.

    Every method adds one result (or the reason why there is none) and returns its full key.
    `sources` are the columns behind what is added next.
    """

    scope: Scope
    sources: tuple[str, ...] = ()
    results: dict[str, Result] = field(default_factory=dict)

    def count(self, tail: str, label: str, value: int, *, n: int | None = None) -> str:
        """A count of patients; `n` is how many were looked at."""
        return self.estimate(tail, label, Measure.COUNT, float(value), n=value if n is None else n)

    def proportion(
        self, tail: str, label: str, events: int, n: int, *, nobody: str = "", absent: str = ""
    ) -> str:
        """A proportion with its interval.

        `nobody` says who is missing where n is 0, `absent` which table the cohort lacks, if any.
        """
        if absent:
            return self.none(tail, label, absent)
        scope = self.scope
        answer = proportion(events, n, conf_level=scope.conf_level, method=scope.interval)
        if isinstance(answer, NoEstimate):
            return self.none(tail, label, nobody or answer.reason, n=0)
        return self.interval(tail, label, Measure.PROPORTION, answer, n=n, events=events)

    def interval(  # noqa: PLR0913 — the parts of an estimate, each by its name
        self,
        tail: str,
        label: str,
        measure: Measure,
        answer: Estimated,
        *,
        n: int | None = None,
        events: int | None = None,
        unit: str = "",
        notes: tuple[str, ...] = (),
        residual_df: int | None = None,
    ) -> str:
        """An estimate with its interval, as an estimator answered it."""
        if isinstance(answer, NoEstimate):
            return self.none(tail, label, answer.reason, n=n)
        if not math.isfinite(answer.estimate):
            return self.none(tail, label, INFINITE, n=n)
        no_interval = answer.no_interval if isinstance(answer, Interval) else ""
        return self.estimate(
            tail,
            label,
            measure,
            answer.estimate,
            n=n,
            events=events,
            ci=None if no_interval else (answer.ci_low, answer.ci_high, answer.conf_level),
            unit=unit,
            method=answer.method,
            no_interval=no_interval,
            residual_df=residual_df,
            notes=notes,
        )

    def p_value(
        self,
        tail: str,
        label: str,
        answer: Tested,
        *,
        n: int | None = None,
        notes: tuple[str, ...] = (),
        residual_df: int | None = None,
    ) -> str:
        """The P value of a test; `residual_df` as in `Estimate`."""
        if isinstance(answer, NoEstimate):
            return self.none(tail, label, answer.reason, n=n)
        return self.estimate(
            tail,
            label,
            Measure.P_VALUE,
            answer.p_value,
            n=n,
            method=answer.method,
            notes=notes,
            residual_df=residual_df,
        )

    def quartiles(
        self,
        tail: str,
        label: str,
        values: Iterable[float],
        *,
        unit: str,
    ) -> tuple[str, str, str]:
        """Median, first and third quartile."""
        answer = summarise(list(values))
        keys = []
        parts = (("median", Measure.MEDIAN), ("q1", Measure.QUANTILE), ("q3", Measure.QUANTILE))
        for part, measure in parts:
            name = f"{label}, {part}"
            if isinstance(answer, NoEstimate):
                keys.append(self.none(f"{tail}/{part}", name, answer.reason, n=0))
                continue
            value = float(getattr(answer, part))
            keys.append(
                self.estimate(
                    f"{tail}/{part}",
                    name,
                    measure,
                    value,
                    n=answer.n,
                    unit=unit,
                    method="sample quantile, type 7",
                )
            )
        return keys[0], keys[1], keys[2]

    def estimate(  # noqa: PLR0913 — the parts of an estimate, each by its name
        self,
        tail: str,
        label: str,
        measure: Measure,
        value: float,
        *,
        n: int | None = None,
        events: int | None = None,
        ci: tuple[float, float, float] | None = None,
        unit: str = "",
        method: str = "",
        notes: tuple[str, ...] = (),
        residual_df: int | None = None,
        no_interval: str = "",
    ) -> str:
        """Any number; `ci` is lower limit, upper limit and confidence level."""
        key = self.scope.key(tail)
        sources = tuple(dict.fromkeys((*self.sources, *self.scope.restricted_by)))
        low, high, level = ci or (None, None, None)
        result = Estimate(
            key=key,
            label=label,
            measure=measure,
            value=value,
            n=n,
            events=events,
            ci_low=low,
            ci_high=high,
            conf_level=level,
            unit=unit,
            method=method,
            notes=notes,
            residual_df=residual_df,
            no_interval=no_interval,
            sources=sources,
            asked=self.scope.asked,
            origin=self.scope.cohort.origin_of(key, sources, is_whole=not self.scope.restricted_by),
        )
        return self._keep(result)

    def none(self, tail: str, label: str, reason: str, *, n: int | None = None) -> str:
        """A number that these data can't give, and why."""
        key = self.scope.key(tail)
        return self._keep(
            NotEstimable(key=key, label=label, reason=reason, n=n, sources=self.sources)
        )

    def _keep(self, result: Result) -> str:
        self.results[result.key] = result
        return result.key


@dataclass(kw_only=True)
class Given(Made):
    """Numbers that were given to a report, not worked out from its rows, and so are no person's.

    A published figure and what follows from such figures, a price, an assumption. No column of the
    cohort may be behind one, and it may be no count: `Findings` refuses it.
    """

    keys: set[str] = field(default_factory=set)

    def none(self, tail: str, label: str, reason: str, *, n: int | None = None) -> str:
        """A number that was not given, or can't be worked out; nobody of the cohort is behind."""
        del n
        return super().none(tail, label, reason)

    def _keep(self, result: Result) -> str:
        self.keys.add(result.key)
        return super()._keep(result)


def listed(names: Iterable[str], known: Mapping[str, str]) -> str:
    """Labels of names as a phrase: `a, b and c`."""
    labels = [known.get(name, name) for name in names]
    if len(labels) < 2:
        return "".join(labels)
    return f"{', '.join(labels[:-1])} and {labels[-1]}"
