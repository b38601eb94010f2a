"""Drugs that nobody can read: a name that is not known, a dose in a name, two drugs in one row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches

import ibis
import ibis.expr.types as ir

from incohort.dictionary import load
from incohort.dictionary.drug_names import has_dose, name_key
from incohort.results import Concern
from incohort.sources.cells import cell
from incohort.sources.drug_names import DrugNames, names_in
from incohort.sources.looks.telling import Group, Odd, Words, concerns_of
from incohort.sources.raw import ROW, Raw

_MOST = 5_000  # different names that are held against the dictionary's
_ALIKE = 0.8  # how like a name must be to be offered: a drug's name is no everyday word
_DOSE = "dose_in_name"
_TWO = "code_against_name"
_UNKNOWN = "name_not_known"


def concerns(raw: Raw) -> Iterator[Concern]:
    """The rows of `medications` whose drug is not known, or is told twice and differently."""
    table = raw.tables.get("medications")
    if table is None or not {"patient_id", "drug"} <= {*table.columns}:
        return
    specs = {column.name: column for column in load().table("medications").columns}
    has_code = "atc" in table.columns
    drug = cell(table.table, specs["drug"])
    atc = cell(table.table, specs["atc"]) if has_code else ibis.null("string")
    drugs = table.table.select(ROW, "patient_id", drug=drug, atc=atc)
    drugs = drugs.filter(drugs.drug.notnull())
    names = names_in(drugs.drug)
    dosed = [name for name in names.codes if has_dose(name)]
    rule = ibis.cases(
        (~names.is_read(drugs.atc, drugs.drug), _UNKNOWN),
        (_contradicts(drugs, names), _TWO),
        (drugs.drug.isin(dosed), _DOSE),
    )
    asked = drugs.mutate(rule=rule)
    near = _nearest([name for name, code in names.codes.items() if code is None])
    subject = (asked.rule == _UNKNOWN).ifelse(
        asked.drug.substitute(near, else_="") if near else ibis.literal(""), ""
    )
    rows = asked.filter(asked.rule.notnull()).select(
        ROW,
        "patient_id",
        "rule",
        subject=subject,
        shown=asked.drug,
        size=ibis.null("float64"),
    )
    odd = Odd(
        table="medications",
        column="drug",
        rows=rows,
        asked=asked.select("patient_id", subject=ibis.literal("")),
    )
    yield from concerns_of(raw, odd, _say)


def _contradicts(drugs: ir.Table, names: DrugNames) -> ir.BooleanValue:
    """Whether a row's code is of one drug and its name of another."""
    named = {name: code for name, code in names.codes.items() if code}
    if not named:
        return ibis.literal(value=False)
    by_name = names.substance(ibis.null("string"), drugs.drug)
    by_code = names.substance(drugs.atc, drugs.drug)
    known = sorted({code for drug in load().drugs for code in drug.all_atc})
    differs = drugs.drug.isin(list(named)) & drugs.atc.isin(known) & (by_code != by_name)
    # G-CSF names a whole group, and says no more than a code of it
    is_group = by_name.length() < by_code.length()
    return (differs & ~is_group).fill_null(False)  # noqa: FBT003 — a value


def _nearest(unread: Sequence[str]) -> dict[str, str]:
    """The drug whose name is most like it, for each name that nobody knows and that is like one."""
    known = load().codes_by_key
    matches = {
        name: get_close_matches(name_key(name), known, n=1, cutoff=_ALIKE)
        for name in unread[:_MOST]
    }
    return {name: load().substance(known[keys[0]]) for name, keys in matches.items() if keys}


def _say(group: Group) -> Words:
    match group.rule:
        case "dose_in_name":
            return Words(
                sentence="A dose stands in the drug's name; the drug was read, the dose was not.",
                remedy="Write the name alone into drug, the dose into dose and dose_unit.",
            )
        case "code_against_name":
            return Words(
                sentence="The ATC code is of one drug, the name of another; the code was taken.",
                remedy="Compare with the record, and correct the code or the name.",
            )
        case _ if group.subject:
            return Words(
                sentence="A drug's name that the dictionary does not know, and no ATC code; the "
                f"nearest name is {group.subject}. It counts for no drug.",
                remedy="Add the ATC code, or write the drug's international name.",
                subject=group.subject,
            )
        case _:
            return Words(
                sentence="Drugs' names that the dictionary does not know, and no ATC code. They "
                "count for no drug.",
                remedy="Add the ATC code, or write the drug's international name.",
            )
