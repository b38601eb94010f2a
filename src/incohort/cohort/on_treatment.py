"""Neutropenia on a drug that is given continuously: an inhibitor of TNF or of the IL-6 receptor.

There is no delay here: a count is low while the drug is taken, or until some days after its end.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from incohort.cohort.daily import daily, sign_of, value_of
from incohort.cohort.exposure import (
    ON,
    baseline,
    coded_courses,
    doses_before,
    exposed,
    labs_of,
    taken,
)
from incohort.cohort.joining import beside
from incohort.cohort.opened import Cohort
from incohort.cohort.queries import kept
from incohort.cohort.values import is_below
from incohort.dictionary import load
from incohort.sources.drug_names import names_in

CLASSES = ("TNF inhibitor", "IL-6 receptor inhibitor")
ANY_TNF = "L04AB"  # the whole group: an inhibitor of TNF, whichever it is
BEFORE = 4.0  # Rajakulendran 2006: a count before the drug below this
WASHOUT_DAYS = 7
METHOTREXATE, PREDNISOLONE = "L04AX03", "H02AB06"


def on_treatment_table(cohort: Cohort, limit: float) -> ir.Table:
    """The expression behind `on_treatment_frame`."""
    medications = cohort.tables["medications"]
    codes = {code for drug in load().drugs_of(*CLASSES) for code in drug.all_atc}
    given = taken(coded_courses(medications, {*codes, ANY_TNF}))
    days = daily(labs_of(cohort)).inner_join(exposed(given), "patient_id")
    counts = days.select(*ON, value=value_of(days.key), sign=sign_of(days.key))
    counts = kept(beside(counts, doses_before(counts, given), *ON))
    people = cohort.tables["patients"].select("patient_id")
    people = beside(people, exposed(given).mutate(is_asked=True), "patient_id")
    for part in (
        _drug(given),
        _lowest(counts, given, limit),
        baseline(counts, BEFORE).select("patient_id", was_below_4="baseline_low"),
        *_others(cohort),
    ):
        people = beside(people, part, "patient_id")
    asked = people.is_asked.isnull()
    return people.mutate(is_given=ibis.cases((asked, False), else_=people.is_exposed)).order_by(
        "patient_id"
    )


def _drug(given: ir.Table) -> ir.Table:
    """The one substance that each patient is known to have been given."""
    substance = names_in(given.drug).substance(given.atc, given.drug)
    named = given.mutate(substance=substance.nullif(ANY_TNF))
    each = named.group_by("patient_id").aggregate(
        drug=named.substance.min(), n_drugs=named.substance.nunique()
    )
    return each.select("patient_id", drug=(each.n_drugs == 1).ifelse(each.drug, None))


def _lowest(counts: ir.Table, given: ir.Table, limit: float) -> ir.Table:
    """Whether some count on the drug is low, per patient with one."""
    pairs = counts.inner_join(given.select("patient_id", "started", "stopped"), "patient_id")
    begun = ibis.cases((pairs.started.notnull(), pairs.started < pairs.day))
    over = (pairs.stopped + WASHOUT_DAYS < pairs.day).fill_null(False)  # noqa: FBT003 — a value
    pairs = pairs.mutate(is_on=begun & ~over, low=is_below(pairs.value, pairs.sign, limit))
    on = pairs.filter(pairs.is_on | pairs.is_on.isnull())
    on = on.mutate(low=on.is_on & on.low)
    each = on.group_by("patient_id").aggregate(
        n_low=on.low.ifelse(1, 0).sum(), n_open=on.low.isnull().ifelse(1, 0).sum()
    )
    return each.select(
        "patient_id", is_low=ibis.cases((each.n_low > 0, True), (each.n_open == 0, False))
    )


def _others(cohort: Cohort) -> list[ir.Table]:
    """What else the studies looked at: who has a row of each kind, where anybody has one."""
    people = cohort.tables["patients"].select("patient_id")
    medications = cohort.tables["medications"]
    rows = {}
    for name, code in (("methotrexate", METHOTREXATE), ("prednisolone", PREDNISOLONE)):
        drug = next(drug for drug in load().drugs if drug.atc == code)
        courses = coded_courses(medications, set(drug.all_atc))
        rows[name] = courses.filter(courses.is_of_class).select("patient_id")
    parts = [_having(people, rows[name], name) for name in rows]
    parts.append(_earlier(cohort, people))
    parts.append(_ana(cohort, people))
    return parts


def _having(people: ir.Table, rows: ir.Table, name: str) -> ir.Table:
    """Who is in some rows; nobody is known not to be where nobody is."""
    members = rows.distinct().mutate(has=True)
    both = beside(people, members, "patient_id")
    both = both.cross_join(members.aggregate(n_rows=members.count()))
    has = ibis.cases((both.has, True), (both.n_rows > 0, False))
    return both.select("patient_id", **{name: has})


def _earlier(cohort: Cohort, people: ir.Table) -> ir.Table:
    if not cohort.has("diagnoses"):
        return people.mutate(earlier=ibis.null("boolean"))
    diagnoses = cohort.tables["diagnoses"]
    rows = diagnoses.filter(diagnoses.condition == "drug_induced_neutropenia")
    return _having(people, rows.select("patient_id"), "earlier")


def _ana(cohort: Cohort, people: ir.Table) -> ir.Table:
    if not cohort.has("autoantibodies"):
        return people.mutate(ana=ibis.null("string"))
    tests = cohort.tables["autoantibodies"]
    ana_tests = tests.filter(tests.antibody == "ana", tests.result.isin(["positive", "negative"]))
    # of two results the positive one speaks: it comes last by its word
    return ana_tests.group_by("patient_id").aggregate(ana=ana_tests.result.max())
