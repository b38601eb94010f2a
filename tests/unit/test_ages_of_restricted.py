"""A restricted cohort is parted by the dictionary's bands of age and by no other limit."""

from __future__ import annotations

import csv
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import incohort as ic
from incohort.analyses import own
from incohort.analyses.studies import STUDIES, class_of
from incohort.cohort import Cohort, open_cohort
from incohort.dictionary import load
from incohort.errors import UsageError

BANDS = [band.value for band in load().definition("age_bands").alternatives]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A restricted cohort of 20, aged 10 to 86."""
    place = tmp_path_factory.mktemp("cohort")
    with (place / "patients.csv").open("w", encoding="utf-8", newline="") as file:
        rows = [(f"P{i:02}", "female", 10 + 4 * i) for i in range(20)]
        csv.writer(file).writerows([("patient_id", "sex", "age_years"), *rows])
    return place


@pytest.fixture(scope="module")
def cohort(folder) -> Cohort:
    """The cohort of that folder."""
    return open_cohort(str(folder))


@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize("name", ["age_from", "age_below"])
def test_only_the_limits_of_bands_are_let_in(cohort, study, name):
    """Each band's limit is; a year beside it is refused in one line that names the bands."""
    for limit in BANDS:
        class_of(study)(cohort, **{name: limit})
        with pytest.raises(UsageError) as refused:
            class_of(study)(cohort, **{name: limit + 1})
        words = str(refused.value)
        assert f"not {name}={limit + 1:g}:" in words
        assert "(1, 18, 40, 65, 80 years)" in words
        assert "\n" not in words


def test_a_study_in_python_refuses_it_and_an_internal_one_does_not(folder, monkeypatch):
    """`ic.cohort_overview(cohort=…)` asks as a notebook does; the team may ask for any age."""
    monkeypatch.setenv("INCOHORT_INTERNAL", "")
    with pytest.raises(UsageError, match="bands"):
        ic.cohort_overview(cohort=str(folder), age_from=30)
    monkeypatch.setenv("INCOHORT_INTERNAL", "1")

    assert ic.cohort_overview(cohort=str(folder), age_from=30).asked.age_from == 30


def test_the_command_line_says_it_in_one_line(folder, tmp_path):
    """A run of notebook 01 ends with the sentence."""
    words = ["run", "01_cohort_overview", "--cohort", str(folder), "-p", "age_from=30"]
    command = [sys.executable, "-m", "incohort", *words, "--strict", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode != 0
    lines = [line for line in (done.stdout + done.stderr).splitlines() if "bands" in line]
    assert len(lines) == 1
    assert "(1, 18, 40, 65, 80 years), not age_from=30" in lines[0]


@pytest.mark.parametrize("ask", [own.patients, own.episodes])
def test_a_readers_own_rows_too(cohort, ask):
    """The first of them are those of a study; within the team any age will do."""
    with pytest.raises(UsageError, match="age_below=50"):
        ask(cohort, age_below=50)


def test_ages_of_a_public_cohort_and_of_the_teams_own_are_free(cohort):
    """What anybody may see, or whoever asks may, is parted at will."""
    public = replace(cohort, card=replace(cohort.card, is_public=True))

    assert len(own.patients(public, age_below=50)) == 10
    assert len(own.patients(cohort, is_open=True, age_below=50)) == 10
