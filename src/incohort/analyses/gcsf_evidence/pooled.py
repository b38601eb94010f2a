"""The comparisons pooled: which take part, and what their pooling can't say."""

from __future__ import annotations

from incohort.analyses.gcsf_evidence.comparisons import REGIONS, Comparison
from incohort.analyses.gcsf_evidence.printed import DAYS, SIDES
from incohort.analyses.gcsf_evidence.question import Question
from incohort.results import Findings, Layout, Sentence
from incohort.shapes.pooled_effects import METHODS, Pooling, PublishedEffect
from incohort.shapes.telling import telling
from incohort.stats.meta import Effect

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
_NO_THRESHOLD = (
    "By the threshold of recovery nothing can be pooled apart: none of the comparisons "
    "with an interval states it."
)


FEWEST = 2  # comparisons: one alone is not pooled


def few_left(pooling: Pooling) -> str:
    """That there is nothing to pool, and what is left."""
    left = ", ".join(effect.label for effect in pooling.effects)
    return (
        "Fewer than two comparisons with an interval are left by what was chosen, so nothing is "
        f"pooled{f'; left is {left}' if left else ''}."
    )


def pooling_of(question: Question) -> Pooling:
    """The comparisons that pass the filters and can be pooled.

    Their keys stand apart from those of the pooling of all that was printed, if it is another one.
    """
    design = question.design
    takes_implied = design.approximate
    used = (
        (c, c.implied if takes_implied and isinstance(c.implied, Effect) else c.effect)
        for c in question.chosen
    )
    return Pooling(
        prefix="pooled" if design.takes_all else "selected",
        effects=[_effect(c, effect) for c, effect in used if isinstance(effect, Effect)],
        method=design.pooling,
        conf_level=question.conf_level,
        regions=REGIONS,
        axis=DAYS,
        sides=SIDES,
    )


def _effect(comparison: Comparison, effect: Effect) -> PublishedEffect:
    words = ", approximate" if effect.is_approximate else " patients"
    return PublishedEffect(
        name=comparison.name,
        label=comparison.label,
        sized=f"{comparison.label} ({comparison.sizes}{words})",
        group=comparison.group,
        region=comparison.region,
        effect=effect,
    )


def pooled(question: Question) -> Findings:
    """The pooled difference, heterogeneity, prediction, regions, and each comparison left out."""
    draft, pooling = telling(question.published), pooling_of(question)
    words, key = METHODS[pooling.method], draft.scope.key(f"{pooling.prefix}/{pooling.method}")
    tables = pooling.tables(draft.given, _NO_THRESHOLD)
    layout = Layout(
        sentences=(
            Sentence(
                f"By {words[0].lower()}{words[1:]}, {len(pooling.effects)} comparisons of "
                f"{pooling.n} patients differ by {{{key}:estimate_ci}} days, with G-CSF less "
                "without."
            ),
            Sentence(few_left(pooling), holds=len(pooling.effects) < FEWEST),
        ),
        tables=tables,
        figures=(pooling.figure(draft.given),),
        cautions=(_FEW, _SHARED),
    )
    title = f"Pooled{f': {question.filtered}' if question.filtered else ''}"
    return draft.findings(pooling.prefix, title, layout)
