"""The notebook on large granular lymphocytes: counts again by plain loops, tables by hand."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest
from rebuilt import rows

from incohort.analyses.lgl.study import Lgl
from incohort.claims import VerdictKind, judge
from incohort.cohort import LGL_DRUGS, Cohort, mutation_frame, open_cohort, response_frame
from incohort.dictionary import study
from incohort.dictionary.files import bundled
from incohort.errors import CohortFaultsError
from incohort.results import Estimate, Findings, NotEstimable, spoken
from incohort.stats.proportions import proportion
from incohort.synthetic import lgl
from incohort.synthetic.lgl_draw import FIRST_DRUGS, response_if_all
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
def test_what_oligoclonal_says_decides_on_how_many_samples_two_methods_disagree(oligoclonal, cells):
    """The 4 that TRBC1 alone called clonal were oligoclonal by Vβ; McNemar's P is never small."""
    findings = Lgl(open_cohort("trbc1_2021"), oligoclonal=oligoclonal).agreement()
    names = ("both", "only_trbc1", "only_v_beta", "neither")
    assert cells == tuple(
        number(findings, f"agreement/trbc1/v_beta/{name}/count") for name in names
    )
    p_value = {5: 2 * 6 / 2**5, 1: 1.0}[cells[1] + cells[2]]  # the binomial tail, by hand
    assert number(findings, "agreement/trbc1/v_beta/mcnemar_exact_p_value") == p_value


def test_clones_by_diagnosis_are_counted_again():
    """Of 17 with T-LGL leukaemia Vβ finds 17 and PCR 16, of the 8 others 1 and 2."""
    findings = Lgl(open_cohort("v_beta_pcr25")).agreement()
    t_lgl = {
        row["patient_id"]
        for row in rows("v_beta_pcr25", "diagnoses") if row["condition"] == "t_lgl_leukaemia"
    }  # fmt: skip
    seen = Counter(
        (row["tcr_method"], row["patient_id"] in t_lgl)
        for row in rows("v_beta_pcr25", "clonality") if row["tcr_result"] == "clonal"
    )  # fmt: skip
    for method, expected in (("v_beta", (17, 1)), ("pcr", (16, 2))):
        shares = [
            findings.by_key[f"lgl/clonal/{method}/{name}/proportion"]
            for name in ("t_lgl_leukaemia", "neither")
        ]
        assert tuple(share.events for share in shares) == expected
        assert expected == (seen[method, True], seen[method, False])
        assert [share.n for share in shares] == [17, 8]


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


@pytest.fixture(scope="module")
def kyritsi() -> Lgl:
    """218 patients, 20 with a clone of which nobody knows whether it has CD3."""
    return Lgl(open_cohort("kyritsi2015"))


def test_the_clinics_t_lgl_of_kyritsi_can_not_be_checked(kyritsi: Lgl):
    """20 clones without CD3: none meets the rule, none is ruled out, and the sentence says so."""
    findings = kyritsi.classes()
    clonal = {
        r["patient_id"] for r in rows("kyritsi2015", "clonality") if r["tcr_result"] == "clonal"
    }
    assert len(clonal) == number(findings, "class/open/count") == 20
    assert sentences(findings) == [
        "Lymphocytes or clones were looked at in 218 of the 218 described.",
        (
            "By the rule (LGL above 0.5 × 10⁹/L for more than six months, and a clone), T-LGL "
            "leukaemia is settled in 0 and cannot be ruled out in 20 of 218."
        ),
        (
            "Of 20 in whom the clinic settled on T-LGL leukaemia as the cause, 0 meet the rule and "
            "20 can't be checked."
        ),
        (
            "By the rule (LGL above 0.5 × 10⁹/L for more than six months, and a clone), 0/198, "
            "0.0 % (0.0 to 1.9) of those who can be classified have T-LGL leukaemia."
        ),
        "20 of 218 can't be classified; what they lack first: CD3 20.",
    ]


