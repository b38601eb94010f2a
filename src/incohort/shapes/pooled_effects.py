"""Published effects pooled: by three methods, how far they differ, and what each one weighs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial

from incohort.results import Estimate, Figure, Measure, Row, Series, SizedBy, Table, clauses
from incohort.shapes.making import Given, part_of
from incohort.shapes.tabular import BLANK, cell, cells, forest, row, table, text
from incohort.stats import HypothesisTest, Interval, NoEstimate
from incohort.stats.meta import Effect, Method, Pooled, leave_one_out, pool, subgroup_difference

METHODS: dict[Method, str] = {
    "fixed": "Fixed effect",
    "dersimonian_laird": "Random effects, DerSimonian–Laird",
    "reml_hartung_knapp": "Random effects, REML with Hartung–Knapp",
}
_PREDICTED = (
    "Prediction intervals by t with two degrees of freedom fewer than comparisons "
    "(DerSimonian–Laird), or one fewer, as the confidence interval (Hartung–Knapp)."
)
_PROFILED = (
    "Intervals by Q-profile. An interval that begins at 0 means that the comparisons "
    "may share one effect; one that reaches far up, that they may well not."
)
_Q_PROFILE = "interval by Q-profile (Viechtbauer 2007)"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedEffect:
    """One effect that takes part.

    Args:
        name: In keys.
        label: As it is printed.
        sized: The same with how many patients it is of.
        group: The heading that it stands under in the figure.
        region: Where its patients were treated.
        effect: The difference of means.
    """

    name: str
    label: str
    sized: str
    group: str
    region: str
    effect: Effect


@dataclass(frozen=True, kw_only=True)
class Pooling:
    """Published differences of means in days, pooled; they are given, and of nobody here.

    Args:
        prefix: Begins the keys.
        effects: Those that take part.
        method: How they are pooled where one method is shown.
        conf_level: Of every interval.
        regions: As they are printed.
        axis: What a difference is, in words.
        sides: What a difference below 0 is, and one above.
    """

    prefix: str
    effects: Sequence[PublishedEffect]
    method: Method
    conf_level: float
    regions: Mapping[str, str]
    axis: str
    sides: tuple[str, str]

    @cached_property
    def numbers(self) -> tuple[list[float], list[float]]:
        """The differences and their standard errors."""
        effects = [published.effect for published in self.effects]
        return [effect.estimate for effect in effects], [effect.se for effect in effects]

    @property
    def n(self) -> int:
        """Patients in all arms."""
        return sum(published.effect.n for published in self.effects)

    def by(self, method: Method) -> Pooled | NoEstimate:
        """The pooled effect by one method."""
        if not self.effects:
            return NoEstimate("no comparison that passes the filters can be pooled")
        return pool(*self.numbers, method=method, conf_level=self.conf_level)

    def tables(self, given: Given, note: str = "") -> tuple[Table, ...]:
        """The pooled effects, heterogeneity, weights, and regions with a note of the caller's."""
        scope, prefix, words = given.scope, self.prefix, METHODS[self.method]
        answers = {method: self.by(method) for method in METHODS}
        spread = [
            _spread(given, f"{prefix}/{method}", METHODS[method], answers[method])
            for method in ("dersimonian_laird", "reml_hartung_knapp")
        ]
        level = scope.level
        return (
            table(
                scope, prefix, f"Pooled difference in days of {len(self.effects)} comparisons",
                "Method", (f"Difference ({level} CI)", "Standard error", "P",
                           f"A new series ({level} prediction interval)"),
                [_effect(given, self, method, answer) for method, answer in answers.items()],
                _PREDICTED,
            ),
            table(
                scope, f"{prefix}/heterogeneity", "How far the comparisons differ beyond chance",
                "Measure", ("DerSimonian–Laird", "REML"),
                (
                    row(name, *(cell(kind, keys[at]) for keys in spread))
                    for at, (name, kind) in enumerate(_SPREAD.items())
                ),
                _PROFILED,
            ),
            table(
                scope, f"{prefix}/weights", f"What each comparison weighs ({words})", "Comparison",
                ("Weight", f"Pooled without it ({level} CI)"),
                _weights(given, self, answers[self.method]),
            ),
            table(
                scope, f"{prefix}/region", f"By region ({words})", "Region",
                ("Comparisons", f"Difference in days ({level} CI)"), _regions(given, self), note,
            ),
        )  # fmt: skip

    def figure(self, given: Given) -> Figure:
        """Effects by group, the pooled ones, and what is left without each; after `tables`."""
        key, prefix = given.scope.key, self.prefix
        careful = key(f"{prefix}/reml_hartung_knapp")
        pooled = tuple(key(f"{prefix}/{method}") for method in METHODS)
        left = tuple(key(f"{prefix}/leave_one_out/{published.name}") for published in self.effects)
        left = tuple(k for k in left if isinstance(given.results[k], Estimate))
        words = f"Pooled without one of them ({METHODS[self.method]})"
        series = [*self._compared(given), Series("Pooled", pooled, is_summary=True)]
        series += [Series(words, left, is_summary=True)] if left else []
        return forest(
            given.scope,
            prefix,
            "Comparisons, pooled effects, and what is left without each comparison",
            f"{self.axis}, pooled from {len(self.effects)} comparisons: "
            + clauses(
                f"fixed effect {{{key(f'{prefix}/fixed')}:estimate_ci}}",
                f"REML with Hartung–Knapp {{{careful}:estimate_ci}}",
                f"I² {{{key(f'{prefix}/reml_hartung_knapp/i_squared')}:percent_ci}}",
            )
            + ".",
            series,
            self.axis,
            low_means=self.sides[0],
            high_means=self.sides[1],
            sized_by=SizedBy.WEIGHT,
        )

    def _compared(self, given: Given) -> Iterator[Series]:
        """The effects by group, each with what it weighs."""
        key, prefix = given.scope.key, self.prefix
        for group in dict.fromkeys(published.group for published in self.effects):
            inside = [published for published in self.effects if published.group == group]
            keys = tuple(
                difference(given, f"{prefix}/comparison/{published.name}", published.sized,
                           published.effect, published.effect.n)
                for published in inside
            )  # fmt: skip
            weights = tuple(key(f"{prefix}/weight/{published.name}") for published in inside)
            yield Series(group, keys, weights=weights)


