"""The bundled cohorts judged against Kyritsi 2015, from raw rows to verdicts."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from incohort.analyses.cohort_overview.study import CohortOverview
from incohort.analyses.gcsf_evidence.study import GcsfEvidence
from incohort.analyses.studies import STUDIES
from incohort.analyses.thyroid_antibodies.study import ThyroidAntibodies
from incohort.claims import Reason, VerdictKind, VerdictOrigin, judge, told_in_report
from incohort.claims.alone import from_publications, judge_alone
from incohort.cohort import open_cohort
from incohort.dictionary import studies, study
from incohort.disclosure import PROFILES, gate
from incohort.reports.claims_view import tallies
from incohort.results import Estimate, Findings, Origin
from incohort.synthetic.mixed_truth import truth

STUDY = study("kyritsi2015")
cohort = cache(open_cohort)


@cache
def thyroid_findings(name: str, **options) -> list[Findings]:
    asked = ThyroidAntibodies(cohort(name), **options)
    return [
        asked.frequency(),
        asked.selection(),
        asked.by_subtype(),
        asked.exact_tests(),
        asked.assays(),
        asked.autoantibodies(),
        asked.correlations(),
        asked.infections(),
    ]


def results_of(findings: list[Findings]) -> dict:
    return {key: result for found in findings for key, result in found.by_key.items()}


def verdicts(name: str, *, profile: str = "none", **options):
    gated = [gate(found, PROFILES[profile]) for found in thyroid_findings(name, **options)]
    is_rounded = PROFILES[profile].base > 1
    card = cohort(name).card
    found = judge(results_of(gated), STUDY, card, is_rounded=is_rounded)
    return told_in_report(found, STUDY, card, from_publications())


def test_the_rebuilt_cohort_gives_every_printed_figure():
    """Of 40 printed figures 4 can't be as printed and 36 agree; most of these are quoted.

    Two shares are recomputed, 43.6 % of 95/218 and 37.2 % of 16/43. The counts are what the cohort
    was made from; so are the correlations, the P values whose denominators were not printed, and
    what was printed in words only. No count is reproduced, and no figure is left untested.
    """
    found = verdicts("kyritsi2015")
    printed = [verdict for verdict in found if verdict.is_printed]
    assert Counter((v.verdict, v.origin) for v in printed) == {
        (VerdictKind.REPRODUCED, VerdictOrigin.PRINTED): 2,
        (VerdictKind.AGREES_WITH_ITSELF, VerdictOrigin.QUOTED): 34,
        (VerdictKind.IMPOSSIBLE, VerdictOrigin.PRINTED): 4,
    }
    assert {v.as_printed for v in printed if v.verdict is VerdictKind.REPRODUCED} == {
        "43.6 %",
        "37.2 %",
    }
    worked_out = [verdict for verdict in found if not verdict.is_printed]
    assert {(v.verdict, v.origin) for v in worked_out} == {
        (VerdictKind.REPRODUCED, VerdictOrigin.PRINTED)
    }
    needs_patients = [
        c
        for c in STUDY.claims
        if c.key.startswith("thyroid_antibodies/") and "/implied_n_" not in c.key
    ]
    assert len(found) == len(needs_patients)
    (line,) = tallies({STUDY.name: found})
    assert line == (
        "kyritsi2015: 40 printed figures: 36 agree (2 reproduced from other printed figures, "
        "34 quoted), 4 impossible as printed"
    )


def test_the_overview_gives_the_figures_that_it_shares():
    """Notebook 01 is asked for the five diagnoses, which are quoted, and a share of them."""
    overview = CohortOverview(cohort("kyritsi2015")).aetiology()
    found = judge(overview.by_key, STUDY, cohort("kyritsi2015").card)
    kinds = Counter(verdict.verdict for verdict in found)
    assert kinds == {VerdictKind.AGREES_WITH_ITSELF: 5, VerdictKind.REPRODUCED: 1}


def test_every_key_in_the_register_is_estimated():
    """No figure of these two analyses waits under a key that neither knows."""
    keys = set(results_of(thyroid_findings("kyritsi2015")))
    keys |= set(CohortOverview(cohort("kyritsi2015")).aetiology().by_key)
    asked = {c.key for c in STUDY.claims if c.key.startswith(("thyroid_", "cohort_overview/"))}
    others = {c.key.partition("/")[0] for c in STUDY.claims if c.key not in asked}
    assert asked <= keys
    # notebook 03's are counted by hand in test_assay_cohorts.py, those of a newer study in its test
    assert "assay_yield" in others
    assert others <= STUDIES.keys()


def test_another_confidence_level_takes_back_the_limits_only():
    """At 90 % the printed 95 % limits are not testable, and every other figure still holds."""
    found = verdicts("kyritsi2015", conf_level=0.9)
    for verdict in found:
        is_limit = verdict.field in {"ci_low", "ci_high"}
        assert (verdict.verdict is VerdictKind.NOT_TESTABLE) == is_limit, verdict.claim_key
    assert not any(verdict.verdict is VerdictKind.NOT_REPRODUCED for verdict in found)


def test_another_index_assay_is_another_question():
    """With GAT in place of GIFT 4 of 43 are positive: no answer to what was printed of GIFT."""
    found = verdicts("kyritsi2015", index_assay="gat")
    for verdict in found:
        tail = verdict.claim_key.partition("/")[2]
        is_another = tail.startswith(("anti_pmn/", "autoantibodies/"))
        assert (verdict.reason is Reason.ANOTHER_QUESTION) == is_another, tail
        assert (verdict.verdict is VerdictKind.NOT_TESTABLE) == is_another, tail


@pytest.mark.parametrize("place", ["kyritsi2015", "mixed_synthetic"])
def test_of_women_alone_nothing_that_was_printed_of_all_is_judged(place):
    """Only what can't be as printed stays; nothing is reproduced, missed or different."""
    found = verdicts(place, sex="female")
    kept = {v.reason for v in found if v.verdict is not VerdictKind.IMPOSSIBLE}
    assert kept == {Reason.ANOTHER_QUESTION}


