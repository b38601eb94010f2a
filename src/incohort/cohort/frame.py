"""One row per patient, with everything that the definitions say of them."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from incohort.cohort import antibodies, diagnoses, values
from incohort.cohort.choices import Choices
from incohort.cohort.course import course
from incohort.cohort.cytopenia import anaemia, pattern
from incohort.cohort.joining import beside
from incohort.cohort.opened import Cohort
from incohort.cohort.queries import frame_of
from incohort.cohort.severity import grade, with_limits
from incohort.dictionary import SeveritySystem, load

_PLAIN = (
    "patient_id", "sex", "age_years", "index_date", "centre", "ancestry", "duffy_null", "aetiology",
)  # fmt: skip
_WORDS = ("limit_of", "severity", "course", "cytopenia")


def severity_system(choices: Choices) -> SeveritySystem:
    """The chosen system of grades, its upper limit replaced where the user gives another.

    Grades that then lie above the limit are empty; the uppermost one reaches up to the limit.
    """
    system = load().severity_system(choices.severity_system)
    if choices.anc_limit is None:
        return system
    return system.model_copy(update={"upper_limit": choices.anc_limit})


def infant_limit(choices: Choices) -> float | None:
    """The limit of infants, 10⁹/L, never above that of everybody else; None: none of their own."""
    if choices.infants == "as_adults":
        return None
    limit = load().threshold("neutropenia", "infant").value
    return min(limit, severity_system(choices).upper_limit)


def patient_frame(cohort: Cohort, choices: Choices) -> pd.DataFrame:
    """One row per patient, in the order of `patient_id`.

    Columns: those of `patients` (age worked out from the birth date where it is not given), `anc`
    (10⁹/L, by `choices.count_at`) and `n_anc`, `limit_of` (by whose limit it is graded: `infant`,
    `system`, `unknown_age`), `is_neutropenic`, `severity`, `course`, `cytopenia`,
    `thyroid_subtype`, `has_thyroid_diagnosis`, `has_recurrent_infections`, `assay_<name>` for each
    assay, and `lab_<analyte>` with the value nearest the index date; `anc_sign` and
    `lab_<analyte>_sign` are `<`, `<=`, `>=` or `>` where the number is a bound. What the cohort has
    no table for is missing in every row, and so is what nobody in it has a row of.

    Raises:
        UsageError: A choice names no alternative of the dictionary.
    """
    return frame_of(cohort, _patients, choices).reset_index(drop=True)


def _patients(cohort: Cohort, choices: Choices) -> ir.Table:
    patients = cohort.tables["patients"]
    age = ibis.coalesce(patients.age_years, age_at(patients.birth_date, patients.index_date))
    table = patients.select(*(name for name in _PLAIN if name != "age_years"), age_years=age)
    table = _with_labs(table, cohort, choices)
    table = _with_assays(table, cohort)
    table = _with_diagnoses(table, cohort, choices)
    return table.order_by("patient_id")


def age_at(birth: ir.DateValue, index: ir.DateValue) -> ir.FloatingValue:
    """Age in years at the index date; on a birthday never less than the years completed.

    Eighteen years can have a day less than 18 × 365.25, and who is 18 today is no minor.
    """
    not_yet = (index.month() < birth.month()) | (
        (index.month() == birth.month()) & (index.day() < birth.day())
    )
    completed = index.year() - birth.year() - not_yet.ifelse(1, 0)
    return ibis.greatest(
        index.delta(birth, unit="day").cast("float64") / 365.25, completed.cast("float64")
    )


def _with_labs(table: ir.Table, cohort: Cohort, choices: Choices) -> ir.Table:
    names = list(load().analytes)
    system = severity_system(choices)
    if not cohort.has("labs"):
        absent = {f"lab_{name}": ibis.null("float64") for name in names}
        absent |= {values.sign_column(f"lab_{name}"): ibis.null("string") for name in names}
        words = {name: ibis.null("string") for name in _WORDS}
        flags = {"is_neutropenic": ibis.null("boolean")}
        return table.mutate(
            anc=ibis.null("float64"), anc_sign=ibis.null("string"), n_anc=ibis.literal(0),
            **words, **flags, **absent,
        )  # fmt: skip
    dated = values.dated(cohort.tables["labs"], cohort.tables["patients"])
    nearest = values.wide(values.one_each(dated, "index", choices.window_days), names, names)
    nearest = nearest.rename({values.sign_column(f"lab_{name}"): f"sign_{name}" for name in names})
    counts = with_limits(
        dated.filter(dated.analyte == "ANC"),
        choices.infants,
        system.upper_limit,
        infant_limit(choices),
    )
    chosen = values.one_each(counts, choices.count_at).select(
        "patient_id", "low_below", "limit_of", anc="value", anc_sign="comparator"
    )
    n_counts = counts.group_by("patient_id").aggregate(n_anc=counts.count())
    chronic = load().threshold("chronic", choices.chronic)
    spells = course(counts, chronic.in_days)
    for part in (nearest, chosen, n_counts, spells):
        table = beside(table, part)
    table = table.mutate(
        n_anc=ibis.coalesce(table.n_anc, 0),
        severity=grade(table.anc, table.anc_sign, system, table.low_below),
        is_neutropenic=values.is_below(table.anc, table.anc_sign, table.low_below),
    )
    is_anaemic = anaemia(
        table.lab_HB,
        table[values.sign_column("lab_HB")],
        table.sex,
        load().threshold("anaemia", "who_men").value,
        load().threshold("anaemia", "who_women").value,
    )
    platelets = load().threshold("thrombocytopenia", choices.platelets).value
    table = table.mutate(
        cytopenia=pattern(
            table.is_neutropenic,
            is_anaemic,
            values.is_below(table.lab_PLT, table[values.sign_column("lab_PLT")], platelets),
        )
    )
    return table.drop("low_below")


def _with_assays(table: ir.Table, cohort: Cohort) -> ir.Table:
    column = next(c for c in load().table("antibody_tests").columns if c.name == "assay")
    names = [category.value for category in column.categories]
    if not cohort.has("antibody_tests"):
        return table.mutate(**{f"assay_{name}": ibis.null("string") for name in names})
    return beside(table, antibodies.results(antibodies.antibody_tests(cohort), names))


def _with_diagnoses(table: ir.Table, cohort: Cohort, choices: Choices) -> ir.Table:
    if cohort.has("diagnoses"):
        diagnosed = diagnoses.thyroid(cohort.tables["diagnoses"])
        table = _flagged(table, diagnosed, diagnosed, "has_thyroid_diagnosis")
    else:
        table = table.mutate(
            thyroid_subtype=ibis.null("string"), has_thyroid_diagnosis=ibis.null("boolean")
        )
    if not cohort.has("events"):
        return table.mutate(has_recurrent_infections=ibis.null("boolean"))
    events = cohort.tables["events"]
    infected = diagnoses.infections(events, choices.recurrent_from)
    asked = diagnoses.asked_for_infections(events, choices.recurrent_from)
    return _flagged(table, infected, asked, "has_recurrent_infections")


def _flagged(table: ir.Table, part: ir.Table, asked: ir.Table, name: str) -> ir.Table:
    """`table` with the columns of `part`, and whether somebody has a row there.

    A patient without a row has none of it recorded, and is False. But where nobody in the cohort
    has a row of what was asked for, the cohort did not record it: then it is NULL in everybody.
    """
    n_recorded = asked.aggregate(_n_recorded=asked.count())
    table = beside(table, part.mutate(_has_row=True)).cross_join(n_recorded)
    flag = ibis.cases((table["_n_recorded"] > 0, ~_is_missing(table["_has_row"])))
    return table.mutate(**{name: flag}).drop("_has_row", "_n_recorded")


def _is_missing(column: ir.Column) -> ir.BooleanValue:
    return column.isnull()  # noqa: PD003 — an Ibis column
