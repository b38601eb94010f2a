"""Whether a checkpoint inhibitor or something else explains a neutropenia: questions in order.

The first question answered yes gives the class. Where one before it can't be answered, the class is
not known, and what is missing is named: in the order exposure, baseline count, other drugs, other
causes. Whether it is immune-related may be known all the same: one yes is enough for no.
"""

from __future__ import annotations

from functools import reduce
from operator import or_

import ibis
import ibis.expr.types as ir

from incohort.cohort.antibodies import antibody_tests
from incohort.cohort.checkpoint_choices import CheckpointChoices
from incohort.cohort.daily import daily, day_number, sign_of, value_of
from incohort.cohort.episodes import episodes
from incohort.cohort.exposure import (
    ON,
    baseline,
    class_courses,
    coded_courses,
    doses_before,
    exposed,
    labs_of,
    taken,
)
from incohort.cohort.joining import beside
from incohort.cohort.opened import Cohort
from incohort.cohort.queries import kept
from incohort.cohort.rivals import absent, cytotoxic_courses, named, near
from incohort.dictionary import load

CLASS = "immune checkpoint inhibitor"
_CYTOTOXIC = "cytotoxic"
MALIGNANCIES = ("lymphoma", "hodgkin", "cll", "waldenstrom", "mds_aml")
LGL = ("t_lgl_leukaemia", "nk_lgl_leukaemia")
Collected = tuple[bool | None, bool | None]  # everything taken; every diagnosis and infection

CLASSES = {
    "not_exposed": "no checkpoint inhibitor",
    "pre_existing": "low before the first dose",
    "outside_window": "too long after the last dose",
    "rival_cause": "another cause was near",
    "immune_related": "nothing else explains it",
    "unclassified": "something is missing",
    "no_event": "no count of that grade after the first dose",
}
MISSING = {
    "drug": "whether the drug is a checkpoint inhibitor is not known",
    "count_after": "nobody counted after the first dose",
    "exposure_date": "when the checkpoint inhibitor was given is not known",
    "baseline_count": "no count before the first dose",
    "concurrent_drugs": "what else was taken, or when, is not known",
    "other_cause": "whether the marrow, a malignancy or an infection explains it is not known",
}


def checkpoint_table(
    cohort: Cohort, choices: CheckpointChoices, collected: Collected = (None, None)
) -> ir.Table:
    """One row per episode, and one for each patient without: the class and what it rests on.

    Args:
        cohort: With medications.
        choices: Grade, window, and how near a rival cause is.
        collected: Whether the cohort says that it collected everything that was taken, and every
            diagnosis and infection; None: it says nothing.
    """
    medications = cohort.tables["medications"]
    given = class_courses(medications, CLASS)
    spells = episodes(labs_of(cohort), choices.recovery)
    spells = spells.select("patient_id", "episode", "nadir", "nadir_sign", day="onset")
    people = cohort.tables["patients"].select("patient_id")
    table = beside(people, kept(spells), "patient_id")
    table = beside(table, exposed(given).mutate(is_asked=True), "patient_id")
    table = beside(table, doses_before(_days(spells), taken(given)), *ON)
    table = kept(beside(table, _before(cohort, given, choices), "patient_id"))
    days = _days(table.filter(table.day.notnull()))
    for part in _rivals(cohort, days, choices, collected):
        table = beside(table, part, *[name for name in ON if name in part.columns])
    table = kept(_with_support(_with_disease(table, collected), cohort))
    return _classed(table, choices).order_by("patient_id", "episode")


def _days(spells: ir.Table) -> ir.Table:
    return spells.select(*ON)


def _before(cohort: Cohort, given: ir.Table, choices: CheckpointChoices) -> ir.Table:
    """The baseline of each who was or may have been exposed, and whether anybody counted after."""
    days = daily(labs_of(cohort)).inner_join(exposed(given), "patient_id")
    counts = days.select(*ON, value=value_of(days.key), sign=sign_of(days.key))
    counts = kept(beside(counts, doses_before(counts, taken(given)), *ON))
    seen = counts.group_by("patient_id").aggregate(
        after=ibis.cases((counts.is_dosed, 1), (counts.is_dosed.isnull(), 0)).max()
    )
    return beside(seen, baseline(counts, choices.baseline_limit), "patient_id")


