"""The counts and doses behind late onset: a row per patient and day, for what is told over time."""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir
import pandas as pd

from incohort.cohort.daily import day_number, meets
from incohort.cohort.exposure import ON, class_courses, taken
from incohort.cohort.late_onset import answers_of, asked_counts
from incohort.cohort.late_onset_choices import (
    DRUG_CLASSES,
    LateOnsetChoices,
    late_onset_alternatives,
)
from incohort.cohort.opened import Cohort
from incohort.cohort.queries import frame_of, kept
from incohort.cohort.rivals import cytotoxic_courses
from incohort.cohort.tidying import tidy
from incohort.cohort.values import is_below
from incohort.dictionary import load

LOW, NORMAL, RECOVERED = "is_low", "is_normal", "is_recovered"


@dataclass(frozen=True, kw_only=True)
class LateOnsetDays:
    """What was counted and what was given, as day numbers, of whoever was or may have been exposed.

    - `counts`: `patient_id`, `day`, `value`, `sign`; `is_dosed`: after the first dose; `waited`:
      days since the last dose, missing where others may have lain between; `is_low`: as low as the
      widest of the published definitions asks; `is_normal`: no longer below that limit;
      `is_recovered`: at the threshold asked for; `fits_…` of each definition: whether this count is
      late-onset by it. Each True, False or None.
    - `doses`: `patient_id`, `day`, `is_of_class`; missing where not dated.
    - `others`: `patient_id`, `day` on which a biologic of another class, or a cytotoxic drug, was
      first given; `deaths`: `patient_id`, `day`, missing without a date.
    """

    counts: pd.DataFrame
    doses: pd.DataFrame
    others: pd.DataFrame
    deaths: pd.DataFrame


def late_onset_days(
    cohort: Cohort, choices: LateOnsetChoices, recovered_from: float
) -> LateOnsetDays:
    """The counts and doses of those who were given a drug of the class.

    Args:
        cohort: With medications.
        choices: The class of drugs, and what the definitions leave open.
        recovered_from: The count, 10⁹/L, from which a patient has recovered.
    """
    is_all = cohort.collects("concurrent_medications")
    counts = frame_of(cohort, counts_table, choices, recovered_from, is_all)
    flags = ("is_dosed", LOW, NORMAL, RECOVERED, *_fits())
    columns = (*ON, "value", "sign", "waited", *flags)
    doses = frame_of(cohort, _doses, choices)
    others = frame_of(cohort, _others, choices)
    return LateOnsetDays(
        counts=tidy(counts, columns, flags, ("day", "waited")),
        doses=tidy(doses, (*ON, "is_of_class"), ("is_of_class",), ("day",)),
        others=tidy(others, ON, (), ("day",)),
        deaths=tidy(_deaths_of(cohort), ON, (), ("day",)),
    )


def fits(definition: str) -> str:
    """The column that says which counts are late-onset by a definition."""
    return f"fits_{definition}"


def counts_table(
    cohort: Cohort, choices: LateOnsetChoices, recovered_from: float, is_all: bool | None
) -> ir.Table:
    """The expression behind `LateOnsetDays.counts`."""
    counts = kept(asked_counts(cohort, choices, is_all))
    widest = load().threshold("late_onset_count", "abdulkader")
    answers = {}
    for alternative in late_onset_alternatives(choices):
        each = answers_of(counts, alternative, choices)
        answers[fits(alternative.name)] = ibis.and_(*each)
    return counts.select(
        *ON,
        "value",
        "sign",
        "is_dosed",
        waited=(counts.waited_least == counts.waited_most).ifelse(counts.waited_most, None),
        is_low=meets(counts.value, counts.sign, widest),
        is_normal=~is_below(counts.value, counts.sign, widest.value),
        is_recovered=~is_below(counts.value, counts.sign, recovered_from),
        **answers,
    ).order_by(*ON)


def _fits() -> tuple[str, ...]:
    return tuple(fits(each.name) for each in late_onset_alternatives(LateOnsetChoices()))


def _doses(cohort: Cohort, choices: LateOnsetChoices) -> ir.Table:
    """Every day on which a drug of the class was given, or a course of it began or ended."""
    given = taken(class_courses(cohort.tables["medications"], choices.drug_class))
    ends = [
        given.select("patient_id", day=ibis.coalesce(given.started, given.stopped),
                     is_of_class="is_of_class"),
        given.drop_null("stopped").select(
            "patient_id", day="stopped", is_of_class="is_of_class"
        ),
    ]  # fmt: skip
    days = ends[0].union(ends[1]).distinct()
    return days.order_by("patient_id", "day", "is_of_class")


def _others(cohort: Cohort, choices: LateOnsetChoices) -> ir.Table:
    """Every day on which a course of another class, or of a cytotoxic drug, began."""
    classes = [each for each in DRUG_CLASSES if each != choices.drug_class]
    given = class_courses(cohort.tables["medications"], *classes)
    biologics = given.filter(given.is_of_class).select("patient_id", day="started")
    drugs = cytotoxic_courses(cohort)
    cytotoxic = drugs.filter(drugs.is_of_class).select("patient_id", day="started")
    days = biologics.union(cytotoxic).distinct()
    return days.drop_null("day").order_by("patient_id", "day")


def _deaths_of(cohort: Cohort) -> pd.DataFrame:
    if not cohort.has("events"):
        return pd.DataFrame({"patient_id": [], "day": pd.Series(dtype="Int64")})
    return frame_of(cohort, _deaths)


def _deaths(cohort: Cohort) -> ir.Table:
    events = cohort.tables["events"]
    deaths = events.filter(events.event == "death")
    days = deaths.select("patient_id", day=day_number(deaths.occurred_on))
    return days.order_by("patient_id", "day")
