"""Ten rows of two reviews of neutropenia under checkpoint inhibitors, of eight patients or so.

They are real and nothing is drawn; what two reviews print of probably one patient stands in two
rows that name each other. Calendar dates count from an arbitrary origin. Run as
`python -m incohort.synthetic.ici_cases OUT`; tests/spec/test_printed_cases.py reads them back.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from incohort.synthetic.dealing import Dealt, write_dealt
from incohort.synthetic.folder import folder_argument
from incohort.synthetic.ici_card import CASES_CARD

ORIGIN = date(2001, 1, 1)  # arbitrary: the last dose, or the onset where that day was not printed
BMC, JITC = "BMC Cancer 2020", "JITC 2019"
_ATC = {"ipilimumab": "L01FX04", "nivolumab": "L01FF01", "pembrolizumab": "L01FF02"}
_SALVAGE = ("colony-stimulating factor", "L03AA")
_OTHERS = {
    "steroid": ("corticosteroid", "H02AB"),
    "ivig": ("intravenous immunoglobulin", "J06BA02"),
    "atg": ("antithymocyte globulin", "L04AA"),
    "ciclosporin": ("ciclosporin", "L04AD01"),
}
_NORMAL = "1.5"  # not read in the reviews: what a count that is over is taken to reach


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a table; spans in days, empty or None where nothing was printed."""

    patient_id: str
    centre: str = BMC
    drug: str = "ipilimumab"
    cycles: int
    dose: str = ""  # mg/kg
    interval: str = "3"  # weeks
    delay: int | None = None  # from the last dose to the onset
    nadir: str = "<0.5"  # grade 4 and no more
    duration: int | None = None
    after_salvage: int | None = None  # from the salvage treatment to the recovery
    given: tuple[str, ...] = ("steroid",)  # beside a growth factor
    has_growth_factor: bool = True
    cause: str = ""  # of the death
    detail: str = ""
    sex: str = ""
    age_years: str = ""
    same_as: str = ""
    has_antibody: bool = False


_ALL = ("steroid", "ivig", "atg", "ciclosporin")
ROWS = (
    Row(
        patient_id="BMC1", dose="10", cycles=4, delay=14, duration=8, after_salvage=8,
        given=("steroid", "ivig", "ciclosporin"), same_as="JITC1",
    ),
    Row(
        patient_id="BMC2", dose="3", cycles=3, delay=21, duration=20, after_salvage=4, given=_ALL,
        same_as="JITC2",
    ),
    Row(patient_id="BMC3", cycles=4, delay=8, duration=37, given=("steroid", "ivig")),
    Row(
        patient_id="BMC4", dose="3", cycles=3, delay=12, duration=10, after_salvage=10,
        cause="other", detail="brain haemorrhage",
    ),
    Row(patient_id="BMC5", dose="5", cycles=5, interval="2", duration=7, after_salvage=7),
    Row(
        patient_id="BMC6", dose="3", cycles=3, delay=14, nadir="0", duration=16, after_salvage=8,
        cause="tumour", detail="progression", sex="male", age_years="35",
    ),
    Row(
        patient_id="JITC1", centre=JITC, cycles=4, interval="", nadir="0.38", duration=60,
        sex="female", age_years="42", same_as="BMC1", has_antibody=True, given=(),
        has_growth_factor=False,
    ),
    Row(
        patient_id="JITC2", centre=JITC, cycles=4, interval="", nadir="0", duration=52,
        sex="male", age_years="54", same_as="BMC2", given=("atg", "ciclosporin"),
        has_growth_factor=False,
    ),
    Row(
        patient_id="JITC3", centre=JITC, drug="nivolumab", cycles=2, interval="", nadir="",
        duration=16, sex="female", age_years="74", given=(), has_growth_factor=False,
    ),
    Row(
        patient_id="JITC5", centre=JITC, drug="pembrolizumab", cycles=2, interval="", nadir="0",
        sex="female", age_years="73", given=(), has_growth_factor=False,
    ),
)  # fmt: skip


def write(out: Path) -> None:
    """Write the ten rows as a cohort folder: CSV files and `datapackage.json`."""
    write_dealt("ici_cases", CASES_CARD, [_of_row(row) for row in ROWS], out)


def _of_row(row: Row) -> Dealt:
    patient = Dealt(row.patient_id, row.centre)
    patient.write(
        "patients",
        sex=row.sex,
        age_years=row.age_years,
        index_date=_on(_onset(row)),
        centre=row.centre,
        aetiology="drug_induced",
        same_as=row.same_as,
    )
    _write_counts(patient, row)
    _write_drugs(patient, row)
    if row.cause:
        patient.write("events", event="death", cause=row.cause, detail=row.detail)
    if row.has_antibody:
        patient.write("antibody_tests", assay="other", result="positive")
    return patient


def _on(days: int) -> str:
    return (ORIGIN + timedelta(days=days)).isoformat()


def _onset(row: Row) -> int:
    return row.delay or 0


def _write_counts(patient: Dealt, row: Row) -> None:
    """The lowest count on the day of onset, and a normal one on the day it was over."""
    count = {"analyte": "ANC", "taken_at": _on(_onset(row))}
    if row.nadir:
        sign = "<" if row.nadir.startswith("<") else ""
        number = {"value": row.nadir.removeprefix("<"), "unit": "10*9/L", "comparator": sign}
        patient.write("labs", **count, **number)
    else:
        patient.write("labs", **count)
    if row.duration is not None:
        patient.write(
            "labs",
            analyte="ANC",
            taken_at=_on(_onset(row) + row.duration),
            value=_NORMAL,
            unit="10*9/L",
            comparator=">=",
        )


def _write_drugs(patient: Dealt, row: Row) -> None:
    """The last dose, and what was given; a growth factor from the day that follows, if any does."""
    last = "" if row.delay is None else _on(0)
    patient.write(
        "medications",
        atc=_ATC[row.drug],
        drug=row.drug,
        role="suspect",
        started_on=last,
        stopped_on=last,
        dose=row.dose,
        dose_unit="mg/kg" if row.dose else "",
        cycle_number=str(row.cycles),
        interval_weeks=row.interval,
    )
    if row.has_growth_factor:
        drug, atc = _SALVAGE
        begun = ""
        if row.duration is not None and row.after_salvage is not None:
            begun = _on(_onset(row) + row.duration - row.after_salvage)
        patient.write("medications", atc=atc, drug=drug, role="treatment", started_on=begun)
    for name in row.given:
        drug, atc = _OTHERS[name]
        patient.write("medications", atc=atc, drug=drug, role="treatment")


if __name__ == "__main__":
    write(folder_argument("incohort.synthetic.ici_cases", sys.argv[1:]))