def test_the_answer_bounds_t_lgl_and_gives_no_share_of_the_classified(kyritsi: Lgl, drawn: Lgl):
    """Who may have it stands first; who was left out would make 0 of 198 look like a result."""
    for asked in (kyritsi, drawn):
        said = sentences(asked.answer())
        assert "T-LGL leukaemia" in said[0]
        assert "in whom the clinic settled on T-LGL leukaemia" in said[1]
        assert not any("of those who can be classified" in text for text in said)
    assert said[0].endswith(
        "between 92 and 156 of 239 have T-LGL leukaemia, depending on what the missing items would "
        "say."
    )
    assert any("TRBC1 against" in text for text in said)  # the second question is answered, too


def test_where_nobody_is_left_open_the_share_is_the_answer(tmp_path: Path):
    """One clone below the limit, one that lasted: the bounds meet, and the share says it."""
    cohort = written(
        tmp_path / "own", patients=[{"patient_id": name} for name in "AB"],
        clonality=[
            _test(name, day, "pcr", "clonal") | {"taken_on": day, "lgl_count": n, "cd3": "positive"}
            for name, n in (("A", "0.9"), ("B", "0.3")) for day in ("2024-01-01", "2024-09-01")
        ],
    )  # fmt: skip
    first, *_ = sentences(Lgl(cohort).answer())
    assert "1/2, 50 %" in first
    assert "of those who can be classified have T-LGL leukaemia" in first


@pytest.mark.parametrize("name", ["trbc1_2021", "v_beta_pcr25"])
def test_a_rule_that_classifies_nobody_counts_no_t_lgl(name: str):
    """Without a count none of the four rules can say 0: each cell has the reason."""
    findings = Lgl(open_cohort(name)).rules()
    for rule in ("lamy", "original", "no_duration", "e5998"):
        for word in ("t_lgl", "clone_uncertain_significance"):
            share = findings.by_key[f"lgl/rules/{rule}/{word}/proportion"]
            assert isinstance(share, NotEstimable)
            assert share.reason == "nobody described can be classified by this rule"


def test_all_who_leave_t_lgl_by_the_higher_limit_are_accounted_for(drawn: Lgl):
    """Of 92 with T-LGL leukaemia 53 are an uncertain clone, 35 stay, 4 can't be classified."""
    findings = drawn.rules()
    places = ("moved/count", "moved/t_lgl/count", "moved/unclassified/count")
    assert sum(number(findings, f"rules/{place}") for place in places) == 92
    assert sentences(findings) == [
        (
            "Raising the limit to 2.0 × 10⁹/L moves 53 of the 92 with T-LGL leukaemia to ‘clone of "
            "uncertain significance’; the others: still T-LGL leukaemia 35; can't be classified 4."
        )
    ]


def test_a_pooled_share_of_a_mutation_says_that_it_is_of_several_centres(
    stat3: Findings, drawn: Lgl
):
    """6/39 with Felty syndrome is 0/25 and 6/14; of one centre there is nothing to say."""
    notes = [note for table in stat3.layout.tables for note in table.notes]
    assert any(note.startswith("A row that names no centre is of all centres") for note in notes)
    notes = [note for table in drawn.mutations().layout.tables for note in table.notes]
    assert not any("names no centre" in note for note in notes)


def test_a_cohort_without_the_table_says_so():
    """No table of clonality: each number is a reason, and the first line is that reason."""
    asked = Lgl(open_cohort("bareau_courses"))
    for part in (asked.classes(), asked.agreement()):  # it has medications and events alone
        told = [result for result in part.results if not isinstance(result, NotEstimable)]
        assert [result.value for result in told] in ([], [151])
        assert sentences(part) == ["The cohort has no table clonality."]


@pytest.fixture(scope="module")
def bareau() -> Lgl:
    """151 courses of which nobody knows which were one patient's."""
    return Lgl(open_cohort("bareau_courses"))


