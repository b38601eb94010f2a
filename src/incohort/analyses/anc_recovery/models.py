"""What delays recovery: hazards, subdistribution hazards and time ratios, with their checks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from incohort.analyses.anc_recovery.covariates import COVARIATES, Known
from incohort.analyses.anc_recovery.question import Question
from incohort.analyses.anc_recovery.tally import Tally, tally
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Figure,
    FigureKind,
    Findings,
    Layout,
    Measure,
    Row,
    Series,
    Table,
    clauses,
)
from incohort.shapes.times import RECOVERED, Times
from incohort.stats import HypothesisTest, NoEstimate
from incohort.stats.competing import cause_specific, fine_gray
from incohort.stats.interval import AftFit, aft
from incohort.stats.survival import (
    CoxFit,
    concordance,
    deviance_residuals,
    dfbeta,
    proportional_hazards,
)

_LEAST_TIME = 0.5  # days: where a recovery on the day of time zero stands for a log time


@dataclass(frozen=True, kw_only=True)
class Complete:
    """The analysed episodes whose covariates are all known, and the covariates that vary."""

    times: Times
    matrix: NDArray[np.float64]
    names: tuple[str, ...]
    n_incomplete: int
    reason: str
    is_absent: bool  # the reason lies in a missing table or in the choices, not in patients
    constant: dict[str, str]  # why each covariate is in no model if it does not vary
    told_of: tuple[int, ...] = ()  # how many patients the reason itself tells of

    def fewest(self) -> int:
        """The smallest group of patients that any answer, or the reason for none, rests on."""
        return min((self.times.smallest(self.times.event), *self.told_of))


@dataclass(frozen=True, slots=True)
class Ratio:
    """A model's ratio for one covariate; the P value where the model tests it."""

    value: float
    ci_low: float
    ci_high: float
    p_value: float | None
    method: str


Ratios = Sequence[Ratio] | NoEstimate


def models(question: Question) -> Findings:
    """Cause-specific Cox, Fine–Gray and interval-censored AFT models of recovery."""
    known = Known(question)
    made = tally(question, *known.sources)
    data = complete_cases(question, known)
    reason = data.reason
    fit = NoEstimate(reason) if reason else _cox(data)
    ratios = {
        "cox": _cox_ratios(question, fit),
        "fine_gray": NoEstimate(reason) if reason else _fine_gray(question, data),
        "aft": NoEstimate(reason) if reason else _aft(question, data),
    }
    keys = {
        kind: [_term(question, made, data, kind, name, ratios[kind]) for name in known.names]
        for kind in ratios
    }
    counts = _counts(question, made, data)
    tests = [_p_value(made, data, name, ratios["cox"]) for name in known.names]
    for name, why in known.left_out.items():
        for kind in ratios:
            keys[kind].append(_left_out(made, kind, name, why))
        label = f"{COVARIATES[name].label}: P"
        tests.append(made.none(f"models/cox/{name}/p_value", label, why))
    layout = Layout(
        tables=(
            _table(question, known, keys, tests, counts),
            _checks(question, made, known, data, fit),
            _residuals(question, made, known, data, fit),
        ),
        figures=_figures(question, made, keys),
        cautions=(
            (
                "Covariates are those known at time zero. Ratios are adjusted for each other and "
                "for nothing else, so that they are no causes by themselves."
            ),
        ),
    )
    return question.scope.findings("models", "What delays recovery?", made, layout)


def complete_cases(question: Question, known: Known) -> Complete:
    """The rows with every covariate; one that is the same in all of them is left out."""
    matrix, times = known.baseline, question.times
    is_whole = np.asarray(~np.isnan(matrix).any(axis=1), dtype=np.bool_)
    rows = matrix[is_whole]
    varies = [np.ptp(rows[:, place]) > 0 for place in range(rows.shape[1])] if len(rows) else []
    places = [place for place, does in enumerate(varies) if does]
    kept = times.where(is_whole)
    reason = question.reason() or known.absent
    if not reason and not known.chosen:
        reason = "no covariate was chosen"
    told_of: tuple[int, ...] = ()
    if not reason and not question.is_mostly_begun:
        reason = "fewer than half were neutropenic at time zero"
        told_of = tuple(times.persons(rows) for rows in (question.has_begun, ~question.has_begun))
    if not reason and not kept.n:
        reason = (
            "nobody has all covariates known at time zero"
            if question.has_begun.any()
            else "nobody was neutropenic at time zero yet"
        )
    if not reason and not kept.event.any():
        reason = "nobody with complete covariates recovered"
    if not reason and not places:
        reason = "no covariate differs between those with complete covariates"
    return Complete(
        times=kept,
        matrix=rows[:, places],
        names=tuple(known.names[place] for place in places),
        n_incomplete=int((~is_whole).sum()),
        reason=reason,
        is_absent=bool(question.absent or known.absent or not known.names),
        constant={name: known.constant(name) for name in known.names},
        told_of=told_of,
    )


