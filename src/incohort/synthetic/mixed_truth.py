"""The truth behind the mixed synthetic cohort: every probability its patients are drawn with.

None of these numbers comes from a study. They are chosen so that each way through the notebooks is
met, and kept apart so that a test can ask whether an analysis finds them again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """How the patients of one aetiology are drawn; `n` is exact, the rest are probabilities.

    `severity` is mild, moderate, severe; `course` acute, chronic, unknown; `cytopenia` with
    anaemia, with thrombocytopenia, pancytopenia (isolated is the rest). Within an aetiology they
    are drawn independently. `tested` is of antineutrophil antibodies, `positive` of those tested.
    """

    n: int
    severity: tuple[float, float, float]
    course: tuple[float, float, float]
    cytopenia: tuple[float, float, float]
    female: float
    child: float
    tested: float
    positive: float
    age: tuple[int, int] = (19, 82)  # of adults
    child_age: tuple[float, float] = (1.0, 15.0)


_SELDOM = (0.05, 0.03, 0.01)

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        "thyroid_disease": Profile(
            n=9, severity=(0.8, 0.2, 0.0), course=(0.1, 0.7, 0.2), cytopenia=_SELDOM,
            female=0.8, child=0.0, tested=0.0, positive=0.0,
        ),
        "chronic_immunologic": Profile(
            n=45, severity=(0.6, 0.3, 0.1), course=(0.0, 0.9, 0.1), cytopenia=_SELDOM,
            female=0.75, child=0.0, tested=0.8, positive=0.4,
        ),
        "t_lgl": Profile(
            n=24, severity=(0.25, 0.35, 0.4), course=(0.0, 0.9, 0.1), cytopenia=(0.3, 0.1, 0.1),
            female=0.5, child=0.0, tested=0.4, positive=0.25, age=(45, 86),
        ),
        "autoimmune_disorder": Profile(
            n=33, severity=(0.5, 0.35, 0.15), course=(0.2, 0.7, 0.1), cytopenia=(0.25, 0.2, 0.1),
            female=0.85, child=0.0, tested=0.6, positive=0.35,
        ),
        "drug_induced": Profile(
            n=60, severity=(0.1, 0.2, 0.7), course=(0.9, 0.0, 0.1), cytopenia=(0.1, 0.08, 0.02),
            female=0.6, child=0.05, tested=0.2, positive=0.2,
        ),
        "post_infectious": Profile(
            n=36, severity=(0.4, 0.4, 0.2), course=(0.85, 0.0, 0.15), cytopenia=(0.05, 0.1, 0.0),
            female=0.5, child=0.6, tested=0.3, positive=0.2,
        ),
        "primary_autoimmune": Profile(
            n=48, severity=(0.0, 0.35, 0.65), course=(0.1, 0.8, 0.1), cytopenia=_SELDOM,
            female=0.5, child=0.85, tested=0.95, positive=0.8, child_age=(0.4, 3.5),
        ),
        "haematologic_malignancy": Profile(
            n=18, severity=(0.3, 0.4, 0.3), course=(0.3, 0.5, 0.2), cytopenia=(0.3, 0.2, 0.2),
            female=0.4, child=0.0, tested=0.3, positive=0.3, age=(40, 86),
        ),
        "immunodeficiency": Profile(
            n=9, severity=(0.3, 0.4, 0.3), course=(0.1, 0.8, 0.1), cytopenia=(0.2, 0.4, 0.1),
            female=0.5, child=0.5, tested=0.6, positive=0.4,
        ),
        "post_transplant": Profile(
            n=6, severity=(0.1, 0.4, 0.5), course=(0.3, 0.5, 0.2), cytopenia=(0.2, 0.2, 0.4),
            female=0.4, child=0.2, tested=0.5, positive=0.3,
        ),
        "ethnic_benign": Profile(
            n=9, severity=(1.0, 0.0, 0.0), course=(0.0, 0.9, 0.1), cytopenia=(0.0, 0.0, 0.0),
            female=0.6, child=0.0, tested=0.2, positive=0.0,
        ),
        "unknown": Profile(
            n=3, severity=(0.7, 0.2, 0.1), course=(0.0, 0.5, 0.5), cytopenia=_SELDOM,
            female=0.5, child=0.0, tested=0.3, positive=0.2,
        ),
    }
)  # fmt: skip

N = sum(profile.n for profile in PROFILES.values())
NO_COUNT = 0.01  # no neutrophil count at all, whatever the aetiology
NO_OTHER_CELLS = 0.05  # neither haemoglobin nor platelets

_SEVERITIES = ("mild", "moderate", "severe")
_COURSES = ("acute", "chronic", "unknown")
_CYTOPENIAS = ("with_anaemia", "with_thrombocytopenia", "pancytopenia")


def truth() -> dict[str, float]:
    """The true share behind each estimate, under the key of the estimate.

    Of all patients for aetiology and severity; of those with a neutrophil count for course and
    cytopenia. Shares by aetiology are exact in the cohort; the others are what patients were drawn
    with, so the cohort's own shares scatter around them.
    """
    prefix = "cohort_overview"
    shares = {
        f"{prefix}/aetiology/{name}/proportion": profile.n / N for name, profile in PROFILES.items()
    }
    for place, grade in enumerate(_SEVERITIES):
        share = _average({name: profile.severity[place] for name, profile in PROFILES.items()})
        shares[f"{prefix}/severity/{grade}/proportion"] = (1 - NO_COUNT) * share
    shares[f"{prefix}/severity/unknown/proportion"] = NO_COUNT
    for place, course in enumerate(_COURSES):
        share = _average({name: profile.course[place] for name, profile in PROFILES.items()})
        shares[f"{prefix}/course/{course}/proportion"] = share
    for place, pattern in enumerate(_CYTOPENIAS):
        share = _average({name: profile.cytopenia[place] for name, profile in PROFILES.items()})
        shares[f"{prefix}/cytopenia/{pattern}/proportion"] = (1 - NO_OTHER_CELLS) * share
    isolated = _average({name: 1 - sum(profile.cytopenia) for name, profile in PROFILES.items()})
    shares[f"{prefix}/cytopenia/isolated/proportion"] = (1 - NO_OTHER_CELLS) * isolated
    shares[f"{prefix}/cytopenia/unknown/proportion"] = NO_OTHER_CELLS
    return shares


def _average(of_aetiology: Mapping[str, float]) -> float:
    """The share among all patients of something drawn with one probability per aetiology."""
    return sum(PROFILES[name].n * share for name, share in of_aetiology.items()) / N
