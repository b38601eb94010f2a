"""Severity, definitions, drugs and printed figures as listings, alternatives side by side."""

from __future__ import annotations

from collections.abc import Sequence

from incohort.dictionary.load import Dictionary
from incohort.dictionary.models import Definition, Drug, SeveritySystem
from incohort.dictionary.publications import Study
from incohort.pages.wording import (
    CERTAINTY,
    CODE_CERTAINTY,
    CODE_HEADS,
    Listing,
    code_rows,
    grade_words,
    sentence,
    threshold_words,
)


def severity_systems(known: Dictionary) -> Listing:
    """Every way of grading side by side; one row per system and grade."""
    rows = tuple(
        (
            system.name,
            grade.label,
            grade_words(grade, system.upper_limit),
            CERTAINTY[system.certainty],
        )
        for system in known.definitions.severity_systems
        for grade in system.grades
    )
    heads = ("System", "Grade", "ANC, 10⁹/L", "Certainty")
    text = "A grade holds its lower bound: a count of exactly 1.0 is mild, not moderate."
    return Listing(title="Severity systems", heads=heads, rows=rows, text=text)


def severity_system(system: SeveritySystem) -> Listing:
    """One way of grading, with its source."""
    rows = tuple((g.name, g.label, grade_words(g, system.upper_limit)) for g in system.grades)
    source = f"Source ({CERTAINTY[system.certainty]}): {system.source}"
    return Listing(
        title=f"{system.name}: {system.label}",
        heads=("Grade", "Label", "ANC, 10⁹/L"),
        rows=rows,
        text=sentence(source, system.note),
    )


def definitions(known: Dictionary) -> Listing:
    """The clinical definitions with all their alternatives in a cell each."""
    rows = tuple(
        (entry.name, entry.label, "; ".join(map(threshold_words, entry.alternatives)))
        for entry in known.definitions.definitions
    )
    heads = ("Definition", "What it is", "Alternatives")
    return Listing(title="Definitions", heads=heads, rows=rows)


def definition(entry: Definition) -> tuple[Listing, ...]:
    """One definition: its alternatives side by side, what sources state, its codes."""
    alternatives = Listing(
        title=f"{entry.name}: {entry.label}",
        heads=("Choice", "Threshold", "Source", "Certainty"),
        rows=tuple(
            (
                choice.name,
                sentence(_of(choice.analyte) + threshold_words(choice), choice.note).rstrip("."),
                choice.source,
                CERTAINTY[choice.certainty],
            )
            for choice in entry.alternatives
        ),
        text=entry.text,
    )
    statements = Listing(
        title="What sources state",
        heads=("Statement", "Source", "Certainty", "Contradicted"),
        rows=tuple(
            (said.text, said.source, CERTAINTY[said.certainty], said.contradicts)
            for said in entry.statements
        ),
    )
    codes = Listing(title="Codes", heads=CODE_HEADS, rows=code_rows(entry.codes))
    return (alternatives, *(part for part in (statements, codes) if part.rows))


def _of(analyte: str | None) -> str:
    return f"{analyte} " if analyte else ""


def drugs(known: Dictionary, entries: Sequence[Drug]) -> tuple[Listing, ...]:
    """The drugs with present and former codes, then how biologics are thought to act."""
    names = {drug.name: known.names_of(drug) for drug in entries}
    rows = tuple(
        (
            drug.name,
            ", ".join((drug.atc, *drug.also_atc)),
            ", ".join(drug.former_atc),
            drug.drug_class,
            drug.role,
            CODE_CERTAINTY.get(drug.certainty, ""),
            ", ".join(names.get(drug.name, ())),
        )
        for drug in entries
    )
    acting = tuple((drug.name, drug.mechanism) for drug in entries if drug.mechanism)
    heads = ("Drug", "ATC", "Former ATC", "Class", "Role", "Codes", "Also read as")
    text = (
        "Present and former codes are both accepted. Role: suspected cause, treatment, or both. A "
        "row without a code is read by its name, whatever its case, accents, signs, or a dose "
        "behind it; a name that is not known counts for no drug."
    )
    listed = Listing(title="Drugs", heads=heads, rows=rows, text=text)
    how = ("Drug", "Thought to act by")
    if not acting:
        return (listed,)
    return (listed, Listing(title="How biologics lower neutrophils", heads=how, rows=acting))


def printed(study: Study, *, derived: bool) -> Listing:
    """The figures of a study: those it printed, or those worked out here from them.

    A figure that two analyses are held against stands once.
    """
    claims = [claim for claim in study.claims if (claim.certainty == "derived") is derived]
    title = "Worked out here from them" if derived else "Figures it printed"
    rows = dict.fromkeys(
        (
            claim.label,
            claim.as_printed,
            "" if derived else claim.location,
            sentence(claim.impossible, claim.note),
        )
        for claim in claims
    )
    heads = ("Figure", "Value" if derived else "As printed", "Where", "Beware")
    return Listing(title=title, heads=heads, rows=tuple(rows))
