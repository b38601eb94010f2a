"""How the numbers of a report were worked out, as a paragraph, and what it cites."""

from __future__ import annotations

from dataclasses import dataclass

from incohort.exports.again import Report
from incohort.reports.libraries import is_declared
from incohort.results import Curve, Estimate

_OURS = ("incohort", "Python")


@dataclass(frozen=True, slots=True, kw_only=True)
class Methods:
    """Paragraphs on the methods as they ran, and the references."""

    paragraphs: tuple[str, ...]
    references: tuple[str, ...]


def methods_of(report: Report) -> Methods:
    """The estimators that a report's numbers name, the software, and the studies it cites."""
    methods: dict[str, list[str]] = {}
    for result in report.results.values():
        if isinstance(result, Estimate | Curve) and _is_told(result.method):
            kinds = methods.setdefault(result.method, [])
            kind = str(result.measure).replace("_", " ")
            kinds += [kind] if kind not in kinds else []
    used = "; ".join(f"{', '.join(kinds)}: {method}" for method, kinds in methods.items())
    software = ", ".join(
        f"{name} {number}" for name, number in report.software if is_declared(name) or name in _OURS
    )
    return Methods(
        paragraphs=tuple(
            text
            for text in (
                f"The numbers were worked out as follows. {used}." if used else "",
                f"Software: {software}." if software else "",
            )
            if text
        ),
        references=tuple(
            f"{study.citation}." + (f" doi:{study.doi}" if study.doi else "")
            for study in report.studies
            if study.is_told
        ),
    )


def _is_told(method: str) -> bool:
    """Whether it names an estimator; a multiverse's numbers list their choices instead."""
    return bool(method) and not all("=" in part for part in method.split(";"))
