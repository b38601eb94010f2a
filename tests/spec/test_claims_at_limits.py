"""Verdicts where a number lies exactly on a limit, and the sentence and reason beside each.

Numbers are binary fractions or 3-4-5 triangles, so that what is on a limit is exactly on it.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from incohort.claims import VerdictKind, judge, told_in_report, verdicts_to_json
from incohort.claims.samples import printed_samples
from incohort.dictionary import Claim, Study
from incohort.results import CohortCard, Estimate, Measure, NotEstimable, Origin, Suppressed

OWN = CohortCard(name="ours", title="Our patients", is_public=True)
REBUILT = replace(OWN, study="example2020")
NEAR = 1e-6

# A mean of 5 days with limits from 2 to 8: each 3 away.
MEAN = Estimate(
    key="a/mean",
    label="Days",
    measure=Measure.MEAN,
    value=5.0,
    n=40,
    ci_low=2.0,
    ci_high=8.0,
    conf_level=0.95,
    unit="d",
    method="t interval",
    sources=("labs.ANC",),
)


def claim(**fields) -> Claim:
    return Claim.model_validate(
        {"key": "a/mean", "label": "Days", "as_printed": "5 d", "value": 5.0, "tolerance": 0.25}
        | {"certainty": "primary", "location": "Table 2", "note": "as in the text"}
        | fields
    )


def study_of(*figures: Claim) -> Study:
    return Study(
        name="example2020", title="Example", citation="Example 2020", design="-",
        population="children", claims=figures,
    )  # fmt: skip


def verdict_on(figure: Claim, result=MEAN, card=REBUILT, others: tuple[Claim, ...] = (), **more):
    return judge({result.key: result}, study_of(figure, *others), card, **more)[0]


def limits(low: float | None, high: float | None) -> tuple[Claim, ...]:
    """Printed limits."""
    both = (("ci_low", low), ("ci_high", high))
    return tuple(claim(field=name, value=value) for name, value in both if value is not None)


@pytest.mark.parametrize(
    ("ours", "reason"),
    [
        (5.25, "same number when rounded"),  # half a unit away is still the printed digit
        (4.75, "same number when rounded"),
        (5.25 + NEAR, "cut, not rounded"),  # it begins with the printed digits
        (5.5 - NEAR, "cut, not rounded"),
        (5.5, "another number"),  # a whole unit away
        (4.75 - NEAR, "another number"),  # cut, it would be 4.5
        (-5.3, "another number"),
    ],
)
def test_half_a_unit_away_is_the_printed_number_and_less_than_a_whole_one_may_be_cut(ours, reason):
    """Printed 5.0 to the half (tolerance 0.25): from 4.75 to 5.25 it rounds so; cut is no miss."""
    verdict = verdict_on(claim(), replace(MEAN, value=ours))

    assert verdict.reason == reason
    is_same = reason != "another number"
    assert (verdict.verdict is VerdictKind.REPRODUCED) is is_same
    assert (verdict.verdict is VerdictKind.NOT_REPRODUCED) is not is_same


@pytest.mark.parametrize(
    ("printed", "ours", "reason"),
    [(0.0, 0.4, "cut, not rounded"), (0.0, -0.4, "cut, not rounded"),
     (-5.0, -5.4, "cut, not rounded"), (-5.0, 5.4, "another number"),
     (-5.0, -4.6, "another number")],
)  # fmt: skip
def test_what_was_cut_is_cut_towards_zero(printed, ours, reason):
    """−5.4 cut to the half is −5.0, and −0.4 is 0."""
    assert verdict_on(claim(value=printed), replace(MEAN, value=ours)).reason == reason


@pytest.mark.parametrize(("value", "is_same"), [(0.25, True), (0.0, False), (-0.25, False)])
def test_no_difference_is_no_direction(value, is_same):
    """Printed "higher": ours of exactly 0 is not higher; nor is it lower."""
    ours = replace(MEAN, measure=Measure.DIFFERENCE, value=value)
    for direction, sign in (("higher", 1), ("lower", -1)):
        figure = claim(value=None, tolerance=0, direction=direction)
        verdict = verdict_on(figure, replace(ours, value=sign * value))
        kind = VerdictKind.REPRODUCED if is_same else VerdictKind.NOT_REPRODUCED
        assert verdict.verdict is kind
        assert verdict.reason == ("same direction" if is_same else "other direction")
        assert verdict.explanation == (
            f"Ours is {direction}, too; no number was printed."
            if is_same
            else f"Ours is not {direction}."
        )
        assert verdict.difference is None


@pytest.mark.parametrize(
    ("low", "high", "verdict", "reason"),
    [
        (0.0, 2.0, "not testable here", "no direction"),
        (-2.0, 0.0, "not testable here", "no direction"),
        (NEAR, 2.0, "consistent with", "same direction"),
        (-2.0, -NEAR, "differs from", "other direction"),
    ],
)
def test_an_interval_that_ends_at_no_difference_tells_no_direction(low, high, verdict, reason):
    """It includes 0; a hair away it doesn't, and every answer has its sentence."""
    ours = replace(
        MEAN, measure=Measure.DIFFERENCE, value=(low + high) / 2, ci_low=low, ci_high=high
    )
    found = verdict_on(claim(value=None, tolerance=0, direction="higher"), ours, OWN)

    assert (found.verdict, found.reason) == (verdict, reason)
    assert (
        found.explanation
        == {
            "no direction": "Our interval includes no difference, so it tells no direction.",
            "same direction": "The whole of our interval is higher, too.",
            "other direction": "The whole of our interval lies on the other side.",
        }[reason]
    )