def test_responses_by_drug_are_counted_again_by_a_plain_loop(bareau: Lgl):
    """Courses, responses and complete ones of each drug, from the CSV file; no interval."""
    names = {"corticosteroid": "steroids"}
    findings = bareau.responses()
    seen: dict[str, Counter[str]] = {}
    for row in rows("bareau_courses", "events"):
        seen.setdefault(names.get(row["drug"], row["drug"]), Counter())[row["response"]] += 1
    assert seen.keys() == {"methotrexate", "cyclophosphamide", "ciclosporin", "steroids"}
    for drug, counts in seen.items():
        overall = findings.by_key[f"lgl/response/{drug}/overall"]
        complete = findings.by_key[f"lgl/response/{drug}/complete"]
        assert overall.events == counts["complete"] + counts["partial"]
        assert complete.events == counts["complete"]
        assert overall.n == complete.n == counts.total()
        assert overall.ci_low is complete.ci_low is None
        assert "was not published" in overall.no_interval


def test_the_exact_test_of_the_four_drugs_is_rs(bareau: Lgl):
    """R's fisher.test of 34 of 62, 21 of 32, 5 of 24 and 4 of 33 says 1.7e-6 to two digits."""
    assert f"{number(bareau.responses(), 'response/p_value'):.1e}" == "1.7e-06"


def test_courses_bound_the_patients_behind_them(bareau: Lgl):
    """Of 100 patients 34 to 64 ever responded, 15 to 30 completely, 49 to 83 had one course."""
    findings = bareau.ever_responded()
    ends = {
        name: tuple(round(100 * number(findings, f"{name}/{end}")) for end in ("lowest", "highest"))
        for name in ("single_course", "ever_responded", "ever_complete")
    }
    assert ends == {
        "single_course": (49, 83), "ever_responded": (34, 64), "ever_complete": (15, 30),
    }  # fmt: skip
    assert isinstance(findings.by_key["lgl/ever_responded/proportion"], NotEstimable)
    assert sentences(findings) == [
        (
            "Response per course is not response per patient: of 100 patients between 34.0 % and "
            "64.0 % ever responded."
        )
    ]


def test_a_part_of_the_courses_has_no_bounds():
    """How many patients are behind the courses of women is not known, and is not said."""
    findings = Lgl(open_cohort("bareau_courses"), sex="female").ever_responded()
    assert sentences(findings) == []
    assert not any(isinstance(result, Estimate) for result in findings.results)


def _given(patient: str, drug: str, day: str = "", **more: str) -> dict[str, str]:
    own = {"patient_id": patient, "drug": drug, "role": "treatment", "started_on": day}
    return own | more


def _seen(patient: str, day: str, response: str, drug: str = "") -> dict[str, str]:
    own = {"patient_id": patient, "event": "response_assessment", "occurred_on": day}
    return own | {"response": response, "drug": drug}


# Four months are 121.75 days: 2 May 2024 is day 121 after 2 January, 3 May is day 122.
WORKED = {
    "in time": ([_given("P", "methotrexate", "2024-01-02")],
                [_seen("P", "2024-05-02", "partial")], [(True, False)]),
    "a day late": ([_given("P", "methotrexate", "2024-01-02")],
                   [_seen("P", "2024-05-03", "partial")], [(None, None)]),
    "none, then late": ([_given("P", "methotrexate", "2024-01-02")],
                        [_seen("P", "2024-04-01", "none"), _seen("P", "2024-06-01", "complete")],
                        [(False, False)]),
    "late, and none then": ([_given("P", "methotrexate", "2024-01-02")],
                            [_seen("P", "2024-06-01", "none")], [(False, False)]),
    "never looked": ([_given("P", "methotrexate", "2024-01-02")], [], [(None, None)]),
    "not evaluable": ([_given("P", "methotrexate", "2024-01-02")],
                      [_seen("P", "2024-04-01", "not_evaluable")], [(None, None)]),
    "died before": ([_given("P", "methotrexate", "2024-01-02")],
                    [{"patient_id": "P", "event": "death", "occurred_on": "2024-03-01"}],
                    [(False, False)]),
    "died later": ([_given("P", "methotrexate", "2024-01-02")],
                   [{"patient_id": "P", "event": "death", "occurred_on": "2024-09-01"}],
                   [(None, None)]),
    "the next drug": ([_given("P", "methotrexate", "2024-01-02"),
                       _given("P", "ciclosporin", "2024-03-01")],
                      [_seen("P", "2024-06-01", "complete", "ciclosporin")],
                      [(False, False), (True, True)]),
    "whose response": ([_given("P", "methotrexate", "2024-01-02"),
                        _given("P", "ciclosporin", "2024-08-01")],
                       [_seen("P", "2024-09-01", "complete")], [(None, None), (True, True)]),
    "without dates": ([_given("P", "MTX")], [_seen("P", "", "complete", "methotrexate")],
                      [(True, True)]),
    "given twice, seen on no day": ([_given("P", "methotrexate", "2024-01-02"),
                                     _given("P", "methotrexate")],
                                    [_seen("P", "", "complete", "methotrexate")],
                                    [(None, None)] * 2),
    "cycles of one course": ([_given("P", "cyclophosphamide", "2024-01-02", cycle_number="1"),
                              _given("P", "cyclophosphamide", "2024-02-01", cycle_number="2")],
                             [_seen("P", "2024-04-01", "partial")], [(True, False)]),
    "a suspect is no treatment": ([_given("P", "methotrexate", "2024-01-02", role="suspect")],
                                  [_seen("P", "2024-04-01", "partial")], []),
}  # fmt: skip


