"""Whom faulty rows are of: for whoever keeps the cohort, who has to look the patients up."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace

import ibis.expr.types as ir

from incohort.errors import Fault
from incohort.sources.queries import written
from incohort.sources.raw import ROW, Raw

_MOST = 50  # patients named


def with_patients_of(
    raw: Raw, rows: ir.Table, faults: Iterable[Fault], key: Hashable = None
) -> Iterator[Fault]:
    """The faults of one rule with the patients of all rows that break it.

    Args:
        raw: The cohort.
        rows: Those rows, with their numbers.
        faults: What is told of them.
        key: What `rows` depends on, where many cohorts are asked the same.
    """
    all_faults = tuple(faults)
    if not all_faults or "patient_id" not in rows.columns:
        yield from all_faults
        return
    if key is None:
        named = list(_patients(rows).execute().itertuples(index=False, name=None))
    else:
        query = written(raw.connection, ("patients", key), lambda: _patients(rows))
        named = raw.connection.raw_sql(query).fetchall()
    patients = tuple(str(patient) for patient, _, _ in named)
    n_patients = int(named[0][2]) if named else 0
    for fault in all_faults:
        yield replace(fault, patients=patients, n_patients=n_patients)


def _patients(rows: ir.Table) -> ir.Table:
    """The patients of rows, in the order of their first: with that, and how many they are."""
    named = rows.filter(rows["patient_id"].notnull())
    each = named.group_by("patient_id").aggregate(first=named[ROW].min())
    numbered = each.mutate(n=each.count().over()).select("patient_id", "first", "n")
    return numbered.order_by("first").limit(_MOST)