def _cox(data: Complete) -> CoxFit | NoEstimate:
    times = data.times
    return cause_specific(
        times.time, times.cause, data.matrix, cause_of_interest=RECOVERED, cluster=times.cluster
    )


def _cox_ratios(question: Question, fit: CoxFit | NoEstimate) -> Ratios:
    if isinstance(fit, NoEstimate):
        return fit
    found = fit.hazard_ratios(conf_level=question.conf_level)
    if isinstance(found, NoEstimate):
        return found
    return [Ratio(r.hazard_ratio, r.ci_low, r.ci_high, r.p_value, r.method) for r in found]


def _fine_gray(question: Question, data: Complete) -> Ratios:
    times = data.times
    fit = fine_gray(times.time, times.cause, data.matrix, cluster=times.cluster)
    if isinstance(fit, NoEstimate):
        return fit
    found = fit.hazard_ratios(conf_level=question.conf_level)
    return [Ratio(r.hazard_ratio, r.ci_low, r.ci_high, r.p_value, r.method) for r in found]


def _aft(question: Question, data: Complete) -> Ratios:
    fit = _aft_fit(data)
    if isinstance(fit, NoEstimate):
        return fit
    found = fit.time_ratios(conf_level=question.conf_level)
    return [Ratio(r.estimate, r.ci_low, r.ci_high, None, r.method) for r in found]


def _aft_fit(data: Complete) -> AftFit | NoEstimate:
    """Log-normal times: many recover in the middle, and few at once, as counts regrow."""
    times = data.times
    right = np.maximum(times.right, _LEAST_TIME)
    left = np.where(times.event & (times.left < right), times.left, np.minimum(times.left, right))
    return aft(left, right, data.matrix, distribution="lognormal", cluster=times.cluster)


_KINDS = {
    "cox": ("hazard_ratio", Measure.HAZARD_RATIO, "cause-specific hazard ratio"),
    "fine_gray": ("subdistribution_hazard_ratio", Measure.HAZARD_RATIO,
                  "subdistribution hazard ratio"),
    "aft": ("time_ratio", Measure.TIME_RATIO, "time ratio"),
}  # fmt: skip


def _term(
    question: Question,
    made: Tally,
    data: Complete,
    kind: str,
    name: str,
    ratios: Ratios,
) -> str:
    tail_end, measure, word = _KINDS[kind]
    tail, label = f"models/{kind}/{name}/{tail_end}", f"{COVARIATES[name].label}: {word}"
    behind = _behind(data, name)
    if isinstance(ratios, NoEstimate):
        n = None if data.is_absent else behind
        return made.none(tail, label, ratios.reason, n=n)
    if name not in data.names:
        return made.none(tail, label, data.constant[name], n=behind)
    found = ratios[data.names.index(name)]
    limits = (found.ci_low, found.ci_high)
    if not all(map(math.isfinite, (found.value, *limits))):
        return made.none(tail, label, "the data set no limit to it", n=behind)
    return made.estimate(
        tail,
        COVARIATES[name].label,
        measure,
        found.value,
        n=data.times.persons(),
        ci=(*limits, question.conf_level),
        method=found.method if found.method.startswith(word) else f"{word}, {found.method}",
        smallest=behind,
    )


def _left_out(made: Tally, kind: str, name: str, reason: str) -> str:
    """A term that is in no model, as the cohort did not record it."""
    tail_end, _, word = _KINDS[kind]
    label = f"{COVARIATES[name].label}: {word}"
    return made.none(f"models/{kind}/{name}/{tail_end}", label, reason)


def _behind(data: Complete, name: str) -> int:
    """The smallest group of patients that a term rests on: by outcome, and by a flag's values."""
    times = data.times
    few = [data.fewest()]
    if name in data.names:
        column = data.matrix[:, data.names.index(name)]
        if len(np.unique(column)) == 2:
            few += [times.persons(column == value) for value in np.unique(column)]
    return min(few)


