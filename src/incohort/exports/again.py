"""A report read again from its folder: the findings that its bundles hold, and what lies beside.

Nothing is worked out anew and no row is read: what the report withholds can't come back. A folder
in which anything was changed since the run is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from markdown_it.token import Token
from pydantic import TypeAdapter, ValidationError

from incohort.claims import Verdict
from incohort.dictionary import studies, study
from incohort.dictionary.files import is_folder, typed_path
from incohort.errors import UsageError
from incohort.reports.answer import ANSWER
from incohort.reports.claims_view import StudyView, study_view
from incohort.reports.document import without_its_heading
from incohort.reports.entries import RECORD
from incohort.reports.harvest import Harvest, findings_of
from incohort.reports.identity import Known
from incohort.reports.imports import without_slow_validators
from incohort.reports.jobs import Failure
from incohort.reports.manifest import CRATE, known_in, written_by_a_run
from incohort.reports.notebooks import Notebook, read_notebook
from incohort.reports.page import Run, badges_of, marks_of, privacy_of
from incohort.reports.prose import Prose, split_title
from incohort.reports.reading import S, Shape, Text, read_shape
from incohort.reports.register import CLAIMS
from incohort.reports.withheld import Withheld, withheld
from incohort.results import CohortCard, Findings, Result
from incohort.tables.marks import Marks

PAGE, NOTEBOOK = "report.html", "notebook.ipynb"
_FILES = (PAGE, NOTEBOOK, RECORD, CLAIMS, CRATE)


class _Record(Shape):
    """What an export takes from `results.json` beside the results, which the notebook holds."""

    format: Literal["incohort results 1"]
    notebook: Text
    notebook_sha256: Text
    title: Text
    cohort: dict[Text, Any]
    parameters: dict[Text, Any]
    changed: list[Text]
    profile: Text
    is_internal: bool
    failure: dict[Text, Any] | None


class _Claims(Shape):
    """The verdicts that lie beside a report."""

    claims: list[dict[Text, Any]]


@dataclass(frozen=True, slots=True)
class Words:
    """A markdown cell, its headings at the level that they have in the report."""

    tokens: tuple[Token, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """Findings as a cell shows them; `level` is that of their title, where it is shown."""

    findings: Findings
    level: int
    is_titled: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """A parameter with its value as one would type it."""

    name: str
    value: str
    is_changed: bool
    does: str
    may_be: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a report's folder holds, typed."""

    folder: Path
    run: str  # which report it is, as its folder was called
    title: str
    notebook: str
    card: CohortCard
    profile: str
    is_internal: bool
    failure: Failure | None
    badges: tuple[str, ...]
    privacy: str
    withheld: Withheld | None
    lead: tuple[Token, ...]
    sections: tuple[Words | Shown, ...]
    findings: tuple[Findings, ...]  # in the notebook's order
    marks: Marks
    studies: tuple[StudyView, ...]
    verdicts: Mapping[str, tuple[Verdict, ...]]
    parameters: tuple[Chosen, ...]
    software: tuple[tuple[str, str], ...]

    @property
    def answer(self) -> Findings | None:
        """What answers the notebook's question, which is told first."""
        return next((section for section in self.findings if section.name.endswith(ANSWER)), None)

    @property
    def results(self) -> dict[str, Result]:
        """Every result under its key."""
        return {key: result for section in self.findings for key, result in section.by_key.items()}


def read_report(typed: str) -> Report:
    """The report in a folder, or the one that a `report.html` is of.

    Raises:
        UsageError: There is none, or something in it is not as the run wrote it.
    """
    folder, known = _located(typed)
    record = _shape(folder, RECORD, _Record)
    judged = _shape(folder, CLAIMS, _Claims)
    try:
        return _report(folder, known, record, judged)
    except (ValidationError, ValueError, KeyError, TypeError, AttributeError):
        raise _unreadable(folder, "it holds something else than this version writes") from None


def _located(typed: str) -> tuple[Path, Known]:
    path = typed_path(typed, "report")
    folder = path.parent if path.name == PAGE else path
    if not is_folder(folder):
        raise UsageError(
            f"{typed!r} is no report: name the folder that `incohort run` wrote, or the "
            f"{PAGE} in it."
        )
    known = known_in(folder)
    if known is None:
        raise UsageError(f"{typed!r} is no report: `incohort run` did not write it.")
    changed = sorted(set(_FILES) - written_by_a_run(folder))
    if changed:
        raise UsageError(
            f"{', '.join(changed)} in the report {typed!r} is not as the run wrote it, so nothing "
            "of it is exported. Run the notebook again."
        )
    return folder, known


def _shape(folder: Path, name: str, shape: type[S]) -> S:
    read = read_shape(folder / name, shape)
    if isinstance(read, str):
        raise _unreadable(folder, f"{name}: {read}")
    return read


def _unreadable(folder: Path, why: str) -> UsageError:
    return UsageError(f"The report {folder.name!r} can't be exported: {why}.")


