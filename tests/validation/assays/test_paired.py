"""Two assays on the same patients, against published tables and R."""

from __future__ import annotations

import pytest

from incohort.stats.assays.paired import (
    agreement,
    mcnemar,
    paired_difference,
    paired_odds_ratio,
    paired_table,
)
from incohort.stats.outcome import NoEstimate

FLOW = [[71, 6], [37, 219]]  # Vox Sang 2015;108:287: GAT or GIFT against flow cytometry
JINCA = [[3, 8], [0, 7]]  # Jinca 2021: GIFT against GAT
THYROID = [[4, 12], [0, 27]]  # thyroid study: GIFT against GAT
CAVO = [[59, 6], [16, 80]]  # Cavo 2012, worked in Fagerland, Lydersen & Laake 2017, chapter 8
BENTUR = [[1, 1], [7, 12]]  # Bentur 2009, worked in Fagerland, Lydersen & Laake 2013


@pytest.mark.parametrize(
    ("table", "p_value", "within"),
    [(FLOW, 1.6e-6, 0.05e-6), (JINCA, 0.0078, 5e-5), (THYROID, 0.00049, 5e-6)],
)
def test_published_assay_comparisons(table, p_value, within):
    """The exact test gives the P values derived from the published assay tables."""
    assert mcnemar(table).p_value == pytest.approx(p_value, abs=within)


@pytest.mark.parametrize(
    ("method", "p_value"),
    [
        ("asymptotic", 0.033006),
        ("continuity", 0.055009),
        ("exact", 0.052479),
        ("mid_p", 0.034690),
    ],
)
def test_the_textbook_table_has_the_textbook_p_values(method, p_value):
    """Cavo's table has the four P values that Fagerland, Lydersen and Laake print."""
    assert mcnemar(CAVO, method=method).p_value == pytest.approx(p_value, abs=5e-7)


@pytest.mark.parametrize(
    ("method", "low", "high"), [("tango", -0.1240, -0.0054), ("newcombe", -0.1186, -0.0046)]
)
def test_the_textbook_table_has_the_textbook_intervals(method, low, high):
    """Cavo's table has the Tango and Newcombe limits that the textbook prints."""
    found = paired_difference(CAVO, method=method)
    assert (found.ci_low, found.ci_high) == pytest.approx((low, high), abs=5e-5)


def test_bentur_by_hand():
    """1 against 7 discordant: exact P is 2·(1 + 8)/2⁸ and mid-P takes 8/2⁸ off."""
    assert mcnemar(BENTUR).p_value == pytest.approx(18 / 256, rel=1e-14)
    assert mcnemar(BENTUR, method="mid_p").p_value == pytest.approx(10 / 256, rel=1e-12)


def test_tests_agree_with_r(recorded):
    """Exact, mid-P and chi-square P values equal binom.test's and mcnemar.test's."""
    for case in recorded("assays/paired")["tests"]:
        for method in ("exact", "mid_p", "asymptotic", "continuity"):
            found = mcnemar(case["table"], method=method)
            assert found.p_value == pytest.approx(case[method], rel=1e-9), (case, method)
        plain = mcnemar(case["table"], method="asymptotic").statistic
        corrected = mcnemar(case["table"], method="continuity").statistic
        assert plain == pytest.approx(case["statistic"], rel=1e-9), case
        assert corrected == pytest.approx(case["corrected"], rel=1e-9), case


def test_intervals_agree_with_r(recorded):
    """Differences, odds ratios and specific agreement have the limits of independent R lines."""
    for case in recorded("assays/paired")["intervals"]:
        table, level = case["table"], case["conf_level"]
        agreed = agreement(table, conf_level=level)
        found = {
            "tango": paired_difference(table, conf_level=level, method="tango"),
            "newcombe": paired_difference(table, conf_level=level, method="newcombe"),
            "exact": paired_odds_ratio(table, conf_level=level, method="exact"),
            "mid_p": paired_odds_ratio(table, conf_level=level, method="mid_p"),
            "overall": agreed.overall,
            "positive": agreed.positive,
            "negative": agreed.negative,
        }
        for name, interval in found.items():
            limits = (interval.ci_low, interval.ci_high)
            assert limits == pytest.approx(tuple(case[name]), rel=1e-9, abs=1e-11), (case, name)


def test_assays_that_never_disagree_leave_nothing_to_test():
    """Without a discordant patient there is a reason, not a P of 1; the difference is still 0."""
    concordant = [[5, 0], [0, 9]]
    for found in (mcnemar(concordant), paired_odds_ratio(concordant)):
        assert isinstance(found, NoEstimate)
        assert "never disagreed" in found.reason
    difference = paired_difference(concordant)
    assert difference.estimate == 0
    assert difference.ci_low == pytest.approx(-difference.ci_high, rel=1e-9)
    assert difference.ci_high == pytest.approx(3.841458820694124 / (14 + 3.841458820694124))


def test_all_negative_has_no_positive_agreement():
    """Where both assays are always negative, positive agreement has a reason; nobody, no table."""
    found = agreement([[0, 0], [0, 9]])
    assert "positive by either assay" in found.positive.reason
    assert found.negative.estimate == 1.0
    assert isinstance(agreement([[0, 0], [0, 0]]), NoEstimate)
    assert isinstance(paired_difference([[0, 0], [0, 0]]), NoEstimate)


def test_the_table_counts_patients():
    """Four patients, one of each kind, make a table of ones; text or lengths that differ don't."""
    first, second = [True, True, False, False], [True, False, True, False]
    assert paired_table(first, second) == ((1, 1), (1, 1))
    with pytest.raises(ValueError, match="one length"):
        paired_table(first, second[:3])
    with pytest.raises(ValueError, match="boolean"):
        paired_table([1, 0], [1, 2])
    with pytest.raises(ValueError, match="table of counts"):
        mcnemar([[1, 2], [3, -1]])