def test_what_is_known_of_a_course(tmp_path: Path):
    """Worked by hand: a response by four months, none, or not known, and whether complete."""
    given, seen = (
        [row | {"patient_id": name} for name, case in WORKED.items() for row in case[place]]
        for place in (0, 1)
    )
    cohort = written(
        tmp_path / "own", patients=[{"patient_id": name} for name in WORKED], medications=given,
        events=seen,
    )  # fmt: skip
    told: dict[str, list[tuple[object, object]]] = {name: [] for name in WORKED}
    for row in response_frame(cohort, 4).itertuples():
        told[row.patient_id].append((row.has_response, row.has_complete_response))
    assert told == {name: case[2] for name, case in WORKED.items()}


def test_which_course_was_the_first(tmp_path: Path):
    """By line where it is recorded, else by date; two of one day or an undated one can't tell."""
    cohort = written(
        tmp_path / "own",
        patients=[{"patient_id": name} for name in "ABCD"],
        medications=[
            _given("A", "methotrexate", "2024-03-01", line_of_therapy="2"),
            _given("B", "methotrexate", "2024-01-02"),
            _given("B", "ciclosporin", "2024-03-01"),
            _given("C", "methotrexate", "2024-01-02"),
            _given("C", "prednisone", "2024-01-02"),
            _given("D", "methotrexate", "2024-01-02"),
            _given("D", "prednisone"),
        ],
    )
    frame = response_frame(cohort, 4)
    told = [*zip(frame["patient_id"], frame["drug"], frame["is_first"], strict=True)]
    assert told == [
        ("A", "methotrexate", False), ("B", "methotrexate", True), ("B", "ciclosporin", False),
        ("C", "steroids", None), ("C", "methotrexate", None), ("D", "methotrexate", None),
        ("D", "steroids", None),
    ]  # fmt: skip


def test_several_courses_of_a_patient_tell_less(tmp_path: Path):
    """Three courses of one patient, all answered, and one of each other patient that was not."""
    days = ("2023-01-02", "2023-07-02", "2024-01-02")
    given = [_given("A", "methotrexate", day) for day in days]
    seen = [_seen("A", day.replace("-02", "-20"), "complete", "methotrexate") for day in days]
    for name in "BCDEF":
        given.append(_given(name, "methotrexate", days[0]))
        seen.append(_seen(name, "2023-02-02", "none", "methotrexate"))
    cohort = written(
        tmp_path / "own", patients=[{"patient_id": n} for n in "ABCDEF"], medications=given,
        events=seen,
    )  # fmt: skip
    asked = Lgl(cohort)
    share = asked.responses().by_key["lgl/response/methotrexate/overall"]
    first = asked.responses().by_key["lgl/response/first/methotrexate/overall"]
    ever = asked.ever_responded().by_key["lgl/ever_responded/proportion"]
    plain = proportion(3, 8)
    assert (share.events, share.n) == (3, 8)
    assert (first.events, first.n) == (ever.events, ever.n) == (1, 6)
    assert share.ci_high - share.ci_low > plain.ci_high - plain.ci_low


