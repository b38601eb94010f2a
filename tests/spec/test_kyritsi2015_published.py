"""The register of what Kyritsi 2015 printed: complete, consistent, honest about the rest."""

from __future__ import annotations

import math

import pytest

from incohort.dictionary import study

STUDY = study("kyritsi2015")
T = "thyroid_antibodies"
Y = "assay_yield"
FIGURES = {(claim.key, claim.field): claim for claim in STUDY.claims}


@pytest.mark.parametrize(
    ("key", "field", "value", "certainty"),
    [
        (f"{T}/frequency/total/count", "value", 218, "primary"),
        (f"{T}/frequency/thyroid_disease/proportion", "events", 95, "primary"),
        (f"{T}/frequency/thyroid_disease/proportion", "value", 0.436, "primary"),
        (f"{T}/frequency/chronic_immunologic/proportion", "events", 65, "primary"),
        (f"{T}/frequency/t_lgl/proportion", "events", 20, "primary"),
        (f"{T}/frequency/autoimmune_disorder/proportion", "events", 5, "primary"),
        (f"{T}/frequency/other/proportion", "events", 33, "primary"),
        (f"{T}/infections/chi_square_p_value", "value", 0.045, "primary"),
        (f"{T}/correlations/ft3_anc/pearson", "value", -0.274, "primary"),
        (f"{T}/correlations/ft3_anc/pearson_p_value", "value", 0.007, "primary"),
        (f"{T}/correlations/tpo_c4/pearson", "value", -0.16, "primary"),
        (f"{T}/correlations/tpo_c4/pearson_p_value", "value", 0.045, "primary"),
        (f"{T}/correlations/tg_c4/pearson", "value", -0.266, "primary"),
        (f"{T}/correlations/tg_c4/pearson_p_value", "value", 0.001, "primary"),
        (f"{T}/correlations/cd4_t4/pearson", "value", -0.274, "primary"),
        (f"{T}/correlations/cd4_t4/pearson_p_value", "value", 0.024, "primary"),
        (f"{T}/correlations/cd4_tsh/pearson", "value", 0.16, "primary"),
        (f"{T}/anti_pmn/tested/proportion", "events", 43, "lecture"),
        (f"{T}/anti_pmn/all/proportion", "events", 16, "lecture"),
        (f"{T}/anti_pmn/all/proportion", "value", 0.372, "lecture"),
        (f"{T}/anti_pmn/hashimoto/proportion", "n", 26, "lecture"),
        (f"{T}/anti_pmn/hashimoto/proportion", "events", 13, "lecture"),
        (f"{T}/anti_pmn/graves/proportion", "n", 5, "lecture"),
        (f"{T}/anti_pmn/graves/proportion", "events", 1, "lecture"),
        (f"{T}/anti_pmn/ttm/proportion", "n", 6, "lecture"),
        (f"{T}/anti_pmn/ttm/proportion", "events", 0, "derived"),
        (f"{T}/anti_pmn/ntmg/proportion", "n", 2, "lecture"),
        (f"{T}/anti_pmn/ntmg/proportion", "events", 2, "lecture"),
        (f"{T}/anti_pmn/an_shp/proportion", "n", 4, "lecture"),
        (f"{T}/anti_pmn/an_shp/proportion", "events", 0, "derived"),
        (f"{T}/assays/gift/proportion", "events", 16, "lecture"),
        (f"{T}/assays/gat_within_gift/proportion", "events", 4, "lecture"),
        (f"{T}/assays/lift/proportion", "events", 0, "lecture"),
        (f"{T}/anti_pmn/hashimoto_vs_rest/odds_ratio", "value", 4.67, "derived"),
        (f"{T}/anti_pmn/hashimoto_vs_rest/fisher_p_value", "value", 0.052, "derived"),
        (f"{T}/anti_pmn/by_subtype/fisher_p_value", "value", 0.0123, "derived"),
        (f"{T}/anti_pmn/autoimmune_vs_rest/fisher_p_value", "value", 0.158, "derived"),
        (f"{Y}/positive/gift/proportion", "events", 16, "lecture"),
        (f"{Y}/positive/gift/proportion", "n", 43, "lecture"),
        (f"{Y}/positive/gat/proportion", "events", 4, "derived"),
        (f"{Y}/positive/lift/proportion", "events", 0, "lecture"),
        (f"{Y}/pair/gift_gat/both/count", "value", 4, "lecture"),
        (f"{Y}/pair/gift_gat/only_gift/count", "value", 12, "derived"),
        (f"{Y}/pair/gift_gat/only_gat/count", "value", 0, "derived"),
        (f"{Y}/pair/gift_gat/neither/count", "value", 27, "derived"),
        (f"{Y}/pair/gift_gat/mcnemar_exact_p_value", "value", 0.00049, "derived"),
        (f"{Y}/pair/gift_gat/kappa", "value", 0.295, "derived"),
        (f"{Y}/incremental/gat/proportion", "events", 0, "derived"),
    ],
)
def test_each_figure_stands_with_its_source(key, field, value, certainty):
    """What paper and lecture print, and what was worked out from it, is told apart."""
    claim = FIGURES[key, field]
    assert claim.value == value
    assert claim.certainty == certainty