@pytest.mark.parametrize(
    ("printed", "is_inside"),
    [(8.25, True), (8.25 + NEAR, False), (1.75, True), (1.75 - NEAR, False), (5.0, True)],
)
def test_a_printed_point_on_the_end_of_our_interval_lies_inside(printed, is_inside):
    """2 to 8 days, and a figure printed to half a day may be a quarter more or less."""
    verdict = verdict_on(claim(value=printed), card=OWN)

    if is_inside:
        assert (verdict.verdict, verdict.reason) == ("consistent with", "inside our interval")
        assert verdict.explanation == "The printed figure lies inside our interval."
    else:
        assert (verdict.verdict, verdict.reason) == ("not testable here", "no spread")
        assert verdict.explanation == (
            "The printed figure lies outside our interval, but neither its counts nor its own "
            "interval is known, so that it can't be said to differ."
        )


@pytest.mark.parametrize("sign", [1, -1])
def test_two_samples_whose_difference_just_reaches_none_do_not_differ(sign):
    """Ours 5 (2 to 8), theirs 0 (−4 to 4): 5 − √(3² + 4²) is 0, which 5.001 excludes."""
    at, apart = (
        verdict_on(
            claim(value=0.0),
            replace(
                MEAN, measure=Measure.DIFFERENCE, value=sign * value,
                ci_low=min(sign * (value - 3), sign * (value + 3)),
                ci_high=max(sign * (value - 3), sign * (value + 3)),
            ),
            OWN,
            others=limits(-4.0, 4.0),
        )
        for value in (5.0, 5.001)
    )  # fmt: skip
    assert (at.verdict, at.reason) == ("consistent with", "the difference may be none")
    assert at.explanation == "Two samples: the 95 % interval of their difference includes 0."
    assert sorted((sign * at.difference_low, sign * at.difference_high)) == [0.0, 10.0]
    assert (apart.verdict, apart.reason) == ("differs from", "the difference is not none")
    assert apart.explanation == "Two samples: the 95 % interval of their difference excludes 0."


def test_each_side_of_the_difference_takes_the_ends_that_meet():
    """Ours 5 (2 to 17), theirs 0 (−5 to 4): 5 − √(3² + 4²) is 0, and 5 + √(12² + 5²) is 18."""
    ours = replace(MEAN, ci_high=17.0)
    verdict = verdict_on(claim(value=0.0), ours, OWN, others=limits(-5.0, 4.0))

    assert (verdict.difference_low, verdict.difference_high) == (0.0, 18.0)
    assert verdict.difference == 5.0


def test_without_both_limits_or_at_another_level_there_is_no_second_sample():
    """Then only our interval speaks: 8 is inside of it, and 9 can't be said to differ."""
    ninety = replace(MEAN, conf_level=0.9)
    for result, others in (
        (MEAN, limits(8.5, None)),
        (MEAN, limits(None, 9.5)),
        (ninety, limits(8.5, 9.5)),
        (replace(MEAN, conf_level=None), limits(8.5, 9.5)),
    ):
        inside, outside = (verdict_on(claim(value=v), result, OWN, others) for v in (8.0, 9.0))
        assert inside.reason == "inside our interval"
        assert outside.reason == "no spread"
        assert inside.difference_low is None


