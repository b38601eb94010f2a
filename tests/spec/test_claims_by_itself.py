"""Published figures judged without data: the verdicts of the specification, one by one."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from incohort.claims import VerdictKind
from incohort.claims.by_itself import (
    EXCEPTIONS,
    Judged,
    Why,
    all_judged,
    judge_by_itself,
    published_judged,
    shown_of,
)
from incohort.claims.judging import judge_claims
from incohort.dictionary import FigureTable, study
from incohort.results import CohortCard, Estimate, Measure
from incohort.stats.printed import read_percent

_TABLE = Path(__file__).parent / "tables" / "printed_percentages.csv"
PAIRS = list(csv.DictReader(_TABLE.read_text(encoding="utf-8").splitlines()))
WHY = {
    "fits": Why.FITS,
    "cut": Why.CUT,
    "other count": Why.OTHER_COUNT,
    "no count": Why.NO_COUNT,
    "not a share of counts": Why.UNCHECKED,
}
# Studies whose figures were here before any was judged by itself.
FIRST = {
    *("abdulkader2014", "flow_wift2015", "hong_kong2021", "jinca2021", "kyritsi2015", "lane2009"),
    *("porretti2018", "taniuchi2002"),
}


def judged(source: str = "") -> list[Judged]:
    every = all_judged(published_judged())
    return [one for one in every if source in {"", one.shown.source}]


def one(source: str, label: str) -> Judged:
    (found,) = [one for one in judged(source) if one.shown.figure.label == label]
    return found


def of(kind: str) -> list[Judged]:
    return [one for one in judged() if one.shown.figure.judged_by == kind]


def judge(*figures: dict) -> list[Judged]:
    table = FigureTable.model_validate({"figures": [{"label": "A figure"} | f for f in figures]})
    return list(all_judged(judge_by_itself(shown_of(table, "mine"))))


# ---------------------------------------------------------------- published figures
def test_every_printed_percentage_of_the_evidence_is_here_with_its_verdict():
    """235: 198 are attainable, 14 cut, 12 of another count, 10 of none, 1 no share of counts."""
    here: dict[tuple[str, int], list[Judged]] = {}
    for found in of("share"):
        share = found.shown.figure.share
        digits = str(read_percent(found.shown.figure.as_printed).value)
        here.setdefault((digits, share.n), []).append(found)
    verdicts = []
    for pair in PAIRS:
        printed = str(read_percent(pair["percent"]).value)
        known = {None, int(pair["events"])} if pair["events"] else None
        matching = {
            found.why
            for found in here[printed, int(pair["n"])]
            if known is None or found.shown.figure.share.events in known
        }
        assert WHY[pair["verdict"]] in matching, pair
        verdicts.append(pair["verdict"])
    assert Counter(verdicts) == {
        "fits": 198,
        "cut": 14,
        "other count": 12,
        "no count": 10,
        "not a share of counts": 1,
    }


def test_no_other_percentage_is_an_exception():
    """What was printed besides the 235 pairs fits, or can't be checked."""
    listed = {(str(read_percent(pair["percent"]).value), int(pair["n"])) for pair in PAIRS}
    exceptions = {
        (str(read_percent(one.shown.figure.as_printed).value), one.shown.figure.share.n)
        for one in of("share")
        if one.is_exception
    }
    assert exceptions <= listed


def test_every_percentage_that_was_here_before_is_attainable():
    """Porretti's 49 % of 162 by 79 or by 80."""
    first = [one for one in of("share") if one.shown.source in FIRST]
    assert len(first) > 10
    assert {one.why for one in first} == {Why.FITS}
    assert "79 or 80 of 162" in one("porretti2018", "Direct GIFT positive, share").sentence


def test_of_the_ratio_intervals_five_are_not_symmetric():
    """LBBR's three, dipyrone of Ibáñez and infection of USIDNET; every other one here is."""
    lost = [found for found in of("ratio") if found.why is not Why.FITS]
    assert {found.why for found in lost} == {Why.NOT_SYMMETRIC}
    assert sorted((found.shown.source, found.shown.figure.label) for found in lost) == [
        ("ibanez2005", "Odds ratio, metamizole"),
        ("lbbr2020", "Odds ratio, low C3"),
        ("lbbr2020", "Odds ratio, lymphopenia"),
        ("lbbr2020", "Odds ratio, thrombocytopenia"),
        ("usidnet2025", "Odds ratio, infection"),
    ]
    gaps = {"low C3": "−10.0 %", "metamizole": "−33.6 %", "infection": "−0.6 %"}
    for words, gap in gaps.items():
        (found,) = [f for f in lost if f.shown.figure.label.endswith(words)]
        assert gap in found.sentence


