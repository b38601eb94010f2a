"""The evidence on recovery and G-CSF: each figure typed once more, each derived one redone."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from incohort import cli
from incohort.dictionary import bundled, studies, study
from incohort.dictionary.evidence import GcsfArm, gcsf_arms, gcsf_pooled, recovery_series
from incohort.dictionary.parse import DictionaryError
from incohort.dictionary.rows import parse_rows
from incohort.errors import ExitCode
from incohort.reports.index import write_index

Z = 1.959963984540054
G = "gcsf_evidence"
ARMS = {(arm.comparison, arm.arm): arm for arm in gcsf_arms()}
POOLED = {(row.version, row.group): row for row in gcsf_pooled()}
MOMENTS = ("tajiri2005_symptomatic", "tajiri2005_asymptomatic", "andres2001")


def claims(name: str) -> dict[tuple[str, str], float]:
    return {(claim.key, claim.field): claim.value for claim in study(name).claims}


def difference(comparison: str) -> tuple[float, float]:
    """Mean with G-CSF less mean without, and its standard error with each arm's own variance."""
    (mean, sd, n), (mean_0, sd_0, n_0) = (
        (arm.mean_days, arm.sd_days, arm.n)
        for arm in (ARMS[comparison, "gcsf"], ARMS[comparison, "none"])
    )
    return mean - mean_0, math.sqrt(sd**2 / n + sd_0**2 / n_0)


# ---------------------------------------------------------------------- the arms
@pytest.mark.parametrize(
    ("comparison", "arm", "n", "mean", "sd"),
    [
        ("tajiri2005_symptomatic", "gcsf", 19, 5.5, 3.5),
        ("tajiri2005_symptomatic", "none", 37, 9.2, 4.4),
        ("tajiri2005_asymptomatic", "gcsf", 15, 2.3, 1.9),
        ("tajiri2005_asymptomatic", "none", 34, 5.4, 4.3),
        ("andres2001", "gcsf", 10, 6.8, 4),
        ("andres2001", "none", 10, 11.6, 5),
        ("yang2016", "gcsf", None, 12.7, 6.0),
        ("yang2016", "none", None, 16.4, 10.6),
        ("fukata1999", "gcsf", 14, None, None),
        ("fukata1999", "none", 10, None, None),
        ("andres2002", "gcsf", 42, 6.3, None),
        ("andres2002", "none", 48, 10.4, None),
    ],
)
def test_each_arm_is_as_printed(comparison, arm, n, mean, sd):
    """Numbers, means and standard deviations; None where none was printed."""
    found = ARMS[comparison, arm]
    assert (found.n, found.mean_days, found.sd_days) == (n, mean, sd)


@pytest.mark.parametrize(
    ("comparison", "kind", "gcsf", "none"),
    [
        ("andersohn2007", "median_days", 8, 9),
        ("clauna_lumanta2016", "other_days", 4, 7),
        ("pmid10942973", "other_days", 8.1, 9.5),
        ("andres2002_older", "other_days", 6.6, 8.8),
    ],
)
def test_what_is_no_mean_is_not_taken_for_one(comparison, kind, gcsf, none):
    """Medians stand as medians; days of which it was not said stand apart; neither has a mean."""
    for arm, days in (("gcsf", gcsf), ("none", none)):
        found = ARMS[comparison, arm]
        assert getattr(found, kind) == days
        assert found.mean_days is None
        assert not found.has_moments


def test_every_comparison_has_two_arms_of_a_study_in_the_register():
    """One with G-CSF, one without, of one study, region and threshold; only three can be pooled."""
    comparisons = {comparison for comparison, _ in ARMS}
    assert len(ARMS) == len(gcsf_arms()) == 2 * len(comparisons)
    for comparison in comparisons:
        gcsf, none = ARMS[comparison, "gcsf"], ARMS[comparison, "none"]
        assert gcsf.study == none.study
        assert gcsf.study in studies()
        assert (gcsf.region, gcsf.threshold, gcsf.label) == (
            none.region, none.threshold, none.label,
        )  # fmt: skip
        assert (gcsf.has_moments and none.has_moments) == (comparison in MOMENTS)
    assert ARMS["fukata1999", "gcsf"].threshold == 0.5
    assert ARMS["andres2002", "gcsf"].threshold == 1.5
    assert ARMS["tajiri2005_symptomatic", "gcsf"].threshold is None


