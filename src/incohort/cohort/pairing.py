"""What several assays found on the same sample or in the same patient, one row for each.

Results are numbered in the order of what they tell of somebody: one positive sample makes a patient
positive, else one negative sample negative, else one indeterminate sample indeterminate. So the
largest number of many results is the one that counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import ibis
import ibis.expr.types as ir
import pandas as pd

Unit = Literal["patient", "sample"]

RESULTS = ("not_done", "indeterminate", "negative", "positive")  # a result's number is its place
INDETERMINATE, NEGATIVE, POSITIVE = 1, 2, 3
_CODE = "int8"


def on_samples(tests: ir.Table, assays: Sequence[str]) -> ir.Table:
    """One row per patient, sample and assay.

    A test without a sample's number belongs to the sample that was taken on its date, or to the
    patient's one undated sample. Two results of one assay on one sample that contradict each other
    (positive and negative, as with two rows that differ in `direct`) are indeterminate.

    Args:
        tests: The table `antibody_tests`.
        assays: Names of assays; the others are left out.

    Returns:
        `patient_id`, `sample`, `assay`, `taken_on` (the first date), `code` (place in `RESULTS`),
        `n_rows` and `is_contradictory`.
    """
    rows = tests.filter(tests.assay.isin(list(assays)))
    sample = ibis.coalesce(rows.sample_id, rows.taken_on.cast("string"), "")
    coded = rows.select(
        "patient_id", "assay", "taken_on", sample=sample, number=_number_of(rows.result)
    )
    each = coded.group_by("patient_id", "sample", "assay").aggregate(
        taken_on=coded.taken_on.min(),
        best=coded.number.max(),
        has_negative=(coded.number == NEGATIVE).any(),
        n_rows=coded.count(),
    )
    contradicts = (each.best == POSITIVE) & each.has_negative
    code = ibis.ifelse(contradicts, INDETERMINATE, each.best).cast(_CODE)
    return each.select(
        "patient_id", "sample", "assay", "taken_on", "n_rows",
        code=code, is_contradictory=contradicts,
    )  # fmt: skip


def paired(
    samples: ir.Table,
    assays: Sequence[str],
    *,
    unit: Unit,
    index: str,
    window_days: int | None = None,
) -> ir.Table:
    """One row per patient or per sample, one column `assay_<name>` per assay.

    With a window, a patient's results count that lie at most so many days from their first sample
    by the index assay (from their first sample where they had none by it). An undated sample is
    taken to be of that day, as in a study that gives one result a patient. Results on one sample
    need no window.

    Args:
        samples: From `on_samples`.
        assays: Names of assays.
        unit: What a row is.
        index: The assay from whose first sample the days count.
        window_days: The window; None: any distance.

    Returns:
        `patient_id`, `sample` (per sample), a code per assay (NULL where there is none),
        `n_contradictory` and `n_repeated`: results that contradict each other on one sample, and
        results that were given more than once on one sample.
    """
    rows = samples
    if unit == "patient" and window_days is not None:
        own_day = ibis.window(group_by=rows.patient_id)
        first = ibis.coalesce(
            rows.taken_on.min(where=rows.assay == index).over(own_day),
            rows.taken_on.min().over(own_day),
        )
        dated = rows.mutate(away=rows.taken_on.delta(first, unit="day").abs())
        rows = dated.filter(_is_missing(dated.away) | (dated.away <= window_days))
    keys = ("patient_id",) if unit == "patient" else ("patient_id", "sample")
    return rows.group_by(*keys).aggregate(
        n_contradictory=rows.count(where=rows.is_contradictory),
        n_repeated=rows.count(where=rows.n_rows > 1),
        **{f"assay_{name}": rows.code.max(where=rows.assay == name) for name in assays},
    )


def repeats(samples: ir.Table, assay: str) -> ir.Table:
    """How many tests by one assay each patient had up to the first positive one.

    Samples are in the order of their dates; undated ones come last, in the order of their numbers.
    An indeterminate result is no test.

    Args:
        samples: From `on_samples`.
        assay: The assay that was repeated.

    Returns:
        `patient_id`, `n_tests` (all where none was positive) and `is_positive`.
    """
    rows = samples.filter(samples.assay == assay, samples.code >= NEGATIVE)
    order = ibis.window(
        group_by=rows.patient_id,
        order_by=[
            _is_missing(rows.taken_on),
            rows.taken_on,
            rows["sample"].length(),
            rows["sample"],
        ],
    )
    numbered = rows.mutate(number=ibis.row_number().over(order) + 1)
    is_positive = numbered.code == POSITIVE
    first = numbered.number.min(where=is_positive)
    return numbered.group_by("patient_id").aggregate(
        n_tests=ibis.coalesce(first, numbered.count()), is_positive=is_positive.any()
    )


def measured(tests: ir.Table, assays: Sequence[str]) -> ir.Table:
    """The readings and titres that there are, with their sample.

    A titre `1:8` is 8; `<1:8` has the comparator `<`, its number is a bound. Two on one sample by
    one assay are left out together: neither is known to be the right one.

    Args:
        tests: The table `antibody_tests`.
        assays: Names of assays.

    Returns:
        `patient_id`, `sample`, `assay`, `taken_on`, `reading`, `titre`, `comparator`.
    """
    readings = tests.filter(
        tests.assay.isin(list(assays)), ~(_is_missing(tests.reading) & _is_missing(tests.titre))
    )
    rows = readings.select(
        "patient_id",
        "assay",
        "taken_on",
        "reading",
        sample=ibis.coalesce(readings.sample_id, readings.taken_on.cast("string"), ""),
        titre=readings.titre.re_extract(r"1:([0-9]+)$", 1).cast("float64"),
        comparator=readings.titre.re_extract(r"^([<>]?)", 1).nullif(""),
    )
    each = rows.group_by("patient_id", "sample", "assay").aggregate(
        n_rows=rows.count(),
        taken_on=rows.taken_on.min(),
        reading=rows.reading.max(),
        titre=rows.titre.max(),
        comparator=rows.comparator.max(),
    )
    return each.filter(each.n_rows == 1).drop("n_rows")


def execute(table: ir.Table, assays: Sequence[str]) -> pd.DataFrame:
    """Paired results as a frame: a categorical of the words in `RESULTS` per assay, in order.

    Rows are in the order of patient and sample; where there is no result the word is missing.
    """
    return in_words(numbered(table, assays).execute(), assays)


def numbered(table: ir.Table, assays: Sequence[str]) -> ir.Table:
    """Paired results in the order of patient and sample, −1 where there is none."""
    keys = [name for name in ("patient_id", "sample") if name in table.columns]
    columns = [f"assay_{name}" for name in assays]
    filled = table.mutate(**{name: ibis.coalesce(table[name], -1).cast(_CODE) for name in columns})
    return filled.order_by(keys)


def in_words(frame: pd.DataFrame, assays: Sequence[str]) -> pd.DataFrame:
    """The frame of `numbered` with words for the numbers; it is changed in place."""
    words = pd.CategoricalDtype(list(RESULTS), ordered=True)
    for name in (f"assay_{name}" for name in assays):
        codes: Any = frame[name]  # the stubs know lists of numbers only
        frame[name] = pd.Categorical.from_codes(codes, dtype=words)
    return frame


def _number_of(result: ir.StringValue) -> ir.IntegerValue:
    return ibis.cases(*((result == word, place) for place, word in enumerate(RESULTS)))


def _is_missing(column: ir.Column) -> ir.BooleanValue:
    return column.isnull()  # noqa: PD003 — an Ibis column