def test_the_p_values_that_no_test_prints():
    """PRCA .0092, Fragoulis .281, .559, .878; Rajakulendran's .96 with 62, read in a copy."""
    lost = {
        (found.shown.source, found.shown.figure.as_printed)
        for found in of("p")
        if found.why is Why.P_DIFFERS
    }
    assert lost == {
        ("prca2018", "P = 0.0092"),
        ("fragoulis2018", "P = 0.281"),
        ("fragoulis2018", "P = 0.559"),
        ("fragoulis2018", "P = 0.878"),
        ("rajakulendran2006", "P = 0.96"),
    }


@pytest.mark.parametrize(
    ("source", "label", "test"),
    [
        ("brito_zeron2009", "Rheumatoid factor, P", "Fisher's exact test"),
        ("brito_zeron2009", "Low C4, P", "Fisher's exact test"),
        ("brito_zeron2009", "Admission for infection, P", "Fisher's exact test"),
        ("hong_kong2021", "Invasive infection by antibody status, P", "likelihood-ratio"),
        ("rajakulendran2006", "Sex, P", "Pearson's chi-square test"),
    ],
)
def test_the_p_values_that_some_test_prints(source, label, test):
    """Brito's three by Fisher's test, Hong Kong's .041 by the likelihood ratio."""
    found = one(source, label)
    assert found.verdict is VerdictKind.AGREES_WITH_ITSELF
    assert test in found.sentence


def test_a_p_value_may_be_cut():
    """Fragoulis' platelets: Fisher's 0.37552 rounds to 0.376 and was printed as 0.375."""
    found = one("fragoulis2018", "Thrombocytopenia, P")
    assert (found.verdict, found.why) == (VerdictKind.AGREES_WITH_ITSELF, Why.CUT)


def test_the_sums_that_do_not_come_out():
    """Rajakulendran 129 of 133, PRCA 40 of 42, splenectomy 6 of 8, USIDNET 3,567; Petrelli."""
    lost = {found.shown.source: found for found in of("sum") if found.why is not Why.FITS}
    assert lost.keys() == {
        *("rajakulendran2006", "prca2018", "felty_splenectomy", "usidnet2025", "petrelli2018"),
    }
    assert lost["petrelli2018"].why is Why.MORE
    for source, number in (
        ("rajakulendran2006", "129"),
        ("prca2018", "40"),
        ("usidnet2025", "3,567"),
    ):
        assert f"make {number} and not" in lost[source].sentence


def test_nine_means_of_days_fit():
    """Four of Tajiri, two of Andrès, one of Yang, two of Maloisel."""
    found = of("mean")
    assert Counter(one.shown.source for one in found) == {
        "tajiri2005": 4,
        "andres2001": 2,
        "yang2016": 1,
        "maloisel2004": 2,
    }
    assert {one.why for one in found} == {Why.FITS}


def test_the_rates_of_fragoulis_are_cut_and_those_of_moots_have_their_events():
    """4.43 (1.62–9.66) and 3.87 (2.92–5.04); 43 events in 1,734 years, 2 in 72."""
    assert {found.why for found in of("rate") if found.shown.source == "fragoulis2018"} == {Why.CUT}
    grade_2 = one("moots2017", "Serious infections, grade 1 or 2")
    assert grade_2.readings == ("43 events in 1,734 to 1,737 (exact interval)",)
    assert "49 to 50 events" in one("zonozi2021", "Rate in year 1").readings[0]


def test_rajakulendrans_counts_are_derived():
    """The only 2×2 that gives 10.7 (3.6–31.4)."""
    found = one("rajakulendran2006", "Odds ratio, count below 4.0 before")
    assert found.readings == ("11 of 19 against 13 of 114",)


