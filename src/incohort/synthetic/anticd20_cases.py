"""Eleven published patients with neutropenia after an anti-CD20 antibody, as reports print them.

They are real: spans of days, counts, ages and sexes are the reports'; nothing is drawn. Calendar
dates count from an arbitrary origin. Run as `python -m incohort.synthetic.anticd20_cases OUT`;
tests/spec/test_printed_cases.py reads every figure back from the written files.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from incohort.synthetic.abdulkader2014 import CASES, ORIGIN, Case, counts_of, drugs_of, patient_of
from incohort.synthetic.anticd20_card import CARD
from incohort.synthetic.dealing import Dealt, write_dealt
from incohort.synthetic.folder import folder_argument

_GCSF = {"atc": "L03AA", "drug": "granulocyte colony-stimulating factor", "role": "treatment"}
_MONTH = 30.4375  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One patient with multiple sclerosis: days from the last dose to the onset, and the count."""

    patient_id: str
    centre: str
    onset: int
    count: str = ""  # empty where it was not read
    sex: str = ""
    age_years: str = ""
    cycle: str = ""  # the number of the last dose
    has_sepsis: bool = False
    has_fever: bool = False
    has_gcsf: bool = False


_REPORTS = (
    Report(
        patient_id="UK1", centre="UK 2020", sex="female", age_years="31", cycle="3", onset=115,
        count="0.0", has_sepsis=True, has_gcsf=True,
    ),
    Report(
        patient_id="UK2", centre="UK 2020", sex="male", age_years="35", cycle="1", onset=119,
        count="0.2", has_sepsis=True, has_gcsf=True,
    ),
    Report(
        patient_id="UK3", centre="UK 2020", sex="female", age_years="22", cycle="1", onset=150,
        count="0.28", has_fever=True,
    ),
    Report(
        patient_id="US1", centre="USA", sex="female", age_years="38",
        onset=round(3 * _MONTH), count="0.13",
    ),
    Report(
        patient_id="AU1", centre="Australia 2021", sex="male", age_years="40", cycle="4", onset=14,
        count="0.1",
    ),
    Report(patient_id="ES1", centre="Spain 2023", onset=20, has_fever=True),
)  # fmt: skip
# The American patient: two years after the first episode, 4.5 months after her final dose, and 34
# weeks after it, eight weeks after ozanimod was begun, once the count was normal for a while.
_SECOND = _REPORTS[3].onset + round(24 * _MONTH)
_FINAL_DOSE = _SECOND - round(4.5 * _MONTH)
_THIRD = _FINAL_DOSE + 34 * 7
_OZANIMOD = _THIRD - 8 * 7
_NORMAL = "1.5"  # not read in the reports: what a count that was normal again is taken to reach


def write(out: Path) -> None:
    """Write the eleven patients as a cohort folder: CSV files and `datapackage.json`."""
    roster = [_of_abdulkader(case) for case in CASES] + [_of_report(report) for report in _REPORTS]
    by_id = {patient.patient_id: patient for patient in roster}
    _write_what_followed(by_id)
    write_dealt("anticd20_cases", CARD, roster, out)


def _on(days: int) -> str:
    return (ORIGIN + timedelta(days=days)).isoformat()


def _of_abdulkader(case: Case) -> Dealt:
    """A row of the table of 2014; what is known of CD19 and of alemtuzumab is added."""
    patient = Dealt(case.patient_id, "Abdulkader 2014")
    patient.write("patients", **patient_of(case), centre="Abdulkader 2014")
    patient.write("diagnoses", condition="rheumatoid_arthritis")
    for count in counts_of(case):
        patient.write("labs", **count)
    for drug in drugs_of(case):
        is_dose = drug["role"] == "suspect"
        patient.write(
            "medications", **drug, **({"cycle_number": str(case.cycles)} if is_dose else {})
        )
    if case.has_pneumonia:
        patient.write("events", event="infection", site="lung", detail="pneumonia")
    return patient


def _of_report(report: Report) -> Dealt:
    patient = Dealt(report.patient_id, report.centre)
    patient.write(
        "patients",
        sex=report.sex,
        age_years=report.age_years,
        index_date=_on(report.onset),
        centre=report.centre,
        aetiology="drug_induced",
    )
    patient.write("diagnoses", condition="multiple_sclerosis")
    _dose(patient, day=0, cycle=report.cycle)
    _count(patient, report.onset, report.count)
    if report.has_sepsis:
        patient.write("events", event="infection", site="blood", occurred_on=_on(report.onset))
    if report.has_fever:
        patient.write("events", event="fever", occurred_on=_on(report.onset))
    if report.has_gcsf:
        patient.write("medications", **_GCSF)
    return patient


def _dose(patient: Dealt, *, day: int, cycle: str = "") -> None:
    """One infusion of ocrelizumab."""
    on = _on(day)
    patient.write(
        "medications",
        atc="L04AG08",
        drug="ocrelizumab",
        role="suspect",
        started_on=on,
        stopped_on=on,
        indication="multiple sclerosis",
        cycle_number=cycle,
    )


def _count(patient: Dealt, day: int, value: str, comparator: str = "") -> None:
    """A neutrophil count; one whose number was not read is a row without it."""
    patient.write(
        "labs",
        analyte="ANC",
        taken_at=_on(day),
        value=value,
        unit="10*9/L" if value else "",
        comparator=comparator,
    )


def _write_what_followed(by_id: dict[str, Dealt]) -> None:
    """What single reports tell beyond the first episode."""
    first = by_id["A1"]
    episode = CASES[0].episodes[0]
    day = episode.onset + episode.duration + 14
    first.write("labs", analyte="CD19", taken_at=_on(day), value="0", unit="10*9/L")
    by_id["A4"].write("medications", atc="L04AG06", drug="alemtuzumab", role="concomitant")
    for cycle in (2, 3):
        _dose(by_id["UK2"], day=round((cycle - 1) * 6 * _MONTH), cycle=str(cycle))
    australian = by_id["AU1"]
    australian.write(
        "medications", atc="L03AA02", drug="filgrastim", role="treatment", started_on=_on(14)
    )
    _count(australian, 16, "7.68")
    american = by_id["US1"]
    _count(american, _REPORTS[3].onset + 7, _NORMAL, ">=")
    _dose(american, day=_FINAL_DOSE)
    _count(american, _SECOND, "0")
    american.write("medications", **_GCSF)
    _count(american, _OZANIMOD, _NORMAL, ">=")
    american.write(
        "medications",
        atc="L04AE02",
        drug="ozanimod",
        role="concomitant",
        started_on=_on(_OZANIMOD),
    )
    _count(american, _THIRD, "0.85")


if __name__ == "__main__":
    write(folder_argument("incohort.synthetic.anticd20_cases", sys.argv[1:]))
