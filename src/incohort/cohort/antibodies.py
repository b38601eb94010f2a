"""What each assay found in each patient, over all their samples."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from incohort.cohort.opened import Cohort

_TESTS = "antibody_tests"


def antibody_tests(cohort: Cohort, subject: str = "patient") -> ir.Table:
    """The antibody tests of the patients themselves, or of their mothers or fathers.

    Every question of tests begins here: a mother's antibodies are never the patient's.

    Args:
        cohort: With tests.
        subject: Whose; as `antibody_tests.subject` names them.
    """
    tests = cohort.tables[_TESTS]
    return tests.filter(tests.subject == subject)


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
        is_assay = tests.assay == assay
        columns[f"assay_{assay}"] = ibis.cases(
            *(
                ((is_assay & (tests.result == result)).any(), result)
                for result in ("positive", "negative", "indeterminate")
            )
        )
    return tests.group_by("patient_id").aggregate(**columns)
