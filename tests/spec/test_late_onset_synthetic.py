"""The made-up cohort of late onset: its truth is found again, and what sparse counting misses."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from incohort.analyses.late_onset.study import LateOnset
from incohort.cohort import open_cohort
from incohort.dictionary.files import bundled
from incohort.results import Findings
from incohort.stats.competing import aalen_johansen
from incohort.synthetic import late_onset
from incohort.synthetic.late_onset_truth import DISEASES, NAME, LateOnsetTruth, draw

FOLDER = bundled("data_dictionary") / "cohorts" / NAME
TRUTH = LateOnsetTruth()


@cache
def incidence() -> Findings:
    """What the report of the shipped cohort says of incidence."""
    return LateOnset(open_cohort(NAME)).incidence()


def test_the_program_writes_what_ships(tmp_path: Path):
    """The same seed gives the same bytes."""
    late_onset.write(tmp_path / NAME)
    for path in sorted(FOLDER.iterdir()):
        assert (tmp_path / NAME / path.name).read_bytes() == path.read_bytes(), path.name


def test_the_mix_is_the_published_one():
    """738 patients: 529, 73, 59, 24 and 53; 515 given cyclophosphamide, none in minimal change."""
    drawn = draw(TRUTH, np.random.default_rng(1))
    is_spared = drawn.disease == "minimal_change_fsgs"

    assert [int((drawn.disease == name).sum()) for name in DISEASES] == [529, 73, 59, 24, 53]
    assert drawn.cyclophosphamide.sum() == 515
    assert not drawn.cyclophosphamide[is_spared].any()
    assert np.isinf(drawn.onset[is_spared]).all()


def test_the_truth_is_the_sum_over_days():
    """Day by day: alive without an onset so far, times the chance of one that day."""
    alone = LateOnsetTruth(lupus=1.0, cyclophosphamide=1.0)
    free, share = 1.0, 0.0
    for day in range(365):
        is_spared = day % 182 < 28
        rate = 0.0 if is_spared else 0.072 / 365.25
        chance = 1 - np.exp(-rate)
        alive = np.exp(-0.01 / 365.25 * (day + 0.5))
        share += free * chance * alive
        free *= 1 - chance

    assert abs(alone.incidence(365) - share * (738 - 59) / 738) < 1e-12


def test_every_onset_is_late():
    """None falls on the first 28 days after a dose; some fall on the day that follows."""
    onsets = np.concatenate([draw(TRUTH, np.random.default_rng(s)).onset for s in range(20)])
    since_dose = onsets[np.isfinite(onsets)] % 182

    assert since_dose.min() == 28


def test_the_estimator_finds_the_truth_in_a_hundred_seeds():
    """Of 100 intervals of those seen day by day at least 93 hold the true share within a year."""
    truth, n_held = TRUTH.incidence(365), 0
    for seed in range(100):
        drawn = draw(TRUTH, np.random.default_rng(seed))
        time = np.minimum(np.minimum(drawn.onset, drawn.death), TRUTH.horizon)
        cause = np.where(drawn.onset <= time, 1, np.where(drawn.death <= time, 2, 0))
        at = aalen_johansen(time, cause).of(1).at([365.0])
        n_held += bool(at.ci_low[0] <= truth <= at.ci_high[0])

    assert n_held >= 93


def test_the_report_holds_the_truth_where_counts_are_dense_and_not_where_they_are_sparse():
    """Counted every fortnight the interval holds it; counted at infusions it lies far below."""
    told = incidence().by_key
    often, rarely = (
        told[f"late_onset/incidence/{name}/one_year/proportion"] for name in ("often", "rarely")
    )
    truth = told["late_onset/incidence/truth/proportion"].value

    assert truth == TRUTH.incidence(365)
    assert often.ci_low <= truth <= often.ci_high
    assert rarely.ci_high < truth
