"""What a report answers first: a few sentences with what each of their numbers rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from incohort.figures.reading import interval_name
from incohort.reports.numbering import missing, parts_of, results_of
from incohort.results import Estimand, Estimate, Findings, Measure, places, said
from incohort.tables.html import sentence_html
from incohort.tables.marks import Marks
from incohort.tables.numbers import count

ANSWER = "/answer"  # how the name of findings ends that answer a study's question


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What some numbers of a sentence rest on: n, interval, estimand, where they stand in full."""

    n: str
    estimand: str
    place: str
    label: str
    interval: str = ""

    @property
    def words(self) -> str:
        """All but the place, as one line; empty where nothing is known."""
        parts = (f"n = {self.n}" if self.n else "", self.interval, self.estimand)
        return ". ".join(filter(None, parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyResult:
    """One sentence of the answer, and what its numbers rest on."""

    html: Markup
    bases: tuple[Basis, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The key results, in order, what the design can't say, and why there is none, if so."""

    results: tuple[KeyResult, ...]
    cautions: tuple[str, ...]
    why: str


def answer_of(findings: Sequence[Findings], marks: Marks) -> Answer | None:
    """The answer that a notebook gives; None where it gives none.

    Args:
        findings: Of the report, in its order.
        marks: Of the page, with what its tables and figures are called.
    """
    section = next((section for section in findings if section.name.endswith(ANSWER)), None)
    if section is None:
        return None
    key_results = []
    for sentence in section.layout.sentences:
        html = sentence_html(sentence, section, marks)
        if html:
            template = said(sentence, section.by_key) or ""
            keys = [k for piece in places(template) if not isinstance(piece, str) for k in piece[1]]
            estimates = [
                result for key in keys if isinstance(result := section.by_key[key], Estimate)
            ]
            bases = tuple(dict.fromkeys(_bases(estimates, findings, marks)))
            key_results.append(KeyResult(html=Markup(html), bases=bases))  # noqa: S704 — tables escape
    why = "; ".join(dict.fromkeys(result.reason for result in missing(None, section)))
    return Answer(results=tuple(key_results), cautions=section.layout.cautions, why=why)


def _bases(
    estimates: Sequence[Estimate], findings: Sequence[Findings], marks: Marks
) -> Iterator[Basis]:
    """What the numbers rest on, those that rest on the same together.

    A count says itself what it counts, where there is another number. Where a number stands in
    full is the first table or figure that shows it.
    """
    groups: dict[tuple[int | None, Estimand], list[Estimate]] = {}
    for estimate in [
        estimate for estimate in estimates if estimate.measure is not Measure.COUNT
    ] or estimates:
        whose = replace(estimate.estimand or Estimand(), event="", measure="")
        groups.setdefault((estimate.n, whose), []).append(estimate)
    for (n, whose), alike in groups.items():
        estimands = [estimate.estimand for estimate in alike if estimate.estimand]
        events = {estimand.event for estimand in estimands}  # of several each is in the sentence
        measures = dict.fromkeys(estimand.measure for estimand in estimands)
        places = (_where(estimate.again_of, findings, marks) for estimate in alike)
        place, label = next((pair for pair in places if pair[1]), ("", ""))
        yield Basis(
            n=count(n) if n is not None else "",
            estimand=replace(
                whose,
                event=events.pop() if len(events) == 1 else "",
                measure=", ".join(measures),
            ).words,
            place=place,
            label=label,
            interval=interval_name(alike),
        )


def _where(key: str, findings: Sequence[Findings], marks: Marks) -> tuple[str, str]:
    """The place of a number and what it is called: its table or figure, or else its section."""
    for section in findings:
        if key not in section.by_key:
            continue
        for part in parts_of(section):
            label = marks.labels.get(part.key)
            if label and any(result.key == key for result in results_of(part, section)):
                return key, label
        return key, section.title
    return "", ""
