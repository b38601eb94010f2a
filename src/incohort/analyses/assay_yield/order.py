"""What each assay adds in the laboratory's order, the best order, the smallest panel, and costs."""

from __future__ import annotations

from incohort.analyses.assay_yield.assumed import with_assumptions
from incohort.analyses.assay_yield.costs import behind, cost_tables, rests_on
from incohort.analyses.assay_yield.question import Flags, Question
from incohort.analyses.assay_yield.tally import Tally, tally
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
    NotEstimable,
    Row,
    Sentence,
    Series,
    Table,
    clauses,
)
from incohort.stats import NoEstimate
from incohort.stats.assays.panels import PanelChoice, best_order, smallest_panel

_NOBODY = "nobody has a result of every assay of the panel"


def order(question: Question) -> Findings:
    """What each assay adds to those before it, and which assays would do."""
    made = tally(question)
    positive, among = question.panel_rows
    for place, name in enumerate(question.panel):
        _step(question, made, (positive, among), place, name)
    tables = (
        _steps_table(question, made, positive[among]),
        _panel_table(question, made, positive[among]),
        *cost_tables(question, made, positive[among]),
    )
    key = question.scope.key
    first = question.panel[0]
    steps = [key(f"incremental/{name}/proportion") for name in question.panel]
    sums = [key(f"cumulative/{name}/proportion") for name in question.panel]
    added = [
        f"{question.label(name)} added {{{step}:fraction_percent}}"
        for name, step in list(zip(question.panel, steps, strict=True))[1:]
    ]
    layout = Layout(
        sentences=(
            Sentence(
                clauses(f"{question.label(first)} found {{{steps[0]}:fraction_percent_ci}}", *added)
                + ".",
                needs=(steps[0],),
            ),
            *named_choices(question),
        ),
        tables=tables,
        figures=_figure(question, made, sums),
        cautions=(
            (
                "A positive result counts as a find here. Where assays also find what is not "
                "there, each one that is added adds false positives, too."
            ),
        ),
        margins=_margins(question, steps, sums),
    )
    findings = question.scope.findings("order", "Which assays, and in which order", made, layout)
    return with_assumptions(question, findings)


def named_choices(question: Question) -> tuple[Sentence, ...]:
    """The best order and the smallest panel by name, for a public cohort.

    Of a restricted one the gate decides, assay by assay, in the tables.
    """
    complete = question.complete
    if question.scope.lists_all or question.absent or len(question.panel) < 2:
        return ()
    best, panel = best_order(complete), smallest_panel(complete, wanted=question.design.kept_share)
    found = []
    if not isinstance(best, NoEstimate):
        names = ", then ".join(question.label(question.panel[column]) for column in best)
        found.append(f"Positives are found earliest in this order: {names}.")
    if not isinstance(panel, NoEstimate):
        names = " with ".join(question.label(question.panel[column]) for column in panel.assays)
        share = f"{100 * question.design.kept_share:g} %"
        found.append(f"The smallest panel that keeps {share} of the yield is {names}.")
    return tuple(map(Sentence, found))


def _step(
    question: Question, made: Tally, rows: tuple[Flags, Flags], place: int, name: str
) -> None:
    """The gain of one assay, and what is found up to it."""
    positive, among = rows
    before = positive[:, :place].any(axis=1)
    label = question.label(name)
    made.share(
        f"incremental/{name}/proportion",
        f"Found by {label} and by none before it",
        positive[:, place] & ~before,
        among,
        question,
        nobody=_NOBODY,
    )
    made.share(
        f"cumulative/{name}/proportion",
        f"Found up to {label}",
        before | positive[:, place],
        among,
        question,
        nobody=_NOBODY,
    )


def _steps_table(question: Question, made: Tally, complete: Flags) -> Table:
    ranks = _ranks(question, made, complete)
    key = question.scope.key
    rows = tuple(
        Row(
            question.label(name),
            (
                Cell(CellKind.FRACTION_PERCENT, (key(f"incremental/{name}/proportion"),)),
                Cell(CellKind.PERCENT_CI, (key(f"incremental/{name}/proportion"),)),
                Cell(CellKind.FRACTION_PERCENT_CI, (key(f"cumulative/{name}/proportion"),)),
                Cell(CellKind.ESTIMATE, (rank,)),
            ),
        )
        for name, rank in zip(question.panel, ranks, strict=True)
    )
    return Table(
        key=key("order/table"),
        caption="What each assay adds, in the order given",
        stub_head="Assay",
        columns=(
            Column("Newly found / tested by all"),
            Column(f"% ({question.level} CI)"),
            Column(f"Found so far ({question.level} CI)"),
            Column("Place in the best order"),
        ),
        rows=rows,
        notes=(
            (
                f"On {question.noun} with a result of every assay of the panel. Best order: the "
                "one that finds most the earliest (largest sum of cumulative yields); the "
                "earlier assay wins a tie."
            ),
        ),
    )


def _ranks(question: Question, made: Tally, complete: Flags) -> list[str]:
    """Each assay's place in the best order, from 1."""
    answer = NoEstimate(question.absent) if question.absent else best_order(complete)
    made.rests_on = rests_on(question)
    few = _fewest(complete)
    keys = []
    for column, name in enumerate(question.panel):
        tail, label = f"best_order/{name}/place", f"{question.label(name)}, place in the best order"
        if isinstance(answer, NoEstimate):
            keys.append(made.none(tail, label, answer.reason, n=behind(question, complete)))
            continue
        place = float(answer.index(column) + 1)
        keys.append(
            made.estimate(tail, label, Measure.STATISTIC, place, n=len(complete), smallest=few)
        )
    return keys


