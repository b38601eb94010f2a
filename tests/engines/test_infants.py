"""The limit of infants is held against the age on the day of a count alike on every engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import ibis
import pandas as pd
import pytest

from incohort.cohort import Choices, Cohort, patient_frame

pytestmark = [
    pytest.mark.engines,
    pytest.mark.slow,
    pytest.mark.xdist_group("engines"),
    # Spark's gateway leaves its sockets to the garbage collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


def rejuvenated(cohort: Cohort) -> Cohort:
    """The crowd as children: born on 29 February 2020 or a year before counting begins."""
    people = cohort.tables["patients"]
    first = ibis.literal(date(2019, 2, 11)), ibis.literal(date(2020, 2, 29))
    born = (people.birth_date == date(1940, 2, 29)).ifelse(first[1], first[0])
    patients = people.mutate(
        birth_date=people.birth_date.isnull().ifelse(ibis.null("date"), born),  # noqa: PD003 — Ibis
        age_years=(people.age_years - 65) * 0.9 + 0.05,
    )
    return replace(cohort, tables={**cohort.tables, "patients": patients})


@pytest.mark.parametrize("engine", ["on_postgres", "on_spark"])
@pytest.mark.parametrize(
    "choices", [Choices(), Choices(infants="two_months", count_at="nadir")], ids=["weeks", "months"]
)
def test_every_engine_finds_the_same_infants(choices, engine, on_duckdb, request):
    """Nine hundred children have the same limit, grade and course to the day, on each engine."""
    expected = patient_frame(rejuvenated(on_duckdb), choices)
    found = patient_frame(rejuvenated(request.getfixturevalue(engine)), choices)

    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    assert set(expected["limit_of"].dropna()) == {"infant", "system", "unknown_age"}
    assert expected.loc[expected["limit_of"] == "infant", "anc"].between(1.0, 1.79).any()
