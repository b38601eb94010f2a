"""What each assay adds in the laboratory's order, the best order, the smallest panel, and costs."""

from __future__ import annotations

from incohort.analyses.assay_yield.assumed import with_assumptions
from incohort.analyses.assay_yield.question import TESTS, Question
from incohort.results import (
    Figure,
    Findings,
    Layout,
    Measure,
    NotEstimable,
    Row,
    Sentence,
    Table,
    clauses,
)
from incohort.shapes.making import part_of
from incohort.shapes.sets import Members
from incohort.shapes.tabular import cell, figure, phrases, row, share, table
from incohort.shapes.telling import Draft
from incohort.stats import Interval, NoEstimate
from incohort.stats.assays.panels import PanelChoice, best_order, smallest_panel
from incohort.stats.assays.yields import StepCost, incremental_costs

NOBODY = "nobody has a result of every assay of the panel"
_CAUTION = (
    "A positive result counts as a find here. Where assays also find what is not there, each one "
    "that is added adds false positives, too."
)


def order(question: Question) -> Findings:
    """What each assay adds to those before it, and which assays would do."""
    draft = question.telling(*TESTS)
    added, so_far = _steps(question, draft)
    tables = [_steps_table(question, draft, added, so_far), _panel_table(question, draft)]
    if question.costs:
        tables.append(_cost_table(question, draft))
    layout = Layout(
        sentences=(_said(question, added), *named_choices(question)),
        tables=tuple(tables),
        figures=_figure(question, draft, so_far),
        cautions=(_CAUTION,),
    )
    findings = draft.findings("order", "Which assays, and in which order", layout)
    return with_assumptions(question, findings)


def _said(question: Question, added: dict[str, str]) -> Sentence:
    """What the first assay found, and what the others added."""
    (first, gain), *others = question.by_label(added).items()
    gains = (f"{label} added {{{key}:fraction_percent}}" for label, key in others)
    said = clauses(f"{first} found {{{gain}:fraction_percent_ci}}", *gains)
    return Sentence(f"{said}.", needs=(gain,))


def named_choices(question: Question) -> tuple[Sentence, ...]:
    """The best order and the smallest panel by name, for a public cohort.

    Of a restricted one the gate decides, assay by assay, in the tables.
    """
    if question.scope.lists_all or question.absent or len(question.panel) < 2:
        return ()
    rows, labels = question.panel_rows, [*map(question.label, question.panel)]
    best, panel = best_order(rows), smallest_panel(rows, wanted=question.design.kept_share)
    said = []
    if not isinstance(best, NoEstimate):
        names = ", then ".join(labels[column] for column in best)
        said.append(f"Positives are found earliest in this order: {names}.")
    if not isinstance(panel, NoEstimate):
        names = " with ".join(labels[column] for column in panel.assays)
        kept = f"{100 * question.design.kept_share:g} %"
        said.append(f"The smallest panel that keeps {kept} of the yield is {names}.")
    return tuple(map(Sentence, said))


def _gain(question: Question, place: int) -> Members:
    """Those whom an assay of the panel found, and none before it."""
    before, name = question.panel[:place], question.panel[place]
    return question.units.positive(name, question.units.none_positive(before, question.complete))


def _behind(question: Question) -> tuple[Members, ...]:
    """The sets that a choice of assays can be worked out from."""
    gains = (_gain(question, place) for place in range(len(question.panel)))
    return (*question.by_panel_assay, *gains)


def _steps(question: Question, draft: Draft) -> tuple[dict[str, str], dict[str, str]]:
    """The gain of each assay of the panel, and what is found up to it."""
    added, so_far, of = {}, {}, question.complete
    for place, name in enumerate(question.panel):
        label = question.label(name)
        up_to_it = question.units.any_positive(question.panel[: place + 1], of)
        added[name] = draft.share_in(
            f"incremental/{name}/proportion", f"Found by {label} and by none before it",
            _gain(question, place), of, nobody=NOBODY,
        )  # fmt: skip
        so_far[name] = draft.share_in(
            f"cumulative/{name}/proportion", f"Found up to {label}", up_to_it, of, nobody=NOBODY
        )
    return added, so_far


def _steps_table(
    question: Question, draft: Draft, added: dict[str, str], so_far: dict[str, str]
) -> Table:
    answer, rows = best_order(question.panel_rows), []
    for column, name in enumerate(question.panel):
        label = question.label(name)
        rank = draft.statistic_in(
            f"best_order/{name}/place", f"{label}, place in the best order", Measure.STATISTIC,
            answer if isinstance(answer, NoEstimate) else float(answer.index(column) + 1),
            _behind(question), n=len(question.complete),
        )  # fmt: skip
        cells = cell("fraction_percent_ci", so_far[name]), cell("estimate", rank)
        rows.append(row(label, *share(added[name]), *cells))
    ci = f"({question.scope.level} CI)"
    return table(
        question.scope, "order", "What each assay adds, in the order given", "Assay",
        (
            "Newly found / tested by all", f"% {ci}", f"Found so far {ci}",
            "Place in the best order",
        ),
        rows,
        f"On {question.noun} with a result of every assay of the panel. Best order: the one that "
        "finds most the earliest (largest sum of cumulative yields); the earlier assay wins a tie.",
    )  # fmt: skip


