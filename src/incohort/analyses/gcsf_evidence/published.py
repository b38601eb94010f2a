"""What was published: the arms side by side, their differences, and why some can't be pooled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from incohort.analyses.gcsf_evidence.comparisons import (
    RECOVERED,
    REGIONS,
    Comparison,
    implied_share,
)
from incohort.analyses.gcsf_evidence.printed import DAYS, SIDES
from incohort.analyses.gcsf_evidence.question import Question
from incohort.results import Figure, Findings, Layout, Measure, Row, Sentence, Table, clauses
from incohort.shapes.making import Given
from incohort.shapes.pooled_effects import difference
from incohort.shapes.tabular import cell, forest, row, table, text
from incohort.shapes.telling import telling
from incohort.stats import NoEstimate
from incohort.stats.meta import Effect, t_test

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
_IMPLIED = (
    "The mean of everybody lies between the means of the arms; where, tells the share "
    "given G-CSF. Means are rounded, so the numbers are approximate. The P value that "
    "was printed fits Welch’s test, not Student’s."
)


def published(question: Question) -> Findings:
    """Every published comparison, as printed, with its difference where one can be made."""
    draft, every = telling(question.published), question.all_comparisons
    keys = {c.name: _difference(draft.given, c) for c in every}
    n_whole = sum(not _reason(c) for c in every)
    tables = [_table(question, keys)]
    rows = [line for c in every for line in _implied(draft.given, c)]
    if rows:
        caption = "Numbers of patients that were not printed but are implied (approximate)"
        columns = ("Worked out here", "As printed")
        tables.append(
            table(question.published, "implied", caption, "Figure", columns, rows, _IMPLIED)
        )
    layout = Layout(
        sentences=(
            Sentence(
                f"{len(every)} comparisons of G-CSF with none were found; {n_whole} printed the "
                "numbers, means and standard deviations that a difference with its interval needs."
            ),
        ),
        tables=tuple(tables),
        figures=(_forest(question, keys),),
        cautions=_CAUTIONS,
    )  # fmt: skip
    return draft.findings("arms", "What was published?", layout)


def _difference(given: Given, c: Comparison) -> str:
    """The difference with its interval; without one where only days were printed."""
    if isinstance(c.effect, Effect):
        note = f"{c.sizes} patients with and without G-CSF"
        tail = f"arms/{c.name}/mean_difference"
        return difference(given, tail, c.label, c.effect, c.effect.n, note)
    if c.printed is None:
        return difference(given, f"arms/{c.name}/mean_difference", c.label, c.effect)
    days, kind = c.printed
    end = {"means": "mean_difference", "medians": "median_difference"}.get(kind, "difference")
    return given.estimate(
        f"arms/{c.name}/{end}", f"{c.label} ({kind})", Measure.DIFFERENCE, days, unit="d",
        method=f"difference of the printed {kind}",
        notes=(f"no interval: {c.effect.reason}",),
    )  # fmt: skip


def _reason(c: Comparison) -> str:
    return c.effect.reason if isinstance(c.effect, NoEstimate) else ""


def _table(question: Question, keys: Mapping[str, str]) -> Table:
    every = question.all_comparisons
    return table(
        question.published, "arms", "Days to recovery with and without G-CSF", "Comparison",
        ("Region", "Recovery, 10⁹/L", ("With G-CSF", "As printed"), ("Without", "As printed"),
         f"Difference in days ({question.published.level} CI)", "Can be pooled"),
        (
            row(
                c.label, text(REGIONS[c.region]),
                text(RECOVERED[c.recovered].removeprefix("recovery ").removeprefix("at ")),
                text(c.gcsf.as_printed), text(c.none.as_printed),
                cell("estimate_ci", keys[c.name]), text("no" if _reason(c) else "yes"),
            )
            for c in every
        ),
        *(f"{c.label} can’t be pooled: {_reason(c)}." for c in every if _reason(c)),
        *(f"{c.label}: {c.gcsf.note}" for c in every if c.gcsf.note),
        *(f"{c.label}, without: {c.none.note}" for c in every
          if c.none.note and c.none.note != c.gcsf.note),
    )  # fmt: skip


def _forest(question: Question, keys: Mapping[str, str]) -> Figure:
    """Comparisons with an interval by region and threshold; those without one apart."""
    series: dict[str, list[str]] = {}
    without = [keys[c.name] for c in question.all_comparisons if _reason(c)]
    for c in question.all_comparisons:
        if not _reason(c):
            series.setdefault(c.group, []).append(keys[c.name])
    names = {
        "Tajiri 2005, with symptoms": "tajiri2005_symptomatic",
        "Tajiri 2005, without symptoms": "tajiri2005_asymptomatic",
        "Andrès 2001": "andres2001",
    }
    said = clauses(*(f"{label}: {{{keys[name]}:estimate_ci}}" for label, name in names.items()))
    return forest(
        question.published,
        "arms",
        "Days gained with G-CSF in each published comparison; left of 0 it is faster",
        f"Days to recovery with G-CSF less without, as published. {said}. The others have no "
        "interval.",
        {**series, "No interval can be made: not pooled": without},
        DAYS,
        low_means=SIDES[0],
        high_means=SIDES[1],
    )


def _implied(given: Given, c: Comparison) -> Iterator[Row]:
    """What the printed figures give where numbers of patients are implied."""
    share = implied_share(c.gcsf, c.none)
    if share is None or c.implied_arms is None:
        return
    tail, n = f"implied/{c.name}", getattr(c.implied, "n", None)
    treated = given.estimate(
        f"{tail}/share", "Share given G-CSF", Measure.PROPORTION, share[0],
        method="from the means of both arms and of everybody",
    )  # fmt: skip
    key = difference(given, f"{tail}/mean_difference", f"{c.label} (numbers implied)", c.implied, n)
    lines = [
        ("Share given G-CSF", cell("estimate", treated), "–"),
        ("Patients with and without G-CSF", text(c.sizes.removeprefix("about ")),
         f"{share[1]} in all"),
        ("Difference in days", cell("estimate_ci", key), "–"),
    ]  # fmt: skip
    printed = {"welch": c.none.as_printed.partition("; ")[2], "student": "–"}
    for name, p in printed.items():
        label = f"P, {name.capitalize()}’s test"
        test = t_test(*c.implied_arms, equal_variances=name == "student")
        key = given.p_value(f"{tail}/{name}_p_value", label, test)
        lines.append((label, cell("p_value", key), p))
    yield Row(c.label, (), is_heading=True)
    for label, number, p in lines:
        yield row(label, number, text(p), level=1)
