"""Does G-CSF help? The effect under each method, the weights' balance, and the E-value."""

from __future__ import annotations

from collections.abc import Mapping

from incohort.analyses.anc_recovery.gcsf import METHODS, PARTS, Effect, interval_of
from incohort.analyses.anc_recovery.gcsf_weights import (
    DraftedEffects,
    balance_table,
    curves_figure,
    weights_table,
)
from incohort.analyses.anc_recovery.question import Question
from incohort.analyses.anc_recovery.truth import targets
from incohort.results import Estimate, Figure, Findings, Layout, Measure, Row, Table, clauses
from incohort.shapes.making import part_of
from incohort.shapes.sentences import sentence
from incohort.shapes.tabular import BLANK, cell, cells, forest, phrases, row, table
from incohort.shapes.telling import Draft
from incohort.shapes.unread_drugs import unread_gcsf
from incohort.stats import NoEstimate, then
from incohort.stats.causal import BOOTSTRAP, EValue, TreatmentEffect, e_value_of_hazard_ratio

_Answers = Mapping[str, Effect]

_RARE = 0.15  # of events up to which a hazard ratio is a risk ratio (VanderWeele & Ding 2017)
_WEIGHTED = ("weighted_all", "weighted", "weighted_given")
_JUDGED = ("daily", "imputed", "weighted_given")
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
    effects = DraftedEffects(question)
    draft, answers = effects.draft, {method: effects.effect(method) for method in METHODS}
    keys = {method: draft.scope.key(f"gcsf/{method}/hazard_ratio") for method in METHODS}
    tables = (
        _counts(effects),
        _ratios(effects, answers),
        balance_table(effects),
        weights_table(effects),
        _e_values(effects, answers),
    )
    unread = unread_gcsf(draft, question.cohort, question.population, "gcsf/unread")
    ratios = clauses(
        "{daily:estimate_ci} with treatment and what led to it followed day by day",
        "{weighted_given:estimate_ci} weighted for what came after time zero",
    )
    templates = (
        (
            f"The hazard of recovery with G-CSF was, as a multiple of that without: {ratios}. "
            "Above 1, recovery comes sooner with it."
        ),
        "Compared by whether it was ever given, which misleads, it was {ever_never:estimate_ci}.",
    )
    layout = Layout(
        sentences=(*unread, *(sentence(template, keys) for template in templates)),
        tables=tables,
        figures=(*_figure(draft, keys), *curves_figure(effects)),
        cautions=(*_CAUTIONS, *filter(None, (effects.known.left_out_words,))),
    )
    return draft.findings("gcsf", "Does G-CSF help?", layout)


def _counts(effects: DraftedEffects) -> Table:
    """Who takes part, and who was given G-CSF before recovery."""
    draft, analysed, rows = effects.draft, effects.question.sets.analysed, []
    draft.absent = effects.absent
    for name, (_, label) in PARTS.items():
        key = draft.count_in(f"gcsf/{name}/count", label, effects.part(name), analysed)
        rows.append(row(label, cell("count", key)))
    draft.absent = ""
    caption = "Who was given G-CSF"
    return table(draft.scope, "gcsf/counts", caption, "Analysed episodes", ("Number",), rows)


def _ratios(effects: DraftedEffects, answers: _Answers) -> Table:
    """Each method's hazard ratio, its P value, and what it aims at where that is known."""
    question, scope = effects.question, effects.draft.scope
    truths = targets(question, effects.known.names)
    clustered = " Episodes are taken as independent here, though some may be of one patient."
    return table(
        scope, "gcsf", "Hazard ratio of recovery with G-CSF against without, by method", "Method",
        (f"Hazard ratio ({scope.level} CI)", "P", *(["Truth"] if truths else [])),
        (_ratio(effects, method, answer, truths) for method, answer in answers.items()),
        "Above 1, recovery comes sooner with G-CSF. Deaths are censored. The first two use "
        "all episodes that can be placed, the others those with complete covariates, "
        f"unless imputed. Landmark: day {question.design.landmark_day}, of those still at risk "
        f"then, adjusted for what was known on that day.{_limits_said(answers)}"
        f"{clustered if question.may_repeat else ''}{_TRUTH if truths else ''}",
    )  # fmt: skip


def _ratio(
    effects: DraftedEffects, method: str, answer: Effect, truths: Mapping[str, float]
) -> Row:
    """What one method finds, beside what it should find."""
    tail, label, measure = f"gcsf/{method}", METHODS[method], Measure.HAZARD_RATIO
    n, how = getattr(answer, "n", None), getattr(answer, "method", "")
    ratio, p = then(answer, interval_of), part_of(answer, "p_value")
    keys = [
        effects.tell(f"{tail}/hazard_ratio", label, measure, ratio, method, n=n),
        effects.tell(
            f"{tail}/p_value", f"{label}: P", Measure.P_VALUE, p, method, n=n, method=how
        ),
    ]  # fmt: skip
    extra = [BLANK] if truths else []
    if method in truths:
        truth = effects.tell(
            f"{tail}/truth", f"{label}: what it should find", measure, truths[method], method,
            method="the truth that the patients were drawn with",
        )  # fmt: skip
        extra = [cell("estimate", truth)]
    return row(label, *cells(("estimate_ci", "p_value"), keys), *extra)


def _limits_said(answers: _Answers) -> str:
    """Where the limits of the weighted ratios come from, as their methods say."""
    weighted = (answers[name] for name in _WEIGHTED)
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


def _e_values(effects: DraftedEffects, answers: _Answers) -> Table:
    """How strong an unmeasured confounder would have to be."""
    parts = {"estimate": "estimate", "limit": "limit nearer to 1"}
    rows = []
    for method in _JUDGED:
        label, value = METHODS[method], then(answers[method], _e_value)
        keys = [
            effects.tell(
                f"gcsf/{method}/e_value/{part}", f"{label}: E-value, {word}", Measure.RISK_RATIO,
                part_of(value, part), method, method=getattr(value, "method", ""),
            )
            for part, word in parts.items()
        ]  # fmt: skip
        rows.append(row(label, *cells(("estimate", "estimate"), keys)))
    return table(
        effects.draft.scope, "gcsf/e_values", "What an unmeasured confounder would have to be",
        "Method", ("E-value", "E-value of the limit nearer to 1"), rows, _E_VALUE,
    )  # fmt: skip


def _e_value(effect: TreatmentEffect) -> EValue:
    """The E-value of a ratio, which is a risk ratio where few recovered."""
    limits, is_rare = (effect.ci_low, effect.ci_high), effect.n_events < _RARE * effect.n
    return e_value_of_hazard_ratio(effect.hazard_ratio, *limits, is_rare=is_rare)


def _figure(draft: Draft, keys: Mapping[str, str]) -> tuple[Figure, ...]:
    """A forest of the methods, where any gives a ratio."""
    scope = draft.scope
    if not any(isinstance(draft.results[key], Estimate) for key in keys.values()):
        return ()
    said = phrases({METHODS[method]: key for method, key in keys.items()}, "estimate_ci")
    return (
        forest(
            scope, "gcsf", f"G-CSF and recovery, by method, with {scope.level} intervals",
            f"Hazard of recovery with G-CSF, as a multiple of that without: {said}.",
            {label: [keys[method] for method in methods] for label, methods in _SERIES.items()},
            "Hazard ratio of recovery with G-CSF", is_ratio=True,
            low_means="favours no G-CSF", high_means="favours G-CSF",
        ),
    )  # fmt: skip
