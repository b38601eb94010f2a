"""Laboratory values by patient: the one nearest the index date, the lowest, the last."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from incohort.cohort.choices import CountAt

# From the lowest that a printed number can stand for to the highest; None is an exact one.
SIGNS = ("<", "<=", None, ">=", ">")
DAYS_A_YEAR = 365.25


def dated(labs: ir.Table, patients: ir.Table) -> ir.Table:
    """Measurements that have a number, with days since the index date.

    A value without a date stands for the index date: a study that gives one value per patient
    gives it so. Where a patient has no index date, days count from the first dated value.

    Returns:
        `patient_id`, `analyte`, `value`, `comparator`, `taken_on`, `days`, and `age_days`: the age
        when it was taken, NULL where neither birth date nor age tells it.
    """
    index = patients.select("patient_id", "index_date", "birth_date", "age_years")
    table = labs.filter(labs.value.notnull()).select(
        "patient_id", "analyte", "value", "comparator", taken_on=labs.taken_at.date()
    )
    first = table.group_by("patient_id").aggregate(first_on=table.taken_on.min())
    joined = table.inner_join(index, "patient_id").left_join(first, "patient_id")
    zero = ibis.coalesce(joined.index_date, joined.first_on)
    days = ibis.coalesce(joined.taken_on.delta(zero, unit="day"), 0)
    age = _age_days(joined.birth_date, ibis.coalesce(joined.taken_on, joined.index_date))
    return joined.select(
        "patient_id",
        "analyte",
        "value",
        "comparator",
        "taken_on",
        days=days,
        age_days=ibis.coalesce(age, joined.age_years * DAYS_A_YEAR + days),
    )


def _age_days(birth: ir.DateValue, on: ir.DateValue) -> ir.FloatingValue:
    """Days since birth, on the first birthday 365 whichever year it is.

    With 29 February between them the first birthday would be a day older than a year of 365.25.
    """
    is_birthday = (on.month() == birth.month()) & (on.day() == birth.day())
    days = on.delta(birth, unit="day")
    return ((days == 366) & is_birthday).ifelse(365, days).cast("float64")


def is_below(
    value: ir.FloatingValue, comparator: ir.StringValue, limit: float | ir.FloatingValue
) -> ir.BooleanValue:
    """Whether what was measured lies below a limit; NULL where a one-sided value can't tell.

    A result printed as < 0.5 is below 0.5, and one printed as > 1.5 may lie on either side of 1.8.

    Args:
        value: The printed number.
        comparator: Which side of it the truth lies on; NULL for an exact value.
        limit: In the value's unit.
    """
    return ibis.cases(
        (comparator.isnull(), value < limit),
        ((comparator == "<") & (value <= limit), True),
        ((comparator == "<=") & (value < limit), True),
        (comparator.isin((">", ">=")) & (value >= limit), False),
    )


def place_of(comparator: ir.StringValue) -> ir.IntegerValue:
    """The place of a comparator in `SIGNS`: of two equal numbers the lower has the lower one."""
    exact = SIGNS.index(None)
    signs = ((comparator == sign, place) for place, sign in enumerate(SIGNS) if sign)
    # exact numbers first: they are nearly all, and no sign need be compared for them
    return ibis.cases((comparator.isnull(), exact), *signs, else_=exact)


def one_each(values: ir.Table, at: CountAt, window_days: int | None = None) -> ir.Table:
    """One value per patient and analyte, with its day; ties go to the earlier, then lower value.

    Of two equal numbers the one printed with < is the lower, the one printed with > the higher. Of
    two that are the same in all of this the one with a date counts: its age is known better.

    Args:
        values: From `dated`.
        at: `index` (nearest), `nadir` (lowest) or `latest`.
        window_days: How far from the index date a nearest value may lie; None: any distance.
    """
    if at == "index" and window_days is not None:
        values = values.filter(values.days.abs() <= window_days)
    lowest_first = [values.value, place_of(values.comparator)]
    order = {
        "index": [values.days.abs(), values.days, *lowest_first],
        "nadir": [*lowest_first, values.days],
        "latest": [values.days.desc(), *lowest_first],
    }[at]
    order.append(values.taken_on.isnull())
    window = ibis.window(group_by=[values.patient_id, values.analyte], order_by=order)
    ranked = values.mutate(_rank=ibis.row_number().over(window))
    return ranked.filter(ranked["_rank"] == 0).drop("_rank")


def sign_column(column: str) -> str:
    """The column of a frame that says whether another's number is a bound: its printed sign."""
    return f"{column}_sign"


def wide(values: ir.Table, analytes: Sequence[str], signed: Sequence[str] = ()) -> ir.Table:
    """One row per patient, one column `lab_<analyte>` per analyte, from `one_each`.

    The comparators of the `signed` ones stand in `sign_<analyte>`.
    """
    by_analyte = {name: values.analyte == name for name in analytes}
    return values.group_by("patient_id").aggregate(
        **{f"lab_{name}": values.value.max(where=where) for name, where in by_analyte.items()},
        **{f"sign_{name}": values.comparator.max(where=by_analyte[name]) for name in signed},
    )
