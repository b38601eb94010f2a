"""Table 1 beside a library that many papers use: the same medians, counts and differences."""

from __future__ import annotations

import re
import warnings

import pytest

from incohort.analyses.overview import CohortOverview
from incohort.analyses.population import Selection
from incohort.cohort import Choices, open_cohort, patient_frame

WITH_A_SEX = ("female", "male")
CONTINUOUS = {"age": "age_years", "hb": "lab_HB", "plt": "lab_PLT"}


@pytest.fixture(scope="module")
def ours() -> dict:
    """Table 1 of the mixed cohort by sex."""
    overview = CohortOverview(open_cohort("mixed_synthetic"), Choices(), Selection())
    return overview.characteristics("sex").by_key


@pytest.fixture(scope="module")
def theirs():
    """The same by tableone; it warns of its own old ways with pandas and SciPy."""
    frame = patient_frame(open_cohort("mixed_synthetic"), Choices())
    frame = frame[frame["sex"].isin(WITH_A_SEX)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tableone import TableOne  # noqa: PLC0415 — it warns while it is imported

        table = TableOne(
            frame,
            columns=[*CONTINUOUS.values(), "aetiology"],
            categorical=["aetiology"],
            groupby="sex",
            nonnormal=list(CONTINUOUS.values()),
            decimals=3,
            overall=False,
        )
    return table.tableone


@pytest.mark.parametrize("sex", WITH_A_SEX)
@pytest.mark.parametrize(("name", "column"), CONTINUOUS.items())
def test_medians_and_quartiles_agree(ours, theirs, sex, name, column):
    """Three numbers of each cell, to the three decimals that the library prints."""
    cell = theirs.loc[f"{column}, median [Q1,Q3]"][("Grouped by sex", sex)].iloc[0]
    printed = [float(number) for number in re.findall(r"-?\d+\.\d+", cell)]
    keys = [f"cohort_overview/table_one/{sex}/{name}/{part}" for part in ("median", "q1", "q3")]

    assert [ours[key].value for key in keys] == pytest.approx(printed, abs=0.0005000001)


@pytest.mark.parametrize("sex", WITH_A_SEX)
def test_counts_and_shares_agree(ours, theirs, sex):
    """Every cause's count among women and men, and the percentage that follows."""
    rows = theirs.loc["aetiology, n (%)"][("Grouped by sex", sex)]
    counts = {cause: int(cell.partition(" ")[0]) for cause, cell in rows.items()}
    prefix = f"cohort_overview/table_one/{sex}/aetiology"
    of_ours = {
        key.split("/")[-2]: result.events
        for key, result in ours.items()
        if key.startswith(prefix) and key.endswith("/proportion")
    }

    assert counts
    assert {cause: n for cause, n in of_ours.items() if n} == {c: n for c, n in counts.items() if n}
