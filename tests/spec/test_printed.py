"""Printed figures judged by what else was printed: the numbers of the papers, worked out apart."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incohort.stats import NoEstimate
from incohort.stats.printed import (
    adds_up,
    common_denominators,
    events_behind_rate,
    grim,
    grimmer,
    is_narrow,
    is_ordered,
    p_from_interval,
    p_of_rates,
    p_of_statistic,
    p_of_table,
    possible_counts,
    rate_prints,
    read_percent,
    read_printed,
    share_fit,
    style_of,
    symmetric,
    tables_behind_ratio,
    which_print,
)

_TABLE = Path(__file__).parent / "tables" / "printed_percentages.csv"
PAIRS = list(csv.DictReader(_TABLE.read_text(encoding="utf-8").splitlines()))
SHARES = [pair for pair in PAIRS if pair["verdict"] != "not a share of counts"]


def fit_of(pair: dict[str, str]) -> str:
    events = int(pair["events"]) if pair["events"] else None
    return str(share_fit(pair["percent"], int(pair["n"]), events).fit)


# ---------------------------------------------------------------- percentages
def test_of_235_printed_percentages_198_are_attainable():
    """14 were cut, 12 are of another count, 10 of none; one is a cumulative incidence."""
    found = Counter(fit_of(pair) for pair in SHARES)
    assert found == {"fits": 198, "cut": 14, "other count": 12, "no count": 10}
    assert len(PAIRS) - len(SHARES) == 1


@pytest.mark.parametrize("pair", SHARES, ids=lambda pair: f"{pair['label']} {pair['percent']}")
def test_each_percentage_has_the_verdict_that_was_worked_out_by_hand(pair):
    """k/n lies within half a unit of the last digit, or only the cut one does, or neither."""
    assert fit_of(pair) == pair["verdict"]


@pytest.mark.parametrize(
    ("text", "n", "rounded", "cut"),
    [
        ("62", 32, (20,), (20,)),  # 62.5: at a tie both ways are in use
        ("63", 32, (20,), ()),
        ("44", 229, (100, 101), (101, 102, 103)),  # 43.67, 44.10; 44.10, 44.54, 44.98
        ("97.2", 110, (), (107,)),  # 97.27
        ("54.2", 137, (), ()),  # 74 are 54.01, 75 are 54.74
        ("0", 40, (0,), (0,)),
        ("100", 8, (8,), (8,)),
        ("< 1", 300, (0, 1, 2, 3), (0, 1, 2, 3)),
    ],
)
def test_which_counts_give_a_percentage(text, n, rounded, cut):
    """Half a unit to both sides, both ends with it; or what is left when digits are dropped."""
    assert possible_counts(text, n) == rounded
    assert possible_counts(text, n, "cut") == cut


@pytest.mark.parametrize(
    ("text", "n", "is_telling"),
    [("44", 99, True), ("44", 100, False), ("44.1", 999, True), ("44.1", 1000, False)],
)
def test_a_percentage_of_many_tells_nothing(text, n, is_telling):
    """A whole per cent is tested below 100 patients, one decimal below 1,000."""
    assert share_fit(text, n).is_telling is is_telling
    assert share_fit(text, n, events=44).is_telling


def test_zonozis_percentages_have_no_number_in_common():
    """59.4 and 31.3 % are of 32, 64 or 96, sepsis in 8.5 % of 71 or 106: no n up to 114 fits."""
    both = common_denominators(["59.4", "31.3"], range(20, 115))
    assert [fit.n for fit in both] == [32, 64, 96]
    assert [fit.counts for fit in both] == [
        ((19,), (10,)),
        ((38,), (20,)),
        ((57,), (30,)),
    ]
    of_sepsis = [fit.n for fit in common_denominators(["8.5"], range(20, 115))]
    assert {71, 106} <= set(of_sepsis)
    assert 107 not in of_sepsis
    assert common_denominators(["59.4", "31.3", "8.5"], range(20, 115)) == ()


def test_a_count_that_is_known_leaves_fewer_denominators():
    """23 are 3.43 % of 670 or 671, not of 713."""
    fits = common_denominators(["3.43"], range(600, 720), [23])
    assert [fit.n for fit in fits] == [670, 671]


def test_fragoulis_rounds_and_cuts():
    """Of its 27 percentages 5 were only cut, 6 only rounded, 14 either, 2 are neither."""
    shares = [
        (p["percent"], int(p["events"]), int(p["n"])) for p in PAIRS if "Fragoulis" in p["label"]
    ]
    readings = {("7.0", 4, 58): ("7.0", 4, 57), ("80.3", 573, 667): ("80.3", 573, 713)}
    tally = style_of(readings.get(share, share) for share in shares)
    found = (tally.cut_only, tally.rounded_only, tally.either, tally.neither)
    assert found == (5, 6, 14, 2)
    assert tally.is_mixed


@given(st.integers(1, 500), st.data())
def test_a_count_gives_the_percentage_that_is_printed_of_it(n, data):
    """What was rounded has its count among the possible ones, however many digits."""
    k, digits = data.draw(st.integers(0, n)), data.draw(st.integers(0, 3))
    text = f"{Decimal(100 * k) / Decimal(n):.{digits}f}"
    assert k in possible_counts(text, n)


# ---------------------------------------------------------------------- digits
@pytest.mark.parametrize(
    ("text", "value", "decimals"),
    [
        ("0.70", "0.70", 2),
        (".08", "0.08", 2),
        ("P < 0.001", "0.001", 3),
        ("−3.04", "-3.04", 2),
        ("30,798", "30798", 0),
        ("10.7 (3.6 to 31.4)", "10.7", 1),
        ("P = 7e-38", "7E-38", 38),
        ("P = 3.4 × 10⁻⁶", "0.0000034", 7),
        ("2\u202f345", "2345", 0),
    ],
)
def test_a_number_keeps_its_digits(text, value, decimals):
    """Trailing zeros count; a true minus and thousands are read."""
    printed = read_printed(text)
    assert (printed.value, printed.decimals) == (Decimal(value), decimals)


@pytest.mark.parametrize(
    "text",
    ["none", "43,1", "43,1 %", "1,23,456", "1e999", "9" * 40, "1e-999", ""],
)
def test_what_is_no_number_is_no_other_one_either(text):
    """A comma is no point: 43,1 % is neither 1 % nor 431 %; what no float holds is refused."""
    with pytest.raises(ValueError, match=r"no number|no percentage|beyond any number"):
        read_percent(text)


def test_of_two_numbers_the_percentage_bears_its_sign():
    """25 (43.1) may be either way round."""
    assert read_percent("25 (43.1 %)").value == Decimal("43.1")
    with pytest.raises(ValueError, match="write it with %"):
        read_percent("25 (43.1)")


def test_the_percentage_is_read_and_not_the_count():
    """Of “15 of 143 (11 %)” it is 11."""
    assert read_percent("15 of 143 (11 %)").value == 11
    with pytest.raises(ValueError, match="no number"):
        read_percent("none")


@pytest.mark.parametrize(
    ("text", "exact", "rounds", "cuts"),
    [
        ("4.2", Fraction(425, 100), True, True),
        ("4.3", Fraction(425, 100), True, False),
        ("4.2", Fraction(4251, 1000), False, True),
        ("4.2", Fraction(43, 10), False, False),
        ("−4.2", Fraction(-425, 100), True, True),
        ("−4.2", Fraction(-43, 10), False, False),
        ("−4.2", Fraction(-419, 100), True, False),
    ],
)
def test_rounding_takes_both_ways_at_a_tie_and_cutting_goes_towards_nought(
    text, exact, rounds, cuts
):
    """4.25 prints as 4.2 and as 4.3; 4.251 as 4.2 only if cut."""
    printed = read_printed(text)
    assert (printed.holds(exact), printed.holds(exact, "cut")) == (rounds, cuts)


# ----------------------------------------------------------------------- means
@pytest.mark.parametrize(
    ("mean", "sd", "n"),
    [
        ("5.5", "3.5", 19),  # Tajiri 2005
        ("9.2", "4.4", 37),
        ("2.3", "1.9", 15),
        ("5.4", "4.3", 34),
        ("6.8", "4", 10),  # Andrès 2001
        ("11.6", "5", 10),
        ("13.41", "7.14", 114),  # Yang 2016
        ("8.9", "4.6", 91),  # Maloisel 2004
        ("9.3", "4.6", 91),
    ],
)
def test_nine_means_of_days_can_be_of_whole_days(mean, sd, n):
    """Some sum of whole days gives each mean, and some sum of squares its standard deviation."""
    found = grimmer(mean, sd, n)
    assert found.mean_fits
    assert found.sd_fits


def test_a_mean_that_no_whole_numbers_have():
    """Brown & Heathers' example: 5.19 of 28 can't be, 145/28 = 5.18; and 1 to the next one."""
    assert not grim("5.19", 28).mean_fits
    assert list(grim("5.18", 28).sums) == [145]
    assert grim("5.19", 28, "0.5").mean_fits is False  # 290.5 is no sum of halves: 5.18 or 5.196
    assert list(grim("5.20", 28, "0.5").sums) == [291]  # 145.5/28 = 5.196


def test_a_standard_deviation_that_no_whole_numbers_have():
    """Two numbers of mean 1.5 are 1 and 2 (SD 0.71), or 0 and 3 (2.12): none has 1.41."""
    assert grimmer("1.5", "0.71", 2).sd_fits
    assert grimmer("1.5", "2.12", 2).sd_fits
    assert not grimmer("1.5", "1.41", 2).sd_fits  # sum of squares 6.5; of odd sums it is odd


@given(st.lists(st.integers(0, 60), min_size=2, max_size=40))
def test_whole_numbers_have_their_own_mean_and_sd(numbers):
    """What is printed of real whole numbers is never called impossible."""
    n, mean = len(numbers), sum(numbers) / len(numbers)
    sd = (sum((x - mean) ** 2 for x in numbers) / (n - 1)) ** 0.5
    found = grimmer(f"{mean:.2f}", f"{sd:.2f}", n)
    assert found.mean_fits
    assert found.sd_fits


# ---------------------------------------------------------------------- ratios
@pytest.mark.parametrize(
    ("estimate", "low", "high", "gap"),
    [
        ("4.11", "2.57", "10.3", -20),  # LBBR: thrombocytopenia, lymphopenia, low C3
        ("4.41", "2.51", "11.5", -18),
        ("1.91", "1.03", "4.37", -10),
        ("25.76", "8.39", "179.12", -34),  # Ibáñez 2005, dipyrone
        ("4.00", "3.07", "5.28", -0.6),  # USIDNET, infection
    ],
)
def test_five_printed_intervals_are_not_walds(estimate, low, high, gap):
    """The estimate is not the geometric mean of the limits, by as much as was worked out."""
    found = symmetric(estimate, low, high)
    assert not found.is_symmetric
    assert 100 * found.gap == pytest.approx(gap, abs=0.5 if gap < -1 else 0.05)


@pytest.mark.parametrize(
    "printed",
    [
        ("10.7", "3.6", "31.4"),  # Rajakulendran 2006
        ("11.7", "3.9", "34.7"),
        ("11.17", "1.46", "85.27"),  # Chung 2017
        ("4.02", ".16", "99.48"),  # Israel
        ("2.81", "2.01", "3.92"),  # USIDNET, death
        ("46.03", "33.98", "62.35"),  # Andersen 2016
    ],
)
def test_other_intervals_are_symmetric_within_their_digits(printed):
    """The range of the middle, by the printed digits, meets the estimate's."""
    assert symmetric(*printed).is_symmetric


