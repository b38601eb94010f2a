"""Cohorts of four studies of lymphocyte clonality and LGL leukaemia, rebuilt from printed counts.

Two are exact: who had which result of two methods was printed. In the two others a characteristic
is dealt out by itself. Run as `python -m incohort.synthetic.clonality_studies STUDY OUT`; the same
seed gives the same bytes. tests/spec/test_clonality_cohorts.py counts every figure again.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import numpy as np

from incohort.dictionary import unknown_name
from incohort.synthetic.clonality_cards import CARDS
from incohort.synthetic.dealing import Fact, Part, Stratum, between, deal, some, write_dealt
from incohort.synthetic.folder import study_and_folder

SEED = 2021


def _clonality(method: str, result: str) -> Fact:
    """What a method found in a patient's one sample."""
    return "clonality", {"sample_id": "S1", "tcr_method": method, "tcr_result": result}


def _lgl(result: str, low: str, high: str) -> Fact:
    """A count of LGL that is drawn between two limits, and whether a clone was found."""
    return "clonality", {"lgl_count": between(low, high), "tcr_result": result}


def _diagnosis(condition: str) -> Fact:
    return "diagnoses", {"condition": condition}


def _stat3(result: str, method: str) -> Fact:
    row = {"gene": "STAT3", "result": result, "origin": "somatic", "method": method}
    return "gene_tests", row


def _course(drug: str, atc: str, n: int, responded: int, complete: int) -> Stratum:
    """Courses of a drug: how many had a response, and how many of these a complete one."""
    responses = {"complete": complete, "partial": responded - complete, "none": n - responded}
    course: Fact = ("medications", {"atc": atc, "drug": drug, "role": "treatment"})
    assessed = {"event": "response_assessment", "drug": drug}
    return Stratum(
        name=drug,
        n=n,
        facts=(course,),
        dealt=(
            tuple(
                Part(count, (("events", assessed | {"response": response}),))
                for response, count in responses.items()
            ),
        ),
    )


def _centre(name: str) -> Fact:
    return "patients", {"centre": name}


_RA, _FELTY, _T_LGL = map(_diagnosis, ("rheumatoid_arthritis", "felty", "t_lgl_leukaemia"))
_MALIGNANCY = _diagnosis("other")
_SAVOLA, _GORODETSKIY = _centre("Savola 2018"), _centre("Gorodetskiy 2021")

STUDIES: Mapping[str, tuple[str, tuple[Stratum, ...]]] = MappingProxyType(
    {
        # Printed: both positive 51, TRBC1 alone 4 (oligoclonal by V-beta), V-beta alone 1, neither.
        "trbc1_2021": (
            "B",
            tuple(
                Stratum(
                    name=f"{trbc1}, {v_beta}",
                    n=n,
                    facts=(_clonality("trbc1", trbc1), _clonality("v_beta", v_beta)),
                )
                for n, trbc1, v_beta in (
                    (51, "clonal", "clonal"),
                    (4, "clonal", "oligoclonal"),
                    (1, "polyclonal", "clonal"),
                    (43, "polyclonal", "polyclonal"),
                )
            ),
        ),
        # Printed: T-LGL leukaemia, V-beta 17/17, PCR 16/17, another malignancy 1/17; reactive,
        # V-beta 1/8, PCR 2/8, another malignancy 4/8; pooled 17 both, 1, 1 and 6.
        "v_beta_pcr25": (
            "V",
            (
                Stratum(
                    name="T-LGL leukaemia",
                    n=17,
                    facts=(_T_LGL, _clonality("v_beta", "clonal")),
                    dealt=(
                        (
                            Part(16, (_clonality("pcr", "clonal"),)),
                            Part(1, (_clonality("pcr", "polyclonal"),)),
                        ),
                        some(1, 17, _MALIGNANCY),
                    ),
                ),
                Stratum(
                    name="reactive",
                    n=8,
                    dealt=(
                        tuple(
                            Part(n, (_clonality("v_beta", v_beta), _clonality("pcr", pcr)))
                            for n, v_beta, pcr in (
                                (1, "clonal", "clonal"),
                                (1, "polyclonal", "clonal"),
                                (6, "polyclonal", "polyclonal"),
                            )
                        ),
                        some(4, 8, _MALIGNANCY),
                    ),
                ),
            ),
        ),
        # Printed: STAT3 mutated in 6 of 14 with Felty syndrome (Savola), in none of 25 with Felty
        # syndrome and 22 of 56 with RA and T-LGL leukaemia (Gorodetskiy); more than 2.0 × 10⁹/L
        # LGL in none of the 25 and 12 of the 56.
        "ra_stat3": (
            "R",
            (
                Stratum(
                    name="Felty, Savola",
                    n=14,
                    facts=(_SAVOLA, _RA, _FELTY),
                    dealt=(
                        (
                            Part(6, (_stat3("mutated", "amplicon_ngs"),)),
                            Part(8, (_stat3("wild_type", "amplicon_ngs"),)),
                        ),
                    ),
                ),
                Stratum(
                    name="Felty, Gorodetskiy",
                    n=25,
                    facts=(
                        _GORODETSKIY,
                        _RA,
                        _FELTY,
                        _stat3("wild_type", "allele_specific_pcr"),
                        _lgl("polyclonal", "0.05", "2.00"),
                    ),
                ),
                Stratum(
                    name="T-LGL",
                    n=56,
                    facts=(_GORODETSKIY, _RA, _T_LGL),
                    dealt=(
                        (
                            Part(22, (_stat3("mutated", "allele_specific_pcr"),)),
                            Part(34, (_stat3("wild_type", "allele_specific_pcr"),)),
                        ),
                        (
                            Part(12, (_lgl("clonal", "2.01", "6.00"),)),
                            Part(44, (_lgl("clonal", "0.05", "2.00"),)),
                        ),
                    ),
                ),
            ),
        ),
        # Printed: 12 and 3 % of 33 courses, 55 and 21 % of 62, 66 and 47 % of 32, 21 and 4 % of 24;
        # each count is the only one that fits.
        "bareau_courses": (
            "C",
            (
                _course("corticosteroid", "H02AB", 33, 4, 1),
                _course("methotrexate", "L04AX03", 62, 34, 13),
                _course("cyclophosphamide", "L01AA01", 32, 21, 15),
                _course("ciclosporin", "L04AD01", 24, 5, 1),
            ),
        ),
    }
)


def write(name: str, out: Path, seed: int = SEED) -> None:
    """Write one study as a cohort folder: CSV files and `datapackage.json`."""
    if name not in STUDIES:
        raise unknown_name("study of clonality", name, STUDIES)
    rng = np.random.default_rng(seed)
    initial, strata = STUDIES[name]
    write_dealt(name, CARDS[name], deal(initial, strata, rng), out)


if __name__ == "__main__":
    write(*study_and_folder("incohort.synthetic.clonality_studies", STUDIES, sys.argv[1:]))
