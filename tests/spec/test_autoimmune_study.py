"""Neutropenia in autoimmune disease: each part on small cohorts worked out by hand, and claims."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from incohort.analyses.autoimmune.study import AutoimmuneDisease
from incohort.claims import Reason, Verdict, VerdictKind, judge
from incohort.cohort import Cohort, open_cohort
from incohort.cohort.autoimmune_choices import FELTY
from incohort.dictionary import study
from incohort.disclosure import PROFILES, gate
from incohort.results import Estimate, Findings, NotEstimable, spoken
from incohort.tables import sentence_text

FRAGOULIS, BRITO = "fragoulis2018", "brito_zeron2009"


@cache
def asked(name: str) -> AutoimmuneDisease:
    return AutoimmuneDisease(open_cohort(name))


def said(findings: Findings) -> list[str]:
    """Its sentences as they are read, with plain spaces."""
    layout = spoken(findings.layout, findings.by_key)
    told = (sentence_text(each.template, findings) for each in layout.sentences)
    return [re.sub(r"\s", " ", text) for text in told]


def number(findings: Findings, tail: str) -> tuple[int | None, int | None]:
    """Events and n of a number."""
    result = findings.by_key[f"autoimmune/{tail}"]
    assert isinstance(result, Estimate)
    return result.events, result.n


@pytest.mark.parametrize(
    ("name", "tail", "events", "n"),
    [
        (FRAGOULIS, "rheumatoid_arthritis/2.0", 58, 771),  # the study's own limit
        (FRAGOULIS, "rheumatoid_arthritis/1.0", 2, 771),  # grades 3 and 4: one each
        (BRITO, "sjogren/2.5", 99, 300),
        (BRITO, "sjogren/0.5", 7, 300),
        (BRITO, "sjogren/1.5", 7, 300),  # of all others it is known that they are below 2.5
    ],
)
def test_a_share_below_a_limit_is_of_all_with_a_count(name, tail, events, n):
    """Printed counts; what lies on either side of a limit is not counted as below it."""
    assert number(asked(name).frequency(), f"frequency/{tail}") == (events, n)


def test_counts_that_leave_a_limit_open_are_counted_apart():
    """Of Brito's 99 below 2.5 the 92 without agranulocytosis may be on either side of 1.5."""
    findings = asked(BRITO).frequency()
    for limit, left in (("0.5", 92), ("1.5", 92), ("2.0", 92), ("2.5", 0)):
        result = findings.by_key[f"autoimmune/frequency/sjogren/{limit}/open/count"]
        assert result.value == left


def test_a_disease_that_nobody_has_is_a_row():
    """Not left out, and no share of nobody."""
    findings = asked(BRITO).frequency()
    (table,) = findings.layout.tables
    (row,) = (row for row in table.rows if row.label == "Systemic sclerosis")
    assert row.cells[1].text == "none here"
    assert isinstance(findings.by_key["autoimmune/frequency/systemic_sclerosis/1.5"], NotEstimable)


def test_where_counts_are_open_a_share_lies_between_two():
    """The 713 others are from 2 on: 58 of 771 are below 2.5, or all; no interval holds that."""
    findings = asked(FRAGOULIS).frequency()
    (told,) = said(findings)
    assert told.endswith("between 7.5 % and 100.0 % below 2.5.")
    (table,) = findings.layout.tables
    known, interval, left, most = next(r for r in table.rows if r.label == "below 2.5").cells[1:]
    assert (known.keys, interval.keys) == (("autoimmune/frequency/rheumatoid_arthritis/2.5",), ())
    assert findings.by_key[left.keys[0]].value == 713
    assert number(findings, most.keys[0].removeprefix("autoimmune/")) == (771, 771)
    (told,) = said(asked(BRITO).frequency())
    assert "between 2.3 % and 33.0 % below 1.5" in told


