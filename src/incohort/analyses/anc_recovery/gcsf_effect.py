"""Does G-CSF help? The effect under each method, the weights' balance, and the E-value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from incohort.analyses.anc_recovery.gcsf import METHODS, Effects
from incohort.analyses.anc_recovery.gcsf_weights import (
    Telling,
    balance_table,
    curves_figure,
    weights_table,
)
from incohort.analyses.anc_recovery.question import GCSF, Question
from incohort.analyses.anc_recovery.truth import targets
from incohort.results import Estimate, Figure, Findings, Layout, Measure, Row, Sentence, clauses
from incohort.shapes.tabular import BLANK, cell, cells, forest, row, table
from incohort.shapes.telling import telling
from incohort.shapes.unread_drugs import unread_gcsf
from incohort.stats import HypothesisTest, Interval, NoEstimate
from incohort.stats.causal import BOOTSTRAP, EValue, TreatmentEffect, e_value_of_hazard_ratio

_Answers = Mapping[str, TreatmentEffect | NoEstimate]

_RARE = 0.15  # of events up to which a hazard ratio is a risk ratio (VanderWeele & Ding 2017)
_WEIGHTED = ("weighted_all", "weighted", "weighted_given")
_JUDGED = ("daily", "imputed", "weighted_given")
_PARTS = {
    "treated": "Given G-CSF before the episode ended",
    "untreated": "Not given it",
    "not_begun": "Left out: neutropenia began after time zero",
    "unplaced": "Left out: when it was given is not known",
}
# The figure's rows, by what a method does against the two biases.
_SERIES = {
    "Misleading": ("ever_never",),
    "Immortal time removed": ("time_varying", "landmark"),
    "Confounding adjusted for": ("baseline", "daily", "imputed"),
    "Confounding weighted away": _WEIGHTED,
}
_CAUTIONS = (
    (
        "Immortal time: to be given G-CSF on day 5 one must not have recovered by then. Whoever "
        "is counted as treated from time zero brings these days along, against the treatment."
    ),
    (
        "Confounding by indication: G-CSF goes to the sicker. Adjusting and weighting remove what "
        "was recorded and chosen as a covariate, and nothing else; the E-value says how strong the "
        "rest would have to be."
    ),
    (
        "The methods answer different questions: adjusted ratios hold for patients alike in the "
        "covariates, weighted ones for all together, and the landmark's for starting early, which "
        "draws it towards 1."
    ),
)
_TRUTH = (
    " These patients were drawn with a known truth. Each method is held against what it "
    "aims at: the effect in patients alike on each day, in those alike at time zero, or "
    "in all together; the landmark aims at none of them."
)
_E_VALUE = (
    "A confounder tied to both G-CSF and recovery by a smaller risk ratio than this, "
    "beyond what was adjusted for, can't explain the estimate away. 1 for the limit: "
    "the interval holds no effect already."
)


def gcsf_effect(question: Question) -> Findings:
    """The hazard ratio of recovery with G-CSF, by each method from misleading to weighted."""
    effects, scope = Effects(question), question.scope
    told = telling(scope, *dict.fromkeys((*question.sources, *GCSF, *effects.known.sources)))
    by = Telling(told=told, effects=effects)
    answers = {method: effects.effect(method) for method in METHODS}
    truths = targets(question, effects.known.names)
    key = {method: scope.key(f"gcsf/{method}/hazard_ratio") for method in METHODS}
    heads = (f"Hazard ratio ({scope.level} CI)", "P", *(["Truth"] if truths else []))
    clustered = (
        " Episodes are taken as independent here, though some may be of one patient."
        if question.may_repeat
        else ""
    )
    note = (
        "Above 1, recovery comes sooner with G-CSF. Deaths are censored. The first two use "
        "all episodes that can be placed, the others those with complete covariates, "
        f"unless imputed. Landmark: day {question.design.landmark_day}, of those still at risk "
        f"then, adjusted for what was known on that day.{_limits_said(answers)}{clustered}"
        f"{_TRUTH if truths else ''}"
    )
    tables = (
        table(scope, "gcsf/counts", "Who was given G-CSF", "Analysed episodes", ("Number",),
              _counts(by)),
        table(
            scope, "gcsf", "Hazard ratio of recovery with G-CSF against without, by method",
            "Method", heads, _ratios(by, answers, truths), note,
        ),
        balance_table(by),
        weights_table(by),
        table(
            scope, "gcsf/e_values", "What an unmeasured confounder would have to be", "Method",
            ("E-value", "E-value of the limit nearer to 1"), _e_values(by, answers), _E_VALUE,
        ),
    )  # fmt: skip
    ratios = clauses(
        f"{{{key['daily']}:estimate_ci}} with treatment and what led to it followed day by day",
        f"{{{key['weighted_given']}:estimate_ci}} weighted for what came after time zero",
    )
    layout = Layout(
        sentences=(
            *unread_gcsf(told, question.cohort, question.population, "gcsf/unread"),
            Sentence(
                "The hazard of recovery with G-CSF was, as a multiple of that without: "
                f"{ratios}. Above 1, recovery comes sooner with it."
            ),
            Sentence(
                "Compared by whether it was ever given, which misleads, it was "
                f"{{{key['ever_never']}:estimate_ci}}."
            ),
        ),
        tables=tables,
        figures=(*_figure(by, key), *curves_figure(by)),
        cautions=(*_CAUTIONS, *filter(None, (effects.known.told,))),
    )
    return told.findings("gcsf", "Does G-CSF help?", layout)


def _counts(by: Telling) -> Iterator[Row]:
    """Who takes part, and who was given G-CSF before recovery."""
    effects, analysed = by.effects, by.effects.question.sets.analysed
    by.told.absent = effects.absent
    for name, label in _PARTS.items():
        key = by.told.count_in(f"gcsf/{name}/count", label, effects.part(name), analysed)
        yield row(label, cell("count", key))
    by.told.absent = ""


def _ratios(by: Telling, answers: _Answers, truths: Mapping[str, float]) -> Iterator[Row]:
    """Each method's hazard ratio, its P value, and what it aims at where that is known."""
    level = by.told.scope.conf_level
    for method, answer in answers.items():
        tail, label = f"gcsf/{method}", METHODS[method]
        ratio: Interval | NoEstimate
        test: HypothesisTest | NoEstimate
        if isinstance(answer, NoEstimate):
            ratio, test, n = answer, answer, None
        else:
            how, n = answer.method, answer.n
            ratio = Interval(
                estimate=answer.hazard_ratio, ci_low=answer.ci_low, ci_high=answer.ci_high,
                conf_level=level, method=how,
            )  # fmt: skip
            test = HypothesisTest(statistic=None, p_value=answer.p_value, df=None, method=how)
        measure = Measure.HAZARD_RATIO
        numbers = [
            by.tell(f"{tail}/hazard_ratio", label, measure, ratio, method, n=n),
            by.tell(f"{tail}/p_value", f"{label}: P", Measure.P_VALUE, test, method, n=n),
        ]
        extra = [BLANK] if truths else []
        if method in truths:
            truth = by.tell(
                f"{tail}/truth", f"{label}: what it should find", measure, truths[method], method,
                how="the truth that the patients were drawn with",
            )  # fmt: skip
            extra = [cell("estimate", truth)]
        yield row(label, *cells(("estimate_ci", "p_value"), numbers), *extra)


