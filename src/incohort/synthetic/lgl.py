"""A wholly synthetic cohort of large granular lymphocytes: 240 patients, up to three lines.

Run as `python -m incohort.synthetic.lgl OUT`; the same seed gives the same bytes. `lgl_draw` has
the truth: what a first course of each drug would do in all who were treated.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from incohort.synthetic.folder import MadeCohort, MadeTable, folder_argument, write_folder
from incohort.synthetic.lgl_draw import (
    CLASSES,
    COMPLETE,
    FIRST_DRUGS,
    LATER_DRUGS,
    MOST_LINES,
    Treated,
    chance,
    draw_mutated,
    draw_treated,
)

SEED = 2017
_ATC = {
    "methotrexate": "L04AX03", "cyclophosphamide": "L01AA01", "ciclosporin": "L04AD01",
    "prednisone": "H02AB07",
}  # fmt: skip
_ASSESSED_ON, _SWITCHED_ON = (105, 121), 130  # days after the start: four months are 121.75
_SENSITIVITY = {"trbc1": 0.96, "v_beta": 0.95, "pcr": 0.9}  # of clones, by each method
_DONE = {"trbc1": 0.6, "v_beta": 0.85, "pcr": 0.7}
_VISITS = (0, 95, 190, 285)
_DAY_ZERO = date(2015, 1, 1)
_CARD = {
    "privacy": "public",
    "origin": "synthetic",
    "notices": [
        (
            "Nobody here exists. Every patient, date, count and response was drawn by a seeded "
            "program, to test whether the notebook finds a known truth again. No number in this "
            "report says anything about patients."
        ),
        (
            "The first drug was chosen by how low the neutrophils were, which decides over the "
            "response as well, and a patient who responds to one drug is more likely to respond to "
            "the next: the share of a drug's courses with a response is not what it would do."
        ),
    ],
    "synthetic_columns": [],
    "held": [],
    "made_for": ["lgl"],
}

Row = dict[str, str]
Tables = dict[str, list[Row]]


@dataclass(frozen=True, slots=True)
class _Patient:
    """A patient: the name, the class, and the day of the first sample."""

    name: str
    kind: str
    index: date

    def on(self, day: int) -> str:
        """A day after the first sample, as it is written."""
        return (self.index + timedelta(days=day)).isoformat()


def write(out: Path, seed: int = SEED) -> None:
    """Write the patients as a cohort folder: CSV files and `datapackage.json`."""
    rows = _drawn(np.random.default_rng(seed))
    tables = []
    for name, records in rows.items():
        records.sort(key=lambda row: row["patient_id"])
        columns = tuple(dict.fromkeys(column for row in records for column in row))
        tables.append(MadeTable(name, columns, records))
    cohort = MadeCohort(
        name="lgl_synthetic",
        title="Synthetic: large granular lymphocytes, tests for a clone and up to three lines",
        description="Patients drawn by a seeded program, with a known effect of each first drug.",
        sources=(),
        tables=tuple(tables),
        incohort=_CARD,
    )
    write_folder(cohort, out)


def _drawn(rng: np.random.Generator) -> Tables:
    names = ("patients", "labs", "clonality", "gene_tests", "diagnoses", "medications", "events")
    tables: Tables = {name: [] for name in names}
    is_mutated = draw_mutated(rng)
    treated = draw_treated(is_mutated, rng)
    kinds = [kind for kind, n in CLASSES.items() for _ in range(n)]
    order = rng.permutation(len(kinds))
    for place, kind in enumerate(kinds):
        index = _DAY_ZERO + timedelta(days=int(rng.integers(0, 2500)))
        patient = _Patient(f"G{order[place] + 1:03d}", kind, index)
        _who(patient, tables, rng)
        _cells(patient, tables, rng)
        is_severe = False
        if place < len(is_mutated):
            is_severe = bool(treated.is_severe[place])
            _genes(patient, tables, rng, is_mutated=bool(is_mutated[place]))
            _lines(patient, tables, rng, treated, place)
        _count(patient, tables, rng, is_severe=is_severe)
    return tables


def _who(patient: _Patient, tables: Tables, rng: np.random.Generator) -> None:
    patient_key = {"patient_id": patient.name}
    tables["patients"].append(
        patient_key
        | {
            "sex": "female" if rng.random() < 0.5 else "male",
            "age_years": str(int(np.clip(rng.normal(62, 12), 25, 90))),
            "index_date": patient.on(0),
            "aetiology": "t_lgl" if patient.kind == "t_lgl" and rng.random() < 0.9 else "",
        }
    )
    conditions = {
        "t_lgl_leukaemia": patient.kind == "t_lgl" and rng.random() < 0.85,
        "felty": patient.kind in {"t_lgl", "reactive"} and rng.random() < 0.2,
    }
    tables["diagnoses"] += [
        patient_key | {"condition": c} for c, has_it in conditions.items() if has_it
    ]


def _count(patient: _Patient, tables: Tables, rng: np.random.Generator, *, is_severe: bool) -> None:
    """The neutrophil count of the first day."""
    low, high = (0.05, 0.49) if is_severe else (0.5, 2.4)
    sample_key = {"patient_id": patient.name, "analyte": "ANC", "taken_at": patient.on(0)}
    value = f"{rng.uniform(low, high):.2f}"
    tables["labs"].append(sample_key | {"value": value, "unit": "10*9/L"})


def _cells(patient: _Patient, tables: Tables, rng: np.random.Generator) -> None:
    """Counts at some visits, and on the first sample the tests for a clone."""
    n_visits = int(rng.choice(4, p=(0.12, 0.1, 0.28, 0.5))) + 1
    usual = float(np.exp(rng.normal(0.45, 0.6)))
    falls = patient.kind == "reactive" and rng.random() < 0.6
    dips = patient.kind == "t_lgl" and rng.random() < 0.08
    cd3 = (
        "not_done" if rng.random() < 0.06 else ("negative" if patient.kind == "nk" else "positive")
    )
    for visit, day in enumerate(_VISITS[:n_visits]):
        count = max(usual, 0.56) * float(rng.uniform(0.92, 1.15))
        if patient.kind == "nk":
            count += 0.3
        if patient.kind == "clone" or (falls and visit) or (dips and visit == 1):
            count = float(rng.uniform(0.1, 0.48))
        sample_key = {
            "patient_id": patient.name, "sample_id": f"S{visit + 1}",
            "taken_on": patient.on(day + int(rng.integers(-3, 4)) if day else 0),
        }  # fmt: skip
        if rng.random() < 0.04:
            continue  # no count at that visit
        counted = sample_key | {"lgl_count": f"{count:.2f}", "cd3": cd3}
        if not visit and patient.kind != "nk":
            counted |= {"cd3_cd57_count": f"{0.7 * count:.2f}", "cd8_count": f"{0.8 * count:.2f}"}
        tables["clonality"].append(counted)
        tables["clonality"] += [] if visit else _clones(patient, sample_key, rng)


def _clones(patient: _Patient, sample_key: Row, rng: np.random.Generator) -> list[Row]:
    """What each method said of the first sample."""
    rows = []
    has_clone = patient.kind in {"t_lgl", "clone"}
    for method, sensitivity in _SENSITIVITY.items():
        draw, is_done = float(rng.random()), rng.random() < _DONE[method]
        if has_clone:
            result = "clonal" if draw < sensitivity else "polyclonal"
        elif draw < 0.04:
            result = "clonal"
        else:
            result = "oligoclonal" if draw < 0.14 and method != "trbc1" else "polyclonal"
        if is_done:
            rows.append(sample_key | {"tcr_method": method, "tcr_result": result})
    return rows


def _genes(
    patient: _Patient, tables: Tables, rng: np.random.Generator, *, is_mutated: bool
) -> None:
    sample_key = {"patient_id": patient.name, "taken_on": patient.on(0), "origin": "somatic"}
    if rng.random() < 0.75:
        mutations = {"STAT3": is_mutated, "STAT5B": bool(rng.random() < 0.04)}
        tables["gene_tests"] += [
            sample_key
            | {"gene": gene, "result": "mutated" if has_it else "wild_type", "method": "panel_ngs"}
            for gene, has_it in mutations.items()
        ]


def _lines(
    patient: _Patient, tables: Tables, rng: np.random.Generator, treated: Treated, place: int
) -> None:
    """The first course as it was drawn, and the next ones of who had no response."""
    drug, start = FIRST_DRUGS[treated.drug[place]], 0
    is_severe, patient_effect = (
        treated.is_severe[place : place + 1],
        treated.patient_effect[place : place + 1],
    )
    has_response, is_assessed = bool(treated.has_response[place]), bool(treated.is_assessed[place])
    given: list[str] = []
    for line in range(1, MOST_LINES + 1):
        given.append(drug)
        row = {"patient_id": patient.name, "atc": _ATC[drug], "drug": drug, "role": "treatment"}
        row |= {"started_on": patient.on(start), "line_of_therapy": str(line)}
        tables["medications"].append(row)
        day = start + int(rng.integers(_ASSESSED_ON[0], _ASSESSED_ON[1] + 1))
        response = "none"
        if has_response:
            response = "complete" if rng.random() < COMPLETE else "partial"
        if is_assessed:
            event = {"patient_id": patient.name, "event": "response_assessment"}
            event |= {"occurred_on": patient.on(day), "response": response, "drug": drug}
            tables["events"].append(event)
        if has_response or not is_assessed or rng.random() < 0.2:
            return
        start += _SWITCHED_ON
        drug = str(rng.choice([name for name in LATER_DRUGS if name not in given]))
        has_response = bool(rng.random() < chance(drug, is_severe, patient_effect)[0])
        is_assessed = bool(rng.random() < 0.92)


if __name__ == "__main__":
    write(folder_argument("incohort.synthetic.lgl", sys.argv[1:]))
