"""Which suspect drugs stand behind an episode, and when the last of them was withdrawn."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from incohort.cohort.daily import day_number
from incohort.sources.drug_names import names_in

EPISODE = ("patient_id", "episode")


def courses(medications: ir.Table) -> ir.Table:
    """Courses of drugs with `started` and `stopped` as day numbers."""
    return medications.select(
        "patient_id",
        "atc",
        "drug",
        "role",
        started=day_number(medications.started_on),
        stopped=day_number(medications.stopped_on),
    )


def suspect_courses(medications: ir.Table, episodes: ir.Table) -> ir.Table:
    """One row per episode and suspect course that can have led to it.

    The course began no later than the low counts, or at an unknown date. After a recovery a course
    that had ended before it is no suspect any more: the patient recovered from it.
    """
    drugs = courses(medications)
    pairs = episodes.select(*EPISODE, "onset", "previous_recovered").inner_join(
        drugs.filter(drugs.role == "suspect"), "patient_id"
    )
    return pairs.filter(
        pairs.started.isnull() | (pairs.started <= pairs.onset),
        pairs.stopped.isnull()
        | pairs.previous_recovered.isnull()
        | (pairs.stopped >= pairs.previous_recovered),
    )


def last_suspect(suspects: ir.Table) -> ir.Table:
    """One row per episode that has a suspect: the one withdrawn last.

    Of several suspects, overlapping or not, the last to be withdrawn counts. Where the end of one
    isn't recorded, the withdrawal of the last is not known, and that one is named. Ties go to the
    later start, then to the first by name.

    Returns:
        `patient_id`, `episode`, `suspect_atc`, `suspect_drug`, `suspect_started`, `withdrawn`,
        `n_suspects` (different drugs).
    """
    order = ibis.window(
        group_by=[suspects[name] for name in EPISODE],
        order_by=[
            suspects.stopped.isnull().ifelse(0, 1),
            ibis.coalesce(suspects.stopped, 0).desc(),
            ibis.coalesce(suspects.started, 0).desc(),
            suspects.drug,
            ibis.coalesce(suspects.atc, ""),
        ],
    )
    ranked = suspects.mutate(place=ibis.row_number().over(order))
    substance = names_in(suspects.drug).substance(suspects.atc, suspects.drug)
    n_drugs = suspects.group_by(*EPISODE).aggregate(n_suspects=substance.nunique())
    last = ranked.filter(ranked.place == 0).select(
        *EPISODE,
        suspect_atc="atc",
        suspect_drug="drug",
        suspect_started="started",
        withdrawn="stopped",
    )
    return joined(last, n_drugs)


def joined(table: ir.Table, part: ir.Table) -> ir.Table:
    """The episodes with one more part beside them; NULL where the part has no row of one."""
    both = table.left_join(part, list(EPISODE))
    return both.drop(*(name for name in both.columns if name.endswith("_right")))
