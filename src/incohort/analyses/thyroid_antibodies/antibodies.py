"""The share of antibody-positive patients by subtype, and whether the subtypes differ."""

from __future__ import annotations

from typing import TypeVar

import pandas as pd

from incohort.analyses.thyroid_antibodies.question import SUBTYPES, TESTS, Question
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
from incohort.shapes import vocabulary
from incohort.shapes.making import Made, listed
from incohort.shapes.recorded import NOT_RECORDED
from incohort.stats import NoEstimate
from incohort.stats.contingency import fisher_exact, odds_ratio

_SUBTYPE = ("diagnoses.subtype",)

_AUTOIMMUNE = ("autoimmune_thyroid", "not_autoimmune_thyroid")

_UNNAMED = (vocabulary.UNKNOWN, NOT_RECORDED)  # in no group that is compared

T = TypeVar("T")


def _shares(question: Question, made: Made) -> tuple[dict[str, str], dict[str, str]]:
    """Keys and labels of the share of positives, in all tested and by subtype."""
    tested = question.tested
    is_positive = tested["status"] == "positive"
    reason = question.untested
    known = vocabulary.labels("diagnoses", "subtype")
    keys, labels = {}, {"all": "All tested"}
    keys["all"] = made.proportion(
        "anti_pmn/all/proportion",
        "Anti-PMN positive, all tested",
        int(is_positive.sum()),
        len(tested),
        nobody="nobody with thyroid disease was tested",
        absent=reason,
    )
    made.sources = (*made.sources, *_SUBTYPE)
    for name in (*SUBTYPES, *_UNNAMED):
        own = tested["thyroid_subtype"].fillna(NOT_RECORDED) == name
        if name in _UNNAMED and not (question.scope.lists_all or own.any()):
            continue
        labels[name] = known.get(name, "Subtype not recorded")
        keys[name] = made.proportion(
            f"anti_pmn/{name}/proportion",
            f"Anti-PMN positive, {labels[name]}",
            int((is_positive & own).sum()),
            int(own.sum()),
            nobody="nobody of this kind was tested",
            absent=reason,
        )
    return keys, labels


def by_subtype(question: Question) -> Findings:
    """The share of antibody-positive patients in each subtype of thyroid disease."""
    made = Made(scope=question.scope, sources=(*question.thyroid_sources, *TESTS))
    keys, labels = _shares(question, made)
    tested = question.tested
    is_positive = tested["status"] == "positive"
    is_autoimmune = tested["thyroid_subtype"].isin(question.design.autoimmune)
    names = listed(question.design.autoimmune, vocabulary.labels("diagnoses", "subtype"))
    absent = question.untested
    others = tested["thyroid_subtype"].isin(SUBTYPES) & ~is_autoimmune
    for tail, label, mask in (
        ("autoimmune_thyroid", f"Autoimmune ({names})", is_autoimmune),
        ("not_autoimmune_thyroid", "All other named subtypes", others),
    ):
        labels[tail] = label
        keys[tail] = made.proportion(
            f"anti_pmn/{tail}/proportion",
            f"Anti-PMN positive, {label}",
            int((is_positive & mask).sum()),
            int(mask.sum()),
            nobody="nobody of this kind was tested",
            absent=absent,
        )
    subtypes = [name for name in keys if name in (*SUBTYPES, *_UNNAMED)]
    unnamed = [keys[n] for n in _UNNAMED if n in keys and n not in question.design.autoimmune]
    rows = tuple(
        Row(
            labels[name],
            (Cell(CellKind.FRACTION_PERCENT, (key,)), Cell(CellKind.PERCENT_CI, (key,))),
            level=int(name in subtypes),
        )
        for name, key in keys.items()
    )
    share = f"Positive by {question.assay_label}"
    layout = Layout(
        sentences=(
            Sentence(
                f"Anti-PMN antibodies were found in {{{keys['all']}:fraction_percent_ci}} of those "
                "tested."
            ),
        ),
        tables=(
            Table(
                key=question.scope.key("anti_pmn/table"),
                caption="Anti-PMN antibodies by subtype of thyroid disease",
                stub_head="Thyroid disease",
                columns=(Column("Positive / tested (%)"), Column(f"% ({question.level} CI)")),
                rows=rows,
                notes=(
                    (
                        f"{share}. TTM and AN-SHP are acronyms of the study whose meaning was not "
                        "found; they are kept as printed."
                    ),
                ),
            ),
        ),
        figures=(
            Figure(
                key=question.scope.key("anti_pmn/figure"),
                kind=FigureKind.FOREST,
                caption=f"{share}, by subtype, with {question.level} intervals",
                alt="Share positive by subtype: "
                + clauses(
                    *(f"{labels[name]} {{{key}:fraction_percent_ci}}" for name, key in keys.items())
                )
                + ".",
                series=(
                    Series("Subtype", tuple(keys[name] for name in subtypes)),
                    Series(
                        "Together",
                        (keys["autoimmune_thyroid"], keys["not_autoimmune_thyroid"], keys["all"]),
                    ),
                ),
                x_label="Share positive, %",
            ),
        ),
        margins=(
            Margin(total=keys["all"], parts=tuple(keys[name] for name in subtypes)),
            Margin(
                total=keys["all"],
                parts=(keys["autoimmune_thyroid"], keys["not_autoimmune_thyroid"], *unnamed),
            ),
            Margin(
                total=keys["autoimmune_thyroid"],
                parts=tuple(keys[n] for n in subtypes if n in question.design.autoimmune),
            ),
            Margin(
                total=keys["not_autoimmune_thyroid"],
                parts=tuple(keys[n] for n in SUBTYPES if n not in question.design.autoimmune),
            ),
            question.scope.same("selection/tested/n/count", "anti_pmn/all/proportion#n"),
        ),
    )
    return question.scope.findings("anti_pmn", "Anti-PMN antibodies by subtype", made, layout)


