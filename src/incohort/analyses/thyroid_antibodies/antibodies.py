"""Who has thyroid disease, who was tested, who was positive, and by which assay."""

from __future__ import annotations

from typing import TypeVar

import pandas as pd

from incohort.analyses import vocabulary
from incohort.analyses.making import Made, listed
from incohort.analyses.table_one import Group, Variable, analyte, compare, standard_variables
from incohort.analyses.thyroid_antibodies.question import SUBTYPES, Question
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
)
from incohort.stats import NoEstimate
from incohort.stats.contingency import fisher_exact, odds_ratio

_TESTS = ("antibody_tests.result", "antibody_tests.assay")
_SUBTYPE = ("diagnoses.subtype",)
_ASSAYS = ("gift", "gat", "lift")  # shown even where nobody was tested

T = TypeVar("T")


def frequency(question: Question) -> Findings:
    """How many patients have thyroid disease, and each other cause."""
    frame = question.everybody
    made = Made(scope=question.scope, sources=("patients.patient_id",))
    total = made.count("frequency/total/count", "Patients described", len(frame))
    made.sources = question.thyroid_sources
    n_thyroid = int(frame["is_thyroid"].sum())
    nobody = "there are no patients"
    keys = {
        "thyroid_disease": made.proportion(
            "frequency/thyroid_disease/proportion", "Thyroid disease", n_thyroid, len(frame),
            nobody=nobody,
        )
    }  # fmt: skip
    labels = {"thyroid_disease": "Thyroid disease"}
    if question.design.thyroid_by == "aetiology":
        made.sources = ("patients.aetiology",)
        known = vocabulary.labels("patients", "aetiology")
        values = frame["aetiology"].fillna("unknown")
        for name, label in known.items():
            if name != "thyroid_disease" and (values == name).any():
                labels[name] = label
                keys[name] = made.proportion(
                    f"frequency/{name}/proportion", label, int((values == name).sum()), len(frame)
                )
    else:
        labels["rest"] = "No diagnosis of thyroid disease"
        keys["rest"] = made.proportion(
            "frequency/rest/proportion", labels["rest"], len(frame) - n_thyroid, len(frame)
        )
    rows = tuple(
        Row(labels[name], (Cell(CellKind.N_PERCENT, (key,)), Cell(CellKind.PERCENT_CI, (key,))))
        for name, key in keys.items()
    )
    first = keys["thyroid_disease"]
    layout = Layout(
        sentences=(
            Sentence(
                f"Thyroid disease was found in {{{first}:fraction_percent_ci}} of the patients."
            ),
        ),
        tables=(
            Table(
                key=question.scope.key("frequency/table"),
                caption="Causes of neutropenia",
                stub_head="Cause",
                columns=(Column("n (%)"), Column(f"% ({question.level} CI)")),
                rows=(*rows, Row("All", (Cell(CellKind.COUNT, (total,)), Cell(CellKind.TEXT)))),
            ),
        ),
        margins=(Margin(total=total, parts=tuple(keys.values())),),
    )
    return question.scope.findings("frequency", "Frequency of thyroid disease", made, layout)


def selection(question: Question) -> Findings:
    """Who of those with thyroid disease was tested, and how the others differ."""
    made = Made(scope=question.scope, sources=(*question.thyroid_sources, *_TESTS))
    thyroid, tested = question.thyroid, question.tested
    reason = question.no_table("antibody_tests")
    label = f"Tested by {question.assay_label}, of those with thyroid disease"
    key = made.proportion(
        "anti_pmn/tested/proportion", label, len(tested), len(thyroid),
        nobody="nobody described here has thyroid disease", absent=reason,
    )  # fmt: skip
    untested = thyroid[~thyroid.index.isin(tested.index)]
    variables: list[Variable] = [
        *standard_variables(),
        analyte("FT3"),
        analyte("TSH"),
        analyte("ANTI_TPO"),
    ]
    variables = [v for v in variables if thyroid[v.column].notna().any()]
    table = compare(
        question.scope,
        "selection",
        "Tested and not tested patients with thyroid disease",
        (
            Group(name="tested", label="Tested", frame=tested),
            Group(name="not_tested", label="Not tested", frame=untested),
        ),
        variables,
        group_sources=(*question.thyroid_sources, *_TESTS),
    )
    made.results |= table.by_key
    n_tested, n_untested = (
        question.scope.key(f"selection/{g}/n/count") for g in ("tested", "not_tested")
    )
    total = made.count("selection/total/count", "Patients with thyroid disease", len(thyroid))
    layout = Layout(
        sentences=(
            Sentence(f"Of the patients with thyroid disease, {{{key}:fraction_percent_ci}} were tested."),
        ),
        tables=table.layout.tables,
        cautions=(
            "Who was tested was not left to chance. Where testing depended on what the clinician "
            "suspected, the share of positives among the tested is not that of all patients "
            "(verification bias); a small standardised difference in what is listed here does not "
            "rule that out.",
        ),
        margins=(*table.layout.margins, Margin(total=total, parts=(n_tested, n_untested))),
    )  # fmt: skip
    return question.scope.findings("selection", "Who was tested and who was not", made, layout)


