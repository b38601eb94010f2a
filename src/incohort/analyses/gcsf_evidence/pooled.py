"""The comparisons pooled: by three methods, with how far they differ and what each one weighs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from incohort.analyses.gcsf_evidence.comparisons import REGIONS, Comparison
from incohort.analyses.gcsf_evidence.published import DAYS, difference, public
from incohort.analyses.gcsf_evidence.question import METHODS, Question
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Estimate,
    Figure,
    FigureKind,
    Findings,
    Layout,
    Measure,
    Row,
    Sentence,
    Series,
    Table,
    clauses,
)
from incohort.shapes.making import Made
from incohort.stats import HypothesisTest, NoEstimate
from incohort.stats.meta import (
    Effect,
    Heterogeneity,
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


@dataclass(frozen=True)
class Pooling:
    """The comparisons that take part, as arrays for the estimators."""

    question: Question

    @property
    def prefix(self) -> str:
        """Where keys begin: apart from the pooling of all that was printed, if another one."""
        return "pooled" if self.question.design.takes_all else "selected"

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
    made, pooling = question.made(), Pooling(question)
    found = {method: pooling.by(method) for method in METHODS}
    keys = {method: _effect(made, pooling, method, found[method]) for method in METHODS}
    chosen = question.design.pooling
    loo, regions = _left_out(made, pooling), _regions(made, pooling)
    rows = {name: _again(made, pooling, name) for name in pooling.effects}
    layout = Layout(
        sentences=(_sentence(question, pooling, keys[chosen]),),
        tables=(
            _effects_table(question, pooling, keys),
            _spread_table(question, pooling, made, found),
            _weights_table(question, pooling, made, found[chosen], loo),
            _regions_table(question, pooling, regions),
        ),
        figures=(_forest(question, pooling, rows, keys, loo, made),),
        cautions=(_FEW, _SHARED),
    )
    return public(question.published.findings(pooling.prefix, _title(question), made, layout))


_SHARED = (
    "Pooling averages the biases, too: none of these comparisons is randomised, and a narrow "
    "interval of biased differences is a precise answer to another question."
)


def _title(question: Question) -> str:
    return f"Pooled{f': {question.filtered}' if question.filtered else ''}"


def _sentence(question: Question, pooling: Pooling, key: str) -> Sentence:
    return Sentence(
        f"By {METHODS[question.design.pooling][0].lower()}{METHODS[question.design.pooling][1:]}, "
        f"{len(pooling.effects)} comparisons of {pooling.n} patients differ by "
        f"{{{key}:estimate_ci}} days, with G-CSF less without."
    )


def _effect(made: Made, pooling: Pooling, method: Method, answer: Pooled | NoEstimate) -> str:
    """The pooled effect with its P value and its prediction interval."""
    tail, label = f"{pooling.prefix}/{method}", METHODS[method]
    parts = ("se", "p_value", "prediction")
    if isinstance(answer, NoEstimate):
        for part in parts:
            made.none(f"{tail}/{part}", f"{label}, {_PARTS[part]}", answer.reason)
        return made.none(tail, label, answer.reason)
    made.estimate(f"{tail}/se", f"{label}, {_PARTS['se']}", Measure.SD, answer.se, unit="d")
    test = HypothesisTest(
        statistic=answer.statistic, p_value=answer.p_value, df=answer.df, method=answer.method
    )
    made.p_value(f"{tail}/p_value", f"{label}, {_PARTS['p_value']}", test)
    made.interval(
        f"{tail}/prediction", f"{label}, {_PARTS['prediction']}", Measure.DIFFERENCE,
        answer.prediction, unit="d",
    )  # fmt: skip
    return made.estimate(
        tail, label, Measure.DIFFERENCE, answer.estimate, n=pooling.n,
        ci=(answer.ci_low, answer.ci_high, answer.conf_level), unit="d", method=answer.method,
    )  # fmt: skip


_PARTS = {"se": "standard error", "p_value": "P", "prediction": "a new series"}


def _effects_table(
    question: Question,
    pooling: Pooling,
    keys: dict[Method, str],
) -> Table:
    key = question.published.key
    rows = tuple(
        Row(
            METHODS[method],
            (
                Cell(CellKind.ESTIMATE_CI, (keys[method],)),
                Cell(CellKind.ESTIMATE, (key(f"{pooling.prefix}/{method}/se"),)),
                Cell(CellKind.P_VALUE, (key(f"{pooling.prefix}/{method}/p_value"),)),
                Cell(CellKind.ESTIMATE_CI, (key(f"{pooling.prefix}/{method}/prediction"),)),
            ),
        )
        for method in keys
    )
    return Table(
        key=key(f"{pooling.prefix}/table"),
        caption=f"Pooled difference in days of {len(pooling.effects)} comparisons",
        stub_head="Method",
        columns=(
            Column(f"Difference ({question.level} CI)"), Column("Standard error"), Column("P"),
            Column(f"A new series ({question.level} prediction interval)"),
        ),
        rows=rows,
        notes=(
            (
                "Prediction intervals by t with two degrees of freedom fewer than comparisons "
                "(DerSimonian–Laird), or one fewer, as the confidence interval (Hartung–Knapp)."
            ),
        ),
    )  # fmt: skip


def _spread_table(
    question: Question, pooling: Pooling, made: Made, found: dict[Method, Pooled | NoEstimate]
) -> Table:
    """τ² and I² by either estimator of τ², each with its interval by Q-profile; Q once."""
    columns: list[tuple[str, str, str]] = []
    for method in ("dersimonian_laird", "reml_hartung_knapp"):
        answer = found[method]
        spread = answer if isinstance(answer, NoEstimate) else answer.heterogeneity
        columns.append(_spread(made, f"{pooling.prefix}/{method}", METHODS[method], spread))
    names = ("τ² in days², with its interval", "I²", "Cochran’s Q, P")
    kinds = (CellKind.ESTIMATE_CI, CellKind.PERCENT_CI, CellKind.P_VALUE)
    return Table(
        key=question.published.key(f"{pooling.prefix}/heterogeneity/table"),
        caption="How far the comparisons differ beyond chance",
        stub_head="Measure",
        columns=(Column("DerSimonian–Laird"), Column("REML")),
        rows=tuple(
            Row(name, tuple(Cell(kind, (own[at],)) for own in columns))
            for at, (name, kind) in enumerate(zip(names, kinds, strict=True))
        ),
        notes=(
            (
                "Intervals by Q-profile. An interval that begins at 0 means that the comparisons "
                "may share one effect; one that reaches far up, that they may well not."
            ),
        ),
    )


def _spread(
    made: Made, tail: str, label: str, spread: Heterogeneity | NoEstimate
) -> tuple[str, str, str]:
    parts = ("tau_squared", "i_squared", "q_p_value")
    names = (f"{label}, τ²", f"{label}, I²", f"{label}, P of Cochran’s Q")
    if isinstance(spread, NoEstimate):
        found = [
            made.none(f"{tail}/{part}", name, spread.reason)
            for part, name in zip(parts, names, strict=True)
        ]
        return found[0], found[1], found[2]
    level = spread.conf_level
    return (
        made.estimate(
            f"{tail}/tau_squared", names[0], Measure.STATISTIC, spread.tau_squared,
            ci=(spread.tau_squared_low, spread.tau_squared_high, level), unit="d²",
            method="interval by Q-profile (Viechtbauer 2007)",
        ),
        made.estimate(
            f"{tail}/i_squared", names[1], Measure.PROPORTION, spread.i_squared,
            ci=(spread.i_squared_low, spread.i_squared_high, level),
            method="interval by Q-profile (Viechtbauer 2007)",
        ),
        made.p_value(
            f"{tail}/q_p_value", names[2],
            HypothesisTest(
                statistic=spread.q, p_value=spread.p_value, df=spread.df,
                method="Cochran’s Q, chi-squared",
            ),
        ),
    )  # fmt: skip


def _again(made: Made, pooling: Pooling, name: str) -> str:
    """A comparison as it is pooled, for the figure."""
    _, effect = pooling.effects[name]
    return difference(made, f"{pooling.prefix}/comparison/{name}", pooling.label(name), effect)


def _left_out(made: Made, pooling: Pooling) -> dict[str, str]:
    """The pooled effect without each comparison in turn, by the chosen method."""
    question, keys = pooling.question, {}
    answers = leave_one_out(
        pooling.estimates, pooling.se, method=question.design.pooling,
        conf_level=question.conf_level,
    )  # fmt: skip
    for (name, (comparison, _)), answer in zip(pooling.effects.items(), answers, strict=True):
        tail = f"{pooling.prefix}/leave_one_out/{name}"
        label = f"Without {comparison.label}"
        if isinstance(answer, NoEstimate):
            keys[name] = made.none(tail, label, answer.reason)
            continue
        keys[name] = made.estimate(
            tail, label, Measure.DIFFERENCE, answer.estimate,
            ci=(answer.ci_low, answer.ci_high, answer.conf_level), unit="d", method=answer.method,
        )  # fmt: skip
    return keys


def _weights_table(
    question: Question,
    pooling: Pooling,
    made: Made,
    answer: Pooled | NoEstimate,
    loo: dict[str, str],
) -> Table:
    rows = []
    for at, (name, (comparison, _)) in enumerate(pooling.effects.items()):
        tail, label = f"{pooling.prefix}/weight/{name}", f"Weight of {comparison.label}"
        key = (
            made.none(tail, label, answer.reason)
            if isinstance(answer, NoEstimate)
            else made.estimate(tail, label, Measure.PROPORTION, float(answer.weight[at]),
                               method=answer.method)
        )  # fmt: skip
        cells = (Cell(CellKind.ESTIMATE, (key,)), Cell(CellKind.ESTIMATE_CI, (loo[name],)))
        rows.append(Row(comparison.label, cells))
    return Table(
        key=question.published.key(f"{pooling.prefix}/weights/table"),
        caption=f"What each comparison weighs ({METHODS[question.design.pooling]})",
        stub_head="Comparison",
        columns=(Column("Weight"), Column(f"Pooled without it ({question.level} CI)")),
        rows=tuple(rows),
    )


def _regions(made: Made, pooling: Pooling) -> dict[str, str]:
    """The pooled effect of each region, and whether regions differ."""
    question = pooling.question
    groups = [comparison.region for comparison, _ in pooling.effects.values()]
    found = subgroup_difference(
        pooling.estimates, pooling.se, groups, method=question.design.pooling,
        conf_level=question.conf_level,
    )  # fmt: skip
    keys = {}
    for region, answer in zip(found.labels, found.pooled, strict=True):
        tail, label = f"{pooling.prefix}/region/{region}", REGIONS[str(region)]
        if isinstance(answer, NoEstimate):
            keys[str(region)] = made.none(tail, label, answer.reason)
            continue
        keys[str(region)] = made.estimate(
            tail, label, Measure.DIFFERENCE, answer.estimate,
            ci=(answer.ci_low, answer.ci_high, answer.conf_level), unit="d", method=answer.method,
        )  # fmt: skip
    keys["difference"] = made.p_value(
        f"{pooling.prefix}/region/difference_p_value", "Regions differ, P", found.difference
    )
    return keys


def _regions_table(question: Question, pooling: Pooling, keys: dict[str, str]) -> Table:
    counted = [comparison.region for comparison, _ in pooling.effects.values()]
    rows = [
        Row(
            REGIONS[region],
            (
                Cell(CellKind.TEXT, text=str(counted.count(region))),
                Cell(CellKind.ESTIMATE_CI, (key,)),
            ),
        )
        for region, key in keys.items()
        if region != "difference"
    ]
    test = Cell(CellKind.P_VALUE, (keys["difference"],))
    rows.append(Row("Regions differ, P", (Cell(CellKind.TEXT), test)))
    return Table(
        key=question.published.key(f"{pooling.prefix}/region/table"),
        caption=f"By region ({METHODS[question.design.pooling]})",
        stub_head="Region",
        columns=(Column("Comparisons"), Column(f"Difference in days ({question.level} CI)")),
        rows=tuple(rows),
        notes=(
            (
                "By the threshold of recovery nothing can be pooled apart: none of the comparisons "
                "with an interval states it."
            ),
        ),
    )


def _forest(
    question: Question,
    pooling: Pooling,
    rows: dict[str, str],
    keys: dict[Method, str],
    loo: dict[str, str],
    made: Made,
) -> Figure:
    """Comparisons by region and threshold, the pooled effects, and each comparison left out."""
    groups: dict[str, list[str]] = {}
    for name, (comparison, _) in pooling.effects.items():
        groups.setdefault(comparison.group, []).append(rows[name])
    series = [Series(label, tuple(own)) for label, own in groups.items()]
    series.append(Series("Pooled", tuple(keys.values())))
    left = tuple(key for key in loo.values() if isinstance(made.results[key], Estimate))
    if left:
        method = METHODS[question.design.pooling]
        series.append(Series(f"Pooled without one of them ({method})", left))
    return Figure(
        key=question.published.key(f"{pooling.prefix}/figure"),
        kind=FigureKind.FOREST,
        caption="Comparisons, pooled effects, and what is left without each comparison",
        alt=(
            f"Forest plot of {len(pooling.effects)} comparisons. Pooled, "
            + clauses(
                f"fixed effect: {{{keys['fixed']}:estimate_ci}} days",
                f"REML with Hartung–Knapp: {{{keys['reml_hartung_knapp']}:estimate_ci}} days",
            )
            + "."
        ),
        series=tuple(series),
        x_label=DAYS,
        reference=0,
    )
