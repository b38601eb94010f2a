"""Recovery from dated rows to numbers: a cohort worked out by hand, five real patients, a truth."""

from __future__ import annotations

import csv
import json
import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from incohort.analyses.anc_recovery.covariates import Known
from incohort.analyses.anc_recovery.multiverse import _specifications
from incohort.analyses.anc_recovery.study import AncRecovery
from incohort.analyses.anc_recovery.truth import LOG_HAZARD_RATIOS, targets
from incohort.claims import VerdictKind, judge
from incohort.cohort import RecoveryChoices, episode_frame, open_cohort
from incohort.cohort.recovery_choices import CONFIRMATIONS, TIME_ZEROS
from incohort.cohort.recovery_times import recovery_times
from incohort.dictionary import study
from incohort.disclosure import PROFILES, Ledger, gate
from incohort.results import Curve, Estimate, NotEstimable, PatientTracks, Suppressed
from incohort.synthetic.din_oracle import oracle
from incohort.synthetic.din_truth import DinTruth

cohort = cache(open_cohort)
PARTS = (
    "who", "trajectories", "recovery", "intervals", "incidence", "models", "gcsf", "criteria",
    "multiverse", "answer",
)  # fmt: skip

# Three patients, the drug stopped on day 0 in each. Counts in 10⁹/L by day:
#   A  0: 0.3   4: 0.8   6: 1.6            recovered in (4, 6]; severe infection on day 3
#   B  0: 0.2   3: 0.1   and died on day 5
#   C  0: 0.4   8: 1.2  10: 1.9            recovered in (8, 10]; G-CSF from day 2
DAYS = {"A": {0: 0.3, 4: 0.8, 6: 1.6}, "B": {0: 0.2, 3: 0.1}, "C": {0: 0.4, 8: 1.2, 10: 1.9}}


@cache
def results(name: str, *, design: tuple = (), **choices) -> dict:
    """Every result of the report under its key, without the prefix."""
    asked = AncRecovery(cohort(name), **choices, **dict(design))
    found = [getattr(asked, part)() for part in PARTS]
    return {
        key.removeprefix("anc_recovery/"): result
        for one in found
        for key, result in one.by_key.items()
    }


def dated(day: int) -> str:
    """A day of February and March of a leap year."""
    return f"2024-02-{25 + day:02d}" if day <= 4 else f"2024-03-{day - 4:02d}"