# ---------------------------------------------------------------------- derived figures
@pytest.mark.parametrize(
    ("name", "comparison", "mean", "low", "high", "n"),
    [
        ("tajiri2005", "tajiri2005_symptomatic", -3.70, -5.82, -1.58, 56),
        ("tajiri2005", "tajiri2005_asymptomatic", -3.10, -4.84, -1.36, 49),
        ("andres2001", "andres2001", -4.80, -8.77, -0.83, 20),
    ],
)
def test_differences_follow_from_the_arms(name, comparison, mean, low, high, n):
    """Means subtracted, 1.96 standard errors either way, to the second decimal."""
    found, se = difference(comparison)
    key = f"{G}/arms/{comparison}/mean_difference"
    printed = claims(name)
    assert round(found, 2) == printed[key, "value"] == mean
    assert round(found - Z * se, 2) == printed[key, "ci_low"] == low
    assert round(found + Z * se, 2) == printed[key, "ci_high"] == high
    assert ARMS[comparison, "gcsf"].n + ARMS[comparison, "none"].n == printed[key, "n"] == n


def test_the_fixed_effect_of_the_three_is_minus_3_49():
    """By inverse variances: −3.49 days, standard error 0.65, −4.76 to −2.22, 125 patients."""
    weighted = [(1 / se**2, d) for d, se in map(difference, MOMENTS)]
    total = sum(weight for weight, _ in weighted)
    mean, se = sum(weight * d for weight, d in weighted) / total, total**-0.5
    assert (round(mean, 2), round(se, 2)) == (-3.49, 0.65)
    key = f"{G}/pooled/fixed"
    printed = claims("gcsf_comparisons")
    assert printed[key, "value"] == -3.49
    assert printed[key, "ci_low"] == round(mean - Z * se, 2) == -4.76
    assert printed[key, "ci_high"] == round(mean + Z * se, 2) == -2.22
    assert printed[key, "n"] == 56 + 49 + 20


def test_the_untreated_of_andres_2002_took_10_4_days():
    """(90 × 8.5 − 42 × 6.3) / 48 = 10.4, and it is marked as derived."""
    arm = ARMS["andres2002", "none"]
    assert round((90 * 8.5 - 42 * 6.3) / 48, 1) == arm.mean_days
    assert arm.certainty == "derived"


def test_yangs_p_value_fits_welch():
    """81 % treated, 92 of 114, give 13.41. Welch gives 0.13, Student 0.03; printed is 0.144."""
    treated = (16.4 - 13.41) / (16.4 - 12.7)
    assert round(treated, 2) == 0.81
    n = round(treated * 114)
    assert (n, 114 - n) == (92, 22)
    moments = (12.7, 6.0, n, 16.4, 10.6, 114 - n)
    welch = stats.ttest_ind_from_stats(*moments, equal_var=False).pvalue
    student = stats.ttest_ind_from_stats(*moments, equal_var=True).pvalue
    assert (round(welch, 2), round(student, 2)) == (0.13, 0.03)
    assert abs(welch - 0.144) < 0.02 < 0.144 - student
    assert any("Welch’s test gives P = 0.13" in note for note in study("yang2016").notes)


# ---------------------------------------------------------------------- the benchmark
@pytest.mark.parametrize(
    ("version", "group", "mean", "low", "high"),
    [
        ("paper", "all", -3.04, -4.38, -1.69),
        ("paper", "asia", -3.16, -4.58, -1.74),
        ("paper", "europe_south_america", -2.19, -7.38, 3.01),
        ("paper", "recovery_from_1_0_or_1_5", -3.50, -4.82, -2.18),
        ("provisional", "all", -3.04, -4.38, -1.67),
        ("conference", "all", -2.94, -3.90, -1.97),
        ("conference", "asia", -2.77, None, None),
        ("conference", "europe_south_america", -4.34, None, None),
    ],
)
def test_each_pooled_difference_is_as_printed(version, group, mean, low, high):
    """Wang 2019: the paper, its provisional abstract, and the earlier abstract."""
    row = POOLED[version, group]
    assert (row.difference_days, row.ci_low, row.ci_high) == (mean, low, high)
    if version == "paper":
        tail = "" if group == "all" else f"{group}/"
        key = f"{G}/benchmark/wang2019/{tail}difference"
        printed = claims("wang2019")
        assert [printed[key, f] for f in ("value", "ci_low", "ci_high")] == [mean, low, high]


