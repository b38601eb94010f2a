"""Late-onset neutropenia after a biologic, by every definition side by side.

Each definition is a decision table: questions in a fixed order, each with yes, no, or not known. A
count at which every answer is yes makes the patient's yes; one known no makes a count's no,
whatever is missing beside it. What is missing is named: the first in the order of the questions.
"""

from __future__ import annotations

from functools import reduce
from operator import and_

import ibis
import ibis.expr.types as ir

from incohort.cohort.daily import daily, day_number, meets, sign_of, value_of
from incohort.cohort.exposure import (
    ON,
    baseline,
    class_courses,
    doses_before,
    exposed,
    labs_of,
    taken,
)
from incohort.cohort.joining import beside
from incohort.cohort.late_onset_choices import (
    Alternative,
    LateOnsetChoices,
    late_onset_alternatives,
)
from incohort.cohort.opened import Cohort
from incohort.cohort.queries import kept
from incohort.cohort.rivals import cytotoxic_courses, near
from incohort.cohort.values import is_below, place_of

# the item whose absence leaves a question open, and why a known no is no; in the questions' order
MISSING = {
    "drug": "whether the drug is of the class is not known",
    "count_after": "nobody counted after the first dose",
    "first_dose": "whether the first dose came before the low count is not known",
    "exact_count": "the count is known on one side only",
    "last_dose": "the date of the last dose is not known",
    "cd19": "no CD19 count near the low count",
    "concurrent_drugs": "what else was taken, or when, is not known",
    "baseline_count": "no count before the first dose",
}
REASONS = {
    "met": "a count is as the definition asks",
    "not_exposed": "no drug of the class",
    "no_low_count": "no count that low after the first dose",
    "too_early": "low before the delay was over",
    "too_late": "low after the last day that counts",
    "not_depleted": "B cells were not depleted",
    "rival_cause": "a cytotoxic drug was near",
    "baseline_low": "already low before the first dose",
}
_QUESTIONS = (  # what is missing where the answer isn't known, and the reason where it is no
    ("drug", "not_exposed"), ("first_dose", "no_low_count"), ("exact_count", "no_low_count"),
    ("last_dose", "too_early"), ("last_dose", "too_late"), ("cd19", "not_depleted"),
    ("concurrent_drugs", "rival_cause"), ("baseline_count", "baseline_low"),
)  # fmt: skip


def late_onset_table(
    cohort: Cohort, choices: LateOnsetChoices, is_all: bool | None = None
) -> ir.Table:
    """The expression behind `late_onset_frame`, dates as day numbers.

    Args:
        cohort: With medications.
        choices: As there.
        is_all: Whether the cohort says that it collected everything that was taken.
    """
    counts = kept(asked_counts(cohort, choices, is_all))
    people = cohort.tables["patients"].select("patient_id")
    people = beside(people, exposed(_given(cohort, choices)).mutate(is_asked=True), "patient_id")
    people = kept(people)
    parts = [
        _answered(people, counts, alternative, choices, place)
        for place, alternative in enumerate(late_onset_alternatives(choices))
    ]
    table = reduce(lambda left, right: left.union(right), parts)
    return table.order_by("patient_id", "place").drop("place")


def unasked_table(cohort: Cohort) -> ir.Table:
    """The same of a cohort without medications: nothing is known of anybody."""
    people = cohort.tables["patients"].select("patient_id")
    parts = [
        people.mutate(definition=ibis.literal(each.name), place=ibis.literal(place))
        for place, each in enumerate(late_onset_alternatives(LateOnsetChoices()))
    ]
    table = reduce(lambda left, right: left.union(right), parts)
    flags = ("is_late_onset", "is_early", "baseline_low")
    table = table.mutate(
        **{name: ibis.null("boolean") for name in flags},
        first_missing=ibis.literal("drug"), reason=ibis.null("string"), rival=ibis.null("string"),
        onset_on=ibis.null("int64"), anc=ibis.null("float64"), days_since_dose=ibis.null("int64"),
    )  # fmt: skip
    return table.order_by("patient_id", "place").drop("place")


