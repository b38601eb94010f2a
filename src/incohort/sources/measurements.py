"""Laboratory values: which units a cohort uses, and what each becomes in the canonical one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import starmap
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir

from incohort.dictionary import Analyte, load
from incohort.dictionary.units import unit_meant
from incohort.errors import Fault
from incohort.sources.affected import with_patients_of
from incohort.sources.cells import cell, meaning
from incohort.sources.queries import written
from incohort.sources.raw import ROW, Raw, RawTable
from incohort.sources.telling import MOST, capped, limits

# The columns of `factors`.
FACTORS = dict.fromkeys(("analyte", "unit", "canonical"), "string") | dict.fromkeys(
    ("factor", "divisor", "low", "high"), "float64"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitUse:
    """One unit in which a cohort gives one analyte, and the factor to the canonical unit."""

    analyte: str
    unit: str
    factor: float

    @property
    def divisor(self) -> float:
        """What the value is divided by where the factor is one over a whole number, else 1.

        1150 / 1000 is the float64 nearest to 1.15, as if so written; 1150 × 0.001 is not.
        """
        whole = round(1 / self.factor)
        return float(whole) if whole > 1 and 1 / whole == self.factor else 1.0

    def convert(self, value: float) -> float:
        """A value of this unit in the canonical one."""
        return value / self.divisor if self.divisor > 1 else value * self.factor


def parsed(table: ir.Table) -> ir.Table:
    """The labs with analyte, unit and number, as far as they can be read."""
    specs = {column.name: column for column in load().table("labs").columns}
    has_value = "value" in table.columns
    return table.select(
        ROW,
        patient_id=table["patient_id"] if "patient_id" in table.columns else ibis.null(str),
        analyte=cell(table, specs["analyte"]),
        unit=cell(table, specs["unit"]),
        shown=table["value"] if has_value else ibis.null(str),
        number=meaning(table, specs["value"]) if has_value else ibis.null("float64"),
    )


def judge_units(raw: Raw, labs: RawTable) -> tuple[tuple[UnitUse, ...], tuple[Fault, ...]]:
    """The accepted units in use, and every fault of a unit or of a value outside its hard range."""
    if not {"analyte", "unit"} <= set(labs.columns):
        return (), ()
    schema = labs.table.schema()
    query = written(raw.connection, ("units", schema), lambda: _pairs(raw.unbound("labs")))
    pairs = starmap(_Pair, raw.connection.raw_sql(query).fetchall())
    uses: list[UnitUse] = []
    outside: list[UnitUse] = []
    strange = []
    for pair in pairs:
        analyte = load().analytes[pair.analyte]
        accepted = analyte.accepted(pair.unit)
        if accepted is None:
            strange.append(pair)
            continue
        use = UnitUse(analyte=pair.analyte, unit=pair.unit, factor=accepted.factor)
        uses.append(use)
        low, high = analyte.hard.low, analyte.hard.high
        least, most = pair.low, pair.high
        if (low is not None and least is not None and use.convert(least) < low) or (
            high is not None and most is not None and use.convert(most) > high
        ):
            outside.append(use)
    if not strange and not outside:
        return tuple(uses), ()
    table = parsed(labs.table)
    faults = (*_unit_faults(raw, table, strange), *_range_faults(raw, table, outside))
    return tuple(uses), faults


class _Pair(NamedTuple):
    """An analyte in a unit: how many rows, the first of them, and between which numbers."""

    analyte: str
    unit: str
    n: int
    first: int
    low: float | None
    high: float | None


def _pairs(labs: ir.Table) -> ir.Table:
    """Each analyte of the dictionary in each unit that stands beside it, as `_Pair` names it."""
    table = parsed(labs)
    known = table.filter(table.unit.notnull())
    each = known.group_by("analyte", "unit").aggregate(
        n=known.count(), first=known[ROW].min(), low=known.number.min(), high=known.number.max()
    )
    each = each.filter(each.analyte.isin(tuple(load().analytes)))
    return each.select(*_Pair._fields).order_by("first")


def _unit_faults(raw: Raw, table: ir.Table, strange: Sequence[_Pair]) -> Iterator[Fault]:
    """Each unit that is not accepted, by analyte; each analyte's are capped for themselves."""
    known = table.filter(table.unit.notnull())
    for name in dict.fromkeys(pair.analyte for pair in strange):
        pairs = [pair for pair in strange if pair.analyte == name]
        faults = [
            _unit_fault(load().analytes[name], pair.unit, int(pair.first), int(pair.n))
            for pair in pairs[:MOST]
        ]
        rows = known.filter(
            (known.analyte == name) & known.unit.isin([p.unit for p in pairs[:1000]])
        )
        yield from with_patients_of(raw, rows, capped(faults, sum(int(pair.n) for pair in pairs)))