def _fewest(complete: Flags) -> int:
    """The smallest number of positives or negatives by any assay."""
    sums = complete.sum(axis=0)
    return int(min([*sums, *(len(complete) - sums)], default=0))


def _panel_table(question: Question, made: Tally, complete: Flags) -> Table:
    """The fewest assays that keep the wanted share, and how sure that choice is."""
    design = question.design
    answer = (
        NoEstimate(question.absent)
        if question.absent
        else smallest_panel(
            complete,
            wanted=design.kept_share,
            conf_level=made.scope.conf_level,
            resamples=design.resamples,
            seed=design.seed,
        )
    )
    made.rests_on = rests_on(question)
    n, few = behind(question, complete), _fewest(complete)
    rows = [
        Row(
            f"{question.label(name)}: in it (1) or not (0)",
            (Cell(CellKind.ESTIMATE, (_member(made, question, answer, column, (n, few)),)),),
        )
        for column, name in enumerate(question.panel)
    ]
    rows += _panel_rows(made, answer, (n, few))
    return Table(
        key=question.scope.key("smallest_panel/table"),
        caption=f"The smallest panel that keeps {100 * design.kept_share:g} % of the yield",
        stub_head="The panel",
        columns=(Column("Value"),),
        rows=tuple(rows),
        notes=(
            (
                "All panels are compared; of the smallest that keep the share it is the one "
                f"that finds most. Drawn again: {question.noun} drawn anew with replacement, "
                f"{design.resamples} times (seed {design.seed})."
            ),
        ),
    )


def _member(
    made: Tally,
    question: Question,
    answer: PanelChoice | NoEstimate,
    column: int,
    behind: tuple[int | None, int],
) -> str:
    name = question.panel[column]
    tail, label = f"smallest_panel/{name}/member", f"{question.label(name)} in the smallest panel"
    if isinstance(answer, NoEstimate):
        return made.none(tail, label, answer.reason, n=behind[0])
    value = float(column in answer.assays)
    return made.estimate(tail, label, Measure.STATISTIC, value, n=behind[0], smallest=behind[1])


def _panel_rows(
    made: Tally, answer: PanelChoice | NoEstimate, behind: tuple[int | None, int]
) -> list[Row]:
    n, few = behind
    parts = (
        ("kept", "Positives of the whole panel that it keeps"),
        ("found", "Positive by any of its assays"),
        ("chosen_again", "How often the same panel is chosen in patients drawn again"),
        ("kept_again", "Positives that it keeps in patients drawn again"),
    )
    rows = []
    for name, label in parts:
        tail = f"smallest_panel/{name}"
        if isinstance(answer, NoEstimate):
            key = made.none(tail, label, answer.reason, n=n)
            rows.append(Row(label, (Cell(CellKind.ESTIMATE, (key,)),)))
            continue
        if name in {"kept", "found"}:
            total = answer.n_found_by_all if name == "kept" else answer.n
            key = made.interval(
                tail, label, Measure.PROPORTION, getattr(answer, name), n=total,
                events=answer.n_found, smallest=few,
            )  # fmt: skip
            rows.append(Row(label, (Cell(CellKind.FRACTION_PERCENT_CI, (key,)),)))
            continue
        key = made.estimate(
            tail, label, Measure.PROPORTION, float(getattr(answer, name)), smallest=few,
            method=f"bootstrap of patients, {answer.resamples} times, seed {answer.seed}",
        )  # fmt: skip
        rows.append(Row(label, (Cell(CellKind.ESTIMATE, (key,)),)))
    return rows


def _figure(question: Question, made: Tally, sums: list[str]) -> tuple[Figure, ...]:
    if any(isinstance(made.results[key], NotEstimable) for key in sums):
        return ()
    told = clauses(
        *(
            f"with {question.label(name)} {{{key}:fraction_percent_ci}}"
            for name, key in zip(question.panel, sums, strict=True)
        )
    )
    return (
        Figure(
            key=question.scope.key("order/figure"),
            kind=FigureKind.LINES,
            caption=f"Found so far, assay by assay, with {question.level} intervals",
            alt=f"Share found so far: {told}.",
            series=(Series("Found so far", tuple(sums)),),
            x_label="Assays in the order given",
            y_label="Found, %",
        ),
    )


def _margins(question: Question, steps: list[str], sums: list[str]) -> tuple[Margin, ...]:
    """What is found so far is the sum of the gains; all have one denominator."""
    found = [Margin(total=sums[0], parts=(steps[0],))]
    found += [
        Margin(total=sums[place], parts=(sums[place - 1], steps[place]))
        for place in range(1, len(steps))
    ]
    total = question.scope.key("overlap/total/count")
    found += [Margin(total=f"{key}#n", parts=(total,)) for key in (*steps, *sums)]
    first = question.scope.key(f"positive/{question.panel[0]}/proportion")
    found.append(Margin(total=first, parts=(steps[0],)))
    none = question.scope.key("overlap/none/count")
    found.append(Margin(total=f"{sums[-1]}#others", parts=(none,)))
    kept, panel = (question.scope.key(f"smallest_panel/{name}") for name in ("kept", "found"))
    found.append(Margin(total=f"{none}#others", parts=(f"{kept}#n",)))
    found.append(Margin(total=kept, parts=(panel,)))
    return tuple(found)
