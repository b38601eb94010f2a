"""Diagnoses and events as properties of a patient."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

THYROID_DISEASE = "thyroid_disease"
_RECURRENT, _INFECTION = "recurrent_infections", "infection"


def thyroid(diagnoses: ir.Table) -> ir.Table:
    """Patients with a diagnosis of thyroid disease and its subtype.

    A named subtype wins over `unknown`; of several named ones the first diagnosed counts, then
    the first by name.
    """
    thyroid_rows = diagnoses.filter(diagnoses.condition == THYROID_DISEASE)
    is_unnamed = (thyroid_rows.subtype.isnull() | (thyroid_rows.subtype == "unknown")).ifelse(1, 0)
    window = ibis.window(
        group_by=thyroid_rows.patient_id,
        order_by=[
            is_unnamed,
            thyroid_rows.diagnosed_on.isnull(),
            thyroid_rows.diagnosed_on,
            thyroid_rows.subtype,
        ],
    )
    ranked = thyroid_rows.mutate(_rank=ibis.row_number().over(window))
    return ranked.filter(ranked["_rank"] == 0).select(
        "patient_id", thyroid_subtype=ibis.coalesce(ranked.subtype, "unknown")
    )


def infections(events: ir.Table, recurrent_from: int | None) -> ir.Table:
    """Patients with recurrent infections: recorded so, or with that many infections.

    Args:
        events: The table `events`.
        recurrent_from: From how many infections on; None: only where the clinic recorded it.
    """
    recorded = (events.event == _RECURRENT).any()
    is_recurrent = recorded
    if recurrent_from is not None:
        is_recurrent = recorded | ((events.event == _INFECTION).sum() >= recurrent_from)
    each = events.group_by("patient_id").aggregate(has_recurrent_infections=is_recurrent)
    return each.filter(each.has_recurrent_infections).select("patient_id")


def asked_for_infections(events: ir.Table, recurrent_from: int | None) -> ir.Table:
    """The rows by which a cohort shows that it recorded what `infections` asks for."""
    kinds = (_RECURRENT,) if recurrent_from is None else (_RECURRENT, _INFECTION)
    return events.filter(events.event.isin(kinds))
