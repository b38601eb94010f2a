"""Verdicts on printed figures, each worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from incohort.claims import VerdictKind, judge, verdicts_to_json
from incohort.dictionary import Claim, Study
from incohort.results import CohortCard, Estimate, Measure, NotEstimable, Suppressed

OWN = CohortCard(name="ours", title="Our patients", is_public=True)
REBUILT = replace(OWN, study="example2020")

# 16 of 43 = 0.37209…; Wilson's 95 % limits are 0.2438… and 0.5213….
SHARE = Estimate(
    key="a/share",
    label="Positive",
    measure=Measure.PROPORTION,
    value=16 / 43,
    n=43,
    events=16,
    ci_low=0.24384,
    ci_high=0.52130,
    conf_level=0.95,
    method="Wilson score interval",
    sources=("antibody_tests.result",),
)


def claim(**fields) -> Claim:
    return Claim.model_validate(
        {
            "key": "a/share",
            "label": "Positive",
            "as_printed": "37.2 %",
            "value": 0.372,
            "tolerance": 0.0005,
            "certainty": "primary",
            "location": "Abstract",
        }
        | fields
    )


def verdict_on(figure: Claim, result=SHARE, card=REBUILT):
    study = Study(
        name="example2020", title="Example", citation="Example 2020", design="-", claims=(figure,)
    )
    (verdict,) = judge({"a/other": SHARE, result.key: result}, study, card)
    return verdict


@pytest.mark.parametrize(
    ("printed", "tolerance", "expected"),
    [
        (0.372, 0.0005, VerdictKind.REPRODUCED),  # |0.37209 − 0.372| = 0.00009
        (0.37, 0.005, VerdictKind.REPRODUCED),  # printed with fewer digits
        (0.373, 0.0005, VerdictKind.NOT_REPRODUCED),  # 0.00091 away
        (0.3721, 0.00005, VerdictKind.REPRODUCED),
        (0.3722, 0.00005, VerdictKind.NOT_REPRODUCED),
    ],
)
def test_a_rebuilt_cohort_has_to_give_the_printed_digits(printed, tolerance, expected):
    """16/43 = 0.37209… rounds to 37.2 %, not to 37.3 %."""
    verdict = verdict_on(claim(value=printed, tolerance=tolerance))
    assert verdict.verdict is expected
    assert verdict.difference == pytest.approx(16 / 43 - printed)


@pytest.mark.parametrize(
    ("field", "printed", "expected"),
    [
        ("events", 16, VerdictKind.REPRODUCED),
        ("events", 15, VerdictKind.NOT_REPRODUCED),
        ("n", 43, VerdictKind.REPRODUCED),
        ("n", 44, VerdictKind.NOT_REPRODUCED),
    ],
)
def test_counts_have_no_tolerance(field, printed, expected):
    """One patient more or less is another number."""
    verdict = verdict_on(claim(field=field, value=printed, tolerance=0))
    assert verdict.verdict is expected
    assert verdict.measure is Measure.COUNT


def test_a_half_unit_exactly_still_rounds_to_the_printed_digits():
    """0.3725 may be printed as 0.372 or 0.373: either counts as reproduced."""
    exactly = replace(SHARE, value=0.3725)
    for printed in (0.372, 0.373):
        assert verdict_on(claim(value=printed), exactly).verdict is VerdictKind.REPRODUCED


def test_a_limit_is_compared_at_95_percent_only():
    """A 90 % interval is no evidence about a printed 95 % limit; the share itself is compared."""
    limit = claim(field="ci_low", value=0.244, method="Wilson")
    narrower = replace(SHARE, ci_low=0.262, ci_high=0.498, conf_level=0.9)
    assert verdict_on(limit).verdict is VerdictKind.REPRODUCED
    assert verdict_on(limit, narrower).verdict is VerdictKind.NOT_TESTABLE
    assert verdict_on(claim(), narrower).verdict is VerdictKind.REPRODUCED


def test_a_limit_is_compared_within_its_method_only():
    """The exact limits 23.0 to 53.3 don't contradict Wilson's 24.4 to 52.1."""
    exact = replace(SHARE, ci_low=0.230, ci_high=0.533, method="Clopper–Pearson exact interval")
    verdict = verdict_on(claim(field="ci_low", value=0.244, method="Wilson"), exact)
    assert verdict.verdict is VerdictKind.NOT_TESTABLE
    assert "Wilson" in verdict.explanation


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        (0.436, VerdictKind.CONSISTENT_WITH),
        (0.50, VerdictKind.CONSISTENT_WITH),
        (0.10, VerdictKind.DIFFERS_FROM),
        (0.60, VerdictKind.DIFFERS_FROM),
    ],
)
def test_another_cohort_is_consistent_or_differs(printed, expected):
    """Our 24.4 % to 52.1 % holds 43.6 % and 50 %, not 10 % or 60 %."""
    verdict = verdict_on(claim(value=printed), card=OWN)
    assert verdict.verdict is expected
    assert verdict.difference == pytest.approx(16 / 43 - printed)
    assert (verdict.ci_low, verdict.ci_high, verdict.conf_level) == (0.24384, 0.52130, 0.95)


@pytest.mark.parametrize("field", ["n", "events", "ci_low", "ci_high"])
def test_another_cohort_has_its_own_counts_and_limits(field):
    """How many patients a study had is no statement about anybody else's."""
    assert verdict_on(claim(field=field), card=OWN).verdict is VerdictKind.NOT_TESTABLE


