"""The printed correlations: as they stand, as they can only be meant, and ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from incohort.analyses.thyroid_antibodies.printed import IMPLIED_METHOD, as_printed, implied_sizes
from incohort.analyses.thyroid_antibodies.question import Question
from incohort.results import Cell, Figure, Findings, Layout, Measure, Row, Table
from incohort.shapes import tabular
from incohort.shapes.characteristics import analyte
from incohort.shapes.correlations import axis_label, points
from incohort.shapes.correlations import correlations as correlated
from incohort.shapes.telling import Draft
from incohort.stats import NoEstimate

# Which two analytes a printed correlation is of, and whether only patients with thyroid disease.
_PAIRS = {
    "ft3_anc": ("FT3 and ANC", "FT3", "ANC", True),
    "tpo_c4": ("Anti-TPO and C4", "ANTI_TPO", "C4", False),
    "tg_c4": ("Anti-Tg and C4", "ANTI_TG", "C4", False),
    "cd4_t4": ("CD4+ cells and T4", "CD4", "FT4", False),
    "cd4_tsh": ("CD4+ cells and TSH", "CD4", "TSH", False),
}
_OURS = {
    "implied_n_low": "estimate",
    "implied_n_high": "estimate",
    "n": "count",
    "pearson": "estimate_ci",
    "pearson_p_value": "p_value",
    "r_squared": "estimate",
}
_BY_RANKS = {"spearman": "estimate_ci", "spearman_p_value": "p_value"}
_ON_PRINT = (
    "The study prints negative values under the name r². A square can't be negative; the values "
    "behave as r. The n implied are the sample sizes for which an r that rounds to the printed one "
    "has a P that rounds to the printed one: no n fits all four, so the correlations were not all "
    "of the same patients. For T4 the free hormone is used."
)
_ON_RANKS = (
    "Which coefficient the study used is not printed. Rho does not suffer from a few extreme "
    "values, as r does."
)
_CAUTION = "Five correlations were tested without correction; a correlation is not a cause."

_Keys = Mapping[str, Mapping[str, str]]  # by pair, and by what a number is


def correlations(question: Question) -> Findings:
    """The printed correlations: as they stand, as they can only be meant, and ours."""
    draft, scope = question.telling(), question.scope
    keys = {name: _pair(question, draft, name) for name in _PAIRS}
    r = {_PAIRS[name][0]: of_pair["pearson"] for name, of_pair in keys.items()}
    figure = tabular.forest(
        scope, "correlations", f"Pearson's r with {scope.level} intervals",
        f"Pearson's r: {tabular.phrases(r, 'estimate_ci')}.",
        {"Pearson's r": [*r.values()]}, "Pearson's r",
    )  # fmt: skip
    layout = Layout(
        tables=_tables(question, keys),
        figures=(figure, *_scatter(question, draft)),
        cautions=(_CAUTION,),
    )
    return draft.findings("correlations", "Correlations", layout)


def _pair(question: Question, draft: Draft, name: str) -> dict[str, str]:
    """What the data say of a pair, and what the print implies by itself."""
    label, first, second, is_thyroid = _PAIRS[name]
    who = question.thyroid_sources if is_thyroid else ()
    draft.sources = (f"labs.{first}", f"labs.{second}", *who)
    members = question.thyroid if is_thyroid else question.everybody
    tail = f"correlations/{name}"
    keys = correlated(draft, tail, label, analyte(first), analyte(second), members)
    return keys | _implied(draft, name, label)


def _implied(draft: Draft, name: str, label: str) -> dict[str, str]:
    """The sample sizes for which the printed r and P fit each other: no person's numbers."""
    sizes, keys = implied_sizes(name), {}
    ends = (("implied_n_low", "smallest"), ("implied_n_high", "largest"))
    for place, (end, word) in enumerate(ends):
        keys[end] = draft.given.number(
            f"correlations/{name}/{end}", f"{label}: {word} n that the print implies",
            Measure.STATISTIC, sizes if isinstance(sizes, NoEstimate) else float(sizes[place]),
            method=IMPLIED_METHOD,
        )  # fmt: skip
    return keys


def _tables(question: Question, keys: _Keys) -> tuple[Table, Table]:
    """What was printed beside Pearson's r here; and the same pairs by ranks."""
    level = question.scope.level
    beside = tabular.table(
        question.scope, "correlations", "Correlations as the study printed them, and here", "Pair",
        ("As printed", ("from", "n implied"), ("to", "n implied"), ("n", "Ours"),
         (f"Pearson's r ({level} CI)", "Ours"), ("P", "Ours"), ("r²", "Ours")),
        [_row(name, _OURS, of_pair, tabular.text(as_printed(name)))
         for name, of_pair in keys.items()],
        _ON_PRINT,
    )  # fmt: skip
    by_ranks = tabular.table(
        question.scope, "correlations/by_ranks", "The same pairs by ranks", "Pair",
        (f"Spearman's rho ({level} CI)", "P"),
        [_row(name, _BY_RANKS, of_pair) for name, of_pair in keys.items()],
        _ON_RANKS,
    )  # fmt: skip
    return beside, replace(by_ranks, key=question.scope.key("correlations/by_ranks"))


def _row(name: str, kinds: Mapping[str, str], keys: Mapping[str, str], *first: Cell) -> Row:
    cells = tabular.cells(tuple(kinds.values()), [keys[what] for what in kinds])
    return tabular.row(_PAIRS[name][0], *first, *cells)


def _scatter(question: Question, draft: Draft) -> tuple[Figure, ...]:
    """One mark a patient of the first correlation; the gate refuses it where it has to."""
    ft3, anc, thyroid = analyte("FT3"), analyte("ANC"), question.thyroid
    tail, pair = "correlations/ft3_anc", question.scope.key("correlations/ft3_anc")
    draft.sources = ("labs.FT3", "labs.ANC", *question.thyroid_sources)
    if thyroid.frame[[ft3.column, anc.column]].dropna().empty:
        return ()
    label = "FT3 and neutrophil count, each patient with thyroid disease"
    key = points(draft, f"{tail}/points", label, ft3, anc, thyroid)
    figure = tabular.figure(
        question.scope, tail, "scatter",
        "Free triiodothyronine and neutrophil count in thyroid disease",
        f"In {{{pair}/n/count:count}} patients with thyroid disease free triiodothyronine and the "
        f"neutrophil count correlate with r = {{{pair}/pearson:estimate_ci}}.",
        {"Patients": (key,)}, x_label=axis_label(ft3), y_label=axis_label(anc),
    )  # fmt: skip
    return (replace(figure, key=question.scope.key("correlations/scatter")),)
