"""What goes with thyroid disease and its antibodies: titres, correlations, infections, a model."""

from __future__ import annotations

import math

import pandas as pd

from incohort.analyses import vocabulary
from incohort.analyses.making import Made
from incohort.analyses.thyroid_antibodies.question import PREFIX, Question
from incohort.dictionary import Claim, study
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
    PatientPoints,
    Row,
    Sentence,
    Series,
    Table,
)
from incohort.stats import NoEstimate
from incohort.stats.contingency import ChiSquare, chi_square, fisher_exact
from incohort.stats.correlation import Correlation, implied_n, pearson, spearman
from incohort.stats.location import mann_whitney
from incohort.stats.proportions import proportion_difference

STUDY = "kyritsi2015"
_TITRES = {"anti_tpo": "ANTI_TPO", "anti_tg": "ANTI_TG"}
# Which two analytes a printed correlation is of, and whether only patients with thyroid disease.
_CORRELATIONS = {
    "ft3_anc": ("FT3", "ANC", True),
    "tpo_c4": ("ANTI_TPO", "C4", False),
    "tg_c4": ("ANTI_TG", "C4", False),
    "cd4_t4": ("CD4", "FT4", False),
    "cd4_tsh": ("CD4", "TSH", False),
}


def autoantibodies(question: Question) -> Findings:
    """Thyroid antibodies in patients with and without anti-PMN antibodies."""
    made = Made(scope=question.scope)
    tested = question.tested
    rows = []
    for name, analyte in _TITRES.items():
        made.sources = (f"labs.{analyte}", "antibody_tests.result", *question.thyroid_sources)
        label, unit = vocabulary.analyte_label(analyte), vocabulary.analyte_unit(analyte)
        samples = {
            status: pd.to_numeric(tested.loc[tested["status"] == status, f"lab_{analyte}"]).dropna()
            for status in ("positive", "negative")
        }
        quartiles = [
            made.quartiles(f"autoantibodies/{name}/{status}", f"{label}, anti-PMN {status}", values, unit=unit)
            for status, values in samples.items()
        ]  # fmt: skip
        n, smallest = sum(map(len, samples.values())), min(map(len, samples.values()))
        test = mann_whitney(
            samples["positive"].to_numpy(), samples["negative"].to_numpy(),
            conf_level=made.scope.conf_level,
        )  # fmt: skip
        shift = made.interval(
            f"autoantibodies/{name}/difference", f"{label}: positive minus negative",
            Measure.DIFFERENCE, test, n=n, unit=unit, smallest=smallest,
        )  # fmt: skip
        p_value = made.p_value(
            f"autoantibodies/{name}/mann_whitney_p_value", f"{label}: P", test, n=n,
            smallest=smallest,
        )  # fmt: skip
        rows.append(
            Row(
                f"{label}, {unit}",
                (
                    *(Cell(CellKind.MEDIAN_IQR, keys) for keys in quartiles),
                    Cell(CellKind.ESTIMATE_CI, (shift,)),
                    Cell(CellKind.P_VALUE, (p_value,)),
                ),
            )
        )
    layout = Layout(
        tables=(
            Table(
                key=question.scope.key("autoantibodies/table"),
                caption="Thyroid antibodies by anti-PMN antibody status, in the tested",
                stub_head="Antibody",
                columns=(
                    Column("Anti-PMN positive"),
                    Column("Anti-PMN negative"),
                    Column(f"Difference ({question.level} CI)"),
                    Column("P"),
                ),
                rows=tuple(rows),
                notes=(
                    "Median (first to third quartile) of the value nearest the index date. Difference: "
                    "Hodges–Lehmann shift. P: Mann–Whitney, two-sided.",
                ),
            ),
        ),
    )
    return question.scope.findings("autoantibodies", "Thyroid antibodies", made, layout)