def _limits_said(answers: _Answers) -> str:
    """Where the limits of the weighted ratios come from, as their methods say."""
    weighted = [answers[name] for name in _WEIGHTED]
    drawn = [BOOTSTRAP in a.method for a in weighted if not isinstance(a, NoEstimate)]
    if not drawn:
        return ""
    if all(drawn):
        return (
            " Limits of the weighted ratios come from resampled patients, the weights fitted anew "
            "each time."
        )
    return (
        f" Limits of {'some of ' if any(drawn) else ''}the weighted ratios take the weights as "
        "known and may be too narrow: in resampled patients they could not be fitted anew."
    )


def _e_values(by: Telling, answers: _Answers) -> Iterator[Row]:
    """How strong an unmeasured confounder would have to be."""
    for method in _JUDGED:
        answer, label = answers[method], METHODS[method]
        value = answer if isinstance(answer, NoEstimate) else _e_value(answer)
        keys = [
            by.tell(
                f"gcsf/{method}/e_value/{part}", f"{label}: E-value, {word}", Measure.RISK_RATIO,
                value if isinstance(value, NoEstimate) else float(getattr(value, part)), method,
                how="" if isinstance(value, NoEstimate) else value.method,
            )
            for part, word in (("estimate", "estimate"), ("limit", "limit nearer to 1"))
        ]  # fmt: skip
        yield row(label, *cells(("estimate", "estimate"), keys))


def _e_value(effect: TreatmentEffect) -> EValue:
    is_rare = effect.n_events < _RARE * effect.n
    return e_value_of_hazard_ratio(
        effect.hazard_ratio, effect.ci_low, effect.ci_high, is_rare=is_rare
    )


def _figure(by: Telling, key: Mapping[str, str]) -> tuple[Figure, ...]:
    scope, results = by.told.scope, by.told.results
    if not any(isinstance(results[one], Estimate) for one in key.values()):
        return ()
    said = clauses(*(f"{METHODS[m]} {{{one}:estimate_ci}}" for m, one in key.items()))
    return (
        forest(
            scope, "gcsf", f"G-CSF and recovery, by method, with {scope.level} intervals",
            f"Hazard ratios of recovery: {said}.",
            {label: [key[method] for method in methods] for label, methods in _SERIES.items()},
            "Hazard ratio of recovery with G-CSF", is_ratio=True,
        ),
    )  # fmt: skip