@pytest.mark.parametrize(
    ("said", "is_right"),
    [
        ({"unit": "course", "n_patients": 3}, True),
        ({"unit": "course"}, False),
        ({"n_patients": 3}, False),
        ({"unit": "course", "n_patients": 0}, False),
    ],
)
def test_courses_say_how_many_patients_are_behind_them(said, is_right, tmp_path: Path):
    """A row that is a course needs the number of patients; a number without it says nothing."""
    written(tmp_path / "own", patients=[{"patient_id": "P"}])
    card = CARD | {"name": "own", "incohort": {"privacy": "public"} | said}
    (tmp_path / "own" / "datapackage.json").write_text(json.dumps(card), encoding="utf-8")
    if is_right:
        card = open_cohort(str(tmp_path / "own")).card
        assert (card.unit, card.n_patients) == ("course", 3)
    else:
        with pytest.raises(CohortFaultsError) as refused:
            open_cohort(str(tmp_path / "own"))
        assert [fault.column for fault in refused.value.faults] == ["incohort.n_patients"]


@pytest.fixture(scope="module")
def stat3() -> Findings:
    """STAT3 in two studies that mean different things by Felty syndrome."""
    return Lgl(open_cohort("ra_stat3")).mutations()


def test_mutations_by_study_and_diagnosis_are_counted_again(stat3: Findings):
    """Each study's share of each diagnosis, by a plain loop over the CSV files."""
    centre = {row["patient_id"]: row["centre"] for row in rows("ra_stat3", "patients")}
    of = {
        row["patient_id"]: row["condition"]
        for row in rows("ra_stat3", "diagnoses") if row["condition"] != "rheumatoid_arthritis"
    }  # fmt: skip
    counts: dict[tuple[str, str], Counter[str]] = {}
    for row in rows("ra_stat3", "gene_tests"):
        patient = row["patient_id"]
        counts.setdefault((centre[patient], of[patient]), Counter())[row["result"]] += 1
    assert len(counts) == 3
    for (where, what), each in counts.items():
        name = where.casefold().replace(" ", "_")
        share = stat3.by_key[f"lgl/mutation/STAT3/{name}/{what}/proportion"]
        assert (share.events, share.n) == (each["mutated"], each.total())


def test_the_exact_tests_of_stat3_are_rs(stat3: Findings):
    """R's fisher.test of 22/56 and 0/25 says 8.0e-5, of 0/25 and 6/14 it says 0.00092."""
    within = number(stat3, "mutation/STAT3/gorodetskiy_2021/p_value")
    between = number(stat3, "mutation/STAT3/felty/gorodetskiy_2021/savola_2018/p_value")
    assert (f"{within:.1e}", f"{between:.5f}") == ("8.0e-05", "0.00092")
    assert sentences(stat3) == [
        (
            "STAT3 was mutated, of those tested: Felty syndrome, Gorodetskiy 2021 0/25, 0.0 % (0.0 "
            "to 13.3); Felty syndrome, Savola 2018 6/14, 42.9 % (21.4 to 67.4); T-LGL leukaemia, "
            "Gorodetskiy 2021 22/56, 39.3 % (27.6 to 52.4)."
        )
    ]


