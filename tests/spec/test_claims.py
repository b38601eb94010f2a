"""Verdicts on printed figures, each worked out by hand."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from incohort.claims import (
    Reason,
    VerdictKind,
    VerdictOrigin,
    judge,
    told_in_report,
    verdicts_to_json,
)
from incohort.dictionary import Claim, Study
from incohort.results import CohortCard, Estimate, Measure, NotEstimable, Origin, Suppressed
from incohort.stats.contingency import fisher_exact

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


def study_of(*figures: Claim) -> Study:
    return Study(
        name="example2020", title="Example", citation="Example 2020", design="-", claims=figures
    )


def verdict_on(figure: Claim, result=SHARE, card=REBUILT, others: tuple[Claim, ...] = ()):
    judged = judge({"a/other": SHARE, result.key: result}, study_of(figure, *others), card)
    return judged[0]


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
        (0.10, VerdictKind.NOT_TESTABLE),
        (0.60, VerdictKind.NOT_TESTABLE),
    ],
)
def test_a_printed_point_of_unknown_size_never_differs(printed, expected):
    """Our 24.4 % to 52.1 % holds 43.6 % and 50 %; 10 % of three patients would be no difference."""
    verdict = verdict_on(claim(value=printed), card=OWN)
    assert verdict.verdict is expected
    assert verdict.difference == pytest.approx(16 / 43 - printed)
    assert (verdict.ci_low, verdict.ci_high, verdict.conf_level) == (0.24384, 0.52130, 0.95)


def counted(k: int | None, n: int | None) -> tuple[Claim, ...]:
    """Printed counts beside a share."""
    parts = (("events", k), ("n", n))
    return tuple(
        claim(field=part, value=value, tolerance=0) for part, value in parts if value is not None
    )


# Newcombe 1998, method 10: d ± √((p₁ − l₁)² + (u₂ − p₂)²), Wilson's limits of 16/43 and of the
# printed counts; worked out apart from this project's code. P is Fisher's, two-sided.
@pytest.mark.parametrize(
    ("k", "n", "limits", "p", "expected"),
    [
        (11, 18, (-0.4649, 0.0309), 0.0997, VerdictKind.CONSISTENT_WITH),
        (17, 18, (-0.7086, -0.3211), 0.0000385, VerdictKind.DIFFERS_FROM),
        (1, 1, (-0.7562, 0.1795), 0.386, VerdictKind.CONSISTENT_WITH),
        (200, 1000, (0.0412, 0.3233), 0.01117, VerdictKind.DIFFERS_FROM),
    ],
)
def test_printed_counts_are_a_second_sample(k, n, limits, p, expected):
    """11 of 18 against 16 of 43: the difference may be none, though 61 % is above our interval."""
    verdict = verdict_on(claim(value=round(k / n, 3)), card=OWN, others=counted(k, n))
    assert verdict.verdict is expected
    assert verdict.difference_low == pytest.approx(limits[0], abs=6e-5)
    assert verdict.difference_high == pytest.approx(limits[1], abs=6e-5)
    exact = fisher_exact([[16, 43 - 16], [k, n - k]]).p_value
    assert exact == pytest.approx(p, rel=2e-3)
    assert (exact < 0.05) == (expected is VerdictKind.DIFFERS_FROM)


@pytest.mark.parametrize(
    ("share", "tolerance", "k", "n", "samples"),
    [
        (0.49, 0.005, None, 162, [(79, 162), (80, 162)]),  # 48.8 % and 49.4 %; 78.6 to 80.2
        (0.436, 0.0005, 95, None, [(95, 218)]),  # 95 / 0.4365 to 95 / 0.4355: 217.6 to 218.1
        (0.6, 0.05, 11, None, [(11, 17), (11, 18), (11, 19), (11, 20)]),
    ],
)
def test_a_count_that_was_not_printed_is_what_the_rounded_share_allows(
    share, tolerance, k, n, samples
):
    """Whichever count the study had, the limits of the difference hold it."""
    figure = claim(value=share, tolerance=tolerance)
    verdict = verdict_on(figure, card=OWN, others=counted(k, n))
    each = [verdict_on(claim(value=a / b), card=OWN, others=counted(a, b)) for a, b in samples]
    assert verdict.difference_low == min(one.difference_low for one in each)
    assert verdict.difference_high == max(one.difference_high for one in each)


def test_a_mean_with_its_sd_and_n_is_a_second_sample():
    """13.4 ± 7.1 days of 114 against our 10.9 (9.6 to 12.2), and of 5 patients against the same.

    t: 13.4 − 1.981·7.1/√114 = 12.08, and 13.4 − 2.776·7.1/√5 = 4.59. The difference of −2.5 reaches
    √((12.2 − 10.9)² + (13.4 − 12.08)²) = 1.85 upwards, to −0.65, and of five 8.9, to 6.4.
    """
    mean = replace(
        SHARE, measure=Measure.MEAN, value=10.9, ci_low=9.6, ci_high=12.2, events=None, unit="d"
    )
    figure = claim(value=13.4, tolerance=0.05, sd=7.1)
    many, few = (verdict_on(figure, mean, OWN, others=counted(None, n)) for n in (114, 5))
    assert many.verdict is VerdictKind.DIFFERS_FROM
    assert many.difference_high == pytest.approx(-0.65, abs=0.01)
    assert few.verdict is VerdictKind.CONSISTENT_WITH
    assert few.difference_high == pytest.approx(6.4, abs=0.05)


def test_a_kappa_whose_four_counts_are_known_is_a_second_sample():
    """Jinca's 3, 8, 0 and 7 give 0.226, Fleiss' limits −0.03 to 0.48: no more than its 18 can say.

    Ours of 0.68 (0.60 to 0.76) lies apart; one of 0.45 (0.25 to 0.65) doesn't, though 0.226 is
    outside it.
    """
    pair = "assay_yield/pair/gift_gat"
    counts = tuple(
        claim(key=f"{pair}/{name}/count", value=n, tolerance=0)
        for name, n in (("both", 3), ("only_gift", 8), ("only_gat", 0), ("neither", 7))
    )
    kappa = claim(key=f"{pair}/kappa", value=0.226, certainty="derived")
    for value, low, high, expected in (
        (0.68, 0.60, 0.76, VerdictKind.DIFFERS_FROM),
        (0.45, 0.25, 0.65, VerdictKind.CONSISTENT_WITH),
    ):
        ours = replace(
            SHARE, key=kappa.key, measure=Measure.COEFFICIENT, value=value, ci_low=low,
            ci_high=high, events=None,
        )  # fmt: skip
        study = study_of(kappa, *counts)
        assert judge({ours.key: ours}, study, OWN)[0].verdict is expected
        unknown = study_of(kappa, *counts[:3])
        assert judge({ours.key: ours}, unknown, OWN)[0].verdict is VerdictKind.NOT_TESTABLE


def test_an_open_interval_is_written_as_text():
    """JSON has no infinity: a limit that the data did not set is a word, as in results.json."""
    open_end = replace(SHARE, measure=Measure.MEAN, events=None, ci_high=float("inf"))
    limits = (claim(field="ci_low", value=0.2), claim(field="ci_high", value=0.5))
    verdict = verdict_on(claim(), open_end, OWN, others=limits)
    assert verdict.verdict is VerdictKind.CONSISTENT_WITH
    text = json.dumps(verdicts_to_json([verdict]), allow_nan=False)
    assert json.loads(text)[0]["ci_high"] == "Infinity"


def test_two_intervals_of_a_ratio_are_compared_on_the_logarithm():
    """1.5 (1.2 to 1.9) and 4.0 (2.5 to 6.4) differ, 1.5 and 4.0 (0.9 to 17.8) don't."""
    ours = replace(
        SHARE, measure=Measure.HAZARD_RATIO, value=1.5, ci_low=1.2, ci_high=1.9, events=None
    )
    for low, high, expected in (
        (2.5, 6.4, VerdictKind.DIFFERS_FROM),
        (0.9, 17.8, VerdictKind.CONSISTENT_WITH),
    ):
        limits = (claim(field="ci_low", value=low), claim(field="ci_high", value=high))
        assert verdict_on(claim(value=4.0), ours, OWN, others=limits).verdict is expected


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


