"""The cohort of Rajakulendran 2006: 133 patients under a TNF inhibitor, rebuilt in its margins.

Each column of the study's table has its counts; who has two characteristics is drawn. Run as
`python -m incohort.synthetic.rajakulendran2006 OUT`; the same seed gives the same bytes.
Source: Ann Rheum Dis 2006;65:1678, Table 1; tests/spec/test_rheumatic_cohorts.py.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from incohort.synthetic.cards import JOINT, REBUILT, Card
from incohort.synthetic.dealing import (
    Dealt,
    Fact,
    Part,
    Stratum,
    between,
    deal,
    dealt_numbers,
    some,
    write_dealt,
)
from incohort.synthetic.folder import folder_argument

SEED = 2006
ORIGIN = date(2001, 1, 1)  # arbitrary: each patient's first dose
_BEFORE = -1
_LOOKED_AT = 91  # when a count of those without neutropenia stands: three months
_TNF = {"adalimumab": "L04AB04", "etanercept": "L04AB01", "infliximab": "L04AB02"}
_UNNAMED = ("TNF inhibitor", "L04AB")  # the code of the whole group
# Printed: nadirs from 1.02 to 1.94, 8 of 19 below 1.5; onset after a median of 3 months, from a
# week to 26 months; 16 of 19 stayed on the drug.
_NADIRS = (
    ("1.02", 1), (between("1.03", "1.49"), 7), (between("1.50", "1.93"), 10), ("1.94", 1),
)  # fmt: skip
_ONSETS = (("7", 1), (between("8", "90"), 8), ("91", 1), (between("92", "790"), 8), ("791", 1))
_STOPPED = 3


def _on(days: int) -> str:
    return (ORIGIN + timedelta(days=days)).isoformat()


def _anc(comparator: str, value: str, days: int) -> Fact:
    row = {"analyte": "ANC", "taken_at": _on(days), "value": value, "unit": "10*9/L"}
    return "labs", row | {"comparator": comparator}


def _drug(drug: str, atc: str, role: str = "concomitant", **more: str) -> Fact:
    return "medications", {"atc": atc, "drug": drug, "role": role, **more}


def _ana(result: str) -> Fact:
    return "autoantibodies", {"antibody": "ana", "result": result}


def _stratum(
    name: str,
    n: int,
    *,
    women: int,
    drugs: Sequence[int],
    ana: tuple[int, int],
    others: Sequence[int],
) -> Stratum:
    """A column of the table; `others` are methotrexate, prednisolone, earlier drug, below 4.0."""
    positive, negative = ana
    methotrexate, prednisolone, earlier, low = others
    first_dose = _on(0)
    return Stratum(
        name=name,
        n=n,
        facts=(("diagnoses", {"condition": "rheumatoid_arthritis"}),),
        dealt=(
            (
                Part(women, (("patients", {"sex": "female"}),)),
                Part(n - women, (("patients", {"sex": "male"}),)),
            ),
            (
                *(
                    Part(count, (_drug(drug, atc, "suspect", started_on=first_dose),))
                    for count, (drug, atc) in zip(drugs, _TNF.items(), strict=True)
                ),
                Part(n - sum(drugs), (_drug(*_UNNAMED, "suspect", started_on=first_dose),)),
            ),
            (
                Part(positive, (_ana("positive"),)),
                Part(negative, (_ana("negative"),)),
                Part(n - positive - negative),
            ),
            some(methotrexate, n, _drug("methotrexate", "L04AX03")),
            some(prednisolone, n, _drug("prednisolone", "H02AB06")),
            some(earlier, n, ("diagnoses", {"condition": "drug_induced_neutropenia"})),
            (
                Part(low, (_anc("<", "4.0", _BEFORE),)),
                Part(n - low, (_anc(">=", "4.0", _BEFORE),)),
            ),
        ),
    )


_LOW, _NONE = "neutropenia", "none"
STRATA = (
    _stratum(_LOW, 19, women=16, drugs=(3, 13, 3), ana=(7, 4), others=(5, 4, 11, 11)),
    _stratum(_NONE, 114, women=88, drugs=(18, 72, 20), ana=(58, 34), others=(42, 49, 12, 13)),
)

CARD = Card(
    title="Rajakulendran 2006, reconstructed: neutropenia in 133 patients under a TNF inhibitor",
    description=(
        "Patients rebuilt from the table that a study printed. How many have each characteristic "
        "is the study's; who has which belongs to nobody."
    ),
    sources=(
        {
            "title": "Rajakulendran et al. Ann Rheum Dis 2006;65:1678, Table 1",
            "path": "https://www.ncbi.nlm.nih.gov/pmc/articles/PMC1798463/",
        },
    ),
    study="rajakulendran2006",
    notices=(
        REBUILT,
        (
            "Published: a count below 2.0 × 10⁹/L in 19 of 133; of the 19 and the 114 women 16 and "
            "88; adalimumab 3 and 18, etanercept 13 and 62, infliximab 3 and 20; antinuclear "
            "antibodies in 7 of 11 and 58 of 92 tested; methotrexate in 5 and 42, prednisolone in "
            "4 and 49, neutropenia under an earlier drug in 11 and 12; lowest counts from 1.02 to "
            "1.94, 8 below 1.5; onset after a median of 3 months, from a week to 26 months; 16 of "
            "19 stayed on the drug."
        ),
        (
            "With 62 given etanercept neither the printed 84.7 % nor the printed P comes out, and "
            "14 patients have no drug; 72 gives both, and stands here. Even so 4 of the 114 have "
            "none of the three: all 133 were given a TNF inhibitor, and theirs is not named. This "
            "row was read in a copy with altered words: before 62 is called a misprint the paper "
            "has to be opened."
        ),
        (
            "How many had a count below 4.0 before was not printed: 11 of 19 and 13 of 114 are the "
            "only numbers that give the printed odds ratio of 10.7 and its interval."
        ),
        JOINT,
        (
            "Of a count before and of those without neutropenia only the side of a limit is known. "
            "Lowest counts and days of onset are drawn between the printed ends. 1 January 2001 "
            "stands for each patient's first dose; counts of the 114 stand at three months, and a "
            "drug that was stopped ends on the day of the low count: dates are invented."
        ),
        (
            "Neutropenia under an earlier drug stands as a diagnosis without a date. The printed "
            "means (age 57.4 and 56.6, counts before 3.77 and 6.12) have no standard deviation "
            "beside them; ages and exact counts before are left out, not invented."
        ),
    ),
    synthetic_columns=(
        "patients.sex", "labs.ANC", "labs.taken_at", "medications.atc", "medications.drug",
        "medications.role", "medications.started_on", "medications.stopped_on",
        "autoantibodies.result", "diagnoses.condition",
    ),
    held=(
        "late_onset/on_treatment/frequency",
        "late_onset/on_treatment/dmard/odds_ratio",
        "late_onset/on_treatment/baseline_below_4/odds_ratio",
        *(
            f"late_onset/on_treatment/{name}/{number}"
            for name in ("sex", "drug", "ana", "methotrexate", "prednisolone", "dmard")
            for number in ("chi_square", "p_value")
        ),
    ),
)  # fmt: skip


def write(out: Path, seed: int = SEED) -> None:
    """Write the 133 patients as a cohort folder: CSV files and `datapackage.json`."""
    rng = np.random.default_rng(seed)
    roster = deal("T", STRATA, rng)
    low = [patient for patient in roster if patient.stratum == _LOW]
    stopped = {low[i].patient_id for i in rng.choice(len(low), _STOPPED, replace=False)}
    drawn = zip(dealt_numbers(_NADIRS, rng), dealt_numbers(_ONSETS, rng), strict=True)
    for patient, (nadir, onset) in zip(low, drawn, strict=True):
        patient.facts.append(_anc("", nadir, int(onset)))
        if patient.patient_id in stopped:
            _stop(patient, _on(int(onset)))
    for patient in roster:
        if patient.stratum == _NONE:
            patient.facts.append(_anc(">=", "2.0", _LOOKED_AT))
    write_dealt("rajakulendran2006", CARD, roster, out)


def _stop(patient: Dealt, day: str) -> None:
    """The course of the TNF inhibitor ends."""
    patient.facts = [
        (table, {**row, "stopped_on": day} if row.get("role") == "suspect" else row)
        for table, row in patient.facts
    ]


if __name__ == "__main__":
    write(folder_argument("incohort.synthetic.rajakulendran2006", sys.argv[1:]))
