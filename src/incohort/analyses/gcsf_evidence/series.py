"""Series that are no comparison of G-CSF with none, as printed: drug-induced, and late-onset."""

from __future__ import annotations

from incohort.analyses.gcsf_evidence.question import Question
from incohort.dictionary import RecoverySeries, recovery_series
from incohort.results import AS_PRINTED, Findings, Layout, Measure, Row, Sentence
from incohort.shapes.tabular import row, table, text
from incohort.shapes.telling import telling

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
_CAPTIONS = {
    "drug_induced": "Drug-induced neutropenia: other series",
    "late_onset": "Late-onset neutropenia after rituximab: kept apart",
}
_LENGTHS = ("recovery_days", "duration_days")


def series(question: Question) -> Findings:
    """Series without arms to compare; those of rituximab apart, since they last much longer."""
    draft, late = telling(question.published), _of("late_onset")
    lengths = [row.value for row in late if row.measure in _LENGTHS]
    shortest, longest = (
        draft.given.estimate(
            f"late_onset/{name}", f"{name.capitalize()} typical duration printed",
            Measure.STATISTIC, value, unit="d", method=AS_PRINTED,
        )
        for name, value in (("shortest", min(lengths)), ("longest", max(lengths)))
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
        tables=tuple(
            table(
                question.published, f"series/{cause}", caption, "Series",
                ("Measure", "Recovery, 10⁹/L", "n", "As printed"),
                (_row(printed) for printed in _of(cause)),
                "Figures of publications as they were printed; none is computed here.",
            )
            for cause, caption in _CAPTIONS.items()
        ),
        cautions=(
            (
                "These series have one arm, or arms without numbers; days of one series beside "
                "days of another compare patients, thresholds and decades rather than treatments."
            ),
        ),
    )  # fmt: skip
    return draft.findings("series", "What other series say", layout)


def _of(cause: str) -> list[RecoverySeries]:
    return [row for row in recovery_series() if row.cause == cause]


def _row(printed: RecoverySeries) -> Row:
    name = printed.source.partition(",")[0]  # the study as it is cited, up to its year
    return row(
        f"{name}: {printed.population}", text(_measure(printed)),
        text("–" if printed.threshold is None else f"{printed.threshold:g}"),
        text("–" if printed.n is None else str(printed.n)), text(printed.as_printed),
    )  # fmt: skip


def _measure(row: RecoverySeries) -> str:
    parts = [_MEASURES.get(row.measure, row.measure), _GROUPS.get(row.group, "")]
    if row.measure in (*_LENGTHS, "onset_days"):
        parts.append(_STATISTICS.get(row.statistic, ""))
    return ", ".join(filter(None, parts))
