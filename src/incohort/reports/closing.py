"""How a report ends: its methods as they ran, its abbreviations, the papers that it rests on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from incohort.dictionary import Study, study
from incohort.dictionary import studies as all_studies
from incohort.reports.abbreviations import spelt_out
from incohort.reports.libraries import RUNS_IT, asked_for, listed, software
from incohort.reports.methods import methods_of
from incohort.reports.templating import rendered
from incohort.results import Findings

_SEAM = "<!-- closing -->"


def cited_in(keys: Iterable[str], cited: Collection[str]) -> list[Study]:
    """The studies whose printed figures stand in a report under keys of their own.

    Args:
        keys: Of its results.
        cited: Those that are cited already, by name.
    """
    parts = {part for key in keys for part in key.split("/")[1:]}
    return [
        study(name)
        for name in all_studies()
        if name not in cited and any(part.startswith(name) for part in parts)
    ]


def closing_html(
    findings: Sequence[Findings], page: str, own_study: str | None, modules: Collection[str]
) -> str:
    """The end of a notebook that a person runs, as the report of a run has it.

    Args:
        findings: That were shown, after the gate.
        page: Their HTML, whose abbreviations are spelt out.
        own_study: The published study that the cohort was rebuilt from, if any.
        modules: That the kernel imported.
    """
    keys = [result.key for section in findings for result in section.results]
    studies = [study(own_study)] if own_study else []
    versions = {n: v for n, v in software(modules).items() if n != RUNS_IT}
    ends = rendered(
        "closing.html.j2",
        methods=methods_of(findings, {}),
        studies=studies,
        cited=cited_in(keys, {cited.name for cited in studies}),
        software=listed(asked_for(versions)),
    )
    return spelt_out(page + _SEAM + ends).partition(_SEAM)[2]
