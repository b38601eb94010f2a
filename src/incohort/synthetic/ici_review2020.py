"""The 34 cases of a review of grade 4 neutropenia under checkpoint inhibitors, in their counts.

How many recovered, died, had a fever was printed; who did, and how long each was neutropenic, is
drawn so that the printed median comes out. Run as `python -m incohort.synthetic.ici_review2020
OUT`; the same seed gives the same bytes. tests/spec/test_printed_cases.py counts again.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from statistics import NormalDist

import numpy as np

from incohort.synthetic.dealing import (
    Dealt,
    Fact,
    Part,
    Stratum,
    between,
    deal,
    dealt_numbers,
    write_dealt,
)
from incohort.synthetic.folder import folder_argument
from incohort.synthetic.ici_card import REVIEW_CARD

SEED = 2020
ORIGIN = date(2001, 1, 1)  # arbitrary: the first dose
_N = 34
# Printed: onset after a median of 10.5 weeks, the quartiles 6 weeks apart; here a normal curve.
_ONSET_DAYS = NormalDist(10.5 * 7, 6 * 7 / 1.349)
# Printed of 26: median 13. Six are printed one by one (8, 20, 37, 10, 7, 16).
_DURATIONS = (
    *((number, 1) for number in ("7", "8", "10", "16", "20", "37")),
    (between("4", "12"), 9), ("13", 2), (between("14", "45"), 9),
)  # fmt: skip
_RECOVERED = 26
_NORMAL = "1.5"  # not read in the review: what a count that has recovered is taken to reach


def write(out: Path, seed: int = SEED) -> None:
    """Write the 34 patients as a cohort folder: CSV files and `datapackage.json`."""
    rng = np.random.default_rng(seed)
    roster = deal("N", (_stratum(),), rng)
    onsets = [
        round(_ONSET_DAYS.inv_cdf((rank + 0.5) / _N)) for rank in rng.permutation(_N).tolist()
    ]
    recovered = dict(
        zip(
            rng.choice(_N, _RECOVERED, replace=False).tolist(),
            dealt_numbers(_DURATIONS, rng),
            strict=True,
        )
    )
    for i, (patient, onset) in enumerate(zip(roster, onsets, strict=True)):
        days = int(recovered[i]) if i in recovered else None
        _write_course(patient, onset, days, rng)
    write_dealt("ici_review2020", REVIEW_CARD, roster, out)


def _stratum() -> Stratum:
    """Printed: 14 died, 3 of an immune-related event; of 22 fever in 15, a culture grew in 3."""
    suspect = {"atc": "L01F", "drug": "immune checkpoint inhibitor", "role": "suspect"}
    drug: Fact = ("medications", suspect | {"started_on": _on(0)})

    def event(name: str, **more: str) -> Fact:
        return "events", {"event": name, **more}

    return Stratum(
        name="all",
        n=_N,
        facts=(drug, ("patients", {"aetiology": "drug_induced"})),
        dealt=(
            (
                Part(3, (event("death", cause="irae"),)),
                Part(11, (event("death"),)),
                Part(_N - 14),
            ),
            (
                Part(3, (event("fever", culture="positive"),)),
                Part(12, (event("fever", culture="negative"),)),
                Part(_N - 15),
            ),
        ),
    )


def _on(days: int) -> str:
    return (ORIGIN + timedelta(days=days)).isoformat()


def _write_course(
    patient: Dealt, onset: int, duration: int | None, rng: np.random.Generator
) -> None:
    """A count of grade 4, one that has recovered where one did, and the days of what befell."""
    count = {"analyte": "ANC", "unit": "10*9/L"}
    patient.write("labs", **count, taken_at=_on(onset), value="0.5", comparator="<")
    end = onset if duration is None else onset + duration
    if duration is not None:
        patient.write("labs", **count, taken_at=_on(end), value=_NORMAL, comparator=">=")
    died = end + int(rng.integers(1, 60 if duration is None else 400))
    days = {"death": died, "fever": onset}
    patient.facts = [
        (table, {**row, "occurred_on": _on(days[row["event"]])} if table == "events" else row)
        for table, row in patient.facts
    ]
    patient.write("patients", index_date=_on(onset))


if __name__ == "__main__":
    write(folder_argument("incohort.synthetic.ici_review2020", sys.argv[1:]))
