"""Parts of what is known of patients, side by side."""

from __future__ import annotations

import ibis.expr.types as ir


def beside(table: ir.Table, part: ir.Table) -> ir.Table:
    """The patients with one more part beside them; NULL where the part has no row of one."""
    both = table.left_join(part, "patient_id")
    return both.drop("patient_id_right") if "patient_id_right" in both.columns else both
