"""Every figure of the rebuilt studies of clonality, counted again from the written files."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path

import pytest
import rebuilt
from rebuilt import card, fisher, rows, who

from incohort.commands.reporting import demo_requests
from incohort.dictionary import study
from incohort.stats.margins import Crossed, extent
from incohort.synthetic import clonality_studies

COLUMNS = {
    "trbc1_2021": {"clonality.sample_id", "clonality.tcr_method", "clonality.tcr_result"},
    "v_beta_pcr25": {
        "clonality.sample_id", "clonality.tcr_method", "clonality.tcr_result",
        "diagnoses.condition",
    },
    "ra_stat3": {
        "clonality.lgl_count", "clonality.tcr_result", "diagnoses.condition", "gene_tests.gene",
        "gene_tests.method", "gene_tests.origin", "gene_tests.result", "patients.centre",
    },
    "bareau_courses": {
        "events.drug", "events.event", "events.response", "medications.atc", "medications.drug",
        "medications.role",
    },
}  # fmt: skip


def results(name: str, method: str) -> dict[str, str]:
    """What a method found in each patient's one sample."""
    found = [row for row in rows(name, "clonality") if row["tcr_method"] == method]
    assert len(found) == len({row["patient_id"] for row in found})
    return {row["patient_id"]: row["tcr_result"] for row in found}


def fourfold(name: str, first: str, second: str) -> tuple[int, int, int, int]:
    """Clonal by both, by the first alone, by the second alone, by neither."""
    one, other = results(name, first), results(name, second)
    assert one.keys() == other.keys()
    cells = Counter((one[p] == "clonal", other[p] == "clonal") for p in one)
    return tuple(
        cells[found] for found in ((True, True), (True, False), (False, True), (False,) * 2)
    )


def percent(events: int, n: int, digits: int = 0) -> str:
    return f"{100 * events / n:.{digits}f}"


@pytest.mark.parametrize("name", COLUMNS)
def test_a_rebuilt_cohort_is_what_its_program_writes(name, tmp_path: Path):
    """The same bytes, no fault, nothing worth a look, no column of what was not printed."""
    write = partial(clonality_studies.write, name)
    rebuilt.holds(name, COLUMNS[name], write, tmp_path)


@pytest.mark.parametrize("name", COLUMNS)
def test_what_is_held_is_printed(name):
    """Each key that is said to come out is in the register; of two studies in one of them."""
    studies = [card(name)["study"], *(["savola2018"] if name == "ra_stat3" else [])]
    assert set(card(name)["held"]) <= {c.key for s in studies for c in study(s).claims}


def test_trbc1_against_v_beta_is_as_printed():
    """51, 4, 1 and 43 of 99; 51 of 52 are 98 %, 43 of 47 are 91 %; the 4 are oligoclonal."""
    a, b, c, d = fourfold("trbc1_2021", "trbc1", "v_beta")
    assert (a, b, c, d) == (51, 4, 1, 43)
    assert len(rows("trbc1_2021", "patients")) == 99
    assert (percent(a, a + c), percent(43, b + d)) == ("98", "91")
    v_beta, trbc1 = results("trbc1_2021", "v_beta"), results("trbc1_2021", "trbc1")
    assert {p for p in v_beta if v_beta[p] == "oligoclonal"} == {
        p for p in v_beta if trbc1[p] == "clonal" != v_beta[p]
    }


def test_v_beta_against_pcr_is_as_printed():
    """Both 17, one each alone, neither 6; 16 of 17 and 2 of 8 by PCR, 17 of 17 and 1 of 8 by Vβ."""
    name = "v_beta_pcr25"
    assert fourfold(name, "v_beta", "pcr") == (17, 1, 1, 6)
    t_lgl = who(name, "diagnoses", condition="t_lgl_leukaemia")
    everybody = who(name, "patients")
    assert (len(t_lgl), len(everybody)) == (17, 25)
    for method, printed in (("v_beta", (17, 1)), ("pcr", (16, 2))):
        clonal = who(name, "clonality", tcr_method=method, tcr_result="clonal")
        assert (len(clonal & t_lgl), len(clonal - t_lgl)) == printed
    assert (percent(17, 25), percent(16, 17)) == ("68", "94")


def test_another_malignancy_gives_the_printed_p():
    """1 of 17 against 4 of 8: P = 0.023 by Fisher."""
    name = "v_beta_pcr25"
    ill, t_lgl = (
        who(name, "diagnoses", condition="other"),
        who(name, "diagnoses", condition="t_lgl_leukaemia"),
    )
    assert (len(ill & t_lgl), len(ill - t_lgl)) == (1, 4)
    assert f"{fisher(4, 8, 1, 17):.4f}" == "0.0235"
    (claim,) = (c for c in study(name).claims if c.key.endswith("/malignancy"))
    assert abs(fisher(4, 8, 1, 17) - claim.value) <= claim.tolerance + 1e-12


