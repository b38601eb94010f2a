"""What may be asked about a laboratory's assays, and the dictionary's word on what was asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from incohort.analyses import vocabulary
from incohort.cohort import pairing
from incohort.dictionary import costs_in, unknown_name
from incohort.errors import UsageError

FIRST, NO_REFERENCE, AETIOLOGY = "first", "none", "aetiology"

Unit = pairing.Unit
Rule = Literal["excluded", "as_negative", "as_positive"]
Populations = Literal["none", "sex", "age", "centre", "cause"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssayDesign:
    """The choices that a comparison of assays leaves open.

    `assays` are compared, in the order in which the laboratory runs them; those that the cohort
    does not have are left out. `index_assay` is the one whose negative result is in question, or
    `first`. `reference` is `none`, an assay, or `aetiology`: the cause that the investigators
    settled on, with `immune_causes` against `other_causes`; one in both lists is immune, and of any
    other cause nothing is known.
    `unit` is what is counted; `window_days` how far a patient's results may lie from their first
    sample by the index assay. `indeterminate` says how such results count. `specificity` is the
    one wanted of a reading's cut-off, `kept_share` the share of the yield that the smallest panel
    keeps, `costs` a list such as `gift=30, gat=20`. `populations` names what splits the
    patients in two for accuracy without a reference: their sex, their age (those younger than
    `population_age`, and the others), the two centres, or the causes of the two lists above.
    `resamples` and `seed` are the bootstrap's.
    """

    assays: str = "gift, direct_gift, gat, gift_gat, lift, maiga, flow_wift, beads, bmift, other"
    index_assay: str = FIRST
    reference: str = AETIOLOGY
    immune_causes: str = "primary_autoimmune, chronic_immunologic, autoimmune_disorder"
    other_causes: str = "congenital, ethnic_benign, haematologic_malignancy, other"
    unit: Unit = "patient"
    window_days: int | None = None
    indeterminate: Rule = "excluded"
    specificity: float = 0.95
    kept_share: float = 0.95
    costs: str = ""
    populations: Populations = "none"
    population_age: float = 18.0
    resamples: int = 1000
    seed: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The names in a design, each found in the dictionary.

    `known` are the labels of all assays. A cause in both lists is immune.
    """

    known: Mapping[str, str]
    assays: tuple[str, ...]
    immune: tuple[str, ...]
    not_immune: tuple[str, ...]
    costs: Mapping[str, float]


def named_in(design: AssayDesign) -> Named:
    """The names in a design.

    Raises:
        UsageError: No assay is named, a name is not in the dictionary, or the costs can't be read.
    """
    known = vocabulary.labels("antibody_tests", "assay")
    assays = _names("assay", design.assays, known)
    if not assays:
        raise UsageError("No assay is named; name at least one, such as gift.")
    for name, more in (
        (design.index_assay, (FIRST,)),
        (design.reference, (NO_REFERENCE, AETIOLOGY)),
    ):
        _names("assay", name, (*more, *known))
    causes = vocabulary.labels("patients", "aetiology")
    immune = _names("aetiology", design.immune_causes, causes)
    others = _names("aetiology", design.other_causes, causes)
    return Named(
        known=known,
        assays=assays,
        immune=immune,
        not_immune=tuple(name for name in others if name not in immune),
        costs=costs_in(design.costs, known),
    )


def _names(kind: str, text: str, known: Iterable[str]) -> tuple[str, ...]:
    """The names in a comma-separated list, each once."""
    names = tuple(dict.fromkeys(filter(None, (part.strip() for part in text.split(",")))))
    for name in names:
        if name not in known:
            raise unknown_name(kind, name, known)
    return names