def _shares(question: Question, made: Made) -> tuple[dict[str, str], dict[str, str]]:
    """Keys and labels of the share of positives, in all tested and by subtype."""
    tested = question.tested
    is_positive = tested["status"] == "positive"
    reason = question.no_table("antibody_tests")
    known = vocabulary.labels("diagnoses", "subtype")
    keys, labels = {}, {"all": "All tested"}
    keys["all"] = made.proportion(
        "anti_pmn/all/proportion", "Anti-PMN positive, all tested", int(is_positive.sum()),
        len(tested), nobody="nobody with thyroid disease was tested", absent=reason,
    )  # fmt: skip
    made.sources = (*made.sources, *_SUBTYPE)
    for name in (*SUBTYPES, "unknown"):
        own = tested["thyroid_subtype"].fillna("unknown") == name
        if name == "unknown" and not own.any():
            continue
        labels[name] = known[name]
        keys[name] = made.proportion(
            f"anti_pmn/{name}/proportion", f"Anti-PMN positive, {known[name]}",
            int((is_positive & own).sum()), int(own.sum()), nobody="nobody of this kind was tested",
            absent=reason,
        )  # fmt: skip
    return keys, labels


def by_subtype(question: Question) -> Findings:
    """The share of antibody-positive patients in each subtype of thyroid disease."""
    made = Made(scope=question.scope, sources=(*question.thyroid_sources, *_TESTS))
    keys, labels = _shares(question, made)
    tested = question.tested
    is_positive = tested["status"] == "positive"
    is_autoimmune = tested["thyroid_subtype"].isin(question.design.autoimmune)
    names = listed(question.design.autoimmune, vocabulary.labels("diagnoses", "subtype"))
    absent = question.no_table("antibody_tests")
    for tail, label, mask in (
        ("autoimmune_thyroid", f"Autoimmune ({names})", is_autoimmune),
        ("not_autoimmune_thyroid", "All others", ~is_autoimmune),
    ):
        labels[tail] = label
        keys[tail] = made.proportion(
            f"anti_pmn/{tail}/proportion", f"Anti-PMN positive, {label}",
            int((is_positive & mask).sum()), int(mask.sum()), nobody="nobody of this kind was tested",
            absent=absent,
        )  # fmt: skip
    subtypes = [name for name in keys if name in (*SUBTYPES, "unknown")]
    rows = tuple(
        Row(labels[name], (Cell(CellKind.FRACTION_PERCENT, (key,)), Cell(CellKind.PERCENT_CI, (key,))),
            level=int(name in subtypes))
        for name, key in keys.items()
    )  # fmt: skip
    share = f"Positive by {question.assay_label}"
    layout = Layout(
        sentences=(
            Sentence(f"Anti-PMN antibodies were found in {{{keys['all']}:fraction_percent_ci}} of those tested."),
        ),
        tables=(
            Table(
                key=question.scope.key("anti_pmn/table"),
                caption="Anti-PMN antibodies by subtype of thyroid disease",
                stub_head="Thyroid disease",
                columns=(Column("Positive / tested (%)"), Column(f"% ({question.level} CI)")),
                rows=rows,
                notes=(
                    f"{share}. TTM and AN-SHP are acronyms of the study whose meaning was not found; "
                    "they are kept as printed.",
                ),
            ),
        ),
        figures=(
            Figure(
                key=question.scope.key("anti_pmn/figure"),
                kind=FigureKind.FOREST,
                caption=f"{share}, by subtype, with {question.level} intervals",
                alt="Share positive by subtype: "
                + "; ".join(f"{labels[name]} {{{key}:fraction_percent_ci}}" for name, key in keys.items())
                + ".",
                series=(
                    Series("Subtype", tuple(keys[name] for name in subtypes)),
                    Series("Together", (keys["autoimmune_thyroid"], keys["not_autoimmune_thyroid"], keys["all"])),
                ),
                x_label="Share positive, %",
            ),
        ),
        margins=(
            Margin(total=keys["all"], parts=tuple(keys[name] for name in subtypes)),
            Margin(total=keys["all"], parts=(keys["autoimmune_thyroid"], keys["not_autoimmune_thyroid"])),
        ),
    )  # fmt: skip
    return question.scope.findings("anti_pmn", "Anti-PMN antibodies by subtype", made, layout)