def test_an_interval_tells_its_p_value():
    """Low C3 of LBBR: P = .079, though the interval leaves 1 out; CKD of Chung: .0200."""
    assert p_from_interval("1.91", "1.03", "4.37").p_value == pytest.approx(0.079, abs=0.0005)
    chung = p_from_interval("11.17", "1.46", "85.27")
    assert chung.p_value == pytest.approx(0.0200, abs=5e-5)
    assert chung.low < 0.020 < chung.high
    # AlAskar 2020: printed .001, implied .0015
    assert p_from_interval("3.15", "1.55", "6.39").p_value == pytest.approx(0.0015, abs=5e-5)


@pytest.mark.parametrize("printed", [("0", "0", "3"), ("1.2", "0", "4"), ("1.2", "3", "2")])
def test_what_has_no_logarithm_or_no_order_has_no_p_value(printed):
    """A limit of 0, or one above the other, is answered with a reason."""
    assert isinstance(p_from_interval(*printed), NoEstimate)


def test_a_difference_lies_between_its_limits_as_it_is():
    """−3.04 (−4.38 to −1.67) lies 0.015 off the middle of −3.025, which its digits allow."""
    assert symmetric("−3.04", "−4.38", "−1.67", scale="linear").is_symmetric is False
    assert symmetric("−3.02", "−4.38", "−1.67", scale="linear").is_symmetric
    assert p_from_interval("−3.02", "−4.38", "−1.67", scale="linear").p_value < 0.0001


