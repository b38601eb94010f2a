"""The printed correlations: as they stand, as they can only be meant, and ours."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from incohort.analyses.thyroid_antibodies.printed import IMPLIED_METHOD, implied_sizes, printed
from incohort.analyses.thyroid_antibodies.question import Question
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Figure,
    FigureKind,
    Findings,
    Layout,
    Measure,
    PatientPoints,
    Row,
    Series,
    Table,
    clauses,
)
from incohort.shapes import vocabulary
from incohort.shapes.making import Made
from incohort.stats import NoEstimate
from incohort.stats.correlation import Correlation, pearson, spearman

# Which two analytes a printed correlation is of, and whether only patients with thyroid disease.
_CORRELATIONS = {
    "ft3_anc": ("FT3", "ANC", True),
    "tpo_c4": ("ANTI_TPO", "C4", False),
    "tg_c4": ("ANTI_TG", "C4", False),
    "cd4_t4": ("CD4", "FT4", False),
    "cd4_tsh": ("CD4", "TSH", False),
}
_LABELS = {
    "ft3_anc": "FT3 and ANC",
    "tpo_c4": "Anti-TPO and C4",
    "tg_c4": "Anti-Tg and C4",
    "cd4_t4": "CD4+ cells and T4",
    "cd4_tsh": "CD4+ cells and TSH",
}


def correlations(question: Question) -> Findings:
    """The printed correlations: as they stand, as they can only be meant, and ours."""
    made = Made(scope=question.scope)
    found = {}
    for name, (first, second, is_thyroid) in _CORRELATIONS.items():
        frame = question.thyroid if is_thyroid else question.everybody
        own = question.thyroid_sources if is_thyroid else ()
        made.sources = (f"labs.{first}", f"labs.{second}", *own)
        found[name] = _one_correlation(made, name, first, second, frame)
    forest = [keys["pearson"] for keys in found.values()]
    figures = [
        Figure(
            key=question.scope.key("correlations/figure"),
            kind=FigureKind.FOREST,
            caption=f"Pearson's r with {question.level} intervals",
            alt="Correlations: "
            + clauses(*(f"{made.results[key].label} {{{key}:estimate_ci}}" for key in forest))
            + ".",
            series=(Series("Pearson's r", tuple(forest)),),
            x_label="Pearson's r",
            reference=0.0,
        )
    ]
    points = _points(question, made)
    figures += [points] if points else []
    layout = Layout(
        tables=(_as_printed_table(question, found), _by_ranks_table(question, found)),
        figures=tuple(figures),
        margins=tuple(
            question.scope.sum(
                "frequency/thyroid_disease/proportion" if is_thyroid else "frequency/total/count",
                f"correlations/{name}/n/count",
                f"correlations/{name}/incomplete/count",
            )
            for name, (_, _, is_thyroid) in _CORRELATIONS.items()
        ),
        cautions=(
            "Five correlations were tested without correction; a correlation is not a cause.",
        ),
    )
    return question.scope.findings("correlations", "Correlations", made, layout)


def _as_printed_table(question: Question, found: Mapping[str, Mapping[str, str]]) -> Table:
    """What was printed, what sample size it implies, and Pearson's r here."""
    kinds = {
        "implied_n_low": CellKind.ESTIMATE,
        "implied_n_high": CellKind.ESTIMATE,
        "n": CellKind.COUNT,
        "pearson": CellKind.ESTIMATE_CI,
        "pearson_p_value": CellKind.P_VALUE,
        "r_squared": CellKind.ESTIMATE,
    }
    return Table(
        key=question.scope.key("correlations/table"),
        caption="Correlations as the study printed them, and here",
        stub_head="Pair",
        columns=(
            Column("As printed"),
            Column("from", "n implied"),
            Column("to", "n implied"),
            Column("n", "Ours"),
            Column(f"Pearson's r ({question.level} CI)", "Ours"),
            Column("P", "Ours"),
            Column("r²", "Ours"),
        ),
        rows=tuple(
            Row(
                _LABELS[name],
                (
                    Cell(CellKind.TEXT, text=_as_printed(name)),
                    *(Cell(kind, (keys[part],)) for part, kind in kinds.items()),
                ),
            )
            for name, keys in found.items()
        ),
        notes=(
            (
                "The study prints negative values under the name r². A square can't be negative; "
                "the values behave as r. The n implied are the sample sizes for which an r that "
                "rounds to the printed one has a P that rounds to the printed one: no n fits all "
                "four, so the correlations were not all of the same patients. For T4 the free "
                "hormone is used."
            ),
        ),
    )


