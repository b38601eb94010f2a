"""The five patients of Abdulkader 2014 with late-onset neutropenia after rituximab, as printed.

They are real: what stands in the study's table is taken over, and nothing is drawn. The table has
spans of days and no dates, so dates count from an arbitrary origin, which stands for each patient's
last rituximab cycle. Run as `python -m incohort.synthetic.abdulkader2014 OUT`.

Source: Abdulkader et al., J Rheumatol 2014;41:858, Table 2; tests/spec/test_abdulkader2014.py reads
every figure back from the written files.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from incohort.synthetic.abdulkader_card import CARD, DESCRIPTION, SOURCES, TITLE
from incohort.synthetic.folder import (
    MadeCohort,
    MadeTable,
    Record,
    folder_argument,
    write_folder,
)

ORIGIN = date(2001, 1, 1)  # arbitrary: stands for the cycle of each patient


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """Days from the rituximab cycle to the onset, the nadir in 10⁹/L, how many days it lasted."""

    onset: int
    nadir: str
    duration: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row of the table."""

    number: int
    age_years: int
    sex: str
    cycles: int
    episodes: tuple[Episode, ...]
    has_gcsf: bool = False
    has_pneumonia: bool = False

    @property
    def patient_id(self) -> str:
        """The number in the table."""
        return f"A{self.number}"


CASES = (
    Case(
        number=1, age_years=63, sex="female", cycles=1, has_pneumonia=True,
        episodes=(Episode(onset=168, nadir="0", duration=9),),
    ),
    Case(
        number=2, age_years=25, sex="female", cycles=7, has_gcsf=True,
        episodes=(
            Episode(onset=71, nadir="1.1", duration=14),
            Episode(onset=106, nadir="0", duration=4),
        ),
    ),
    Case(
        number=3, age_years=62, sex="female", cycles=3, has_gcsf=True, has_pneumonia=True,
        episodes=(Episode(onset=151, nadir="0", duration=7),),
    ),
    Case(
        number=4, age_years=51, sex="male", cycles=1,
        episodes=(Episode(onset=184, nadir="0.4", duration=15),),
    ),
    Case(
        number=5, age_years=55, sex="female", cycles=1,
        episodes=(Episode(onset=135, nadir="1.3", duration=14),),
    ),
)  # fmt: skip
_ENDED = "1.5"  # the study counts neutropenia as 1.5 × 10⁹/L or lower

_COLUMNS = {
    "patients": ("patient_id", "sex", "age_years", "index_date", "aetiology"),
    "labs": ("patient_id", "analyte", "taken_at", "value", "unit", "comparator"),
    "medications": (
        "patient_id", "atc", "drug", "role", "started_on", "stopped_on", "indication",
    ),
    "diagnoses": ("patient_id", "condition"),
    "events": ("patient_id", "event", "detail"),
}  # fmt: skip


def write(out: Path) -> None:
    """Write the five patients as a cohort folder: CSV files and `datapackage.json`."""
    tables: dict[str, list[Record]] = {
        "patients": [patient_of(case) for case in CASES],
        "labs": [record for case in CASES for record in counts_of(case)],
        "medications": [record for case in CASES for record in drugs_of(case)],
        "diagnoses": [
            {"patient_id": case.patient_id, "condition": "rheumatoid_arthritis"} for case in CASES
        ],
        "events": [
            {"patient_id": case.patient_id, "event": "infection", "detail": "pneumonia"}
            for case in CASES
            if case.has_pneumonia
        ],
    }
    cohort = MadeCohort(
        name="abdulkader2014",
        title=TITLE,
        description=DESCRIPTION,
        sources=SOURCES,
        tables=tuple(MadeTable(name, _COLUMNS[name], records) for name, records in tables.items()),
        incohort=CARD,
    )
    write_folder(cohort, out)


def _on(days: int) -> str:
    return (ORIGIN + timedelta(days=days)).isoformat()


def patient_of(case: Case) -> Record:
    """What is known of the patient; the index date is the first onset."""
    return {
        "patient_id": case.patient_id,
        "sex": case.sex,
        "age_years": str(case.age_years),
        "index_date": _on(case.episodes[0].onset),
        "aetiology": "drug_induced",
    }


def counts_of(case: Case) -> list[Record]:
    """Two counts an episode: the nadir, put on the day of onset, and above 1.5 when it was over."""
    count = {"patient_id": case.patient_id, "analyte": "ANC", "unit": "10*9/L"}
    return [
        count | record
        for episode in case.episodes
        for record in (
            {"taken_at": _on(episode.onset), "value": episode.nadir},
            {
                "taken_at": _on(episode.onset + episode.duration),
                "value": _ENDED,
                "comparator": ">",
            },
        )
    ]


def drugs_of(case: Case) -> list[Record]:
    """The last rituximab cycle, on the day of origin, and G-CSF, whose dates were not printed."""
    cycle = "cycle" if case.cycles == 1 else "cycles"
    rituximab = {
        "patient_id": case.patient_id,
        "atc": "L01FA01",
        "drug": "rituximab",
        "role": "suspect",
        "started_on": _on(0),
        "stopped_on": _on(0),
        "indication": f"rheumatoid arthritis; {case.cycles} {cycle}",
    }
    gcsf = {
        "patient_id": case.patient_id,
        "atc": "L03AA",
        "drug": "granulocyte colony-stimulating factor",
        "role": "treatment",
    }
    return [rituximab, gcsf] if case.has_gcsf else [rituximab]


if __name__ == "__main__":
    write(folder_argument("incohort.synthetic.abdulkader2014", sys.argv[1:]))
