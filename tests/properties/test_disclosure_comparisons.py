"""Two groups compared, where what is withheld or rounded must not come back."""

from __future__ import annotations

from attacking import restricted

from incohort.analyses import own
from incohort.disclosure import PROFILES, Ledger, Profile, gate
from incohort.results import Result, Suppressed
from incohort.stats.contingency import fisher_exact, odds_ratio
from incohort.stats.proportions import proportion_difference, risk_ratio

_BY_SEX = {"by": "sex", "groups": ("female", "male")}


def shown_of(profile: Profile, ledger: Ledger, outcome: str, **asked: object) -> dict[str, Result]:
    """What a comparison of women and men shows, under the last part of each key."""
    people = own.patients(restricted("mixed_synthetic"))
    findings = gate(people.compare(outcome, **_BY_SEX, **asked), profile, ledger)
    return {
        "/".join(r.key.split("/")[-2:]) if "proportion" in r.key else r.key.split("/")[-1]: r
        for r in findings.results
    }


def test_a_comparison_goes_with_the_size_of_its_groups():
    """Table 1 shows all 177 women and withholds the 2 without a count: 175 must not come back."""
    profile, ledger = PROFILES["darwin"], Ledger()
    people = own.patients(restricted("mixed_synthetic"))
    gate(people.table_one(by="severity"), profile, ledger)

    shown = shown_of(profile, ledger, "cytopenia", event="isolated")

    share = shown["female/proportion"]
    assert isinstance(share, Suppressed)
    for name in ("difference", "risk_ratio", "odds_ratio", "fisher_p_value"):
        assert isinstance(shown[name], Suppressed), name


def test_where_counts_are_rounded_a_comparison_is_that_of_the_rounded_ones():
    """12 of 177 and 9 of 121 are told as 10 of 175 and 10 of 120, and so is what compares them."""
    profile = PROFILES["opensafely"]
    shown = shown_of(profile, Ledger(), "has_recurrent_infections")
    women, men = shown["female/proportion"], shown["male/proportion"]
    assert (women.events, women.n, men.events, men.n) == (10, 175, 10, 120)

    difference = proportion_difference(10, 175, 10, 120, conf_level=0.95)
    ratio = risk_ratio(10, 175, 10, 120, conf_level=0.95)
    odds = odds_ratio([[10, 165], [10, 110]], conf_level=0.95)
    p_value = fisher_exact([[10, 165], [10, 110]]).p_value

    assert shown["difference"].value == float(f"{difference.estimate:.2g}")
    assert shown["risk_ratio"].value == float(f"{ratio.estimate:.2g}")
    assert shown["odds_ratio"].value == float(f"{odds.estimate:.2g}")
    assert shown["fisher_p_value"].value == float(f"{p_value:.2g}")
    assert shown["risk_ratio"].ci_low <= ratio.ci_low
    assert shown["risk_ratio"].ci_high >= ratio.ci_high


def test_the_exact_comparison_of_the_same_counts_is_another():
    """So the test above can fail: of the exact counts every one of the four numbers is another."""
    exact, rounded = (12, 177, 9, 121), (10, 175, 10, 120)
    for answer in (proportion_difference, risk_ratio):
        own, other = (answer(*counts, conf_level=0.95).estimate for counts in (exact, rounded))
        assert f"{own:.2g}" != f"{other:.2g}"