def exact_tests(question: Question) -> Findings:
    """Whether positivity differs between subtypes: exact tests and odds ratios."""
    made = Made(scope=question.scope, sources=(*question.thyroid_sources, *TESTS, *_SUBTYPE))
    tested, absent = question.tested, question.untested
    is_named = tested["thyroid_subtype"].isin((*SUBTYPES, *question.design.autoimmune))
    tested = tested[is_named]
    rows: list[Row] = []
    groups = {
        "hashimoto_vs_rest": (
            "Hashimoto thyroiditis against the rest",
            tested["thyroid_subtype"] == "hashimoto",
        ),
        "autoimmune_vs_rest": (
            "Autoimmune against the rest",
            tested["thyroid_subtype"].isin(question.design.autoimmune),
        ),
    }
    for name, (label, mask) in groups.items():
        keys = _two_by_two(question, made, name, label, tested["status"] == "positive", mask)
        kinds = (CellKind.ESTIMATE_CI, CellKind.ESTIMATE_CI, CellKind.P_VALUE)
        rows.append(
            Row(label, tuple(Cell(kind, (key,)) for kind, key in zip(kinds, keys, strict=True)))
        )
    counts = [
        [
            int(((tested["thyroid_subtype"] == name) & (tested["status"] == status)).sum())
            for name in SUBTYPES
        ]
        for status in ("positive", "negative")
    ]
    made.rests_on = tuple(made.scope.key(f"anti_pmn/{name}/proportion") for name in SUBTYPES)
    overall = made.p_value(
        "anti_pmn/by_subtype/fisher_p_value",
        "Positivity across the named subtypes, exact P",
        _reasoned(question, fisher_exact(counts)),
        n=None if absent else sum(map(sum, counts)),
        smallest=None if absent else min(map(min, counts)),
    )
    blank = Cell(CellKind.TEXT)
    rows.append(
        Row("Across all named subtypes", (blank, blank, Cell(CellKind.P_VALUE, (overall,))))
    )
    layout = Layout(
        tables=(
            Table(
                key=question.scope.key("exact_tests/table"),
                caption="Does positivity differ between subtypes?",
                stub_head="Comparison",
                columns=(
                    Column(f"Sample odds ratio ({question.level} CI)"),
                    Column(f"Conditional odds ratio ({question.level} CI)"),
                    Column("Exact P"),
                ),
                rows=tuple(rows),
                notes=(
                    (
                        "Sample odds ratio: cross product, Woolf's interval. Conditional odds "
                        "ratio: maximum likelihood given the margins, exact interval; it belongs "
                        "to Fisher's exact P. Across subtypes: Freeman–Halton. Two-sided, not "
                        "corrected for multiplicity. Patients without a named subtype are in no "
                        "group."
                    ),
                ),
            ),
        ),
        cautions=(
            (
                "The comparisons were chosen after the study's counts were known, and are of the "
                "tested only: they are exploratory."
            ),
        ),
    )
    return question.scope.findings("exact_tests", "Differences between subtypes", made, layout)


def _reasoned(question: Question, answer: T | NoEstimate) -> T | NoEstimate:
    reason = question.untested
    return NoEstimate(reason) if reason else answer


def _two_by_two(
    question: Question, made: Made, name: str, label: str, is_positive: pd.Series, mask: pd.Series
) -> tuple[str, str, str]:
    """Sample and conditional odds ratio and exact P of a group against the rest."""
    a, b = int((is_positive & mask).sum()), int((~is_positive & mask).sum())
    c, d = int((is_positive & ~mask).sum()), int((~is_positive & ~mask).sum())
    table = [[a, b], [c, d]]
    is_absent = bool(question.untested)
    groups = ("hashimoto",) if name == "hashimoto_vs_rest" else _AUTOIMMUNE
    behind = dict.fromkeys((*groups, *_AUTOIMMUNE, "all"))
    made.rests_on = tuple(made.scope.key(f"anti_pmn/{g}/proportion") for g in behind)
    n, smallest = (None, None) if is_absent else (a + b + c + d, min(a, b, c, d))
    level = made.scope.conf_level
    sample = _reasoned(question, odds_ratio(table, conf_level=level, method="sample"))
    exact = _reasoned(question, odds_ratio(table, conf_level=level, method="conditional_exact"))
    return (
        made.interval(
            f"anti_pmn/{name}/odds_ratio",
            f"{label}: sample odds ratio",
            Measure.ODDS_RATIO,
            sample,
            n=n,
            smallest=smallest,
        ),
        made.interval(
            f"anti_pmn/{name}/odds_ratio_conditional",
            f"{label}: conditional odds ratio",
            Measure.ODDS_RATIO,
            exact,
            n=n,
            smallest=smallest,
        ),
        made.p_value(
            f"anti_pmn/{name}/fisher_p_value",
            f"{label}: exact P",
            _reasoned(question, fisher_exact(table)),
            n=n,
            smallest=smallest,
        ),
    )