def test_a_ratio_with_a_limit_of_nought_has_no_logarithm():
    """1.5 (0 to 4): nothing is said of the difference, and no limits of it are given."""
    ratio = replace(MEAN, measure=Measure.ODDS_RATIO, value=1.5, ci_low=1.0, ci_high=4.0)
    at_nought = replace(ratio, ci_low=0.0)
    figure, others = claim(value=2.0), limits(1.0, 4.0)
    compared = verdict_on(figure, ratio, OWN, others)

    assert compared.reason == "the difference may be none"
    assert (compared.difference_low, compared.difference_high) == (None, None)
    assert verdict_on(figure, at_nought, OWN, others).reason == "inside our interval"
    assert verdict_on(figure, ratio, OWN, limits(0.0, 4.0)).reason == "inside our interval"


def test_every_ratio_is_compared_on_the_logarithm_and_no_other_number():
    """2 (1 to 7.7) and 8 (6 to 20), a ratio: log 4 is 1.386 and √(log² 3.85 + log² 1.333) 1.378.

    As they stand they are 6 apart, and √(5.7² + 2²) is 6.04: of a mean the difference may be none.
    """
    for measure in Measure:
        if measure in {Measure.COUNT, Measure.P_VALUE, Measure.STATISTIC, Measure.PROPORTION}:
            continue
        ours = replace(MEAN, measure=measure, value=2.0, ci_low=1.0, ci_high=7.7)
        verdict = verdict_on(claim(value=8.0), ours, OWN, limits(6.0, 20.0))
        is_ratio = measure.value.endswith("_ratio")
        assert (verdict.verdict is VerdictKind.DIFFERS_FROM) is is_ratio
        assert (verdict.verdict is VerdictKind.CONSISTENT_WITH) is not is_ratio
        assert (verdict.difference_high is None) is is_ratio


def printed(**figures: float) -> dict[str, Claim]:
    """Figures under one key by field; `tolerance` is that of the value."""
    tolerance = figures.pop("tolerance", 0.0)
    return {
        name: claim(field=name, value=value, tolerance=tolerance if name == "value" else 0.0)
        for name, value in figures.items()
    }


@pytest.mark.parametrize(
    ("figures", "samples"),
    [
        ({"events": 3, "n": 8}, [(3, 8)]),
        ({"events": 3, "n": 8, "value": 0.9, "tolerance": 0.1}, [(3, 8)]),
        # half of 16, give or take an eighth: from 6 to 10 of 16, both ends with it
        ({"n": 16, "value": 0.5, "tolerance": 0.125}, [(k, 16) for k in (6, 7, 8, 9, 10)]),
        # a share can't exceed 1 or fall below 0
        ({"n": 16, "value": 0.9375, "tolerance": 0.125}, [(k, 16) for k in (13, 14, 15, 16)]),
        ({"n": 16, "value": 0.0625, "tolerance": 0.125}, [(k, 16) for k in (0, 1, 2, 3)]),
        # 6 are from 3/8 to 5/8: of 9.6 to 16, so of 10 to 16
        ({"events": 6, "value": 0.5, "tolerance": 0.125}, [(6, n) for n in range(10, 17)]),
        # 6 are from 3/4 to 1 (and no more): of 6, 7 or 8
        ({"events": 6, "value": 0.875, "tolerance": 0.25}, [(6, n) for n in (6, 7, 8, 9)]),
        ({"events": 6, "value": 0.5, "tolerance": 0.5}, []),  # down to none of any number
        ({"events": 0, "value": 0.5, "tolerance": 0.125}, []),  # none are no share of anybody
        ({"events": 6}, []),
        ({"n": 16}, []),
        ({"value": 0.5, "tolerance": 0.125}, []),
        # 125 are 1/16 to 1/8 of 1000 to 2000; of 126 there would be 1008 more than the least
        ({"events": 125, "value": 0.09375, "tolerance": 0.03125},
         [(125, n) for n in range(1000, 2001)]),
        ({"events": 126, "value": 0.09375, "tolerance": 0.03125}, []),
    ],
)  # fmt: skip
def test_which_counts_a_rounded_share_allows(figures, samples):
    """All counts between the ends of what was rounded, the ends with them."""
    assert printed_samples(printed(**figures)) == samples