def test_the_patients_of_wang_add_up():
    """247 + 227 = 474 in 11 studies; 215 + 161 = 376 in 8."""
    for version, n_studies, n, n_gcsf in (("paper", 11, 474, 247), ("conference", 8, 376, 215)):
        row = POOLED[version, "all"]
        assert (row.n_studies, row.n, row.n_gcsf) == (n_studies, n, n_gcsf)
        assert row.n_gcsf + row.n_none == row.n
    assert POOLED["conference", "all"].i_squared == 0.474
    assert claims("wang2019")[f"{G}/benchmark/wang2019/difference", "n"] == 474


def test_z_fits_the_paper_and_not_its_provisional_abstract():
    """Z = 3.04 / SE is 4.43 with −1.69 and 4.40 with −1.67: the misprint is marked impossible."""
    for version, z in (("paper", 4.43), ("provisional", 4.40)):
        row = POOLED[version, "all"]
        se = (row.ci_high - row.ci_low) / (2 * Z)
        assert round(-row.difference_days / se, 2) == z
        assert row.z == 4.43
    marked = [c for c in study("wang2019_provisional").claims if c.impossible]
    assert [(c.field, c.value) for c in marked] == [("ci_high", -1.67)]


def test_the_p_value_of_europe_and_south_america_follows():
    """−2.19 with −7.38 to 3.01 gives P = 0.409."""
    row = POOLED["paper", "europe_south_america"]
    z = row.difference_days / ((row.ci_high - row.ci_low) / (2 * Z))
    assert round(2 * stats.norm.sf(abs(z)), 3) == row.p_value == 0.409