def test_counts_that_stand_beside_a_share_make_it_a_sample():
    """6 of 100 is known to be another share than 16 of 43: the difference is 31 points."""
    beside = claim(value=0.06, as_printed="6 %", tolerance=0.005, share={"n": 100, "events": 6})
    verdict = verdict_on(beside, SHARE, OWN)

    assert verdict.verdict is VerdictKind.DIFFERS_FROM
    assert verdict.difference_low == pytest.approx(0.1683453, abs=1e-7)  # Newcombe's, by R
    assert verdict.difference_high == pytest.approx(0.4648375, abs=1e-7)


def test_limits_that_stand_beside_a_rate_make_it_a_sample():
    """A rate of 4.43 (1.62 to 9.66) and ours of 16.7 (13.3 to 20.7) differ."""
    beside = claim(
        value=4.43, as_printed="4.43 (1.62 to 9.66)", tolerance=0.005,
        rate={"ci": ["1.62", "9.66"], "per": 1000, "unit": "person-months"},
    )  # fmt: skip
    ours = replace(
        SHARE, measure=Measure.RATE, value=16.7, ci_low=13.3, ci_high=20.7, events=None, n=124
    )

    assert verdict_on(beside, ours, OWN).verdict is VerdictKind.DIFFERS_FROM


def test_fewer_than_ten_neither_agree_nor_differ():
    """One of one, 100 % (21 to 100), agrees with nearly everything; ten may be compared."""
    one = replace(SHARE, value=1.0, events=1, n=1, ci_low=0.21, ci_high=1.0)
    nine, ten = (
        replace(SHARE, value=3 / n, events=3, n=n, ci_low=0.1, ci_high=0.7) for n in (9, 10)
    )

    assert verdict_on(claim(), one, OWN).reason is Reason.TOO_FEW
    assert verdict_on(claim(), nine, OWN).reason is Reason.TOO_FEW
    assert verdict_on(claim(), ten, OWN).verdict is VerdictKind.CONSISTENT_WITH
    assert verdict_on(claim(), nine, REBUILT).reason is not Reason.TOO_FEW


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
        "agrees with itself",
        "does not agree with itself",
    }
    assert entry["origin"] == "recomputed from rows"
    assert entry["reason"] == "same number when rounded"