def test_no_figure_stands_twice():
    """A key and the part of the estimate it is about name one figure."""
    assert len(FIGURES) == len(STUDY.claims)


def test_tolerances_are_half_a_unit_of_the_last_printed_digit():
    """43.6 % is held to ± 0.05 %; a count to itself."""
    for claim in STUDY.claims:
        digits = claim.as_printed.replace("%", "").strip().split(" ")[-1]
        decimals = len(digits.partition(".")[2])
        scale = 100 if "%" in claim.as_printed else 1
        expected = 0.5 * 10**-decimals / scale if decimals else 0.0
        assert math.isclose(claim.tolerance, expected, abs_tol=1e-15), claim.key


def test_what_rests_on_gat_in_the_gift_negative_says_so():
    """GAT in the 27 GIFT-negative wasn't printed: what needs it names the assumption."""
    sure = {"both", "only_gift"}  # GAT in the 16 that GIFT found was printed
    needing = [
        claim
        for claim in STUDY.claims
        if claim.key.startswith((f"{Y}/pair/", f"{Y}/incremental/", f"{Y}/positive/gat/"))
        and claim.key.split("/")[-2] not in sure
    ]
    assert len(needing) == 7
    assert all("27 GIFT-negative patients were GAT-negative" in claim.note for claim in needing)


def wilson(events: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % limits, by the formula."""
    z = 1.959963984540054
    middle = (events + z * z / 2) / (n + z * z)
    half = z / (n + z * z) * math.sqrt(events * (n - events) / n + z * z / 4)
    return middle - half, middle + half


def test_derived_limits_are_wilsons():
    """Each limit in the register is what its printed counts give."""
    counts = {"thyroid_disease": (95, 218), "all": (16, 43), "gat": (4, 43), "lift": (0, 43)}
    counts |= {"hashimoto": (13, 26), "graves": (1, 5), "ttm": (0, 6), "ntmg": (2, 2)}
    counts |= {"an_shp": (0, 4)}
    limits = [claim for claim in STUDY.claims if claim.field in {"ci_low", "ci_high"}]
    assert len(limits) == 17
    for claim in limits:
        low, high = wilson(*counts[claim.key.split("/")[-2]])
        limit = low if claim.field == "ci_low" else high
        assert claim.value is not None
        assert abs(claim.value - limit) <= claim.tolerance, claim.key
        assert claim.method == "Wilson"


def test_a_negative_square_is_impossible_and_a_positive_one_is_not():
    """Four r² are printed below zero; 0.16 alone could be a square and is not called impossible."""
    impossible = {claim.key for claim in STUDY.claims if claim.impossible}
    assert impossible == {
        f"{T}/correlations/{name}/r_squared" for name in ("ft3_anc", "tpo_c4", "tg_c4", "cd4_t4")
    }
    assert all(
        claim.value is not None and claim.value < 0 for claim in STUDY.claims if claim.impossible
    )


def test_words_only_are_directions():
    """Higher anti-TPO and more infections are printed without numbers; nothing was filled in."""
    words = {claim.key: claim.direction for claim in STUDY.claims if claim.value is None}
    assert words == {
        f"{T}/autoantibodies/anti_tpo/difference": "higher",
        f"{T}/infections/difference": "higher",
    }


@pytest.mark.parametrize(
    "word",
    [
        "Age",
        "ANC by group",
        "all 95",
        "recurrent infections",
        "anti-TPO",
        "T-LGL",
        "subset",
        "C3",
        "tests",
        "definitions",
        "TSH",
        "AN-SHP",
    ],
)
def test_what_was_not_found_is_listed(word):
    """Everything that was looked for in vain stands there, with what follows from it."""
    entries = [entry for entry in STUDY.not_published if word in entry.what]
    assert entries
    assert all(entry.consequence for entry in entries)
