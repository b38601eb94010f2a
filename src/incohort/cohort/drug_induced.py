"""Whether an episode is drug-induced or of late onset: each criterion on its own.

Nobody is left out for failing one. The criterion of recovery conditions on the outcome: who dies
early can never fulfil it, so it must not choose who is analysed.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from incohort.cohort.daily import meets, sign_of, value_of
from incohort.cohort.exposure import class_courses
from incohort.cohort.recovery_choices import RecoveryChoices
from incohort.cohort.suspects import EPISODE, courses
from incohort.dictionary import load
from incohort.sources.drug_names import names_in

_NO_OTHER_CAUSE = ("drug_induced", "unknown")  # unknown: looked for and not found


def onset_criterion(suspects: ir.Table, choices: RecoveryChoices) -> ir.Table:
    """`criterion_onset` per episode with suspects: onset during a course, or soon after its end.

    False where every suspect had ended too long before; NULL where a date that decides is missing.
    The onset is the first low count: the true one lies between it and the count before.
    """
    delay = int(load().threshold("drug_induced_onset", choices.onset).in_days)
    fits = (suspects.onset >= suspects.started) & (suspects.onset <= suspects.stopped + delay)
    is_late = (suspects.onset > suspects.stopped + delay).fill_null(False)  # noqa: FBT003 — Ibis takes it by position only
    table = suspects.mutate(fits=fits.fill_null(False), is_late=is_late)  # noqa: FBT003 — Ibis takes it by position only
    each = table.group_by(*EPISODE).aggregate(fits=table.fits.any(), is_late=table.is_late.all())
    return each.select(
        *EPISODE,
        criterion_onset=ibis.cases((each.fits, True), (each.is_late, False)),
    )


def counts_beside(counts: ir.Table, episodes: ir.Table, choices: RecoveryChoices) -> ir.Table:
    """What the criteria ask of each episode's counts, as day numbers.

    Returns:
        `patient_id`, `episode`, `above_on`: the first count after the nadir that is as the
        criterion of recovery asks, whatever the report's threshold; `late_on`: the first count
        from onset to last low count that is as low as the chosen definition of late onset asks.
    """
    above = load().threshold("drug_induced_recovery_count", "above_1_5")
    late = load().threshold("late_onset_count", choices.late_onset)
    values = counts.select(
        "patient_id", "day", value=value_of(counts.key), sign=sign_of(counts.key)
    )
    values = values.mutate(
        is_above=meets(values.value, values.sign, above),
        is_late_low=meets(values.value, values.sign, late),
    )
    values = values.filter(values.is_above | values.is_late_low)
    pairs = episodes.select(*EPISODE, "onset", "last_low", "nadir_day").inner_join(
        values, "patient_id"
    )
    in_episode = (pairs.day >= pairs.onset) & (pairs.day <= pairs.last_low)
    return pairs.group_by(*EPISODE).aggregate(
        above_on=pairs.day.min(where=pairs.is_above & (pairs.day > pairs.nadir_day)),
        late_on=pairs.day.min(where=pairs.is_late_low & in_episode),
    )


def recovery_criterion(table: ir.Table) -> ir.BooleanValue:
    """Whether the count rose above 1.5 within a month of the withdrawal.

    False where it rose later, rose while the drug was still given, or the patient died first; NULL
    where the withdrawal is not known or the counts end before the month does.
    """
    month = load().threshold("drug_induced_recovery_time", "one_month").in_days
    latest = table.withdrawn + month
    return ibis.cases(
        (table.withdrawn.isnull(), None),
        (table.above_on < table.withdrawn, False),
        (table.above_on <= latest, True),
        (table.above_on > latest, False),
        (table.has_died.notnull() & (table.died.isnull() | (table.died <= latest)), False),
        (table.last_count >= latest, False),
    )


def rechallenge(medications: ir.Table, episodes: ir.Table, choices: RecoveryChoices) -> ir.Table:
    """`criterion_rechallenge` per episode whose suspect was given again after recovery.

    True where counts fell again during the new course or as soon after it as the criterion of onset
    asks; False where counts were taken since and none did; NULL without a re-exposure or counts.
    """
    delay = int(load().threshold("drug_induced_onset", choices.onset).in_days)
    drugs = courses(medications)
    recovered = episodes.filter(
        episodes.recovered.notnull(), episodes.suspect_drug.notnull()
    ).select(*EPISODE, "recovered", "suspect_drug", "suspect_atc", "last_count")
    names = names_in(medications.drug)
    drugs = drugs.mutate(substance=names.substance(drugs.atc, drugs.drug))
    recovered = recovered.mutate(
        suspected=names.substance(recovered.suspect_atc, recovered.suspect_drug)
    )
    again = recovered.inner_join(drugs.filter(drugs.started.notnull()), "patient_id")
    is_same = again.substance == again.suspected
    again = again.filter(is_same & (again.started >= again.recovered))
    later = episodes.select("patient_id", later_onset="onset")
    # one row per new course, and per later episode beside it
    pairs = again.left_join(later, "patient_id")
    falls = (pairs.later_onset >= pairs.started) & (
        pairs.stopped.isnull() | (pairs.later_onset <= pairs.stopped + delay)
    )
    pairs = pairs.mutate(falls=falls.fill_null(False), is_seen=pairs.last_count > pairs.started)  # noqa: FBT003 — Ibis takes it by position only
    each = pairs.group_by(*EPISODE).aggregate(falls=pairs.falls.any(), is_seen=pairs.is_seen.any())
    return each.select(
        *EPISODE,
        criterion_rechallenge=ibis.cases((each.falls, True), (each.is_seen, False)),
    )


def exclusion_criterion(aetiology: ir.StringValue) -> ir.BooleanValue:
    """Whether the investigators found no other cause; NULL where they recorded none at all."""
    return ibis.cases(
        (aetiology.isin(_NO_OTHER_CAUSE), True),
        (aetiology.notnull(), False),
    )


def last_biologic(medications: ir.Table, episodes: ir.Table, drug_class: str) -> ir.Table:
    """The last dose of a biologic before the episode's onset, per episode: `biologic_on`.

    A course whose end isn't recorded hides the last dose: `biologic_on` is NULL, `has_biologic`
    true. Later episodes may follow the same dose. `may_have_biologic` is true where a suspect, or a
    course without a role, has a name that nobody knows.
    """
    drugs = class_courses(medications, drug_class)
    pairs = episodes.select(*EPISODE, "onset").inner_join(drugs, "patient_id")
    pairs = pairs.filter(pairs.started.isnull() | (pairs.started <= pairs.onset))
    each = pairs.group_by(*EPISODE).aggregate(
        n_own=pairs.is_of_class.ifelse(1, 0).sum(),
        last_dose=pairs.stopped.max(where=pairs.is_of_class),
        n_open=(pairs.stopped.isnull() & pairs.is_of_class).ifelse(1, 0).sum(),
    )
    has_own = each.n_own > 0
    return each.select(
        *EPISODE,
        biologic_on=(has_own & (each.n_open == 0)).ifelse(each.last_dose, None),
        has_biologic=has_own.ifelse(True, None),  # noqa: FBT003 — a value
        may_have_biologic=~has_own,
    )


def late_onset(table: ir.Table, choices: RecoveryChoices) -> ir.BooleanValue:
    """Whether the count fell as low as asked, as long as asked after the last biologic.

    NULL where the date of the last dose is not known, or what drug a suspect is; False without a
    biologic.
    """
    delay = load().threshold("late_onset_delay", choices.late_onset_delay).in_days
    waited = table.late_on - table.biologic_on
    is_late = waited >= delay
    if choices.late_onset_horizon is not None:
        horizon = load().threshold("late_onset_horizon", choices.late_onset_horizon).in_days
        is_late = is_late & (waited <= horizon)
    may_have = table.may_have_biologic.fill_null(False)  # noqa: FBT003 — a value
    return ibis.cases(
        (table.has_biologic.isnull() & ~may_have, False),
        (table.late_on.isnull(), False),
        (table.biologic_on.isnull(), None),
        else_=is_late,
    )