OPTIONS = [
    {
        "severity_system": "ctcae_v5",
        "anc_limit": 0.5,
        "infants": "as_adults",
    },
    {"count_at": "nadir", "window_days": 0, "recurrent_from": 1},
]


@pytest.mark.parametrize("options", OPTIONS, ids=["grades", "values"])
def test_what_a_parameter_is_said_not_to_bear_on_stays_as_it_was(options):
    """No figure changes without being called another question."""
    before, after = (results_of(thyroid_findings("kyritsi2015", **more)) for more in ({}, options))
    judged = judge(after, STUDY, cohort("kyritsi2015").card)
    for verdict in (v for v in judged if v.verdict is not VerdictKind.IMPOSSIBLE):
        old, new = before[verdict.claim_key], after[verdict.claim_key]
        if verdict.reason is not Reason.ANOTHER_QUESTION and isinstance(old, Estimate):
            assert isinstance(new, Estimate), verdict.claim_key
            assert getattr(new, verdict.field) == getattr(old, verdict.field), verdict.claim_key


@pytest.mark.parametrize("profile", ["opensafely", "darwin", "acro"])
def test_a_disclosure_profile_never_makes_a_false_accusation(profile):
    """What is withheld or rounded away is not testable; nothing counts as not reproduced."""
    kinds = Counter(verdict.verdict for verdict in verdicts("kyritsi2015", profile=profile))
    assert kinds[VerdictKind.NOT_REPRODUCED] == 0
    assert kinds[VerdictKind.NOT_TESTABLE] > 0


