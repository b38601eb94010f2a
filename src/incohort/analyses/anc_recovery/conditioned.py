"""What conditioning on the criteria of drug-induced neutropenia does, side by side."""

from __future__ import annotations

from incohort.analyses.anc_recovery.curves import interval_of
from incohort.analyses.anc_recovery.question import Question
from incohort.analyses.anc_recovery.tally import Tally, survival_curve, tally
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
)
from incohort.shapes.episodes import meets_criteria
from incohort.shapes.times import DIED, Times, times_of
from incohort.stats import NoEstimate
from incohort.stats.survival import Rmst, kaplan_meier, rmst

_SIDES = (
    ("everybody", "All episodes"),
    ("met", "Those that meet the criteria"),
    ("failed", "Those that don't, or it is not known"),
)


def conditioned(question: Question) -> Findings:
    """Median, restricted mean and deaths in all episodes and in those that meet the criteria."""
    made = tally(question, "medications.started_on", "patients.aetiology")
    rows, curves = [], []
    for name, label in _SIDES:
        cells, curve = _side(question, made, name, label)
        rows.append(Row(label, cells))
        curves.append(curve)
    drawn = [one for one in curves[:2] if made.has_curve(one)]
    figures = (
        Figure(
            key=question.scope.key("criteria_effect/figure"),
            kind=FigureKind.CURVES,
            caption="All episodes, and those that meet the criteria of drug-induced neutropenia",
            alt="Falling curves: of all episodes, and of those that meet the criteria; who does "
            "not recover within a month can't meet them.",
            series=tuple(Series(made.results[one].label, (one,)) for one in curves[:2]),
            x_label=question.days,
            y_label=f"Not yet recovered to {question.threshold}",
        ),
    )
    layout = Layout(
        tables=(
            Table(
                key=question.scope.key("criteria_effect/table"),
                caption="What asking for the criteria does",
                stub_head="Episodes",
                columns=(
                    Column("Analysed"),
                    Column("Died"),
                    Column(f"Median days ({question.level} CI)"),
                    Column(f"Restricted mean, days ({question.level} CI)"),
                ),
                rows=tuple(rows),
                notes=(
                    (
                        "All stand here, whichever criteria were chosen for the rest of the "
                        "report. Medians and means are those that would be if nobody had died."
                    ),
                ),
            ),
        ),
        figures=figures if drawn else (),
        margins=tuple(
            question.scope.sum(*(f"criteria_effect/{name}/{part}/count" for name, _ in _SIDES))
            for part in ("n", "died")
        ),
        cautions=(
            (
                "Recovery within a month is one of the criteria. To choose patients by it is to "
                "condition on the future: nobody in the chosen group dies early or stays "
                "neutropenic, by definition. That they recover sooner says nothing of the drug."
            ),
        ),
    )
    title = "What do the criteria of drug-induced neutropenia do?"
    return question.scope.findings("criteria_effect", title, made, layout)


def _side(question: Question, made: Tally, name: str, label: str) -> tuple[tuple[Cell, ...], str]:
    frame = question.all_episodes
    met = meets_criteria(frame)
    chosen = {"everybody": met | ~met, "met": met, "failed": ~met}[name]
    own = question.analysed(frame[chosen].reset_index(drop=True))
    times = times_of(own)
    keys = []
    reason = question.absent or question.no_table("medications")
    for part, text, rows in (
        ("n", "analysed", own["patient_id"].notna()),
        ("died", "died before recovery", own["cause"] == DIED),
    ):
        tail = f"criteria_effect/{name}/{part}/count"
        if reason:
            keys.append(made.none(tail, f"{label}: {text}", reason))
        else:
            flags = rows.fillna(value=False).astype(bool)
            keys.append(made.of(tail, f"{label}: {text}", flags, own))
    curve = kaplan_meier(times.time, times.event, conf_level=question.conf_level)
    median = curve if isinstance(curve, NoEstimate) else curve.quantile(0.5)
    mean = _rmst(question, times)
    spans = (("median", "median days", Measure.MEDIAN, median),
             ("rmst", "restricted mean days", Measure.MEAN, mean))  # fmt: skip
    for part, text, measure, answer in spans:
        tail = f"criteria_effect/{name}/{part}"
        if reason:
            keys.append(made.none(tail, f"{label}: {text}", reason))
        else:
            keys.append(
                interval_of(question, made, tail, f"{label}: {text}", measure, answer, times)
            )
    kinds = (CellKind.COUNT, CellKind.COUNT, CellKind.ESTIMATE_CI, CellKind.ESTIMATE_CI)
    cells = tuple(Cell(kind, (key,)) for kind, key in zip(kinds, keys, strict=True))
    tail = f"criteria_effect/{name}/curve"
    if reason:
        return cells, made.none(tail, label, reason)
    return cells, survival_curve(question, made, tail, label, curve, times)


def _rmst(question: Question, times: Times) -> Rmst | NoEstimate:
    if not times.n:
        return NoEstimate("nobody is in this group")
    tau = float(question.design.horizon_days)
    return rmst(times.time, times.event, tau, conf_level=question.conf_level)
