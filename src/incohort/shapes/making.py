"""Estimates from what the estimators answer: keys, sources and origin in one place."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from incohort.cohort import Cohort
from incohort.results import Estimate, Measure, NotEstimable, Origin, Result
from incohort.stats import HypothesisTest, Interval, NoEstimate
from incohort.stats.location import summarise
from incohort.stats.one_sided import Bound, Quartile, one_sided_quartiles
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

    def origin_of(self, key: str, sources: Sequence[str]) -> Origin:
        """Where a number comes from; of a part of the cohort none holds by construction."""
        return self.cohort.origin_of(key, sources, is_whole=not self.restricted_by)


class Details(TypedDict, total=False):
    """What may stand beside a number, as in `Estimate`: each where there is some."""

    n: int | None
    events: int | None
    unit: str
    method: str
    notes: tuple[str, ...]
    residual_df: int | None
    no_interval: str
    bound: Bound


@dataclass(kw_only=True)
class Made:
    """Results in the making, under their full keys, in order.

    Every method adds one result (or the reason why there is none) and returns its full key.
    `sources` are the columns behind what is added next.
    """

    scope: Scope
    sources: tuple[str, ...] = ()
    results: dict[str, Result] = field(default_factory=dict)

    @property
    def all_sources(self) -> tuple[str, ...]:
        """The columns behind what is told next, those of the selection among them."""
        return tuple(dict.fromkeys((*self.sources, *self.scope.restricted_by)))

    def count(self, tail: str, label: str, value: int, *, n: int | None = None) -> str:
        """A count of patients; `n` is how many were looked at."""
        return self.estimate(tail, label, Measure.COUNT, float(value), n=value if n is None else n)

    def proportion(self, tail: str, label: str, events: int, n: int, *, nobody: str = "") -> str:
        """A proportion with its interval; `nobody` says who is missing where n is 0."""
        scope = self.scope
        answer = proportion(events, n, conf_level=scope.conf_level, method=scope.interval)
        if isinstance(answer, NoEstimate):
            return self.none(tail, label, nobody or answer.reason, n=0)
        return self.interval(tail, label, Measure.PROPORTION, answer, n=n, events=events)

    def interval(
        self,
        tail: str,
        label: str,
        measure: Measure,
        answer: Estimated,
        **details: Unpack[Details],
    ) -> str:
        """An estimate with its interval, as an estimator answered it."""
        if isinstance(answer, NoEstimate) or not math.isfinite(answer.estimate):
            reason = answer.reason if isinstance(answer, NoEstimate) else INFINITE
            return self.none(tail, label, reason, n=details.get("n"))
        details["method"] = answer.method
        if isinstance(answer, Interval) and answer.no_interval:
            details["no_interval"] = answer.no_interval
            return self.estimate(tail, label, measure, answer.estimate, **details)
        ci = (answer.ci_low, answer.ci_high, answer.conf_level)
        return self.estimate(tail, label, measure, answer.estimate, ci=ci, **details)

    def p_value(self, tail: str, label: str, answer: Tested, **details: Unpack[Details]) -> str:
        """The P value of a test."""
        if isinstance(answer, NoEstimate):
            return self.none(tail, label, answer.reason, n=details.get("n"))
        details["method"] = answer.method
        return self.estimate(tail, label, Measure.P_VALUE, answer.p_value, **details)

    def quartiles(
        self, tail: str, label: str, values: Iterable[float], *, unit: str,
        signs: Iterable[str | None] | None = None,
    ) -> tuple[str, str, str]:  # fmt: skip
        """Median, first and third quartile; `signs` says which values are bounds."""
        sample = list(values)
        answer = summarise(sample)
        known = {} if signs is None else one_sided_quartiles(sample, list(signs))

        def quartile(name: str, measure: Measure) -> str:
            key, text = f"{tail}/{name}", f"{label}, {name}"
            if isinstance(answer, NoEstimate):
                return self.none(key, text, answer.reason, n=0)
            value: float = getattr(answer, name)
            bound: Bound = ""
            match known.get(name):
                case NoEstimate() as why:
                    return self.none(key, text, why.reason, n=answer.n)
                case Quartile(bound=sign) as limit if sign:
                    value, bound = limit.value, sign
            return self.estimate(
                key,
                text,
                measure,
                value,
                n=answer.n,
                unit=unit,
                bound=bound,
                method="sample quantile, type 7",
            )

        return (
            quartile("median", Measure.MEDIAN),
            quartile("q1", Measure.QUANTILE),
            quartile("q3", Measure.QUANTILE),
        )

    def estimate(
        self,
        tail: str,
        label: str,
        measure: Measure,
        value: float,
        *,
        ci: tuple[float, float, float] | None = None,
        **details: Unpack[Details],
    ) -> str:
        """Any number; `ci` is lower limit, upper limit and confidence level."""
        key, sources = self.scope.key(tail), self.all_sources
        low, high, level = ci or (None, None, None)
        result = Estimate(
            key=key,
            label=label,
            measure=measure,
            value=value,
            ci_low=low,
            ci_high=high,
            conf_level=level,
            sources=sources,
            asked=self.scope.asked,
            origin=self.scope.origin_of(key, sources),
            **details,
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

    def number(
        self, tail: str, label: str, measure: Measure, answer: float | NoEstimate,
        **details: Unpack[Details],
    ) -> str:  # fmt: skip
        """A bare number, or why there is none."""
        if isinstance(answer, NoEstimate):
            return self.none(tail, label, answer.reason)
        return self.estimate(tail, label, measure, answer, **details)

    def none(self, tail: str, label: str, reason: str, *, n: int | None = None) -> str:
        """A number that was not given, or can't be worked out; nobody of the cohort is behind."""
        del n
        return super().none(tail, label, reason)

    def _keep(self, result: Result) -> str:
        self.keys.add(result.key)
        return super()._keep(result)


def part_of(answer: object, name: str) -> Any:
    """A part of an estimator's answer by its name; where there is no answer, why there is none."""
    return answer if isinstance(answer, NoEstimate) else getattr(answer, name)


def listed(names: Iterable[str], known: Mapping[str, str]) -> str:
    """Labels of names as a phrase: `a, b and c`."""
    labels = [known.get(name, name) for name in names]
    if len(labels) < 2:
        return "".join(labels)
    return f"{', '.join(labels[:-1])} and {labels[-1]}"
