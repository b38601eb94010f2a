"""Whom faulty rows are of: for whoever keeps the cohort, who has to look the patients up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import ibis.expr.types as ir

from incohort.errors import Fault
from incohort.sources.raw import ROW

_MOST = 50  # patients named


def with_patients_of(rows: ir.Table, faults: Iterable[Fault]) -> Iterator[Fault]:
    """The faults of one rule with the patients of all rows that break it.

    Args:
        rows: Those rows, with their numbers.
        faults: What is told of them.
    """
    told = tuple(faults)
    if not told or "patient_id" not in rows.columns:
        yield from told
        return
    named = rows.filter(rows["patient_id"].notnull())
    each = named.group_by("patient_id").aggregate(first=named[ROW].min())
    found = each.mutate(n=each.count().over()).order_by("first").limit(_MOST).execute()
    patients = tuple(map(str, found["patient_id"]))
    n_patients = int(found["n"].iloc[0]) if patients else 0
    for fault in told:
        yield replace(fault, patients=patients, n_patients=n_patients)