def _rivals(
    cohort: Cohort, days: ir.Table, choices: CheckpointChoices, collected: Collected
) -> tuple[ir.Table, ...]:
    """What is known of chemotherapy, other drugs and diseases near each onset, a part each."""
    is_all, _ = collected
    medications = cohort.tables["medications"]
    chemotherapy = near(days, cytotoxic_courses(cohort), choices.rival_days, is_all=is_all)
    others = [code for drug in load().drugs_of(CLASS, _CYTOTOXIC) for code in drug.all_atc]
    suspects = {
        code
        for drug in load().drugs
        if drug.role != "treatment"
        for code in drug.all_atc
        if code not in others
    }
    given = named(coded_courses(medications, suspects, or_suspects_but=others), medications)
    within = int(load().threshold("drug_induced_onset", "seven_days").in_days)
    drugs = near(days, given, within, is_all=is_all)
    return (
        chemotherapy.rename(chemotherapy="rival", is_chemotherapy="is_near"),
        drugs.rename(other_drug="rival", is_drug="is_near"),
        *_diseases(cohort, days, choices),
    )


def _diseases(cohort: Cohort, days: ir.Table, choices: CheckpointChoices) -> tuple[ir.Table, ...]:
    """A malignancy and an infiltrated marrow of patients, infections shortly before onsets.

    The first two at any time: what a work-up after the onset shows was there before.
    """
    parts = []
    if cohort.has("diagnoses"):
        malignancies = cohort.tables["diagnoses"]
        malignancies = malignancies.filter(malignancies.condition.isin(MALIGNANCIES))
        parts.append(
            malignancies.group_by("patient_id").aggregate(malignancy=malignancies.condition.min())
        )
    if cohort.has("marrow"):
        marrow = cohort.tables["marrow"]
        parts.append(marrow.group_by("patient_id").aggregate(infiltrated=marrow.neoplasm.any()))
    if cohort.has("events"):
        infections = cohort.tables["events"]
        infections = infections.filter(infections.event == "infection")
        pairs = days.inner_join(
            infections.select("patient_id", on=day_number(infections.occurred_on)), "patient_id"
        )
        waited = pairs.day - pairs["on"]
        pairs = pairs.mutate(fits=(waited > 0) & (waited <= choices.infection_days))
        each = pairs.group_by(*ON).aggregate(
            n_infections=pairs.fits.ifelse(1, 0).sum(),
            n_undated=pairs.fits.isnull().ifelse(1, 0).sum(),
        )
        parts.append(each)
    return tuple(parts)


def _with_support(table: ir.Table, cohort: Cohort) -> ir.Table:
    """`is_supported`: an antibody against neutrophils, or large granular lymphocytes."""
    signs = [ibis.literal(value=False)]
    if cohort.has("antibody_tests"):
        tests = antibody_tests(cohort)
        antibodies = tests.group_by("patient_id").aggregate(
            antibody=(tests.result == "positive").any()
        )
        table = beside(table, antibodies, "patient_id")
        signs.append(ibis.coalesce(table.antibody, ibis.literal(value=False)))
    if cohort.has("diagnoses"):
        lgl_patients = cohort.tables["diagnoses"]
        lgl_patients = (
            lgl_patients.filter(lgl_patients.condition.isin(LGL)).select("patient_id").distinct()
        )
        table = beside(table, lgl_patients.mutate(lgl=True), "patient_id")
        signs.append(ibis.coalesce(table.lgl, ibis.literal(value=False)))
    if cohort.has("marrow"):
        marrow = cohort.tables["marrow"]
        marrow = marrow.group_by("patient_id").aggregate(infiltrate=marrow.lgl_infiltrate.any())
        table = beside(table, marrow, "patient_id")
        signs.append(ibis.coalesce(table.infiltrate, ibis.literal(value=False)))
    return table.mutate(is_supported=reduce(or_, signs))


def _with_disease(table: ir.Table, collected: Collected) -> ir.Table:
    """`is_disease` of each onset, and `disease`, what it is; NULL where it can't be told."""
    _, is_all = collected
    nothing, no = ibis.null("string"), ibis.literal(value=False)
    malignancy = table.malignancy if "malignancy" in table.columns else nothing
    infiltrated = table.infiltrated if "infiltrated" in table.columns else no
    infected = table.n_infections > 0 if "n_infections" in table.columns else no
    undated = table.n_undated > 0 if "n_undated" in table.columns else no
    disease = ibis.cases(
        (infiltrated, "marrow_infiltration"),
        (malignancy.notnull(), malignancy),
        (infected, "infection"),
    )
    is_disease = ibis.cases((disease.notnull(), True), (undated, None), else_=absent(is_all=is_all))
    return table.mutate(disease=disease, is_disease=is_disease)