def folder(place: Path, *, privacy: str = "public") -> str:
    """The three patients as a reader's folder."""
    place.mkdir()
    card = {"name": "three", "title": "Three", "incohort": {"privacy": privacy}, "resources": []}
    (place / "datapackage.json").write_text(json.dumps(card), encoding="utf-8")
    drug = {"atc": "H03BB02", "drug": "thiamazole", "role": "suspect", "started_on": "2024-01-20"}
    gcsf = {"atc": "L03AA02", "drug": "filgrastim", "role": "treatment"}
    tables = {
        "patients": [{"patient_id": p, "sex": "female", "age_years": "50"} for p in DAYS],
        "labs": [
            {"patient_id": p, "analyte": "ANC", "taken_at": dated(day), "value": str(value),
             "unit": "10*9/L"}
            for p, counts in DAYS.items() for day, value in counts.items()
        ],
        "medications": [
            *({"patient_id": p, **drug, "stopped_on": dated(0)} for p in DAYS),
            {"patient_id": "C", **gcsf, "started_on": dated(2), "stopped_on": dated(9)},
        ],
        "events": [
            {"patient_id": "B", "event": "death", "occurred_on": dated(5), "grade": "5"},
            {"patient_id": "A", "event": "infection", "occurred_on": dated(3), "grade": "3"},
        ],
    }  # fmt: skip
    for name, rows in tables.items():
        with (place / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return str(place)


@pytest.fixture(scope="module")
def three(tmp_path_factory) -> dict:
    """The report on the three."""
    return results(folder(tmp_path_factory.mktemp("own") / "three"))


def test_the_curve_of_three_steps_where_they_recover(three):
    """Death on day 5 takes one of three away; of the two left one recovers: ½, then 0."""
    curve = three["km/all/curve"]
    assert curve.x == (5.0, 6.0, 10.0)
    assert curve.y == pytest.approx((1.0, 0.5, 0.0))
    assert curve.n_at_risk == (3, 2, 1)
    assert (curve.n_events, curve.n_censored) == ((0, 1, 1), (1, 0, 0))
    assert three["km/all/median"].value == pytest.approx((6 + 10) / 2)  # flat at ½ from 6 to 10


def test_the_restricted_mean_of_three_is_the_area_under_their_curve(tmp_path):
    """Up to day 8: six whole days, and two at one half."""
    found = results(folder(tmp_path / "three"), design=(("horizon_days", 8),))
    assert found["km/all/rmst"].value == pytest.approx(6 + 2 * 0.5)


def test_recovered_and_dead_of_three_add_up(three):
    """One of three is dead by day 7 and one recovered: Kaplan and Meier's curve says ½ of them."""
    assert three["incidence/all/died/by_day_7/proportion"].value == pytest.approx(1 / 3)
    assert three["incidence/all/recovered/by_day_7/proportion"].value == pytest.approx(1 / 3)
    assert three["km/all/by_day_7/proportion"].value == pytest.approx(1 / 2)
    assert three["incidence/all/recovered/by_day_14/proportion"].value == pytest.approx(2 / 3)


def test_the_intervals_of_three(three):
    """Half of the mass lies in (4, 6], half in (8, 10]; both are two days wide."""
    assert three["intervals/npmle/median_low"].value == 4
    assert three["intervals/npmle/median_high"].value == 10
    assert three["intervals/width/median"].value == 2
    # B is known to be low on day 3 only, and leaves there; then (4 + 6)/2 and (8 + 10)/2.
    assert three["intervals/midpoint/curve"].x == (3.0, 5.0, 9.0)


@pytest.mark.parametrize("has_events", [True, False])
def test_a_covariate_that_nobody_recorded_is_left_out_and_told(tmp_path, has_events):
    """Without infections the models are of the count and the age, and say so; they aren't gone."""
    place = Path(folder(tmp_path / "three"))
    rows = (place / "events.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    if has_events:
        (place / "events.csv").write_text("".join(rows[:2]), encoding="utf-8")  # the death alone
    else:
        (place / "events.csv").unlink()
    patients = (place / "patients.csv").read_text(encoding="utf-8").splitlines()
    aged = [
        patients[0],
        *(line.replace("50", str(50 + 9 * i)) for i, line in enumerate(patients[1:])),
    ]
    (place / "patients.csv").write_text("\n".join(aged) + "\n", encoding="utf-8")
    asked = AncRecovery(cohort(str(place)), covariates="infection, age")

    found = asked.models()

    told = {result.key.removeprefix("anc_recovery/models/"): result for result in found.results}
    reason = "this cohort records no infections" if has_events else "the cohort has no table events"
    assert told["cox/infection/hazard_ratio"].reason == reason
    assert "no table" not in getattr(told["cox/age/hazard_ratio"], "reason", "")
    assert told["n/count"].value == 3
    assert any("Severe infection" in note for note in found.layout.tables[0].notes)


def test_an_infection_is_known_from_its_day_on_and_not_before(tmp_path):
    """A's infection on day 3 explains nothing on day 2, and nothing at time zero."""
    asked = AncRecovery(cohort(folder(tmp_path / "three")), covariates="infection")
    known = Known(asked._question)
    days = np.array([0.0, 2.0, 3.0, 5.0])
    assert known.baseline[:, 0].tolist() == [0, 0, 0]
    assert known.on_days(np.zeros(4, dtype=np.int64), days)[:, 0].tolist() == [0, 0, 1, 1]


def test_a_lower_threshold_and_a_next_count_move_the_three(tmp_path):
    """From 0.5 A is back on day 4; C's 1.2 on day 8 is confirmed by the count after it."""
    name = folder(tmp_path / "three")
    low = results(name, recovery_threshold=0.5)
    confirmed = results(name, recovery_threshold=0.5, confirmation="next_count")
    assert low["km/all/curve"].x == (4.0, 5.0, 8.0)
    assert confirmed["km/all/curve"].x == (4.0, 5.0, 8.0)
    assert results(name, confirmation="next_count")["km/all/recovered/count"].value == 0


def test_of_three_nothing_is_claimed_that_they_can_not_tell(three):
    """No P value, no weight and no model is made of three; each absence has its reason."""
    for key in ("km/logrank_p_value", "models/cox/age/hazard_ratio", "gcsf/weighted/hazard_ratio"):
        assert isinstance(three[key], NotEstimable), key
    assert len({one.reason for one in three.values() if isinstance(one, NotEstimable)}) > 3


@pytest.fixture(scope="module")
def of_three(tmp_path_factory) -> AncRecovery:
    """The study of a clinic's three patients, whose cohort is restricted."""
    three = tmp_path_factory.mktemp("restricted") / "three"
    return AncRecovery(cohort(folder(three, privacy="restricted")))


@pytest.mark.parametrize("profile", ["opensafely", "darwin", "acro"])
def test_of_three_restricted_patients_no_number_passes_the_gate(of_three, profile):
    """A clinic's three patients: no series, no curve and no count of one of them gets out."""
    ledger = Ledger()
    for part in PARTS:
        shown = gate(getattr(of_three, part)(), PROFILES[profile], ledger)
        assert not [r for r in shown.results if isinstance(r, Estimate | Curve | PatientTracks)]
        assert any(isinstance(r, Suppressed) for r in shown.results)


def test_the_five_of_abdulkader_are_reproduced():
    """Every printed figure comes out: onset 151 days (71 to 184), six episodes of 4 to 15 days."""
    asked = AncRecovery(cohort("abdulkader2014"))
    found = judge(asked.who().by_key, study("abdulkader2014"), cohort("abdulkader2014").card)
    assert len(found) == 8
    assert {verdict.verdict for verdict in found} == {VerdictKind.REPRODUCED}


def test_from_the_first_low_count_abdulkaders_durations_are_the_times():
    """9, 14, 7, 15 and 14 days; the fourth of five is 14, and G-CSF has no date."""
    found = results("abdulkader2014", time_zero="first_low")
    curve = found["km/all/curve"]
    assert curve.x == (7.0, 9.0, 14.0, 15.0)
    assert curve.n_events == (1, 1, 2, 1)
    assert found["km/all/median"].value == 14
    assert found["gcsf/unplaced/count"].value == 2


@pytest.fixture(scope="module")
def marginal() -> float:
    """The truth for a weighted model, simulated."""
    return oracle(DinTruth(), np.random.default_rng(5), n=40_000).marginal_log_hr.value


def test_the_right_methods_cover_the_truth_and_the_naive_one_is_too_low(marginal):
    """G-CSF multiplies the hazard by 1.5: days and weights see it, ever against never does not."""
    found = results("din_synthetic")
    for method, truth in (
        ("daily", 1.5), ("imputed", 1.5), ("weighted_given", 1.5),
        ("weighted", math.exp(marginal)),
    ):  # fmt: skip
        ratio = found[f"gcsf/{method}/hazard_ratio"]
        assert ratio.ci_low < truth < ratio.ci_high, method
    naive = found["gcsf/ever_never/hazard_ratio"]
    assert naive.ci_high < 1.5
    assert naive.value < 1 < found["gcsf/time_varying/hazard_ratio"].value


def test_what_the_truth_says_of_covariates_is_covered():
    """A nadir below 0.1 multiplies the hazard by exp(−0.5), but draws G-CSF; age by exp(−0.05)."""
    found = results("din_synthetic")
    age = found["models/cox/age/hazard_ratio"]
    low = found["models/cox/low_count/hazard_ratio"]
    assert age.ci_low < math.exp(-0.05) < age.ci_high
    assert math.exp(-0.5) < low.value < 1


def test_who_was_not_neutropenic_yet_at_time_zero_is_not_compared():
    """Treated, untreated, not begun and unplaced make all; only the first two are compared."""
    found = results("din_synthetic")
    names = ("treated", "untreated", "not_begun", "unplaced")
    treated, untreated, late, unplaced = (found[f"gcsf/{n}/count"].value for n in names)
    assert late > 0
    assert treated + untreated + late + unplaced == found["analysed/count"].value
    assert found["gcsf/ever_never/hazard_ratio"].n <= treated + untreated


def test_weighting_balances_what_leads_to_treatment():
    """Starts are likelier in the infected and the low by premise; weighted, they are not."""
    found = results("din_synthetic")
    for name in ("low_count", "infection"):
        assert found[f"gcsf/balance/{name}/before/smd"].value > 0.3
        assert abs(found[f"gcsf/balance/{name}/after/smd"].value) < 0.1


def test_criteria_that_ask_for_recovery_have_no_deaths():
    """Nobody who meets them died, and their restricted mean is shorter: by choice of patients."""
    found = results("din_synthetic")
    assert found["criteria_effect/met/died/count"].value == 0
    assert found["criteria_effect/everybody/died/count"].value > 0
    assert found["criteria_effect/met/rmst"].value < found["criteria_effect/everybody/rmst"].value


@pytest.mark.parametrize("time_zero", TIME_ZEROS)
@pytest.mark.parametrize("confirmation", CONFIRMATIONS)
def test_the_short_way_to_times_is_the_long_one(time_zero, confirmation):
    """What the multiverse takes for speed gives each episode the time that the full frame has."""
    choices = RecoveryChoices(
        recovery_threshold=1.0, confirmation=confirmation, time_zero=time_zero
    )
    for name in ("din_synthetic", "mixed_synthetic", "abdulkader2014"):
        full = episode_frame(cohort(name), choices)
        short = recovery_times(cohort(name), choices)
        column = {
            "withdrawal": "withdrawn", "nadir": "nadir_day", "first_low": "onset",
            "admission": "admitted",
        }[time_zero]  # fmt: skip
        days = (short["end"] - short[column]).astype("float64")
        days = days.where(days >= 0)
        assert days.isna().tolist() == full["time"].isna().tolist()
        assert days.dropna().tolist() == full["time"].dropna().astype("float64").tolist()
        is_timed = days.notna()
        assert short["cause"][is_timed].tolist() == full["cause"][is_timed].tolist()


@pytest.mark.parametrize(
    "choices",
    [{}, {"recovery_threshold": 0.5, "confirmation": "next_count"}, {"recovery_threshold": 0.7},
     {"time_zero": "nadir"}, {"confirmation": "days", "confirmation_days": 5}],
)  # fmt: skip
def test_the_multiverse_marks_the_choice_of_the_report(choices):
    """The marked dot is the median that the curve above it gives, whatever was chosen."""
    asked = AncRecovery(cohort("din_synthetic"), **choices)
    found = asked.multiverse()
    figure = next(f for f in found.layout.figures if "median" in f.key)
    marked = found.by_key[figure.marked]
    median = asked.recovery().by_key["anc_recovery/km/all/median"]
    assert (marked.value, marked.ci_low, marked.ci_high, marked.n) == (
        median.value, median.ci_low, median.ci_high, median.n,
    )  # fmt: skip


def test_criteria_and_all_episodes_go_through_the_multiverse():
    """A stricter question asks fewer episodes under each specification, never more."""

    def asked(**design) -> list[int]:
        study_ = AncRecovery(cohort("din_synthetic"), **design)
        return [one.times_of(one.members()).n for one in _specifications(study_._question)]

    first, every, met = asked(), asked(episodes="all"), asked(criteria="drug_induced")
    assert all(a <= b for a, b in zip(first, every, strict=True))
    assert all(a < b for a, b in zip(met, first, strict=True))


def test_each_method_is_held_against_the_truth_that_it_aims_at():
    """The targets on the page are those of the recorded table of 500 synthetic cohorts."""
    table = Path(__file__).parents[2] / "benchmarks" / "truth.csv"
    with table.open(encoding="utf-8", newline="") as file:
        truths = {row["method"]: float(row["truth"]) for row in csv.DictReader(file)}
    names = {
        "ever_never": "ever/never",
        "time_varying": "time-varying",
        "baseline": "time-varying, adjusted at time zero",
        "daily": "time-varying, adjusted daily",
        "weighted_all": "weighted",
        "weighted": "weighted, truncated",
        "weighted_given": "weighted given baseline, truncated",
    }

    for method, name in names.items():
        assert LOG_HAZARD_RATIOS[method] == pytest.approx(truths[name], abs=1e-8), method


def test_the_truth_is_told_only_where_it_is_known():
    """Another threshold, a covariate fewer or another cohort: nobody knows what should come out."""

    def asked(name: str, *covariates: str, **values: object) -> dict[str, float]:
        return targets(AncRecovery(cohort(name), **values)._question, covariates)

    every = ("low_count", "infection", "age")
    assert asked("din_synthetic", *every)["daily"] == pytest.approx(1.5)
    assert asked("din_synthetic", "low_count", "age") == {}
    assert asked("abdulkader2014", *every) == {}
    for values in (
        {"recovery_threshold": 1.0}, {"time_zero": "nadir"}, {"sex": "female"},
        {"criteria": "drug_induced"},
    ):  # fmt: skip
        assert asked("din_synthetic", *every, **values) == {}


def test_several_episodes_of_a_patient_are_a_cluster_in_every_model():
    """With all episodes each model's variance goes by patient; with the first ones none does."""
    for which in ("first", "all"):
        study_ = AncRecovery(cohort("din_synthetic"), episodes=which)
        found = study_.models().by_key
        for name, words in (
            ("cox/age/hazard_ratio", "robust variance"),
            ("fine_gray/age/subdistribution_hazard_ratio", "by cluster"),
            ("aft/age/time_ratio", "by cluster"),
        ):
            method = found[f"anc_recovery/models/{name}"].method
            assert (words in method) == (which == "all"), (name, which)


def test_a_few_late_ones_do_not_stretch_the_trajectories():
    """Nothing later than twice the horizon of 28 days is shown; who lasts longer goes on there."""
    found = results("din_synthetic")
    for key in ("tracks/counts", "tracks/episodes"):
        tracks = found[key].tracks
        days = [d for t in tracks for d in (*t.x, *(e for _, *e2 in t.spans for e in e2))]
        ends = {kind: day for t in tracks for kind, day in t.marks}
        assert max(days) <= 56
        assert ends["goes_on"] == 56


def test_the_curves_by_weights_rest_on_the_days_of_each_treatment():
    """Who starts G-CSF leaves the untreated; both curves begin with the same patients or fewer."""
    found = results("din_synthetic")
    treated, untreated = (found[f"gcsf/curves/{name}"] for name in ("treated", "untreated"))
    assert treated.n <= found["gcsf/treated/count"].value
    assert max(untreated.n_at_risk) <= untreated.n
    assert sum(treated.n_events) + sum(untreated.n_events) <= found["ends/recovered/count"].value


def test_weights_are_worth_fewer_days_the_more_they_differ():
    """Equal weights are worth all days; those for later events only differ less than all."""
    found = results("din_synthetic")
    whole, given = (found[f"gcsf/{kind}/share_effective"].value
                    for kind in ("weights", "weights_given"))  # fmt: skip
    assert 0 < whole < given < 1


def clinic(place: Path, counts: dict[str, dict[int, float]], stopped: bool = True) -> AncRecovery:
    """A clinic's patients with these counts by day, the men among them named in small letters."""
    place.mkdir()
    card = {"name": "own", "title": "Own", "incohort": {"privacy": "public"}, "resources": []}
    (place / "datapackage.json").write_text(json.dumps(card), encoding="utf-8")
    drug = {"atc": "H03BB02", "drug": "thiamazole", "role": "suspect", "started_on": "2024-01-20"}
    tables = {
        "patients": [
            {"patient_id": p, "sex": "male" if p.islower() else "female"} for p in counts
        ],
        "labs": [
            {"patient_id": p, "analyte": "ANC", "taken_at": dated(day), "value": str(value),
             "unit": "10*9/L"}
            for p, own in counts.items() for day, value in own.items()
        ],
        "medications": [
            {"patient_id": p, **drug, "stopped_on": dated(0) if stopped else ""} for p in counts
        ],
    }  # fmt: skip
    for name, rows in tables.items():
        with (place / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0])
            writer.writeheader()
            writer.writerows(rows)
    return AncRecovery(open_cohort(str(place)), group_by="sex", covariates="female", resamples=100)


def told(study: AncRecovery, *parts: str) -> dict:
    """What some parts of a report found, under keys without the prefix."""
    found = [getattr(study, part)().by_key for part in parts]
    return {key.removeprefix("anc_recovery/"): r for one in found for key, r in one.items()}


LOW_FIVE = {p: {0: 0.2, 5: 0.8} for p in "ABCab"}


def test_where_all_are_censored_no_time_is_given(tmp_path):
    """Nobody recovers: there is no median, no curve of guesses, no effect; each with its reason."""
    found = told(clinic(tmp_path / "own", LOW_FIVE), "recovery", "intervals", "incidence", "models")
    assert found["km/all/censored/count"].value == 5
    for key in ("km/all/median", "intervals/npmle/upper", "incidence/all/recovered/curve",
                "models/cox/female/hazard_ratio", "km/logrank_p_value"):  # fmt: skip
        assert isinstance(found[key], NotEstimable), key
        assert found[key].reason


def test_where_all_recover_on_one_day_that_day_is_the_median(tmp_path):
    """Five of five on day 5: the median is 5, everybody is back by day 7, and no group differs."""
    same = {p: {0: 0.2, 5: 1.8} for p in "ABCab"}
    found = told(clinic(tmp_path / "own", same), "recovery", "incidence", "models")
    assert found["km/all/median"].value == 5
    assert found["incidence/all/recovered/by_day_7/proportion"].value == 1
    assert found["models/cox/female/hazard_ratio"].value == pytest.approx(1)


def test_a_group_without_an_event_gives_no_infinite_ratio(tmp_path):
    """Only women recover: their median is there, the men's is not, and every ratio is finite."""
    counts = LOW_FIVE | {"A": {0: 0.2, 3: 1.8}, "B": {0: 0.1, 4: 1.6}, "C": {0: 0.3, 5: 1.7}}
    found = told(clinic(tmp_path / "own", counts), "recovery", "models")
    assert found["km/yes/median"].value == 4
    assert isinstance(found["km/no/median"], NotEstimable)
    ratios = [r for key, r in found.items() if key.startswith("models/") and "/female/" in key]
    assert len(ratios) > 2
    for ratio in ratios:
        values = (ratio.value, ratio.ci_low, ratio.ci_high) if isinstance(ratio, Estimate) else ()
        assert all(math.isfinite(value) for value in values if value is not None), ratio.key
        assert isinstance(ratio, Estimate) or ratio.reason


def test_without_a_date_of_withdrawal_nobody_is_timed_and_it_is_told(tmp_path):
    """The clock can't start: five episodes, none analysed, and the median says why."""
    study = clinic(tmp_path / "own", LOW_FIVE, stopped=False)
    found = told(study, "who", "recovery")
    assert (found["episodes/count"].value, found["analysed/count"].value) == (5, 0)
    assert found["km/all/median"].reason == "no episode of neutropenia can be timed here"