def correlations(question: Question) -> Findings:
    """The printed correlations: as they stand, as they can only be meant, and ours."""
    made = Made(scope=question.scope)
    rows, forest = [], []
    for name, (first, second, is_thyroid) in _CORRELATIONS.items():
        frame = question.thyroid if is_thyroid else question.everybody
        own = question.thyroid_sources if is_thyroid else ()
        made.sources = (f"labs.{first}", f"labs.{second}", *own)
        keys = _one_correlation(made, name, first, second, frame)
        forest.append(keys["pearson"])
        label = f"{vocabulary.analyte_label(first)} and {vocabulary.analyte_label(second)}"
        rows.append(
            Row(
                label,
                (
                    Cell(CellKind.TEXT, text=_as_printed(name)),
                    Cell(CellKind.ESTIMATE, (keys["implied_n_low"],)),
                    Cell(CellKind.ESTIMATE, (keys["implied_n_high"],)),
                    Cell(CellKind.COUNT, (keys["n"],)),
                    Cell(CellKind.ESTIMATE_CI, (keys["pearson"],)),
                    Cell(CellKind.P_VALUE, (keys["pearson_p_value"],)),
                    Cell(CellKind.ESTIMATE, (keys["r_squared"],)),
                    Cell(CellKind.ESTIMATE_CI, (keys["spearman"],)),
                ),
            )
        )
    figures = [
        Figure(
            key=question.scope.key("correlations/figure"),
            kind=FigureKind.FOREST,
            caption=f"Pearson's r with {question.level} intervals",
            alt="Correlations: "
            + "; ".join(f"{made.results[key].label} {{{key}:estimate_ci}}" for key in forest)
            + ".",
            series=(Series("Pearson's r", tuple(forest)),),
            x_label="Pearson's r",
            reference=0.0,
        )
    ]
    points = _points(question, made)
    figures += [points] if points else []
    layout = Layout(
        tables=(
            Table(
                key=question.scope.key("correlations/table"),
                caption="Correlations as printed, and as they can only be",
                stub_head="Pair",
                columns=(
                    Column("As printed"),
                    Column("from", "n that the print implies"),
                    Column("to", "n that the print implies"),
                    Column("n", "Ours"),
                    Column(f"Pearson's r ({question.level} CI)", "Ours"),
                    Column("P", "Ours"),
                    Column("r²", "Ours"),
                    Column(f"Spearman's rho ({question.level} CI)", "Ours"),
                ),
                rows=tuple(rows),
                notes=(
                    "The study prints negative values under the name r². A square can't be negative; "
                    "the values behave as r. The n that the print implies are the sample sizes for "
                    "which such an r has such a P: they differ, so the correlations were not all of "
                    "the same patients. For T4 the free hormone is used.",
                ),
            ),
        ),
        figures=tuple(figures),
        cautions=(
            "Five correlations were tested without correction; a correlation is not a cause.",
        ),
    )
    return question.scope.findings("correlations", "Correlations", made, layout)


def _one_correlation(
    made: Made, name: str, first: str, second: str, frame: pd.DataFrame
) -> dict[str, str]:
    pairs = frame[[f"lab_{first}", f"lab_{second}"]].apply(pd.to_numeric).dropna()
    x, y = pairs[f"lab_{first}"].to_numpy(), pairs[f"lab_{second}"].to_numpy()
    label = f"{vocabulary.analyte_label(first)} and {vocabulary.analyte_label(second)}"
    level, n, tail = made.scope.conf_level, len(pairs), f"correlations/{name}"
    r, rho = pearson(x, y, conf_level=level), spearman(x, y, conf_level=level)
    square: NoEstimate | float = r.estimate**2 if isinstance(r, Correlation) else r
    keys = {
        "n": made.count(f"{tail}/n/count", f"{label}: pairs", n),
        "pearson": made.interval(f"{tail}/pearson", label, Measure.CORRELATION, r, n=n),
        "pearson_p_value": made.p_value(f"{tail}/pearson_p_value", f"{label}: P", r, n=n),
        "spearman": made.interval(f"{tail}/spearman", f"{label}: rho", Measure.CORRELATION, rho, n=n),
        "spearman_p_value": made.p_value(f"{tail}/spearman_p_value", f"{label}: P of rho", rho, n=n),
    }  # fmt: skip
    keys["r_squared"] = (
        made.none(f"{tail}/r_squared", f"{label}: r²", square.reason, n=n)
        if isinstance(square, NoEstimate)
        else made.estimate(
            f"{tail}/r_squared", f"{label}: r²", Measure.CORRELATION, square, n=n,
            method="square of Pearson's r",
        )
    )  # fmt: skip
    return keys | _implied(made, name, label)


def _implied(made: Made, name: str, label: str) -> dict[str, str]:
    """The sample sizes for which the printed r and P fit each other: from the print alone."""
    r, p = _claim(f"correlations/{name}/pearson"), _claim(f"correlations/{name}/pearson_p_value")
    answer: tuple[int, int] | NoEstimate = NoEstimate("no P value was printed")
    if r and p and r.value is not None and p.value is not None:
        answer = implied_n(r.value, p.value, p_digits=round(-math.log10(2 * p.tolerance)))
    sources, made.sources = made.sources, ()
    keys = {}
    for part, position in (("implied_n_low", 0), ("implied_n_high", 1)):
        text = f"{label}: {'smallest' if position == 0 else 'largest'} n that the print implies"
        tail = f"correlations/{name}/{part}"
        keys[part] = (
            made.none(tail, text, answer.reason)
            if isinstance(answer, NoEstimate)
            else made.estimate(tail, text, Measure.STATISTIC, float(answer[position]),
                               method="P of Pearson's r as a function of n")
        )  # fmt: skip
    made.sources = sources
    return keys


def _claim(tail: str) -> Claim | None:
    key = f"{PREFIX}/{tail}"
    return next((c for c in study(STUDY).claims if c.key == key and c.field == "value"), None)


def _as_printed(name: str) -> str:
    claim = _claim(f"correlations/{name}/r_squared") or _claim(f"correlations/{name}/pearson")
    p_value = _claim(f"correlations/{name}/pearson_p_value")
    parts = [
        claim.as_printed if claim else "",
        p_value.as_printed if p_value else "P not available",
    ]
    return ", ".join(filter(None, parts))


