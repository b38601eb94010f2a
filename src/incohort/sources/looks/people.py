"""Ages that contradict the dates, and names that differ only in what nobody sees."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator

import ibis

from incohort.dictionary import load
from incohort.results import Concern
from incohort.sources.cells import meaning
from incohort.sources.looks.telling import Group, Odd, Words, concerns_of
from incohort.sources.raw import ROW, Raw, RawTable

_YEAR = 365.25
_SLACK = 1.02  # years: an age is rounded, or counts birthdays
# What names things in a table, and of whom: alike means alike among these.
_NAMES = (
    ("patients", "patient_id", ""),
    ("patients", "centre", ""),
    ("antibody_tests", "sample_id", "patient_id"),
    ("labs", "specimen", "patient_id"),
)
_MOST = 200_000  # different names compared; who has more gave them by a program
_DASHES = {ord(dash): "-" for dash in "‐‑‒–—−﹘﹣－"}
# Letters of other alphabets that look like Latin ones; they come in by a keyboard's other layout.
_LATIN = str.maketrans(
    "АВЕКМНОРСТУХаеорсухіјΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEKMHOPCTYXaeopcyxijABEZHIKMNOPTYXo"
)
_UNSEEN = {"Cc", "Cf", "Mn", "Zl", "Zp", "Zs"}
_FILLERS = "\u115f\u1160\u3164\uffa0\u2800"
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")


def concerns(raw: Raw) -> Iterator[Concern]:
    """Ages against birth and index date, and names that are likely one."""
    patients = raw.tables.get("patients")
    if patients is not None and "patient_id" in patients.columns:
        yield from _ages(raw, patients)
    for table, column, within in _NAMES:
        raw_table = raw.tables.get(table)
        if raw_table is not None and {"patient_id", column} <= {*raw_table.columns}:
            yield from _alike(raw, raw_table, column, within)


def _ages(raw: Raw, patients: RawTable) -> Iterator[Concern]:
    if not {"birth_date", "index_date"} <= {*patients.columns}:
        return
    specs = {column.name: column for column in load().table("patients").columns}
    table = patients.table
    born, entered = (meaning(table, specs[name]) for name in ("birth_date", "index_date"))
    has_age = "age_years" in patients.columns
    age = meaning(table, specs["age_years"]) if has_age else ibis.null("float64")
    counted = entered.delta(born, unit="day").cast("float64") / _YEAR
    plausible = specs["age_years"].plausible
    highest = plausible.high if plausible and plausible.high is not None else float("inf")
    known = table.select(
        ROW,
        "patient_id",
        rule=ibis.cases(
            ((age - counted).abs() > _SLACK, "age_against_dates"),
            (age.isnull() & (counted > highest), "age_by_dates"),
        ),
        subject=ibis.literal(""),
        shown=born.cast("string") + " to " + entered.cast("string"),
        size=counted,
    ).filter(lambda t: t["size"].notnull())
    odd = Odd(
        table="patients",
        column="age_years" if has_age else "birth_date",
        rows=known.filter(known.rule.notnull()),
        asked=known.select("patient_id", "subject"),
    )
    yield from concerns_of(raw, odd, lambda group: _say_age(group, highest))


def _say_age(group: Group, highest: float) -> Words:
    if group.rule == "age_against_dates":
        return Words(
            sentence="Age more than a year off what birth date and index date give.",
            remedy="Correct the age, which is that at the index date, or one of the two dates.",
        )
    return Words(
        sentence=f"Birth date and index date give an age of more than {highest:g} years.",
        remedy="Correct one of the two dates.",
    )


def skeleton(name: str) -> str:
    """A name without what nobody sees: case, width, composed letters, leading zeros, dashes.

    >>> skeleton("P-007") == skeleton("Ｐ–７"), skeleton("P70") == skeleton("P7")
    (True, False)
    """
    if not name.isascii():
        plain = unicodedata.normalize("NFKC", name).translate(_DASHES).translate(_LATIN)
        name = "".join(
            letter
            for letter in unicodedata.normalize("NFC", plain)
            if unicodedata.category(letter) not in _UNSEEN and letter not in _FILLERS
        )
    return _ZEROS.sub("", "".join(name.split()).casefold())


def _alike(raw: Raw, table: RawTable, column: str, within: str) -> Iterator[Concern]:
    """Names of one column that are one, as far as anybody sees."""
    known = table.table.filter(table.table[column].notnull() & table.table.patient_id.notnull())
    of = known[within] if within else ibis.literal("")
    each = known.group_by(of=of, name=known[column]).aggregate(first=known[ROW].min())
    names = each.limit(_MOST + 1).execute()
    if len(names) > _MOST:
        return
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for record in names.sort_values("first").to_dict("records"):
        groups[record["of"], skeleton(record["name"])].append(record["name"])
    rows = [
        {"of": whose, "name": name, "shown": " and ".join(map(_spelt, spelt))}
        for (whose, _), spelt in groups.items()
        for name in spelt
        if len(spelt) > 1
    ]
    if not rows:
        return
    twins = ibis.memtable(rows, schema=dict.fromkeys(("of", "name", "shown"), "string"))
    marked = known.mutate(of=of, name=known[column]).inner_join(twins, ["of", "name"])
    odd = Odd(
        table=table.name,
        column=column,
        rows=marked.select(
            ROW,
            # Names of patients are told as the patient, so that they are hidden where that is.
            patient_id=marked.shown if column == "patient_id" else marked.patient_id,
            rule=ibis.literal("alike"),
            subject=ibis.literal(""),
            shown=ibis.literal("") if column == "patient_id" else marked.shown,
            size=ibis.null("float64"),
        ),
        asked=known.select("patient_id", subject=ibis.literal("")),
    )
    label = next(c.label for c in load().table(table.name).columns if c.name == column)
    words = Words(
        sentence=f"“{label}” written in several ways that look alike: they differ in case, leading "
        "zeros, width or letters that nobody sees.",
        remedy="Write it in one way if it is one; otherwise tell them apart by more than that.",
    )
    yield from concerns_of(raw, odd, lambda _: words)


def _spelt(name: str) -> str:
    """A name with the letters written out that would hide how it differs."""
    if name.isascii() or not any(
        unicodedata.category(c) in _UNSEEN or c in _FILLERS or c.translate(_LATIN) != c
        for c in name
    ):
        return name
    return "".join(
        f"\\u{ord(c):04x}"
        if unicodedata.category(c) in _UNSEEN or c in _FILLERS or c.translate(_LATIN) != c
        else c
        for c in name
    )
