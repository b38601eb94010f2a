"""Every study on restricted cohorts, under each profile, before an attacker who knows its sets."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import pytest
from attacking import (
    CLOSED,
    a_clinic,
    a_ward,
    found_out,
    gated,
    only_small_withheld,
    restricted,
    told_of_few,
)

from incohort.analyses.studies import class_of
from incohort.cohort import open_cohort
from incohort.disclosure import PROFILES
from incohort.results import Findings

# Of each study that names sets: its parts, in the order of the notebook.
PARTS = {
    "cohort_overview": (
        "attrition", "characteristics", "severity", "course", "cytopenia", "aetiology", "counts",
    ),
    "thyroid_antibodies": (
        "frequency", "selection", "by_subtype", "exact_tests", "assays", "autoantibodies",
        "correlations", "infections", "model",
    ),
    "assay_yield": (
        "design", "yields", "pairs", "order", "repeats", "accuracy", "readings", "indeterminates",
        "consequences", "answer",
    ),
    "anc_recovery": (
        "who", "trajectories", "recovery", "intervals", "incidence", "criteria",
    ),
    "gcsf_evidence": (
        "published", "pooled", "benchmark", "series", "cohort", "beside", "answer",
    ),
}  # fmt: skip
BUNDLED = [
    ("cohort_overview", "mixed_synthetic"),
    ("thyroid_antibodies", "kyritsi2015"),
    ("assay_yield", "kyritsi2015"),
    ("anc_recovery", "mixed_synthetic"),
    ("gcsf_evidence", "din_synthetic"),
]

# Of each study that is asked of random cohorts: under which profile, and how else than by default.
RANDOM = [
    ("thyroid_antibodies", 0, "darwin", {}),
    ("thyroid_antibodies", 1, "acro", {"sex": "female", "describe": "counted"}),
    ("thyroid_antibodies", 2, "opensafely", {
        "thyroid_by": "diagnosis", "model_outcome": "anti_pmn",
        "model_covariates": "hashimoto, age, female",
    }),
    ("assay_yield", 3, "darwin", {}),
    ("assay_yield", 4, "acro", {"indeterminate": "as_negative", "reference": "lift"}),
    ("assay_yield", 5, "opensafely", {"sex": "female", "unit": "sample"}),
    ("anc_recovery", 6, "darwin", {"resamples": 100}),
    ("anc_recovery", 7, "acro", {"sex": "female", "group_by": "gcsf", "resamples": 100}),
    ("anc_recovery", 8, "opensafely", {
        "criteria": "drug_induced", "episodes": "all", "group_by": "sex", "resamples": 100,
    }),
]  # fmt: skip


@cache
def asked_of(study: str, name: str) -> Sequence[Findings]:
    """What the parts of a study find in a bundled cohort that is taken for a restricted one."""
    asked = class_of(study)(restricted(name))
    return [getattr(asked, part)() for part in PARTS[study]]


@pytest.mark.slow
@pytest.mark.parametrize("profile", CLOSED, ids=lambda profile: profile.name)
@pytest.mark.parametrize(("study", "name"), BUNDLED)
def test_nobody_works_out_a_small_number_of_a_bundled_cohort(study, name, profile):
    """By all that a whole report shows, no withheld number up to the limit is known to be one."""
    before = asked_of(study, name)
    after = gated(before, profile)

    assert found_out(before, after, profile) == {}
    assert told_of_few(before, after, profile) == []


@pytest.mark.parametrize(("study", "name"), BUNDLED)
def test_without_withholding_more_the_same_attacker_wins(study, name):
    """Where only what is small by itself is withheld, the sums of a report give it back."""
    profile, before = PROFILES["darwin"], asked_of(study, name)
    assert found_out(before, only_small_withheld(before, profile), profile)


@pytest.mark.slow
@pytest.mark.parametrize(("study", "seed", "name", "choices"), RANDOM)
def test_nobody_works_out_a_small_number_of_a_random_cohort(tmp_path, study, seed, name, choices):
    """Of 30 to 300 patients with gaps everywhere no withheld small number is known to be one."""
    written = a_ward if study == "anc_recovery" else a_clinic
    asked = class_of(study)(open_cohort(str(written(tmp_path, seed))), **choices)
    before, profile = [getattr(asked, part)() for part in PARTS[study]], PROFILES[name]
    after = gated(before, profile)

    assert found_out(before, after, profile) == {}
    assert told_of_few(before, after, profile) == []
