"""A drug of a row by its code or its name, as expressions that every engine reads alike."""

from __future__ import annotations

from collections.abc import Collection

import ibis
import ibis.expr.types as ir

from incohort.dictionary import load
from incohort.dictionary.drug_names import (
    ACCENTED,
    DOSE,
    ENDINGS,
    IN_BRACKETS,
    NO_LETTER,
    PLAIN,
)


def is_one_of(atc: ir.StringValue, drug: ir.StringValue, codes: Collection[str]) -> ir.BooleanValue:
    """Whether a row is of one of these codes: by its code, or by a name where it has none."""
    keys = sorted(key for key, code in load().codes_by_key.items() if code in codes)
    named = atc.isnull() & _has_key(drug, keys)
    return (atc.isin(sorted(codes)) | named).fill_null(False)  # noqa: FBT003 — a value


def is_read(atc: ir.StringValue, drug: ir.StringValue) -> ir.BooleanValue:
    """Whether it can be told what a row's drug is: it has a code, or a name that is known."""
    named = _has_key(drug, sorted(load().codes_by_key))
    return atc.notnull() | named.fill_null(False)  # noqa: FBT003 — a value


def may_be_one_of(
    atc: ir.StringValue, drug: ir.StringValue, codes: Collection[str]
) -> ir.BooleanValue:
    """Whether a row that is none of these may yet be one of them.

    Nobody knows its name, or its code is that of a whole group in which they are.
    """
    groups = {code[:size] for code in codes for size in (1, 3, 4, 5) if size < len(code)}
    is_wider = atc.isin(sorted(groups - set(codes)))
    return ~is_read(atc, drug) | is_wider.fill_null(False)  # noqa: FBT003 — a value


def substance(atc: ir.StringValue, drug: ir.StringValue) -> ir.StringValue:
    """One word for all codes and names of a drug; a name that nobody knows stands for itself."""
    known = load().codes_by_key
    present = {code: entry.atc for entry in load().drugs for code in entry.all_atc}
    by_code: dict[str, list[str]] = {}
    for key, code in known.items():
        by_code.setdefault(present.get(code, code), []).append(key)
    keys = _keys(drug)
    named = ibis.cases(
        *((ibis.or_(*(key.isin(own) for key in keys)), code) for code, own in by_code.items()),
        else_=keys[0],
    )
    former = {code: new for code, new in present.items() if code != new}
    return ibis.cases((atc.isnull(), named), else_=atc.substitute(former))


def has_dose(drug: ir.StringValue) -> ir.BooleanValue:
    """Whether a dose stands behind the name."""
    return _small(drug).re_search(DOSE)


def _has_key(drug: ir.StringValue, keys: Collection[str]) -> ir.BooleanValue:
    return ibis.or_(*(key.isin(keys) for key in _keys(drug)))


def _keys(drug: ir.StringValue) -> tuple[ir.StringValue, ...]:
    """A name's keys: whole, without what is in brackets, and that alone."""
    outside = drug.re_replace(IN_BRACKETS, " ")
    inside = drug.re_extract(f"({IN_BRACKETS})", 1)
    return tuple(_key(part) for part in (drug, outside, inside))


def _key(name: ir.StringValue) -> ir.StringValue:
    text = _small(name)
    for ending in ENDINGS:
        text = text.re_replace(ending, "")
    return text.re_replace(NO_LETTER, "")


def _small(name: ir.StringValue) -> ir.StringValue:
    return name.translate(ACCENTED, PLAIN).lower()