def difference(
    given: Given, tail: str, label: str, answer: Effect | Pooled | Interval | NoEstimate,
    n: int | None = None, *notes: str,
) -> str:  # fmt: skip
    """A difference of mean days that rests on publications."""
    return given.interval(tail, label, Measure.DIFFERENCE, answer, n=n, unit="d", notes=notes)


def _effect(given: Given, pooling: Pooling, method: Method, answer: Pooled | NoEstimate) -> Row:
    """The pooled effect with its standard error, its P value and its prediction interval."""
    tail, label = f"{pooling.prefix}/{method}", METHODS[method]
    tail_se, label_se = f"{tail}/se", f"{label}, standard error"
    keys = (
        difference(given, tail, label, answer, pooling.n),
        given.number(tail_se, label_se, Measure.SD, part_of(answer, "se"), unit="d"),
        given.p_value(f"{tail}/p_value", f"{label}, P", answer),
        difference(given, f"{tail}/prediction", f"{label}, a new series",
                   part_of(answer, "prediction")),
    )  # fmt: skip
    return row(label, *cells(("estimate_ci", "estimate", "p_value", "estimate_ci"), keys))


_SPREAD = {
    "τ² in days², with its interval": "estimate_ci",
    "I²": "percent_ci",
    "Cochran’s Q, P": "p_value",
}


def _spread(
    given: Given, tail: str, label: str, answer: Pooled | NoEstimate
) -> tuple[str, str, str]:
    """τ² and I², each with its interval by Q-profile, and Q's P."""
    spread = part_of(answer, "heterogeneity")
    intervals, q = [spread, spread], spread
    if not isinstance(spread, NoEstimate):
        of = partial(Interval, conf_level=spread.conf_level, method=_Q_PROFILE)
        intervals = [
            of(
                estimate=getattr(spread, name), ci_low=getattr(spread, f"{name}_low"),
                ci_high=getattr(spread, f"{name}_high"),
            )
            for name in ("tau_squared", "i_squared")
        ]  # fmt: skip
        q = HypothesisTest(statistic=spread.q, p_value=spread.p_value, df=spread.df,
                           method="Cochran’s Q, chi-squared")  # fmt: skip
    tau, i = intervals
    return (
        given.interval(f"{tail}/tau_squared", f"{label}, τ²", Measure.STATISTIC, tau, unit="d²"),
        given.interval(f"{tail}/i_squared", f"{label}, I²", Measure.PROPORTION, i),
        given.p_value(f"{tail}/q_p_value", f"{label}, P of Cochran’s Q", q),
    )


def _weights(given: Given, pooling: Pooling, answer: Pooled | NoEstimate) -> Iterator[Row]:
    """What each comparison weighs, and what the others come to without it."""
    without = leave_one_out(
        *pooling.numbers, method=pooling.method, conf_level=pooling.conf_level,
    )  # fmt: skip
    for at, published in enumerate(pooling.effects):
        tail, label = f"{pooling.prefix}/weight/{published.name}", f"Weight of {published.label}"
        weight = given.number(
            tail, label, Measure.PROPORTION,
            answer if isinstance(answer, NoEstimate) else float(answer.weight[at]),
            method=getattr(answer, "method", ""),
        )  # fmt: skip
        tail = f"{pooling.prefix}/leave_one_out/{published.name}"
        left = difference(given, tail, f"Without {published.label}", without[at])
        yield row(published.label, *cells(("estimate", "estimate_ci"), (weight, left)))


def _regions(given: Given, pooling: Pooling) -> Iterator[Row]:
    """The pooled effect of each region, and whether regions differ."""
    regions = [published.region for published in pooling.effects]
    answers = subgroup_difference(
        *pooling.numbers, regions, method=pooling.method, conf_level=pooling.conf_level,
    )  # fmt: skip
    for label, answer in zip(answers.labels, answers.pooled, strict=True):
        region, words = str(label), pooling.regions[str(label)]
        key = difference(given, f"{pooling.prefix}/region/{region}", words, answer)
        yield row(words, text(str(regions.count(region))), cell("estimate_ci", key))
    tail = f"{pooling.prefix}/region/difference_p_value"
    key = given.p_value(tail, "Regions differ, P", answers.difference)
    yield row("Regions differ, P", BLANK, cell("p_value", key))
