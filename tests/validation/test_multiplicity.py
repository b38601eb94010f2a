"""Corrected P values against R's p.adjust and the trial of Benjamini and Hochberg 1995."""

from __future__ import annotations

import math

import pytest

from incohort.stats.multiplicity import benjamini_hochberg, holm

# Benjamini & Hochberg 1995, section 4.1: fifteen comparisons in a trial of thrombolysis.
THROMBOLYSIS = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
    0.6528, 0.7590, 1.0000,
]  # fmt: skip


def test_the_thrombolysis_trial():
    """At 0.05 the paper rejects four hypotheses by its own procedure."""
    assert [p <= 0.05 for p in benjamini_hochberg(THROMBOLYSIS)] == [True] * 4 + [False] * 11


@pytest.mark.parametrize("function", [holm, benjamini_hochberg])
def test_corrections_agree_with_r(recorded, function):
    """Each corrected P is p.adjust's, in the order given, with ties, zeros and ones."""
    for case in recorded("multiplicity")["families"]:
        expected = case[function.__name__]
        assert function(case["p_values"]) == pytest.approx(expected, rel=1e-12, abs=0), case


@pytest.mark.parametrize("function", [holm, benjamini_hochberg])
def test_an_empty_family(function):
    """Nothing looked at leaves nothing to correct."""
    assert function([]) == ()


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_what_is_no_p_is_refused(p):
    """A P outside [0, 1], or none, is the caller's mistake."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([0.5, p])
