"""Parts held against their wholes: the counts and shares of one blood sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import ibis
import ibis.expr.types as ir

from incohort.dictionary import Analyte, load
from incohort.results import Concern
from incohort.sources.looks.telling import Group, Odd, Words, concerns_of
from incohort.sources.raw import ROW, Raw

_TOGETHER = (
    0.1  # by which counts together may exceed their whole: each is rounded and counted apart
)
_APART = 0.2  # by which a count may differ from its share of the whole, of the greater of the two
_LITTLE = 0.1  # and what is no difference at all, 10⁹/L
_WHOLE = 100.0  # per cent
_LISTED = ", "
_COMPARE = "Compare with the record."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """A rule on one sample: the analytes it looks at, the first of which has the row told."""

    name: str
    analytes: tuple[str, ...]
    odd: ir.BooleanValue


def concerns(raw: Raw, table: ir.Table) -> Iterator[Concern]:
    """Samples whose parts exceed their whole, or whose count and share contradict each other.

    Args:
        raw: The cohort.
        table: Its values, as `measured` gives them.
    """
    present = {*table.select("analyte").distinct().execute()["analyte"]}
    known = {name: entry for name, entry in load().analytes.items() if name in present}
    family = {name for part, entry in known.items() for name in _family(part, entry)}
    names = [name for name in known if name in family]
    if not names:
        return
    few = table.filter(table.analyte.isin(names))
    odd: list[ir.Table] = []
    asked: list[ir.Table] = []
    keys = ["patient_id", "taken"]
    # Two samples of one time may be told apart by their number; without it they are one.
    is_numbered = bool(table.specimen.notnull().any().execute())
    for i, sample_keys in enumerate((keys, [*keys, "specimen"]) if is_numbered else (keys,)):
        samples = raw.connection.create_table(
            f"looked_at_samples_{i}", _samples(few, sample_keys, names), overwrite=True
        )
        for rule in _rules(samples, known):
            odd.append(_odd(samples, rule))
            asked.append(_asked(samples, rule))
    if odd:
        rows, every = (ibis.union(*parts, distinct=True) for parts in (odd, asked))
        yield from concerns_of(raw, Odd(table="labs", column="value", rows=rows, asked=every), _say)


def _family(name: str, entry: Analyte) -> tuple[str, ...]:
    return (name, entry.part_of.analyte, entry.gives or name) if entry.part_of else ()


def _samples(table: ir.Table, keys: Sequence[str], names: Sequence[str]) -> ir.Table:
    """One row a sample: of each analyte the least and the most that it can be, and its row.

    Where one time has several values of an analyte, they are taken as one range.
    """
    columns: dict[str, ir.Value] = {}
    for name in names:
        is_analyte = table.analyte == name
        columns |= {
            f"{name}_value": table.canonical.min(where=is_analyte),
            f"{name}_least": table.least.min(where=is_analyte),
            f"{name}_most": table.most.max(where=is_analyte),
            f"{name}_row": table[ROW].min(where=is_analyte),
        }
    return table.group_by(list(keys)).aggregate(**columns)


def _rules(samples: ir.Table, known: Mapping[str, Analyte]) -> Iterator[_Rule]:
    """The rules that the analytes of a cohort allow."""
    whole_of = {n: e.part_of.analyte for n, e in known.items() if e.part_of is not None}
    for whole in dict.fromkeys(whole_of.values()):
        parts = [name for name, of in whole_of.items() if of == whole]
        shares = [name for name in known if name in parts and known[name].unit == "%"]
        counts = [name for name in known if name in parts and name not in shares]
        if whole in known:
            yield from _count_rules(samples, known, whole, counts)
            yield from _share_rules(samples, known, whole, shares)
        if len(shares) > 1:
            sums = _sum(samples[f"{name}_least"].fill_null(0.0) for name in shares)
            yield _Rule(name="shares_above_whole", analytes=tuple(shares), odd=sums > _WHOLE)
        yield from _fraction_rules(samples, known, whole, shares)


def _count_rules(
    samples: ir.Table, known: Mapping[str, Analyte], whole: str, counts: Sequence[str]
) -> Iterator[_Rule]:
    """Counts that exceed the count which holds them: one alone, else all that are known."""
    least = {
        name: samples[f"{name}_least"] / _per_whole(known[name], known[whole]) for name in counts
    }
    most = samples[f"{whole}_most"]
    slack = {
        name: entry.part_of.slack if (entry := known[name]).part_of else 0.0 for name in counts
    }
    alone = {name: least[name] > most * (1 + slack[name]) for name in counts}
    for name in counts:
        yield _Rule(name="part_above_whole", analytes=(name, whole), odd=alone[name])
    if len(counts) > 1:
        together = _sum(value.fill_null(0.0) for value in least.values())
        most_slack = max(_TOGETHER, *slack.values())
        is_alone = ibis.or_(*(odd.fill_null(False) for odd in alone.values()))  # noqa: FBT003
        yield _Rule(
            name="parts_above_whole",
            analytes=(*counts, whole),
            odd=(together > most * (1 + most_slack)) & ~is_alone,
        )


def _per_whole(part: Analyte, whole: Analyte) -> float:
    accepted = part.accepted(whole.unit)
    return accepted.factor if accepted else 1.0


def _share_rules(
    samples: ir.Table, known: Mapping[str, Analyte], whole: str, shares: Sequence[str]
) -> Iterator[_Rule]:
    """A count that is far from its share of the whole; further shares only add to the first."""
    for count in dict.fromkeys(known[name].gives for name in shares):
        names = [name for name in shares if known[name].gives == count]
        if count is None or count not in known or names[0] != _first_share(count):
            continue
        low = samples[f"{whole}_least"].fill_null(0.0) * samples[f"{names[0]}_least"].fill_null(0.0)
        most = _sum(
            [samples[f"{names[0]}_most"], *(samples[f"{n}_most"].fill_null(0.0) for n in names[1:])]
        )
        high = samples[f"{whole}_most"] * most / _WHOLE
        least, greatest = samples[f"{count}_least"].fill_null(0.0), samples[f"{count}_most"]
        is_far = (least - high > _allowed(least)) | (
            low / _WHOLE - greatest > _allowed(low / _WHOLE)
        )
        first = samples[f"{names[0]}_value"]
        is_fraction = ((first > 0) & (first < 1)).fill_null(False)  # noqa: FBT003 — told as such
        yield _Rule(
            name="count_against_share", analytes=(count, whole, *names), odd=is_far & ~is_fraction
        )


def _allowed(greater: ir.FloatingValue) -> ir.FloatingValue:
    return ibis.greatest(greater * _APART, _LITTLE)


def _fraction_rules(
    samples: ir.Table, known: Mapping[str, Analyte], whole: str, shares: Sequence[str]
) -> Iterator[_Rule]:
    """A share below 1 %, which may be a fraction: not where the count bears it out."""
    for name in shares:
        count = known[name].gives
        if count is None or name != _first_share(count):
            continue
        value = samples[f"{name}_value"]
        odd = (value > 0) & (value < 1)
        if count in known and whole in known:
            is_exact = samples[f"{count}_least"].notnull()
            is_low = samples[f"{count}_most"] < samples[f"{whole}_least"] * value / 2
            odd &= ~(is_exact & is_low).fill_null(False)  # noqa: FBT003
        yield _Rule(name="share_as_fraction", analytes=(name,), odd=odd)


def _first_share(count: str) -> str:
    """The analyte that gives nearly all of a count, by the dictionary's order."""
    return next(name for name, entry in load().analytes.items() if entry.gives == count)


