"""What a report's page says of the verdicts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incohort.claims import judge
from incohort.dictionary import Claim, Study
from incohort.reports.claims_view import study_view, tallies, tally
from incohort.results import CohortCard, Estimate, Measure, Origin

OWN = CohortCard(name="ours", title="Ours", is_public=True)
REBUILT = replace(OWN, study="s", origin=Origin.RECONSTRUCTED)
SHARE = Estimate(
    key="a/share", label="Positive", measure=Measure.PROPORTION, value=16 / 43, n=43, events=16,
    ci_low=0.244, ci_high=0.521, conf_level=0.95, sources=("antibody_tests.result",),
)  # fmt: skip


def figure(value: float, field: str = "value", **more) -> Claim:
    return Claim.model_validate(
        {"key": "a/share", "label": field, "as_printed": str(value), "value": value}
        | {"field": field, "certainty": "primary", "location": "Abstract"}
        | more
    )


def study_of(*claims: Claim) -> Study:
    return Study(
        name="s", title="S", citation="S", design="-", population="children", claims=claims
    )


PRINTED = (
    figure(0.611, tolerance=0.0005), figure(11, "events"), figure(18, "n"),
    figure(0.386, "ci_low", certainty="derived"), figure(0.797, "ci_high", certainty="derived"),
)  # fmt: skip


def test_another_study_is_told_with_its_patients_and_the_difference_of_two_samples():
    """11/18 − 16/43 is 23.9 points, Newcombe's limits −3.1 and 46.5: ours less theirs."""
    published = study_of(*PRINTED)
    view = study_view(published, judge({SHARE.key: SHARE}, published, OWN), {SHARE.key: SHARE})
    (group,) = view.printed
    assert view.population == "children"
    assert group.rows[0].verdict == "consistent with"
    assert "−23.9 percentage points (−46.5 to 3.1)" in group.rows[0].explanation
    assert view.tally == "3 printed figures: 1 consistent with ours, 2 not testable here."


@pytest.mark.parametrize(
    ("card", "result", "words"),
    [
        (
            REBUILT,
            replace(SHARE, value=11 / 18, n=18, events=11),
            "3 printed figures: 3 agree (1 reproduced from other printed figures, 2 quoted)",
        ),
        (
            replace(REBUILT, origin=Origin.OBSERVED),
            replace(SHARE, value=11 / 18, n=18, events=11),
            "3 printed figures: 3 agree (reproduced from rows)",
        ),
        (
            OWN,
            replace(SHARE, asked=("sex",)),
            "3 printed figures, none of which can be tested here: another question",
        ),
    ],
)
def test_the_headline_counts_printed_figures_by_what_they_rest_on(card, result, words):
    """What was worked out from printed figures is no printed figure."""
    published = study_of(*PRINTED)
    assert tally(judge({SHARE.key: result}, published, card)) == words


def test_a_study_of_which_nothing_was_printed_is_said_to_have_none():
    """What was worked out from printed patients is no printed figure that can't be tested."""
    assert tally(()) == "No figure was printed that this report could be held against"


def test_a_misprint_beside_another_question_is_counted_apart():
    """Of three figures one can't be as printed, and two were asked of women alone."""
    published = study_of(*PRINTED[:2], figure(18, "n", impossible="It can't be."))
    women = replace(SHARE, asked=("sex",))
    judged = judge({SHARE.key: women}, published, REBUILT)
    view = study_view(published, judged, {SHARE.key: women}, is_own=True)
    assert view.tally == (
        "3 printed figures: 1 impossible as printed, 2 not testable here: another question."
    )
    assert {row.origin for group in view.untested for row in group.rows} == {"another question"}


def test_what_cannot_be_tested_is_no_line_of_the_list():
    """Of several studies only those that something is said of stand in the list of reports."""
    published = study_of(*PRINTED)
    judged = judge({SHARE.key: SHARE}, published, OWN)
    silent = judge({SHARE.key: replace(SHARE, asked=("sex",))}, published, OWN)
    assert tallies({"one": judged, "two": silent}) == [f"one: {tally(judged)}"]
    assert tallies({"two": silent}) == ["none of the printed figures can be tested here"]
    assert tallies({}) == []


def test_a_derived_figure_that_differs_is_told_apart_from_the_printed_ones():
    """A share that was worked out from printed counts is not said to be printed."""
    claims = (
        figure(0.9, tolerance=0.05, certainty="derived"), figure(900, "events"), figure(1000, "n"),
    )  # fmt: skip
    published = study_of(*claims)
    view = study_view(published, judge({SHARE.key: SHARE}, published, OWN), {SHARE.key: SHARE})
    assert view.tally == (
        "2 printed figures, none of which can be tested here. Of what follows from printed "
        "figures: 1 different from ours."
    )
    assert view.notable