def test_rajakulendrans_unprinted_counts_are_recovered():
    """Of all a/19 and c/114 only 11 and 13 give 10.7 (3.6–31.4); no fewer baselines do."""
    assert tables_behind_ratio(19, 114, "10.7", "3.6", "31.4") == ((11, 8, 13, 101),)
    fewer = [
        (n_1, n_2)
        for n_1 in range(15, 20)
        for n_2 in range(95, 115)
        if tables_behind_ratio(n_1, n_2, "10.7", "3.6", "31.4")
    ]
    assert fewer == [(19, 114)]
    # the printed 11/23 and 8/110: 34.75 prints as 34.7 and as 34.8
    assert (11, 8, 12, 102) in tables_behind_ratio(19, 114, "11.7", "3.9", "34.7")


def test_a_risk_ratio_has_its_own_tables():
    """10 of 20 against 5 of 20: 2.00, exp(ln 2 ± 1.96·√(1/10 − 1/20 + 1/5 − 1/20)) = 0.83, 4.81."""
    assert (10, 10, 5, 15) in tables_behind_ratio(20, 20, "2.00", "0.83", "4.81", kind="risk")
    assert tables_behind_ratio(20, 20, "2.00", "0.83", "4.81", kind="odds") == ()


# -------------------------------------------------------------------- P values
@pytest.mark.parametrize(
    ("text", "table", "tests"),
    [
        (".009", [[44, 46], [65, 136]], ["Fisher's exact test"]),  # Brito 2009: RF, C4, admission
        (".044", [[15, 75], [17, 184]], ["Fisher's exact test"]),
        (".002", [[22, 68], [19, 182]], ["Fisher's exact test"]),
        (".04", [[25, 33], [210, 503]], ["Fisher's exact test"]),  # Fragoulis 2018
        (".494", [[33, 25], [342, 325]], ["Fisher's exact test"]),
        (".891", [[31, 27], [345, 322]], ["Fisher's exact test"]),
        (".189", [[5, 53], [30, 637]], ["Fisher's exact test"]),
        (".644", [[4, 54], [67, 600]], ["Fisher's exact test"]),
        (".5", [[16, 88], [3, 26]], ["Pearson's chi-square test"]),  # Rajakulendran 2006: sex
        (".96", [[3, 18], [13, 72], [3, 20]], ["Pearson's chi-square test"]),  # drugs, with 72
        (".97", [[7, 58], [4, 34]], ["Pearson's chi-square test"]),
        (".37", [[5, 42], [14, 72]], ["Pearson's chi-square test"]),
        (".07", [[4, 49], [15, 65]], ["Pearson's chi-square test"]),
        (".041", [[6, 19], [4, 52]], ["likelihood-ratio chi-square"]),  # Hong Kong 2021
        (".004", [[8, 16], [4, 56]], ["Fisher's exact test"]),  # Harman 2026
        (".023", [[4, 4], [1, 16]], ["Fisher's exact test"]),  # FC-Vβ: 4/8 against 1/17
        (".0092", [[6, 7], [8, 0]], []),  # PRCA
        (".281", [[1, 57], [3, 664]], []),  # Fragoulis: AZA, intramuscular steroid
        (".559", [[48, 10], [573, 94]], []),
        (".96", [[3, 18], [13, 62], [3, 20]], []),  # Rajakulendran with 62
    ],
)
def test_which_test_prints_the_p_value(text, table, tests):
    """The printed P is Fisher's, Pearson's, another's, or no test's on the printed counts."""
    names = [one.test for one in which_print(text, p_of_table(table))]
    assert set(tests) <= set(names)
    assert bool(names) is bool(tests)


