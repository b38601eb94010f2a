"""Intervals of a printed share against R's prop.test, and which of them prints as it stands."""

from __future__ import annotations

import pytest

from incohort.claims.by_itself import Why, all_judged, judge_by_itself, shown_of
from incohort.dictionary import FigureTable
from incohort.stats.printed import share_intervals

NAMES = {
    "corrected": "Wilson's with continuity correction",
    "wald": "Wald's",
    "wald_corrected": "Wald's with continuity correction",
}


def test_each_method_gives_what_r_gives(recorded):
    """Also of nobody and of everybody, at two levels."""
    cases = recorded("share_intervals")["intervals"]
    for case in cases:
        methods = share_intervals(
            case["events"], case["n"], ("0", "0"), conf_level=case["conf_level"]
        )
        limits = {each.method: (each.low, each.high) for each in methods}
        for name, method in NAMES.items():
            assert limits[method] == pytest.approx(tuple(case[name]), rel=1e-9, abs=1e-12)
    assert len(cases) == 14


@pytest.mark.parametrize(
    ("events", "n", "printed", "method"),
    [
        (9, 14, ("35", "87"), "Clopper and Pearson's"),  # E5998, step 2
        (20, 52, ("26", "53"), "Wilson's with continuity correction"),  # E5998, step 1
        (58, 771, ("5.9", "9.6"), "Wilson's"),
    ],
)
def test_which_method_prints_a_published_interval(events, n, printed, method):
    """One abstract has two methods: exact limits of one step, corrected ones of the other."""
    assert [e.method for e in share_intervals(events, n, printed) if e.prints] == [method]


def test_an_interval_of_no_method_lists_what_each_would_print():
    """86 % (73 to 95) of Qiu 2016, 31 of 36: none of five methods has both limits."""
    figures = [
        {
            "label": "Response",
            "as_printed": "73 to 95 %",
            "interval": {"n": 36, "events": 31, "ci": ["73", "95"]},
        }
    ]
    table = FigureTable.model_validate({"figures": figures})
    [judged] = all_judged(judge_by_itself(shown_of(table, "mine")))

    assert judged.why is Why.OTHER_INTERVAL
    assert judged.is_exception
    assert judged.sentence == (
        "By none of these methods: Clopper and Pearson's 70.5 to 95.3; Wilson's 71.3 to 93.9; "
        "Wilson's with continuity correction 69.7 to 94.8; Wald's 74.8 to 97.4; Wald's with "
        "continuity correction 73.4 to 98.8. Another method, or another count than 31 of 36, would "
        "have to be true."
    )
