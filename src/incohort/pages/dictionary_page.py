"""The dictionary as a page for people: docs/dictionary.md, written from the YAML by this module."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from incohort.dictionary.antigens import hna
from incohort.dictionary.assay_evidence import assay_series
from incohort.dictionary.collected import collectable
from incohort.dictionary.evidence import gcsf_arms, gcsf_pooled, recovery_series
from incohort.dictionary.load import Dictionary, load, studies, study
from incohort.dictionary.models import Analyte
from incohort.dictionary.printed_shares import printed_shares
from incohort.dictionary.publications import Study
from incohort.dictionary.wording import unit_words
from incohort.pages import describe_assays as assays
from incohort.pages import describe_clinical as clinical
from incohort.pages import describe_data as data
from incohort.pages import describe_printed as printed
from incohort.pages import describe_recovery as recovery
from incohort.pages.dictionary_text import ATTRIBUTION, INTRODUCTION
from incohort.pages.wording import CODE_HEADS, Listing, sentence

_FILE = Path("docs") / "dictionary.md"


def dictionary_page() -> str:
    """The whole dictionary as GitHub Markdown; the same dictionary gives the same text."""
    known = load()
    parts = [
        INTRODUCTION,
        _contents(),
        *_tables(known),
        *_analytes(known),
        *_definitions(known),
        *_drugs(known),
        *_antigens(),
        *_recovery(),
        *_percentages(),
        *_studies(),
        "## Where the codes come from",
        ATTRIBUTION,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _contents() -> str:
    lines: tuple[tuple[str, Iterable[str]], ...] = (
        ("Tables", load().tables),
        ("What was collected", ()),
        ("Analytes", ()),
        ("Severity", ()),
        ("Definitions", ()),
        ("Drugs", ()),
        ("Neutrophil antigens", ()),
        ("Antibody series", ()),
        ("Recovery and G-CSF", ()),
        ("Printed percentages", ()),
        ("Published studies", studies()),
        ("Where the codes come from", ()),
    )
    return "\n".join(f"- {_link(head)}{_links(entries)}" for head, entries in lines)


def _links(entries: Iterable[str]) -> str:
    linked = " · ".join(map(_link, entries))
    return f": {linked}" if linked else ""


def _link(heading: str) -> str:
    return f"[{in_markdown(heading)}](#{anchor(heading)})"


def anchor(heading: str) -> str:
    """The anchor that GitHub gives a heading.

    >>> anchor("Late-onset neutropenia after rituximab, count")
    'late-onset-neutropenia-after-rituximab-count'
    """
    return re.sub(r"[^\w\- ]", "", heading.casefold()).replace(" ", "-")


def _tables(known: Dictionary) -> Iterator[str]:
    yield "## Tables"
    yield _table(data.tables(known))
    for spec in known.tables.values():
        columns, *lists = data.table(spec)
        yield f"### {spec.name}"
        yield in_markdown(columns.text)
        yield _table(columns)
        for listing in lists:
            yield f"**{in_markdown(listing.title)}**"
            yield _table(listing)
    said = data.collected(collectable().values())
    yield f"## {said.title}"
    yield in_markdown(said.text)
    yield _table(said)


def _analytes(known: Dictionary) -> Iterator[str]:
    listing = data.analytes(known.analytes.values())
    yield "## Analytes"
    yield listing.text
    yield _table(listing)
    said = [(entry.name, entry.description) for entry in known.analytes.values()]
    yield "\n".join(f"- **{name}**: {in_markdown(text)}" for name, text in said if text)
    yield "Parts can’t exceed their whole, alone or together; where they do, it is worth a look:"
    parts = [(entry.name, data.part_words(entry)) for entry in known.analytes.values()]
    yield "\n".join(f"- {name} is part of {in_markdown(text)}" for name, text in parts if text)
    swaps = [data.equivalent_words(entry) for entry in known.analytes.values()]
    yield "Mass and molar results are two analytes each, so that one can’t pass for the other:"
    yield "\n".join(f"- {in_markdown(swap)}" for swap in swaps if swap)
    yield "### Accepted units"
    yield "Spelling is compared without case and spaces; 10⁹ is read as 10^9 and µ as u."
    yield from _units(list(known.analytes.values()))
    yield "### Codes of analytes"
    yield "“Not” marks a code that has been met in this place and means something else."
    rows = tuple(
        (entry.name, *row) for entry in known.analytes.values() for row in data.coded(entry)
    )
    yield _table(Listing(title="", heads=("Analyte", *CODE_HEADS), rows=rows))


def _units(entries: list[Analyte]) -> Iterator[str]:
    """One table for all analytes that accept the same units."""
    ways = list(dict.fromkeys(entry.units for entry in entries))
    order = sorted(entries, key=lambda entry: ways.index(entry.units))
    for _, group in groupby(order, key=lambda entry: entry.units):
        alike = list(group)
        yield f"**{', '.join(entry.name for entry in alike)}**, in {unit_words(alike[0].unit)}"
        yield _table(data.units(alike[0], ""))


def _definitions(known: Dictionary) -> Iterator[str]:
    yield "## Severity"
    systems = clinical.severity_systems(known)
    yield systems.text
    yield _table(systems)
    for system in known.definitions.severity_systems:
        about = clinical.severity_system(system).text
        yield f"**{in_markdown(system.label)}** (`{system.name}`). {in_markdown(about)}"
    yield "## Definitions"
    yield "Where sources disagree, alternatives stand side by side; a notebook’s parameter chooses."
    rows = [
        f"| {_link(entry.label)} | {in_markdown(row[-1])} |"
        for entry, row in zip(
            known.definitions.definitions, clinical.definitions(known).rows, strict=True
        )
    ]
    yield "\n".join(["| Definition | Thresholds |", "| --- | --- |", *rows])
    for entry in known.definitions.definitions:
        yield f"### {entry.label}"
        yield f"`{entry.name}`. {in_markdown(entry.text)}"
        for listing in clinical.definition(entry):
            if listing.rows:
                yield _table(listing)


def _drugs(known: Dictionary) -> Iterator[str]:
    listed, acting = clinical.drugs(known, known.drugs)
    yield "## Drugs"
    yield listed.text
    yield _table(listed)
    yield f"**{acting.title}**"
    yield _table(acting)


def _antigens() -> Iterator[str]:
    carriers, *others = assays.antigens(hna())
    yield "## Neutrophil antigens"
    yield in_markdown(carriers.text)
    yield _table(carriers)
    for listing in others:
        yield f"**{in_markdown(listing.title)}**"
        yield in_markdown(listing.text)
        yield _table(listing)
    series = assays.series(assay_series())
    yield "## Antibody series"
    yield in_markdown(series.text)
    yield _table(series)


def _recovery() -> Iterator[str]:
    yield "## Recovery and G-CSF"
    listings = (
        recovery.arms(gcsf_arms()),
        recovery.pooled(gcsf_pooled()),
        recovery.series(recovery_series()),
    )
    for listing in listings:
        yield f"**{in_markdown(listing.title)}**"
        yield in_markdown(listing.text)
        yield _table(listing)


def _percentages() -> Iterator[str]:
    listing = printed.percentages(printed_shares())
    yield "## Printed percentages"
    yield in_markdown(listing.text)
    yield _table(listing)


def _studies() -> Iterator[str]:
    yield "## Published studies"
    for name in studies():
        yield f"### {name}"
        yield from _study(study(name))


def _study(published: Study) -> Iterator[str]:
    numbers = [("doi", published.doi), ("PMID", published.pmid), ("", published.pmcid)]
    yield sentence(published.citation, ", ".join(f"{a} {b}".strip() for a, b in numbers if b))
    whom = f" The figures are of {published.population}." if published.population else ""
    yield in_markdown(f"{published.design}{whom}")
    for derived in (False, True):
        listing = clinical.printed(published, derived=derived)
        if listing.rows:
            yield f"**{listing.title}**"
            yield _table(listing)
    if published.not_published:
        yield "**What was not published**"
        rows = tuple((entry.what, entry.consequence) for entry in published.not_published)
        yield _table(Listing(title="", heads=("Not found", "So"), rows=rows))
    if published.notes:
        yield "\n".join(f"- {in_markdown(note)}" for note in published.notes)


def _table(listing: Listing) -> str:
    filled = listing.without_empty_columns()
    rows = [filled.heads, ("---",) * len(filled.heads), *filled.rows]
    return "\n".join(f"| {' | '.join(map(in_markdown, row))} |" for row in rows)


def in_markdown(words: str) -> str:
    """Words that Markdown leaves as they are: on one line, with nothing that it would read."""
    return re.sub(r"([\\|*<>\[\]~])", r"\\\1", " ".join(words.split()))


def main() -> None:
    """Write the page into the checkout that this is run from."""
    _FILE.parent.mkdir(exist_ok=True)
    _FILE.write_text(dictionary_page(), encoding="utf-8")


if __name__ == "__main__":
    main()