def test_which_tests_say_that_a_gene_is_mutated(tmp_path: Path):
    """The germline is left out, a variant of uncertain significance is no answer, one yes wins."""
    tests = [
        ("A", "STAT3", "wild_type", "somatic"), ("A", "STAT3", "mutated", ""),
        ("B", "STAT3", "pathogenic", "germline"), ("C", "STAT3", "vus", "somatic"),
        ("C", "STAT5B", "likely_pathogenic", "somatic"), ("D", "STAT3", "negative", "somatic"),
        ("E", "STAT3", "not_done", ""),
    ]  # fmt: skip
    names = ("patient_id", "gene", "result", "origin")
    cohort = written(
        tmp_path / "own", patients=[{"patient_id": n} for n in "ABCDE"],
        gene_tests=[dict(zip(names, test, strict=True)) for test in tests],
        diagnoses=[{"patient_id": "A", "condition": "felty"},
                   {"patient_id": "A", "condition": "t_lgl_leukaemia"}],
    )  # fmt: skip
    frame = mutation_frame(cohort)
    assert [*frame["STAT3"]] == [True, None, None, False, None]
    assert [*frame["STAT5B"]] == [None, None, True, None, None]
    assert [*frame["diagnosis"]] == ["both", "neither", "neither", "neither", "neither"]


@pytest.fixture(scope="module")
def drawn() -> Lgl:
    """240 synthetic patients, drawn with a known truth."""
    return Lgl(open_cohort("lgl_synthetic"))


def test_the_synthetic_cohort_is_what_its_program_writes(tmp_path: Path):
    """The same bytes, 240 patients, up to three lines, and a response by patient and drug."""
    shipped = bundled("data_dictionary") / "cohorts" / "lgl_synthetic"
    lgl.write(tmp_path / "lgl_synthetic")
    for path in (tmp_path / "lgl_synthetic").iterdir():
        assert path.read_bytes() == (shipped / path.name).read_bytes()
    assert len(rows("lgl_synthetic", "patients")) == 240
    lines = {row["line_of_therapy"] for row in rows("lgl_synthetic", "medications")}
    assert lines == {"1", "2", "3"}


def test_the_synthetic_cohorts_report_holds_the_truth(drawn: Lgl):
    """What each first drug would do in all lies inside the interval of the report."""
    told = drawn.responses().by_key
    for drug in FIRST_DRUGS:
        share = told[f"lgl/response/standardised/{drug}/proportion"]
        assert share.ci_low <= response_if_all(drug) <= share.ci_high
    assert isinstance(told["lgl/response/standardised/steroids/proportion"], NotEstimable)


def test_shares_by_severity_are_weighed_by_hand(drawn: Lgl):
    """The share of methotrexate among the severe and the others, by loops over the CSV files."""
    low = {row["patient_id"]: float(row["value"]) < 0.5 for row in rows("lgl_synthetic", "labs")}
    seen = {
        (row["patient_id"], row["drug"]): row["response"] != "none"
        for row in rows("lgl_synthetic", "events")
    }
    first = [
        (row["drug"], low[row["patient_id"]], seen[row["patient_id"], row["drug"]])
        for row in rows("lgl_synthetic", "medications")
        if row["line_of_therapy"] == "1" and (row["patient_id"], row["drug"]) in seen
    ]
    share = 0.0
    for is_low in (True, False):
        own = [answered for drug, at, answered in first if (drug, at) == ("methotrexate", is_low)]
        share += sum(own) / len(own) * sum(at == is_low for _, at, _ in first) / len(first)
    key = "response/standardised/methotrexate/proportion"
    assert number(drawn.responses(), key) == pytest.approx(share)


def test_another_limit_makes_another_class_of_the_same_patients(tmp_path: Path):
    """Four clones that lasted: of 0.8 and 1.9 × 10⁹/L uncertain by the original limit, 2.1 not."""
    counts = {"A": "0.8", "B": "1.9", "C": "2.1", "D": "0.3"}
    cohort = written(
        tmp_path / "own", patients=[{"patient_id": name} for name in counts],
        clonality=[
            {"patient_id": name, "taken_on": day, "lgl_count": count, "cd3": "positive",
             "tcr_method": "pcr", "tcr_result": "clonal"}
            for name, count in counts.items() for day in ("2024-01-01", "2024-09-01")
        ],
    )  # fmt: skip
    findings = Lgl(cohort).rules()
    by_rule = {
        name: findings.by_key[f"lgl/rules/{name}/t_lgl/proportion"].events
        for name in ("lamy", "original", "no_duration")
    }
    assert by_rule == {"lamy": 3, "original": 1, "no_duration": 3}
    assert isinstance(findings.by_key["lgl/rules/e5998/t_lgl/proportion"], NotEstimable)
    assert sentences(findings) == [
        (
            "Raising the limit to 2.0 × 10⁹/L moves 2 of the 3 with T-LGL leukaemia to ‘clone of "
            "uncertain significance’; the others: still T-LGL leukaemia 1."
        )
    ]
    assert sentences(Lgl(cohort, lgl_rule="original").rules()) == []