def _p_value(
    made: Tally,
    data: Complete,
    name: str,
    ratios: Ratios,
) -> str:
    tail, label = f"models/cox/{name}/p_value", f"{COVARIATES[name].label}: P"
    behind = _behind(data, name)
    if isinstance(ratios, NoEstimate):
        n = None if data.is_absent else behind
        return made.none(tail, label, ratios.reason, n=n)
    if name not in data.names:
        return made.none(tail, label, data.constant[name], n=behind)
    found = ratios[data.names.index(name)]
    if found.p_value is None:
        return made.none(tail, label, "this model has no test of it")
    return made.estimate(
        tail, label, Measure.P_VALUE, found.p_value, n=data.times.persons(), smallest=behind,
        method=found.method,
    )  # fmt: skip


def _counts(question: Question, made: Tally, data: Complete) -> tuple[str, str]:
    """How many episodes have complete covariates, and how many recovered."""
    found = []
    for name, label, n in (
        ("n", "Episodes with complete covariates", data.times.n),
        ("incomplete", "Episodes left out, a covariate not known at time zero", data.n_incomplete),
    ):
        tail = f"models/{name}/count"
        if question.absent:
            found.append(made.none(tail, label, question.absent))
            continue
        total = data.times.n + data.n_incomplete
        found.append(made.count(tail, label, n, n=total))
    return found[0], found[1]


def _table(
    question: Question,
    known: Known,
    keys: dict[str, list[str]],
    tests: list[str],
    counts: tuple[str, str],
) -> Table:
    rows = [
        Row(
            label,
            (
                *(Cell(CellKind.ESTIMATE_CI, (keys[kind][place],)) for kind in keys),
                Cell(CellKind.P_VALUE, (tests[place],)),
            ),
        )
        for place, label in enumerate((*known.labels, *known.labels_left_out))
    ]
    blank = Cell(CellKind.TEXT)
    rows += [
        Row(label, (Cell(CellKind.COUNT, (key,)), blank, blank, blank))
        for label, key in zip(
            ("Episodes", "Left out, a covariate not known at time zero"), counts, strict=True
        )
    ]
    clustered = (
        " Several episodes of a patient are a cluster in all three models: robust variance."
        if question.may_repeat
        else ""
    )
    return Table(
        key=question.scope.key("models/table"),
        caption="What delays recovery",
        stub_head="Known at time zero",
        columns=(
            Column("Cause-specific hazard ratio"),
            Column("Subdistribution hazard ratio"),
            Column("Time ratio"),
            Column("P (cause-specific)"),
        ),
        rows=tuple(rows),
        notes=(
            (
                f"{question.level} intervals. Hazard ratios below 1 and time ratios above 1 mean a "
                "later recovery. Cause-specific: Cox's model of recovery with Efron's ties, deaths "
                "censored. Subdistribution: Fine and Gray's. Time ratio: log-normal model of "
                f"interval-censored times.{clustered}"
            ),
            *filter(None, (known.told,)),
        ),
    )


def _checks(
    question: Question, made: Tally, known: Known, data: Complete, fit: CoxFit | NoEstimate
) -> Table:
    """Proportional hazards term by term and together, and the concordance."""
    found = fit if isinstance(fit, NoEstimate) else proportional_hazards(fit)
    rows = []
    behind = data.fewest()
    n = None if data.is_absent else behind
    for name, label in (*zip(known.names, known.labels, strict=True), ("overall", "All together")):
        test: HypothesisTest | NoEstimate
        if isinstance(found, NoEstimate):
            test = found
        elif name == "overall":
            test = found.overall
        elif name in data.names:
            test = found.terms[data.names.index(name)]
        else:
            test = NoEstimate(data.constant[name])
        key = made.p_value(
            f"models/checks/{name}/zph_p_value", f"{label}: does its effect change over time, P",
            test, n=n, smallest=n,
        )  # fmt: skip
        rows.append(Row(label, (Cell(CellKind.P_VALUE, (key,)),)))
    rows.append(Row("Concordance", (Cell(CellKind.ESTIMATE_CI, (_c(question, made, fit, n),)),)))
    return Table(
        key=question.scope.key("models/checks/table"),
        caption="Does the model hold?",
        stub_head="Term",
        columns=(Column("P of proportional hazards; concordance"),),
        rows=tuple(rows),
        notes=(
            (
                "A small P says that the hazard ratio changes over time: it is then an average. "
                "Concordance: how often, of two, the one with the higher predicted hazard recovers "
                "first; 0.5 is chance."
            ),
        ),
    )


