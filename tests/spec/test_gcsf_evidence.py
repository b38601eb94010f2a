"""The evidence pooled by plain loops, and beside it a cohort of nine, worked out by hand."""

from __future__ import annotations

import csv
import math
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from statistics import mean, stdev

import pytest
from scipy import stats

from incohort.analyses.gcsf_evidence.study import GcsfEvidence
from incohort.cohort import open_cohort
from incohort.results import NotEstimable

# n, mean and standard deviation of days with G-CSF, then without: Tajiri & Noguchi 2005 (with and
# without symptoms) and Andrès 2001, as printed in their abstracts.
ARMS = {
    "tajiri2005_symptomatic": ((19, 5.5, 3.5), (37, 9.2, 4.4)),
    "tajiri2005_asymptomatic": ((15, 2.3, 1.9), (34, 5.4, 4.3)),
    "andres2001": ((10, 6.8, 4.0), (10, 11.6, 5.0)),
}
PUBLISHED, OWN = ("pooled", "benchmark"), ("pooled", "benchmark", "cohort", "beside")
WITHDRAWN = date(2024, 2, 27)  # so that most recoveries lie beyond a 29 February
# Days from withdrawal to the first count of 1.5 or more; the last of each arm dies on day 3.
RECOVERED = {"gcsf": (4, 6, 8), "none": (5, 9, 13)}
EARLIER = {"gcsf": 1, "none": 2}  # how many days before, a count of 0.9 was taken


def answers(cohort, parts: tuple[str, ...], **options) -> dict:
    """The results of these parts of the report under their keys, without the prefix."""
    asked = GcsfEvidence(cohort, **options)
    found = [getattr(asked, part)() for part in parts]
    return {
        key.removeprefix("gcsf_evidence/"): result
        for one in found
        for key, result in one.by_key.items()
    }


@cache
def opened():
    """Any cohort: none of its rows takes part in what rests on publications."""
    return open_cohort("kyritsi2015")


@cache
def pooled(**design) -> dict:
    """What rests on publications alone."""
    return answers(opened(), PUBLISHED, **design)


def effects(*names: str) -> list[tuple[float, float]]:
    """Difference of means and its variance, each arm with its own."""
    return [
        (a - b, s**2 / n + t**2 / m)
        for (n, a, s), (m, b, t) in (ARMS[name] for name in names or ARMS)
    ]


def by_inverse_variance(found: list[tuple[float, float]]) -> tuple[float, float]:
    weights = [1 / variance for _, variance in found]
    pooled = sum(w * d for w, (d, _) in zip(weights, found, strict=True)) / sum(weights)
    return pooled, math.sqrt(1 / sum(weights))


# ---------------------------------------------------------------------- the publications
def test_the_three_comparisons_give_minus_3_49_days():
    """The fixed effect of the three arms is −3.49 days with a standard error of 0.65."""
    found = pooled()
    whole, se = by_inverse_variance(effects())
    assert (round(whole, 2), round(se, 2)) == (-3.49, 0.65)
    assert found["pooled/fixed"].value == pytest.approx(whole, abs=1e-12)
    assert found["pooled/fixed/se"].value == pytest.approx(se, abs=1e-12)
    assert found["pooled/fixed"].ci_low == pytest.approx(whole - 1.959963984540054 * se)


def test_comparisons_closer_than_chance_have_no_variance_between_them():
    """Q is below its degrees of freedom: τ² is 0, all methods give the fixed effect's days."""
    found = pooled()
    whole, se = by_inverse_variance(effects())
    q = sum((d - whole) ** 2 / variance for d, variance in effects())
    assert q < 2
    for method in ("dersimonian_laird", "reml_hartung_knapp"):
        assert found[f"pooled/{method}/tau_squared"].value == pytest.approx(0, abs=1e-9)
        assert found[f"pooled/{method}"].value == pytest.approx(whole, abs=1e-9)
        assert found[f"pooled/{method}/q_p_value"].value == pytest.approx(math.exp(-q / 2))
    careful = found["pooled/reml_hartung_knapp"]
    half = stats.t.ppf(0.975, 2) * se  # their factor √(q / 2) would be below 1, and is not taken
    assert careful.ci_high - careful.value == pytest.approx(half, abs=1e-9)
    assert (round(careful.ci_low, 2), round(careful.ci_high, 2)) == (-6.28, -0.70)
    assert isinstance(found["pooled/reml_hartung_knapp/prediction"], NotEstimable)