def test_a_mid_p_value_is_fishers_less_half_the_table_seen():
    """[[6, 7], [8, 0]]: P of the table 1,716/116,280, of the rarer ones (364 + 8)/116,280."""
    mid = next(one for one in p_of_table([[6, 7], [8, 0]]) if "mid-P" in one.test)
    assert mid.p_value == pytest.approx((1716 / 2 + 364 + 8) / 116280)


@pytest.mark.parametrize(
    ("name", "value", "df", "p"),
    [
        ("t", "2.73", [131], 0.0072),  # Rajakulendran: WBC ratio, age, ANC, WBC
        ("t", "0.25", [131], 0.803),
        ("t", "4.85", [131], 3.4e-6),
        ("t", "5.23", [131], 6.5e-7),
        ("chi2", "0.47", [1], 0.493),
        ("z", "1.96", [], 0.05),
        ("F", "4.00", [1, 60], 0.05),
        ("r", "0.25", [60], 0.05),  # tables: r = 0.250 at 60 degrees of freedom
    ],
)
def test_a_statistic_gives_its_p_value(name, value, df, p):
    """As the tables of the distributions have it; the range holds the exact one."""
    found = p_of_statistic(name, value, df)
    assert found.p_value == pytest.approx(p, rel=0.02)
    assert found.low <= found.p_value <= found.high


