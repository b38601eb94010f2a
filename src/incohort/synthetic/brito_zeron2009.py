"""The cohort of Brito-Zerón 2009: 300 patients with Sjögren syndrome, rebuilt in its margins.

Each printed share has one count that fits it and the printed P value. Who has two characteristics
is drawn. Run as `python -m incohort.synthetic.brito_zeron2009 OUT`; the same seed gives the same
bytes. Source: Semin Arthritis Rheum 2009;38:389; tests/spec/test_rheumatic_cohorts.py.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from incohort.synthetic.cards import JOINT, REBUILT, Card
from incohort.synthetic.dealing import Fact, Part, Stratum, deal, some, write_dealt
from incohort.synthetic.folder import folder_argument

SEED = 2009
_NEUTROPENIA = "2.5"  # printed: lower than this at any time
_AGRANULOCYTOSIS = "0.5"  # not read in the paper: the usual limit
_RF, _C4 = "20", "0.1"  # not read in the paper: usual limits, in IU/mL and g/L


def _lab(analyte: str, comparator: str, value: str, unit: str) -> Fact:
    row = {"analyte": analyte, "value": value, "unit": unit, "comparator": comparator}
    return "labs", row


def _anc(comparator: str, value: str) -> Fact:
    return _lab("ANC", comparator, value, "10*9/L")


def _antibody(antibody: str, result: str) -> Fact:
    return "autoantibodies", {"antibody": antibody, "result": result}


def _marks(n: int, ro_la: int, rf: int, low_c4: int, admitted: int) -> tuple[tuple[Part, ...], ...]:
    """The four marks that were compared, of so many patients each."""
    return (
        (
            Part(ro_la, (_antibody("anti_ro", "positive"),)),
            Part(n - ro_la, (_antibody("anti_ro", "negative"), _antibody("anti_la", "negative"))),
        ),
        (
            Part(rf, (_lab("RF", ">=", _RF, "[IU]/mL"),)),
            Part(n - rf, (_lab("RF", "<", _RF, "[IU]/mL"),)),
        ),
        (
            Part(low_c4, (_lab("C4", "<", _C4, "g/L"),)),
            Part(n - low_c4, (_lab("C4", ">=", _C4, "g/L"),)),
        ),
        some(admitted, n, ("events", {"event": "hospitalisation", "detail": "infection"})),
    )


def _counts(n: int, agranulocytosis: int) -> tuple[Part, ...]:
    """The lowest count ever, as far as it was printed on which side of a limit it lies."""
    return (
        Part(agranulocytosis, (_anc("<", _AGRANULOCYTOSIS),)),
        Part(n - agranulocytosis, (_anc("<", _NEUTROPENIA),)),
    )


_SJOGREN: Fact = ("diagnoses", {"condition": "sjogren"})
_T_LGL: Fact = ("diagnoses", {"condition": "t_lgl_leukaemia"})
# Printed: 90 idiopathic, 9 by a neoplasia or drugs, 201 never neutropenic; agranulocytosis in 7, of
# whom 5 had a neoplasia; T-LGL leukaemia in 1 of the 90.
STRATA = (
    Stratum(
        name="idiopathic",
        n=90,
        facts=(_SJOGREN, ("patients", {"aetiology": "unknown"})),
        dealt=(_counts(90, 2), *_marks(90, 48, 44, 15, 22), some(1, 90, _T_LGL)),
    ),
    Stratum(
        name="known cause",
        n=9,
        facts=(_SJOGREN, ("patients", {"aetiology": "other"})),
        dealt=(_counts(9, 5),),
    ),
    Stratum(
        name="never",
        n=201,
        facts=(_SJOGREN, _anc(">=", _NEUTROPENIA)),
        dealt=_marks(201, 44, 65, 17, 19),
    ),
)

_ASSOCIATIONS = ("anti_ro_la", "rheumatoid_factor", "low_c4", "admission")
CARD = Card(
    title="Brito-Zerón 2009, reconstructed: neutropenia in 300 patients with Sjögren syndrome",
    description=(
        "Patients rebuilt from the shares that a study printed. How many have each characteristic "
        "is the study's; who has which belongs to nobody."
    ),
    sources=({"title": "Brito-Zerón et al. Semin Arthritis Rheum 2009;38:389, abstract"},),
    study="brito_zeron2009",
    notices=(
        REBUILT,
        (
            "Published: a count below 2.5 × 10⁹/L ever in 99 of 300, in 90 idiopathic, in 9 by a "
            "neoplasia or drugs; of the 90 against the 201 never neutropenic anti-Ro or anti-La in "
            "53 and 22 %, rheumatoid factor in 49 and 32 %, low C4 in 17 and 8 %, admission for "
            "infection in 24 and 9 %; agranulocytosis in 7, 5 of them with a neoplasia; T-LGL "
            "leukaemia in 1 of the 90."
        ),
        (
            "The counts were not printed: 44 of 90 and 65 of 201 with rheumatoid factor, 15 and 17 "
            "with low C4, 22 and 19 admitted are the only ones that give the printed shares and "
            "Fisher's P; 48 of 90 and 44 of 201 with anti-Ro or anti-La is one of two that do (45 "
            "of 201 is the other)."
        ),
        JOINT,
        (
            "Of the 9 with a known cause nothing was printed but that; they have a count and no "
            "mark, and are in none of the comparisons. Of whom a neoplasia and of whom a drug was "
            "the cause is not known; it stands as other, idiopathic as unknown."
        ),
        (
            "Only the side of a limit is known of a laboratory value. 2.5 × 10⁹/L is the study's; "
            "the limits of rheumatoid factor, C4 and agranulocytosis were not found, and 20 IU/mL, "
            "0.1 g/L and 0.5 × 10⁹/L stand for them. The 2 with agranulocytosis and no neoplasia "
            "are taken to be among the 90."
        ),
        (
            "Anti-Ro or anti-La was printed as one; where either was found it stands as anti-Ro. "
            "That admission was more frequent with a count below 1.0 (50 against 9 %) can't be "
            "rebuilt: of how many was not found. Ages, sexes and dates are left out."
        ),
    ),
    synthetic_columns=(
        "labs.ANC", "labs.RF", "labs.C4", "autoantibodies.antibody", "autoantibodies.result",
        "events.event", "diagnoses.condition",
    ),
    held=(
        "autoimmune/frequency/sjogren/2.5",
        "autoimmune/cause/lgl",
        *(
            f"autoimmune/association/{name}/{part}"
            for name in _ASSOCIATIONS
            for part in ("neutropenic", "other", "p_value")
        ),
    ),
)  # fmt: skip


def write(out: Path, seed: int = SEED) -> None:
    """Write the 300 patients as a cohort folder: CSV files and `datapackage.json`."""
    roster = deal("S", STRATA, np.random.default_rng(seed))
    write_dealt("brito_zeron2009", CARD, roster, out)


if __name__ == "__main__":
    write(folder_argument("incohort.synthetic.brito_zeron2009", sys.argv[1:]))