def _by_ranks_table(question: Question, found: Mapping[str, Mapping[str, str]]) -> Table:
    """The same pairs by ranks: which coefficient the study used is not printed."""
    return Table(
        key=question.scope.key("correlations/by_ranks"),
        caption="The same pairs by ranks",
        stub_head="Pair",
        columns=(Column(f"Spearman's rho ({question.level} CI)"), Column("P")),
        rows=tuple(
            Row(
                _LABELS[name],
                (
                    Cell(CellKind.ESTIMATE_CI, (keys["spearman"],)),
                    Cell(CellKind.P_VALUE, (keys["spearman_p_value"],)),
                ),
            )
            for name, keys in found.items()
        ),
        notes=(
            (
                "Which coefficient the study used is not printed. Rho does not suffer from a few "
                "extreme values, as r does."
            ),
        ),
    )


def _one_correlation(
    made: Made, name: str, first: str, second: str, frame: pd.DataFrame
) -> dict[str, str]:
    columns = [vocabulary.value_column(analyte) for analyte in (first, second)]
    pairs = frame[columns].apply(pd.to_numeric).dropna()
    x, y = (pairs[column].to_numpy() for column in columns)
    label = _LABELS[name]
    level, n, tail = made.scope.conf_level, len(pairs), f"correlations/{name}"
    r, rho = pearson(x, y, conf_level=level), spearman(x, y, conf_level=level)
    square: NoEstimate | float = r.estimate**2 if isinstance(r, Correlation) else r
    keys = {"n": made.count(f"{tail}/n/count", f"{label}: pairs", n)}
    if n < len(frame):  # not shown; the gate has to know that it follows from n
        incomplete = len(frame) - n
        made.count(f"{tail}/incomplete/count", f"{label}: one or both missing", incomplete)
    made.rests_on = (keys["n"],)
    keys |= {
        "pearson": made.interval(f"{tail}/pearson", label, Measure.CORRELATION, r, n=n),
        "pearson_p_value": made.p_value(f"{tail}/pearson_p_value", f"{label}: P", r, n=n),
        "spearman": made.interval(
            f"{tail}/spearman", f"{label}: rho", Measure.CORRELATION, rho, n=n
        ),
        "spearman_p_value": made.p_value(
            f"{tail}/spearman_p_value", f"{label}: P of rho", rho, n=n
        ),
    }
    keys["r_squared"] = (
        made.none(f"{tail}/r_squared", f"{label}: r²", square.reason, n=n)
        if isinstance(square, NoEstimate)
        else made.estimate(
            f"{tail}/r_squared",
            f"{label}: r²",
            Measure.CORRELATION,
            square,
            n=n,
            method="square of Pearson's r",
        )
    )
    made.rests_on = ()
    return keys | _implied(made, name, label)


def _implied(made: Made, name: str, label: str) -> dict[str, str]:
    """The sample sizes for which the printed r and P fit each other: from the print alone."""
    answer = implied_sizes(name)
    sources, made.sources = made.sources, ()
    keys = {}
    for part, position in (("implied_n_low", 0), ("implied_n_high", 1)):
        text = f"{label}: {'smallest' if position == 0 else 'largest'} n that the print implies"
        tail = f"correlations/{name}/{part}"
        keys[part] = (
            made.none(tail, text, answer.reason)
            if isinstance(answer, NoEstimate)
            else made.estimate(
                tail,
                text,
                Measure.STATISTIC,
                float(answer[position]),
                method=IMPLIED_METHOD,
            )
        )
    made.sources = sources
    return keys


def _as_printed(name: str) -> str:
    claim = printed(f"correlations/{name}/r_squared") or printed(f"correlations/{name}/pearson")
    p_value = printed(f"correlations/{name}/pearson_p_value")
    parts = [
        claim.as_printed if claim else "",
        p_value.as_printed if p_value else "P not available",
    ]
    return ", ".join(filter(None, parts))


def _points(question: Question, made: Made) -> Figure | None:
    """One mark per patient of the first correlation; the gate refuses it where it has to."""
    frame = question.thyroid[["lab_FT3", "anc"]].apply(pd.to_numeric).dropna()
    if frame.empty:
        return None
    frame = frame.sort_values(["lab_FT3", "anc"])
    key = question.scope.key("correlations/ft3_anc/points")
    sources = ("labs.FT3", "labs.ANC", *question.thyroid_sources)
    ft3, anc = (
        f"{vocabulary.analyte_label(a)}, {vocabulary.printed_unit(a)}" for a in ("FT3", "ANC")
    )
    made.results[key] = PatientPoints(
        key=key,
        label="FT3 and neutrophil count, each patient with thyroid disease",
        x=tuple(frame["lab_FT3"]),
        y=tuple(frame["anc"]),
        group=("",) * len(frame),
        x_label=ft3,
        y_label=anc,
        sources=sources,
        origin=question.cohort.origin_of(key, sources),
    )
    pair = question.scope.key("correlations/ft3_anc")
    return Figure(
        key=question.scope.key("correlations/scatter"),
        kind=FigureKind.SCATTER,
        caption="Free triiodothyronine and neutrophil count in thyroid disease",
        alt=f"Scatter plot of {{{pair}/n/count:count}} patients; "
        f"Pearson's r is {{{pair}/pearson:estimate}}.",
        series=(Series("Patients", (key,)),),
        x_label=ft3,
        y_label=anc,
    )