def test_without_being_asked_about_rheumatoid_arthritis_nobody_is_said_to_lack_it():
    """Fragoulis' 771 have it; the reader asked about lupus."""
    (told,) = said(AutoimmuneDisease(open_cohort(FRAGOULIS), diseases="systemic_lupus").felty())
    assert told.startswith("Rheumatoid arthritis is not among the diseases asked about")


# Of Fragoulis' figures: those that the counts behind them give only cut, and those that they don't.
CUT = (
    "platelets/p_value", "methotrexate/neutropenic", "methotrexate/other", "sulfasalazine/other",
)  # fmt: skip
MISSED = (
    "wbc/other",  # 23 of 713 are 3.23 %, of 670 or 671 they are 3.43
    "azathioprine/other", "azathioprine/p_value",
    "prednisone/neutropenic",  # 4 of 57 are 7.0 %
    "im_steroid/other", "im_steroid/p_value",
)  # fmt: skip


def verdicts(name: str, *parts: str) -> dict[str, Verdict]:
    """What comes of each printed figure of a cohort's own study, by the rest of its key."""
    study_asked = asked(name)
    results = {k: r for part in parts for k, r in getattr(study_asked, part)().by_key.items()}
    told = judge(results, study(name), open_cohort(name).card)
    return {v.claim_key.removeprefix("autoimmune/"): v for v in told}


def test_each_comparison_of_fragoulis_has_its_verdict():
    """Of 39 figures of Table 2 six are not reproduced, and four only where they were cut."""
    told = verdicts(FRAGOULIS, "associations")
    compared = {
        key.removeprefix("association/"): v
        for key, v in told.items()
        if key.startswith("association/")
    }
    assert len(compared) == 39
    for key, verdict in compared.items():
        is_missed = key in MISSED
        kind = VerdictKind.NOT_REPRODUCED if is_missed else VerdictKind.REPRODUCED
        assert verdict.verdict is kind, key
        assert (verdict.reason is Reason.CUT) == (key in CUT), key


def test_each_comparison_of_brito_zeron_is_reproduced():
    """The 90 without a known cause against the 201: four pairs of shares, four P values."""
    told = verdicts(BRITO, "associations")
    compared = [v for key, v in told.items() if key.startswith("association/")]
    assert len(compared) == 12
    assert {v.verdict for v in compared} == {VerdictKind.REPRODUCED}


def test_with_all_neutropenic_those_of_a_known_cause_are_compared():
    """The 9 have no marks in what was printed; an admission they had none recorded of."""
    everybody = AutoimmuneDisease(open_cohort(BRITO), compared="all").associations()
    assert number(everybody, "association/rheumatoid_factor/neutropenic") == (44, 90)
    assert number(everybody, "association/admission/neutropenic") == (22, 99)


@pytest.mark.parametrize(
    ("test", "p_value"),
    [("fisher", 0.0373), ("chi2", 0.0299), ("yates", 0.0430)],  # R: fisher.test, chisq.test
)
def test_which_test_compares_is_the_readers_choice(test, p_value):
    """Anaemia in 25 of 58 and in 210 of 713."""
    findings = AutoimmuneDisease(open_cohort(FRAGOULIS), test=test).associations()
    result = findings.by_key["autoimmune/association/anaemia/p_value"]
    assert result.value == pytest.approx(p_value, abs=0.00005)


def test_which_marks_differ_is_said_with_their_ratios():
    """Two of fifteen, before a correction; nothing is said to be a cause."""
    (told,) = said(asked(FRAGOULIS).associations())
    assert told == (
        "Between the neutropenic (below 2 × 10⁹/L) and the others these differ with P below 0.05 "
        "by Fisher's exact test, before any correction, by these odds ratios. Anaemia: 1.81 "
        "(1.01 to 3.23); White cells below 4: 70.9 (34.0 to 155)."
    )


