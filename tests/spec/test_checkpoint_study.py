"""The notebook on checkpoint inhibitors: counts again by plain loops, tables by hand."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from rebuilt import COHORTS, rows

from incohort.analyses.checkpoint.study import Checkpoint
from incohort.claims import judge
from incohort.cohort import Cohort, open_cohort
from incohort.dictionary import study
from incohort.errors import UsageError
from incohort.results import Estimate, Findings, NotEstimable, spoken
from incohort.stats.competing import aalen_johansen
from incohort.stats.survival import rmst
from incohort.synthetic import ici_synthetic
from incohort.tables import sentence_text

CARD = {"title": "A clinic's own", "incohort": {"privacy": "public"}, "resources": []}


def written(folder: Path, **tables: list[dict[str, str]]) -> Cohort:
    """A public cohort of these rows."""
    folder.mkdir(exist_ok=True)
    card = json.dumps(CARD | {"name": "own"})
    (folder / "datapackage.json").write_text(card, encoding="utf-8")
    for name, lines in tables.items():
        heads = list(dict.fromkeys(head for line in lines for head in line))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, heads)
            writer.writeheader()
            writer.writerows(lines)
    return open_cohort(str(folder))


def sentences(findings: Findings) -> list[str]:
    """What a part says."""
    told = spoken(findings.layout, findings.by_key).sentences
    texts = [sentence_text(sentence.template, findings) for sentence in told]
    return [text.replace("\u00a0", " ") for text in texts]


def number(findings: Findings, tail: str) -> float:
    """A number by the end of its key."""
    result = findings.by_key[f"checkpoint/{tail}"]
    assert isinstance(result, Estimate), result
    return result.value


def days(first: str, second: str) -> int:
    """From one day to another."""
    return (date.fromisoformat(second) - date.fromisoformat(first)).days


@pytest.fixture(scope="module")
def review() -> Checkpoint:
    """What is asked of the 34 cases of the review."""
    return Checkpoint(open_cohort("ici_review2020"))


def test_the_review_gives_its_printed_shares_again(review: Checkpoint):
    """26 recovered, 14 died and 3 of an immune-related event, of 34, counted from the CSV files."""
    findings = review.recovery()
    onsets = {row["patient_id"]: row["index_date"] for row in rows("ici_review2020", "patients")}
    ends = {
        row["patient_id"]: row["taken_at"] for row in rows("ici_review2020", "labs")
        if row["comparator"] == ">="
    }  # fmt: skip
    deaths = [row for row in rows("ici_review2020", "events") if row["event"] == "death"]

    shares = {
        "recovered": len(ends), "died": len(deaths),
        "irae_death": sum(row["cause"] == "irae" for row in deaths),
    }  # fmt: skip
    for tail, events in shares.items():
        result = findings.by_key[f"checkpoint/{tail}"]
        assert (result.events, result.n) == (events, 34), tail
    lasted = [days(onsets[patient], day) for patient, day in ends.items()]
    assert number(findings, "duration/median") == median(lasted) == 13


def test_what_was_dealt_at_random_is_no_result_of_the_review(review: Checkpoint):
    """Who died before recovery was not printed: no share, curve or mean of it, but its bound."""
    findings = review.recovery()
    for tail in (
        "died_first/proportion",
        "open/proportion",
        "recovery/rmst",
        "recovery/overall/recovered/curve",
        "recovery/overall/died/by_day_28/proportion",
    ):
        assert isinstance(findings.by_key[f"checkpoint/{tail}"], NotEstimable), tail
    assert not findings.layout.figures
    assert number(findings, "died/cause_not_recorded/count") == 14 - 3
    assert sentences(review.answer())[-1] == (
        "Of the 34 published cases 26 recovered and 14 died: between 0 and 8 (0.0 % to 23.5 %) "
        "died before they recovered."
    )


def test_of_the_review_each_claim_comes_out(review: Checkpoint):
    """What it was rebuilt from is reproduced or agrees with itself; fevers have no denominator."""
    results = review.recovery().by_key
    verdicts = judge(results, study("ici_review2020"), review._cohort.card)
    told = {verdict.claim_key.partition("/")[2]: verdict.verdict.value for verdict in verdicts}
    assert told == {
        "recovered": "reproduced", "died": "reproduced", "irae_death": "reproduced",
        "duration/median": "agrees with itself", "fever": "not testable here",
        "culture": "not testable here",
    }  # fmt: skip


def test_what_is_said_of_the_review(review: Checkpoint):
    """Nobody can be classified; recovery is told with its limits, and 13 days are 13 or more."""
    assert sentences(review.attribution()) == [
        (
            "Of 34 at risk 34 can't be classified; what they lack first: whether the drug is a "
            "checkpoint inhibitor 34."
        ),
        (
            "34 of 34 episodes can't be classified; what they lack first: whether the drug is a "
            "checkpoint inhibitor 34."
        ),
    ]
    assert sentences(review.recovery())[0] == (
        "Of episodes in which the drug is not ruled out, 26/34, 76.5 % (58.8 to 89.3) were seen to "
        "recover to 1.5 × 10⁹/L; in these it took a median of 13 (8 to 30.3) days."
    )
    assert sentences(review.recovery())[1].endswith("is dealt out at random here.")
    assert sentences(review.bounds()) == [
        (
            "The published median of 13 days is that of the 26 of 34 who recovered; counting "
            "everybody it is at least 13 days."
        ),
        (
            "Of the 34 published cases 26 recovered and 14 died: between 0 and 8 (0.0 % to 23.5 %) "
            "died before they recovered."
        ),
    ]


@pytest.mark.parametrize(
    ("chosen", "lasted"), [("first", [8, 20, 37, 10, 7, 16]), ("second", [60, 52, 37, 10, 7, 16])]
)
def test_two_rows_of_one_patient_count_once(chosen, lasted):
    """BMC1 or JITC1, BMC2 or JITC2, never both: 8 and 20 days, or 60 and 52."""
    asked = Checkpoint(open_cohort("ici_cases"), conflicting_rows=chosen)
    findings = asked.recovery()
    assert number(asked.who(), "attrition/rows/count") == 8
    assert findings.by_key["checkpoint/recovered"].n == 7
    for name, of in (("median", median), ("minimum", min), ("maximum", max)):
        assert number(findings, f"duration/{name}") == of(lasted)


def test_delays_of_the_published_patients_are_the_printed_ones():
    """14, 21, 8, 12 and 14 days after the last dose: a median of 14."""
    findings = Checkpoint(open_cohort("ici_cases")).recovery()
    delays = [14, 21, 8, 12, 14]
    assert number(findings, "delay/median") == median(delays)
    assert findings.by_key["checkpoint/delay/median"].n == 5
    assert number(findings, "delay/minimum") == min(delays)


def test_nobody_recovers_to_a_count_of_the_grade_itself():
    """Grade 3 lies below 1.0, so that a recovery at 0.9 is refused, and at 1.0 is not."""
    with pytest.raises(UsageError, match=r"recovery_count is 0\.9"):
        Checkpoint(open_cohort("ici_cases"), grade=3, recovery_count=0.9).recovery()
    assert Checkpoint(open_cohort("ici_cases"), grade=3, recovery_count=1.0).recovery()


def test_without_drugs_nothing_is_told_of_patients():
    """No table of medications: each number is a reason but those of publications."""
    asked = Checkpoint(open_cohort("kyritsi2015"))
    for part in (asked.attribution(), asked.recovery()):
        assert all(isinstance(result, NotEstimable) for result in part.results)
    for part in (asked.answer(), asked.attribution(), asked.recovery()):
        assert sentences(part)[0] == NO_DRUGS
    assert number(asked.bounds(), "died_first/highest") == 8


NO_DRUGS = (
    "Whether anybody was given a checkpoint inhibitor can't be told: the cohort has no table "
    "medications."
)


def test_low_counts_of_whoever_had_no_drug_recorded_are_not_told(tmp_path: Path):
    """Somebody low who recovers, another who dies: without drugs no curve, figure or number."""
    asked = Checkpoint(
        written(
            tmp_path / "own",
            patients=[{"patient_id": name} for name in "AB"],
            labs=[_count("A", "2020-02-10", "0.2"), _count("A", "2020-02-20", "2"),
                  _count("B", "2020-02-10", "0.2")],
            events=[{"patient_id": "B", "event": "death", "occurred_on": "2020-02-15"}],
        )
    )  # fmt: skip
    findings = asked.recovery()
    assert all(isinstance(result, NotEstimable) for result in findings.results)
    assert not findings.layout.figures
    assert sentences(findings) == [NO_DRUGS]
    assert sentences(asked.answer())[0] == NO_DRUGS


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    """Both low after a dose, nobody counted before it; A recovers, B dies of what is not said."""
    return Checkpoint(
        written(
            tmp_path_factory.mktemp("pair") / "own",
            patients=[{"patient_id": name} for name in "AB"],
            labs=[_count("A", "2020-01-15", "0.2"), _count("A", "2020-01-30", "2"),
                  _count("B", "2020-01-15", "0.2")],
            medications=[_dose(name, "2020-01-01") for name in "AB"],
            events=[{"patient_id": "B", "event": "death", "occurred_on": "2020-02-15"}],
        )
    )  # fmt: skip


def test_a_death_without_a_cause_is_of_no_cause(pair: Checkpoint):
    """It is counted as not recorded, and nobody is said not to have died of the drug."""
    findings = pair.recovery()
    assert number(findings, "died/cause_not_recorded/count") == 1
    assert isinstance(findings.by_key["checkpoint/irae_death"], NotEstimable)
    assert findings.by_key["checkpoint/died"].events == 1


def test_the_days_of_one_patient_have_no_quartiles(pair: Checkpoint):
    """From 15 to 30 January are 15 days, and another cause that nobody had is not spoken of."""
    assert sentences(pair.recovery())[0].endswith("; it took 15 days.")
    assert not any(" 0 more" in text for text in sentences(pair.answer()))


def test_who_is_not_known_to_pass_a_step_stands_beside_it(pair: Checkpoint):
    """Nobody was counted before the first dose: at risk are 2, of whom that isn't known of 2."""
    findings = pair.who()
    assert number(findings, "attrition/at_risk/count") == 2
    assert number(findings, "attrition/at_risk/open/count") == 2
    assert "checkpoint/attrition/treated/open/count" not in findings.by_key
    labels = [line.label for line in findings.layout.tables[0].rows]
    place = labels.index("Not known to be below 1.8 × 10⁹/L before it")
    assert labels[place + 1] == "of these not known: a count before the first dose"