def test_what_rests_on_publications_alone_is_no_verdict_on_a_cohort():
    """A pooled figure fits what else was printed or it doesn't; no report tells it of a cohort."""
    pooled = replace(SHARE, sources=())
    for card in (OWN, REBUILT):
        fits, fails = (verdict_on(claim(value=v), pooled, card) for v in (0.372, 0.38))
        assert fits.verdict is VerdictKind.AGREES_WITH_ITSELF
        assert fails.verdict is VerdictKind.DOES_NOT_AGREE
        assert {fits.origin, fails.origin} == {VerdictOrigin.PRINTED}
        assert told_in_report((fits, fails), study_of(), card, ()) == ()
    quoted = verdict_on(claim(), replace(pooled, method="as printed"), OWN)
    assert (quoted.verdict, quoted.origin) == (VerdictKind.NOT_TESTABLE, VerdictOrigin.QUOTED)
    assert quoted.reason is Reason.QUOTED


def test_what_cannot_be_is_told_of_the_studys_own_cohort_only():
    """A misprint is no finding about a reader's patients."""
    misprint = claim(impossible="A square can't be negative.")
    for card, told in ((OWN, 0), (REBUILT, 1)):
        verdict = verdict_on(misprint, card=card)
        assert verdict.origin is VerdictOrigin.PRINTED
        assert len(told_in_report((verdict,), study_of(misprint), card, ())) == told


FROM_PRINT = replace(REBUILT, origin=Origin.RECONSTRUCTED)