def test_the_rates_of_fragoulis_are_cut_and_their_test_is_another():
    """6 in 1,352 and 55 in 14,182 person-months; the ratio and P as poisson.test has them."""
    findings = asked(FRAGOULIS).infections()
    for name, events, months in (("neutropenic", 6, 1352), ("other", 55, 14182)):
        rate = findings.by_key[f"autoimmune/infection_rate/{name}"]
        assert rate.value == pytest.approx(1000 * events / months, rel=2e-5)
    ratio = findings.by_key["autoimmune/infection_rate/ratio"]
    assert (ratio.value, ratio.ci_low, ratio.ci_high) == pytest.approx(
        (1.1443, 0.4026, 2.6536), rel=1e-4
    )
    told = verdicts(FRAGOULIS, "infections")
    cut = [told[f"infection_rate/{name}"] for name in ("neutropenic", "other")]
    assert {v.reason for v in cut} == {Reason.CUT}
    p_value = told["infection_rate/p_value"]
    assert p_value.ours == pytest.approx(0.6519, abs=0.00005)
    assert p_value.verdict is VerdictKind.NOT_REPRODUCED


def test_few_infections_are_said_to_be_few():
    """Six can't tell a rate from another, and the sentence says so."""
    (told,) = said(asked(FRAGOULIS).infections())
    assert told == (
        "Infections came at 4.44 (1.63 to 9.66) per 1,000 person-months in the neutropenic and at "
        "3.88 (2.92 to 5.05) in the others, 1.14 (0.40 to 2.65) times as often (P 0.652). "
        "Infections of the neutropenic: 6, too few to tell one rate from another."
    )


def test_infections_stand_beside_the_infected():
    """6 and 55 infections, of at most as many patients."""
    findings = asked(FRAGOULIS).infections()
    for name, events in (("neutropenic", 6), ("other", 55)):
        assert findings.by_key[f"autoimmune/infection_rate/{name}/events"].value == events
        assert findings.by_key[f"autoimmune/infection_rate/{name}/infected/count"].value <= events


def test_a_cause_that_cannot_be_told_is_no_other_cause():
    """Nobody of the 58 has a dated drug: nothing after the first question is asked of them."""
    findings = asked(FRAGOULIS).causes()
    assert number(findings, "cause/drug/proportion") == (0, 58)
    assert number(findings, "cause/none_found/proportion") == (0, 58)
    assert findings.by_key["autoimmune/cause/open/count"].value == 58
    assert findings.by_key["autoimmune/cause/missing/drug/undated/count"].value == 57


def test_one_of_the_ninety_has_t_lgl_leukaemia():
    """1 of 90, 1 %: who has a known cause is not among them."""
    assert number(asked(BRITO).causes(), "cause/lgl") == (1, 90)
    assert verdicts(BRITO, "causes")["cause/lgl"].verdict is VerdictKind.REPRODUCED


def test_without_rheumatoid_arthritis_felty_is_one_sentence():
    """Nobody with Sjögren syndrome alone is asked about it."""
    findings = asked(BRITO).felty()
    assert findings.layout.tables == ()
    (told,) = said(findings)
    assert told == (
        "Nobody here has rheumatoid arthritis, so that nobody is asked about Felty's syndrome."
    )


# Ten patients: two with lupus, five with rheumatoid arthritis, two with Sjögren syndrome, one with
# none of them; no visits. C had a large spleen and a clone, E's was not large, G has white cells
# alone.
ILL = {
    **dict.fromkeys("AB", "systemic_lupus"), **dict.fromkeys("CDEFG", "rheumatoid_arthritis"),
    **dict.fromkeys("HI", "sjogren"),
}  # fmt: skip
VALUES = (
    "A ANC 1.2", "B ANC 3.1", "C ANC 0.9", "C WBC 2.4", "D ANC 1.7", "D WBC 3.2", "E ANC 1.4",
    "F ANC 4.0", "G WBC 6.1", "H ANC 2.1", "I ANC 1.1",
)  # fmt: skip