def test_stat3_by_study_and_group_is_as_printed():
    """6 of 14, none of 25, 22 of 56; more than 2.0 LGL in none of the 25 and 12 of the 56."""
    name = "ra_stat3"
    mutated = who(name, "gene_tests", gene="STAT3", result="mutated")
    tested = who(name, "gene_tests", gene="STAT3")
    felty, t_lgl = (who(name, "diagnoses", condition=c) for c in ("felty", "t_lgl_leukaemia"))
    savola = who(name, "patients", centre="Savola 2018")
    groups = (savola, felty - savola, t_lgl)
    assert [len(group) for group in groups] == [14, 25, 56]
    assert (
        tested == set().union(*groups) == who(name, "diagnoses", condition="rheumatoid_arthritis")
    )
    assert [len(mutated & group) for group in groups] == [6, 0, 22]
    counts = {row["patient_id"]: float(row["lgl_count"]) for row in rows(name, "clonality")}
    above = {patient for patient, count in counts.items() if count > 2.0}
    assert counts.keys() == groups[1] | groups[2]
    assert (len(above & groups[1]), len(above & groups[2])) == (0, 12)
    assert who(name, "clonality", tcr_result="clonal") == t_lgl
    assert who(name, "gene_tests", method="amplicon_ngs") == savola


def test_stat3_and_large_counts_lie_between_the_bounds():
    """None to 12 of the 56 can have both: the draw is one of the tables that the margins allow."""
    table = Crossed({"mutated": (True, False), "above": (True, False)})
    known = [table.total(56), table.total(22, mutated=True), table.total(12, above=True)]
    possible = extent(table.where(mutated=True, above=True), known)
    mutated = who("ra_stat3", "gene_tests", result="mutated")
    both = {
        row["patient_id"] for row in rows("ra_stat3", "clonality") if float(row["lgl_count"]) > 2.0
    } & mutated
    assert (possible.least, possible.most) == (0, 12)
    assert possible.least <= len(both) <= possible.most


@pytest.mark.parametrize(
    ("drug", "printed"),
    [
        ("methotrexate", ("55", "21", 34, 13, 62)),
        ("cyclophosphamide", ("66", "47", 21, 15, 32)),
        ("ciclosporin", ("21", "4", 5, 1, 24)),
        ("corticosteroid", ("12", "3", 4, 1, 33)),
    ],
)
def test_responses_to_courses_are_as_printed(drug, printed):
    """Response and complete response of each drug's courses, in per cent and counts."""
    name = "bareau_courses"
    courses = [row for row in rows(name, "medications") if row["drug"] == drug]
    found = Counter(row["response"] for row in rows(name, "events") if row["drug"] == drug)
    n, responded = sum(found.values()), found["complete"] + found["partial"]
    assert n == len(courses)
    assert printed == (
        percent(responded, n), percent(found["complete"], n), responded, found["complete"], n,
    )  # fmt: skip


def test_every_course_is_a_row_of_its_own():
    """151 courses stand as 151 patients, and the cohort's first words say that they are courses."""
    name = "bareau_courses"
    taken = [row["patient_id"] for row in rows(name, "medications")]
    assert len(taken) == len(set(taken)) == len(rows(name, "patients")) == 151
    assert card(name)["notices"][0].startswith("These are courses, not patients")


def test_another_seed_changes_who_and_never_how_many(tmp_path: Path):
    """Other patients have the mutation, as many as before."""
    clonality_studies.write("ra_stat3", tmp_path / "ra_stat3", seed=1)
    before = who("ra_stat3", "gene_tests", result="mutated")
    after = who("ra_stat3", "gene_tests", tmp_path, result="mutated")
    assert before != after
    assert len(before) == len(after) == 28


def test_the_demo_leaves_out_what_no_notebook_is_asked():
    """A cohort is shown in the notebooks that its study's figures are asked of, and in no other."""
    shown = {(request.cohort, request.notebook) for request in demo_requests()}
    of_lgl = {"trbc1_2021", "v_beta_pcr25", "ra_stat3", "bareau_courses", "lgl_synthetic"}
    assert {notebook for cohort, notebook in shown if cohort in of_lgl} == {"08_lgl_and_clonality"}
    assert of_lgl <= {cohort for cohort, _ in shown}
    assert ("abdulkader2014", "04_anc_recovery") in shown
    assert ("abdulkader2014", "05_gcsf_evidence") not in shown
    assert {cohort for cohort, notebook in shown if notebook == "05_gcsf_evidence"} == {
        "din_synthetic", "mixed_synthetic",
    }  # fmt: skip