def _c(question: Question, made: Tally, fit: CoxFit | NoEstimate, n: int | None) -> str:
    tail, label = "models/checks/concordance", "Concordance"
    found = fit if isinstance(fit, NoEstimate) else concordance(fit)
    if isinstance(found, NoEstimate):
        return made.none(tail, label, found.reason, n=n)
    z = _z(question.conf_level)
    low, high = max(0.0, found.estimate - z * found.se), min(1.0, found.estimate + z * found.se)
    return made.estimate(
        tail, label, Measure.STATISTIC, found.estimate, n=n, smallest=n,
        ci=(low, high, question.conf_level), method="Harrell's C, infinitesimal jackknife",
    )  # fmt: skip


def _z(conf_level: float) -> float:
    return NormalDist().inv_cdf(0.5 + conf_level / 2)


def _residuals(
    question: Question, made: Tally, known: Known, data: Complete, fit: CoxFit | NoEstimate
) -> Table:
    """Deviance residuals in quartiles, and how far a single row moves each coefficient."""
    behind = data.fewest()
    n = None if data.is_absent else behind
    rows = []
    if isinstance(fit, NoEstimate):
        keys = tuple(
            made.none(f"models/residuals/deviance/{part}", f"Deviance residual, {part}",
                      fit.reason, n=n)
            for part in ("median", "q1", "q3")
        )  # fmt: skip
    else:
        values = deviance_residuals(fit).tolist()
        keys = made.quartiles("models/residuals/deviance", "Deviance residual", values, unit="")
    rows.append(Row("Deviance residuals, median (quartiles)", (Cell(CellKind.MEDIAN_IQR, keys),)))
    for name, label in zip(known.names, known.labels, strict=True):
        tail = f"models/residuals/{name}/largest_dfbeta"
        text = f"{label}: largest change of its coefficient by one row, in standard errors"
        if isinstance(fit, NoEstimate) or name not in data.names:
            why = fit.reason if isinstance(fit, NoEstimate) else data.constant[name]
            key = made.none(tail, text, why, n=n)
        else:
            place = data.names.index(name)
            moved = float(np.abs(dfbeta(fit)[:, place]).max() / fit.se[place])
            key = made.estimate(
                tail, text, Measure.STATISTIC, moved, n=n, smallest=1, method="dfbeta / SE"
            )
        rows.append(Row(f"{label}: largest dfbeta, in SE", (Cell(CellKind.ESTIMATE, (key,)),)))
    return Table(
        key=question.scope.key("models/residuals/table"),
        caption="Residuals of the cause-specific model",
        stub_head="Residual",
        columns=(Column("Value"),),
        rows=tuple(rows),
        notes=("A dfbeta beyond about 0.5 says that a single episode carries the coefficient.",),
    )


def _figures(question: Question, made: Tally, keys: dict[str, list[str]]) -> tuple[Figure, ...]:
    ratios = [key for kind in ("cox", "fine_gray") for key in keys[kind]]
    if not any(made.has_estimate(key) for key in ratios):
        return ()
    told = clauses(*(f"{made.results[key].label} {{{key}:estimate_ci}}" for key in keys["cox"]))
    return (
        Figure(
            key=question.scope.key("models/figure"),
            kind=FigureKind.FOREST,
            caption=f"Hazard ratios of recovery with {question.level} intervals",
            alt=f"Cause-specific hazard ratios: {told}. Below 1 means a later recovery.",
            series=(
                Series("Cause-specific", tuple(keys["cox"])),
                Series("Subdistribution", tuple(keys["fine_gray"])),
            ),
            x_label="Hazard ratio of recovery",
            reference=1,
            is_log=True,
        ),
        Figure(
            key=question.scope.key("models/time_ratios/figure"),
            kind=FigureKind.FOREST,
            caption=f"Time ratios with {question.level} intervals",
            alt="Time ratios: "
            + clauses(*(f"{made.results[key].label} {{{key}:estimate_ci}}" for key in keys["aft"]))
            + ". Above 1 means a later recovery.",
            series=(Series("Log-normal, interval-censored", tuple(keys["aft"])),),
            x_label="Time ratio",
            reference=1,
            is_log=True,
        ),
    )