@pytest.mark.parametrize(
    ("source", "label", "words"),
    [
        ("ici_review2020", "Recovered, and died", "only the second 0 to 8"),
        ("gorodetskiy2021", "STAT3 mutated and LGL count above 2.0", "both 0 to 12"),
        ("bareau2010", "Ever responded, of 100 treated", "at least one 34 to 64"),
        ("bareau2010", "Ever in complete response, of 100 treated", "at least one 15 to 30"),
        ("bareau2010", "Drugs per treated patient", "exactly one 49 to 83"),
    ],
)
def test_the_bounds_of_what_was_not_printed(source, label, words):
    """The smallest and the largest number that the margins leave, listed and not judged."""
    found = one(source, label)
    assert (found.verdict, found.why) == (VerdictKind.NOT_TESTABLE, Why.BOUNDS)
    assert words in found.sentence


def test_what_was_read_in_a_copy_is_never_called_a_contradiction():
    """Rajakulendran's 62, 13.1, 53.2 and 82.7: the paper has to be opened first."""
    copied = [one for one in judged() if one.shown.is_second_hand and one.is_exception]
    assert len([one for one in copied if one.shown.source == "rajakulendran2006"]) == 7
    for found in copied:
        assert found.verdict is VerdictKind.NOT_TESTABLE
        assert "read in a copy" in found.sentence


def test_what_is_said_is_no_accusation():
    """No sentence knows who slipped; it says what would have to be true."""
    for found in judged():
        assert found.sentence.endswith(".")
        words = found.sentence.casefold()
        assert not [word for word in ("error", "mistake", "misprint", "wrong") if word in words]
        if found.verdict is VerdictKind.DOES_NOT_AGREE and found.why in {
            Why.NO_COUNT,
            Why.P_DIFFERS,
        }:
            assert found.readings or "would have to" in found.sentence


def test_a_study_that_rounds_and_cuts_is_said_to():
    """Fragoulis does both; Zonozi's three percentages have no number in common."""
    habits = {source.name: source.habits for source in published_judged()}
    assert "rounds and cuts" in habits["fragoulis2018"][0]
    assert "no number in common" in habits["zonozi2021"][0]


# ------------------------------------------------------------------ a reader's own
@pytest.mark.parametrize(
    ("figure", "why"),
    [
        ({"as_printed": "43.1 %", "share": {"n": 58, "events": 25}}, Why.FITS),
        ({"as_printed": "75.8 %", "share": {"n": 58, "events": 44}}, Why.CUT),
        ({"as_printed": "54.2 %", "share": {"n": 137}}, Why.NO_COUNT),
        ({"as_printed": "3.43 %", "share": {"n": 713, "events": 23}}, Why.OTHER_COUNT),
        (
            {"as_printed": "3.43 %", "share": {"n": 713, "exact_n": False, "events": 23}},
            Why.UNCHECKED,
        ),
        ({"as_printed": "24.9 %", "share": {"n": 107, "is_count": False}}, Why.UNCHECKED),
        ({"as_printed": "5.19", "mean": {"n": 28, "granularity": "1"}}, Why.NO_COUNT),
        ({"as_printed": "5.19", "mean": {"n": 28}}, Why.UNCHECKED),
        ({"as_printed": "1.5", "mean": {"n": 2, "sd": "1.41", "granularity": "1"}}, Why.NO_COUNT),
        ({"as_printed": "4.11", "ratio": {"ci": ["2.57", "10.3"]}}, Why.NOT_SYMMETRIC),
        (
            {"as_printed": "4.11", "ratio": {"ci": ["2.57", "10.3"], "method": "exact"}},
            Why.UNCHECKED,
        ),
        ({"as_printed": "P < .001", "p": {"table": [[11, 12], [8, 102]]}}, Why.FITS),
        (
            {"as_printed": "0.001", "p": {"table": [[11, 12], [8, 102]], "comparator": "<"}},
            Why.FITS,
        ),
        (
            {"as_printed": "0.041", "p": {"table": [[6, 19], [4, 52]], "test": "fisher"}},
            Why.P_DIFFERS,
        ),
        (
            {
                "as_printed": "0.007",
                "p": {"statistic": {"name": "t", "value": "2.73", "df": [131]}},
            },
            Why.FITS,
        ),
        (
            {"as_printed": "0.02", "p": {"statistic": {"name": "t", "value": "2.73", "df": [131]}}},
            Why.P_DIFFERS,
        ),
        ({"as_printed": "2.48", "rate": {"ci": ["1.79", "3.34"], "per": 100}}, Why.FITS),
        ({"as_printed": "2.48", "rate": {"ci": ["2.40", "9.00"], "per": 100}}, Why.NO_COUNT),
        (
            {"as_printed": "5.0", "rate": {"events": 6, "person_time": 1352, "per": 1000}},
            Why.OTHER_COUNT,
        ),
        ({"as_printed": "6 of 8", "sum": {"parts": ["3", "2", "1"], "total": "8"}}, Why.DONT_SUM),
        ({"as_printed": "P = 0.65", "p": {"rates": [[6, 1352], [55, 14182]]}}, Why.FITS),
        ({"as_printed": "P = 0.878", "p": {"rates": [[6, 1352], [55, 14182]]}}, Why.P_DIFFERS),
        ({"as_printed": "26, 14 of 34", "bounds": {"n": 34, "margins": [26, 14]}}, Why.BOUNDS),
        ({"as_printed": "1 %", "kind": "share"}, Why.UNCHECKED),
        ({"as_printed": "60", "version_of": "fragoulis2018/neutropenia"}, Why.VERSIONS),
    ],
)
def test_what_a_readers_figure_comes_to(figure, why):
    """Each kind of figure, where it agrees and where it does not."""
    (found,) = judge(figure)
    assert found.why is why, found.sentence
    assert found.is_exception is (why in EXCEPTIONS)