SHARE = replace(
    MEAN, key="a/share", measure=Measure.PROPORTION, value=0.5, n=16, events=8, ci_low=0.25,
    ci_high=0.75, unit="", method="Wilson score interval",
)  # fmt: skip
LIMIT = claim(key="a/share", field="ci_low", value=0.25, tolerance=0.0, method="Wilson")
RATE = claim(key="a/share", value=0.5)
OTHER = "The limit is by Wilson's method, and ours was asked for by another one."
SENTENCES = [
    (RATE, NotEstimable(key="a/share", label="S", reason="nobody was tested", n=0), REBUILT,
     "no such rows", "Nobody was tested."),
    (RATE, NotEstimable(key="a/share", label="S", reason="Is it there?"), REBUILT,
     "not recorded", "Is it there?"),
    (RATE, NotEstimable(key="a/share", label="S", reason=" none at all! "), OWN,
     "not recorded", "None at all!"),
    (RATE, Suppressed(key="a/share", label="S", reason="fewer than 5 patients."), OWN,
     "withheld", "Withheld by the disclosure rules: fewer than 5 patients."),
    (RATE, replace(SHARE, key="a/other"), REBUILT,
     "no estimate", "This report makes no estimate of it."),
    (claim(key="a/share", field="events", value=8), replace(SHARE, events=None), REBUILT,
     "no estimate", "The estimate was made without this number."),
    (LIMIT, replace(SHARE, conf_level=0.9), REBUILT, "another interval",
     "The limit is for 95 % confidence, and ours was asked for at another level."),
    (LIMIT, replace(SHARE, conf_level=None), REBUILT, "another interval",
     "The limit is for 95 % confidence, and ours was asked for at another level."),
    (LIMIT, replace(SHARE, method="exact"), REBUILT, "another interval", OTHER),
    (LIMIT.model_copy(update={"field": "ci_high"}), replace(SHARE, method="exact"), REBUILT,
     "another interval", OTHER),
    (LIMIT, replace(SHARE, method="WILSON's"), REBUILT, "same number", "Ours is the same number."),
    (RATE, SHARE, REBUILT, "same number when rounded",
     "Ours, rounded to the digits that were printed, is the same number."),
    (claim(key="a/share", field="n", value=17, tolerance=0), SHARE, REBUILT,
     "another count", "The rows give another count."),
    (claim(key="a/share", field="events", value=17, tolerance=0), SHARE, REBUILT,
     "another count", "The rows give another count."),
    (claim(key="a/share", value=0.1), replace(SHARE, value=0.9), REBUILT,
     "another number", "Ours is another number."),
    (claim(key="a/share", value=0.1, if_missed="another test"), replace(SHARE, value=0.9), REBUILT,
     "another test", "Ours is another number; the printed one fits another test."),
    (claim(key="a/share", value=0.1, tolerance=0.0625), replace(SHARE, value=0.2), REBUILT,
     "cut, not rounded",
     "Ours has the printed digits, but rounds to others: it was cut, not rounded."),
    (claim(key="a/share", field="n", value=16), SHARE, OWN, "about its own patients",
     "It describes the study's own patients; another cohort has its own number."),
    (RATE, replace(SHARE, measure=Measure.P_VALUE), OWN, "depends on how many there were",
     "It depends on how many patients a study has, so it can't recur."),
    (RATE, replace(SHARE, ci_high=None), OWN, "no spread",
     "Our estimate has no interval, so that it can't be compared."),
    (RATE, replace(SHARE, ci_low=None), OWN, "no spread",
     "Our estimate has no interval, so that it can't be compared."),
    (RATE, replace(SHARE, asked=("sex",)), OWN, "another question",
     "The study asked otherwise: here sex is changed."),
    (RATE, replace(SHARE, asked=("sex", "age_from")), REBUILT, "another question",
     "The study asked otherwise: here sex and age_from are changed."),
    (RATE, replace(SHARE, asked=("sex", "age_from", "age_below")), REBUILT, "another question",
     "The study asked otherwise: here sex, age_from and age_below are changed."),
    (RATE, replace(SHARE, sources=(), method="as printed"), OWN, "quoted",
     "Quoted: the data behind it are not at hand, so that it can't be worked out again."),
    (claim(key="a/share", value=0.1, tolerance=0.0), replace(SHARE, sources=()), OWN,
     "another number", "The other printed figures give another number."),
    (claim(key="a/share", made_from=True), replace(SHARE, value=5.0),
     replace(REBUILT, origin=Origin.RECONSTRUCTED), "quoted",
     "The rows were made from this figure, so that it can't but come out: nothing is tested."),
]  # fmt: skip