def exact_tests(question: Question) -> Findings:
    """Whether positivity differs between subtypes: exact tests and odds ratios."""
    made = Made(scope=question.scope, sources=(*question.thyroid_sources, *_TESTS, *_SUBTYPE))
    tested, absent = question.tested, question.no_table("antibody_tests")
    rows: list[Row] = []
    groups = {
        "hashimoto_vs_rest": ("Hashimoto thyroiditis against the rest", tested["thyroid_subtype"] == "hashimoto"),
        "autoimmune_vs_rest": (
            "Autoimmune against the rest",
            tested["thyroid_subtype"].isin(question.design.autoimmune),
        ),
    }  # fmt: skip
    for name, (label, mask) in groups.items():
        keys = _two_by_two(question, made, name, label, tested["status"] == "positive", mask)
        kinds = (CellKind.ESTIMATE_CI, CellKind.ESTIMATE_CI, CellKind.P_VALUE)
        rows.append(
            Row(label, tuple(Cell(kind, (key,)) for kind, key in zip(kinds, keys, strict=True)))
        )
    counts = [
        [int(((tested["thyroid_subtype"] == name) & (tested["status"] == status)).sum()) for name in SUBTYPES]
        for status in ("positive", "negative")
    ]  # fmt: skip
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
                    "Sample odds ratio: cross product, Woolf's interval. Conditional odds ratio: "
                    "maximum likelihood given the margins, exact interval; it belongs to Fisher's "
                    "exact P. Across subtypes: Freeman–Halton. Two-sided, not corrected for "
                    "multiplicity.",
                ),
            ),
        ),
        cautions=(
            "The comparisons were chosen after the counts were known, in the tested only; they are "
            "exploratory.",
        ),
    )
    return question.scope.findings("exact_tests", "Differences between subtypes", made, layout)


def _reasoned(question: Question, answer: T | NoEstimate) -> T | NoEstimate:
    reason = question.no_table("antibody_tests")
    return NoEstimate(reason) if reason else answer


def _two_by_two(
    question: Question, made: Made, name: str, label: str, is_positive: pd.Series, mask: pd.Series
) -> tuple[str, str, str]:
    """Sample and conditional odds ratio and exact P of a group against the rest."""
    a, b = int((is_positive & mask).sum()), int((~is_positive & mask).sum())
    c, d = int((is_positive & ~mask).sum()), int((~is_positive & ~mask).sum())
    table = [[a, b], [c, d]]
    is_absent = bool(question.no_table("antibody_tests"))
    n, smallest = (None, None) if is_absent else (a + b + c + d, min(a, b, c, d))
    level = made.scope.conf_level
    sample = _reasoned(question, odds_ratio(table, conf_level=level, method="sample"))
    exact = _reasoned(question, odds_ratio(table, conf_level=level, method="conditional_exact"))
    return (
        made.interval(
            f"anti_pmn/{name}/odds_ratio", f"{label}: sample odds ratio", Measure.ODDS_RATIO,
            sample, n=n, smallest=smallest,
        ),
        made.interval(
            f"anti_pmn/{name}/odds_ratio_conditional", f"{label}: conditional odds ratio",
            Measure.ODDS_RATIO, exact, n=n, smallest=smallest,
        ),
        made.p_value(
            f"anti_pmn/{name}/fisher_p_value", f"{label}: exact P",
            _reasoned(question, fisher_exact(table)), n=n, smallest=smallest,
        ),
    )  # fmt: skip