def test_of_a_restricted_cohort_each_step_stands_and_no_publication_answers(pair: Checkpoint):
    """A step left out would tell that it leaves nobody out; the published median is not theirs."""
    cohort = pair._cohort
    closed = Checkpoint(replace(cohort, card=replace(cohort.card, is_public=False)))
    told = closed.who().by_key
    steps = ("treated", "counted_after", "at_risk")
    assert {f"checkpoint/attrition/{step}/excluded/count" for step in steps} <= told.keys()
    assert not any("published" in line.template for line in closed.answer().layout.sentences)


def _dose(patient: str, day: str) -> dict[str, str]:
    days = {"started_on": day, "stopped_on": day}
    return {"patient_id": patient, "atc": "L01FF02", "drug": "pembrolizumab", **days}


def _count(patient: str, day: str, value: str) -> dict[str, str]:
    return {
        "patient_id": patient, "analyte": "ANC", "taken_at": day, "value": value, "unit": "10*9/L",
    }  # fmt: skip


def test_the_share_by_a_day_is_worked_by_hand(tmp_path: Path):
    """Of four one is low on day 40, one dies on day 20, one begins chemotherapy on day 50.

    By day 90: 1/4 died, then 1 of the 3 left was low (3/4 × 1/3), then 1 of 2 had chemotherapy.
    """
    people = "ABCD"
    cohort = written(
        tmp_path / "own",
        patients=[{"patient_id": name, "followed_until": "2020-05-30" if name == "D" else ""}
                  for name in people],
        labs=[
            *(_count(name, "2019-12-31", "4") for name in people),
            _count("A", "2020-02-10", "0.2"), _count("A", "2020-02-20", "2"),
            _count("C", "2020-01-15", "4"), _count("D", "2020-01-15", "4"),
        ],
        medications=[
            *(_dose(name, "2020-01-01") for name in people),
            {"patient_id": "C", "atc": "L01XA02", "drug": "carboplatin",
             "started_on": "2020-02-20", "stopped_on": "2020-02-20"},
        ],
        events=[{"patient_id": "B", "event": "death", "occurred_on": "2020-01-21"}],
    )  # fmt: skip
    findings = Checkpoint(cohort).incidence()
    assert number(findings, "incidence/90") == pytest.approx(3 / 4 * 1 / 3)
    assert number(findings, "incidence/death/90") == pytest.approx(1 / 4)
    assert number(findings, "incidence/chemotherapy/90") == pytest.approx(2 / 4 * 1 / 2)
    later = findings.by_key["checkpoint/incidence/365"]
    assert isinstance(later, NotEstimable)
    assert later.reason == "nobody was followed that long"