def _panel_table(question: Question, draft: Draft) -> Table:
    """The fewest assays that keep the wanted share, and how sure that choice is."""
    design, rows = question.design, []
    answer = smallest_panel(
        question.panel_rows, wanted=design.kept_share, conf_level=design.conf_level,
        resamples=design.resamples, seed=design.seed,
    )  # fmt: skip
    for column, name in enumerate(question.panel):
        label = question.label(name)
        key = draft.statistic_in(
            f"smallest_panel/{name}/member", f"{label} in the smallest panel", Measure.STATISTIC,
            answer if isinstance(answer, NoEstimate) else float(column in answer.assays),
            _behind(question), n=len(question.complete),
        )  # fmt: skip
        rows.append(row(f"{label}: in it (1) or not (0)", cell("estimate", key)))
    return table(
        question.scope, "smallest_panel",
        f"The smallest panel that keeps {100 * design.kept_share:g} % of the yield", "The panel",
        ("Value",), [*rows, *_kept_rows(question, draft, answer), *_again(question, draft, answer)],
        "All panels are compared; of the smallest that keep the share it is the one that finds "
        f"most. Drawn again: {question.noun} drawn anew with replacement, {design.resamples} times "
        f"(seed {design.seed}).",
    )  # fmt: skip


def _kept_rows(question: Question, draft: Draft, answer: PanelChoice | NoEstimate) -> list[Row]:
    """What the chosen panel finds, of all and of all that the whole panel finds."""
    panel, everybody, is_none = question.panel, question.complete, isinstance(answer, NoEstimate)
    columns = () if isinstance(answer, NoEstimate) else answer.assays
    chosen = [panel[column] for column in columns] or panel
    by_chosen, by_any = (question.units.any_positive(names, everybody) for names in (chosen, panel))
    rows = []
    for name, label, of in (
        ("kept", "Positives of the whole panel that it keeps", by_any),
        ("found", "Positive by any of its assays", everybody),
    ):
        key = draft.share_as(
            f"smallest_panel/{name}", label, part_of(answer, name), by_chosen,
            everybody if is_none else of,
        )  # fmt: skip
        rows.append(row(label, cell("estimate" if is_none else "fraction_percent_ci", key)))
    return rows


def _again(question: Question, draft: Draft, answer: PanelChoice | NoEstimate) -> list[Row]:
    """How the choice does in patients drawn again."""
    method, rows = "", []
    if not isinstance(answer, NoEstimate):
        method = f"bootstrap of patients, {answer.resamples} times, seed {answer.seed}"
    for name, label in (
        ("chosen_again", "How often the same panel is chosen in patients drawn again"),
        ("kept_again", "Positives that it keeps in patients drawn again"),
    ):
        key = draft.statistic_in(
            f"smallest_panel/{name}", label, Measure.PROPORTION, part_of(answer, name),
            _behind(question), n=len(question.complete), method=method,
        )  # fmt: skip
        rows.append(row(label, cell("estimate", key)))
    return rows


def _figure(question: Question, draft: Draft, so_far: dict[str, str]) -> tuple[Figure, ...]:
    if any(isinstance(draft.results[key], NotEstimable) for key in so_far.values()):
        return ()
    said = {f"with {label}": key for label, key in question.by_label(so_far).items()}
    return (
        figure(
            question.scope, "order", "lines",
            f"Found so far, assay by assay, with {question.scope.level} intervals",
            f"Share found so far: {phrases(said, 'fraction_percent_ci')}.",
            {"Found so far": so_far.values()}, x_label="Assays in the order given",
            y_label="Found, %",
        ),
    )  # fmt: skip


def _cost_table(question: Question, draft: Draft) -> Table:
    """What one more positive costs."""
    unpriced = question.labels(name for name in question.panel if name not in question.costs)
    reason = question.absent or (f"no cost is given for {unpriced}" if unpriced else "")
    steps: tuple[StepCost, ...] | NoEstimate = NoEstimate(reason)
    if not reason:
        prices = [question.costs[name] for name in question.panel]
        level = question.scope.conf_level
        steps = incremental_costs(question.panel_rows, prices, conf_level=level)
    rows = []
    for place, name in enumerate(question.panel):
        tail, label = f"costs/{name}/per_extra_positive", question.label(name)
        text = f"{label}: cost of one more"
        if reason:
            key = draft.none_in(tail, text, reason, question.complete)
        else:
            key = _cost(question, draft, place, (tail, text), steps)
        rows.append(row(label, cell("estimate_ci", key)))
    return table(
        question.scope, "costs", "What one more positive costs",
        "Assay, run on who is still negative",
        (f"Cost per extra positive ({question.scope.level} CI)",), rows,
        "The price of one test over the share of those still negative that it finds; in the unit "
        "in which costs were given.",
    )  # fmt: skip


def _cost(
    question: Question, draft: Draft, place: int, named: tuple[str, str],
    steps: tuple[StepCost, ...] | NoEstimate,
) -> str:  # fmt: skip
    left = question.units.none_positive(question.panel[:place], question.complete)
    still_negative = question.units.negative(question.panel[place], left)
    answer: Interval | NoEstimate
    if isinstance(steps, NoEstimate):
        answer, n = steps, len(question.complete)
    elif place >= len(steps):
        answer = NoEstimate("nobody is still negative when this assay's turn comes")
        n = len(question.complete)
    elif steps[place].n_gained == 0:
        answer, n = NoEstimate("it finds nobody more, at any cost"), 0
    else:
        answer, n = steps[place].per_extra_positive, len(left)
    sets = (_gain(question, place), still_negative)
    return draft.statistic_in(*named, Measure.STATISTIC, answer, sets, n=n)