def assays(question: Question) -> Findings:
    """What each assay found in the same patients, and how far the assays overlap."""
    made = Made(scope=question.scope, sources=(*question.thyroid_sources, *_TESTS))
    known = vocabulary.labels("antibody_tests", "assay")
    thyroid = question.thyroid
    done = [a for a in known if thyroid[f"assay_{a}"].notna().any()]
    shown = list(dict.fromkeys((*_ASSAYS, *done)))
    reason = question.no_table("antibody_tests")
    keys, rows = [], []
    for assay in shown:
        status = thyroid[f"assay_{assay}"]
        n = int(status.isin(["positive", "negative"]).sum())
        key = made.proportion(
            f"assays/{assay}/proportion", f"Positive by {known[assay]}",
            int((status == "positive").sum()), n,
            nobody=f"nobody with thyroid disease was tested by {known[assay]}", absent=reason,
        )  # fmt: skip
        keys.append(key)
        rows.append(
            Row(
                known[assay],
                (Cell(CellKind.FRACTION_PERCENT, (key,)), Cell(CellKind.PERCENT_CI, (key,))),
            )
        )
    gift, gat = thyroid["assay_gift"] == "positive", thyroid["assay_gat"]
    both = gift & gat.isin(["positive", "negative"])
    within = made.proportion(
        "assays/gat_within_gift/proportion", "Positive by GAT, of those positive by GIFT",
        int((both & (gat == "positive")).sum()), int(both.sum()),
        nobody="nobody positive by GIFT was tested by GAT", absent=reason,
    )  # fmt: skip
    rows.append(
        Row(
            "GAT, of those positive by GIFT",
            (Cell(CellKind.FRACTION_PERCENT, (within,)), Cell(CellKind.PERCENT_CI, (within,))),
        )
    )
    overlap, margin = _overlap(made, thyroid, done)
    figures = (
        (
            Figure(
                key=question.scope.key("assays/figure"),
                kind=FigureKind.OVERLAP,
                caption="Which assays were positive in the same patient",
                alt="Patients by the set of assays that were positive: "
                + "; ".join(f"{made.results[key].label} {{{key}:count}}" for key in overlap)
                + ".",
                series=(Series("Patients", tuple(overlap)),),
                y_label="Patients",
            ),
        )
        if overlap
        else ()
    )
    layout = Layout(
        tables=(
            Table(
                key=question.scope.key("assays/table"),
                caption="Positive results by assay, in thyroid disease",
                stub_head="Assay",
                columns=(Column("Positive / tested (%)"), Column(f"% ({question.level} CI)")),
                rows=tuple(rows),
                notes=("A patient is positive by an assay where any of their samples was.",),
            ),
        ),
        figures=figures,
        margins=margin,
    )  # fmt: skip
    return question.scope.findings("assays", "Overlap of the assays", made, layout)


def _overlap(
    made: Made, thyroid: pd.DataFrame, done: list[str]
) -> tuple[list[str], tuple[Margin, ...]]:
    """Counts of each set of positive assays, in patients tested by all of them."""
    if len(done) < 2:
        return [], ()
    known = vocabulary.labels("antibody_tests", "assay")
    status = thyroid[[f"assay_{assay}" for assay in done]]
    complete = status[status.isin(["positive", "negative"]).all(axis=1)]
    if complete.empty:
        return [], ()
    sets: dict[tuple[str, ...], int] = {}
    for row in complete.itertuples(index=False, name=None):
        found = tuple(assay for assay, value in zip(done, row, strict=True) if value == "positive")
        sets[found] = sets.get(found, 0) + 1
    keys = []
    order = sorted(sets, key=lambda found: (len(found) == 0, -sets[found], found))
    for found in order:
        tail = "none" if not found else "_and_".join(found) + ("_only" if len(found) == 1 else "")
        label = " & ".join(known[assay] for assay in found) or "None"
        keys.append(made.count(f"assays/overlap/{tail}/count", label, sets[found], n=len(complete)))
    total = made.count("assays/overlap/total/count", "Tested by all of these assays", len(complete))
    return keys, (Margin(total=total, parts=tuple(keys)),)
