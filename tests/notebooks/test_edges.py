"""Cohorts with next to nothing in them: each notebook says what it can't tell, and why."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest

from incohort.reports.notebooks import bundled_notebooks, read_notebook
from incohort.results import Estimate, Measure, NotEstimable

NOTEBOOKS = bundled_notebooks()
WITH_AGES = [
    name
    for name in NOTEBOOKS
    if any(parameter.name == "age_from" for parameter in read_notebook(name).parameters)
]
CARD = {
    "name": "own",
    "title": "A clinic's own patients",
    "incohort": {"privacy": "public"},
    "resources": [],
}


def write(folder: Path, **tables: list[dict[str, str]]) -> str:
    """A public cohort of these rows; its place."""
    folder.mkdir()
    (folder / "datapackage.json").write_text(json.dumps(CARD), encoding="utf-8")
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return str(folder)


def one_patient(folder: Path) -> str:
    """Somebody with Hashimoto's disease, one count, one test, one infection."""
    who = {"patient_id": "P1"}
    return write(
        folder,
        patients=[who | {"sex": "female", "age_years": "41", "aetiology": "thyroid_disease"}],
        labs=[who | {"analyte": "ANC", "taken_at": "2024-02-29", "value": "900", "unit": "/uL"}],
        antibody_tests=[who | {"sample_id": "S1", "assay": "gift", "result": "positive"}],
        diagnoses=[who | {"condition": "thyroid_disease", "subtype": "hashimoto"}],
        events=[who | {"event": "infection", "occurred_on": "2024-03-01"}],
    )


def ids_only(folder: Path) -> str:
    """Three patients of whom nothing is known."""
    return write(folder, patients=[{"patient_id": f"P{n}"} for n in range(3)])


def without_thyroid_tests(folder: Path) -> str:
    """Four patients with counts, and no table on tests, diagnoses or events."""
    people = [{"patient_id": f"P{n}", "sex": "male", "age_years": str(30 + n)} for n in range(4)]
    counts = [
        {"patient_id": f"P{n}", "analyte": "ANC", "taken_at": "2024-01-01", "value": str(v),
         "unit": "10*9/L"}
        for n, v in enumerate((0.4, 0.9, 1.4, 3.0))
    ]  # fmt: skip
    return write(folder, patients=people, labs=counts)


def by_key(findings) -> dict:
    """All results of a report under their keys."""
    return {key: result for found in findings for key, result in found.by_key.items()}


def is_published(result) -> bool:
    """Whether a number rests on publications alone, so that it is there whoever is selected."""
    from_evidence = result.key.startswith(("gcsf_evidence/", "checkpoint/")) and not result.sources
    return from_evidence or "implied_n" in result.key


@pytest.mark.parametrize("name", WITH_AGES)
def test_an_empty_subgroup_has_counts_of_zero_and_reasons(run_cells, half_said, name):
    """Nobody is 120 years old: counts are 0, all else is unknowable, no sentence is half said."""
    findings = run_cells(name, age_from=120.0)
    results = by_key(findings)
    of_patients = [r for r in results.values() if not is_published(r)]
    estimates = [r for r in of_patients if isinstance(r, Estimate)]
    before = ("/attrition/cohort/count", "/attrition/age/excluded/count")

    assert {r.measure for r in estimates} <= {Measure.COUNT}
    assert all(r.value == 0 for r in estimates if not r.key.endswith(before))
    assert any(isinstance(r, NotEstimable) for r in of_patients)
    assert half_said(findings) == []


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_no_sentence_on_one_patient_is_half_said(run_cells, half_said, tmp_path, name):
    """What needs more than one patient is not there, rather than there with a reason in it."""
    assert half_said(run_cells(name, cohort=one_patient(tmp_path / "one"))) == []


def test_one_patient_is_counted_and_nothing_is_compared(run_cells, tmp_path):
    """1 of 1 has thyroid disease and antibodies; no test, model or spread is made of one."""
    cohort = one_patient(tmp_path / "one")
    results = by_key(run_cells("02_thyroid_antibodies", cohort=cohort))

    share = results["thyroid_antibodies/frequency/thyroid_disease/proportion"]
    assert (share.events, share.n, share.value) == (1, 1, 1.0)
    assert results["thyroid_antibodies/anti_pmn/hashimoto/proportion"].value == 1.0
    assert not [r for r in results.values() if getattr(r, "measure", None) is Measure.P_VALUE]
    for key in ("anti_pmn/hashimoto_vs_rest/odds_ratio", "logistic/age/odds_ratio"):
        assert isinstance(results[f"thyroid_antibodies/{key}"], NotEstimable)


def test_one_patient_in_the_overview(run_cells, tmp_path):
    """A count of 900/µL is 0.9 × 10⁹/L, moderate by every system; one count tells no course."""
    cohort = one_patient(tmp_path / "one")
    results = by_key(run_cells("01_cohort_overview", cohort=cohort))

    assert results["cohort_overview/anc/median"].value == 0.9
    assert results["cohort_overview/severity/moderate/proportion"].value == 1.0
    course = results["cohort_overview/course/unknown/proportion"]
    assert isinstance(course, NotEstimable)
    assert "no second neutrophil count" in course.reason


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        *((name, {}) for name in NOTEBOOKS),
        *(("01_cohort_overview", {"group_by": by}) for by in ("sex", "centre", "course")),
    ],
)
def test_patients_of_whom_nothing_is_known(run_cells, tmp_path, name, changed):
    """Three numbers without a value: everybody is counted, and no cell breaks."""
    results = by_key(run_cells(name, cohort=ids_only(tmp_path / "ids"), **changed))
    counts = {r.value for r in results.values() if getattr(r, "measure", None) is Measure.COUNT}

    assert counts <= {0.0, 3.0}
    assert 3.0 in counts


def test_a_missing_table_is_named(run_cells, tmp_path):
    """Whoever has no antibody tests reads that, and not that nobody is positive."""
    cohort = without_thyroid_tests(tmp_path / "own")
    results = by_key(run_cells("02_thyroid_antibodies", cohort=cohort))

    for key in ("anti_pmn/all/proportion", "anti_pmn/by_subtype/fisher_p_value"):
        assert "no table antibody_tests" in results[f"thyroid_antibodies/{key}"].reason
    assert "no table events" in results["thyroid_antibodies/infections/thyroid/proportion"].reason


@pytest.mark.slow
@pytest.mark.parametrize("make", [one_patient, ids_only, without_thyroid_tests])
def test_the_real_run_renders(command, tmp_path, make):
    """Through papermill and onto the page: exit code 0, whole reports, no number that is none."""
    out = tmp_path / "out"
    done = command("run", *NOTEBOOKS, "--cohort", make(tmp_path / "c"), "--out", out)

    assert done.returncode == 0, done.stderr
    for name in NOTEBOOKS:
        page = (out / f"{name}--c" / "report.html").read_text(encoding="utf-8")
        visible = re.sub(r"<[^>]*>", " ", page.partition("<body>")[2])
        assert not re.search(r"\b(nan|NaN|inf|None %)\b", visible)
        assert "✗ This notebook failed" not in page
        assert 'data-state="not-estimable"' in page or "cohort has no table" in visible


@pytest.mark.slow
def test_the_empty_subgroup_renders(command, tmp_path):
    """A report on nobody is a report, and says so."""
    done = command("run", *WITH_AGES, "-p", "age_from=120", "--out", tmp_path)

    assert done.returncode == 0, done.stderr
    assert len([*tmp_path.glob("*/report.html")]) == len(WITH_AGES)
