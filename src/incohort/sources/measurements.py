"""Laboratory values: which units a cohort uses, and what each becomes in the canonical one."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from incohort.dictionary import Analyte, load, nearest
from incohort.errors import Fault
from incohort.sources.raw import ROW, RawTable
from incohort.sources.rules import cell, number

_MAX_LISTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitUse:
    """One unit in which a cohort gives one analyte, and the factor to the canonical unit."""

    analyte: str
    unit: str
    factor: float


def parsed(table: ir.Table) -> ir.Table:
    """The labs with analyte, unit and number, as far as they can be read."""
    specs = {column.name: column for column in load().table("labs").columns}
    return table.select(
        ROW,
        analyte=cell(table, specs["analyte"]),
        unit=cell(table, specs["unit"]),
        shown=table["value"],
        number=number(cell(table, specs["value"])),
    )


def judge_units(raw: RawTable) -> tuple[tuple[UnitUse, ...], tuple[Fault, ...]]:
    """The accepted units in use, and every fault of a unit or of a value outside its hard range."""
    if not {"analyte", "value", "unit"} <= set(raw.columns):
        return (), ()
    table = parsed(raw.table)
    known = table.filter(table.analyte.isin(tuple(load().analytes)), table.unit.notnull())
    pairs = (
        known.group_by("analyte", "unit")
        .aggregate(
            n=known.count(), first=known[ROW].min(),
            low=known.number.min(), high=known.number.max(),
        )
        .order_by("analyte", "unit")
        .execute()
    )  # fmt: skip
    uses: list[UnitUse] = []
    faults: list[Fault] = []
    for pair in pairs.itertuples():
        analyte = load().analytes[pair.analyte]
        accepted = analyte.accepted(pair.unit)
        if accepted is None:
            faults.append(_unit_fault(analyte, pair.unit, int(pair.first), int(pair.n)))
            continue
        uses.append(UnitUse(analyte=pair.analyte, unit=pair.unit, factor=accepted.factor))
        low, high = analyte.hard.low, analyte.hard.high
        if (low is not None and pair.low * accepted.factor < low) or (
            high is not None and pair.high * accepted.factor > high
        ):
            faults += _range_faults(table, analyte, pair.unit, accepted.factor)
    return tuple(uses), tuple(faults)


def factors(uses: tuple[UnitUse, ...]) -> ir.Table:
    """The units in use as a table: analyte, unit, factor, canonical."""
    rows = [
        {
            "analyte": use.analyte,
            "unit": use.unit,
            "factor": use.factor,
            "canonical": load().analytes[use.analyte].unit,
        }
        for use in uses
    ]
    schema = {"analyte": "string", "unit": "string", "factor": "float64", "canonical": "string"}
    return ibis.memtable(rows, schema=schema)


def _unit_fault(analyte: Analyte, unit: str, row: int, count: int) -> Fault:
    units = [accepted.unit for accepted in analyte.units]
    spellings = [*units, *(alias for entry in analyte.units for alias in entry.aliases)]
    match = nearest(unit, spellings)
    hint = f"Did you mean {match!r}? " if match else ""
    other = analyte.equivalent.analyte if analyte.equivalent else None
    if other and load().analytes[other].accepted(unit):
        hint = f"In {unit} the analyte is {other}. "
    return Fault(
        table="labs",
        column="unit",
        row=row,
        value=unit,
        rule=f"the unit is accepted for {analyte.name}",
        remedy=f"{hint}Accepted are {', '.join(units)}.",
        count=count,
    )


def _range_faults(table: ir.Table, analyte: Analyte, unit: str, factor: float) -> list[Fault]:
    converted = table.number * factor
    outside = ibis.literal(value=False)
    if analyte.hard.low is not None:
        outside = outside | (converted < analyte.hard.low)
    if analyte.hard.high is not None:
        outside = outside | (converted > analyte.hard.high)
    broken = table.filter(table.analyte == analyte.name, table.unit == unit, outside)
    count = int(broken.count().execute())
    rows = broken.order_by(ROW).limit(_MAX_LISTED).execute()
    low, high = analyte.hard.low, analyte.hard.high
    limits = f"{'any' if low is None else f'{low:g}'} and {'any' if high is None else f'{high:g}'}"
    hint = _likely_unit(analyte, float(rows["number"].iloc[0]))
    faults = []
    for position, row in enumerate(rows.itertuples(index=False)):
        is_last = position == len(rows) - 1
        faults.append(
            Fault(
                table="labs",
                column="value",
                row=int(row[0]),
                value=f"{row.shown} {unit}",
                rule=f"{analyte.name} lies between {limits} {analyte.unit}",
                remedy=f"{hint}Correct the value or its unit.",
                count=count - position if is_last else 1,
            )
        )
    return faults


def _likely_unit(analyte: Analyte, value: float) -> str:
    """The accepted unit in which a value would be plausible, as a question."""
    for accepted in analyte.units:
        converted = value * accepted.factor
        low, high = analyte.plausible.low, analyte.plausible.high
        if (low is None or converted >= low) and (high is None or converted <= high):
            return f"Was it measured in {accepted.unit}? "
    return ""
