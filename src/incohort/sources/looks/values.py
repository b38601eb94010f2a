"""Laboratory values that no patient is likely to have had, or that another unit would explain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import ibis
import ibis.expr.types as ir

from incohort.dictionary import AcceptedUnit, Analyte, load
from incohort.dictionary.wording import in_unit, unit_words
from incohort.results import Concern
from incohort.sources.looks.magnitudes import Slip, slips
from incohort.sources.looks.marks import mark_words, marks, marks_table
from incohort.sources.looks.measured import APART
from incohort.sources.looks.telling import Group, Odd, Words, concerns_of
from incohort.sources.raw import ROW, Raw

_OTHER_UNIT = 9.0  # a unit less than this many times another one is no slip of the pen
_SLIP = 90.0  # units that far apart leave a gap between their values
_CELLS = ("/uL", "10*6/L")  # units in which a count of cells is a whole number
_THOUSANDS = r"^[-+]?\d{1,3}\.\d{3}$"
_LONG = r"^[-+]?\d{4,}\.\d{3}$"  # where these stand, three decimals are how the column is written
_FEW = 100.0  # /µL: below it a count with decimals is likely one in 10⁹/L
_SMALL, _SOME = (
    0.01,
    3,
)  # 10⁹/L: where so many counts of a unit are all below it, they are too small
_NEVER_LOW, _TWICE, _THRICE = 20.0, 2, 3  # 10⁹/L: nobody with neutropenia stays above it
_GRADED = "ANC"  # what severity is graded by: a wrong unit there makes the sickest look healthy
_COMPARE = "Compare with the record."


def concerns(raw: Raw, table: ir.Table) -> Iterator[Concern]:
    """The values that the plausible ranges, their decimals or the other values make doubtful.

    A row is told once, by the first of the rules that finds it.

    Args:
        raw: The cohort.
        table: Its values, as `measured` gives them.
    """
    known = _with_marks(table.left_join(_usual(table), "subject"))
    is_counted = known.written.isin(_CELLS)
    is_count = known.analyte.isin([n for n, e in load().analytes.items() if _is_count(e)])
    rows = known.mutate(
        rule=ibis.cases(
            (known.mark_number.notnull(), "mark"),
            (is_counted & _is_thousands(known), "thousands_point"),
            (known.least > known.plausible_high, "above_plausible"),
            (_is_never_low(table, known), "never_low"),
            (known.most < known.plausible_low, "below_plausible"),
            (is_counted & is_count & (known.number != known.number.floor()), "not_whole"),
            (known.is_small & (known.canonical > 0), "all_too_small"),
            (known.canonical.between(known.slip_low, known.slip_high), "other_magnitude"),
        )
    ).filter(lambda t: t.rule.notnull() & ~t.is_fault)
    odd = Odd(
        table="labs",
        column="value",
        rows=rows.select(
            ROW,
            "patient_id",
            "rule",
            shown=rows.sign + rows.text + " " + rows.unit,
            subject=(rows.rule == "mark").ifelse(rows.number.cast("string"), rows.subject),
            size=rows.number,
        ),
        asked=table.select("patient_id", "subject"),
    )
    yield from concerns_of(raw, odd, _say)


def _is_thousands(known: ir.Table) -> ir.BooleanValue:
    """Whether a point parts thousands: not where others of the column have more digits before."""
    is_possible = known.canonical * 1000 <= known.plausible_high
    return is_possible & ~known.has_long & known.text.re_search(_THOUSANDS)


def _is_never_low(table: ir.Table, known: ir.Table) -> ir.BooleanValue:
    """Whether a patient's neutrophil counts in one unit are all as high as nobody's stay.

    Two counts of a patient tell, or one each of patients in whom that is usual.
    """
    counts = table.filter(table.analyte == _GRADED)
    each = counts.group_by("subject", "patient_id").aggregate(
        n=counts.count(), least=counts.canonical.min()
    )
    high = each.filter(each["least"] > _NEVER_LOW).execute()
    if high.empty:
        return ibis.literal(value=False)
    usual = each.group_by("subject").aggregate(n=each.count(), middle=each["least"].median())
    often = usual.filter((usual["n"] >= _THRICE) & (usual["middle"] > _NEVER_LOW)).execute()
    never_low = high[(high["n"] >= _TWICE) | high["subject"].isin(often["subject"])]
    conditions = [
        (known.subject == subject) & known.patient_id.isin(list(rows["patient_id"].dropna()))
        for subject, rows in never_low.groupby("subject")
    ]
    return ibis.or_(*conditions) if conditions else ibis.literal(value=False)


def _with_marks(table: ir.Table) -> ir.Table:
    """The values, with `mark_number` where a number stands for nothing."""
    is_out = (table.least > table.plausible_high) | (table.most < table.plausible_low)
    asked = table.select(
        group=table.subject,
        number=table.number,
        is_out=is_out.fill_null(False),  # noqa: FBT003 — a value
    )
    marked = marks_table(marks(asked))
    return table.left_join(
        marked, [table.subject == marked.mark_group, table.number == marked.mark_number]
    )


def _is_count(analyte: Analyte) -> bool:
    return analyte.unit == "10*9/L"


def _usual(table: ir.Table) -> ir.Table:
    """What is usual of each analyte and unit: how decimals are written, how large values are."""
    usual = table.group_by("subject", "analyte", "written").aggregate(
        n=(table.canonical > 0).sum(), most=table.canonical.max()
    )
    groups = usual.execute().to_dict("records")
    exact = table.filter((table.sign == "") & (table.canonical > 0))
    factors = _slip_factors({group["analyte"] for group in groups})
    two = slips(exact.select(group=exact.analyte, value=exact.canonical), factors)
    long = _written_long(table) if any(g["written"] in _CELLS for g in groups) else set()
    rows = []
    for group in groups:
        slip = two.get(group["analyte"], Slip(low=1.0, high=0.0, factor=1.0))
        is_count = _is_count(load().analytes[group["analyte"]]) and group["written"] in _CELLS
        rows.append(
            {
                "subject": group["subject"],
                "has_long": group["subject"] in long,
                "is_small": is_count and group["n"] >= _SOME and group["most"] < _SMALL,
                "slip_low": slip.low,
                "slip_high": slip.high,
            }
        )
    flags = dict.fromkeys(("has_long", "is_small"), "boolean")
    ends = dict.fromkeys(("slip_low", "slip_high"), "float64")
    return ibis.memtable(rows, schema={"subject": "string"} | flags | ends)


def _written_long(table: ir.Table) -> set[str]:
    """The analytes and units whose counts of four digits are written with three decimals, too."""
    long = table.filter(table.written.isin(_CELLS) & table.text.re_search(_LONG))
    return set(long.select("subject").distinct().execute()["subject"])


def _slip_factors(names: Iterable[str]) -> dict[str, tuple[float, ...]]:
    """By how much a unit of an analyte exceeds another one, where that is too much to be missed."""
    by_analyte = {}
    for name in names:
        factors = [unit.factor for unit in load().analytes[name].units]
        apart = sorted({round(a / b, 6) for a in factors for b in factors if a / b >= _SLIP})
        if apart:
            by_analyte[name] = tuple(apart)
    return by_analyte


def _say(group: Group) -> Words:
    if group.rule == "mark":
        return mark_words("a value", f"{group.low:g}")
    name, _, unit = group.subject.partition(APART)
    analyte = load().analytes[name]
    subject = f"{name} in {unit_words(unit)}"
    match group.rule:
        case "thousands_point":
            return Words(
                subject=subject,
                sentence=f"Counts of {name} in {unit_words(unit)} with three decimals: likely "
                "thousands, such as 1.500 for 1500.",
                remedy="If so, a healthy count is next to none here: write 1500 without the point, "
                f"or correct the unit. {_COMPARE}",
                is_grave=name == _GRADED,
            )
        case "never_low":
            bound = in_unit(f"{_NEVER_LOW:g}", analyte.unit)
            return Words(
                subject=subject,
                sentence=f"Patients whose counts of {name} are never below {bound}, as nobody’s "
                "with neutropenia are: likely per µL.",
                remedy="If so, the sickest count as healthy here: correct the unit. " + _COMPARE,
                is_grave=True,
            )
        case "not_whole":
            return _not_whole(subject, name, unit, group)
        case "all_too_small":
            return Words(
                subject=subject,
                sentence=f"All counts of {name} in {unit_words(unit)} a thousandth of what people "
                "have: likely in 10⁹/L.",
                remedy=f"If so, correct the unit. {_COMPARE}",
                is_grave=name == _GRADED,
            )
        case "other_magnitude":
            return Words(
                subject=subject,
                sentence=f"{name} a hundred or a thousand times off the other values, with none "
                "between: likely in another unit.",
                remedy=f"If so, correct the unit. {_COMPARE}",
                is_grave=name == _GRADED,
            )
        case _:
            return _outside(subject, analyte, unit, group)


def _not_whole(subject: str, name: str, unit: str, group: Group) -> Words:
    sentence = f"Counts of {name} in {unit_words(unit)} that are not whole"
    if group.high >= _FEW:
        return Words(subject=subject, sentence=f"{sentence}.", remedy=_COMPARE)
    return Words(
        subject=subject,
        sentence=f"{sentence}: likely in 10⁹/L.",
        remedy=f"If so, a healthy count is next to none here: correct the unit. {_COMPARE}",
        is_grave=name == _GRADED,
    )


def _outside(subject: str, analyte: Analyte, unit: str, group: Group) -> Words:
    """What is said of values outside the plausible range, and in which unit they lie inside."""
    name, is_above = analyte.name, group.rule == "above_plausible"
    limit = analyte.plausible.high if is_above else analyte.plausible.low
    bound = f"{'more' if is_above else 'less'} than {in_unit(f'{limit:g}', analyte.unit)}"
    sentence = f"{name} {'above' if is_above else 'below'} what is plausible, {bound}"
    if is_above and name == _GRADED:
        sentence = f"Counts of {name} above any that a person with neutropenia can have, {bound}"
    other = _likely_unit(analyte, unit, group)
    if other is None:
        return Words(subject=subject, sentence=f"{sentence}.", remedy=_COMPARE)
    likely = "per µL" if other.unit == "/uL" else f"in {unit_words(other.unit)}"
    remedy = "correct the unit, also of these patients’ other values in this unit."
    harm = "the sickest count as healthy here: " if is_above and name == _GRADED else ""
    return Words(
        subject=subject,
        sentence=f"{sentence}: {'perhaps' if is_above and name != _GRADED else 'likely'} {likely}.",
        remedy=f"If so, {harm}{remedy} {_COMPARE}",
        is_grave=name == _GRADED,
    )


def _likely_unit(analyte: Analyte, unit: str, group: Group) -> AcceptedUnit | None:
    """The accepted unit, far from the one written, in which all of the values are plausible."""
    written = analyte.accepted(unit)
    if written is None:
        return None
    low, high = analyte.plausible.low or 0.0, analyte.plausible.high or float("inf")
    for accepted in analyte.units:
        ratio = accepted.factor / written.factor
        is_far = max(ratio, 1 / ratio) >= _OTHER_UNIT
        # `low` and `high` are as written, so the accepted unit's own factor converts them
        if is_far and group.low * accepted.factor >= low and group.high * accepted.factor <= high:
            return accepted
    return None
