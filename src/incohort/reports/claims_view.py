"""Verdicts as the rows of the table that a report opens with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from incohort.claims import Verdict, VerdictKind
from incohort.dictionary import Study
from incohort.results import CellKind, Estimate, Findings, Measure, Result, Sentence
from incohort.tables.html import sentence_html
from incohort.tables.numbers import SMALL_P, format_estimate, small_p_value

# An icon, and the class of its colour: neither says what the word beside it does not.
TONES: dict[VerdictKind, tuple[str, str]] = {
    VerdictKind.REPRODUCED: ("✓", "good"),
    VerdictKind.NOT_REPRODUCED: ("✗", "bad"),
    VerdictKind.CONSISTENT_WITH: ("≈", "good"),
    VerdictKind.DIFFERS_FROM: ("≠", "warn"),
    VerdictKind.IMPOSSIBLE: ("⚠", "warn"),
    VerdictKind.NOT_TESTABLE: ("–", "none"),
}
_AGREEING = {VerdictKind.REPRODUCED, VerdictKind.CONSISTENT_WITH}
_NOTABLE = {VerdictKind.NOT_REPRODUCED, VerdictKind.DIFFERS_FROM, VerdictKind.IMPOSSIBLE}
_COUNTED = {  # a verdict after a number, where its figure is not beside it
    VerdictKind.CONSISTENT_WITH: "consistent with ours",
    VerdictKind.DIFFERS_FROM: "different from ours",
}
_PLAIN = {
    Measure.COUNT: CellKind.COUNT,
    Measure.PROPORTION: CellKind.PERCENT_CI,
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


@dataclass(frozen=True, slots=True)
class ClaimGroup:
    """The rows whose figures stand in one place."""

    location: str
    rows: tuple[ClaimRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyView:
    """A study with its verdicts, ready to be set.

    Rows come in groups, one for each place where the figures stand, in the dictionary's order.
    `notable` is what a reader has to know first: figures that did not come out, or can't be as
    printed. `printed` are the others that the study printed, `derived` those that were worked out
    from them, `untested` what this report can't judge.
    """

    name: str
    citation: str
    doi: str
    tally: str
    notable: tuple[ClaimGroup, ...]
    printed: tuple[ClaimGroup, ...]
    derived: tuple[ClaimGroup, ...]
    untested: tuple[ClaimGroup, ...]

    @property
    def is_told(self) -> bool:
        """Whether any of its figures can be judged here."""
        return bool(self.notable or self.printed or self.derived)


def study_view(
    study: Study, verdicts: tuple[Verdict, ...], results: Mapping[str, Result]
) -> StudyView:
    """The study's verdicts as rows, with a sentence that counts them."""
    findings = Findings(name="claims", title="", results=tuple(results.values()))
    agreeing = [v for v in verdicts if v.verdict in _AGREEING]

    def groups(chosen: Iterable[Verdict]) -> tuple[ClaimGroup, ...]:
        by_place: dict[str, list[ClaimRow]] = {}
        for verdict in chosen:
            by_place.setdefault(verdict.location, []).append(_row(verdict, findings))
        return tuple(ClaimGroup(place, tuple(rows)) for place, rows in by_place.items())

    return StudyView(
        name=study.name,
        citation=study.citation,
        doi=study.doi,
        tally=f"{len(verdicts)} figures: {tally(verdicts)}.",
        notable=groups(v for v in verdicts if v.verdict in _NOTABLE),
        printed=groups(v for v in agreeing if v.is_printed),
        derived=groups(v for v in agreeing if not v.is_printed),
        untested=groups(v for v in verdicts if v.verdict is VerdictKind.NOT_TESTABLE),
    )


def tally(verdicts: tuple[Verdict, ...]) -> str:
    """How many of each verdict, in the order of their kinds."""
    counts = Counter(verdict.verdict for verdict in verdicts)
    return ", ".join(
        f"{counts[kind]} {_COUNTED.get(kind, kind)}" for kind in VerdictKind if counts[kind]
    )


def _row(verdict: Verdict, findings: Findings) -> ClaimRow:
    icon, tone = TONES[verdict.verdict]
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
    )


def _ours(verdict: Verdict, findings: Findings) -> Markup:
    """Our number, set as the tables set it; a dash where there is none."""
    estimate = findings.by_key.get(verdict.claim_key)
    if verdict.ours is None or not isinstance(estimate, Estimate):
        return Markup("–")
    if estimate.measure is Measure.P_VALUE and estimate.value < SMALL_P:
        return Markup.escape(small_p_value(estimate.value))  # beside a print that may be 0.001
    if verdict.field != "value":
        return Markup.escape(format_estimate(estimate, verdict.field))
    with_interval = CellKind.ESTIMATE_CI if estimate.ci_low is not None else CellKind.ESTIMATE
    kind = _PLAIN.get(estimate.measure, with_interval)
    sentence = Sentence(f"{{{estimate.key}:{kind}}}")
    return Markup(sentence_html(sentence, findings))  # noqa: S704 — tables escape
