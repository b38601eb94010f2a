"""A report as one page: what it rests on first, then the figures, then how it was made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from incohort.disclosure import PROFILES
from incohort.params.parameter import Value, effective
from incohort.reports.abbreviations import spelt_out
from incohort.reports.claims_view import StudyView
from incohort.reports.closing import cited_in
from incohort.reports.document import Document
from incohort.reports.harvest import Harvest
from incohort.reports.identity import changed_values
from incohort.reports.libraries import asked_for, listed, software
from incohort.reports.looks import looks_told
from incohort.reports.methods import MethodsTold, methods_of
from incohort.reports.notebooks import Notebook
from incohort.reports.numbering import numbered
from incohort.reports.origins import ORIGINS
from incohort.reports.prose import Heading
from incohort.reports.templating import Badge, render
from incohort.reports.withheld import withheld
from incohort.results import CohortCard, Origin
from incohort.tables.marks import Marks

_NO_CSS = re.compile(r"[^\w .,·()=-]")  # whatever could end a text of a style sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class ParameterRow:
    """One parameter of a run as it is printed."""

    name: str
    value: str
    default: str
    help: str
    describes: str
    is_changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a report is a report of."""

    notebook: Notebook
    card: CohortCard
    overrides: Mapping[str, Value]
    profile: str
    is_internal: bool

    @property
    def values(self) -> dict[str, Value]:
        """Every parameter with the value it ran with; the cohort goes by its name."""
        names = {parameter.name for parameter in self.notebook.parameters}
        cohort = {"cohort": self.card.name} if "cohort" in names else {}
        return effective(self.notebook.parameters, {**self.overrides, **cohort})

    @property
    def changed(self) -> tuple[str, ...]:
        """The parameters that differ from the study's defaults, in the notebook's order."""
        return tuple(name for name, _ in changed_values(self.values, self.notebook.defaults))


def marks_of(card: CohortCard, harvested: Harvest) -> Marks:
    """What the page of a report calls its tables and figures, and whether it marks numbers."""
    return Marks(
        labels=numbered(harvested.findings),
        tells_synthetic=card.origin is not Origin.SYNTHETIC,
    )


def report_page(
    run: Run, document: Document, harvested: Harvest, studies: Sequence[StudyView]
) -> str:
    """The report as one HTML file."""
    rows = _parameter_rows(run)
    used = methods_of(harvested.findings, numbered(harvested.findings))
    page = render(
        "report.html.j2",
        is_internal=run.is_internal,
        document=document,
        notebook=run.notebook.name,
        card=run.card,
        badges=badges_of(run, harvested),
        privacy=privacy_of(run),
        precision=" at full precision" if run.profile == "none" else "",
        withheld=withheld(
            harvested, run.profile, run.notebook.name, {n: run.values[n] for n in run.changed}
        ),
        looks=looks_told(run.card, shows_rows=run.profile == "none"),
        failure=harvested.failure,
        contents=_contents(document, studies, used),
        methods=used,
        software="",
        cited=cited_in(harvested.results, {view.name for view in studies}),
        margin_name=_NO_CSS.sub(" ", f"{run.notebook.name} · {run.card.name}"),
        studies=sorted(studies, key=lambda study: study.name != run.card.study),  # its own first
        parameters=rows,
        changed=_changed(rows, run.notebook.own_defaults),
        provenance=_provenance(run, harvested),
    )
    return spelt_out(page)


def badges_of(run: Run, harvested: Harvest) -> list[Badge]:
    """What nobody must miss: whose data they are, and under which profile they are told."""
    origin = run.card.origin
    badges = [Badge(text=ORIGINS[origin], is_warning=origin is not Origin.OBSERVED)]
    is_mixed = origin is not Origin.SYNTHETIC
    if is_mixed and any(section.has_synthetic for section in harvested.findings):
        badges.append(Badge(text="Numbers marked s rest on synthetic values", is_warning=True))
    badges.append(Badge(text="Public cohort" if run.card.is_public else "Restricted cohort"))
    badges.append(Badge(text=f"Disclosure profile: {run.profile}", is_warning=run.is_internal))
    return badges


def privacy_of(run: Run) -> str:
    """What was withheld of the cohort, or that nothing was."""
    if run.is_internal and run.profile == "none":
        return (
            "This run was internal: nothing was withheld, rounded or checked for disclosure. "
            "It is not to leave the study team."
        )
    if run.profile == "none":
        return "The cohort is public, so all numbers are shown as they are."
    described = PROFILES[run.profile].description if run.profile in PROFILES else ""
    internal = "This run was internal: it is not to leave the study team. "
    return (internal if run.is_internal else "") + (
        f"Everything here has passed the disclosure profile “{run.profile}”. {described} "
        "What would give a withheld count back is withheld, too. How many rows the cohort's files "
        "have is not told."
    )


def _contents(document: Document, studies: Sequence[StudyView], used: MethodsTold) -> list[Heading]:
    sections = [heading for heading in document.headings if heading.level == 2]
    return [
        *([Heading(2, "The answer", "the-answer")] if document.answer else []),
        *([Heading(2, "Published figures beside ours", "claims")] if studies else []),
        *sections,
        Heading(2, "Parameters of this run", "parameters"),
        *([Heading(2, "Methods as they ran", "methods")] if used.methods else []),
        Heading(2, "How this report was made", "provenance"),
    ]


def _parameter_rows(run: Run) -> list[ParameterRow]:
    values, changed, defaults = run.values, run.changed, run.notebook.defaults
    return [
        ParameterRow(
            name=parameter.name,
            value=str(values[parameter.name]),
            default=str(defaults.get(parameter.name, parameter.default)),
            help=parameter.does,
            describes=parameter.describes,
            is_changed=parameter.name in changed,
        )
        for parameter in run.notebook.parameters
    ]


def _changed(rows: Sequence[ParameterRow], own_defaults: Sequence[str]) -> str:
    """Which parameters are not at their defaults; empty where all are."""
    changed = [
        f"{row.name} = {row.value} (default {row.default})" for row in rows if row.is_changed
    ]
    said = f"Changed from the default: {', '.join(changed)}." if changed else ""
    if not own_defaults:
        return said
    sentence = f"Defaults in the notebook that differ from the suite's: {', '.join(own_defaults)}."
    return f"{said} {sentence}".strip()


def _provenance(run: Run, harvested: Harvest) -> list[tuple[str, str]]:
    versions = software(harvested.modules)
    requirements = asked_for(versions)
    others = {name: number for name, number in versions.items() if name not in requirements}
    licence = [("Licence of the cohort", run.card.licence)] if run.card.licence else []
    return [
        ("Notebook", f"{run.notebook.name}, SHA-256 {run.notebook.sha256}"),
        ("Cohort", ": ".join(dict.fromkeys((run.card.name, run.card.title)))),
        *licence,
        ("Disclosure profile", run.profile),
        ("Software", listed(requirements)),
        *([("Imported beside it", listed(others))] if others else []),
    ]
