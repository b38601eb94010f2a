"""Parts of what is known of patients, side by side."""

from __future__ import annotations

import ibis.expr.types as ir


def beside(table: ir.Table, part: ir.Table, *keys: str) -> ir.Table:
    """The rows with one more part beside them; NULL where the part has no row of one.

    Args:
        table: One row a patient, or whatever the keys tell apart.
        part: At most one row for each.
        keys: What rows are told apart by; none: `patient_id`.
    """
    both = table.left_join(part, list(keys or ("patient_id",)))
    return both.drop(*(name for name in both.columns if name.endswith("_right")))
