"""Relations that hold for the patient frame whoever the patients are: order and names are nothing.

One example is a crowd of small patients, since a query costs the same for one as for fifty.
"""

from __future__ import annotations

from datetime import date, datetime

import ibis
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

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
    "antibody_tests": {"patient_id": "string", "assay": "string", "result": "string"},
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
        "assay": ["gift", "gat"],
        "result": ["positive", "negative", "indeterminate", "not_done"],
    },
    "diagnoses": {
        "condition": ["thyroid_disease", "systemic_lupus"],
        "subtype": [None, "unknown", "graves", "hashimoto"],
        "diagnosed_on": DAYS,
    },
    "events": {"event": ["infection", "recurrent_infections", "death"]},
}
N_PATIENTS = 50
Tables = dict[str, list[dict]]


@st.composite
def cohorts(draw) -> tuple[Tables, Choices]:
    """Fifty patients with about three rows each in every table, and any choices."""
    people = [f"P{i:02}" for i in range(N_PATIENTS)]
    seeded = draw(st.randoms(use_true_random=False, note_method_calls=False))

    def row(table: str, person: str) -> dict:
        return {"patient_id": person} | {k: seeded.choice(v) for k, v in VALUES[table].items()}

    tables = {"patients": [row("patients", person) for person in people]}
    for name in list(SCHEMAS)[1:]:
        if draw(st.booleans()) or name == "labs":
            n_rows = 6 * N_PATIENTS if name == "labs" else 2 * N_PATIENTS
            tables[name] = [row(name, seeded.choice(people)) for _ in range(n_rows)]
    choices = Choices(
        severity_system=draw(st.sampled_from(["lecture", "common", "ctcae_v5"])),
        count_at=draw(st.sampled_from(["index", "nadir", "latest"])),
        window_days=draw(st.sampled_from([0, 30, 90])),
        recurrent_from=draw(st.sampled_from([None, 1, 2])),
    )
    return tables, choices


def frame_of(tables: Tables, choices: Choices) -> pd.DataFrame:
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
    return patient_frame(cohort, choices)


quick = settings(max_examples=3, derandomize=True, deadline=None, phases=[Phase.generate])


@quick
@given(cohorts(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(made, shuffler):
    """A cohort exported in another order gives the same frame, ties included."""
    tables, choices = made
    shuffled = {name: shuffler.sample(rows, len(rows)) for name, rows in tables.items()}

    pd.testing.assert_frame_equal(frame_of(tables, choices), frame_of(shuffled, choices))


@quick
@given(cohorts(), st.permutations(range(N_PATIENTS)))
def test_patients_names_change_nothing_but_the_order(made, places):
    """Under other pseudonyms the same patients get the same answers."""
    tables, choices = made
    new = {f"P{i:02}": f"Q{place:02}" for i, place in enumerate(places)}
    renamed = {
        name: [row | {"patient_id": new[row["patient_id"]]} for row in rows]
        for name, rows in tables.items()
    }

    before, after = frame_of(tables, choices), frame_of(renamed, choices)

    before["patient_id"] = before["patient_id"].map(new)
    before = before.sort_values("patient_id", ignore_index=True)
    pd.testing.assert_frame_equal(before, after)


@quick
@given(cohorts())
def test_each_patient_appears_once_and_agrees_with_themselves(made):
    """Nobody is lost or doubled by any table; a grade goes with a count."""
    tables, choices = made

    frame = frame_of(tables, choices)

    people = tables["patients"]
    assert frame["patient_id"].tolist() == sorted(row["patient_id"] for row in people)
    found = frame["sex"].where(frame["sex"].notna(), None)
    assert found.tolist() == [row["sex"] for row in people]
    assert frame.loc[frame["anc"].isna(), ["severity", "cytopenia"]].isna().all(axis=None)
    assert frame.loc[frame["severity"] == "none", "cytopenia"].isna().all()
    n_counts = sum(row["analyte"] == "ANC" and row["value"] is not None for row in tables["labs"])
    assert frame["n_anc"].sum() == n_counts


@quick
@given(cohorts())
def test_a_patient_is_judged_alone(made):
    """What is said of a patient does not depend on who else is in the cohort."""
    tables, choices = made
    some = {f"P{i:02}" for i in range(0, N_PATIENTS, 7)}
    alone = {
        name: [row for row in rows if row["patient_id"] in some] for name, rows in tables.items()
    }

    together = frame_of(tables, choices)
    together = together[together["patient_id"].isin(some)].reset_index(drop=True)

    pd.testing.assert_frame_equal(frame_of(alone, choices), together, check_dtype=False)
