"""The notebook on checkpoint inhibitors: counts again by plain loops, tables by hand."""

from __future__ import annotations

import csv
import json
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
    died_first = [row for row in deaths if row["patient_id"] not in ends]

    shares = {
        "recovered": len(ends), "died": len(deaths),
        "irae_death": sum(row["cause"] == "irae" for row in deaths),
        "died_first/proportion": len(died_first),
        "open/proportion": len(onsets) - len(ends) - len(died_first),
    }  # fmt: skip
    for tail, events in shares.items():
        result = findings.by_key[f"checkpoint/{tail}"]
        assert (result.events, result.n) == (events, 34), tail
    lasted = [days(onsets[patient], day) for patient, day in ends.items()]
    assert number(findings, "duration/median") == median(lasted) == 13


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
        "recover to 1.5 × 10⁹/L, those after a median of 13 (8 to 30.3) days."
    )
    assert sentences(review.bounds()) == [
        (
            "The published median of 13 days is that of the 26 of 34 who recovered; counting "
            "everybody it is at least 13 days."
        ),
        (
            "Of the 34 published cases 26 recovered and 14 died: between 0 and 8 died before they "
            "recovered."
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
    with pytest.raises(UsageError, match=r"recovery_threshold is 0\.9"):
        Checkpoint(open_cohort("ici_cases"), grade=3, recovery_threshold=0.9).recovery()
    assert Checkpoint(open_cohort("ici_cases"), grade=3, recovery_threshold=1.0).recovery()


def test_without_drugs_nothing_is_told_of_patients():
    """No table of medications: each number is a reason but those of publications."""
    asked = Checkpoint(open_cohort("kyritsi2015"))
    for part in (asked.attribution(), asked.recovery()):
        assert all(isinstance(result, NotEstimable) for result in part.results)
        assert sentences(part)[0] == "The cohort has no table medications."
    assert number(asked.bounds(), "died_first/highest") == 8


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
