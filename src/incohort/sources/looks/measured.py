"""Laboratory values with all that the rules on what is worth a look ask of them."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from incohort.dictionary import load
from incohort.sources.cells import cell, meaning
from incohort.sources.measurements import UnitUse, converted
from incohort.sources.raw import ROW, Raw

APART = " in "  # between analyte and unit, in a subject
_NEEDED = {"patient_id", "analyte", "unit", "value"}


def measured(raw: Raw, uses: Sequence[UnitUse]) -> ir.Table | None:
    """The values that can be read, computed once; None where there are none.

    `canonical` is the value in the analyte's own unit. The truth lies between `least` and `most`:
    half a unit of the last digit to either side, NULL where `<` or `>` leaves that side open.
    `written` is the unit as the dictionary spells it, `subject` the analyte and that, `taken` the
    time of the sample. `is_fault` is a value outside the accepted range.
    """
    labs = raw.tables.get("labs")
    if labs is None or not uses or not {*labs.columns} >= _NEEDED:
        return None
    specs = {column.name: column for column in load().table("labs").columns}
    table = labs.table
    has_sign, has_time, has_specimen = (
        name in labs.columns for name in ("comparator", "taken_at", "specimen")
    )
    sign = cell(table, specs["comparator"]).fill_null("") if has_sign else ibis.literal("")
    read = table.select(
        ROW,
        "patient_id",
        analyte=cell(table, specs["analyte"]),
        unit=cell(table, specs["unit"]),
        text=table["value"],
        number=meaning(table, specs["value"]),
        sign=sign,
        taken=meaning(table, specs["taken_at"]) if has_time else ibis.null("timestamp"),
        specimen=table["specimen"] if has_specimen else ibis.null("string"),
    )
    known = read.inner_join(_units(uses), ["analyte", "unit"]).filter(lambda t: t.number.notnull())
    canonical = converted(known.number, known.factor, known.divisor)
    slack = converted(_half_of_last_digit(known.text), known.factor, known.divisor)
    values = known.select(
        ROW,
        "patient_id",
        "analyte",
        "unit",
        "written",
        "subject",
        "text",
        "number",
        "sign",
        "taken",
        "specimen",
        "plausible_low",
        "plausible_high",
        # what is a fault is told as one, and nowhere else
        is_fault=((canonical < known.hard_low) | (canonical > known.hard_high)).fill_null(
            False  # noqa: FBT003 — a value
        ),
        canonical=canonical,
        least=known.sign.isin(["<", "<="]).ifelse(ibis.null("float64"), canonical - slack),
        most=known.sign.isin([">", ">="]).ifelse(ibis.null("float64"), canonical + slack),
    )
    return raw.connection.create_table("looked_at_labs", values, overwrite=True)


def _half_of_last_digit(text: ir.StringValue) -> ir.FloatingValue:
    """Half a unit of the last digit written; of 1.5e3 nothing is known of the digits: 0."""
    point = text.find(".")
    decimals = (point < 0).ifelse(0, text.length() - point - 1)
    is_power = text.contains("e") | text.contains("E")
    return is_power.ifelse(0.0, 0.5 * ibis.literal(10.0) ** -decimals)


def _units(uses: Sequence[UnitUse]) -> ir.Table:
    """The units in use as a table: what to convert by, and what is plausible after that."""
    rows = []
    for use in uses:
        analyte = load().analytes[use.analyte]
        accepted = analyte.accepted(use.unit)
        written = accepted.unit if accepted else use.unit
        rows.append(
            {
                "analyte": use.analyte,
                "unit": use.unit,
                "written": written,
                "subject": f"{use.analyte}{APART}{written}",
                "factor": use.factor,
                "divisor": use.divisor,
                "plausible_low": analyte.plausible.low,
                "plausible_high": analyte.plausible.high,
                "hard_low": analyte.hard.low,
                "hard_high": analyte.hard.high,
            }
        )
    texts = dict.fromkeys(("analyte", "unit", "written", "subject"), "string")
    limits = ("plausible_low", "plausible_high", "hard_low", "hard_high")
    numbers = dict.fromkeys(("factor", "divisor", *limits), "float64")
    return ibis.memtable(rows, schema=texts | numbers)