@pytest.mark.parametrize("measure", [Measure.COUNT, Measure.P_VALUE, Measure.STATISTIC])
def test_another_cohort_is_not_asked_for_a_p_value(measure):
    """A P value depends on how many patients there were."""
    verdict = verdict_on(claim(), replace(SHARE, measure=measure), OWN)
    assert verdict.verdict is VerdictKind.NOT_TESTABLE


def test_without_an_interval_another_cohort_is_not_judged():
    """A bare number can be neither consistent nor different."""
    bare = replace(SHARE, ci_low=None, ci_high=None, conf_level=None)
    assert verdict_on(claim(), bare, OWN).verdict is VerdictKind.NOT_TESTABLE


HIGHER = claim(value=None, tolerance=0, direction="higher", as_printed="higher")


@pytest.mark.parametrize(
    ("value", "low", "high", "rebuilt", "own"),
    [
        (0.11, 0.01, 0.22, VerdictKind.REPRODUCED, VerdictKind.CONSISTENT_WITH),
        (0.11, -0.02, 0.24, VerdictKind.REPRODUCED, VerdictKind.NOT_TESTABLE),
        (-0.11, -0.22, -0.01, VerdictKind.NOT_REPRODUCED, VerdictKind.DIFFERS_FROM),
        (0.0, -0.1, 0.1, VerdictKind.NOT_REPRODUCED, VerdictKind.NOT_TESTABLE),
    ],
)
def test_a_direction_is_judged_by_its_sign(value, low, high, rebuilt, own):
    """Rebuilt: the sign must be right. Own: the whole interval must lie on one side of zero."""
    difference = replace(
        SHARE, measure=Measure.DIFFERENCE, value=value, ci_low=low, ci_high=high, events=None
    )
    assert verdict_on(HIGHER, difference).verdict is rebuilt
    assert verdict_on(HIGHER, difference, OWN).verdict is own
    mirrored = replace(difference, value=-value, ci_low=-high, ci_high=-low)
    lower = HIGHER.model_copy(update={"direction": "lower"})
    assert verdict_on(lower, mirrored).verdict is rebuilt
    assert verdict_on(lower, mirrored, OWN).verdict is own


def test_what_cannot_be_is_impossible_whatever_we_find():
    """A negative square stays impossible, in the study's own cohort and in any other."""
    misprint = claim(
        value=-0.274, as_printed="r² = −0.274", impossible="A square can't be negative."
    )
    for card in (OWN, REBUILT):
        verdict = verdict_on(misprint, replace(SHARE, value=0.075), card)
        assert verdict.verdict is VerdictKind.IMPOSSIBLE
        assert verdict.explanation == "A square can't be negative."
        assert verdict.as_printed == "r² = −0.274"


