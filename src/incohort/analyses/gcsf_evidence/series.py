"""Series that are no comparison of G-CSF with none, as printed: drug-induced, and late-onset."""

from __future__ import annotations

from incohort.analyses.gcsf_evidence.published import public, text
from incohort.analyses.gcsf_evidence.question import Question
from incohort.dictionary import RecoverySeries, recovery_series
from incohort.results import Column, Findings, Layout, Measure, Row, Sentence, Table

_MEASURES = {
    "recovery_days": "Days to recovery",
    "duration_days": "Days that it lasted",
    "onset_days": "Days to onset",
    "mortality_percent": "Deaths",
    "severe_course_percent": "Infectious or fatal course",
    "recurrence_percent": "Recurred when given again",
    "incidence_percent": "Incidence",
    "incidence_per_million_years": "Incidence",
    "frequency_percent": "Frequency",
    "frequency_count": "Frequency",
    "cumulative_incidence_percent": "Cumulative incidence",
    "nadir": "Lowest count, 10⁹/L",
    "nadir_below_0_1_percent": "Lowest count below 0.1",
    "attributed_percent": "Due to the drugs listed",
    "gcsf_percent": "Given G-CSF",
    "correlation": "Correlation",
    "odds_ratio": "Odds ratio",
    "hazard_ratio": "Hazard ratio",
}
_GROUPS = {"gcsf": "with G-CSF", "none": "without G-CSF"}
_STATISTICS = {
    "mean": "mean", "median": "median", "single": "one patient",
    "unspecified": "not said whether mean or median",
}  # fmt: skip
_LENGTHS = ("recovery_days", "duration_days")


def series(question: Question) -> Findings:
    """Series without arms to compare; those of rituximab apart, since they last much longer."""
    made = question.made()
    late = [row for row in recovery_series() if row.cause == "late_onset"]
    lengths = [row for row in late if row.measure in _LENGTHS]
    shortest, longest = (
        made.estimate(
            f"late_onset/{name}", f"{label} typical duration printed", Measure.STATISTIC,
            pick(row.value for row in lengths), unit="d", method="as printed",
        )
        for name, label, pick in (("shortest", "Shortest", min), ("longest", "Longest", max))
    )  # fmt: skip
    layout = Layout(
        sentences=(
            Sentence(
                "After rituximab, neutropenia of late onset typically lasted from "
                f"{{{shortest}:estimate}} to {{{longest}:estimate}} days, depending on the series. "
                "It is another disease course: it is not pooled with the rest, nor are such "
                "episodes of the cohort compared below."
            ),
        ),
        tables=(
            _table(question, "drug_induced", "Drug-induced neutropenia: other series"),
            _table(question, "late_onset", "Late-onset neutropenia after rituximab: kept apart"),
        ),
        cautions=(
            (
                "These series have one arm, or arms without numbers; days of one series beside "
                "days of another compare patients, thresholds and decades rather than treatments."
            ),
        ),
    )
    return public(question.published.findings("series", "What other series say", made, layout))


def _table(question: Question, cause: str, caption: str) -> Table:
    rows = [row for row in recovery_series() if row.cause == cause]
    return Table(
        key=question.published.key(f"series/{cause}/table"),
        caption=caption,
        stub_head="Series",
        columns=(Column("Measure"), Column("Recovery, 10⁹/L"), Column("n"), Column("As printed")),
        rows=tuple(
            Row(
                f"{_name(row)}: {row.population}",
                (
                    text(_measure(row)),
                    text("–" if row.threshold is None else f"{row.threshold:g}"),
                    text("–" if row.n is None else str(row.n)),
                    text(row.as_printed),
                ),
            )
            for row in rows
        ),
        notes=("Figures of publications as they were printed; none is computed here.",),
    )


def _name(row: RecoverySeries) -> str:
    """The study as it is cited, up to its year."""
    return row.source.partition(",")[0]


def _measure(row: RecoverySeries) -> str:
    parts = [_MEASURES.get(row.measure, row.measure), _GROUPS.get(row.group, "")]
    if row.measure in (*_LENGTHS, "onset_days"):
        parts.append(_STATISTICS.get(row.statistic, ""))
    return ", ".join(filter(None, parts))
