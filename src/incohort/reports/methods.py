"""The methods of a report as they ran: what was used, for which tables, and who described it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from incohort.dictionary.reporting import methods
from incohort.reports.numbering import parts_of, results_of
from incohort.results import Curve, Estimate, Findings, Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodTold:
    """One sentence on a method, the numbers of its references, and where it was used."""

    says: str
    references: tuple[int, ...]
    places: tuple[tuple[str, str], ...]  # key and label of the tables and figures


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodsTold:
    """All methods of a report in the order of their first use, and the papers they come from."""

    methods: tuple[MethodTold, ...]
    references: tuple[str, ...]
    n_p_values: int

    @property
    def multiplicity(self) -> str:
        """What was done about the number of tests."""
        if not self.n_p_values:
            return "No hypothesis was tested."
        values = (
            "One P value is shown"
            if self.n_p_values == 1
            else f"{self.n_p_values} P values are shown"
        )
        return (
            f"{values}, two-sided unless said otherwise. None is adjusted for their number but "
            "where a correction is named beside it."
        )

    @property
    def paragraph(self) -> str:
        """The sentences as one paragraph, with the numbers of their references."""
        return " ".join(
            method.says.removesuffix(".")
            + (f" [{', '.join(map(str, method.references))}]" if method.references else "")
            + "."
            for method in self.methods
        )


def methods_of(findings: Sequence[Findings], labels: Mapping[str, str]) -> MethodsTold:
    """What was used to work out the numbers of a report that are shown.

    A method that the dictionary has no sentence for is named in its own words: none is left out.

    Args:
        findings: Of the report, in its order.
        labels: What its tables and figures are called (`numbered`).
    """
    places: dict[str, dict[str, str]] = {}
    sources: dict[str, tuple[str, ...]] = {}
    for words, key in _used(findings, labels):
        entry = methods().of(words)
        says = entry.says if entry else f"Also used: {words}."
        sources[says] = entry.sources if entry else ()
        places.setdefault(says, {})
        if key:
            places[says][key] = labels[key]
    references = tuple(dict.fromkeys(paper for papers in sources.values() for paper in papers))
    number = {paper: place for place, paper in enumerate(references, 1)}
    return MethodsTold(
        methods=tuple(
            MethodTold(
                says=says,
                references=tuple(number[paper] for paper in sources[says]),
                places=tuple(where.items()),
            )
            for says, where in places.items()
        ),
        references=references,
        n_p_values=sum(
            isinstance(result, Estimate) and result.measure is Measure.P_VALUE
            for section in findings
            for result in section.results
        ),
    )


def _used(findings: Sequence[Findings], labels: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The method of each number, and the table or figure that shows it, if one does."""
    for section in findings:
        shown: set[str] = set()
        for part in parts_of(section):
            if part.key not in labels:
                continue
            for result in results_of(part, section):
                if isinstance(result, Estimate | Curve) and result.method:
                    shown.add(result.key)
                    yield result.method, part.key
        for result in section.results:
            if isinstance(result, Estimate) and result.method and result.key not in shown:
                yield result.method, ""