@pytest.fixture(scope="module")
def ten(tmp_path_factory) -> Cohort:
    folder = tmp_path_factory.mktemp("cohorts") / "ten"
    folder.mkdir()
    card = {"name": "ten", "title": "Ten", "incohort": {"privacy": "public"}, "resources": []}
    (folder / "datapackage.json").write_text(json.dumps(card), "utf-8")
    labs = (value.split() for value in VALUES)
    tables = {
        "patients": ["patient_id", *"ABCDEFGHIJ"],
        "diagnoses": ["patient_id,condition", *(f"{who},{what}" for who, what in ILL.items())],
        "labs": [
            "patient_id,analyte,taken_at,value,unit",
            *(f"{who},{what},2020-01-10,{value},10*9/L" for who, what, value in labs),
        ],
        "findings": [
            "patient_id,finding,result", "C,splenomegaly,present", "E,splenomegaly,absent",
        ],
        "clonality": ["patient_id,tcr_method,tcr_result", "C,trg_pcr,clonal"],
        "medications": ["patient_id,atc,drug,role,started_on,stopped_on",
                        "I,A07EC01,sulfasalazine,concomitant,2019-06-01,2020-01-05"],
    }  # fmt: skip
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return open_cohort(str(folder))


def test_whose_neutrophils_were_not_counted_has_no_count(ten):
    """G has white cells of 6.1 alone: of five with rheumatoid arthritis four have a count."""
    frequency = AutoimmuneDisease(ten).frequency()
    assert number(frequency, "frequency/rheumatoid_arthritis/1.5") == (2, 4)
    assert number(frequency, "frequency/systemic_lupus/1.5") == (1, 2)
    assert said(frequency) == []  # no disease has ten


def test_without_visits_days_with_a_count_are_counted(ten):
    """Eight days of eight patients; a visit nobody recorded is none without a low count."""
    findings = AutoimmuneDisease(ten).units()
    assert number(findings, "unit/count/proportion") == (4, 8)
    assert isinstance(findings.by_key["autoimmune/unit/outpatient/proportion"], NotEstimable)
    (told,) = said(findings)
    assert told == (
        "Counted by patients, 50 % (22 to 78) were below 1.5 × 10⁹/L at any time; of days with a "
        "count it was 50 % (22 to 78). Patients are not seen equally often, so a share of visits "
        "is not a share of patients."
    )


@pytest.mark.parametrize(
    ("changed", "yes", "left"),
    [
        # clinic, triad, without a clone, Barnes 1971: known to be so, and open
        ({}, (2, 1, 0, 2), (1, 1, 2, 1)),
        ({"felty_limit": 2.0}, (3, 1, 0, 2), (1, 2, 3, 1)),  # D's 1.7, spleen and clone not known
        ({"felty_limit": 1.0}, (1, 1, 0, 2), (1, 1, 1, 1)),  # E's 1.4 is out
        ({"anc_limit": 2.0}, (2, 1, 0, 2), (1, 1, 2, 1)),  # no limit of Felty's syndrome
    ],
)
def test_a_limit_moves_its_own_numbers_and_no_other(ten, changed, yes, left):
    """Barnes has a limit of his own; what can't be told moves with what is asked."""
    findings = AutoimmuneDisease(ten, **changed).felty()
    for kind, n_yes, n_left in zip(FELTY, yes, left, strict=True):
        assert number(findings, f"felty/{kind}/yes/proportion") == (n_yes, 5), kind
        assert findings.by_key[f"autoimmune/felty/{kind}/open/count"].value == n_left, kind


def test_the_cause_and_felty_are_said_with_what_is_missing(ten):
    """I ended sulfasalazine five days before; of the others nobody says that all was collected."""
    study_asked = AutoimmuneDisease(ten, felty="triad")
    (told,) = said(study_asked.causes())
    assert told == (
        "Known to have been on a drug that can cause it, or to have ended one at most seven days "
        "before: 1 of 4 neutropenic patients (below 1.5 × 10⁹/L); in 3 it can't be told (missing "
        "first: Drugs (the cohort does not say that it collected all) 3)."
    )
    (told,) = said(study_asked.felty())
    assert told == (
        "Known to have Felty's syndrome by the triad: 1 of 5 patients with rheumatoid arthritis, "
        "and in 1 it can't be told; by the clinic's definition (a count below 1.5 × 10⁹/L) 2, open "
        "in 1; by a definition that excludes a clone 0, open in 2; by Barnes' criteria 2, open in "
        "1."
    )


