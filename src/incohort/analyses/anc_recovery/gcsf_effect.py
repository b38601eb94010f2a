"""Does G-CSF help? The effect under each method, the weights' balance, and the E-value."""

from __future__ import annotations

import numpy as np

from incohort.analyses.anc_recovery.gcsf import METHODS, Effects, Pooled
from incohort.analyses.anc_recovery.gcsf_weights import (
    balance_table,
    curves_figure,
    none_of,
    weights_table,
)
from incohort.analyses.anc_recovery.question import GCSF, Question
from incohort.analyses.anc_recovery.tally import Tally, tally
from incohort.analyses.anc_recovery.truth import targets
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Figure,
    FigureKind,
    Findings,
    Layout,
    Margin,
    Measure,
    Row,
    Sentence,
    Series,
    Table,
    clauses,
)
from incohort.shapes.unread_drugs import unread_gcsf_counted
from incohort.stats import NoEstimate
from incohort.stats.causal import BOOTSTRAP, EValue, TreatmentEffect, e_value_of_hazard_ratio

_RARE = 0.15  # of events up to which a hazard ratio is a risk ratio (VanderWeele & Ding 2017)
_WEIGHTED = ("weighted_all", "weighted", "weighted_given")
_JUDGED = ("daily", "imputed", "weighted_given")


def gcsf_effect(question: Question) -> Findings:
    """The hazard ratio of recovery with G-CSF, by each method from misleading to weighted."""
    effects = Effects(question)
    made = tally(question, *GCSF, *effects.known.sources)
    counts, margins = _counts_table(question, made, effects)
    found = {method: effects.effect(method) for method in METHODS}
    keys = {method: _ratio(made, effects, method, found[method]) for method in METHODS}
    tests = {method: _p(made, effects, method, found[method]) for method in METHODS}
    unread = unread_gcsf_counted(
        made, question.cohort, set(question.population.frame["patient_id"]), "gcsf/unread"
    )
    layout = Layout(
        sentences=(
            *unread,
            Sentence(
                "The hazard of recovery with G-CSF was, as a multiple of that without: "
                + clauses(
                    f"{{{keys['daily']}:estimate_ci}} with treatment and what led to it followed "
                    "day by day",
                    f"{{{keys['weighted_given']}:estimate_ci}} weighted for what came after time "
                    "zero",
                )
                + ". Above 1, recovery comes sooner with it."
            ),
            Sentence(
                "Compared by whether it was ever given, which misleads, it was "
                f"{{{keys['ever_never']}:estimate_ci}}."
            ),
        ),
        tables=(
            counts,
            _table(question, keys, tests, _truths(question, made, effects), _limits_told(found)),
            balance_table(question, made, effects),
            weights_table(question, made, effects),
            _e_table(question, made, effects, found),
        ),
        figures=(*_figure(question, made, keys), *curves_figure(question, made, effects)),
        cautions=(*_CAUTIONS, *filter(None, (effects.known.told,))),
        margins=margins,
    )
    return question.scope.findings("gcsf", "Does G-CSF help?", made, layout)


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


def _counts_table(
    question: Question, made: Tally, effects: Effects
) -> tuple[Table, tuple[Margin, ...]]:
    """Who takes part, and who was given G-CSF before recovery."""
    frame, times = question.timed, question.times
    part = effects.is_placed
    is_treated = part & np.isfinite(times.treated_at) & (times.treated_at < times.time)
    kinds = {
        "treated": ("Given G-CSF before the episode ended", is_treated),
        "untreated": ("Not given it", part & ~is_treated),
        "not_begun": ("Left out: neutropenia began after time zero", ~effects.has_begun),
        "unplaced": ("Left out: when it was given is not known", effects.has_begun & ~part),
    }
    rows, keys = [], []
    for name, (label, flags) in kinds.items():
        tail = f"gcsf/{name}/count"
        if effects.absent:
            key = made.none(tail, label, effects.absent)
        else:
            rows_of = frame["patient_id"].notna() & flags
            key = made.of(tail, label, rows_of.astype(bool), frame)
        keys.append(key)
        rows.append(Row(label, (Cell(CellKind.COUNT, (key,)),)))
    table = Table(
        key=question.scope.key("gcsf/counts/table"),
        caption="Who was given G-CSF",
        stub_head="Analysed episodes",
        columns=(Column("Number"),),
        rows=tuple(rows),
    )
    return table, (Margin(total=question.scope.key("analysed/count"), parts=tuple(keys)),)


def _ratio(
    made: Tally, effects: Effects, method: str, found: TreatmentEffect | Pooled | NoEstimate
) -> str:
    tail, label = f"gcsf/{method}/hazard_ratio", METHODS[method]
    if isinstance(found, NoEstimate):
        return none_of(made, effects, tail, label, found.reason, method)
    return made.estimate(
        tail,
        label,
        Measure.HAZARD_RATIO,
        found.hazard_ratio,
        n=found.n,
        ci=(found.ci_low, found.ci_high, made.scope.conf_level),
        method=found.method,
        smallest=effects.smallest(method),
    )


def _p(
    made: Tally, effects: Effects, method: str, found: TreatmentEffect | Pooled | NoEstimate
) -> str:
    tail, label = f"gcsf/{method}/p_value", f"{METHODS[method]}: P"
    if isinstance(found, NoEstimate):
        return none_of(made, effects, tail, label, found.reason, method)
    return made.estimate(
        tail, label, Measure.P_VALUE, found.p_value, n=found.n, method=found.method,
        smallest=effects.smallest(method),
    )  # fmt: skip


