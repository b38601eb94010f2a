"""Verdicts as the rows of the table that a report opens with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from markupsafe import Markup

from incohort.claims import Verdict, VerdictKind
from incohort.dictionary import Study
from incohort.results import CellKind, Estimate, Findings, Measure, Result, Sentence
from incohort.tables.html import sentence_html
from incohort.tables.numbers import format_estimate

# An icon, and the class of its colour: neither says what the word beside it does not.
_TONES: dict[VerdictKind, tuple[str, str]] = {
    VerdictKind.REPRODUCED: ("✓", "good"),
    VerdictKind.NOT_REPRODUCED: ("✗", "bad"),
    VerdictKind.CONSISTENT_WITH: ("≈", "good"),
    VerdictKind.DIFFERS_FROM: ("≠", "warn"),
    VerdictKind.IMPOSSIBLE: ("⚠", "warn"),
    VerdictKind.NOT_TESTABLE: ("–", "none"),
}
_PLAIN = {
    Measure.COUNT: CellKind.COUNT,
    Measure.PROPORTION: CellKind.FRACTION_PERCENT_CI,
    Measure.P_VALUE: CellKind.P_VALUE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimRow:
    """One row: the figure, what was printed, ours, the verdict and why."""

    key: str
    field: str
    label: str
    as_printed: str
    ours: Markup
    verdict: str
    icon: str
    tone: str
    explanation: str
    note: str
    location: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyView:
    """A study with its verdicts, ready to be set.

    `printed` is what the study printed and this report can judge, `derived` what was worked out
    from that, `untested` the rest of both.
    """

    name: str
    citation: str
    doi: str
    tally: str
    printed: tuple[ClaimRow, ...]
    derived: tuple[ClaimRow, ...]
    untested: tuple[ClaimRow, ...]


def study_view(
    study: Study, verdicts: tuple[Verdict, ...], results: Mapping[str, Result]
) -> StudyView:
    """The study's verdicts as rows, with a sentence that counts them."""
    findings = Findings(name="claims", title="", results=tuple(results.values()))
    judged = [v for v in verdicts if v.verdict is not VerdictKind.NOT_TESTABLE]
    untested = [v for v in verdicts if v.verdict is VerdictKind.NOT_TESTABLE]
    return StudyView(
        name=study.name,
        citation=study.citation,
        doi=study.doi,
        tally=f"{len(verdicts)} figures: {tally(verdicts)}.",
        printed=tuple(_row(verdict, findings) for verdict in judged if verdict.is_printed),
        derived=tuple(_row(verdict, findings) for verdict in judged if not verdict.is_printed),
        untested=tuple(_row(verdict, findings) for verdict in untested),
    )


def tally(verdicts: tuple[Verdict, ...]) -> str:
    """How many of each verdict, in the order of their kinds."""
    counts = Counter(verdict.verdict for verdict in verdicts)
    return ", ".join(f"{counts[kind]} {kind}" for kind in VerdictKind if counts[kind])


def _row(verdict: Verdict, findings: Findings) -> ClaimRow:
    icon, tone = _TONES[verdict.verdict]
    return ClaimRow(
        key=verdict.claim_key,
        field=verdict.field,
        label=verdict.label,
        as_printed=verdict.as_printed,
        ours=_ours(verdict, findings),
        verdict=str(verdict.verdict),
        icon=icon,
        tone=tone,
        explanation="" if verdict.verdict is VerdictKind.REPRODUCED else verdict.explanation,
        note=verdict.note,
        location=verdict.location,
    )


def _ours(verdict: Verdict, findings: Findings) -> Markup:
    """Our number, set as the tables set it; a dash where there is none."""
    estimate = findings.by_key.get(verdict.claim_key)
    if verdict.ours is None or not isinstance(estimate, Estimate):
        return Markup("–")
    if verdict.field != "value":
        return Markup.escape(format_estimate(estimate, verdict.field))
    with_interval = CellKind.ESTIMATE_CI if estimate.ci_low is not None else CellKind.ESTIMATE
    kind = _PLAIN.get(estimate.measure, with_interval)
    sentence = Sentence(f"{{{estimate.key}:{kind}}}")
    return Markup(sentence_html(sentence, findings))  # noqa: S704 — tables escape
