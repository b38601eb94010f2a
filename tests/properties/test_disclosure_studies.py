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
from incohort.cohort import Cohort, open_cohort
from incohort.disclosure import PROFILES
from incohort.results import Estimate, Findings

# Of each study that names sets: its parts, in the order of the notebook.
PARTS = {
    "cohort_overview": (
        "answer", "attrition", "characteristics", "severity", "course", "cytopenia", "aetiology",
        "counts", "unrecorded", "reporting",
    ),
    "thyroid_antibodies": (
        "answer", "frequency", "selection", "by_subtype", "exact_tests", "assays",
        "autoantibodies", "correlations", "infections", "model", "unrecorded", "reporting",
    ),
    "assay_yield": (
        "answer", "design", "yields", "pairs", "order", "repeats", "accuracy", "readings",
        "indeterminates", "consequences", "unrecorded", "reporting",
    ),
    "anc_recovery": (
        "answer", "who", "trajectories", "recovery", "intervals", "incidence", "models", "gcsf",
        "criteria", "multiverse", "unrecorded", "reporting",
    ),
    "lgl": (
        "answer", "classes", "rules", "counts", "agreement", "mutations", "responses",
        "ever_responded", "unrecorded", "reporting",
    ),
    "checkpoint": (
        "answer", "who", "attribution", "incidence", "recovery", "bounds", "unrecorded",
        "reporting",
    ),
    "gcsf_evidence": (
        "answer", "published", "pooled", "benchmark", "series", "cohort", "beside", "reporting",
    ),
    "late_onset": (
        "answer", "who", "definitions", "incidence", "episodes", "recurrence", "on_treatment",
        "infections", "unrecorded", "reporting",
    ),
    "autoimmune": (
        "answer", "frequency", "units", "causes", "associations", "infections", "felty",
        "unrecorded", "reporting",
    ),
}  # fmt: skip
BUNDLED = [
    ("cohort_overview", "mixed_synthetic"),
    ("thyroid_antibodies", "kyritsi2015"),
    ("assay_yield", "kyritsi2015"),
    ("anc_recovery", "mixed_synthetic"),
    ("gcsf_evidence", "din_synthetic"),
    ("lgl", "lgl_synthetic"),
    ("checkpoint", "ici_synthetic"),
    ("autoimmune", "mixed_synthetic"),
    ("late_onset", "late_onset_synthetic"),
]

FEWER = {  # draws, or diseases, than by default: quicker
    "autoimmune": {"diseases": "rheumatoid_arthritis"},
    "anc_recovery": {"resamples": 100, "n_imputations": 2}, "assay_yield": {"resamples": 100},
}  # fmt: skip

# Of each study that is asked of random cohorts: of which, under which profiles, and how else than
# by default.
ALL = tuple(profile.name for profile in CLOSED)
RANDOM = [
    ("thyroid_antibodies", 0, ALL, {}),
    ("thyroid_antibodies", 1, ("acro",), {"sex": "female", "describe": "counted"}),
    ("thyroid_antibodies", 2, ("opensafely",), {
        "thyroid_by": "diagnosis", "model_outcome": "anti_pmn",
        "model_covariates": "hashimoto, female",
    }),
    ("assay_yield", 4, ALL, {"indeterminate": "as_negative", "reference": "lift"}),
    ("assay_yield", 5, ("opensafely",), {"sex": "female", "unit": "sample"}),
    ("anc_recovery", 7, ("acro",), {"sex": "female", "group_by": "gcsf"}),
    ("anc_recovery", 8, ("opensafely", "darwin"), {
        "criteria": "drug_induced", "episodes": "all", "group_by": "sex",
    }),
]  # fmt: skip


def told_by(study: str, cohort: Cohort, **choices: str) -> Sequence[Findings]:
    """What the parts of a study find in a cohort."""
    asked = class_of(study)(cohort, **FEWER.get(study, {}) | choices)
    return [getattr(asked, part)() for part in PARTS[study]]


@cache
def asked_of(study: str, name: str) -> Sequence[Findings]:
    """The same of a bundled cohort that is taken for a restricted one."""
    return told_by(study, restricted(name))


@pytest.mark.parametrize(("study", "name"), BUNDLED)
def test_every_number_says_whose_it_is(study, name):
    """What names no set of patients, and is not given, would be shown of no restricted cohort."""
    for findings in asked_of(study, name):
        whose = {own.key for own in findings.whose}
        assert findings.by_key.keys() - findings.given == whose & findings.by_key.keys()


@pytest.mark.parametrize(("study", "name"), BUNDLED)
def test_each_item_of_a_guideline_leads_somewhere(study, name):
    """What STROBE, RECORD, STARD or PRISMA ask for stands where the report says that it does."""
    layouts = [findings.layout for findings in asked_of(study, name)]
    keys = {part.key for layout in layouts for part in (*layout.tables, *layout.figures)}
    cells = [c for layout in layouts for t in layout.tables for r in t.rows for c in r.cells]
    targets = {cell.target for cell in cells if cell.target}

    assert targets
    assert targets - keys <= {
        "question",
        "the-answer",
        "data",
        "parameters",
        "methods",
        "provenance",
    }


@pytest.mark.slow
@pytest.mark.parametrize("profile", CLOSED, ids=lambda profile: profile.name)
@pytest.mark.parametrize(("study", "name"), BUNDLED)
def test_nobody_works_out_a_small_number_of_a_bundled_cohort(study, name, profile):
    """By all that a whole report shows, no withheld number up to the limit is known to be one."""
    before = asked_of(study, name)
    after = gated(before, profile)

    assert found_out(before, after, profile) == {}
    assert told_of_few(before, after, profile) == []
    assert told_otherwise(after) == []


def told_otherwise(after: Sequence[Findings]) -> list[str]:
    """Numbers that are told again, in an answer, and are not the number that they are of."""
    shown = {key: one for findings in after for key, one in findings.by_key.items()}
    again = (one for one in shown.values() if isinstance(one, Estimate) and one.again_of)
    return [
        one.key
        for one in again
        if isinstance(of := shown.get(one.again_of, one), Estimate)
        and (one.value, one.ci_low, one.ci_high) != (of.value, of.ci_low, of.ci_high)
    ]


# Of few patients with rheumatoid arthritis, and of late onset, nothing small is the rest of two
# numbers that are shown.
SUMMED = [pair for pair in BUNDLED if pair[0] not in {"autoimmune", "late_onset"}]


@pytest.mark.parametrize(("study", "name"), SUMMED)
def test_without_withholding_more_the_same_attacker_wins(study, name):
    """Where only what is small by itself is withheld, the sums of a report give it back."""
    profile, before = PROFILES["darwin"], asked_of(study, name)
    assert found_out(before, only_small_withheld(before, profile), profile)


@pytest.mark.slow
@pytest.mark.parametrize(("study", "seed", "profiles", "choices"), RANDOM)
def test_nobody_works_out_a_small_number_of_a_random_cohort(
    tmp_path, study, seed, profiles, choices
):
    """Of 30 to 300 patients with gaps everywhere no withheld small number is known to be one."""
    written = a_ward if study == "anc_recovery" else a_clinic
    before = told_by(study, open_cohort(str(written(tmp_path, seed))), **choices)
    for profile in map(PROFILES.__getitem__, profiles):
        after = gated(before, profile)

        assert found_out(before, after, profile) == {}
        assert told_of_few(before, after, profile) == []
