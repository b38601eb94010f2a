"""Verdicts as the rows of the table that a report opens with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from incohort.claims import Reason, Verdict, VerdictKind, VerdictOrigin
from incohort.dictionary import Study
from incohort.results import CellKind, Estimate, Findings, Measure, Result, Sentence
from incohort.tables.html import sentence_html
from incohort.tables.marks import NONE, Marks
from incohort.tables.numbers import SMALL_P, format_estimate, measured, rounded, small_p_value

# An icon, and the class of its colour: neither says what the word beside it does not.
TONES: dict[VerdictKind, tuple[str, str]] = {
    VerdictKind.REPRODUCED: ("✓", "good"),
    VerdictKind.NOT_REPRODUCED: ("✗", "bad"),
    VerdictKind.AGREES_WITH_ITSELF: ("=", "good"),
    VerdictKind.DOES_NOT_AGREE: ("⚠", "warn"),
    VerdictKind.CONSISTENT_WITH: ("≈", "good"),
    VerdictKind.DIFFERS_FROM: ("≠", "warn"),
    VerdictKind.IMPOSSIBLE: ("⚠", "warn"),
    VerdictKind.NOT_TESTABLE: ("–", "none"),
}
_AGREEING = {VerdictKind.REPRODUCED, VerdictKind.CONSISTENT_WITH}
_NOTABLE = {
    VerdictKind.NOT_REPRODUCED,
    VerdictKind.DOES_NOT_AGREE,
    VerdictKind.DIFFERS_FROM,
    VerdictKind.IMPOSSIBLE,
}
_SHORT = {
    VerdictOrigin.ROWS: "from rows",
    VerdictOrigin.PRINTED: "from other printed figures",
    VerdictOrigin.QUOTED: "quoted",
}
_AGREED = {VerdictKind.REPRODUCED, VerdictKind.AGREES_WITH_ITSELF}
_AGREED_AS = {
    VerdictOrigin.ROWS: "reproduced from rows",
    VerdictOrigin.PRINTED: "reproduced from other printed figures",
    VerdictOrigin.QUOTED: "quoted",
}
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
    """One row: the figure, what was printed, ours, the verdict, where ours is from, and why.

    Where nothing could be tested `origin` says the reason in its place.
    """

    key: str
    field: str
    label: str
    as_printed: str
    ours: Markup
    verdict: str
    origin: str
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
    printed. `printed` are the others that the study printed and that ours was held against,
    `quoted` those that a rebuilt cohort was made from, `derived` those that were worked out from
    printed ones, `untested` what this report can't judge. `is_own` says that the study is the
    cohort's own; `population` is whom another study's figures are of.
    """

    name: str
    citation: str
    doi: str
    is_own: bool
    population: str
    tally: str
    notable: tuple[ClaimGroup, ...]
    printed: tuple[ClaimGroup, ...]
    quoted: tuple[ClaimGroup, ...]
    derived: tuple[ClaimGroup, ...]
    untested: tuple[ClaimGroup, ...]

    @property
    def is_told(self) -> bool:
        """Whether any of its figures can be judged here."""
        return bool(self.notable or self.printed or self.quoted or self.derived)


def study_view(
    study: Study,
    verdicts: tuple[Verdict, ...],
    results: Mapping[str, Result],
    marks: Marks = NONE,
    *,
    is_own: bool = False,
) -> StudyView:
    """The study's verdicts as rows, with a sentence that counts them.

    Args:
        study: The publication.
        verdicts: On its figures.
        results: Of the report, under their keys.
        marks: Of the page, on which our numbers lead to where they stand.
        is_own: Whether the study is the cohort's own.
    """
    findings = Findings(name="claims", title="", results=tuple(results.values()))
    agreeing = [v for v in verdicts if v.verdict in _AGREEING]
    quoted = [v for v in verdicts if v.verdict is VerdictKind.AGREES_WITH_ITSELF]

    def groups(chosen: Iterable[Verdict]) -> tuple[ClaimGroup, ...]:
        by_place: dict[str, list[ClaimRow]] = {}
        for verdict in chosen:
            by_place.setdefault(verdict.location, []).append(_row(verdict, findings, marks))
        return tuple(ClaimGroup(place, tuple(rows)) for place, rows in by_place.items())

    return StudyView(
        name=study.name,
        citation=study.citation,
        doi=study.doi,
        is_own=is_own,
        population="" if is_own else study.population,
        tally=f"{tally(verdicts)}.{_derived(verdicts)}",
        notable=groups(v for v in verdicts if v.verdict in _NOTABLE),
        printed=groups(v for v in agreeing if v.is_printed),
        quoted=groups(v for v in quoted if v.is_printed),
        derived=groups(v for v in (*agreeing, *quoted) if not v.is_printed),
        untested=groups(v for v in verdicts if v.verdict is VerdictKind.NOT_TESTABLE),
    )