@pytest.fixture(scope="module")
def clinic() -> Checkpoint:
    """1,200 synthetic patients, drawn with a known truth."""
    return Checkpoint(open_cohort("ici_synthetic"))


def test_the_synthetic_cohort_is_what_its_program_writes(tmp_path: Path):
    """The same bytes, and 1,200 patients."""
    ici_synthetic.write(tmp_path / "ici_synthetic")
    for path in (tmp_path / "ici_synthetic").iterdir():
        assert path.read_bytes() == (COHORTS / "ici_synthetic" / path.name).read_bytes()
    assert len(rows("ici_synthetic", "patients")) == 1200


def test_the_synthetic_cohorts_report_holds_the_truth(clinic: Checkpoint):
    """The share by each day and the mean days to recovery lie inside the intervals told."""
    told = clinic.incidence().by_key
    for day in (90, 180, 365):
        share = told[f"checkpoint/incidence/{day}"]
        assert share.ci_low <= ici_synthetic.true_incidence(day) <= share.ci_high
    mean = clinic.recovery().by_key["checkpoint/recovery/rmst"]
    assert mean.ci_low <= ici_synthetic.true_mean(28) <= mean.ci_high


def test_each_synthetic_patient_has_the_class_that_was_drawn(clinic: Checkpoint):
    """Immune-related is whom the first of the three came to as such, and nobody else."""
    drawn = ici_synthetic.drawn(np.random.default_rng(ici_synthetic.SEED))
    immune = {f"C{place + 1:04d}" for place, cause in enumerate(drawn.cause) if cause == 1}
    axis = clinic._question.classes.axis
    members = clinic._question.everybody.where(axis, "immune_related")
    assert set(members.frame["patient_id"]) == immune
    assert sentences(clinic.attribution()) == [
        (
            "57/1152, 4.9 % (3.8 to 6.4) of the treated who can be classified had immune-related "
            "neutropenia of grade 4 or deeper; in 80 more another cause was near."
        )
    ]
    assert sentences(clinic.incidence())[0].endswith(
        "of 1200 treated had immune-related neutropenia of grade 4 or deeper, death and "
        "chemotherapy competing; 48 of these were never counted after it."
    )


def test_of_a_hundred_drawn_cohorts_the_intervals_hold_the_truth():
    """At least 93 of 100 intervals of the share by a year, and of the mean days to recovery."""
    truth, mean = ici_synthetic.true_incidence(365), ici_synthetic.true_mean(28)
    held = [0, 0]
    for seed in range(100):
        drawn = ici_synthetic.drawn(np.random.default_rng(seed))
        at = aalen_johansen(drawn.end.astype(float), drawn.cause).of(1).at([365.0])
        held[0] += bool(at.ci_low[0] <= truth <= at.ci_high[0])
        is_low = drawn.cause == 1
        days, death = drawn.recovery[is_low], drawn.death[is_low]
        answer = rmst(np.minimum(days, death).astype(float), days <= death, 28.0)
        held[1] += bool(answer.ci_low <= mean <= answer.ci_high)
    assert min(held) >= 93, held
