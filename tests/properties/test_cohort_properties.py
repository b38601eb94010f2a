"""Relations that hold for the patient frame whoever the patients are: order and names are nothing.

One crowd of many small patients, since a query costs the same for one as for hundreds.
"""

from __future__ import annotations

import random
from datetime import date, datetime
from functools import cache

import ibis
import pandas as pd
import pytest

from incohort.cohort import Choices, Cohort, patient_frame
from incohort.results import CohortCard

# Ibis 12 calls a method that DuckDB 2 renamed.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning"),
]

SCHEMAS = {
    "patients": {
        "patient_id": "string", "sex": "string", "birth_date": "date", "age_years": "float64",
        "index_date": "date", "centre": "string", "ancestry": "string", "duffy_null": "boolean",
        "aetiology": "string",
    },
    "labs": {
        "patient_id": "string", "analyte": "string", "taken_at": "timestamp", "value": "float64",
        "comparator": "string",
    },
    "antibody_tests": {
        "patient_id": "string", "subject": "string", "assay": "string", "result": "string",
    },
    "diagnoses": {
        "patient_id": "string", "condition": "string", "subtype": "string", "diagnosed_on": "date",
    },
    "events": {"patient_id": "string", "event": "string"},
}  # fmt: skip
DAYS = [None, *(date(2020, month, day) for month in (1, 2, 3, 5) for day in (1, 2, 28))]
TIMES = [day and datetime(day.year, day.month, day.day, day.day % 24) for day in DAYS]  # noqa: DTZ001 — a laboratory's own clock
VALUES = {
    "patients": {
        "sex": ["female", "male", "unknown", None],
        "birth_date": [None, date(2002, 2, 1), date(2000, 2, 28)],
        "index_date": DAYS,
    },
    "labs": {
        "analyte": ["ANC", "ANC", "ANC", "HB", "PLT"],
        "taken_at": TIMES,
        "value": [None, 0.1, 0.5, 1.0, 1.7, 1.8, 12.0, 150.0],
        "comparator": [None, None, "<", "<=", ">", ">="],
    },
    "antibody_tests": {
        "subject": ["patient", "patient", "patient", "mother"],
        "assay": ["gift", "gat"],
        "result": ["positive", "negative", "indeterminate", "not_done"],
    },
    "diagnoses": {
        "condition": ["thyroid_disease", "systemic_lupus"],
        "subtype": [None, "unknown", "graves", "hashimoto"],
        "diagnosed_on": DAYS[:3],  # few days, so that there are ties
    },
    "events": {"event": ["infection", "recurrent_infections", "death"]},
}
N_PATIENTS = 300
Tables = dict[str, list[dict]]
# every choice in several ways, and every optional table there and absent
CHOICES = {
    "index": (Choices(), ("labs", "antibody_tests", "diagnoses", "events")),
    "nadir": (
        Choices(
            severity_system="common", anc_limit=1.2, count_at="nadir", window_days=0,
            recurrent_from=1,
        ),
        ("labs", "antibody_tests", "diagnoses", "events"),
    ),
    "latest": (
        Choices(
            severity_system="ctcae_v5", count_at="latest", window_days=30, recurrent_from=2,
            chronic="six_months", platelets="below_100",
        ),
        ("labs",),
    ),
}  # fmt: skip
on_all_choices = pytest.mark.parametrize("name", CHOICES)


@cache
def tables_of(name: str) -> Tables:
    """Three hundred patients with a few rows each in every table."""
    chance = random.Random(name)  # noqa: S311 — patients, not secrets
    people = [f"P{i:03}" for i in range(N_PATIENTS)]

    def row(table: str, person: str) -> dict:
        return {"patient_id": person} | {k: chance.choice(v) for k, v in VALUES[table].items()}

    tables = {"patients": [row("patients", person) for person in people]}
    for table in CHOICES[name][1]:
        n_rows = (6 if table == "labs" else 2) * N_PATIENTS
        tables[table] = [row(table, chance.choice(people)) for _ in range(n_rows)]
    return tables


@cache
def before(name: str) -> pd.DataFrame:
    """The frame of these patients; not to be changed in place."""
    return frame_of(tables_of(name), name)


def frame_of(tables: Tables, name: str) -> pd.DataFrame:
    cohort = Cohort(
        name="made_up",
        card=CohortCard(name="made_up", title="Made up", is_public=True),
        tables={
            name: ibis.memtable(
                pd.DataFrame(rows, columns=list(SCHEMAS[name])).astype(object),
                schema=SCHEMAS[name],
            )
            for name, rows in tables.items()
        },
        origins={},
        held=frozenset(),
    )
    return patient_frame(cohort, CHOICES[name][0])


@on_all_choices
def test_the_order_of_rows_changes_nothing(name):
    """A cohort exported in another order gives the same frame, ties included."""
    chance = random.Random(name)  # noqa: S311 — an order, not a secret
    shuffled = {table: chance.sample(rows, len(rows)) for table, rows in tables_of(name).items()}

    pd.testing.assert_frame_equal(before(name), frame_of(shuffled, name))


@on_all_choices
def test_patients_names_change_nothing_but_the_order(name):
    """Under other pseudonyms the same patients get the same answers."""
    places = random.Random(name).sample(range(N_PATIENTS), N_PATIENTS)  # noqa: S311 — an order
    new = {f"P{i:03}": f"Q{place:03}" for i, place in enumerate(places)}
    renamed = {
        table: [row | {"patient_id": new[row["patient_id"]]} for row in rows]
        for table, rows in tables_of(name).items()
    }

    expected = before(name).assign(patient_id=before(name)["patient_id"].map(new))
    expected = expected.sort_values("patient_id", ignore_index=True)
    pd.testing.assert_frame_equal(expected, frame_of(renamed, name))


@on_all_choices
def test_each_patient_appears_once_and_agrees_with_themselves(name):
    """Nobody is lost or doubled by any table; a grade goes with a count."""
    tables, frame = tables_of(name), before(name)

    people = tables["patients"]
    assert frame["patient_id"].tolist() == sorted(row["patient_id"] for row in people)
    found = frame["sex"].where(frame["sex"].notna(), None)
    assert found.tolist() == [row["sex"] for row in people]
    assert frame.loc[frame["anc"].isna(), ["severity", "cytopenia"]].isna().all(axis=None)
    assert frame.loc[frame["severity"] == "none", "cytopenia"].isna().all()
    n_counts = sum(row["analyte"] == "ANC" and row["value"] is not None for row in tables["labs"])
    assert frame["n_anc"].sum() == n_counts


@on_all_choices
def test_a_patient_is_judged_alone(name):
    """What is said of a patient does not depend on who else is in the cohort."""
    some = {f"P{i:03}" for i in range(0, N_PATIENTS, 7)}
    alone = {
        table: [row for row in rows if row["patient_id"] in some]
        for table, rows in tables_of(name).items()
    }

    together = before(name)[before(name)["patient_id"].isin(some)].reset_index(drop=True)
    pd.testing.assert_frame_equal(frame_of(alone, name), together, check_dtype=False)