@pytest.mark.parametrize(("figure", "result", "card", "reason", "words"), SENTENCES)
def test_every_verdict_has_its_sentence(figure, result, card, reason, words):
    """A reader is told why in one whole sentence, and a program in one code."""
    verdict = verdict_on(figure, result, card)

    assert verdict.reason == reason
    assert verdict.explanation == words


def test_what_the_gate_rounds_or_cuts_is_not_blamed_on_the_cohort():
    """Another number of a rounded report, or of an estimate with fewer digits, says nothing."""
    figure, missed = claim(value=6.0), replace(MEAN, digits=1)
    plain, rounded = verdict_on(figure), verdict_on(figure, is_rounded=True)
    cut, met = verdict_on(figure, missed), verdict_on(claim(), missed, is_rounded=True)

    assert plain.verdict is VerdictKind.NOT_REPRODUCED
    for verdict, words in (
        (rounded, "The disclosure rules round the counts that it rests on."),
        (cut, "The disclosure rules leave it too few digits."),
        (
            verdict_on(figure, missed, is_rounded=True),
            "The disclosure rules leave it too few digits.",
        ),
    ):
        assert (verdict.verdict, verdict.reason) == ("not testable here", "rounded for disclosure")
        assert verdict.explanation == words
    assert met.verdict is VerdictKind.REPRODUCED


def test_another_analysis_asked_otherwise_does_not_change_this_ones_question():
    """Notebook b was run on women alone; the figures of a are judged as they are."""
    women = replace(SHARE, key="b/share", asked=("sex",))
    other = claim(key="b/share", value=0.5)
    of_a, of_b = judge({SHARE.key: SHARE, women.key: women}, study_of(RATE, other), REBUILT)

    assert of_a.verdict is VerdictKind.REPRODUCED
    assert of_b.reason == "another question"


def test_a_verdict_carries_what_stands_beside_it():
    """Ours and its limits, how many, the unit, where it is printed, and whose figure it is."""
    own, another = verdict_on(claim(value=4.0)), verdict_on(claim(value=4.0), card=OWN)
    count = verdict_on(claim(field="n", value=40.0))

    for verdict in (own, another):
        assert (verdict.ours, verdict.printed_value, verdict.difference) == (5.0, 4.0, 1.0)
        assert (verdict.n, verdict.ci_low, verdict.ci_high, verdict.conf_level) == (
            40,
            2.0,
            8.0,
            0.95,
        )
        assert (verdict.measure, verdict.unit, verdict.tolerance) == (Measure.MEAN, "d", 0.25)
        assert (verdict.label, verdict.as_printed, verdict.location) == ("Days", "5 d", "Table 2")
        assert (verdict.note, verdict.field, verdict.is_printed) == (
            "as in the text",
            "value",
            True,
        )
        assert verdict.needs_cohort
    assert (own.population, another.population) == ("", "children")
    assert (count.ours, count.measure, count.field) == (40.0, Measure.COUNT, "n")


def test_a_report_tells_what_rests_on_its_patients_and_what_cannot_be_of_its_own_study():
    """A key that publications alone decide is left to the register, on whatever cohort."""
    fine, wrong = claim(), claim(key="a/r", impossible="A square can't be negative.")
    study = study_of(fine, wrong)
    for card, told, without in ((REBUILT, ["a/mean", "a/r"], ["a/r"]), (OWN, ["a/mean"], [])):
        verdicts = judge({MEAN.key: MEAN}, study, card)
        assert [v.needs_cohort for v in verdicts] == [True, False]
        assert [v.claim_key for v in told_in_report(verdicts, study, card, ())] == told
        assert [v.claim_key for v in told_in_report(verdicts, study, card, ("a/mean",))] == without


def test_both_open_ends_are_words_and_every_other_number_is_itself():
    """`-Infinity` and `Infinity`, as in results.json."""
    open_ends = replace(MEAN, ci_low=float("-inf"), ci_high=float("inf"))
    [row] = verdicts_to_json([verdict_on(claim(), open_ends)])

    assert (row["ci_low"], row["ci_high"]) == ("-Infinity", "Infinity")
    assert (row["key"], row["ours"], row["n"], row["measure"]) == ("a/mean", 5.0, 40, "mean")
    assert "claim_key" not in row
