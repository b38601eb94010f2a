"""The numbers of every table but the laboratory's: plausible ranges, and marks for nothing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from itertools import chain

import ibis
import ibis.expr.types as ir

from incohort.dictionary import ColumnSpec, ColumnType, Range, TableSpec, load
from incohort.dictionary.wording import in_unit
from incohort.results import Concern
from incohort.sources.cells import meaning
from incohort.sources.looks.magnitudes import slips
from incohort.sources.looks.marks import mark_words, marks
from incohort.sources.looks.telling import Group, Odd, Say, Words, concerns_of_each
from incohort.sources.raw import ROW, Raw, RawTable

_NUMBERS = {ColumnType.NUMBER, ColumnType.INTEGER}
_WHOLE = 100.0
_COMPARE = "Compare with the record."
_THOUSAND = (1000.0,)


def concerns(raw: Raw) -> Iterator[Concern]:
    """The numbers outside their column's plausible range, and those that stand for nothing."""
    yield from concerns_of_each(raw, chain.from_iterable(_asked(raw)))


def _asked(raw: Raw) -> Iterator[Iterator[tuple[Odd, Say]]]:
    for name, spec in load().tables.items():
        table = raw.tables.get(name)
        if table is None or name == "labs" or "patient_id" not in table.columns:
            continue
        for column in spec.columns:
            if column.type in _NUMBERS and column.name in table.columns:
                yield _column(table, column)
        yield _shares(table, spec)
        if {"drug", "dose", "dose_unit"} <= {*table.columns}:
            yield _doses(table, spec)


def _column(table: RawTable, column: ColumnSpec) -> Iterator[tuple[Odd, Say]]:
    known = table.table.filter(meaning(table.table, column).notnull())
    number = meaning(known, column)
    limits = column.plausible or Range()
    is_low, is_high = _is_below(number, limits), _is_above(number, limits)
    asked = known.select(
        "patient_id",
        number=number,
        is_out=is_low | is_high,
        group=ibis.literal(""),
        subject=ibis.literal(""),
    )
    mark_numbers = [mark.number for mark in marks(asked)]
    rule = ibis.cases(
        (number.isin(mark_numbers) if mark_numbers else ibis.literal(value=False), "mark"),
        (is_high, "above_plausible"),
        (is_low, "below_plausible"),
    )
    subject = (rule == "mark").ifelse(known[column.name], "")
    rows = known.select(
        ROW, "patient_id", rule=rule, subject=subject, shown=known[column.name], size=number
    ).filter(lambda t: t.rule.notnull() & ~_is_fault(t["size"], column.hard or Range()))
    odd = Odd(table=table.name, column=column.name, rows=rows, asked=asked)
    yield odd, lambda group: _say(column, limits, group)


def _is_below(number: ir.NumericValue, limits: Range) -> ir.BooleanValue:
    return number < limits.low if limits.low is not None else ibis.literal(value=False)


def _is_above(number: ir.NumericValue, limits: Range) -> ir.BooleanValue:
    return number > limits.high if limits.high is not None else ibis.literal(value=False)


def _is_fault(number: ir.NumericValue, accepted: Range) -> ir.BooleanValue:
    """Whether a number is outside the accepted range: that is told as a fault, and nowhere else."""
    return _is_below(number, accepted) | _is_above(number, accepted)


def _say(column: ColumnSpec, limits: Range, group: Group) -> Words:
    if group.rule == "mark":
        return mark_words(column.label.lower(), group.subject)
    is_above = group.rule == "above_plausible"
    limit = limits.high if is_above else limits.low
    bound = in_unit(f"{limit:g}", column.unit or "").replace(" a", " years")
    return Words(
        sentence=f"{column.label} {'above' if is_above else 'below'} what is plausible, "
        f"{'more' if is_above else 'less'} than {bound.strip()}.",
        remedy=f"{_COMPARE} Leave the cell empty where it is not known.",
    )


def _shares(table: RawTable, spec: TableSpec) -> Iterator[tuple[Odd, Say]]:
    """Shares of one whole in one row that are more than all of it together."""
    wholes = dict.fromkeys(c.share_of for c in spec.columns if c.share_of)
    for whole in wholes:
        shares = [c for c in spec.columns if c.share_of == whole and c.name in table.columns]
        if len(shares) < 2:
            continue
        read = [meaning(table.table, column) for column in shares]
        total = reduce(lambda left, right: left + right, (value.fill_null(0.0) for value in read))
        names = ", ".join(column.label for column in shares)
        rows = table.table.select(
            ROW,
            "patient_id",
            rule=ibis.literal("shares_above_whole"),
            subject=ibis.literal(""),
            shown=reduce(
                lambda left, right: left + " + " + right,
                (table.table[column.name].fill_null("") for column in shares),
            ),
            size=total,
        ).filter(lambda t: t["size"] > _WHOLE)
        asked = table.table.filter(ibis.and_(*(value.notnull() for value in read)))
        words = Words(
            sentence=f"{names} together above 100 % of {whole}.",
            remedy=f"{_COMPARE} Shares of one whole can't exceed it.",
        )
        odd = Odd(
            table=table.name,
            column=shares[0].name,
            rows=rows,
            asked=asked.select("patient_id", subject=ibis.literal("")),
        )
        yield odd, lambda _, words=words: words  # type: ignore[misc]


def _doses(table: RawTable, spec: TableSpec) -> Iterator[tuple[Odd, Say]]:
    """Doses a thousand times off those of the same drug in the same unit, with none between."""
    column = next(c for c in spec.columns if c.name == "dose")
    known = table.table.select(
        ROW,
        "patient_id",
        "dose_unit",
        shown=table.table["dose"] + " " + table.table["dose_unit"],
        value=meaning(table.table, column),
        group=table.table["drug"].lower() + " " + table.table["dose_unit"],
    )
    known = known.filter((known.value > 0) & known.group.notnull())
    groups = known.select("group").distinct().execute()["group"]
    by_group = slips(known.select("group", "value"), dict.fromkeys(groups, _THOUSAND))
    if not by_group:
        return
    is_odd = ibis.or_(
        *(
            (known.group == group) & known.value.between(slip.low, slip.high)
            for group, slip in by_group.items()
        )
    )
    rows = known.filter(is_odd).select(
        ROW,
        "patient_id",
        "shown",
        rule=ibis.literal("other_magnitude"),
        subject=ibis.literal(""),
        size=known.value,
    )
    words = Words(
        sentence="Doses a thousand times off those of the same drug, with none between.",
        remedy=f"{_COMPARE} They are likely in another unit, such as g among mg.",
    )
    asked = known.select("patient_id", subject=ibis.literal(""))
    yield Odd(table=table.name, column="dose", rows=rows, asked=asked), lambda _: words
