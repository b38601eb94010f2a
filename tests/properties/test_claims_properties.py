"""Relations that hold for verdicts whatever was printed and whatever was found."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from incohort.claims import VerdictKind, judge, verdicts_to_json
from incohort.dictionary import Claim, Study
from incohort.results import CohortCard, Estimate, Measure, Suppressed

OWN = CohortCard(name="ours", title="Ours", is_public=True)
REBUILT = replace(OWN, study="s")
shares = st.floats(0, 1)
fields = st.sampled_from(["value", "n", "events", "ci_low", "ci_high"])


@st.composite
def estimates(draw) -> Estimate:
    low, value, high = sorted((draw(shares), draw(shares), draw(shares)))
    return Estimate(
        sources=("antibody_tests.result",),
        key="a/b",
        label="b",
        measure=draw(st.sampled_from(list(Measure))),
        value=value,
        n=draw(st.none() | st.integers(0, 500)),
        events=draw(st.none() | st.integers(0, 500)),
        ci_low=low,
        ci_high=high,
        conf_level=draw(st.sampled_from([0.9, 0.95, 0.99])),
        method="Wilson score interval",
    )


@st.composite
def claims(draw) -> Claim:
    value = draw(st.none() | shares)
    return Claim(
        key="a/b",
        label="b",
        as_printed="as printed",
        value=value,
        tolerance=draw(st.sampled_from([0.0, 0.0005, 0.05])),
        field="value" if value is None else draw(fields),
        direction=draw(st.sampled_from(["higher", "lower"])) if value is None else None,
        certainty=draw(st.sampled_from(["primary", "lecture", "derived"])),
        location="there",
    )


def study_of(*figures: Claim) -> Study:
    return Study(name="s", title="S", citation="S", design="-", claims=figures)


@given(st.lists(claims(), max_size=4), estimates())
def test_each_figure_gets_one_verdict_in_its_place(figures, estimate):
    """No figure of a run analysis is lost, doubled or moved."""
    for card in (OWN, REBUILT):
        verdicts = judge({"a/b": estimate}, study_of(*figures), card)
        assert [verdict.printed_value for verdict in verdicts] == [f.value for f in figures]
        assert len(verdicts_to_json(verdicts)) == len(figures)


@given(claims(), estimates())
def test_the_words_belong_to_the_kind_of_cohort(figure, estimate):
    """Only a rebuilt cohort reproduces; only another one is consistent or differs."""
    (rebuilt,) = judge({"a/b": estimate}, study_of(figure), REBUILT)
    (own,) = judge({"a/b": estimate}, study_of(figure), OWN)
    shared = VerdictKind.NOT_TESTABLE
    assert rebuilt.verdict in {shared, VerdictKind.REPRODUCED, VerdictKind.NOT_REPRODUCED}
    assert own.verdict in {shared, VerdictKind.CONSISTENT_WITH, VerdictKind.DIFFERS_FROM}


@given(claims(), estimates())
def test_what_is_suppressed_leaves_no_trace(figure, estimate):
    """Two cohorts that differ only in a withheld number get the same verdict, word for word."""
    hidden = Suppressed(key="a/b", label="b", reason="fewer than 5")
    (verdict,) = judge({"a/b": hidden, "a/c": estimate}, study_of(figure), OWN)
    assert verdict.verdict is VerdictKind.NOT_TESTABLE
    assert (verdict.ours, verdict.n, verdict.ci_low, verdict.ci_high) == (None,) * 4


@given(claims(), estimates())
def test_a_larger_tolerance_never_unmakes_a_reproduction(figure, estimate):
    """What agrees to three digits agrees to two."""
    (fine,) = judge({"a/b": estimate}, study_of(figure), REBUILT)
    coarser = figure.model_copy(update={"tolerance": figure.tolerance * 10 + 0.01})
    (coarse,) = judge({"a/b": estimate}, study_of(coarser), REBUILT)
    if fine.verdict is VerdictKind.REPRODUCED:
        assert coarse.verdict is VerdictKind.REPRODUCED


@given(claims(), estimates())
def test_a_wider_interval_never_makes_a_difference(figure, estimate):
    """A figure inside our interval is inside any wider one."""
    (narrow,) = judge({"a/b": estimate}, study_of(figure), OWN)
    wider = replace(estimate, ci_low=-2.0, ci_high=2.0)
    (wide,) = judge({"a/b": wider}, study_of(figure), OWN)
    assert wide.verdict is not VerdictKind.DIFFERS_FROM
    if narrow.verdict is VerdictKind.CONSISTENT_WITH and figure.value is not None:
        assert wide.verdict is VerdictKind.CONSISTENT_WITH