def test_a_cohort_without_thyroid_tests_says_so():
    """9 of 300 differ from 95 of 218; antibodies and hormones can't be held against anything.

    What follows from the printed r and P alone is no verdict on these patients.
    """
    found = {(v.claim_key, v.field): v for v in verdicts("mixed_synthetic")}
    prefix = "thyroid_antibodies"
    share = found[f"{prefix}/frequency/thyroid_disease/proportion", "value"]
    assert share.verdict is VerdictKind.DIFFERS_FROM
    assert share.difference == pytest.approx(0.03 - 0.436)
    for key in ("anti_pmn/all/proportion", "correlations/ft3_anc/pearson"):
        verdict = found[f"{prefix}/{key}", "value"]
        assert verdict.verdict is VerdictKind.NOT_TESTABLE
        assert verdict.explanation
    kinds = {verdict.verdict for verdict in found.values()}
    assert kinds == {
        VerdictKind.DIFFERS_FROM,
        VerdictKind.CONSISTENT_WITH,
        VerdictKind.NOT_TESTABLE,
    }
    assert not [key for key, _ in found if "/implied_n_" in key or key.endswith("/r_squared")]


def test_publications_are_judged_once_and_beside_no_cohort():
    """Of 15 figures of Wang 2019 two follow from others; 13 are quoted, and not tested.

    Its provisional abstract contradicts itself: −4.38 to −1.67 gives Z = 4.40, not 4.43.
    """
    found = {name: judge_alone(study(name)) for name in studies()}
    wang = Counter((v.verdict, v.origin) for v in found["wang2019"])
    assert wang == {
        (VerdictKind.AGREES_WITH_ITSELF, VerdictOrigin.PRINTED): 2,
        (VerdictKind.NOT_TESTABLE, VerdictOrigin.QUOTED): 13,
    }
    provisional = {(v.as_printed): v.verdict for v in found["wang2019_provisional"]}
    assert provisional == {
        "−3.04": VerdictKind.NOT_TESTABLE,
        "−4.38": VerdictKind.NOT_TESTABLE,
        "−1.67": VerdictKind.IMPOSSIBLE,
        "4.43": VerdictKind.DOES_NOT_AGREE,
    }
    every = [verdict for judged in found.values() for verdict in judged]
    assert not any(verdict.needs_cohort for verdict in every)
    assert VerdictKind.REPRODUCED not in {verdict.verdict for verdict in every}
    implied = [v.printed_value for v in found["kyritsi2015"] if "/implied_n_" in v.claim_key]
    assert implied == [94, 97, 148, 168, 140, 168, 68, 68]


def test_the_register_and_the_notebooks_work_out_the_same_from_publications():
    """What claims.html judges is what notebooks 02 and 05 show."""
    asked = GcsfEvidence(cohort("abdulkader2014"))
    shown = results_of([asked.published(), asked.pooled(), asked.benchmark()])
    shown |= results_of([ThyroidAntibodies(cohort("kyritsi2015")).correlations()])
    for key, alone in from_publications().items():
        there = shown[key]
        assert isinstance(there, Estimate), key
        for part in ("value", "n", "ci_low", "ci_high", "conf_level", "measure", "unit", "method"):
            assert getattr(there, part) == getattr(alone, part), (key, part)
        assert there.sources == ()


def test_what_holds_by_construction_is_told_from_what_was_invented():
    """Printed figures are reconstructed; the titres behind `significantly higher` are synthetic."""
    results = results_of(thyroid_findings("kyritsi2015"))
    numbers = {c.key for c in STUDY.claims if c.value is not None and c.key in results}
    assert {results[key].origin for key in numbers} == {Origin.RECONSTRUCTED}
    for tail in ("autoantibodies/anti_tpo/difference", "infections/difference"):
        assert results[f"thyroid_antibodies/{tail}"].origin is Origin.SYNTHETIC


def test_the_mixed_cohort_shows_its_truth():
    """Each true share lies inside the analysis' interval at 99.9 %."""
    asked = CohortOverview(cohort("mixed_synthetic"), conf_level=0.999)
    found = results_of([asked.aetiology(), asked.severity(), asked.course(), asked.cytopenia()])
    for key, share in truth().items():
        estimate = found[key]
        assert estimate.ci_low <= share <= estimate.ci_high, key
