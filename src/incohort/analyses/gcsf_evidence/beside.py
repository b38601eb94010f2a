"""The cohort as a further row of the forest plot, and the answer in sentences."""

from __future__ import annotations

from collections.abc import Sequence

from incohort.analyses.gcsf_evidence.own import CAUTIONS, MEAN, RMST
from incohort.analyses.gcsf_evidence.pooled import pooling_of
from incohort.analyses.gcsf_evidence.printed import DAYS, tail_of
from incohort.analyses.gcsf_evidence.question import Question
from incohort.dictionary import gcsf_pooled
from incohort.results import Findings, Layout, Sentence, clauses
from incohort.shapes.pooled_effects import METHODS
from incohort.shapes.tabular import forest
from incohort.shapes.telling import telling

_WANG = {"all": "Wang 2019", "recovery_from_1_0_or_1_5": "Wang 2019, recovery at 1.0 or 1.5"}
_Named = dict[str, tuple[str, str]]  # a name, the tail of a key, and a label


def beside(question: Question, parts: Sequence[Findings]) -> Findings:
    """Published comparisons, what they pool to, the benchmark and this cohort, on one axis.

    Args:
        question: What was asked.
        parts: What the other parts answered.
    """
    told, key = telling(question.scope), question.scope.key
    series = {
        heading: [
            told.again(f"beside/{name}", key(tail), parts, label)
            for name, (tail, label) in group.items()
        ]
        for heading, group in _rows(question).items()
        if group
    }
    own, wang = (
        f"{{{key('beside/cohort')}:estimate_ci}}",
        f"{{{key('beside/wang2019')}:estimate_ci}}",
    )
    figure = forest(
        question.scope, "beside", "Days gained with G-CSF: published, pooled, and in this cohort",
        "Forest plot of differences in days. "
        + clauses(f"Wang 2019: {wang}", f"this cohort, crude: {own}") + ".",
        series, DAYS,
    )  # fmt: skip
    recovery = question.recovery
    said = clauses(
        f"in this cohort, to {recovery.threshold} from {recovery.zero.label}, {own}",
        f"in the published meta-analysis {wang}",
    )
    layout = Layout(
        sentences=(
            Sentence(
                f"Crude difference in days, with G-CSF less without: {said}. The cohort is in no "
                "pooled number."
            ),
        ),
        figures=(figure,),
        cautions=(
            (
                "The cohort is not pooled with the published series: its rows are of other "
                "patients, its threshold and time zero are known, and theirs mostly are not."
            ),
        ),
    )
    return told.findings("beside", "Published comparisons and this cohort side by side", layout)


def _rows(question: Question) -> dict[str, _Named]:
    """Which results stand in the figure, under which heading."""
    pooling = pooling_of(question)
    prefix = pooling.prefix
    wang = {row.group: row for row in gcsf_pooled() if row.version == "paper"}
    return {
        "Published comparisons": {
            one.name: (f"{prefix}/comparison/{one.name}", one.sized) for one in pooling.effects
        },
        "Pooled here": {
            f"pooled_{method}": (f"{prefix}/{method}", label)
            for method, label in METHODS.items()
            if method in {"fixed", pooling.method}
        },
        "Published meta-analysis": {
            "wang2019" if group == "all" else "wang2019_recovered": (
                f"{tail_of(wang[group])}/difference",
                f"{label} ({wang[group].n} patients)" if wang[group].n else label,
            )
            for group, label in _WANG.items()
        },
        "This cohort, not pooled": {
            "cohort": (MEAN, "Crude difference of means"),
            "cohort_restricted": (
                RMST, f"Restricted means over {question.design.horizon_days} days",
            ),
        },
    }  # fmt: skip


def answer(question: Question, parts: Sequence[Findings]) -> Findings:
    """The answer in sentences, and what it can't say; arguments as `beside`."""
    pooling, told = pooling_of(question), telling(question.scope)
    tails = {
        "pooled": f"{pooling.prefix}/{pooling.method}",
        "prediction": f"{pooling.prefix}/{pooling.method}/prediction",
        "benchmark": "benchmark/wang2019/difference",
        "cohort": MEAN,
        "restricted": RMST,
    }
    key = {
        name: told.again(f"answer/{name}", question.scope.key(tail), parts)
        for name, tail in tails.items()
    }
    sentences = (
        (
            "Days to recovery with G-CSF less without: "
            + clauses(
                f"published comparisons, pooled here ({METHODS[pooling.method]}), "
                f"{{{key['pooled']}:estimate_ci}}",
                f"the published meta-analysis {{{key['benchmark']}:estimate_ci}}",
            )
            + "."
        ),
        (
            f"Predicted for a new, similar series: {{{key['prediction']}:estimate_ci}}. It holds "
            "if effects vary no more than these few comparisons suggest; so few can hardly tell."
        ),
        (
            "In this cohort, days with G-CSF less without: "
            + clauses(
                f"means of those who recovered {{{key['cohort']}:estimate_ci}}",
                f"restricted means {{{key['restricted']}:estimate_ci}}",
            )
            + ". None of this is the effect of the treatment."
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
    layout = Layout(sentences=tuple(map(Sentence, sentences)), cautions=CAUTIONS[:1])
    return told.findings("answer", "For the clinician", layout)
