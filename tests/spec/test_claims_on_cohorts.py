"""The bundled cohorts judged against Kyritsi 2015, from raw rows to verdicts."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

from incohort.analyses.overview import CohortOverview
from incohort.analyses.thyroid_antibodies import Design, ThyroidAntibodies
from incohort.claims import VerdictKind, judge
from incohort.cohort import open_cohort
from incohort.dictionary import study
from incohort.disclosure import PROFILES, gate
from incohort.results import Findings, Origin
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
    return judge(results_of(gated), STUDY, cohort(name).card, is_rounded=is_rounded)


def test_the_rebuilt_cohort_gives_every_printed_figure():
    """All figures come out; the four negative squares stay impossible; nothing is left untested."""
    found = verdicts("kyritsi2015")
    assert Counter(verdict.verdict for verdict in found) == {
        VerdictKind.REPRODUCED: len(found) - 4,
        VerdictKind.IMPOSSIBLE: 4,
    }
    in_analysis = [c for c in STUDY.claims if c.key.startswith("thyroid_antibodies/")]
    assert len(found) == len(in_analysis)


def test_the_overview_gives_the_figures_that_it_shares():
    """Notebook 01 is asked for the five diagnoses and nothing else."""
    overview = CohortOverview(cohort("kyritsi2015")).aetiology()
    found = judge(overview.by_key, STUDY, cohort("kyritsi2015").card)
    assert len(found) == 6
    assert {verdict.verdict for verdict in found} == {VerdictKind.REPRODUCED}


def test_every_key_in_the_register_is_estimated():
    """No figure of these two analyses waits under a key that neither knows."""
    keys = set(results_of(thyroid_findings("kyritsi2015")))
    keys |= set(CohortOverview(cohort("kyritsi2015")).aetiology().by_key)
    asked = {c.key for c in STUDY.claims if c.key.startswith(("thyroid_", "cohort_overview/"))}
    others = {c.key.partition("/")[0] for c in STUDY.claims if c.key not in asked}
    assert asked <= keys
    assert others == {"assay_yield"}  # notebook 03's; counted by hand in test_assay_cohorts.py


def test_another_confidence_level_takes_back_the_limits_only():
    """At 90 % the printed 95 % limits are not testable, and every other figure still holds."""
    found = verdicts("kyritsi2015", conf_level=0.9)
    for verdict in found:
        is_limit = verdict.field in {"ci_low", "ci_high"}
        assert (verdict.verdict is VerdictKind.NOT_TESTABLE) == is_limit, verdict.claim_key
    assert not any(verdict.verdict is VerdictKind.NOT_REPRODUCED for verdict in found)


def test_another_index_assay_is_another_question():
    """With GAT in place of GIFT 4 of 43 are positive: the printed 16 are not reproduced."""
    found = verdicts("kyritsi2015", design=Design(index_assay="gat"))
    (positives,) = (
        verdict
        for verdict in found
        if verdict.claim_key.endswith("anti_pmn/all/proportion") and verdict.field == "events"
    )
    assert (positives.ours, positives.verdict) == (4, VerdictKind.NOT_REPRODUCED)


@pytest.mark.parametrize("profile", ["opensafely", "darwin", "acro"])
def test_a_disclosure_profile_never_makes_a_false_accusation(profile):
    """What is withheld or rounded away is not testable; nothing counts as not reproduced."""
    kinds = Counter(verdict.verdict for verdict in verdicts("kyritsi2015", profile=profile))
    assert kinds[VerdictKind.NOT_REPRODUCED] == 0
    assert kinds[VerdictKind.NOT_TESTABLE] > 0


def test_a_cohort_without_thyroid_tests_says_so():
    """9 of 300 differ from 43.6 %; antibodies and hormones can't be held against anything.

    What follows from the printed r and P alone (the patients they imply) comes out as anywhere.
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
    assert VerdictKind.NOT_REPRODUCED not in kinds
    for (key, _), verdict in found.items():
        assert (verdict.verdict is VerdictKind.REPRODUCED) == ("/implied_n_" in key)


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
