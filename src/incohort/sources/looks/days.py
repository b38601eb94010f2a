"""Days that nobody can have recorded yet, and days that programs write where none is known."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from incohort.dictionary import ColumnSpec, ColumnType, load
from incohort.results import Concern
from incohort.sources.cells import meaning
from incohort.sources.looks.marks import ANYWHERE, FAR, NOT_OF_BIRTH
from incohort.sources.looks.telling import Group, Odd, Say, Words, concerns_of
from incohort.sources.raw import ROW, Raw, RawTable

_DATES = {ColumnType.DATE, ColumnType.DATETIME}
# No clock is asked, so that a report says the same next year: a day up to this one, on which the
# rule was written, has been; a later one has to follow from the cohort's other days.
_WRITTEN = date(2026, 11, 30)
_SHIFTED = date(2100, 1, 1)  # whoever has days from here on has had them moved to hide the patients
_STEP = 3 * 365 + 1  # days that may pass without a row before the next one is doubted
_LONE = 30 * 365  # days by which a few patients may be later than all the others
_FEW = 0.1  # of the patients
_EPOCH = date(1970, 1, 1)
_NO_DAYS = [date.fromisoformat(day) for day in (*ANYWHERE, *FAR)]


def concerns(raw: Raw, today: date | None) -> Iterator[Concern]:
    """Days after the newest plausible one, and days that stand for none.

    Args:
        raw: The cohort.
        today: Where the clock may be asked: the newest day that can have been. Otherwise the
            cohort's own days tell.
    """
    columns = [
        (table, column)
        for name, spec in load().tables.items()
        if (table := raw.tables.get(name)) is not None and "patient_id" in table.columns
        for column in spec.columns
        if column.type in _DATES and column.name in table.columns
    ]
    if not columns:
        return
    every = ibis.union(*parts) if len(parts := [*_numbered(columns)]) > 1 else parts[0]
    days = raw.connection.create_table("looked_at_days", every, overwrite=True)
    newest = newest_day(days.filter(~days.is_birth & ~days.day.isin(_NO_DAYS)), today)
    is_shifted = float((days.day >= _SHIFTED).mean().execute() or 0.0) > 1 / 2
    for i in _with_odd_days(days, newest):
        yield from concerns_of(raw, *_column(*columns[i], newest, is_shifted=is_shifted))


def _numbered(columns: Sequence[tuple[RawTable, ColumnSpec]]) -> Iterator[ir.Table]:
    """The days of all columns, each with its column's place among them."""
    for i, (table, column) in enumerate(columns):
        days = table.table.select(
            "patient_id",
            which=ibis.literal(i, "int64"),
            is_birth=ibis.literal(column.name == "birth_date"),
            day=_day_of(table, column),
        )
        yield days.filter(days["day"].notnull())


def _day_of(table: RawTable, column: ColumnSpec) -> ir.DateValue:
    read = meaning(table.table, column)
    return read.date() if column.type is ColumnType.DATETIME else read


def _with_odd_days(days: ir.Table, newest: date | None) -> list[int]:
    """Which columns have a day that is worth a look: few have any."""
    is_late = days.day > newest if newest else ibis.literal(value=False)
    is_none = days.day.isin([*_NO_DAYS, *map(date.fromisoformat, NOT_OF_BIRTH)])
    odd_days = days.filter(is_late | is_none).select("which").distinct().execute()
    return sorted(int(which) for which in odd_days["which"])


def newest_day(days: ir.Table | None, today: date | None = None) -> date | None:
    """The newest day on which something can have happened; None where none is too late.

    Half of each patient's days are taken to be right, and the patients to have come within a
    generation of each other. From the latest of these on, days go on in steps of three years;
    a day beyond a longer pause is doubted. Where the cohort's days were shifted into the next
    centuries the same goes for them, and today says nothing.
    """
    if days is None:
        return None
    number = days.day.epoch_seconds() // 86400
    each = days.select("patient_id", number=number)
    middle = each.group_by("patient_id").aggregate(day=each.number.quantile(0.5))
    middles = sorted(int(value) for value in middle.execute()["day"])
    if not middles:
        return None
    last = _last_patient(middles)
    if today is not None and _day(last) <= today:
        return today
    later = each.filter(each.number > last).select("number").distinct().execute()["number"]
    for day in sorted(int(value) for value in later):
        if day - last > _STEP and _day(day) > _WRITTEN:
            return max(_day(last), _WRITTEN)
        last = max(last, day)
    return None


def _last_patient(ordered: Sequence[int]) -> int:
    """The middle day of the patient who came last, but for a few who came a generation later."""
    most = max(1, int(len(ordered) * _FEW))
    for i in range(len(ordered) - 1, max(len(ordered) - 1 - most, 0), -1):
        if ordered[i] - ordered[i - 1] > _LONE and _day(ordered[i - 1]) < _SHIFTED:
            return ordered[i - 1]
    return ordered[-1]


def _day(number: float) -> date:
    return _EPOCH + timedelta(days=int(number))


def _column(
    table: RawTable, column: ColumnSpec, newest: date | None, *, is_shifted: bool
) -> tuple[Odd, Say]:
    known = table.table.select(
        ROW, "patient_id", day=_day_of(table, column), shown=table.table[column.name]
    )
    known = known.filter(known["day"].notnull())
    strange = [*ANYWHERE, *(() if is_shifted else FAR)]
    if column.name != "birth_date":
        strange += NOT_OF_BIRTH
    rule = ibis.cases(
        (known.day.cast("string").isin(strange), "mark"),
        (known.day > newest if newest else ibis.literal(value=False), "after_newest"),
    )
    rows = known.select(
        ROW,
        "patient_id",
        "shown",
        rule=rule,
        subject=(rule == "mark").ifelse(known.day.cast("string"), ""),
        size=ibis.null("float64"),
    ).filter(lambda t: t.rule.notnull())
    asked = known.select("patient_id", subject=ibis.literal(""))
    odd = Odd(table=table.name, column=column.name, rows=rows, asked=asked)
    return odd, lambda group: _say(column, group)


def _say(column: ColumnSpec, group: Group) -> Words:
    what = column.label.lower()
    if group.rule == "mark":
        return Words(
            subject=group.subject,
            sentence=f"{group.subject} as “{what}”: likely written where the day is not known.",
            remedy="If so, leave the cell empty; as it stands it is used like any other day.",
        )
    return Words(
        sentence=f"“{column.label}” later than it can have been, by the cohort's other days.",
        remedy="Compare with the record: the year is likely mistyped.",
    )
