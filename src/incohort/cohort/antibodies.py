"""What each assay found in each patient, over all their samples."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir


def results(tests: ir.Table, assays: Sequence[str]) -> ir.Table:
    """One row per tested patient, one column `assay_<name>` per assay.

    One positive sample makes a patient positive, else one negative sample negative, else one
    indeterminate sample indeterminate. `not_done` is no test: the column is NULL then.

    Args:
        tests: The table `antibody_tests`.
        assays: Names of assays.
    """
    columns = {}
    for assay in assays:
        own = tests.assay == assay
        columns[f"assay_{assay}"] = ibis.cases(
            *(
                ((own & (tests.result == result)).any(), result)
                for result in ("positive", "negative", "indeterminate")
            )
        )
    return tests.group_by("patient_id").aggregate(**columns)
