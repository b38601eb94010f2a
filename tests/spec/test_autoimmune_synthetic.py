"""The synthetic autoimmune cohort: its known truth, found again by plain loops and estimators."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from rebuilt import rows

from incohort.analyses.autoimmune.study import AutoimmuneDisease
from incohort.cohort import open_cohort
from incohort.stats.clustered import clustered_share
from incohort.stats.proportions import proportion
from incohort.synthetic.autoimmune_synthetic import AutoimmuneTruth, draw_counts, write

NAME = "autoimmune_synthetic"
TRUTH = AutoimmuneTruth()


@pytest.fixture(scope="module")
def study():
    return AutoimmuneDisease(open_cohort(NAME))


def holds(result, value: float) -> bool:
    """Whether an interval holds a number."""
    return result.ci_low <= value <= result.ci_high


def test_the_cohort_is_what_its_program_writes(tmp_path: Path):
    """The same bytes, file by file."""
    write(tmp_path)
    shipped = {path.name for path in tmp_path.iterdir()}
    assert shipped >= {"visits.csv", "labs.csv", "datapackage.json"}
    for path in tmp_path.glob("*.csv"):
        with path.open(encoding="utf-8") as file:
            assert len(file.readlines()) - 1 == len(rows(NAME, path.stem))
        assert rows(tmp_path.name, path.stem, tmp_path.parent) == rows(NAME, path.stem)


def test_the_report_counts_what_a_plain_loop_counts(study):
    """Patients with a count below 1.5, and visits: a low count on their day."""
    lows = defaultdict(list)
    for row in rows(NAME, "labs"):
        if row["analyte"] == "ANC":
            lows[row["patient_id"]].append(float(row["value"]) < 1.5)
    findings = study.units().by_key
    patients = findings["autoimmune/unit/patient/proportion"]
    visits = findings["autoimmune/unit/outpatient/proportion"]
    assert (patients.events, patients.n) == (sum(map(any, lows.values())), 900)
    assert (visits.events, visits.n) == (sum(map(sum, lows.values())), len(rows(NAME, "visits")))


def test_the_shipped_report_holds_the_truth(study):
    """Seven shares of patients, the share of visits, and how much more often infections come."""
    frequency, units = study.frequency().by_key, study.units().by_key
    for disease in TRUTH.diseases:
        name = disease.subtype or disease.name
        assert holds(frequency[f"autoimmune/frequency/{name}/1.5"], disease.share), name
    assert holds(units["autoimmune/unit/patient/proportion"], TRUTH.of_patients)
    assert holds(units["autoimmune/unit/outpatient/proportion"], TRUTH.of_visits)
    assert holds(study.infections().by_key["autoimmune/infection_rate/ratio"], TRUTH.ratio)


def test_a_share_of_visits_is_visibly_too_high(study):
    """Its interval lies above the share of patients that everybody was drawn with."""
    visits = study.units().by_key["autoimmune/unit/outpatient/proportion"]
    assert TRUTH.of_visits > 1.5 * TRUTH.of_patients
    assert visits.ci_low > TRUTH.of_patients
    assert study.units().by_key["autoimmune/unit/outpatient/design_effect"].value > 2


def test_of_a_hundred_seeds_the_intervals_hold_the_truth():
    """At least 93 for the share of patients, and for that of visits with patients as clusters."""
    held = np.zeros(2, dtype=int)
    for seed in range(100):
        rng = np.random.default_rng(seed)
        drawn = [lows for d in TRUTH.diseases for lows in draw_counts(d, TRUTH, rng)]
        patients = proportion(sum(map(any, drawn)), len(drawn))
        events = np.concatenate([np.array(lows) for lows in drawn])
        who = np.repeat(np.arange(len(drawn)), [len(lows) for lows in drawn])
        visits = clustered_share(events, who).share
        held += (holds(patients, TRUTH.of_patients), holds(visits, TRUTH.of_visits))
    assert (held >= 93).all(), held


def test_the_answer_has_all_diseases_in_one_sentence(study):
    """Seven sentences on frequencies would leave no room for anything else."""
    keys = [each.template for each in study.answer().layout.sentences]
    assert sum("/frequency/" in template for template in keys) == 1
    assert keys[0].count("fraction_percent_ci") == len(TRUTH.diseases)
    assert any("/felty/" in template for template in keys)