def test_counts_over_time_are_of_who_has_several_days(tmp_path: Path):
    """The highest count of a day, from the first day on; one day, or no date, is no series."""
    counts = [
        ("A", "S1", "2024-01-01", "0.9"), ("A", "S2", "2024-01-01", "1.1"),
        ("A", "S3", "2024-03-01", "0.4"), ("B", "S1", "2024-01-01", "0.9"),
        ("B", "S2", "", "0.8"), ("C", "S1", "2024-01-01", "0.9"),
    ]  # fmt: skip
    names = ("patient_id", "sample_id", "taken_on", "lgl_count")
    cohort = written(
        tmp_path / "own", patients=[{"patient_id": name} for name in "ABC"],
        clonality=[dict(zip(names, row, strict=True)) for row in counts],
    )  # fmt: skip
    findings = Lgl(cohort).counts()
    (track,) = findings.by_key["lgl/counts/series"].tracks
    assert (track.x, track.y) == ((0.0, 60.0), (1.1, 0.4))
    assert sentences(findings) == ["LGL were counted on several days in 1 of those described."]


R, Q = VerdictKind.REPRODUCED, VerdictKind.AGREES_WITH_ITSELF
VERDICTS = {
    ("trbc1_2021", "trbc1_2021"): {
        "agreement/trbc1/v_beta/positive": R, "agreement/trbc1/v_beta/negative": R,
        "agreement/trbc1/v_beta/kappa": R, "agreement/trbc1/v_beta/mcnemar_exact_p_value": R,
    },
    ("v_beta_pcr25", "v_beta_pcr25"): {
        "clonal/v_beta/t_lgl_leukaemia/proportion": Q, "clonal/pcr/t_lgl_leukaemia/proportion": R,
        "agreement/v_beta/pcr/kappa": R,
    },
    ("ra_stat3", "gorodetskiy2021"): {
        "mutation/STAT3/gorodetskiy_2021/t_lgl_leukaemia/proportion": R,
        "mutation/STAT3/gorodetskiy_2021/felty/proportion": R,
        "mutation/STAT3/gorodetskiy_2021/p_value": R,
        "mutation/STAT3/felty/gorodetskiy_2021/savola_2018/p_value": R,
    },
    ("ra_stat3", "savola2018"): {
        "mutation/STAT3/savola_2018/felty/proportion": VerdictKind.CONSISTENT_WITH,
    },
    ("bareau_courses", "bareau2010"): dict.fromkeys(
        (
            *(f"response/{drug}/{kind}" for kind in ("overall", "complete") for drug in LGL_DRUGS),
            "response/p_value", "ever_responded/lowest", "ever_responded/highest",
        ), R,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "about"), VERDICTS, ids=lambda name: name)
def test_each_printed_figure_has_its_verdict(name: str, about: str):
    """With defaults, on the cohort rebuilt from it; of a second study the cohort is another."""
    asked = Lgl(open_cohort(name))
    parts = (asked.agreement(), asked.mutations(), asked.responses(), asked.ever_responded())
    results = {key: result for part in parts for key, result in part.by_key.items()}
    judged = {
        verdict.claim_key.removeprefix("lgl/"): verdict.verdict
        for verdict in judge(results, study(about), asked._cohort.card)
        if verdict.claim_key.startswith("lgl/")
    }
    assert judged == VERDICTS[name, about]