def _questions(
    table: ir.Table, choices: CheckpointChoices
) -> list[tuple[ir.BooleanValue, str, ir.StringValue]]:
    """The questions in their order: the answer, the class where it is yes, what else is missing."""
    yes, no = ibis.literal(value=True), ibis.literal(value=False)
    is_outside = ibis.cases(
        (table.is_on, False),
        (table.waited_most <= choices.after_dose_days, False),
        (table.waited_least > choices.after_dose_days, True),
    )
    is_exposed = ibis.cases((table.is_asked.isnull(), yes), (table.is_exposed, no))
    is_before = ibis.cases((table.is_dosed, False), (~table.is_dosed, True))
    is_early = ibis.cases((table.baseline_low, True), (~table.baseline_low, False))
    is_open = is_early.isnull() & is_outside.isnull()  # the date is asked first
    baseline = is_open.ifelse("exposure_date", "baseline_count")
    return [
        (is_exposed, "not_exposed", ibis.literal("drug")),
        (is_before, "pre_existing", ibis.literal("exposure_date")),
        (is_early, "pre_existing", baseline),
        (is_outside, "outside_window", ibis.literal("exposure_date")),
        (table.is_chemotherapy, "rival_cause", ibis.literal("concurrent_drugs")),
        (table.is_drug, "rival_cause", ibis.literal("concurrent_drugs")),
        (table.is_disease, "rival_cause", ibis.literal("other_cause")),
    ]


def _classed(table: ir.Table, choices: CheckpointChoices) -> ir.Table:
    """The class of each row, what it rests on, and what is missing."""
    questions = _questions(table, choices)
    steps, missing = [], []
    for answer, name, item in questions:
        steps += [(answer, name), (answer.isnull(), "unclassified")]
        missing += [(answer, None), (answer.isnull(), item)]
    explained = reduce(or_, (answer for answer, _, _ in questions))
    has_event = table.episode.notnull()
    silent = _without_event(table, table.is_asked.notnull())
    return _columns(
        table.mutate(
            attribution=ibis.cases((~has_event, silent[0]), *steps, else_="immune_related"),
            first_missing=ibis.cases((~has_event, silent[1]), *missing),
            is_immune_related=ibis.cases(
                (~has_event & silent[1].notnull(), None),
                (~has_event, False),
                (explained, False),
                (~explained, True),
            ),
        )
    )


def _columns(classed: ir.Table) -> ir.Table:
    """The columns of the frame: with the rival by its name, and how certain the class is."""
    is_rival = classed.attribution == "rival_cause"
    kinds = ibis.cases(
        (classed.is_chemotherapy, "chemotherapy"), (classed.is_drug, "drug"), else_="disease"
    )
    names = ibis.cases(
        (classed.is_chemotherapy, classed.chemotherapy),
        (classed.is_drug, classed.other_drug),
        else_=classed.disease,
    )
    support = classed.is_supported.ifelse("supported", "probable")
    is_exact = classed.waited_least == classed.waited_most
    return classed.select(
        "patient_id", "episode", "nadir", "attribution", "first_missing", "is_immune_related",
        "baseline_low", "baseline_anc",
        onset_on="day",
        rival_kind=is_rival.ifelse(kinds, None),
        rival=is_rival.ifelse(names, None),
        certainty=(classed.attribution == "immune_related").ifelse(support, None),
        days_since_dose=is_exact.ifelse(classed.waited_most, None),
    )  # fmt: skip


def _without_event(
    table: ir.Table, is_asked: ir.BooleanValue
) -> tuple[ir.StringValue, ir.StringValue]:
    """Class and missing item of a patient without a low count: not exposed, never counted, none."""
    item = ibis.cases(
        (~is_asked, None),
        (table.is_exposed.isnull(), "drug"),
        (table.after.isnull(), "count_after"),
        (table.after == 0, "exposure_date"),
    )
    name = ibis.cases(
        (~is_asked, "not_exposed"), (item.notnull(), "unclassified"), else_="no_event"
    )
    return name, item
