"""The frame that a reader is given: every column told of, in types that other libraries take."""

from __future__ import annotations

from functools import cache

import pandas as pd
import pytest

import incohort as ic
from incohort.analyses import own
from incohort.cohort import open_cohort
from incohort.errors import UsageError
from incohort.sources import bundled_cohorts

opened = cache(open_cohort)  # opening takes longer than what is asked of it
MAKERS = {"patients": own.patients, "episodes": own.episodes}
TYPES = {
    "number": "float64", "integer": "Int64", "boolean": "boolean", "date": "datetime64[s]",
    "category": "category", "string": "object",
}  # fmt: skip


@pytest.mark.parametrize("cohort", bundled_cohorts())
@pytest.mark.parametrize("kind", MAKERS)
def test_every_column_is_told_of_and_has_its_type(cohort, kind):
    """No column without a word, no word without a column; on each cohort, empty ones too."""
    frame, told = MAKERS[kind](opened(cohort)).frame, ic.columns(kind)

    assert list(frame.columns) == list(told.index)
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == {
        name: TYPES[kind] for name, kind in told["type"].items()
    }


def test_units_are_told():
    """A count is in 10⁹/L, haemoglobin in g/dL, an age in years, a time in days; a word in none."""
    patients, episodes = ic.columns("patients")["unit"], ic.columns("episodes")["unit"]

    assert (patients["anc"], patients["lab_HB"], patients["age_years"]) == (
        "10⁹/L",
        "g/dL",
        "years",
    )
    assert (episodes["nadir"], episodes["time"], patients["sex"]) == ("10⁹/L", "days", "")


def test_what_is_missing_stays_missing():
    """Kyritsi's cohort says of nobody whether they are Duffy-null: that is neither yes nor no."""
    frame = own.patients(opened("kyritsi2015")).frame

    assert frame["duffy_null"].isna().all()


def test_words_stand_in_the_dictionarys_order():
    """Mild before severe and positive first, and no order is claimed between not low and severe."""
    frame = own.patients(opened("mixed_synthetic")).frame

    assert list(frame["severity"].cat.categories[:3]) == ["mild", "moderate", "severe"]
    assert list(frame["assay_gift"].cat.categories[:2]) == ["positive", "negative"]
    assert not frame["severity"].cat.ordered


def test_a_flag_that_is_missing_keeps_nobody_in_silence():
    """Whoever is not known to be Duffy-null or not: `keep` asks what becomes of them."""
    people = own.patients(opened("mixed_synthetic"))
    assert people.frame["duffy_null"].isna().any()

    with pytest.raises(UsageError, match="neither True nor False"):
        people.keep(people.frame["duffy_null"], because="Duffy-null")


def test_days_between_dates_are_days():
    """Dates can be subtracted: onset to recovery of the first episode is what a calendar says."""
    frame = own.episodes(opened("din_synthetic")).frame
    row = frame.iloc[0]

    assert (row["recovered_on"] - row["onset_on"]) == pd.Timedelta(days=9)


def test_an_unknown_frame_is_refused_with_the_nearest():
    """A slip in the name is told in a line."""
    with pytest.raises(UsageError, match="Did you mean 'episodes'"):
        ic.columns("episode")
