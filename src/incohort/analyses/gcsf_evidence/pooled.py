"""The comparisons pooled: by three methods, with how far they differ and what each one weighs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from incohort.analyses.gcsf_evidence.comparisons import REGIONS, Comparison
from incohort.analyses.gcsf_evidence.printed import DAYS
from incohort.analyses.gcsf_evidence.question import METHODS, Question, difference
from incohort.results import Estimate, Figure, Findings, Layout, Measure, Row, Sentence, clauses
from incohort.shapes.making import Given
from incohort.shapes.tabular import BLANK, cell, cells, forest, row, table, text
from incohort.shapes.telling import telling
from incohort.stats import HypothesisTest, NoEstimate
from incohort.stats.meta import (
    Effect,
    Method,
    Pooled,
    leave_one_out,
    pool,
    subgroup_difference,
)

_FEW = (
    "With so few comparisons the variance between them is hardly known, and an estimate of 0 is "
    "no proof that they agree: its interval says how large it may be. Then the random-effects "
    "pooling of DerSimonian and Laird is the fixed effect. Hartung and Knapp judge by how far the "
    "comparisons in fact lie apart, with t for so few of them; where they lie closer together than "
    "chance would have them, the usual standard error is kept. Where the effect of a new, similar "
    "series would lie is predicted from five comparisons on."
)
_SHARED = (
    "Pooling averages the biases, too: none of these comparisons is randomised, and a narrow "
    "interval of biased differences is a precise answer to another question."
)
_PREDICTED = (
    "Prediction intervals by t with two degrees of freedom fewer than comparisons "
    "(DerSimonian–Laird), or one fewer, as the confidence interval (Hartung–Knapp)."
)
_PROFILED = (
    "Intervals by Q-profile. An interval that begins at 0 means that the comparisons "
    "may share one effect; one that reaches far up, that they may well not."
)
_NO_THRESHOLD = (
    "By the threshold of recovery nothing can be pooled apart: none of the comparisons "
    "with an interval states it."
)
_Q_PROFILE = "interval by Q-profile (Viechtbauer 2007)"


@dataclass(frozen=True)
class Pooling:
    """The comparisons that take part, as arrays for the estimators."""

    question: Question

    @property
    def prefix(self) -> str:
        """Where keys begin: apart from the pooling of all that was printed, if another one."""
        return "pooled" if self.question.design.takes_all else "selected"

    @property
    def method(self) -> Method:
        """How they are pooled where one method is shown."""
        return self.question.design.pooling

    @cached_property
    def effects(self) -> dict[str, tuple[Comparison, Effect]]:
        """Each comparison with the effect that is used."""
        approximate = self.question.design.approximate
        used = ((c, c.used(approximate=approximate)) for c in self.question.pooled)
        return {c.name: (c, effect) for c, effect in used if isinstance(effect, Effect)}

    @property
    def estimates(self) -> list[float]:
        """The differences."""
        return [effect.estimate for _, effect in self.effects.values()]

    @property
    def se(self) -> list[float]:
        """Their standard errors."""
        return [effect.se for _, effect in self.effects.values()]

    @property
    def regions(self) -> list[str]:
        """Where each one's patients were treated."""
        return [comparison.region for comparison, _ in self.effects.values()]

    @property
    def n(self) -> int:
        """Patients in all arms."""
        return sum(effect.n for _, effect in self.effects.values())

    def label(self, name: str) -> str:
        """A comparison's name with how many patients it has, with G-CSF and without."""
        comparison, effect = self.effects[name]
        word = "approximate" if effect.is_approximate else "patients"
        joint = ", " if effect.is_approximate else " "
        return f"{comparison.label} ({comparison.sizes}{joint}{word})"

    def by(self, method: Method) -> Pooled | NoEstimate:
        """The pooled effect by one method."""
        if not self.effects:
            return NoEstimate("no comparison that passes the filters can be pooled")
        return pool(self.estimates, self.se, method=method, conf_level=self.question.conf_level)


def pooled(question: Question) -> Findings:
    """The pooled difference, heterogeneity, prediction, regions, and each comparison left out."""
    told, pooling = telling(question.published), Pooling(question)
    given, prefix = told.given, pooling.prefix
    answers = {method: pooling.by(method) for method in METHODS}
    effects = [_effect(given, pooling, method, answer) for method, answer in answers.items()]
    weights = list(_weights(given, pooling, answers[pooling.method]))
    regions = list(_regions(given, pooling))
    spread = [
        _spread(given, f"{prefix}/{method}", METHODS[method], answers[method])
        for method in ("dersimonian_laird", "reml_hartung_knapp")
    ]
    words, level, scope = METHODS[pooling.method], question.published.level, question.published
    interval = f"Difference in days ({level} CI)"
    key = scope.key(f"{prefix}/{pooling.method}")
    layout = Layout(
        sentences=(
            Sentence(
                f"By {words[0].lower()}{words[1:]}, {len(pooling.effects)} comparisons of "
                f"{pooling.n} patients differ by {{{key}:estimate_ci}} days, with G-CSF less "
                "without."
            ),
        ),
        tables=(
            table(
                scope, prefix, f"Pooled difference in days of {len(pooling.effects)} comparisons",
                "Method", (f"Difference ({level} CI)", "Standard error", "P",
                           f"A new series ({level} prediction interval)"), effects, _PREDICTED,
            ),
            table(
                scope, f"{prefix}/heterogeneity", "How far the comparisons differ beyond chance",
                "Measure", ("DerSimonian–Laird", "REML"),
                (
                    row(name, *(cell(kind, own[at]) for own in spread))
                    for at, (name, kind) in enumerate(_SPREAD.items())
                ),
                _PROFILED,
            ),
            table(
                scope, f"{prefix}/weights", f"What each comparison weighs ({words})", "Comparison",
                ("Weight", f"Pooled without it ({level} CI)"), weights,
            ),
            table(scope, f"{prefix}/region", f"By region ({words})", "Region",
                  ("Comparisons", interval), regions, _NO_THRESHOLD),
        ),
        figures=(_forest(given, pooling),),
        cautions=(_FEW, _SHARED),
    )  # fmt: skip
    title = f"Pooled{f': {question.filtered}' if question.filtered else ''}"
    return told.findings(prefix, title, layout)


