"""The notebook on checkpoint inhibitors: counts again by plain loops, tables by hand."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from statistics import median

import pytest
from rebuilt import rows

from incohort.analyses.checkpoint.study import Checkpoint
from incohort.claims import judge
from incohort.cohort import Cohort, open_cohort
from incohort.dictionary import study
from incohort.errors import UsageError
from incohort.results import Estimate, Findings, NotEstimable, spoken
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
            "34 of 34 episodes can't be classified; what they lack first: whether the drug is a "
            "checkpoint inhibitor 34."
        )
    ]
    assert sentences(review.recovery())[0] == (
        "Of episodes in which the drug is not ruled out, 26/34, 76.5 % (58.8 to 89.3) were seen to "
        "recover to 1.5 × 10⁹/L, those after a median of 13 (8 to 30.3) days."
    )
    assert sentences(review.bounds()) == [
        (
            "The published 13 days are the median of the 26 of 34 who recovered; counting "
            "everybody it is at least 13."
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
