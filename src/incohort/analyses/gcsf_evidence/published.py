"""What was published: the arms side by side, their differences, and why some can't be pooled."""

from __future__ import annotations

from dataclasses import replace

from incohort.analyses.gcsf_evidence.comparisons import (
    RECOVERED,
    REGIONS,
    Comparison,
    implied_share,
)
from incohort.analyses.gcsf_evidence.question import Question
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
    Sentence,
    Series,
    Table,
    clauses,
)
from incohort.shapes.making import Made
from incohort.stats import HypothesisTest, NoEstimate
from incohort.stats.meta import Arm, Effect, t_test

DAYS = "Difference in days, with G-CSF less without"
_NO_INTERVAL = "No interval can be made: not pooled"


def public(findings: Findings) -> Findings:
    """The same, open whatever the cohort: it rests on publications alone, on no patient here."""
    if any(getattr(result, "sources", ()) for result in findings.results):
        msg = f"{findings.name!r} rests on columns of the cohort"
        raise ValueError(msg)
    return replace(findings, is_public=True)


def text(words: str) -> Cell:
    """A cell of words."""
    return Cell(CellKind.TEXT, text=words)


def difference(made: Made, tail: str, label: str, answer: Effect | NoEstimate, *notes: str) -> str:
    """A published difference of mean days."""
    if isinstance(answer, NoEstimate):
        return made.none(tail, label, answer.reason)
    return made.estimate(
        tail, label, Measure.DIFFERENCE, answer.estimate, n=answer.n,
        ci=(answer.ci_low, answer.ci_high, answer.conf_level), unit="d", method=answer.method,
        notes=notes,
    )  # fmt: skip


def published(question: Question) -> Findings:
    """Every published comparison, as printed, with its difference where one can be made."""
    made = question.made()
    keys = {c.name: _difference(made, c) for c in question.all_comparisons}
    layout = Layout(
        sentences=(Sentence(_told(question)),),
        tables=(_table(question, keys), *_implied_tables(question, made)),
        figures=(_forest(question, keys),),
        cautions=_CAUTIONS,
    )
    title = "What was published?"
    return public(question.published.findings("arms", title, made, layout))


_CAUTIONS = (
    (
        "None of the comparisons with an interval is randomised. Tajiri’s patients without G-CSF "
        "were treated before it was introduced; Andrès’s patients with G-CSF were the sicker. The "
        "one randomised trial (Fukata 1999) found no difference and printed no means in its "
        "abstract, so that leaving it out favours G-CSF."
    ),
    (
        "Two of the three differences with an interval come from one clinic. None of the three "
        "abstracts states the count from which a patient had recovered, or the day from which "
        "days were counted."
    ),
    (
        "In series that count whoever was ever given G-CSF as treated from the start, the days "
        "before the first dose are immortal time: which way they bias the mean depends on where "
        "the clock starts."
    ),
)


def _told(question: Question) -> str:
    found = question.all_comparisons
    whole = [c for c in found if isinstance(c.effect, Effect)]
    return (
        f"{len(found)} comparisons of G-CSF with none were found; {len(whole)} printed the "
        "numbers, means and standard deviations that a difference with its interval needs."
    )


def _difference(made: Made, comparison: Comparison) -> str:
    """The difference with its interval; without one where only days were printed."""
    tail = f"arms/{comparison.name}"
    if isinstance(comparison.effect, Effect) or comparison.days is None:
        return difference(
            made, f"{tail}/mean_difference", comparison.label, comparison.effect,
            f"{comparison.sizes} patients with and without G-CSF",
        )  # fmt: skip
    with_it, without = comparison.days
    kind = {"means": "mean_difference", "medians": "median_difference"}
    return made.estimate(
        f"{tail}/{kind.get(comparison.kind, 'difference')}",
        f"{comparison.label} ({comparison.kind})",
        Measure.DIFFERENCE,
        with_it - without,
        unit="d",
        method=f"difference of the printed {comparison.kind}",
        notes=(f"no interval: {_reason(comparison)}",),
    )


def _reason(comparison: Comparison) -> str:
    effect = comparison.effect
    return effect.reason if isinstance(effect, NoEstimate) else ""


def _table(question: Question, keys: dict[str, str]) -> Table:
    rows = tuple(
        Row(
            c.label,
            (
                text(REGIONS[c.region]),
                text(RECOVERED[c.recovered].removeprefix("recovery ").removeprefix("at ")),
                text(c.gcsf.as_printed),
                text(c.none.as_printed),
                Cell(CellKind.ESTIMATE_CI, (keys[c.name],)),
                text("no" if _reason(c) else "yes"),
            ),
        )
        for c in question.all_comparisons
    )
    return Table(
        key=question.published.key("arms/table"),
        caption="Days to recovery with and without G-CSF",
        stub_head="Comparison",
        columns=(
            Column("Region"), Column("Recovery, 10⁹/L"), Column("With G-CSF", "As printed"),
            Column("Without", "As printed"), Column(f"Difference in days ({question.level} CI)"),
            Column("Can be pooled"),
        ),
        rows=rows,
        notes=(
            *(f"{c.label} can’t be pooled: {_reason(c)}." for c in question.all_comparisons
              if _reason(c)),
            *(f"{c.label}: {c.gcsf.note}" for c in question.all_comparisons if c.gcsf.note),
            *(f"{c.label}, without: {c.none.note}" for c in question.all_comparisons
              if c.none.note and c.none.note != c.gcsf.note),
        ),
    )  # fmt: skip


