"""What each assay adds in the laboratory's order, the best order, the smallest panel, and costs."""

from __future__ import annotations

from incohort.analyses.assay_yield.assumed import with_assumptions
from incohort.analyses.assay_yield.question import TESTS, Question
from incohort.results import (
    Figure,
    FigureKind,
    Findings,
    Layout,
    Measure,
    NotEstimable,
    Row,
    Sentence,
    Series,
    Table,
    clauses,
)
from incohort.shapes.sets import Members
from incohort.shapes.tabular import cell, row, table
from incohort.shapes.telling import Told
from incohort.stats import Interval, NoEstimate
from incohort.stats.assays.panels import PanelChoice, best_order, smallest_panel
from incohort.stats.assays.yields import StepCost, incremental_costs

NOBODY = "nobody has a result of every assay of the panel"


def order(question: Question) -> Findings:
    """What each assay adds to those before it, and which assays would do."""
    told, scope = question.telling(*TESTS), question.scope
    for place, name in enumerate(question.panel):
        _step(question, told, place, name)
    tables = (
        _steps_table(question, told),
        _panel_table(question, told),
        *((_cost_table(question, told),) if question.costs else ()),
    )
    first, *others = question.panel
    steps = {name: scope.key(f"incremental/{name}/proportion") for name in question.panel}
    layout = Layout(
        sentences=(
            Sentence(
                clauses(
                    f"{question.label(first)} found {{{steps[first]}:fraction_percent_ci}}",
                    *(
                        f"{question.label(name)} added {{{steps[name]}:fraction_percent}}"
                        for name in others
                    ),
                )
                + ".",
                needs=(steps[first],),
            ),
            *named_choices(question),
        ),
        tables=tables,
        figures=_figure(question, told),
        cautions=(
            (
                "A positive result counts as a find here. Where assays also find what is not "
                "there, each one that is added adds false positives, too."
            ),
        ),
    )
    findings = told.findings("order", "Which assays, and in which order", layout)
    return with_assumptions(question, findings)


def named_choices(question: Question) -> tuple[Sentence, ...]:
    """The best order and the smallest panel by name, for a public cohort.

    Of a restricted one the gate decides, assay by assay, in the tables.
    """
    if question.scope.lists_all or question.absent or len(question.panel) < 2:
        return ()
    rows = question.panel_rows
    best, panel = best_order(rows), smallest_panel(rows, wanted=question.design.kept_share)
    said = []
    if not isinstance(best, NoEstimate):
        names = ", then ".join(question.label(question.panel[column]) for column in best)
        said.append(f"Positives are found earliest in this order: {names}.")
    if not isinstance(panel, NoEstimate):
        names = " with ".join(question.label(question.panel[column]) for column in panel.assays)
        share = f"{100 * question.design.kept_share:g} %"
        said.append(f"The smallest panel that keeps {share} of the yield is {names}.")
    return tuple(map(Sentence, said))


def _gain(question: Question, place: int) -> Members:
    """Those whom an assay of the panel found, and none before it."""
    before, name = question.panel[:place], question.panel[place]
    return question.units.positive(name, question.units.none_positive(before, question.complete))


def _found(question: Question, place: int) -> Members:
    """Those whom the assays of the panel up to one found."""
    return question.units.any_positive(question.panel[: place + 1], question.complete)


def _step(question: Question, told: Told, place: int, name: str) -> None:
    """The gain of one assay, and what is found up to it."""
    label, all_ = question.label(name), question.complete
    for tail, text, members in (
        ("incremental", f"Found by {label} and by none before it", _gain(question, place)),
        ("cumulative", f"Found up to {label}", _found(question, place)),
    ):
        told.share_in(f"{tail}/{name}/proportion", text, members, all_, nobody=NOBODY)


def _behind(question: Question) -> tuple[Members, ...]:
    """The sets that a choice of assays can be worked out from."""
    gains = (_gain(question, place) for place in range(len(question.panel)))
    return (*question.by_panel_assay, *gains)


def _steps_table(question: Question, told: Told) -> Table:
    ranks, key, level = _ranks(question, told), question.scope.key, question.scope.level
    rows = [
        row(
            question.label(name),
            cell("fraction_percent", key(f"incremental/{name}/proportion")),
            cell("percent_ci", key(f"incremental/{name}/proportion")),
            cell("fraction_percent_ci", key(f"cumulative/{name}/proportion")),
            cell("estimate", rank),
        )
        for name, rank in zip(question.panel, ranks, strict=True)
    ]
    return table(
        question.scope, "order", "What each assay adds, in the order given", "Assay",
        (
            "Newly found / tested by all", f"% ({level} CI)", f"Found so far ({level} CI)",
            "Place in the best order",
        ),
        rows,
        f"On {question.noun} with a result of every assay of the panel. Best order: the one that "
        "finds most the earliest (largest sum of cumulative yields); the earlier assay wins a tie.",
    )  # fmt: skip


def _ranks(question: Question, told: Told) -> list[str]:
    """Each assay's place in the best order, from 1."""
    answer = best_order(question.panel_rows)
    return [
        told.statistic_in(
            f"best_order/{name}/place",
            f"{question.label(name)}, place in the best order",
            Measure.STATISTIC,
            answer if isinstance(answer, NoEstimate) else float(answer.index(column) + 1),
            _behind(question),
            n=len(question.complete),
        )
        for column, name in enumerate(question.panel)
    ]


