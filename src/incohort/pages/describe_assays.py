"""Neutrophil antigens, what assays see of them, and other series' figures, as listings."""

from __future__ import annotations

from collections.abc import Iterable

from incohort.dictionary.antigens import Antigen, AntigenSystem, NeutrophilAntigens, Sight
from incohort.dictionary.assay_evidence import AssaySeries
from incohort.dictionary.load import load
from incohort.pages.wording import CERTAINTY, Listing, sentence

_SEES = {"yes": "yes", "unreliably": "not reliably", "no": "no"}
_NOT_STATED = "not stated"


def antigens(known: NeutrophilAntigens) -> tuple[Listing, ...]:
    """All antigens, which assay sees which, what deceives an assay, what sources state."""
    return (
        _carriers(known),
        _sight(known),
        _reasons(known.sights),
        _confounders(known),
        _said(known),
    )


def antigen(known: NeutrophilAntigens, entry: Antigen) -> tuple[Listing, ...]:
    """One antigen: what carries it, and what is stated of the assays that look for it."""
    (system,) = (system for system in known.systems if entry in system.antigens)
    facts = (
        ("Formerly", entry.old_name),
        ("System", system.name),
        ("Gene", system.gene),
        ("Carried by", system.glycoprotein),
        ("CD", system.cluster),
        ("Alleles of the system", system.alleles),
        ("Variant", system.variant),
        ("Caucasians who have it", _share(entry)),
    )
    first = Listing(
        title=entry.name,
        heads=("What", "Is"),
        rows=tuple(fact for fact in facts if fact[1]),
        text=sentence(entry.note, system.note, f"Source: {system.source}"),
    )
    reasons = _reasons(sight for sight in known.sights if entry.name in sight.antigens)
    return (first, reasons) if reasons.rows else (first,)


def _carriers(known: NeutrophilAntigens) -> Listing:
    rows = tuple(
        (
            entry.name,
            entry.old_name,
            system.gene,
            _carrier(system),
            system.alleles or system.variant,
            _share(entry),
            sentence(entry.note, system.note),
        )
        for system in known.systems
        for entry in system.antigens
    )
    heads = ("Antigen", "Formerly", "Gene", "Carried by", "Alleles, variant", "Caucasians", "Note")
    sources = dict.fromkeys(f"{s.source} ({CERTAINTY[s.certainty]})" for s in known.systems)
    shares = f"{known.frequency_source} ({CERTAINTY[known.frequency_certainty]})"
    text = f"Sources: {'; '.join(sources)}. Shares of Caucasians: {shares}."
    return Listing(title="Human neutrophil antigens", heads=heads, rows=rows, text=text)


def _carrier(system: AntigenSystem) -> str:
    if system.cluster in {"", system.glycoprotein}:
        return system.glycoprotein
    return f"{system.glycoprotein}, {system.cluster}"


def _share(entry: Antigen) -> str:
    frequency = entry.caucasian_frequency
    return "" if frequency is None else f"{100 * frequency:.0f} %"


def _sight(known: NeutrophilAntigens) -> Listing:
    """One row per antigen of which anything is stated, one column per assay."""
    labels = _assay_labels()
    assays = [name for name in labels if any(sight.assay == name for sight in known.sights)]
    stated = {name for sight in known.sights for name in sight.antigens}
    rows = tuple(
        (entry.name, *(_seen(known.sight(assay, entry.name)) for assay in assays))
        for entry in known.antigens
        if entry.name in stated
    )
    return Listing(
        title="Which assay sees antibodies against which antigen",
        heads=("Antigen", *(labels[assay] for assay in assays)),
        rows=rows,
        text="Of other antigens and assays nothing is stated in what was read.",
    )


def _seen(sight: Sight | None) -> str:
    return _SEES[sight.sees] if sight else _NOT_STATED


def _reasons(sights: Iterable[Sight]) -> Listing:
    labels = _assay_labels()
    rows = tuple(
        (
            labels[sight.assay],
            ", ".join(sight.antigens),
            _SEES[sight.sees],
            sight.text,
            f"{sight.source} ({CERTAINTY[sight.certainty]})",
        )
        for sight in sights
    )
    heads = ("Assay", "Antigen", "Sees it", "What is stated", "Source")
    return Listing(title="What is stated of the assays", heads=heads, rows=rows)


def _confounders(known: NeutrophilAntigens) -> Listing:
    labels = _assay_labels()
    rows = tuple(
        (
            entry.label,
            ", ".join(labels[assay] for assay in entry.assays) or _NOT_STATED,
            entry.text,
            f"{entry.source} ({CERTAINTY[entry.certainty]})",
        )
        for entry in known.confounders
    )
    heads = ("What", "Assays", "What is stated", "Source")
    return Listing(title="What makes an assay falsely positive", heads=heads, rows=rows)


def _said(known: NeutrophilAntigens) -> Listing:
    rows = tuple(
        (said.text, said.source, CERTAINTY[said.certainty], said.contradicts)
        for said in known.statements
    )
    heads = ("Statement", "Source", "Certainty", "Contradicted")
    return Listing(title="What sources state", heads=heads, rows=rows)


def _assay_labels() -> dict[str, str]:
    """The assays' names as people know them, in the dictionary's order."""
    columns = {column.name: column for column in load().table("antibody_tests").columns}
    return {entry.value: entry.label for entry in columns["assay"].categories}


def series(entries: Iterable[AssaySeries]) -> Listing:
    """What other series found, one figure a row."""
    labels = _assay_labels()
    rows = tuple(
        (
            entry.study,
            entry.population,
            labels.get(entry.assay, ""),
            f"{entry.n} {entry.counted}",
            entry.as_printed,
            entry.source,
            CERTAINTY[entry.certainty],
        )
        for entry in entries
    )
    heads = ("Series", "Of whom", "Assay", "Number", "As printed", "Source", "Certainty")
    text = "Figures that stand alone: no table of results can be rebuilt from them."
    return Listing(title="What other series found", heads=heads, rows=rows, text=text)
