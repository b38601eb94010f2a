"""A small cohort that keeps to the dictionary, in which a test writes what it needs."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import pytest

ROWS = {
    "patients": {
        "patient_id": "P1", "sex": "female", "birth_date": "1970-05-01", "age_years": "44.8",
        "index_date": "2015-03-02", "centre": "North", "duffy_null": "no",
    },
    "labs": {
        "patient_id": "P1", "analyte": "ANC", "taken_at": "2015-03-02T08:30:00", "value": "1.5",
        "unit": "10*9/L", "comparator": "", "specimen": "",
    },
    "medications": {
        "patient_id": "P1", "atc": "H03BB02", "drug": "thiamazole", "role": "suspect",
        "started_on": "2015-01-05", "stopped_on": "2015-03-01", "dose": "10", "dose_unit": "mg/d",
    },
    "antibody_tests": {
        "patient_id": "P1", "sample_id": "S1", "taken_on": "2015-03-02", "assay": "gift",
        "direct": "false", "result": "positive", "titre": "1:8", "reading": "2.5",
    },
    "diagnoses": {
        "patient_id": "P1", "condition": "thyroid_disease", "subtype": "graves",
        "diagnosed_on": "2014-11-20", "code": "E05.0", "code_system": "icd10",
    },
    "events": {
        "patient_id": "P1", "event": "infection", "occurred_on": "2015-03-09", "grade": "",
        "detail": "pneumonia",
    },
    "clonality": {
        "patient_id": "P1", "taken_on": "2015-03-02", "lgl_count": "0.4", "tcr_method": "pcr",
        "tcr_result": "clonal",
    },
    "autoantibodies": {
        "patient_id": "P1", "taken_on": "2015-03-02", "antibody": "anca", "result": "positive",
        "titre": "1:80",
    },
    "findings": {
        "patient_id": "P1", "seen_on": "2015-03-02", "finding": "splenomegaly", "result": "absent",
    },
    "visits": {
        "patient_id": "P1", "from_on": "2015-03-02", "to_on": "2015-03-05", "kind": "admission",
        "reason": "pneumonia",
    },
    "gene_tests": {
        "patient_id": "P1", "taken_on": "2015-03-02", "gene": "STAT3", "result": "mutated",
        "origin": "somatic", "method": "amplicon_ngs", "sensitivity_percent": "2",
        "vaf_percent": "12.5",
    },
    "hna_types": {
        "patient_id": "P1", "subject": "mother", "system": "hna_1", "alleles": "HNA-1a;HNA-1b",
        "method": "pcr", "taken_on": "1969-03-02",
    },
    "marrow": {
        "patient_id": "P1", "taken_on": "2015-03-02", "cellularity": "normal",
        "maturation": "late_arrest", "neoplasm": "no", "colony_growth": "80",
    },
    "transplants": {
        "patient_id": "P1", "transplanted_on": "2015-04-02", "number": "1", "donor": "sibling",
        "source": "blood", "cd34_dose": "4.5", "conditioning": "reduced",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Folder:
    """A cohort's folder; its rows are those of `ROWS` unless told otherwise."""

    path: Path

    def write(self, table: str, *rows: dict[str, str], without: tuple[str, ...] = ()) -> Path:
        """Write a table, each row with what differs from the usual one."""
        told = {name for row in rows for name in row}
        every = {**ROWS[table], **dict.fromkeys(sorted(told))}
        names = [name for name in every if name not in without]
        path = self.path / f"{table}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, names, extrasaction="ignore", restval="")
            writer.writeheader()
            writer.writerows({**ROWS[table], **row} for row in rows)
        return path

    def text(self, name: str, content: str | bytes) -> Path:
        """Write a file as it stands."""
        path = self.path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


@pytest.fixture
def mine(tmp_path) -> Folder:
    """A folder with one patient."""
    folder = Folder(tmp_path / "mine")
    folder.path.mkdir()
    folder.write("patients", {})
    return folder