def _panel_table(question: Question, told: Told) -> Table:
    """The fewest assays that keep the wanted share, and how sure that choice is."""
    design, n = question.design, len(question.complete)
    answer = smallest_panel(
        question.panel_rows,
        wanted=design.kept_share,
        conf_level=design.conf_level,
        resamples=design.resamples,
        seed=design.seed,
    )
    rows = [
        row(
            f"{question.label(name)}: in it (1) or not (0)",
            cell(
                "estimate",
                told.statistic_in(
                    f"smallest_panel/{name}/member",
                    f"{question.label(name)} in the smallest panel",
                    Measure.STATISTIC,
                    answer if isinstance(answer, NoEstimate) else float(column in answer.assays),
                    _behind(question),
                    n=n,
                ),
            ),
        )
        for column, name in enumerate(question.panel)
    ]
    rows += _chosen_rows(question, told, answer)
    return table(
        question.scope, "smallest_panel",
        f"The smallest panel that keeps {100 * design.kept_share:g} % of the yield", "The panel",
        ("Value",), rows,
        "All panels are compared; of the smallest that keep the share it is the one that finds "
        f"most. Drawn again: {question.noun} drawn anew with replacement, {design.resamples} times "
        f"(seed {design.seed}).",
    )  # fmt: skip


def _chosen_rows(question: Question, told: Told, answer: PanelChoice | NoEstimate) -> list[Row]:
    """What the chosen panel finds, of all and of all that the whole panel finds."""
    all_, is_none = question.complete, isinstance(answer, NoEstimate)
    columns = () if isinstance(answer, NoEstimate) else answer.assays
    chosen = [question.panel[column] for column in columns] or question.panel
    found = question.units.any_positive(chosen, all_)
    by_any = _found(question, len(question.panel) - 1)
    rows = []
    for name, label, of in (
        ("kept", "Positives of the whole panel that it keeps", by_any),
        ("found", "Positive by any of its assays", all_),
    ):
        tail = f"smallest_panel/{name}"
        share = answer if isinstance(answer, NoEstimate) else getattr(answer, name)
        key = told.share_as(tail, label, share, found, all_ if is_none else of)
        rows.append(row(label, cell("estimate" if is_none else "fraction_percent_ci", key)))
    for name, label in (
        ("chosen_again", "How often the same panel is chosen in patients drawn again"),
        ("kept_again", "Positives that it keeps in patients drawn again"),
    ):
        tail, n, method = f"smallest_panel/{name}", len(all_), ""
        value: float | NoEstimate
        if isinstance(answer, NoEstimate):
            value = answer
        else:
            value = float(getattr(answer, name))
            method = f"bootstrap of patients, {answer.resamples} times, seed {answer.seed}"
        key = told.statistic_in(
            tail, label, Measure.PROPORTION, value, _behind(question), n=n, method=method
        )
        rows.append(row(label, cell("estimate", key)))
    return rows


def _figure(question: Question, told: Told) -> tuple[Figure, ...]:
    keys = {name: question.scope.key(f"cumulative/{name}/proportion") for name in question.panel}
    if any(isinstance(told.results[key], NotEstimable) for key in keys.values()):
        return ()
    said = clauses(
        *(
            f"with {question.label(name)} {{{key}:fraction_percent_ci}}"
            for name, key in keys.items()
        )
    )
    return (
        Figure(
            key=question.scope.key("order/figure"),
            kind=FigureKind.LINES,
            caption=f"Found so far, assay by assay, with {question.scope.level} intervals",
            alt=f"Share found so far: {said}.",
            series=(Series("Found so far", tuple(keys.values())),),
            x_label="Assays in the order given",
            y_label="Found, %",
        ),
    )


def _cost_table(question: Question, told: Told) -> Table:
    """What one more positive costs."""
    missing = [name for name in question.panel if name not in question.costs]
    steps: tuple[StepCost, ...] | NoEstimate = ()
    if not missing:
        prices = [question.costs[name] for name in question.panel]
        level = question.scope.conf_level
        steps = incremental_costs(question.panel_rows, prices, conf_level=level)
    names = ", ".join(map(question.label, missing))
    rows = []
    for column, name in enumerate(question.panel):
        tail, text = f"costs/{name}/per_extra_positive", f"{question.label(name)}: cost of one more"
        if missing and not question.absent:
            reason = f"no cost is given for {names}"
            key = told.none_in(tail, text, reason, question.complete)
        else:
            key = _cost(question, told, (tail, text), steps, column)
        rows.append(row(question.label(name), cell("estimate_ci", key)))
    return table(
        question.scope, "costs", "What one more positive costs",
        "Assay, run on who is still negative",
        (f"Cost per extra positive ({question.scope.level} CI)",), rows,
        "The price of one test over the share of those still negative that it finds; in the unit "
        "in which costs were given.",
    )  # fmt: skip


def _cost(
    question: Question, told: Told, named: tuple[str, str],
    steps: tuple[StepCost, ...] | NoEstimate, column: int,
) -> str:  # fmt: skip
    left = question.units.none_positive(question.panel[:column], question.complete)
    gained = _gain(question, column)
    sets, n = (gained, question.units.negative(question.panel[column], left)), len(left)
    answer: Interval | NoEstimate
    if isinstance(steps, NoEstimate):
        answer, n = steps, len(question.complete)
    elif column >= len(steps):
        answer = NoEstimate("nobody is still negative when this assay's turn comes")
        n = len(question.complete)
    elif steps[column].n_gained == 0:
        answer, n = NoEstimate("it finds nobody more, at any cost"), 0
    else:
        answer = steps[column].per_extra_positive
    return told.statistic_in(*named, Measure.STATISTIC, answer, sets, n=n)
