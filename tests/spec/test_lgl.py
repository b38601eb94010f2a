"""The notebook on large granular lymphocytes: counts again by plain loops, tables by hand."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from rebuilt import rows

from incohort.analyses.lgl.study import Lgl
from incohort.cohort import Cohort, open_cohort
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
    result = findings.by_key[f"lgl/{tail}"]
    assert isinstance(result, Estimate), result
    return result.value


@pytest.fixture(scope="module")
def trbc1() -> Findings:
    """What TRBC1 and Vβ families say of the 99 samples."""
    return Lgl(open_cohort("trbc1_2021")).agreement()


def test_two_methods_are_held_against_each_other_as_a_plain_loop_counts(trbc1: Findings):
    """Each of the four cells, and the shares by the second method, counted from the CSV file."""
    each: dict[str, dict[str, bool]] = {}
    for row in rows("trbc1_2021", "clonality"):
        each.setdefault(row["patient_id"], {})[row["tcr_method"]] = row["tcr_result"] == "clonal"
    cells = Counter((said["trbc1"], said["v_beta"]) for said in each.values())
    begin = "agreement/trbc1/v_beta"

    names = ("both", "only_trbc1", "only_v_beta", "neither")
    counted = [number(trbc1, f"{begin}/{name}/count") for name in names]
    assert counted == [
        cells[True, True],
        cells[True, False],
        cells[False, True],
        cells[False, False],
    ]
    positive = trbc1.by_key[f"lgl/{begin}/positive"]
    negative = trbc1.by_key[f"lgl/{begin}/negative"]
    assert (positive.events, positive.n) == (
        cells[True, True],
        cells[True, True] + cells[False, True],
    )
    assert (negative.events, negative.n) == (
        cells[False, False], cells[False, False] + cells[True, False],
    )  # fmt: skip


def test_the_sentence_on_two_methods_calls_neither_the_truth(trbc1: Findings):
    """51 and 43 of 99 samples agree; 0.898 is Cohen's kappa by hand: (94/99 − pe) / (1 − pe)."""
    chance = (55 * 52 + 44 * 47) / 99**2
    assert number(trbc1, "agreement/trbc1/v_beta/kappa") == pytest.approx(
        (94 / 99 - chance) / (1 - chance)
    )
    assert sentences(trbc1) == [
        (
            "TRBC1 against Vβ families: the two say the same in 94/99 (94.9 %) of the samples "
            "(kappa 0.898 (0.812 to 0.985)); neither is the truth."
        )
    ]


@pytest.mark.parametrize(
    ("oligoclonal", "cells"),
    [("not_clonal", (51, 4, 1, 43)), ("clonal", (55, 0, 1, 43)), ("unknown", (51, 0, 1, 43))],
)
def test_what_oligoclonal_says_decides_whether_trbc1_finds_more(oligoclonal, cells):
    """The 4 that TRBC1 alone called clonal were oligoclonal by Vβ."""
    findings = Lgl(open_cohort("trbc1_2021"), oligoclonal=oligoclonal).agreement()
    names = ("both", "only_trbc1", "only_v_beta", "neither")
    assert cells == tuple(
        number(findings, f"agreement/trbc1/v_beta/{name}/count") for name in names
    )


def _test(patient: str, sample: str, method: str, result: str) -> dict[str, str]:
    return {"patient_id": patient, "sample_id": sample, "tcr_method": method, "tcr_result": result}


def test_a_clone_by_one_of_two_pcrs_is_one_and_other_samples_are_not_mixed(tmp_path: Path):
    """PCR of TRG or TRB on one sample is PCR; a result on another sample stands beside none."""
    cohort = written(
        tmp_path / "own",
        patients=[{"patient_id": name} for name in "AB"],
        clonality=[
            _test("A", "S1", "trg_pcr", "polyclonal"),
            _test("A", "S1", "trb_pcr", "clonal"),
            _test("A", "S1", "v_beta", "clonal"),
            _test("A", "S2", "v_beta", "polyclonal"),
            _test("B", "S1", "pcr", "indeterminate"),
            _test("B", "S1", "flow", "clonal"),
        ],
    )
    findings = Lgl(cohort).agreement()
    assert number(findings, "agreement/v_beta/pcr/both/count") == 1
    assert number(findings, "agreement/v_beta/pcr/n/count") == 1
    assert sentences(findings) == []  # one pair says nothing


def test_the_clinics_t_lgl_of_kyritsi_can_not_be_checked():
    """20 clones without CD3: none meets the rule, none is ruled out, and the sentence says so."""
    findings = Lgl(open_cohort("kyritsi2015")).classes()
    clonal = {
        r["patient_id"] for r in rows("kyritsi2015", "clonality") if r["tcr_result"] == "clonal"
    }
    assert len(clonal) == number(findings, "class/open/count") == 20
    assert sentences(findings) == [
        "A row of clonality is there of 218 of the 218 described.",
        (
            "By the rule (LGL above 0.5 × 10⁹/L for more than six months, and a clone), 0/198, "
            "0.0 % (0.0 to 1.9) of those who can be classified have T-LGL leukaemia."
        ),
        "20 of 218 can't be classified; what they lack first: CD3 20.",
        (
            "Whatever the missing items would say, T-LGL leukaemia is settled in 0 and not ruled "
            "out in 20 of 218."
        ),
        (
            "Of 20 in whom the clinic settled on T-LGL leukaemia as the cause, 0 meet the rule and "
            "20 can't be checked."
        ),
    ]


def test_a_cohort_without_the_table_says_so():
    """No table of clonality: each number is a reason, and the first line is that reason."""
    asked = Lgl(open_cohort("bareau_courses"))
    for part in (asked.classes(), asked.agreement()):
        told = [result for result in part.results if not isinstance(result, NotEstimable)]
        assert [result.value for result in told] in ([], [151])
        assert sentences(part) == ["The cohort has no table clonality."]