def _effect(given: Given, pooling: Pooling, method: Method, answer: Pooled | NoEstimate) -> Row:
    """The pooled effect with its standard error, its P value and its prediction interval."""
    tail, label = f"{pooling.prefix}/{method}", METHODS[method]
    tail_se, label_se = f"{tail}/se", f"{label}, standard error"
    new = answer if isinstance(answer, NoEstimate) else answer.prediction
    keys = (
        difference(given, tail, label, answer, pooling.n),
        given.none(tail_se, label_se, answer.reason)
        if isinstance(answer, NoEstimate)
        else given.estimate(tail_se, label_se, Measure.SD, answer.se, unit="d"),
        given.p_value(f"{tail}/p_value", f"{label}, P", answer),
        difference(given, f"{tail}/prediction", f"{label}, a new series", new),
    )
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
    spread = answer if isinstance(answer, NoEstimate) else answer.heterogeneity
    tau, i = (f"{tail}/tau_squared", f"{label}, τ²"), (f"{tail}/i_squared", f"{label}, I²")
    q = (f"{tail}/q_p_value", f"{label}, P of Cochran’s Q")
    if isinstance(spread, NoEstimate):
        none = [given.none(*named, spread.reason) for named in (tau, i, q)]
        return none[0], none[1], none[2]
    level = spread.conf_level
    return (
        given.estimate(
            *tau, Measure.STATISTIC, spread.tau_squared, unit="d²", method=_Q_PROFILE,
            ci=(spread.tau_squared_low, spread.tau_squared_high, level),
        ),
        given.estimate(
            *i, Measure.PROPORTION, spread.i_squared, method=_Q_PROFILE,
            ci=(spread.i_squared_low, spread.i_squared_high, level),
        ),
        given.p_value(
            *q,
            HypothesisTest(
                statistic=spread.q, p_value=spread.p_value, df=spread.df,
                method="Cochran’s Q, chi-squared",
            ),
        ),
    )  # fmt: skip


def _weights(given: Given, pooling: Pooling, answer: Pooled | NoEstimate) -> Iterator[Row]:
    """What each comparison weighs, and what the others come to without it."""
    without = leave_one_out(
        pooling.estimates, pooling.se, method=pooling.method,
        conf_level=pooling.question.conf_level,
    )  # fmt: skip
    for at, (name, (comparison, _)) in enumerate(pooling.effects.items()):
        tail, label = f"{pooling.prefix}/weight/{name}", f"Weight of {comparison.label}"
        weight = (
            given.none(tail, label, answer.reason)
            if isinstance(answer, NoEstimate)
            else given.estimate(tail, label, Measure.PROPORTION, float(answer.weight[at]),
                                method=answer.method)
        )  # fmt: skip
        tail = f"{pooling.prefix}/leave_one_out/{name}"
        left = difference(given, tail, f"Without {comparison.label}", without[at])
        yield row(comparison.label, *cells(("estimate", "estimate_ci"), (weight, left)))


def _regions(given: Given, pooling: Pooling) -> Iterator[Row]:
    """The pooled effect of each region, and whether regions differ."""
    answers = subgroup_difference(
        pooling.estimates, pooling.se, pooling.regions, method=pooling.method,
        conf_level=pooling.question.conf_level,
    )  # fmt: skip
    for label, answer in zip(answers.labels, answers.pooled, strict=True):
        region = str(label)
        key = difference(given, f"{pooling.prefix}/region/{region}", REGIONS[region], answer)
        n = str(pooling.regions.count(region))
        yield row(REGIONS[region], text(n), cell("estimate_ci", key))
    tail = f"{pooling.prefix}/region/difference_p_value"
    key = given.p_value(tail, "Regions differ, P", answers.difference)
    yield row("Regions differ, P", BLANK, cell("p_value", key))


def _forest(given: Given, pooling: Pooling) -> Figure:
    """Comparisons by region and threshold, the pooled effects, and each comparison left out."""
    key, prefix = given.scope.key, pooling.prefix
    series: dict[str, list[str]] = {}
    for name, (comparison, effect) in pooling.effects.items():
        tail = f"{prefix}/comparison/{name}"
        again = difference(given, tail, pooling.label(name), effect, effect.n)
        series.setdefault(comparison.group, []).append(again)
    series["Pooled"] = [key(f"{prefix}/{method}") for method in METHODS]
    left = [key(f"{prefix}/leave_one_out/{name}") for name in pooling.effects]
    left = [one for one in left if isinstance(given.results[one], Estimate)]
    if left:
        series[f"Pooled without one of them ({METHODS[pooling.method]})"] = left
    return forest(
        given.scope,
        prefix,
        "Comparisons, pooled effects, and what is left without each comparison",
        f"Forest plot of {len(pooling.effects)} comparisons. Pooled, "
        + clauses(
            f"fixed effect: {{{key(f'{prefix}/fixed')}:estimate_ci}} days",
            f"REML with Hartung–Knapp: {{{key(f'{prefix}/reml_hartung_knapp')}:estimate_ci}} days",
        )
        + ".",
        series,
        DAYS,
    )