def _truths(question: Question, made: Tally, effects: Effects) -> dict[str, str]:
    """What each method aims at, where that is known."""
    return {
        method: made.estimate(
            f"gcsf/{method}/truth", f"{METHODS[method]}: what it should find",
            Measure.HAZARD_RATIO, value, method="the truth that the patients were drawn with",
            smallest=effects.smallest(method),
        )
        for method, value in targets(question, effects.known.names).items()
    }  # fmt: skip


def _table(
    question: Question,
    keys: dict[str, str],
    tests: dict[str, str],
    truths: dict[str, str],
    limits: str,
) -> Table:
    columns = [Column(f"Hazard ratio ({question.level} CI)"), Column("P")]
    told = ""
    if truths:
        columns.append(Column("Truth"))
        told = (
            " These patients were drawn with a known truth. Each method is held against what it "
            "aims at: the effect in patients alike on each day, in those alike at time zero, or "
            "in all together; the landmark aims at none of them."
        )
    clustered = (
        " Episodes are taken as independent here, though some may be of one patient."
        if question.may_repeat
        else ""
    )
    return Table(
        key=question.scope.key("gcsf/table"),
        caption="Hazard ratio of recovery with G-CSF against without, by method",
        stub_head="Method",
        columns=tuple(columns),
        rows=tuple(
            Row(
                label,
                (
                    Cell(CellKind.ESTIMATE_CI, (keys[m],)),
                    Cell(CellKind.P_VALUE, (tests[m],)),
                    *((_truth_cell(truths, m),) if truths else ()),
                ),
            )
            for m, label in METHODS.items()
        ),
        notes=(
            (
                "Above 1, recovery comes sooner with G-CSF. Deaths are censored. The first two use "
                "all episodes that can be placed, the others those with complete covariates, "
                "unless imputed. Landmark: day "
                f"{question.design.landmark_day}, of those still at risk then, adjusted for what "
                f"was known on that day.{limits}{clustered}{told}"
            ),
        ),
    )


def _limits_told(found: dict[str, TreatmentEffect | Pooled | NoEstimate]) -> str:
    """Where the limits of the weighted ratios come from, as their methods say."""
    methods = [
        one.method
        for name, one in found.items()
        if name in _WEIGHTED and not isinstance(one, NoEstimate)
    ]
    drawn = [BOOTSTRAP in method for method in methods]
    if not methods:
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


def _truth_cell(truths: dict[str, str], method: str) -> Cell:
    key = truths.get(method)
    return Cell(CellKind.ESTIMATE, (key,)) if key else Cell(CellKind.TEXT)


def _e_table(
    question: Question,
    made: Tally,
    effects: Effects,
    found: dict[str, TreatmentEffect | Pooled | NoEstimate],
) -> Table:
    """How strong an unmeasured confounder would have to be."""
    rows = []
    for method in _JUDGED:
        answer = found[method]
        value = answer if isinstance(answer, NoEstimate) else _e_value(answer)
        cells = []
        for part, word in (("estimate", "estimate"), ("limit", "limit nearer to 1")):
            tail, label = f"gcsf/{method}/e_value/{part}", f"{METHODS[method]}: E-value, {word}"
            if isinstance(value, NoEstimate):
                key = none_of(made, effects, tail, label, value.reason, method)
            else:
                key = made.estimate(
                    tail, label, Measure.RISK_RATIO, float(getattr(value, part)),
                    method=value.method, smallest=effects.smallest(method),
                )  # fmt: skip
            cells.append(Cell(CellKind.ESTIMATE, (key,)))
        rows.append(Row(METHODS[method], tuple(cells)))
    return Table(
        key=question.scope.key("gcsf/e_values/table"),
        caption="What an unmeasured confounder would have to be",
        stub_head="Method",
        columns=(Column("E-value"), Column("E-value of the limit nearer to 1")),
        rows=tuple(rows),
        notes=(
            (
                "A confounder tied to both G-CSF and recovery by a smaller risk ratio than this, "
                "beyond what was adjusted for, can't explain the estimate away. 1 for the limit: "
                "the interval holds no effect already."
            ),
        ),
    )


def _e_value(effect: TreatmentEffect | Pooled) -> EValue:
    is_rare = effect.n_events < _RARE * effect.n
    return e_value_of_hazard_ratio(
        effect.hazard_ratio, effect.ci_low, effect.ci_high, is_rare=is_rare
    )


def _figure(question: Question, made: Tally, keys: dict[str, str]) -> tuple[Figure, ...]:
    if not any(made.has_estimate(key) for key in keys.values()):
        return ()
    told = clauses(*(f"{METHODS[m]} {{{key}:estimate_ci}}" for m, key in keys.items()))
    return (
        Figure(
            key=question.scope.key("gcsf/figure"),
            kind=FigureKind.FOREST,
            caption=f"G-CSF and recovery, by method, with {question.level} intervals",
            alt=f"Hazard ratios of recovery: {told}.",
            series=(
                Series("Misleading", (keys["ever_never"],)),
                Series("Immortal time removed", (keys["time_varying"], keys["landmark"])),
                Series(
                    "Confounding adjusted for",
                    tuple(keys[m] for m in ("baseline", "daily", "imputed")),
                ),
                Series(
                    "Confounding weighted away",
                    (
                        keys["weighted_all"],
                        keys["weighted"],
                        keys["weighted_given"],
                    ),
                ),
            ),
            x_label="Hazard ratio of recovery with G-CSF",
            reference=1,
            is_log=True,
        ),
    )
