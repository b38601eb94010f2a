"""What one more positive costs, assay by assay, where costs are given."""

from __future__ import annotations

from incohort.analyses.assay_yield.question import Flags, Question
from incohort.analyses.assay_yield.tally import Tally
from incohort.results import Cell, CellKind, Column, Measure, Row, Table
from incohort.stats import NoEstimate
from incohort.stats.assays.yields import StepCost, incremental_costs


def rests_on(question: Question) -> tuple[str, ...]:
    """The counts from which the choice of an order or of a panel can be worked out."""
    key = question.scope.key
    return tuple(key(f"incremental/{name}/proportion") for name in question.panel)


def behind(question: Question, complete: Flags) -> int | None:
    """How many stand behind a choice of assays; None where the table is missing."""
    return None if question.absent else len(complete)


def cost_tables(question: Question, made: Tally, complete: Flags) -> tuple[Table, ...]:
    """What one more positive costs, where costs are given."""
    if not question.costs:
        return ()
    missing = [name for name in question.panel if name not in question.costs]
    steps: tuple[StepCost, ...] | NoEstimate
    if missing or question.absent:
        names = ", ".join(map(question.label, missing))
        steps = NoEstimate(question.absent or f"no cost is given for {names}")
    else:
        prices = [question.costs[name] for name in question.panel]
        steps = incremental_costs(complete, prices, conf_level=made.scope.conf_level)
    made.rests_on = rests_on(question)
    rows = tuple(
        Row(
            question.label(name),
            (Cell(CellKind.ESTIMATE_CI, (_cost(question, made, steps, column, complete),)),),
        )
        for column, name in enumerate(question.panel)
    )
    return (
        Table(
            key=question.scope.key("costs/table"),
            caption="What one more positive costs",
            stub_head="Assay, run on who is still negative",
            columns=(Column(f"Cost per extra positive ({question.level} CI)"),),
            rows=rows,
            notes=(
                (
                    "The price of one test over the share of those still negative that it "
                    "finds; in the unit in which costs were given."
                ),
            ),
        ),
    )


def _cost(
    question: Question,
    made: Tally,
    steps: tuple[StepCost, ...] | NoEstimate,
    column: int,
    complete: Flags,
) -> str:
    label = question.label(question.panel[column])
    tail, text = f"costs/{question.panel[column]}/per_extra_positive", f"{label}: cost of one more"
    n = behind(question, complete)
    if isinstance(steps, NoEstimate):
        return made.none(tail, text, steps.reason, n=None if "no cost" in steps.reason else n)
    if column >= len(steps):
        return made.none(tail, text, "nobody is still negative when this assay's turn comes", n=n)
    step = steps[column]
    if step.n_gained == 0:
        return made.none(tail, text, "it finds nobody more, at any cost", n=0)
    return made.interval(
        tail, text, Measure.STATISTIC, step.per_extra_positive, n=step.n_tested,
        smallest=min(step.n_gained, step.n_tested - step.n_gained),
    )  # fmt: skip