def test_what_was_withheld_or_not_estimated_is_not_testable():
    """The reason is told, and no number of ours stands in the verdict."""
    withheld = Suppressed(key="a/share", label="Positive", reason="fewer than 5 patients")
    missing = NotEstimable(key="a/share", label="Positive", reason="Nobody was tested.")
    for result, words in ((withheld, "fewer than 5 patients"), (missing, "Nobody was tested.")):
        verdict = verdict_on(claim(), result)
        assert verdict.verdict is VerdictKind.NOT_TESTABLE
        assert words in verdict.explanation
        assert (verdict.ours, verdict.difference, verdict.n, verdict.ci_low) == (None,) * 4


def test_an_estimate_without_the_part_that_was_printed_is_not_testable():
    """A rounded or redacted estimate may come without its events."""
    verdict = verdict_on(claim(field="events", value=16, tolerance=0), replace(SHARE, events=None))
    assert verdict.verdict is VerdictKind.NOT_TESTABLE


def test_a_report_is_asked_for_its_own_analyses_only():
    """A figure of analysis b is judged where b was run, even if b gave no such number."""
    study = Study(
        name="example2020",
        title="Example",
        citation="Example 2020",
        design="-",
        claims=(claim(), claim(key="b/share")),
    )
    alone = judge({"a/share": SHARE}, study, REBUILT)
    both = judge({"a/share": SHARE, "b/x": replace(SHARE, key="b/x")}, study, REBUILT)
    assert [verdict.claim_key for verdict in alone] == ["a/share"]
    assert [verdict.verdict for verdict in both] == [
        VerdictKind.REPRODUCED,
        VerdictKind.NOT_TESTABLE,
    ]
    assert judge({}, study, REBUILT) == ()


def test_a_figure_missed_by_rounding_is_not_held_against_the_cohort():
    """15 of 45, rounded to fives for disclosure, says nothing about a printed 37.2 %."""
    rounded = replace(SHARE, value=15 / 45, n=45, events=15)
    study = Study(name="example2020", title="-", citation="-", design="-", claims=(claim(),))
    (strict,) = judge({"a/share": rounded}, study, REBUILT)
    (lenient,) = judge({"a/share": rounded}, study, REBUILT, is_rounded=True)
    (met,) = judge({"a/share": SHARE}, study, REBUILT, is_rounded=True)
    assert strict.verdict is VerdictKind.NOT_REPRODUCED
    assert lenient.verdict is VerdictKind.NOT_TESTABLE
    assert met.verdict is VerdictKind.REPRODUCED


def test_json_has_the_words_and_the_full_numbers():
    """A reader of claims.json finds the verdict in words and our number at full precision."""
    text = json.dumps(verdicts_to_json([verdict_on(claim(certainty="derived"))]), allow_nan=False)
    (entry,) = json.loads(text)
    assert entry["key"] == "a/share"
    assert entry["verdict"] == "reproduced"
    assert entry["ours"] == 16 / 43
    assert entry["measure"] == "proportion"
    assert entry["is_printed"] is False
    assert {"label", "as_printed", "explanation", "location", "certainty"} <= entry.keys()
    assert {kind.value for kind in VerdictKind} == {
        "reproduced",
        "not reproduced",
        "consistent with",
        "differs from",
        "impossible as printed",
        "not testable here",
    }


def test_what_rests_on_publications_alone_has_to_come_out_on_any_cohort():
    """A pooled figure has no patient of the reader's cohort in it: it is right or it is not."""
    pooled = replace(SHARE, sources=())
    assert verdict_on(claim(), pooled, OWN).verdict is VerdictKind.REPRODUCED
    assert verdict_on(claim(value=0.38), pooled, OWN).verdict is VerdictKind.NOT_REPRODUCED
