"""Who is at high risk in drug-induced neutropenia, and so may need G-CSF: each flag apart."""

from __future__ import annotations

import operator

import ibis
import ibis.expr.types as ir

from incohort.cohort.daily import day_number, meets
from incohort.cohort.recovery_choices import RecoveryChoices
from incohort.cohort.suspects import EPISODE
from incohort.dictionary import Threshold, load


def age_flag(age_years: ir.FloatingValue) -> ir.BooleanValue:
    """Older than the dictionary's limit; NULL where the age is not known."""
    return _reaches(age_years, load().threshold("growth_factor", "age"))


def count_flag(nadir: ir.FloatingValue, sign: ir.StringValue) -> ir.BooleanValue:
    """A nadir below the dictionary's limit; NULL where its sign can't tell."""
    return meets(nadir, sign, load().threshold("growth_factor", "count"))


def infections(events: ir.Table, episodes: ir.Table) -> ir.Table:
    """`high_risk_infection` per episode with an infection from onset to its end.

    True where one is severe by its grade, NULL where only ungraded ones might be, False else.
    An infection without a date can't be placed and is taken for none of the episode's.
    """
    dated = events.filter(events.event == "infection", events.occurred_on.notnull())
    days = dated.select("patient_id", "grade", day=day_number(dated.occurred_on))
    pairs = episodes.select(*EPISODE, "onset", "end").inner_join(days, "patient_id")
    within = pairs.filter(pairs.day >= pairs.onset, pairs.day <= pairs.end)
    severe = _reaches(within.grade, load().threshold("severe_infection", "grade_3"))
    table = within.mutate(is_severe=severe.fill_null(False), is_ungraded=within.grade.isnull())  # noqa: FBT003 — Ibis takes it by position only
    each = table.group_by(*EPISODE).aggregate(
        is_severe=table.is_severe.any(), is_ungraded=table.is_ungraded.any()
    )
    return each.select(
        *EPISODE,
        has_infection=True,
        high_risk_infection=ibis.cases(
            (each.is_severe, True), (each.is_ungraded, None), else_=False
        ),
    )


def comorbidities(diagnoses: ir.Table, episodes: ir.Table, choices: RecoveryChoices) -> ir.Table:
    """Episodes whose patient had a severe comorbidity by the onset, or at an unknown date."""
    conditions = diagnoses.filter(diagnoses.condition.isin(choices.severe_comorbidities))
    days = conditions.select("patient_id", day=day_number(conditions.diagnosed_on))
    pairs = episodes.select(*EPISODE, "onset").inner_join(days, "patient_id")
    by_then = pairs.filter(pairs.day.isnull() | (pairs.day <= pairs.onset))
    return by_then.group_by(*EPISODE).aggregate(n_comorbidities=by_then.count())


def any_flag(*flags: ir.BooleanValue) -> ir.BooleanValue:
    """True where one is, False where all are, NULL otherwise."""
    some, none = ibis.or_(*flags), ibis.and_(*(~flag for flag in flags))
    return ibis.cases((some, True), (none, False))


def _reaches(value: ir.NumericValue, threshold: Threshold) -> ir.BooleanValue:
    """Whether an exact number is as the threshold asks."""
    compare = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
    return compare[threshold.comparison](value, threshold.value)