def test_two_rates_have_three_p_values():
    """6 in 1,352 against 55 in 14,182 person-months: exactly .652, by Wald .754, not .878."""
    found = {one.test: one.p_value for one in p_of_rates(6, 1352, 55, 14182)}
    assert found["exact conditional test"] == pytest.approx(0.6519, abs=5e-5)
    assert found["Wald's test of the logarithm"] == pytest.approx(0.754, abs=5e-4)
    assert which_print(".878", p_of_rates(6, 1352, 55, 14182)) == ()
    assert isinstance(p_of_rates(0, 10, 0, 20), NoEstimate)


def test_a_statistic_needs_its_degrees_of_freedom():
    """F has two of them, z has none."""
    for name, df in (("F", [1]), ("z", [3]), ("t", [0])):
        with pytest.raises(ValueError, match="degrees of freedom"):
            p_of_statistic(name, "2.0", df)


# ----------------------------------------------------------------------- rates
@pytest.mark.parametrize(
    ("printed", "method", "events"),
    [
        (("7.2", "5.4", "9.6"), "exact", (49, 50)),  # Zonozi 2021
        (("7.2", "5.4", "9.6"), "log_wald", (45, 48)),
        (("1.5", "1.0", "2.3"), "exact", (21, 27)),
        (("1.5", "1.0", "2.3"), "log_wald", (19, 26)),
        (("2.48", "1.79", "3.34"), "exact", (43, 43)),  # Moots 2017
        (("2.77", ".34", "10.01"), "exact", (2, 2)),
    ],
)
def test_how_many_events_lie_behind_a_rate(printed, method, events):
    """Only so many give the rate and both limits in some person-time."""
    found = [fit.events for fit in events_behind_rate(*printed, per=100, method=method)]
    assert (min(found), max(found)) == events


def test_no_event_has_a_rate_too():
    """0 (0–3.69) per 100 years in 100 years: −ln 0.025 = 3.689."""
    found = events_behind_rate("0.00", "0.00", "3.69", per=100)
    assert [fit.events for fit in found] == [0]
    assert found[0].time_low <= 100 <= found[0].time_high


def test_limits_that_lie_close_tell_of_more_events_than_are_tried():
    """3.46 (3.40–3.52): exp(2·1.96/√k) = 1.035 has k of about 13,000."""
    assert is_narrow("3.40", "3.52")
    assert not is_narrow("4.31", "5.03")
    assert not is_narrow("5.03", "4.31")
    assert not is_narrow("0", "3.69")


def test_the_time_behind_a_rate():
    """43 events give 2.48 (1.79–3.34) per 100 years in 1,734 years, 2 events 2.77 in 72.2."""
    (grade_2,) = events_behind_rate("2.48", "1.79", "3.34", per=100)
    (grade_4,) = events_behind_rate("2.77", ".34", "10.01", per=100)
    assert grade_2.time_low <= 1734 <= grade_2.time_high
    assert grade_4.time_low <= 72.2 <= grade_4.time_high


def test_fragoulis_rates_are_cut():
    """6 in 1,352 person-months: rate and lower limit cut, upper rounded; 55 in 14,182: all cut."""
    six = rate_prints("4.43", "1.62", "9.66", events=6, time=1352, per=1000)
    assert six == {"rate": ("cut",), "low": ("cut",), "high": ("rounded",)}
    many = rate_prints("3.87", "2.92", "5.04", events=55, time=14182, per=1000)
    assert all("cut" in styles for styles in many.values())
    assert many["rate"] == ("cut",)


# ------------------------------------------------------------------------ sums
@pytest.mark.parametrize(
    ("parts", "total", "gap"),
    [
        (["21", "85", "23"], "133", 4),  # Rajakulendran: four patients without a drug
        (["15", "7", "5", "13"], "42", 2),  # PRCA
        (["3", "2", "1"], "8", 2),  # splenectomy
        (["4005", "−438"], "3657", 90),  # USIDNET: 3,567
        (["201", "27", "1"], "229", 0),  # Bareau
        (["42", "14", "1", "1"], "58", 0),  # Fragoulis
    ],
)
def test_whether_parts_add_up(parts, total, gap):
    """Whole numbers have no tolerance."""
    found = adds_up(parts, total)
    assert found.gap == gap
    assert found.adds_up is (gap == 0)


def test_rounded_parts_may_be_off_by_their_halves():
    """33.3 three times may be 100.0, and 33.1 three times not."""
    assert adds_up(["33.3", "33.3", "33.3"], "100.0").adds_up
    assert not adds_up(["33.1", "33.1", "33.1"], "100.0").adds_up


def test_severe_is_not_more_than_all():
    """Petrelli 2018: 1.07 % of grade 3 to 5 is more than 0.94 % of all grades."""
    assert not is_ordered("1.07", "0.94")
    assert is_ordered("0.94", "1.07")
    assert is_ordered("1.0", "0.95")  # both may be 0.95