def tally(verdicts: tuple[Verdict, ...]) -> str:
    """How many printed figures there are, and of what kind each verdict on them is.

    Figures that were worked out from printed ones are not counted among them.
    """
    printed = [verdict for verdict in verdicts if verdict.is_printed]
    if not printed:
        return "No figure was printed that this report could be held against"
    noun = "printed figure" if len(printed) == 1 else "printed figures"
    if all(verdict.verdict is VerdictKind.NOT_TESTABLE for verdict in printed):
        others = all(verdict.reason is Reason.ANOTHER_QUESTION for verdict in printed)
        why = ": another question" if others else ""
        return f"{len(printed)} {noun}, none of which can be tested here{why}"
    counts = Counter(_counted(verdict) for verdict in printed if verdict.verdict not in _AGREED)
    rest = [f"{n} {words}" for (_, words), n in sorted(counts.items())]
    return f"{len(printed)} {noun}: {', '.join((*_agreed(printed), *rest))}"


def _counted(verdict: Verdict) -> tuple[int, str]:
    """A verdict's place among the kinds, and its words after a number."""
    place = list(VerdictKind).index(verdict.verdict)
    if verdict.reason is Reason.ANOTHER_QUESTION:
        return place, f"{verdict.verdict}: {verdict.reason}"
    return place, _COUNTED.get(verdict.verdict, str(verdict.verdict))


def _agreed(printed: Iterable[Verdict]) -> list[str]:
    """How many of the study's own figures came out, and where ours is from."""
    counts = Counter(v.origin for v in printed if v.verdict in _AGREED)
    kinds = [f"{counts[origin]} {_AGREED_AS[origin]}" for origin in VerdictOrigin if counts[origin]]
    if len(kinds) == 1:
        kinds = [_AGREED_AS[origin] for origin in counts]
    verb = "agrees" if counts.total() == 1 else "agree"
    return [f"{counts.total()} {verb} ({', '.join(kinds)})"] if kinds else []


def _derived(verdicts: Iterable[Verdict]) -> str:
    """A sentence on what follows from printed figures, where some of it is to be noticed."""
    counts = Counter(v.verdict for v in verdicts if not v.is_printed and v.verdict in _NOTABLE)
    parts = [f"{counts[kind]} {_COUNTED.get(kind, kind)}" for kind in VerdictKind if counts[kind]]
    return f" Of what follows from printed figures: {', '.join(parts)}." if parts else ""


def tallies(by_study: Mapping[str, tuple[Verdict, ...]]) -> list[str]:
    """The studies with a printed figure that anything is said of, each with its tally."""
    lines = [
        f"{name}: {tally(verdicts)}"
        for name, verdicts in by_study.items()
        if any(v.is_printed and v.verdict is not VerdictKind.NOT_TESTABLE for v in verdicts)
    ]
    if lines or not by_study:
        return lines
    return ["none of the printed figures can be tested here"]


def short_origin(words: str) -> str:
    """Where our number comes from, in few words; empty for what is not known here."""
    return next((short for origin, short in _SHORT.items() if str(origin) == words), "")


def _whence(verdict: Verdict) -> str:
    """Where ours is from; what can't be as printed is so whatever ours is."""
    if verdict.verdict is VerdictKind.NOT_TESTABLE:
        return str(verdict.reason)
    return "" if verdict.verdict is VerdictKind.IMPOSSIBLE else str(verdict.origin)


def _row(verdict: Verdict, findings: Findings, marks: Marks) -> ClaimRow:
    icon, tone = TONES[verdict.verdict]
    return ClaimRow(
        key=verdict.claim_key,
        field=verdict.field,
        label=verdict.label,
        as_printed=verdict.as_printed,
        ours=_ours(verdict, findings, marks),
        verdict=str(verdict.verdict),
        origin=_whence(verdict),
        icon=icon,
        tone=tone,
        explanation=_explanation(verdict),
        note=verdict.note,
    )


def _explanation(verdict: Verdict) -> str:
    """Why, with the difference of two samples; what is reproduced explains itself."""
    if verdict.verdict in {VerdictKind.REPRODUCED, VerdictKind.AGREES_WITH_ITSELF}:
        return verdict.explanation if verdict.reason is Reason.CUT else ""
    low, high = verdict.difference_low, verdict.difference_high
    if verdict.difference is None or low is None or high is None:
        return verdict.explanation
    is_share = verdict.measure is Measure.PROPORTION
    scale, unit = (100, " percentage points") if is_share else (1, f" {verdict.unit}".rstrip())
    set_ = (lambda x: rounded(x, 1)) if is_share else measured
    numbers = [set_(scale * x) for x in (verdict.difference, low, high)]
    return (
        f"{verdict.explanation} Ours less the printed one: "
        f"{numbers[0]}{unit} ({numbers[1]} to {numbers[2]})."
    )


def _ours(verdict: Verdict, findings: Findings, marks: Marks) -> Markup:
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
    return Markup(sentence_html(sentence, findings, marks))  # noqa: S704 — tables escape
