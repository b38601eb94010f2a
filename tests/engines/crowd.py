"""A seeded crowd of patients in whom everything that a count, a drug or a date can do happens.

The schemas are those that a cohort has behind the door. Shared by the tests of the engines and of
the relations; they load this file by its path.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

import pandas as pd

SCHEMAS = {
    "patients": {
        "patient_id": "string", "sex": "string", "birth_date": "date", "age_years": "float64",
        "index_date": "date", "centre": "string", "ancestry": "string", "duffy_null": "boolean",
        "aetiology": "string", "followed_until": "date",
    },
    "labs": {
        "patient_id": "string", "analyte": "string", "taken_at": "timestamp", "value": "float64",
        "comparator": "string",
    },
    "medications": {
        "patient_id": "string", "atc": "string", "drug": "string", "role": "string",
        "started_on": "date", "stopped_on": "date",
    },
    "events": {
        "patient_id": "string", "event": "string", "occurred_on": "date", "grade": "int64",
        "serious": "boolean",
    },
    "diagnoses": {
        "patient_id": "string", "condition": "string", "subtype": "string", "diagnosed_on": "date",
    },
    "marrow": {
        "patient_id": "string", "taken_on": "date", "neoplasm": "boolean",
        "lgl_infiltrate": "boolean",
    },
    "antibody_tests": {
        "patient_id": "string", "subject": "string", "sample_id": "string", "taken_on": "date",
        "assay": "string", "result": "string", "titre": "string", "reading": "float64",
    },
    "clonality": {
        "patient_id": "string", "sample_id": "string", "taken_on": "date", "lgl_count": "float64",
        "cd3_cd57_count": "float64", "cd8_count": "float64", "cd3": "string",
        "tcr_method": "string", "tcr_result": "string",
    },
    "findings": {
        "patient_id": "string", "seen_on": "date", "finding": "string", "result": "string",
    },
}  # fmt: skip
# days at, and on either side of, every delay and horizon after a dose
DOSE_DAYS = (-3, 0, 0, 0, 7, 8, 20, 21, 27, 28, 30, 31, 60, 90, 91, 180, 181, 365, 366)
CD19_COUNTS = (0, 0.009, 0.01, 0.2)
BIOLOGICS = (
    ("L01FA01", "rituximab"), (None, "rituximab"), ("L01FF02", "pembrolizumab"),
    ("L01FF02", "pembrolizumab"), (None, "nivolumab"), ("L01AA01", "cyclophosphamide"),
    ("N02BB02", "metamizole"), (None, "a trial drug"), ("L01FA01", "rituximab"),
)  # fmt: skip
# counts at, and a hair beside, every limit there is; 0.45 also as a converted count comes out
VALUES = (0, 0.09, 0.1, 0.2, 0.45, 450 * 0.001, 0.49, 0.5, 0.9, 1.0, 1.49, 1.5, 1.500001, 1.8, 4.2)
SIGNS = (None,) * 12 + ("<", "<=", ">", ">=")
STARTS = (date(2020, 2, 20), date(2019, 12, 28), date(1969, 12, 25), date(2024, 2, 27))
DRUGS = (
    ("H03BB02", "thiamazole"), (None, "thiamazole"), ("N02BB02", "metamizole"),
    ("L01FA01", "rituximab"), ("L01XC02", "rituximab"), ("N05AH02", "clozapine"),
)  # fmt: skip
GROWTH_FACTORS = (("L03AA02", "filgrastim"), (None, "Pegfilgrastim"), ("L03AA", "a biosimilar"))
AETIOLOGIES = (None, "drug_induced", "unknown", "t_lgl")
# at, and on either side of, what makes an anaemia or a thrombocytopenia
OTHER_VALUES = {"HB": (9.0, 11.9, 12.0, 13.0, 15.0), "PLT": (99.0, 149.0, 150.0, 300.0)}
ASSAYS = ("gift", "gat", "maiga")
RESULTS = ("positive", "negative", "negative", "indeterminate", "not_done")
TITRES = (None, None, "1:8", "<1:8", ">1:512", "1:1024")
SUBTYPES = (None, "unknown", "graves", "hashimoto")
# at, and a hair beside, every limit of large granular lymphocytes
LGL_COUNTS = (None, 0.3, 0.4, 0.41, 0.5, 0.51, 0.65, 0.66, 0.75, 0.76, 0.9, 2.0, 2.1)
LGL_DAYS = (0, 0, 90, 182, 183, 200, 400, None)
CD3 = (("positive",), ("negative",), ("dim", None), ("positive", "negative"), (None, "not_done"))
TCR_METHODS = ("pcr", "trg_pcr", "flow", "v_beta", "trbc1", "kir", "ngs", None)
TCR_RESULTS = ("clonal", "clonal", "polyclonal", "oligoclonal", "indeterminate", "not_done", None)
Tables = dict[str, list[dict]]


def crowd(seed: int, n_patients: int = 300) -> Tables:
    """The tables of a cohort; nothing of a patient is dated after their death."""
    chance = random.Random(seed)  # noqa: S311 — patients, not secrets
    tables: Tables = {name: [] for name in SCHEMAS}
    for i in range(n_patients):
        _add(tables, f"P{i:04}", chance)
    _add_lymphocytes(tables, random.Random(f"lymphocytes {seed}"))  # noqa: S311 — patients, not secrets
    _add_biologics(tables, random.Random(f"biologics {seed}"))  # noqa: S311 — patients, not secrets
    for rows in tables.values():
        chance.shuffle(rows)
    return tables


def _add_lymphocytes(tables: Tables, chance: random.Random) -> None:
    """Samples of large granular lymphocytes, by chance of their own: the rest stays as it was."""
    for patient in tables["patients"]:
        counts, cd3 = chance.choice((LGL_COUNTS, LGL_COUNTS[6:])), chance.choice(CD3)
        results = chance.choice((TCR_RESULTS, TCR_RESULTS[:3], TCR_RESULTS[:2]))
        for number in range(chance.choice((0, 1, 2, 2, 3, 3, 5))):
            day = chance.choice(LGL_DAYS)
            tables["clonality"].append(
                {
                    "patient_id": patient["patient_id"],
                    "sample_id": f"L{number}",
                    "taken_on": None if day is None else STARTS[0] + timedelta(days=day),
                    "lgl_count": chance.choice(counts),
                    "cd3_cd57_count": chance.choice(LGL_COUNTS[:5]),
                    "cd8_count": chance.choice((None, 0.6, 0.65, 0.66)),
                    "cd3": chance.choice(cd3),
                    "tcr_method": chance.choice(TCR_METHODS),
                    "tcr_result": chance.choice(results),
                }
            )
        of_patient = {"patient_id": patient["patient_id"]}
        for condition, share in (("nk_lgl_leukaemia", 0.05), ("rheumatoid_arthritis", 0.6)):
            if chance.random() < share:
                blank = dict.fromkeys(SCHEMAS["diagnoses"])
                tables["diagnoses"].append(blank | of_patient | {"condition": condition})
        for result in chance.choice(((), ("present",), ("absent",), ("absent", "not_examined"))):
            finding = {"seen_on": STARTS[0], "finding": "splenomegaly", "result": result}
            tables["findings"].append(of_patient | finding)


def _add(tables: Tables, name: str, chance: random.Random) -> None:
    start = chance.choice(STARTS)
    last = chance.choice((0, 10, 45, 400))  # days of follow-up
    birth = chance.choice((None, date(start.year - 66, start.month, start.day), date(1940, 2, 29)))
    apart = random.Random(f"{name} {start} {last}")  # noqa: S311 — a patient, not a secret
    followed_until = start + timedelta(days=apart.choice((0, last // 2, last)))
    tables["patients"].append(
        {
            "patient_id": name,
            "followed_until": apart.choice((None, None, followed_until)),
            "sex": chance.choice(("female", "male", None)),
            "birth_date": birth,
            "age_years": chance.choice((None, 65.0, 66.0)),
            "index_date": chance.choice((start, None)),
            "centre": chance.choice(("North", "Süd", None)),
            "ancestry": chance.choice(("european", "unknown", None)),
            "duffy_null": chance.choice((True, False, None)),
            "aetiology": chance.choice(AETIOLOGIES),
        }
    )

    def day(spread: int = last) -> date:
        return start + timedelta(days=chance.randint(-8, max(spread, -8)))

    for _ in range(chance.choice((0, 1, 2, 6, 15, 30))):
        at = datetime.combine(day(), time(chance.randrange(24), chance.randrange(60)))
        tables["labs"].append(
            {
                "patient_id": name,
                "analyte": "WBC" if chance.random() < 0.1 else "ANC",
                "taken_at": None if chance.random() < 0.03 else at,
                "value": None if chance.random() < 0.03 else float(chance.choice(VALUES)),
                "comparator": chance.choice(SIGNS),
            }
        )
    for _ in range(chance.choice((0, 1, 1, 2, 3))):
        is_growth_factor = chance.random() < 0.4
        atc, drug = chance.choice(GROWTH_FACTORS if is_growth_factor else DRUGS)
        begin, end = sorted((day(), day()))
        role = "treatment" if is_growth_factor else chance.choice(("suspect",) * 3 + (None,))
        tables["medications"].append(
            {
                "patient_id": name, "atc": atc, "drug": drug, "role": role,
                "started_on": None if chance.random() < 0.1 else begin,
                "stopped_on": None if chance.random() < 0.15 else end,
            }
        )  # fmt: skip
    for _ in range(chance.choice((0, 0, 1, 2))):
        event = chance.choice(("infection",) * 3 + ("hospitalisation", "recurrent_infections"))
        on, grade = chance.choice((day(), None)), chance.choice((None, 2, 3, 4))
        tables["events"].append(
            {
                "patient_id": name, "event": event, "occurred_on": on, "grade": grade,
                "serious": apart.choice((None, True, False)) if event == "infection" else None,
            }
        )  # fmt: skip
    tables["events"] += _courses_of_events(name, start, last, apart)
    if chance.random() < 0.2:
        on = chance.choice((start + timedelta(days=last + chance.choice((0, 1, 60))), None))
        tables["events"].append(
            {"patient_id": name, "event": "death", "occurred_on": on, "grade": None}
        )
    for _ in range(chance.choice((0, 0, 1, 2, 3))):
        condition = chance.choice(("cll", "cvid", "thyroid_disease", "thyroid_disease"))
        tables["diagnoses"].append(
            {
                "patient_id": name,
                "condition": condition,
                "subtype": chance.choice(SUBTYPES) if condition == "thyroid_disease" else None,
                "diagnosed_on": chance.choice((None, day())),
            }
        )
    for analyte in chance.choices(tuple(OTHER_VALUES), k=chance.choice((0, 2, 4))):
        tables["labs"].append(
            {
                "patient_id": name,
                "analyte": analyte,
                "taken_at": chance.choice((None, datetime.combine(day(), time(8)))),
                "value": chance.choice((None, *OTHER_VALUES[analyte])),
                "comparator": chance.choice(SIGNS),
            }
        )
    for _ in range(chance.choice((0, 1, 2, 4, 8))):
        tables["antibody_tests"].append(
            {
                "patient_id": name,
                "subject": chance.choice(("patient", "patient", "patient", "mother")),
                "sample_id": chance.choice((None, "S2", "S10")),
                "taken_on": chance.choice((None, day(), day())),
                "assay": chance.choice(ASSAYS),
                "result": chance.choice(RESULTS),
                "titre": chance.choice(TITRES),
                "reading": chance.choice((None, 0.5, 1.75)),
            }
        )


def _add_biologics(tables: Tables, chance: random.Random) -> None:
    """Doses of biologics, chemotherapy, CD19 counts, marrow, by chance of their own, and patients.

    Those are new, so that what is asked of the others stays as it was.
    """
    for number in range(len(tables["patients"])):
        name, start = f"B{number:04}", STARTS[0]
        tables["patients"].append(dict.fromkeys(SCHEMAS["patients"]) | {"patient_id": name})

        def day(start: date = start) -> date | None:
            return start + timedelta(days=chance.choice(DOSE_DAYS))

        for analyte, values in (("ANC", VALUES), ("ANC", VALUES), ("CD19", CD19_COUNTS)):
            for _ in range(chance.choice((0, 1, 2, 3))):
                at = datetime.combine(day(), time(8))
                tables["labs"].append(
                    {
                        "patient_id": name, "analyte": analyte, "taken_at": at,
                        "value": float(chance.choice(values)), "comparator": chance.choice(SIGNS),
                    }
                )  # fmt: skip
        if chance.random() < 0.6:  # before the first dose
            at = datetime.combine(start - timedelta(days=10), time(8))
            row = {"patient_id": name, "analyte": "ANC", "taken_at": at, "value": 4.2}
            tables["labs"].append(row | {"comparator": None})
        for _ in range(chance.choice((0, 1, 1, 2, 3))):
            (atc, drug), begin, lasts = (
                chance.choice(BIOLOGICS),
                day(),
                chance.choice((0, 0, 0, 60)),
            )
            is_dated = chance.random() < 0.9
            tables["medications"].append(
                {
                    "patient_id": name, "atc": atc, "drug": drug,
                    "role": chance.choice(("suspect", "concomitant", None)),
                    "started_on": begin if is_dated else None,
                    "stopped_on": None if chance.random() < 0.1 else begin + timedelta(days=lasts),
                }
            )  # fmt: skip
        for event in chance.choice(((), (), ("infection",), ("chemotherapy",))):
            on = chance.choice((None, day(), day()))
            tables["events"].append(
                {"patient_id": name, "event": event, "occurred_on": on, "grade": None}
            )
        for condition in chance.choice(((), (), (), ("lymphoma",), ("t_lgl_leukaemia",))):
            tables["diagnoses"].append(
                dict.fromkeys(SCHEMAS["diagnoses"]) | {"patient_id": name, "condition": condition}
            )
        if chance.random() < 0.1:
            tables["marrow"].append(
                {
                    "patient_id": name, "taken_on": None,
                    "neoplasm": chance.choice((True, False, None)),
                    "lgl_infiltrate": chance.choice((True, False, None)),
                }
            )  # fmt: skip


def _courses_of_events(
    name: str, start: date, last: int, apart: random.Random
) -> Iterator[dict[str, object]]:
    """In a few patients a chain of infections, each soon after the one before; in some a graft."""
    if apart.random() < 0.15:
        day = apart.randint(-8, 8)
        while day <= last and apart.random() < 0.95:
            yield {
                "patient_id": name, "event": "infection",
                "occurred_on": start + timedelta(days=day), "grade": apart.choice((None, 1, 3)),
                "serious": apart.choice((None, True, False)),
            }  # fmt: skip
            day += apart.choice((1, 5, 9, 13, 14, 15, 30))
    if apart.random() < 0.05:
        on = apart.choice((None, start + timedelta(days=apart.randint(0, last))))
        yield {"patient_id": name, "event": "transplant", "occurred_on": on, "grade": None}


def frames(tables: Tables) -> dict[str, pd.DataFrame]:
    """The tables as frames of objects, a missing value None."""
    return {
        name: pd.DataFrame(
            [dict.fromkeys(SCHEMAS[name]) | row for row in rows], columns=list(SCHEMAS[name])
        ).astype(object)
        for name, rows in tables.items()
    }


def shuffled(tables: Tables, seed: int) -> Tables:
    """The same rows in another order."""
    chance = random.Random(seed)  # noqa: S311 — patients, not secrets
    return {name: chance.sample(rows, len(rows)) for name, rows in tables.items()}


def lows(rows: Sequence[dict], limit: float) -> set[str]:
    """Patients with a dated count certainly below the limit."""
    return {
        row["patient_id"]
        for row in rows
        if row["analyte"] == "ANC" and row["value"] is not None and row["taken_at"] is not None
        and (row["value"] < limit or (row["value"] == limit and row["comparator"] == "<"))
        and row["comparator"] in (None, "<", "<=")
    }  # fmt: skip