# ---------------------------------------------------------------------- the series
FIGURES = [
    ("yang2016", "recovery_days", 13.41),
    ("tajiri2005", "incidence_percent", 0.35),
    ("andersohn2007", "severe_course_percent", 14),
    ("andersohn2007", "severe_course_percent", 29),
    ("andersohn2007", "mortality_percent", 10),
    ("andersohn2007", "mortality_percent", 3),
    ("julia1991", "mortality_percent", 16),
    ("julia1991", "correlation", -0.43),
    ("sprikkelman1994", "mortality_percent", 5),
    ("sprikkelman1994", "recovery_days", 4),
    ("sprikkelman1994", "recovery_days", 7),
    ("beauchesne1999", "recovery_days", 4.6),
    ("beauchesne1999", "recovery_days", 7.7),
    ("beauchesne1999", "recovery_days", 10),
    ("beauchesne1999", "mortality_percent", 4.2),
    ("beauchesne1999", "mortality_percent", 16),
    ("andres2002", "recovery_days", 8.5),
    ("maloisel2004", "recovery_days", 8.9),
    ("maloisel2004", "recovery_days", 9.3),
    ("pmid10942973", "mortality_percent", 0),
    ("pmid10942973", "mortality_percent", 5),
    ("kim2015", "recovery_days", 5.5),
    ("kim2015", "mortality_percent", 7.4),
    ("meyer_gessner", "recovery_days", 15),
    ("cepkova2014", "recovery_days", 5.9),
    ("lally2017", "recovery_days", 7),
    ("lally2017", "mortality_percent", 0),
    ("tricta2016", "mortality_percent", 11),
    ("tricta2016", "mortality_percent", 0),
    ("tricta2016", "recurrence_percent", 75),
    ("ceftaroline_review", "onset_days", 25),
    ("ceftaroline_review", "recovery_days", 4),
    ("ceftaroline_review", "nadir_below_0_1_percent", 49),
    ("ibanez2005", "incidence_per_million_years", 3.46),
    ("ibanez2005", "mortality_percent", 7.0),
    ("ibanez2005", "attributed_percent", 68.6),
    ("ibanez2005", "odds_ratio", 103.23),
    ("ibanez2005", "odds_ratio", 77.84),
    ("ibanez2005", "odds_ratio", 52.75),
    ("ibanez2005", "odds_ratio", 25.76),
    ("ibanez2005", "odds_ratio", 19.97),
    ("metamizole_berlin", "nadir_below_0_1_percent", 65),
    ("tesfa2008", "frequency_percent", 7),
    ("tesfa2008", "onset_days", 88),
    ("tesfa2008", "duration_days", 54),
    ("tesfa2011", "frequency_count", 11),
    ("tesfa2011", "onset_days", 102),
    ("tesfa2011", "frequency_percent", 23),
    ("tesfa2011", "frequency_percent", 20),
    ("tesfa2011", "frequency_percent", 3),
    ("nitta2007", "frequency_count", 23),
    ("nitta2007", "cumulative_incidence_percent", 24.9),
    ("nitta2007", "onset_days", 106),
    ("nitta2007", "nadir", 0.61),
    ("clml2015", "frequency_count", 11),
    ("clml2015", "onset_days", 75),
    ("clml2015", "recovery_days", 100),
    ("clml2015", "nadir", 0.55),
    ("wolach2010", "onset_days", 77),
    ("wolach2010", "duration_days", 5),
    ("zonozi2021", "frequency_count", 71),
    ("zonozi2021", "cumulative_incidence_percent", 6.6),
    ("zonozi2021", "hazard_ratio", 2.96),
    ("zonozi2021", "hazard_ratio", 1.98),
    ("zonozi2021", "gcsf_percent", 69),
    ("zonozi2021", "recurrence_percent", 21),
    ("bjpsych_open", "recovery_days", 19),
    ("bjpsych_open", "recovery_days", 20),
    ("bjpsych_open", "recovery_days", 1),
    ("carbimazole_case", "recovery_days", 4),
    ("deferiprone_case", "recovery_days", 7),
]
# n, events; low and high: each once more, with the figure that they belong to.
PARTS = [
    ("tajiri2005", "incidence_percent", 0.35, (30798, 109), None),
    ("julia1991", "mortality_percent", 16, (168, None), None),
    ("sprikkelman1994", "mortality_percent", 5, (70, None), None),
    ("andres2002", "recovery_days", 8.5, (90, None), (2, 21)),
    ("maloisel2004", "recovery_days", 9.3, (91, None), (2, 21)),
    ("kim2015", "recovery_days", 5.5, (54, None), (1, 20)),
    ("kim2015", "mortality_percent", 7.4, (54, 4), None),
    ("meyer_gessner", "recovery_days", 15, (10, None), (5, 31)),
    ("cepkova2014", "recovery_days", 5.9, (7, None), (4, 8)),
    ("lally2017", "recovery_days", 7, (40, None), (2, 13)),
    ("tricta2016", "mortality_percent", 11, (143, 15), None),
    ("ceftaroline_review", "onset_days", 25, (37, None), (8, 125)),
    ("ceftaroline_review", "recovery_days", 4, (37, None), (1, 16)),
    ("ceftaroline_review", "nadir_below_0_1_percent", 49, (37, 18), None),
    ("ibanez2005", "odds_ratio", 103.23, (None, None), (12.73, 837.44)),
    ("ibanez2005", "odds_ratio", 52.75, (None, None), (5.82, 478.03)),
    ("ibanez2005", "odds_ratio", 25.76, (None, None), (8.39, 179.12)),
    ("metamizole_berlin", "nadir_below_0_1_percent", 65, (26, 17), None),
    ("tesfa2008", "frequency_percent", 7, (113, 8), None),
    ("tesfa2008", "duration_days", 54, (8, None), (1 * 7, 17 * 7)),
    ("tesfa2011", "frequency_count", 11, (209, 11), None),
    ("tesfa2011", "onset_days", 102, (11, None), (40, 362)),
    ("nitta2007", "frequency_count", 23, (107, 23), None),
    ("clml2015", "frequency_count", 11, (183, 11), None),
    ("wolach2010", "onset_days", 77, (6, None), (42, 153)),
    ("wolach2010", "duration_days", 5, (6, None), (1, 45)),
    ("zonozi2021", "frequency_count", 71, (738, 71), None),
    ("zonozi2021", "cumulative_incidence_percent", 6.6, (738, None), (5.0, 8.7)),
    ("zonozi2021", "hazard_ratio", 2.96, (None, None), (1.10, 8.01)),
    ("zonozi2021", "hazard_ratio", 1.98, (None, None), (1.06, 3.71)),
]


def test_every_figure_of_the_series_is_there_and_no_other():
    """The file holds exactly the figures that were found, in the order typed here again."""
    found = [(row.study, row.measure, row.value) for row in recovery_series()]
    assert sorted(found) == sorted(FIGURES)


@pytest.mark.parametrize(("name", "measure", "value", "counts", "limits"), PARTS)
def test_counts_and_limits_belong_to_their_figures(name, measure, value, counts, limits):
    """How many of how many, and from where to where."""
    (row,) = (
        row
        for row in recovery_series()
        if (row.study, row.measure, row.value) == (name, measure, value)
    )
    assert (row.n, row.events) == counts
    assert (row.low, row.high) == (limits or (None, None))
    assert bool(row.spread) == bool(limits)