def _sum(values: Iterator[ir.FloatingValue] | Sequence[ir.FloatingValue]) -> ir.FloatingValue:
    return reduce(lambda left, right: left + right, values)


def _odd(samples: ir.Table, rule: _Rule) -> ir.Table:
    """The rows of a rule: its first analyte that the sample has, and what all of them are."""
    rows = samples.filter(rule.odd)
    cells = [
        rows[f"{name}_value"]
        .notnull()
        .ifelse(f"{name} " + rows[f"{name}_value"].cast("string"), "")
        for name in rule.analytes
    ]
    shown = reduce(lambda left, right: (left != "").ifelse(left + _LISTED, "") + right, cells)
    first = ibis.coalesce(*(rows[f"{name}_row"] for name in rule.analytes))
    return rows.select(
        first.name(ROW),
        "patient_id",
        rule=ibis.literal(rule.name),
        subject=ibis.literal(_LISTED.join(rule.analytes)),
        shown=shown,
        size=ibis.null("float64"),
    )


def _asked(samples: ir.Table, rule: _Rule) -> ir.Table:
    """The patients with a sample that has what a rule compares."""
    compared = [samples[f"{name}_value"].notnull() for name in rule.analytes]
    is_any_part = len(compared) > 2
    has_all = ibis.or_(*compared[:-1]) & compared[-1] if is_any_part else ibis.and_(*compared)
    return samples.filter(has_all).select(
        "patient_id", subject=ibis.literal(_LISTED.join(rule.analytes))
    )


def _say(group: Group) -> Words:
    names = group.subject.split(_LISTED)
    listed, last = _LISTED.join(names[:-1]), names[-1]
    match group.rule:
        case "part_above_whole":
            return Words(
                subject=listed,
                sentence=f"{listed} above {last} of the same sample, of which it is a part.",
                remedy=f"{_COMPARE} One of the two is likely in another unit, or of another day.",
                is_grave=listed == "ANC",
            )
        case "parts_above_whole":
            sentence = f"{listed} together above {last} of the same sample."
            return Words(subject=group.subject, sentence=sentence, remedy=_COMPARE)
        case "shares_above_whole":
            return Words(
                subject=group.subject,
                sentence=f"{listed} and {last} together above 100 % in one sample.",
                remedy=f"{_COMPARE} Where {listed} counts the others already, nothing is wrong.",
            )
        case "count_against_share":
            count, whole, share = names[:3]
            return Words(
                subject=_LISTED.join(names[:3]),
                sentence=f"{count} far from {whole} × {share} of the same sample.",
                remedy=f"{_COMPARE} Shares by eye and counts by machine differ less than this.",
            )
        case _:
            return Words(
                subject=last,
                sentence=f"{last} below 1 %: likely a fraction, such as 0.45 for 45 %.",
                remedy=f"If so, write 45. {_COMPARE}",
            )