def _report(folder: Path, known: Known, record: _Record, judged: _Claims) -> Report:
    node = _node(folder)
    card = TypeAdapter(CohortCard).validate_python(record.cohort)
    book = _book(folder, record)
    run = Run(
        notebook=book, card=card, overrides={}, profile=record.profile,
        is_internal=record.is_internal,
    )  # fmt: skip
    failure = TypeAdapter(Failure).validate_python(record.failure) if record.failure else None
    findings = tuple(
        f for cell in node.cells for o in cell.get("outputs", []) if (f := findings_of(o))
    )
    harvested = Harvest(node=node, findings=findings, failure=failure, seconds=())
    verdicts = _verdicts(judged)
    title, lead, sections = _contents(node, record.title)
    changed = {name: record.parameters[name] for name in record.changed}
    return Report(
        folder=folder,
        run=known.identity.folders(known.labels)[0],
        title=title,
        notebook=record.notebook,
        card=card,
        profile=record.profile,
        is_internal=record.is_internal,
        failure=failure,
        badges=tuple(badge.text for badge in badges_of(run, harvested)),
        privacy=privacy_of(run),
        withheld=withheld(harvested, record.profile, record.notebook, changed),
        lead=lead,
        sections=sections,
        findings=findings,
        marks=marks_of(card, harvested),
        studies=_views(verdicts, harvested, card),
        verdicts=verdicts,
        parameters=tuple(_chosen(record, book)),
        software=_software(folder),
    )


def _node(folder: Path) -> Any:
    with without_slow_validators():
        import nbformat  # noqa: PLC0415 — takes a while to import
    return nbformat.reads((folder / NOTEBOOK).read_text("utf-8"), as_version=4)


def _book(folder: Path, record: _Record) -> Notebook:
    """The notebook as it was run: its parameters explain themselves, where they still can."""
    try:
        parameters = read_notebook(str(folder / NOTEBOOK)).parameters
    except UsageError:  # renamed since
        parameters = ()
    return Notebook(
        name=record.notebook, path=folder / NOTEBOOK, title=record.title,
        sha256=record.notebook_sha256, parameters=parameters,
    )  # fmt: skip


def _contents(node: Any, title: str) -> tuple[str, tuple[Token, ...], tuple[Words | Shown, ...]]:
    """The title, the first paragraph and what comes after, in reading order."""
    prose, cells = Prose(), list(node.cells)
    lead: tuple[Token, ...] = ()
    if cells and cells[0].cell_type == "markdown":
        heading, rest = split_title(cells[0].source)
        title, lead = heading or title, tuple(prose.tokens(rest))
        cells = cells[1:]
    return title, lead, tuple(_parts(without_its_heading(cells), prose))


def _parts(cells: list[Any], prose: Prose) -> Iterator[Words | Shown]:
    n_headings = 0
    for cell in cells:
        if cell.cell_type == "markdown":
            yield Words(tuple(prose.tokens(cell.source)))
            continue
        # The first findings under a heading are what it announces; others need a title.
        is_titled = len(prose.headings) == n_headings
        for output in cell.get("outputs", []):
            findings = findings_of(output)
            if findings is not None and not findings.name.endswith(ANSWER):
                n_headings = len(prose.headings)
                yield Shown(findings, prose.level + 1, is_titled)


def _verdicts(judged: _Claims) -> dict[str, tuple[Verdict, ...]]:
    adapter = TypeAdapter(Verdict)
    by_study: dict[str, list[Verdict]] = {}
    for claim in judged.claims:
        values = {("claim_key" if name == "key" else name): claim[name] for name in claim}
        by_study.setdefault(str(values.pop("study")), []).append(adapter.validate_python(values))
    return {name: tuple(verdicts) for name, verdicts in by_study.items()}


def _views(
    verdicts: Mapping[str, tuple[Verdict, ...]], harvested: Harvest, card: CohortCard
) -> tuple[StudyView, ...]:
    """The studies as the report's page has them, the cohort's own first."""
    known = set(studies())
    views = [
        study_view(study(name), judged, harvested.results, is_own=name == card.study)
        for name, judged in verdicts.items()
        if name in known
    ]
    return tuple(sorted(views, key=lambda view: not view.is_own))


def _chosen(record: _Record, book: Notebook) -> Iterator[Chosen]:
    known = {parameter.name: parameter for parameter in book.parameters}
    for name, value in record.parameters.items():
        parameter = known.get(name)
        yield Chosen(
            name,
            str(value).lower() if isinstance(value, bool) else str(value),
            name in record.changed,
            parameter.does if parameter else "",
            parameter.describes if parameter else "",
        )


def _software(folder: Path) -> tuple[tuple[str, str], ...]:
    """The software that the crate names, with its versions."""
    graph = json.loads((folder / CRATE).read_text("utf-8"))["@graph"]
    return tuple(
        (str(tool["name"]), str(tool["version"]))
        for tool in graph
        if tool.get("@type") == "SoftwareApplication"
    )