def _given(cohort: Cohort, choices: LateOnsetChoices) -> ir.Table:
    return class_courses(cohort.tables["medications"], choices.drug_class)


def asked_counts(cohort: Cohort, choices: LateOnsetChoices, is_all: bool | None) -> ir.Table:
    """Every count of those who were or may have been exposed, with what the questions ask of it."""
    given = _given(cohort, choices)
    days = daily(labs_of(cohort)).inner_join(exposed(given), "patient_id")
    counts = days.select(*ON, "is_exposed", value=value_of(days.key), sign=sign_of(days.key))
    counts = beside(counts, doses_before(counts, taken(given)), *ON)
    rivals = near(counts, cytotoxic_courses(cohort), choices.rival_days, is_all=is_all)
    counts = beside(counts, rivals, *ON)
    counts = beside(counts, baseline(counts, choices.baseline_limit), "patient_id")
    if choices.depleted_by == "cd19":
        return beside(counts, _depleted(labs_of(cohort), counts, taken(given), choices), *ON)
    waited_enough = counts.waited_least > choices.depleted_days
    is_depleted = ibis.cases(
        (counts.waited_most <= choices.depleted_days, True), (waited_enough, False)
    )
    return counts.mutate(is_depleted=is_depleted)


def _depleted(
    labs: ir.Table, counts: ir.Table, drugs: ir.Table, choices: LateOnsetChoices
) -> ir.Table:
    """`is_depleted` of each count with a CD19+ count near it; of two as near the earlier speaks."""
    asked = (labs.analyte == "CD19") & labs.value.notnull() & labs.taken_at.notnull()
    cells = labs.filter(asked)
    cells = cells.select(
        "patient_id", "value", "comparator", taken=day_number(cells.taken_at.date())
    )
    first = drugs.group_by("patient_id").aggregate(
        first=ibis.coalesce(drugs.started, drugs.stopped).min()
    )
    cells = cells.inner_join(first, "patient_id")
    is_after = cells["first"].isnull() | (cells.taken > cells["first"])
    cells = cells.filter(is_after).select("patient_id", "taken", "value", "comparator")
    pairs = counts.select(*ON).inner_join(cells, "patient_id")
    pairs = pairs.mutate(away=(pairs.taken - pairs.day).abs())
    pairs = pairs.filter(pairs.away <= choices.depleted_within_days)
    order = [pairs.away, pairs.taken, pairs.value, place_of(pairs.comparator)]
    nearest = ibis.window(group_by=[pairs.patient_id, pairs.day], order_by=order)
    ranked = pairs.mutate(rank=ibis.row_number().over(nearest))
    ranked = ranked.filter(ranked["rank"] == 0)
    low = is_below(ranked.value, ranked.comparator, choices.depleted_below)
    return ranked.select(*ON, is_depleted=low)


def answers_of(
    counts: ir.Table, alternative: Alternative, choices: LateOnsetChoices
) -> tuple[ir.BooleanValue, ...]:
    """What each of `_QUESTIONS` is answered of each count; what isn't asked is yes."""
    yes = ibis.literal(value=True)
    delay, horizon = alternative.delay_days, alternative.horizon_days
    late, soon = yes, yes
    if delay is not None:
        late = _holds(counts.waited_least >= delay, counts.waited_most < delay)
    if horizon is not None:
        soon = _holds(counts.waited_most <= horizon, counts.waited_least > horizon)
    asks_rival = alternative.is_unexplained or choices.rival_causes == "exclude"
    return (
        counts.is_exposed,
        counts.is_dosed,
        meets(counts.value, counts.sign, alternative.count),
        late,
        soon,
        counts.is_depleted if alternative.is_depleted else yes,
        _holds(~counts.is_near, counts.is_near) if asks_rival else yes,
        _holds(~counts.baseline_low, counts.baseline_low)
        if choices.baseline_low == "exclude"
        else yes,
    )