@pytest.mark.parametrize("left_out", ARMS)
def test_each_comparison_is_left_out_in_turn(left_out):
    """What two comparisons give without the third, and what the third weighs."""
    found = pooled(pooling="fixed")
    rest = by_inverse_variance(effects(*(name for name in ARMS if name != left_out)))
    assert found[f"pooled/leave_one_out/{left_out}"].value == pytest.approx(rest[0], abs=1e-12)
    ((_, variance),) = effects(left_out)
    share = by_inverse_variance(effects())[1] ** 2 / variance
    assert found[f"pooled/weight/{left_out}"].value == pytest.approx(share, abs=1e-12)


def test_a_region_is_pooled_by_itself():
    """Asia is Tajiri's two comparisons; Europe is Andrès alone and by a fixed effect his own."""
    found = pooled(pooling="fixed")
    asia = by_inverse_variance(effects("tajiri2005_symptomatic", "tajiri2005_asymptomatic"))
    assert found["pooled/region/asia"].value == pytest.approx(asia[0], abs=1e-12)
    assert found["pooled/region/europe"].value == pytest.approx(-4.8)
    only = pooled(pooling="fixed", region="asia")
    assert only["selected/fixed"].value == pytest.approx(asia[0], abs=1e-12)


def test_no_comparison_with_an_interval_states_its_threshold():
    """Asked for recovery at 0.5 nothing can be pooled, and the report says so."""
    for recovered in ("from_0_5", "from_1_0_or_1_5"):
        found = pooled(published_recovery=recovered)["selected/fixed"]
        assert isinstance(found, NotEstimable)
        assert found.reason


def test_yang_is_pooled_only_when_asked_for():
    """With implied numbers a fourth comparison, of −3.70 days, takes part."""
    assert not [key for key in pooled() if "weight/yang" in key]
    found = pooled(approximate=True, pooling="fixed")
    four = [*effects(), (12.7 - 16.4, 6.0**2 / 92 + 10.6**2 / 22)]
    assert found["selected/fixed"].value == pytest.approx(by_inverse_variance(four)[0], abs=1e-12)


def test_wang_is_quoted_and_its_figures_agree_with_one_another():
    """−3.04 (−4.38 to −1.69) gives Z = 4.43; with the provisional −1.67 it would be 4.40."""
    found = pooled()
    quoted = found["benchmark/wang2019/difference"]
    assert (quoted.value, quoted.ci_low, quoted.ci_high) == (-3.04, -4.38, -1.69)
    assert round(found["benchmark/wang2019/z"].value, 2) == 4.43
    assert round(found["benchmark/wang2019_provisional/z"].value, 2) == 4.40


