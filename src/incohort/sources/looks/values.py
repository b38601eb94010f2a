"""Laboratory values that no patient is likely to have had, or that another unit would explain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import ibis
import ibis.expr.types as ir

from incohort.dictionary import AcceptedUnit, Analyte, load
from incohort.dictionary.wording import in_unit, unit_words
from incohort.results import Concern
from incohort.sources.cells import cell, meaning
from incohort.sources.looks.telling import Group, Odd, Words, told
from incohort.sources.measurements import UnitUse, converted
from incohort.sources.raw import ROW, Raw, RawTable

_APART = " in "  # between analyte and unit, in a subject
_OTHER_UNIT = 9.0  # a unit less than this many times another one is no slip of the pen


def concerns(raw: Raw, uses: Sequence[UnitUse]) -> Iterator[Concern]:
    """The values outside the dictionary's plausible ranges, each in its analyte's own unit."""
    labs = raw.tables.get("labs")
    if (
        labs is None
        or not uses
        or not {"patient_id", "analyte", "unit", "value"} <= {*labs.columns}
    ):
        return
    table = measured(labs, uses)
    judged = table.mutate(
        rule=ibis.cases(
            (table.least > table.plausible_high, "above_plausible"),
            (table.most < table.plausible_low, "below_plausible"),
        )
    )
    rows = judged.filter(judged.rule.notnull())
    odd = Odd(
        table="labs",
        column="value",
        rows=rows.select(ROW, "patient_id", "rule", "subject", "shown", size=rows.canonical),
        asked=table.select("patient_id", "subject"),
    )
    yield from told(raw, odd, _say)


def measured(labs: RawTable, uses: Sequence[UnitUse]) -> ir.Table:
    """The values that can be read, with all that the rules ask of them.

    `canonical` is the value in the analyte's own unit. The truth lies between `least` and `most`:
    they are half a unit of the last digit to either side of it, and NULL where `<` or `>` stands
    beside the value. `subject` is the analyte and the unit as the dictionary writes it.
    """
    specs = {column.name: column for column in load().table("labs").columns}
    table = labs.table
    has_sign = "comparator" in labs.columns
    sign = cell(table, specs["comparator"]).fill_null("") if has_sign else ibis.literal("")
    read = table.select(
        ROW,
        "patient_id",
        analyte=cell(table, specs["analyte"]),
        unit=cell(table, specs["unit"]),
        text=table["value"],
        number=meaning(table, specs["value"]),
        sign=sign,
    )
    known = read.inner_join(_units(uses), ["analyte", "unit"]).filter(lambda t: t.number.notnull())
    decimals = known.text.re_extract(r"^[-+]?\d*\.(\d*)$", 1).length()
    canonical = converted(known.number, known.factor, known.divisor)
    # Nothing is known of the digits behind 1.5e3; a whole number is exact to half of one.
    is_plain = ~known.text.lower().contains("e")
    half = is_plain.ifelse(0.5 * ibis.literal(10.0) ** -decimals, 0.0)
    slack = converted(half, known.factor, known.divisor)
    return known.mutate(
        canonical=canonical,
        least=known.sign.isin(["<", "<="]).ifelse(ibis.null("float64"), canonical - slack),
        most=known.sign.isin([">", ">="]).ifelse(ibis.null("float64"), canonical + slack),
        subject=known.analyte + _APART + known.written,
        shown=known.sign + known.text + " " + known.unit,
    )


def _units(uses: Sequence[UnitUse]) -> ir.Table:
    """The units in use as a table: what to convert by, and what is plausible after that."""
    rows = []
    for use in uses:
        analyte = load().analytes[use.analyte]
        accepted = analyte.accepted(use.unit)
        rows.append(
            {
                "analyte": use.analyte,
                "unit": use.unit,
                "written": accepted.unit if accepted else use.unit,
                "factor": use.factor,
                "divisor": use.divisor,
                "plausible_low": analyte.plausible.low,
                "plausible_high": analyte.plausible.high,
            }
        )
    texts = dict.fromkeys(("analyte", "unit", "written"), "string")
    numbers = dict.fromkeys(("factor", "divisor", "plausible_low", "plausible_high"), "float64")
    return ibis.memtable(rows, schema=texts | numbers)


def _say(group: Group) -> Words:
    name, _, unit = group.subject.partition(_APART)
    analyte = load().analytes[name]
    other = _likely_unit(analyte, unit, group)
    is_above = group.rule == "above_plausible"
    limit = analyte.plausible.high if is_above else analyte.plausible.low
    bound = in_unit(f"{limit:g}", analyte.unit)
    is_count = analyte.unit.startswith("10*9")
    subject = f"{analyte.name} in {unit_words(unit)}"
    if is_above and is_count:
        sentence = f"Counts of {analyte.name} above any that a person can have, more than {bound}"
    elif is_above:
        sentence = f"{analyte.name} above what is plausible even in the very ill, more than {bound}"
    else:
        sentence = f"{analyte.name} below what is plausible even in the very ill, less than {bound}"
    if other is None:
        remedy = "Compare with the record: the value, its unit and its decimal point."
        return Words(subject=subject, sentence=f"{sentence}.", remedy=remedy)
    sentence += f": likely {'per µL' if other.unit == '/uL' else f'in {unit_words(other.unit)}'}."
    remedy = (
        f"Compare with the record. If {unit_words(other.unit)} is right, correct the unit, also of "
        "this patient's other values in this unit that look possible."
    )
    if is_above and name == "ANC":
        remedy = f"As it stands, the sickest count as healthy. {remedy}"
    return Words(subject=subject, sentence=sentence, remedy=remedy, is_grave=is_count)


def _likely_unit(analyte: Analyte, unit: str, group: Group) -> AcceptedUnit | None:
    """The accepted unit, far from the one written, in which all of the values are plausible."""
    written = analyte.accepted(unit)
    if written is None:
        return None
    low, high = analyte.plausible.low or 0.0, analyte.plausible.high or float("inf")
    for accepted in analyte.units:
        ratio = accepted.factor / written.factor
        is_far = max(ratio, 1 / ratio) >= _OTHER_UNIT
        if is_far and group.low * ratio >= low and group.high * ratio <= high:
            return accepted
    return None