def _holds(yes: ir.BooleanValue, no: ir.BooleanValue) -> ir.BooleanValue:
    # also of `~x`: Ibis 12 writes its isnull() as `NOT (x IS NULL)`, which asks something else
    return ibis.cases((yes, True), (no, False))


def _answered(
    people: ir.Table,
    counts: ir.Table,
    alternative: Alternative,
    choices: LateOnsetChoices,
    place: int,
) -> ir.Table:
    """One row per patient: the definition's answer, what is missing, why, and the onset."""
    answers = answers_of(counts, alternative, choices)
    meets_all = reduce(and_, answers)
    low = answers[0] & answers[1] & answers[2]
    judged = counts.mutate(
        fits=meets_all,
        missing=ibis.cases(
            (meets_all.notnull(), None), *((a.isnull(), i) for i, a in enumerate(answers))
        ),
        failed=ibis.cases((meets_all, None), *((~a, i) for i, a in enumerate(answers))),
        low_early=(low & ~answers[3]).fill_null(False),  # noqa: FBT003 — a value
        low_at=low.fill_null(False),  # noqa: FBT003 — a value
        after=ibis.cases((counts.is_dosed, 1), (counts.is_dosed.isnull(), 0)),
    )
    each = judged.group_by("patient_id").aggregate(
        onset=judged.day.min(where=judged.fits),
        missing=judged.missing.min(),
        failed=judged.failed.max(),
        was_early=judged.low_early.any(),
        after=judged.after.max(),
        baseline_low=judged.baseline_low.any(),
        low_day=judged.day.min(where=judged.low_at),
    )
    table = beside(people, each, "patient_id")
    table = table.mutate(**_verdict(table))
    table = table.mutate(is_early=_early(table, alternative))
    at = counts.select(
        "patient_id", low_day="day", anc="value", rival="rival", least="waited_least",
        most="waited_most",
    )  # fmt: skip
    table = table.mutate(low_day=ibis.coalesce(table.onset, table.low_day))
    table = table.left_join(at, ["patient_id", "low_day"])
    is_exact = table.onset.notnull() & (table.least == table.most)
    return table.select(
        "patient_id", "is_late_onset", "first_missing", "reason", "is_early",
        "baseline_low", "rival",
        onset_on="onset",
        definition=ibis.literal(alternative.name),
        place=ibis.literal(place),
        anc=table.onset.notnull().ifelse(table.anc, None),
        days_since_dose=is_exact.ifelse(table.most, None),
    )  # fmt: skip


def _early(table: ir.Table, alternative: Alternative) -> ir.BooleanValue:
    if alternative.delay_days is None:
        return ibis.null("boolean")
    was_early = ibis.coalesce(table.was_early, ibis.literal(value=False))
    return ibis.cases((table.is_late_onset.isnull(), None), else_=was_early & ~table.is_late_onset)


def _verdict(table: ir.Table) -> dict[str, ir.Value]:
    """The patient's answer from those of all counts, what is missing, and why."""
    is_asked = table.is_asked.notnull()
    has_seen = table.after == 1
    is_met = table.onset.notnull()
    missing = ibis.cases(
        (~is_asked | is_met, None),
        *((table.missing == i, item) for i, (item, _) in enumerate(_QUESTIONS)),
        (table.after.isnull() & table.is_exposed.isnull(), "drug"),
        (table.after.isnull(), "count_after"),
        (~has_seen, "first_dose"),
    )
    reason = ibis.cases(
        (~is_asked, "not_exposed"),
        (is_met, "met"),
        (missing.notnull(), None),
        *((table.failed == i, why) for i, (_, why) in enumerate(_QUESTIONS)),
    )
    answer = ibis.cases((is_met, True), (missing.isnull(), False))
    return {"is_late_onset": answer, "first_missing": missing, "reason": reason}