def test_what_rests_on_the_limit_is_no_match_of_a_study_with_another(ten):
    """Below 1.5 another cohort is asked otherwise; a share below a limit says its own."""
    judged = judge(AutoimmuneDisease(ten).frequency().by_key, study(BRITO), ten.card)
    told = {v.claim_key: v for v in judged}
    assert told["autoimmune/cause/lgl"].reason is Reason.ANOTHER_QUESTION
    assert told["autoimmune/frequency/sjogren/2.5"].reason is not Reason.ANOTHER_QUESTION


def patients(folder: Path, privacy: str, counts: str) -> Cohort:
    """Patients with rheumatoid arthritis, each with a count such as `<2.5`, on one day."""
    folder.mkdir()
    card = {"name": "many", "title": "Many", "incohort": {"privacy": privacy}, "resources": []}
    (folder / "datapackage.json").write_text(json.dumps(card), "utf-8")
    numbered = [*enumerate(counts.split())]
    tables = {
        "patients": ["patient_id", *(f"{i}" for i, _ in numbered)],
        "diagnoses": ["patient_id,condition", *(f"{i},rheumatoid_arthritis" for i, _ in numbered)],
        "labs": [
            "patient_id,analyte,taken_at,comparator,value,unit",
            *(
                f"{i},ANC,2020-01-10,{'<' * v.startswith('<')},{v.lstrip('<')},10*9/L"
                for i, v in numbered
            ),
        ],
        "events": ["patient_id,event,occurred_on", "0,infection,2020-01-20", "1,infection,"],
    }
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return open_cohort(str(folder))


def test_a_withheld_number_of_open_counts_takes_no_other_sentence_away(tmp_path):
    """Two of a restricted 92 are open at 1.5: how many were below is told all the same."""
    counts = "1.2 " * 40 + "3.1 " * 50 + "<2.5 " * 2
    restricted = AutoimmuneDisease(patients(tmp_path / "many", "restricted", counts))
    words = " ".join(said(gate(restricted.frequency(), PROFILES["opensafely"])))
    assert "are known to have been below 1.5 × 10⁹/L" in words
    assert "leave a limit open" not in words


def test_where_all_have_a_low_count_that_is_no_frequency(tmp_path):
    """Twelve below 2.5; with a thirteenth of 3.1 nobody says that they were chosen."""
    chosen = patients(tmp_path / "a", "public", "1.2 " * 12)
    mixed = patients(tmp_path / "b", "public", "1.2 " * 12 + "3.1")
    assert "no frequency" in AutoimmuneDisease(chosen).frequency().layout.cautions[0]
    assert AutoimmuneDisease(mixed).frequency().layout.cautions == ()


def test_infections_without_a_date_are_told(tmp_path):
    """One of two has no date, and is in no rate."""
    two = patients(tmp_path / "two", "public", "1.2 " * 6 + "3.1 " * 6)
    assert "Infections without a date are left out: 1." in said(AutoimmuneDisease(two).infections())


def test_of_the_index_date_nothing_is_said_of_any_time(tmp_path):
    """Nor that somebody was never below: before the index date the count may have been low."""
    at_index = AutoimmuneDisease(
        patients(tmp_path / "at", "public", "1.2 " * 6 + "3.1 " * 6), when="index"
    )
    parts = [at_index.frequency(), at_index.units(), at_index.infections()]
    words = " ".join(
        text
        for part in parts
        for text in (
            *said(part), *part.layout.cautions, *(each.label for each in part.results),
            *(table.caption for table in part.layout.tables),
            *(row.label for table in part.layout.tables for row in table.rows),
        )
    )  # fmt: skip
    assert not re.search(r"any time|[Nn]ever|\bever\b", words)
    assert "Not below at the index date" in words
    assert "below 1.5 × 10⁹/L at the index date;" in words
