"""The cohort as a further row of the forest plot, and the answer in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from incohort.analyses.gcsf_evidence.own import CAUTIONS, MEAN, RMST
from incohort.analyses.gcsf_evidence.pooled import FEWEST, few_left, pooling_of
from incohort.analyses.gcsf_evidence.printed import DAYS, SIDES, tail_of
from incohort.analyses.gcsf_evidence.question import Question
from incohort.dictionary import gcsf_pooled
from incohort.results import Findings, Layout, Series, clauses
from incohort.shapes.answering import TITLE
from incohort.shapes.pooled_effects import METHODS
from incohort.shapes.sentences import named, sentence
from incohort.shapes.tabular import forest
from incohort.shapes.telling import telling

_WANG = {
    "wang2019": ("all", "Wang 2019"),
    "wang2019_recovered": ("recovery_from_1_0_or_1_5", "Wang 2019, recovery at 1.0 or 1.5"),
}
_POOLED, _PUBLISHED = "Pooled here", "Published meta-analysis"
_SUMMARIES = (_POOLED, _PUBLISHED)  # of other rows, or of series that are not here
_APART = (
    "The cohort is not pooled with the published series: its rows are of other patients, its "
    "threshold and time zero are known, and theirs mostly are not."
)
_Named = dict[str, tuple[str, str]]  # a name, the tail of a key, and a label


def beside(question: Question, parts: Sequence[Findings]) -> Findings:
    """Published comparisons, what they pool to, the benchmark and this cohort, on one axis.

    Args:
        question: What was asked.
        parts: What the other parts answered.
    """
    draft, key, recovery = telling(question.scope), question.scope.key, question.recovery
    series = [
        Series(
            heading,
            tuple(
                draft.again(f"beside/{name}", key(tail), parts, label)
                for name, (tail, label) in group.items()
            ),
            is_summary=heading in _SUMMARIES,
        )
        for heading, group in _rows(question).items()
        if group
    ]
    keys = {name: key(f"beside/{name}") for name in ("cohort", "wang2019")}
    plotted = clauses(
        "Wang 2019: {wang2019:estimate_ci}", "this cohort, crude: {cohort:estimate_ci}"
    )
    figure = forest(
        question.scope, "beside", "Days gained with G-CSF: published, pooled, and in this cohort",
        named(f"Days to recovery with G-CSF less without. {plotted}.", keys), series, DAYS,
        low_means=SIDES[0], high_means=SIDES[1],
    )  # fmt: skip
    said = clauses(
        f"in this cohort, to {recovery.clock.threshold} from {recovery.zero.label}, "
        "{cohort:estimate_ci}",
        "in the published meta-analysis {wang2019:estimate_ci}",
    )
    crude = sentence(
        f"Crude difference in days, with G-CSF less without: {said}. The cohort is in no pooled "
        "number.",
        keys,
    )
    layout = Layout(sentences=(crude,), figures=(figure,), cautions=(_APART,))
    return draft.findings("beside", "Published comparisons and this cohort side by side", layout)


def _rows(question: Question) -> dict[str, _Named]:
    """Which results stand in the figure, under which heading."""
    pooling, tau = pooling_of(question), question.design.horizon_days
    wang = {row.group: row for row in gcsf_pooled() if row.version == "paper"}
    return {
        "Published comparisons": {
            c.name: (f"{pooling.prefix}/comparison/{c.name}", c.sized) for c in pooling.effects
        },
        _POOLED: {
            f"pooled_{method}": (f"{pooling.prefix}/{method}", label)
            for method, label in METHODS.items()
            if method in {"fixed", pooling.method}
        },
        _PUBLISHED: {
            name: (
                f"{tail_of(wang[group])}/difference",
                f"{label} ({wang[group].n} patients)" if wang[group].n else label,
            )
            for name, (group, label) in _WANG.items()
        },
        "This cohort, not pooled": {
            "cohort": (MEAN, "Crude difference of means"),
            "cohort_restricted": (RMST, f"Restricted means over {tau} days"),
        },
    }


def answer(question: Question, parts: Sequence[Findings]) -> Findings:
    """The answer in sentences, and what it can't say; arguments as `beside`."""
    pooling, draft = pooling_of(question), telling(question.scope)
    tails = {
        "pooled": f"{pooling.prefix}/{pooling.method}",
        "prediction": f"{pooling.prefix}/{pooling.method}/prediction",
        "benchmark": "benchmark/wang2019/difference",
        "cohort": MEAN,
        "restricted": RMST,
    }
    keys = {
        name: draft.again(f"answer/{name}", question.scope.key(tail), parts)
        for name, tail in tails.items()
    }
    published = clauses(
        f"published comparisons, pooled here ({METHODS[pooling.method]}), {{pooled:estimate_ci}}",
        "the published meta-analysis {benchmark:estimate_ci}",
    )
    cohort = clauses(
        "means of those who recovered {cohort:estimate_ci}",
        "restricted means {restricted:estimate_ci}",
    )
    templates = (
        f"Days to recovery with G-CSF less without: {published}.",
        (
            "Predicted for a new, similar series: {prediction:estimate_ci}. It holds if effects "
            "vary no more than these few comparisons suggest; so few can hardly tell."
        ),
        (
            f"In this cohort, days with G-CSF less without: {cohort}. None of this is the effect "
            "of the treatment."
        ),
        (
            "No randomised trial with means is among the published figures; the one randomised "
            "trial found no difference."
        ),
        (
            "By its abstract, Tajiri 2005 saw no benefit in patients with symptoms and a count "
            "below 0.1 × 10⁹/L."
        ),
    )
    few = sentence(few_left(pooling), keys, holds=len(pooling.effects) < FEWEST)
    sentences = (few, *(sentence(template, keys) for template in templates))
    layout = Layout(sentences=sentences, cautions=CAUTIONS[:1])
    return draft.findings("answer", TITLE, layout)
