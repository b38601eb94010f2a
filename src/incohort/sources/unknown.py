"""A column that the dictionary doesn't have: what it may be, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

from incohort.dictionary import load
from incohort.dictionary.nearest import OTHER_WORDS, nearest, squashed
from incohort.errors import Fault

EXTRA_PREFIX = "x_"
# Names of columns that tell who somebody is, without case and without what stands between words;
# after the list of the US Safe Harbor rule (45 CFR 164.514(b)(2)), with German names.
_IDENTIFIER = re.compile(
    r"(?:patient|pat|contact|home|work|private|next_of_kin|gp)?_?(?:"
    r"e_?mails?(?:_?address)?|(?:tele)?phones?(?:_?(?:no|number))?|telefon(?:nummer)?|mobile(?:_?no)?"
    r"|handy|fax(?:_?no)?|(?:full|first|last|family|given|maiden|sur|middle|patient)?_?names?"
    r"|initials|(?:vor|nach|familien|geburts)name|(?:street_?|home_?|postal_?)?address(?:_?line_?\d)?"
    r"|adresse|anschrift|street|stra(?:ss|ß)e|post_?(?:al_?)?code|zip(?:_?code)?|plz|ssn|sin"
    r"|social_?security(?:_?(?:no|number))?|national_?id|passport(?:_?(?:no|number))?"
    r"|nhs(?:_?(?:no|number))?|chi_?number|mrn|medical_?record_?(?:no|number)"
    r"|hospital_?(?:no|number|id)|insurance_?(?:no|number|id)|versicherten_?nummer"
    r"|krankenkassen_?nummer|licen[cs]e_?plate|account_?(?:no|number)|iban|ip_?address|url"
    r"|photo(?:graph)?|fingerprint|place_?of_?birth|birth_?place|geburtsort"
    r")"
)
_SEPARATORS = re.compile(r"[\s.\-/]+")


def unknown_column(table: str, name: str, match: str | None, taken: Collection[str]) -> Fault:
    """A column that is not in the dictionary.

    Args:
        table: Its table.
        name: Its name.
        match: The column of the table that it seems to be.
        taken: Names that are those of other columns, without case.
    """
    hint, remedy = _advice(name, match, taken)
    return Fault(
        table=table,
        column=name,
        row=1,
        rule="the column is in the data dictionary",
        remedy=f"{hint}{remedy}",
        hint=hint,
    )


def is_identifier(name: str) -> bool:
    """Whether a column of that name tells who somebody is."""
    plain = _SEPARATORS.sub("_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip())).casefold()
    return _IDENTIFIER.fullmatch(plain.strip("_").removeprefix(EXTRA_PREFIX)) is not None


def _advice(name: str, match: str | None, taken: Collection[str]) -> tuple[str, str]:
    """What goes for this column alone, and what for all that are like it."""
    if not name.strip():
        return "", "Give the column a name, or remove it."
    if is_identifier(name):
        return "", "It may tell who somebody is. Remove it: a cohort holds no such column."
    analyte = _analyte(name)
    if analyte is not None:
        return f"{analyte} is an analyte, and no column. ", (
            "Write one row for each measurement into the table labs: patient_id, analyte, "
            "taken_at, value and unit."
        )
    if match is not None:
        return f"Did you mean {match!r}? ", (
            f"Only a column that means something else is renamed to begin with {EXTRA_PREFIX}."
        )
    new_name = _own(name, taken)
    return f"To keep it, rename it {new_name}. ", f"Columns of your own begin with {EXTRA_PREFIX}."


def _analyte(name: str) -> str | None:
    """The analyte that a column is named for, with its unit behind it or not."""
    plain = name.strip()
    for word in (plain, re.split(r"[\s(\[]", plain, maxsplit=1)[0]):
        if squashed(word) in _analytes():
            return _analytes()[squashed(word)]
    return None


@cache
def _analytes() -> dict[str, str]:
    """The analytes by their names, and by what others call them, without what people vary."""
    known = load().analytes
    others = {squashed(word): name for word in OTHER_WORDS if (name := nearest(word, known))}
    return others | {squashed(name): name for name in known}


def _own(name: str, taken: Collection[str]) -> str:
    """A name of the user's own for a column, which no other column has."""
    plain = "".join(name.split()).removeprefix("X_") or "column"
    new_name, n = f"{EXTRA_PREFIX}{plain}", 2
    while new_name.casefold() in taken and new_name.casefold() != name.casefold():
        new_name, n = f"{EXTRA_PREFIX}{plain}_{n}", n + 1
    return new_name