def _points(question: Question, made: Made) -> Figure | None:
    """One mark per patient of the first correlation; the gate refuses it where it has to."""
    frame = question.thyroid[["lab_FT3", "lab_ANC"]].apply(pd.to_numeric).dropna()
    if frame.empty:
        return None
    frame = frame.sort_values(["lab_FT3", "lab_ANC"])
    key = question.scope.key("correlations/ft3_anc/points")
    sources = ("labs.FT3", "labs.ANC", *question.thyroid_sources)
    ft3, anc = (
        f"{vocabulary.analyte_label(a)}, {vocabulary.analyte_unit(a)}" for a in ("FT3", "ANC")
    )
    made.results[key] = PatientPoints(
        key=key,
        label="FT3 and neutrophil count, each patient with thyroid disease",
        x=tuple(frame["lab_FT3"]),
        y=tuple(frame["lab_ANC"]),
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
        alt=f"Scatter plot of {{{pair}/n/count:count}} patients; Pearson's r is {{{pair}/pearson:estimate}}.",
        series=(Series("Patients", (key,)),),
        x_label=ft3,
        y_label=anc,
    )


def infections(question: Question) -> Findings:
    """Recurrent infections in thyroid disease and in all other causes."""
    made = Made(scope=question.scope, sources=("events.event", *question.thyroid_sources))
    reason = question.no_table("events")
    counts = {}
    keys = {}
    for name, label, frame in (
        ("thyroid", "Thyroid disease", question.thyroid),
        ("other", "Other causes", question.everybody[~question.everybody["is_thyroid"]]),
    ):
        events, n = int(frame["has_recurrent_infections"].eq(other=True).sum()), len(frame)
        counts[name] = (events, n)
        tail, text = f"infections/{name}/proportion", f"Recurrent infections, {label}"
        keys[name] = made.proportion(
            tail, text, events, n, nobody="there are no such patients", absent=reason
        )
    (a, n_1), (c, n_2) = counts["thyroid"], counts["other"]
    table = [[a, n_1 - a], [c, n_2 - c]]
    n, smallest = (None, None) if reason else (n_1 + n_2, min(map(min, table)))
    level = made.scope.conf_level
    none = NoEstimate(reason) if reason else None
    pearsons = none or chi_square(table)
    difference = made.interval(
        "infections/difference", "Recurrent infections: thyroid disease minus other causes",
        Measure.DIFFERENCE, none or proportion_difference(a, n_1, c, n_2, conf_level=level), n=n,
        unit="proportion", smallest=smallest,
    )  # fmt: skip
    notes: tuple[str, ...] = ()
    if isinstance(pearsons, ChiSquare):
        below = pearsons.n_expected_below_5
        notes = (
            (f"{below} of 4 expected counts below 5",) if below else ("no expected count below 5",)
        )
    chi = made.p_value(
        "infections/chi_square_p_value",
        "Recurrent infections: chi-square P",
        pearsons,
        n=n,
        smallest=smallest,
        notes=notes,
    )
    fisher = made.p_value(
        "infections/fisher_p_value",
        "Recurrent infections: exact P",
        none or fisher_exact(table),
        n=n,
        smallest=smallest,
    )
    rows = tuple(
        Row(label, (Cell(CellKind.FRACTION_PERCENT, (keys[name],)), Cell(CellKind.PERCENT_CI, (keys[name],))))
        for name, label in (("thyroid", "Thyroid disease"), ("other", "Other causes"))
    )  # fmt: skip
    layout = Layout(
        sentences=(
            Sentence(
                f"The difference was {{{difference}:percent_ci}}; chi-square P {{{chi}:p_value}}, "
                f"exact P {{{fisher}:p_value}}."
            ),
        ),
        tables=(
            Table(
                key=question.scope.key("infections/table"),
                caption="Recurrent infections",
                stub_head="Cause",
                columns=(Column("With / all (%)"), Column(f"% ({question.level} CI)")),
                rows=rows,
                notes=(
                    "Recurrent as the clinic recorded it, or from as many infections on as the "
                    "parameter says. Difference: Newcombe's interval. Chi-square without continuity "
                    "correction, which is the test that can give the printed P; the study does not "
                    "name its own.",
                ),
            ),
        ),
        margins=_infection_margins(made, keys, counts),
    )
    return question.scope.findings("infections", "Recurrent infections", made, layout)


def _infection_margins(
    made: Made, keys: dict[str, str], counts: dict[str, tuple[int, int]]
) -> tuple[Margin, ...]:
    """Both groups together make up everybody; so do those with infections."""
    total = made.count(
        "infections/total/count", "With recurrent infections, all causes",
        sum(events for events, _ in counts.values()), n=sum(n for _, n in counts.values()),
    )  # fmt: skip
    return (Margin(total=total, parts=tuple(keys.values())),)