def _forest(question: Question, keys: dict[str, str]) -> Figure:
    """Comparisons with an interval by region and threshold; those without one apart."""
    groups: dict[str, list[str]] = {}
    for c in question.all_comparisons:
        if isinstance(c.effect, Effect):
            groups.setdefault(c.group, []).append(keys[c.name])
    without = [keys[c.name] for c in question.all_comparisons if isinstance(c.effect, NoEstimate)]
    series = [Series(label, tuple(own)) for label, own in groups.items()]
    series.append(Series(_NO_INTERVAL, tuple(without)))
    first = {c.name: keys[c.name] for c in question.all_comparisons}
    return Figure(
        key=question.published.key("arms/figure"),
        kind=FigureKind.FOREST,
        caption="Days gained with G-CSF in each published comparison; left of 0 it is faster",
        alt=(
            "Forest plot of published differences in days to recovery. "
            + clauses(
                f"Tajiri 2005, with symptoms: {{{first['tajiri2005_symptomatic']}:estimate_ci}}",
                "Tajiri 2005, without symptoms: "
                f"{{{first['tajiri2005_asymptomatic']}:estimate_ci}}",
                f"Andrès 2001: {{{first['andres2001']}:estimate_ci}}",
            )
            + ". The others have no interval."
        ),
        series=tuple(series),
        x_label=DAYS,
        reference=0,
    )


def _implied_tables(question: Question, made: Made) -> tuple[Table, ...]:
    """Comparisons whose numbers of patients are implied: what the printed figures then give."""
    rows = [row for c in question.all_comparisons if c.implied_n for row in _implied_rows(made, c)]
    if not rows:
        return ()
    table = Table(
        key=question.published.key("implied/table"),
        caption="Numbers of patients that were not printed but are implied (approximate)",
        stub_head="Figure",
        columns=(Column("Worked out here"), Column("As printed")),
        rows=tuple(rows),
        notes=(
            (
                "The mean of everybody lies between the means of the arms; where, tells the share "
                "given G-CSF. Means are rounded, so the numbers are approximate. The P value that "
                "was printed fits Welch’s test, not Student’s."
            ),
        ),
    )
    return (table,)


def _implied_rows(made: Made, c: Comparison) -> list[Row]:
    found = implied_share(c.gcsf, c.none)
    if found is None or c.implied_n is None:
        return []
    share, n = found
    tail = f"implied/{c.name}"
    treated = made.estimate(
        f"{tail}/share", "Share given G-CSF", Measure.PROPORTION, share,
        method="from the means of both arms and of everybody",
    )  # fmt: skip
    key = difference(made, f"{tail}/mean_difference", f"{c.label} (numbers implied)", c.implied)
    tests = [
        made.p_value(f"{tail}/{name}_p_value", label, _test(c, equal_variances=equal))
        for name, label, equal in (
            ("welch", "P, Welch’s test", False), ("student", "P, Student’s test", True),
        )
    ]  # fmt: skip
    printed_p = c.none.as_printed.partition("; ")[2]
    return [
        Row(c.label, (), is_heading=True),
        Row("Share given G-CSF", (Cell(CellKind.ESTIMATE, (treated,)), text("–")), 1),
        Row("Patients with and without G-CSF",
            (text("{} and {}".format(*c.implied_n)), text(f"{n} in all")), 1),
        Row("Difference in days", (Cell(CellKind.ESTIMATE_CI, (key,)), text("–")), 1),
        Row("P, Welch’s test", (Cell(CellKind.P_VALUE, (tests[0],)), text(printed_p)), 1),
        Row("P, Student’s test", (Cell(CellKind.P_VALUE, (tests[1],)), text("–")), 1),
    ]  # fmt: skip


def _test(c: Comparison, *, equal_variances: bool) -> HypothesisTest | NoEstimate:
    arms = [
        Arm(n=n, mean=arm.mean_days, sd=arm.sd_days, is_approximate=True)
        for arm, n in zip((c.gcsf, c.none), c.implied_n or (), strict=False)
        if arm.mean_days is not None and arm.sd_days is not None
    ]
    if len(arms) < 2:
        return NoEstimate("a mean or a standard deviation was not printed")
    return t_test(arms[0], arms[1], equal_variances=equal_variances)