def converted(
    value: ir.FloatingValue, factor: ir.FloatingValue, divisor: ir.FloatingValue
) -> ir.FloatingValue:
    """Values in the canonical unit, as `UnitUse.convert` does it."""
    return (divisor > 1).ifelse(value / divisor, value * factor)


def factors(uses: Sequence[UnitUse]) -> ir.Table:
    """The units in use as a table: what to convert by, the canonical unit and its hard range."""
    rows = [
        {
            "analyte": use.analyte,
            "unit": use.unit,
            "factor": use.factor,
            "divisor": use.divisor,
            "canonical": load().analytes[use.analyte].unit,
            "low": load().analytes[use.analyte].hard.low,
            "high": load().analytes[use.analyte].hard.high,
        }
        for use in uses
    ]
    return ibis.memtable(rows, schema=FACTORS)


def _unit_fault(analyte: Analyte, unit: str, row: int, count: int) -> Fault:
    units = [accepted.unit for accepted in analyte.units]
    match = unit_meant(analyte, unit)
    hint = f"Did you mean {match!r}? " if match else ""
    if analyte.accepted(unit.swapcase()):
        hint = _other_case(unit)
    twins = [other for other in load().analytes.values() if _is_twin(analyte, other)]
    other = next((twin.name for twin in twins if twin.accepted(unit)), None)
    if other:
        hint = f"In {unit} the analyte is {other}. "
    return Fault(
        table="labs",
        column="unit",
        row=row,
        value=unit,
        rule=f"the unit is accepted for {analyte.name}",
        remedy=f"{hint}Accepted are {', '.join(units)}.",
        hint=hint,
        count=count,
    )


def _other_case(unit: str) -> str:
    """What a unit means that would be accepted with the other case of its first letter."""
    meanings = {
        "g": "g is gram, a mass; a count in 10*9/L may be written G/L",
        "G": "G is giga, a count; a mass in grams is written g/L",
        "m": "m is a thousandth; a count in millions may be written M/L",
    }
    means = meanings.get(unit.strip()[:1])
    return f"{means}. " if means else ""


def _is_twin(first: Analyte, second: Analyte) -> bool:
    """Whether two analytes are one substance, measured by mass and by amount."""
    return any(
        a.equivalent is not None and a.equivalent.analyte == b.name
        for a, b in ((first, second), (second, first))
    )


def _range_faults(raw: Raw, table: ir.Table, outside: Sequence[UnitUse]) -> list[Fault]:
    """The values outside their analyte's hard range, each analyte's capped for itself."""
    if not outside:
        return []
    joined = table.inner_join(factors(outside), ["analyte", "unit"])
    canonical = converted(joined.number, joined.factor, joined.divisor)
    broken = joined.filter((canonical < joined.low) | (canonical > joined.high))
    ranked = broken.mutate(
        n=broken.count().over(group_by="analyte"),
        nth=ibis.row_number().over(group_by="analyte", order_by=ROW),
    )
    first_rows = ranked.filter(ranked.nth < MOST).order_by(ROW).execute()
    faults: list[Fault] = []
    for name, rows in first_rows.groupby("analyte", sort=False):
        range_faults = [
            _range_fault(load().analytes[name], row) for row in rows.itertuples(index=False)
        ]
        analyte_rows = broken.filter(broken.analyte == name)
        faults += with_patients_of(raw, analyte_rows, capped(range_faults, int(rows["n"].iloc[0])))
    return faults


def _range_fault(analyte: Analyte, row: Any) -> Fault:
    hint = _likely_unit(analyte, float(row.number))
    return Fault(
        table="labs",
        column="value",
        row=int(row[0]),
        value=f"{row.shown} {row.unit}",
        rule=f"{analyte.name} {limits(analyte.hard.low, analyte.hard.high, analyte.unit)}",
        remedy=f"{hint}Correct the value or its unit.",
        hint=hint,
    )


def _likely_unit(analyte: Analyte, value: float) -> str:
    """The accepted unit in which a value would be plausible, as a question."""
    for accepted in analyte.units:
        converted = value * accepted.factor
        low, high = analyte.plausible.low, analyte.plausible.high
        if (low is None or converted >= low) and (high is None or converted <= high):
            return f"Was it measured in {accepted.unit}? "
    return ""