def test_two_figures_never_stand_under_one_printed_string():
    """Each arm shows its own; what was printed of both together stands in the notes."""
    of_both = [
        row
        for row in recovery_series()
        if (row.study, row.measure) == ("sprikkelman1994", "recovery_days")
    ]
    assert {row.group: (row.value, row.as_printed) for row in of_both} == {
        "gcsf": (4, "4 days"),
        "none": (7, "7 days"),
    }
    assert all("7 to 4 days" in row.note for row in of_both)
    printed = [(row.study, row.measure, row.as_printed) for row in recovery_series()]
    assert len(printed) == len(set(printed))


def test_no_other_row_has_limits_or_events():
    """What isn't typed in this file doesn't stand in the other."""
    typed = {part[:3] for part in PARTS}
    others = [
        row
        for row in recovery_series()
        if (row.study, row.measure, row.value) not in typed and (row.events or row.low is not None)
    ]
    assert not others


def test_standard_deviations_are_as_printed():
    """Six means of series were printed with theirs."""
    found = {(row.study, row.value): row.sd for row in recovery_series() if row.sd is not None}
    assert found == {
        ("yang2016", 13.41): 7.14,
        ("beauchesne1999", 4.6): 3.2,
        ("beauchesne1999", 7.7): 5.1,
        ("beauchesne1999", 10): 8,
        ("maloisel2004", 8.9): 4.6,
        ("maloisel2004", 9.3): 4.6,
    }


def test_a_printed_share_is_that_of_its_counts():
    """109 of 30,798 are 0.35 %, 4 of 54 7.4 %; 15 of 143 are 10.5 %, printed as 11, and noted."""
    strange = []
    for row in recovery_series():
        if row.statistic == "share" and row.events is not None:
            decimals = len(str(row.value).rstrip("0").partition(".")[2])
            if round(100 * row.events / row.n, decimals) != row.value:
                strange.append(row)
    assert [(row.study, row.events, row.n) for row in strange] == [("tricta2016", 15, 143)]
    assert "10.49 %" in strange[0].note


def test_late_onset_is_kept_apart_from_drug_induced():
    """Series of rituximab are marked, since durations of 5 to 100 days must not be pooled."""
    late = {row.study for row in recovery_series() if row.cause == "late_onset"}
    assert late == {
        "tesfa2008", "tesfa2011", "nitta2007", "clml2015", "wolach2010", "zonozi2021",
    }  # fmt: skip
    assert not late & {arm.study for arm in gcsf_arms()}


def test_what_was_read_in_a_secondary_source_says_so():
    """Sprikkelman's days and Andrès's older patients were not read in the paper."""
    second = {
        row.study for row in (*recovery_series(), *gcsf_arms()) if row.certainty == "secondary"
    }
    assert second == {"sprikkelman1994", "andres2002_older"}


def test_attributions_to_be_checked_say_so():
    """References that are not sure stand with that word."""
    for name in ("lally2017", "meyer_gessner", "nitta2007", "tesfa2008", "tricta2016"):
        assert "to be checked" in study(name).citation


def test_each_series_is_in_the_register():
    """A figure of evidence belongs to a published study; only single cases have none."""
    single = {"bjpsych_open", "carbimazole_case", "deferiprone_case"}
    assert {row.study for row in recovery_series()} - set(studies()) == single
    assert {row.study for row in gcsf_pooled()} <= set(studies())


def test_a_wrong_cell_is_named(tmp_path):
    """A region that is none is refused with file, line and column."""
    text = (bundled("data_dictionary") / "evidence" / "gcsf_arms.csv").read_text(encoding="utf-8")
    path = tmp_path / "gcsf_arms.csv"
    path.write_text(text.replace(",asia,", ",atlantis,", 1), encoding="utf-8")
    with pytest.raises(DictionaryError, match=r"gcsf_arms.csv:2: .*region"):
        parse_rows(path, GcsfArm, optional=("threshold", "median_days", "other_days"))


def test_a_study_without_a_computed_figure_still_tells_what_it_printed(capsys, tmp_path):
    """The terminal and the page of figures give its notes, and no table without a row."""
    assert cli.run(["claims", "kim2015"]) == ExitCode.DONE
    told = " ".join(capsys.readouterr().out.split())
    assert "4 deaths (7.4 %) on hospital days 1 and 2" in told
    write_index(tmp_path)
    page = (tmp_path / "claims.html").read_text(encoding="utf-8")
    section = page.partition('id="study-kim2015"')[2].partition("</section>")[0]
    assert "4 deaths (7.4 %) on hospital days 1 and 2" in section
    assert "<table" not in section
    assert "<table" in page.partition('id="study-wang2019"')[2].partition("</section>")[0]
