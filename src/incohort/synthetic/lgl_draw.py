"""The truth behind the synthetic cohort of LGL, and patients drawn by it.

None of these numbers comes from a study. A drug is chosen by how low the neutrophils are, which
decides over the response as well: what each drug's own courses show is not what it would do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]

CLASSES: Mapping[str, int] = MappingProxyType({"t_lgl": 160, "nk": 30, "reactive": 30, "clone": 20})
FIRST_DRUGS = ("methotrexate", "cyclophosphamide", "ciclosporin")
LATER_DRUGS = (*FIRST_DRUGS, "prednisone")
MUTATED = 0.4  # of T-LGL leukaemias, in STAT3
SEVERE = {True: 0.6, False: 0.3}  # by that mutation: below 0.5 × 10⁹/L
CHOICE = {True: (0.25, 0.5, 0.25), False: (0.55, 0.2, 0.25)}  # of the first drug, where severe
_LOGIT = {"methotrexate": 0.3, "cyclophosphamide": 0.9, "ciclosporin": -0.2, "prednisone": -1.0}
_OF_SEVERE, _SPREAD = -1.4, 0.8
COMPLETE = 0.4  # of responses
ASSESSED = 0.92  # of courses
MOST_LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Treated:
    """Those treated: who is severe, what else of them decides, and each one's first course."""

    is_severe: Flags
    patient_effect: NDArray[np.float64] = field(repr=False)
    drug: Codes
    has_response: Flags
    is_assessed: Flags


def chance(drug: str, is_severe: Flags, patient_effect: NDArray[np.float64]) -> NDArray[np.float64]:
    """How likely a course of a drug is answered."""
    chances: NDArray[np.float64] = 1 / (
        1 + np.exp(-(_LOGIT[drug] + _OF_SEVERE * is_severe + patient_effect))
    )
    return chances


def draw_treated(is_mutated: Flags, rng: np.random.Generator) -> Treated:
    """Patients who are all treated, by whether STAT3 is mutated, with their first course."""
    n = len(is_mutated)
    is_severe = rng.random(n) < np.where(is_mutated, SEVERE[True], SEVERE[False])
    patient_effect = rng.normal(0, _SPREAD, n)
    limits = np.where(is_severe[:, None], np.cumsum(CHOICE[True]), np.cumsum(CHOICE[False]))
    drug = (rng.random(n)[:, None] > limits[:, :-1]).sum(axis=1).astype(np.int64)
    chances = np.column_stack([chance(name, is_severe, patient_effect) for name in FIRST_DRUGS])
    return Treated(
        is_severe=is_severe,
        patient_effect=patient_effect,
        drug=drug,
        has_response=rng.random(n) < chances[np.arange(n), drug],
        is_assessed=rng.random(n) < ASSESSED,
    )


def draw_mutated(rng: np.random.Generator) -> Flags:
    """In which of the treated STAT3 is mutated: T-LGL leukaemias, then those of NK cells."""
    n = CLASSES["t_lgl"]
    return np.concatenate([rng.random(n) < MUTATED, np.zeros(CLASSES["nk"], dtype=bool)])


def response_if_all(drug: str) -> float:
    """The truth: the share with a response if all treated had been given a drug first."""
    n_t, n_nk = CLASSES["t_lgl"], CLASSES["nk"]
    severe = (MUTATED * SEVERE[True] + (1 - MUTATED) * SEVERE[False]) * n_t + SEVERE[False] * n_nk
    share = severe / (n_t + n_nk)
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    of = [
        float(weights @ chance(drug, np.full(40, is_severe), _SPREAD * nodes))
        / float(weights.sum())
        for is_severe in (True, False)
    ]
    return share * of[0] + (1 - share) * of[1]