@pytest.mark.parametrize(
    ("figure", "expected"),
    [
        (claim(), VerdictOrigin.PRINTED),  # a share follows from two printed counts
        (claim(made_from=True), VerdictOrigin.QUOTED),  # its count was chosen to give it
        (claim(field="ci_low", value=0.244, certainty="derived"), VerdictOrigin.PRINTED),
        (claim(field="events", value=16, tolerance=0), VerdictOrigin.QUOTED),
        (claim(field="n", value=43, tolerance=0), VerdictOrigin.QUOTED),
        (claim(field="events", value=16, tolerance=0, certainty="derived"), VerdictOrigin.PRINTED),
    ],
)
def test_a_rebuilt_cohort_repeats_what_it_was_made_from(figure, expected):
    """A printed count is quoted, never reproduced; what follows from counts is recomputed."""
    verdict = verdict_on(figure, card=FROM_PRINT)
    assert verdict.origin is expected
    is_quoted = expected is VerdictOrigin.QUOTED
    assert (verdict.verdict is VerdictKind.AGREES_WITH_ITSELF) == is_quoted
    assert (verdict.verdict is VerdictKind.REPRODUCED) == (not is_quoted)
    assert verdict_on(figure, card=REBUILT).origin is VerdictOrigin.ROWS


def test_an_invented_value_and_a_built_in_correlation_are_quoted():
    """Titres were drawn to be higher, and r was built in: that both come out tests nothing."""
    drawn = replace(
        SHARE, measure=Measure.DIFFERENCE, value=0.2, events=None, origin=Origin.SYNTHETIC
    )
    built = replace(SHARE, measure=Measure.CORRELATION, events=None)
    for figure, result in ((HIGHER, drawn), (claim(), built)):
        verdict = verdict_on(figure, result, FROM_PRINT)
        assert verdict.origin is VerdictOrigin.QUOTED
        assert verdict.verdict is VerdictKind.AGREES_WITH_ITSELF


@pytest.mark.parametrize(
    ("figure", "result", "reason"),
    [
        (claim(value=0.3721, tolerance=0.00005), SHARE, Reason.SAME_WHEN_ROUNDED),
        (claim(field="n", value=43, tolerance=0), SHARE, Reason.SAME_NUMBER),
        (claim(field="n", value=44, tolerance=0), SHARE, Reason.ANOTHER_COUNT),
        (claim(value=0.39), SHARE, Reason.ANOTHER_NUMBER),
        (claim(value=0.10, tolerance=0.005), replace(SHARE, value=0.1078), Reason.CUT),
        (claim(value=-0.27, tolerance=0.005), replace(SHARE, value=-0.2786), Reason.CUT),
        (claim(value=0.10, tolerance=0.005), replace(SHARE, value=0.0949), Reason.ANOTHER_NUMBER),
        (claim(value=0.041, if_missed="another test"), SHARE, Reason.ANOTHER_TEST),
    ],
)
def test_each_verdict_says_why(figure, result, reason):
    """10.78 % printed as 10 % was cut, not rounded; 9.49 % isn't 10 % either way."""
    assert verdict_on(figure, result).reason is reason


def test_no_rows_not_recorded_and_withheld_are_three_reasons():
    """A column that is absent, nobody in a group, and a count that the gate keeps back."""
    for result, reason in (
        (NotEstimable(key="a/share", label="P", reason="nobody was tested", n=0), "no such rows"),
        (NotEstimable(key="a/share", label="P", reason="the cohort has no table"), "not recorded"),
        (Suppressed(key="a/share", label="P", reason="fewer than 5 patients"), "withheld"),
    ):
        verdict = verdict_on(claim(), result)
        assert verdict.reason == reason
        assert verdict.explanation[0].isupper()
        assert verdict.explanation.endswith(".")


def test_a_changed_parameter_that_bears_on_a_figure_makes_another_question():
    """Of women alone nothing printed of all is reproduced, missed, or differed from."""
    women = replace(SHARE, value=0.9, asked=("sex",))
    for card in (OWN, REBUILT, FROM_PRINT):
        verdict = verdict_on(claim(), women, card, others=counted(16, 43))
        assert verdict.verdict is VerdictKind.NOT_TESTABLE
        assert verdict.reason is Reason.ANOTHER_QUESTION
        assert "sex" in verdict.explanation
    nothing = NotEstimable(key="a/share", label="Positive", reason="no such table")
    judged = judge({"a/x": women, "a/share": nothing}, study_of(claim()), REBUILT)
    assert judged[0].reason is Reason.ANOTHER_QUESTION