# ---------------------------------------------------------------------- the reader's cohort
def written(place: Path, *, with_gcsf: bool = True) -> str:
    """A folder of eight patients with one episode each and a ninth who was never neutropenic."""
    patients, labs, drugs, events = [], [], [], []

    def counted(who: str, day: int, anc: float) -> None:
        taken = WITHDRAWN + timedelta(days=day)
        labs.append((who, "ANC", taken.isoformat(), anc, "10*9/L"))

    for arm, days in RECOVERED.items():
        for k, day in enumerate((*days, 0)):
            who = f"{arm}{k}"
            patients.append((who, "female", 50 + k))
            started = WITHDRAWN - timedelta(days=30)
            drugs.append((who, "H03BB02", "thiamazole", "suspect", started, WITHDRAWN))
            counted(who, 0, 0.2)
            if day:
                counted(who, day - EARLIER[arm], 0.9)
                counted(who, day, 1.6)
            else:
                counted(who, 2, 0.1)
                events.append((who, "death", WITHDRAWN + timedelta(days=3)))
            if arm == "gcsf" and with_gcsf:
                given = WITHDRAWN + timedelta(days=1)
                drugs.append((who, "L03AA02", "filgrastim", "treatment", given, given))
    patients.append(("well", "male", 40))
    counted("well", 0, 3.0)
    tables = {
        "patients": (("patient_id", "sex", "age_years"), patients),
        "labs": (("patient_id", "analyte", "taken_at", "value", "unit"), labs),
        "medications": (
            ("patient_id", "atc", "drug", "role", "started_on", "stopped_on"),
            drugs,
        ),
        "events": (("patient_id", "event", "occurred_on"), events),
    }
    place.mkdir()
    for name, (heads, rows) in tables.items():
        with (place / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([heads, *rows])
    return str(place)


@pytest.fixture(scope="module")
def own(tmp_path_factory) -> dict:
    return answers(open_cohort(written(tmp_path_factory.mktemp("own") / "nine")), OWN)


def test_the_cohort_is_compared_as_the_series_were(own):
    """Means 6 and 9 days of the recovered: −3, with Welch's interval; the dead stand apart."""
    for arm, days in RECOVERED.items():
        assert own[f"cohort/{arm}/n/count"].value == 4
        assert own[f"cohort/{arm}/recovered/count"].value == 3
        assert own[f"cohort/{arm}/died/count"].value == 1
        assert own[f"cohort/{arm}/mean"].value == mean(days)
        assert own[f"cohort/{arm}/sd"].value == pytest.approx(stdev(days))
    crude = own["cohort/mean_difference"]
    assert crude.value == pytest.approx(-3)
    by_hand = stats.ttest_ind(*RECOVERED.values(), equal_var=False)
    assert own["cohort/welch_p_value"].value == pytest.approx(by_hand.pvalue)
    limits = by_hand.confidence_interval(0.95)
    assert (crude.ci_low, crude.ci_high) == pytest.approx((limits.low, limits.high))
    assert own["beside/cohort"].value == crude.value
    assert own["beside/wang2019"].value == -3.04


def test_the_restricted_mean_keeps_the_dead(own):
    """Survival steps at each recovery; who died on day 3 counts until then: areas by hand."""
    area = {}
    for arm, days in RECOVERED.items():
        at_risk, height, before, area[arm] = 3, 1.0, 0, 0.0
        for day in (*days, 28):
            area[arm] += height * (day - before)
            before = day
            if day < 28:
                height *= (at_risk - 1) / at_risk
                at_risk -= 1
    found = own["cohort/gcsf/rmst"].value, own["cohort/none/rmst"].value
    assert found == pytest.approx((area["gcsf"], area["none"]))
    assert own["cohort/rmst_difference"].value == pytest.approx(area["gcsf"] - area["none"])


def test_the_cohort_never_enters_the_pooled_effect(own):
    """Beside a cohort or not, the published comparisons come to the same."""
    assert own["pooled/reml_hartung_knapp"].value == pooled()["pooled/reml_hartung_knapp"].value


def test_another_threshold_is_another_comparison(own):
    """At 0.5 the count of 0.9 is recovery: 6 − 1 against 9 − 2 days; above 0.9 it is none."""
    assert own["cohort/threshold_0_5/mean_difference"].value == pytest.approx(-2)
    assert own["cohort/threshold_1/mean_difference"].value == pytest.approx(-3)
    assert own["cohort/threshold_1_5/mean_difference"].value == pytest.approx(-3)


def test_nobody_given_g_csf_is_a_reason(tmp_path):
    """Without one arm there is no difference but a sentence why, beside the published, too."""
    found = answers(open_cohort(written(tmp_path / "nine", with_gcsf=False)), OWN)
    for key in ("cohort/mean_difference", "cohort/rmst_difference", "beside/cohort"):
        assert isinstance(found[key], NotEstimable)
        assert "with G-CSF" in found[key].reason
