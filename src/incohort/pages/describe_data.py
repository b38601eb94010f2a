"""Tables and analytes as listings: what a cell may hold, in which unit, under which code."""

from __future__ import annotations

from collections.abc import Iterable

from incohort.dictionary.collected import Collected
from incohort.dictionary.load import Dictionary, load
from incohort.dictionary.models import Analyte, ColumnSpec, TableSpec
from incohort.dictionary.wording import in_unit, unit_words
from incohort.pages.wording import (
    CODE_HEADS,
    Listing,
    code_rows,
    codes_words,
    factor_words,
    range_words,
    required_words,
    sentence,
    what_may_stand,
)


def tables(known: Dictionary) -> Listing:
    """The tables of a cohort."""
    rows = tuple(
        (spec.name, spec.one_row_per, f"{spec.label}{' (required)' if spec.required else ''}")
        for spec in known.tables.values()
    )
    heads = ("Table", "One row per", "What it holds")
    return Listing(title="Tables of a cohort", heads=heads, rows=rows)


def table(spec: TableSpec) -> tuple[Listing, ...]:
    """The columns of a table, then the values of each column that has a list of them."""
    rows = tuple(
        (column.name, what_may_stand(column), required_words(column), _meaning(column))
        for column in spec.columns
    )
    heads = ("Column", "May be", "Required", "What it means")
    key = f"No two rows share {', '.join(spec.primary_key)}."
    columns = Listing(
        title=f"{spec.name}: {spec.label}",
        heads=heads,
        rows=rows,
        text=sentence(f"One row per {spec.one_row_per}", spec.description, key),
    )
    lists = [_categories(spec, column) for column in spec.columns if column.categories]
    codes = [
        Listing(title=f"{spec.name}.{column.name}: codes", heads=CODE_HEADS, rows=coded(column))
        for column in spec.columns
        if column.codes or column.excluded_codes
    ]
    rules = [_contradictions(spec)] if spec.contradictions else []
    return (columns, *rules, *lists, *codes)


def _contradictions(spec: TableSpec) -> Listing:
    """What is refused of two cells of one row, by the cell at which it is told."""
    rows = tuple(
        (entry.other, f"{entry.why[0].upper()}{entry.why[1:]}", entry.remedy)
        for entry in spec.contradictions
    )
    heads = ("Told at", "Because", "What to do")
    return Listing(title=f"{spec.name}: two cells that can't both be right", heads=heads, rows=rows)


def collected(entries: Iterable[Collected]) -> Listing:
    """What a cohort may say it collected, and what an absent row then means."""
    rows = tuple((entry.name, _rows_meant(entry), entry.text) for entry in entries)
    text = (
        'A cohort lists these in its datapackage.json, as "incohort": {"collected": ["deaths"]}. '
        "Without that key an absent row says nothing. What a list leaves out was not collected."
    )
    heads = ("Name", "Rows", "Who has none")
    return Listing(title="What was collected", heads=heads, rows=rows, text=text)


def _rows_meant(entry: Collected) -> str:
    if entry.column is None:
        return entry.table
    return f"{entry.table} whose {entry.column} is {' or '.join(entry.values)}"


def _meaning(column: ColumnSpec) -> str:
    return sentence(column.label, column.description)


def _categories(spec: TableSpec, column: ColumnSpec) -> Listing:
    rows = tuple(
        (
            entry.value,
            sentence(entry.label, entry.description).rstrip("."),
            codes_words(entry.codes),
        )
        for entry in column.categories
    )
    heads = ("Value", "What it means", "Codes")
    return Listing(title=f"{spec.name}.{column.name} may be", heads=heads, rows=rows)


def coded(entry: ColumnSpec | Analyte) -> tuple[tuple[str, ...], ...]:
    """The codes of a column or analyte; those that mean something else are marked `not`."""
    return code_rows(entry.codes) + tuple(
        (f"not {code}", display, note) for code, display, note in code_rows(entry.excluded_codes)
    )


def analytes(entries: Iterable[Analyte]) -> Listing:
    """The analytes with canonical unit, ranges and codes."""
    rows = tuple(
        (
            entry.name,
            entry.label,
            unit_words(entry.unit),
            range_words(entry.plausible),
            range_words(entry.hard),
            codes_words(entry.codes),
        )
        for entry in entries
    )
    heads = ("Analyte", "What it is", "Unit", "Plausible", "Accepted", "Codes")
    text = (
        "Ranges are in the unit shown. Outside the accepted range a value is a fault, outside the "
        "plausible one it is worth a look."
    )
    return Listing(title="Analytes", heads=heads, rows=rows, text=text)


def units(entry: Analyte, title: str) -> Listing:
    """The accepted units of an analyte, what each becomes, how else it may be spelt."""
    rows = tuple(
        (accepted.unit, factor_words(entry, accepted), ", ".join(accepted.aliases))
        for accepted in entry.units
    )
    heads = ("Unit", f"In {unit_words(entry.unit)}", "Also written")
    return Listing(title=title, heads=heads, rows=rows)


def analyte(entry: Analyte) -> tuple[Listing, ...]:
    """One analyte: ranges, accepted units, codes."""
    facts = [
        ("Canonical unit", f"{unit_words(entry.unit)} (UCUM {entry.unit})"),
        ("Plausible", in_unit(range_words(entry.plausible), entry.unit)),
        ("Accepted", in_unit(range_words(entry.hard), entry.unit)),
    ]
    if entry.part_of:
        facts.append(("Part of", part_words(entry)))
    if entry.equivalent:
        facts.append(("The same substance", equivalent_words(entry)))
    first = Listing(
        title=f"{entry.name}: {entry.label}",
        heads=("What", "Is"),
        rows=tuple(facts),
        text=entry.description,
    )
    listings = [first, units(entry, f"{entry.name}: accepted units")]
    if coded(entry):
        title = f"{entry.name}: codes"
        listings.append(Listing(title=title, heads=CODE_HEADS, rows=coded(entry)))
    return tuple(listings)


def part_words(entry: Analyte) -> str:
    """What an analyte is a part of, and what a share gives; empty where it is none."""
    if entry.part_of is None:
        return ""
    slack = f", which it may exceed by {entry.part_of.slack:.0%}" if entry.part_of.slack else ""
    gives = f"; with that it gives {entry.gives}" if entry.gives else ""
    return f"{entry.part_of.analyte} of the same sample{slack}{gives}"


def equivalent_words(entry: Analyte) -> str:
    """How an analyte turns into the other one of the same substance; empty where there is none."""
    if entry.equivalent is None:
        return ""
    other = load().analyte(entry.equivalent.analyte)
    unit, factor = unit_words(other.unit), entry.equivalent.factor
    here = f"{entry.name} in {unit_words(entry.unit)}"
    return f"{here} × {factor:g} is {other.name} in {unit} ({entry.equivalent.source})"