def test_figures_of_one_table_are_held_against_each_other():
    """An interval's P value, a sum of figures by their ids, a number that stands elsewhere."""
    found = judge(
        {"id": "odds", "as_printed": "11.17", "ratio": {"ci": ["1.46", "85.27"]}},
        {"as_printed": "P = 0.020", "p": {"interval_of": "odds"}},
        {"as_printed": "P = 0.20", "p": {"interval_of": "odds"}},
        {"id": "a", "as_printed": "21"},
        {"as_printed": "21 + 85 of 107", "sum": {"parts": ["a", "85"], "total": "107"}},
        {"as_printed": "69 %", "share": {"n": 71}},
        {"as_printed": "8.5 %", "share": {"n": 107}},
    )
    assert [one.why for one in found] == [
        *(Why.FITS, Why.FITS, Why.P_DIFFERS, Why.UNCHECKED, Why.DONT_SUM, Why.FITS, Why.NO_COUNT),
    ]
    assert found[-1].readings[0] == "6 of 71 (printed elsewhere)"


def test_a_percentage_of_many_is_said_to_test_nothing():
    """Of 160 patients some count gives any whole per cent."""
    (found,) = judge({"as_printed": "44 %", "share": {"n": 160}})
    assert "nothing is tested" in found.sentence


@pytest.mark.parametrize(
    ("key", "ours", "explanation"),
    [
        (
            "autoimmune/association/azathioprine/other", 3 / 667,
            ("Ours is another number. 3 of 667 patients are 0.450 %. For 0.5 % another count, or "
             "another number, would have to be true. Would fit: 3 of 666"),
        ),
        (
            "autoimmune/association/azathioprine/p_value", 0.28410,
            "Ours is another number. By none of these tests: Fisher's exact test 0.2841;",
        ),
        (
            "autoimmune/association/prednisone/neutropenic", 4 / 58,
            ("Ours is another number. 4 of 58 patients are 6.897 %. For 7.0 % another count, or "
             "another number, would have to be true. Would fit: 4 of 57."),
        ),
    ],
)  # fmt: skip
def test_what_does_not_come_out_says_what_would_have_to_be_true(key, ours, explanation):
    """Beside our other number a report says how the printed one agrees with what is beside it."""
    published = study("fragoulis2018")
    card = CohortCard(name="fragoulis2018", title="", is_public=True, study="fragoulis2018")
    claims = [claim for claim in published.claims if claim.key == key]
    estimate = Estimate(
        key=key, label="", measure=Measure.PROPORTION, value=ours, sources=("labs.ANC",)
    )
    [verdict] = judge_claims(claims, {key: estimate}, published, card)

    assert verdict.verdict is VerdictKind.NOT_REPRODUCED
    assert verdict.explanation.startswith(explanation)
