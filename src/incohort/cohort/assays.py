"""What assays found, as frames: paired results, repeats, readings, and the antigens named."""

from __future__ import annotations

import ibis.expr.types as ir
import pandas as pd

from incohort.cohort import pairing
from incohort.cohort.antibodies import antibody_tests
from incohort.cohort.opened import Cohort
from incohort.cohort.pairing import Unit
from incohort.cohort.queries import frame_of

_POSITIVE = pairing.RESULTS[pairing.POSITIVE]


def paired_results(
    cohort: Cohort, assays: tuple[str, ...], unit: Unit, index: str, window_days: int | None
) -> pd.DataFrame:
    """`pairing.paired` of a cohort, as `pairing.in_words` gives it.

    Args:
        cohort: With tests.
        assays: Names of assays.
        unit: What a row is.
        index: The assay from whose first sample the days count.
        window_days: The window; None: any distance.
    """
    return pairing.in_words(frame_of(cohort, _paired, assays, unit, index, window_days), assays)


def _paired(
    cohort: Cohort, assays: tuple[str, ...], unit: Unit, index: str, window_days: int | None
) -> ir.Table:
    samples = pairing.on_samples(antibody_tests(cohort), assays)
    table = pairing.paired(samples, assays, unit=unit, index=index, window_days=window_days)
    return pairing.numbered(table, assays)


def repeated_tests(cohort: Cohort, assay: str) -> pd.DataFrame:
    """`pairing.repeats` of a cohort with tests."""
    return frame_of(cohort, _repeats, assay)


def _repeats(cohort: Cohort, assay: str) -> ir.Table:
    samples = pairing.on_samples(antibody_tests(cohort), (assay,))
    return pairing.repeats(samples, assay)


def readings(cohort: Cohort, assays: tuple[str, ...]) -> pd.DataFrame:
    """`pairing.measured` of a cohort with tests, in the order of patient, date and sample."""
    frame = frame_of(cohort, _measured, assays)
    return frame.sort_values(["patient_id", "taken_on", "sample"], na_position="last")


def _measured(cohort: Cohort, assays: tuple[str, ...]) -> ir.Table:
    return pairing.measured(antibody_tests(cohort), assays)


def named_specificities(cohort: Cohort) -> pd.DataFrame:
    """What was named in any test: `patient_id`, `specificity`, and whether it was positive."""
    return frame_of(cohort, _specificities)


def _specificities(cohort: Cohort) -> ir.Table:
    tests = antibody_tests(cohort)
    named = tests.filter(tests.specificity.notnull())  # noqa: PD004 — an Ibis column
    is_positive = (named.result == _POSITIVE).fill_null(False)  # noqa: FBT003 — a value
    return named.select("patient_id", "specificity", is_positive=is_positive).distinct()
