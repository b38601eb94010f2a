"""The synthetic drug-induced cohort: its known truth, found again by plain loops over the files."""

from __future__ import annotations

import csv
import json
import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from incohort.dictionary import bundled, load
from incohort.sources import check, locate
from incohort.stats.survival import cox
from incohort.synthetic import din
from incohort.synthetic.din_draw import (
    NEVER,
    course_with,
    draw,
    draw_chance,
    draw_patients,
    follow,
)
from incohort.synthetic.din_oracle import oracle
from incohort.synthetic.din_truth import DinTruth

FOLDER = bundled("data_dictionary") / "cohorts" / "din_synthetic"
TRUTH = DinTruth()
TO_10_9_PER_L = {"10*9/L": 1.0, "/uL": 0.001}
LATE, RELAPSED = 12, 8
N = 300


def rows(table: str) -> list[dict[str, str]]:
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass
class Story:
    """What the files say of one patient's first episode, in days from the withdrawal."""

    age: float | None = None
    is_low: bool = False
    is_late: bool = False
    infected_from: float = math.inf
    gcsf_from: float = math.inf
    died: float = math.inf
    left: int = 0
    right: float = math.inf
    counts: list[tuple[int, float]] = field(default_factory=list)

    def look(self) -> None:
        """Find nadir and recovery in the counts from the withdrawal on."""
        self.counts.sort()
        after = [] if self.is_late else [count for count in self.counts if count[0] >= 0]
        self.is_low = bool(after) and after[0][1] < 0.1 - 1e-9
        self.right = min((day for day, value in after if value >= 1.5), default=math.inf)
        self.left = max((day for day, _ in after if day < self.right), default=0)

    @property
    def gaps(self) -> list[int]:
        """Days from one count to the next, up to recovery."""
        days = [day for day, _ in self.counts if 0 <= day <= self.right]
        return [later - earlier for earlier, later in pairwise(days)]

    @property
    def is_daily(self) -> bool:
        """Seen every day from the withdrawal to recovery or death."""
        ends = min(self.right, self.died - 1)
        last = max(day for day, _ in self.counts if day <= ends)
        return set(self.gaps) <= {1} and (math.isinf(ends) or last == ends)

    def hazard(self, day: int, day_is_gcsf: bool) -> float:
        """The truth's hazard of recovery on a day, by the formula."""
        t = TRUTH
        h = t.recovery_per_day * (1 - math.exp(-(((day + 0.5) / t.recovery_ramp_days) ** 2)))
        linear = t.recovery_low * self.is_low + t.recovery_infected * (self.infected_from <= day)
        linear += t.recovery_decade * (self.age - 60) / 10
        return h * math.exp(linear + math.log(1.5) * day_is_gcsf)

    def death_hazard(self, day: int) -> float:
        """The truth's hazard of death on a day, by the formula."""
        t = TRUTH
        linear = t.death_low * self.is_low + t.death_infected * (self.infected_from <= day)
        linear += t.death_decade * (self.age - 60) / 10
        return t.death_per_day * (8 if day < 2 else 1) * math.exp(linear)


def withdrawals() -> dict[str, date]:
    """The day on which the last suspect begun by the index date was stopped."""
    index = {row["patient_id"]: date.fromisoformat(row["index_date"]) for row in rows("patients")}
    zero: dict[str, date] = {}
    for row in rows("medications"):
        patient, started = row["patient_id"], date.fromisoformat(row["started_on"])
        if row["role"] == "suspect" and started <= index[patient]:
            stopped = date.fromisoformat(row["stopped_on"])
            zero[patient] = max(stopped, zero.get(patient, stopped))
    return zero


@pytest.fixture(scope="module")
def stories() -> dict[str, Story]:
    """Each patient's first episode; late onset after rituximab is marked."""
    zero = withdrawals()
    found = {
        row["patient_id"]: Story(age=float(row["age_years"]) if row["age_years"] else None)
        for row in rows("patients")
    }

    def day(row: dict[str, str], column: str) -> int:
        return (date.fromisoformat(row[column][:10]) - zero[row["patient_id"]]).days

    for row in rows("medications"):
        found[row["patient_id"]].is_late |= row["drug"] == "rituximab"
        if row["drug"] == "filgrastim":
            found[row["patient_id"]].gcsf_from = day(row, "started_on")
    for row in rows("events"):
        if row["event"] == "infection" and int(row["grade"]) >= 3:
            found[row["patient_id"]].infected_from = day(row, "occurred_on")
        if row["event"] == "death":
            found[row["patient_id"]].died = day(row, "occurred_on")
    for row in rows("labs"):
        if row["analyte"] == "ANC":
            value = float(row["value"]) * TO_10_9_PER_L[row["unit"]]
            value -= 0.001 if row["comparator"] == "<" else 0
            found[row["patient_id"]].counts.append((day(row, "taken_at"), value))
    for story in found.values():
        story.look()
    return found


@pytest.fixture(scope="module")
def common(stories) -> list[Story]:
    """Those that the truth speaks of."""
    return [story for story in stories.values() if not story.is_late]


def scatters_around(count: int, n: int, share: float) -> bool:
    """Whether so many of n may be drawn with that probability (one in ten thousand may not)."""
    return float(stats.binomtest(count, n, share).pvalue) > 1e-4


def is_by_chance(observed: int, chances: list[float]) -> bool:
    """Whether so many of these independent chances may come true (within four deviations)."""
    spread = math.sqrt(sum(p * (1 - p) for p in chances))
    return abs(observed - sum(chances)) < 4 * spread + 0.5


def test_the_program_writes_the_same_bytes(tmp_path: Path):
    """The folder that ships is what the seeded program writes today."""
    din.write(tmp_path)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in FOLDER.iterdir()}


def test_the_cohort_is_clean():
    """No cell breaks a rule of the dictionary."""
    assert not check(locate("din_synthetic"))


def test_who_they_are_is_found_again(common):
    """288 patients: 45 % with a nadir below 0.1; infected on day 0 are 45 % of them, 25 % else."""
    assert len(common) == N - LATE
    low = [story for story in common if story.is_low]
    assert scatters_around(len(low), len(common), 0.45)
    for group, share in ((low, 0.45), ([s for s in common if not s.is_low], 0.25)):
        assert scatters_around(sum(s.infected_from == 0 for s in group), len(group), share)


def test_everybody_is_below_a_half_on_the_day_of_withdrawal(common):
    """Day 0 has a count below 0.5, and none before recovery is lower."""
    for story in common:
        at_zero = dict(story.counts)[0]
        assert at_zero < 0.5
        assert all(v >= at_zero - 1e-9 for d, v in story.counts if 0 <= d < story.right)


@pytest.mark.parametrize("is_on_gcsf", [False, True])
@pytest.mark.parametrize("is_low", [False, True])
def test_the_hazard_of_recovery_is_found_again(common, is_on_gcsf, is_low):
    """Of those seen daily as many recover, day by day, as 1 − exp(−hazard) says."""
    chances, recovered = [], 0
    for story in common:
        if not story.is_daily or story.age is None or story.is_low != is_low:
            continue
        for day in range(int(min(story.left, story.died - 1)) + 1):
            if (story.gcsf_from <= day) != is_on_gcsf or (day + 1 > story.right):
                continue
            if math.isinf(story.right) and day == story.left and math.isinf(story.died):
                continue  # the last count of those lost: what came next was not seen
            chances.append(1 - math.exp(-story.hazard(day, is_on_gcsf)))
            recovered += story.right == day + 1
    assert len(chances) > 200
    assert recovered > 10
    assert is_by_chance(recovered, chances)


def test_a_hazard_without_g_csf_would_not_do(common):
    """Recoveries on G-CSF are more than the untreated hazard explains: the loop can tell 1.5."""
    chances, recovered = [], 0
    for story in common:
        if story.is_daily and story.age is not None:
            for day in range(int(min(story.left, story.died - 1)) + 1):
                if story.gcsf_from <= day < story.right:
                    chances.append(1 - math.exp(-story.hazard(day, day_is_gcsf=False)))
                    recovered += story.right == day + 1
    assert recovered > 1.2 * sum(chances)


def test_early_deaths_are_found_again(common):
    """As many die on days 1 and 2 as the early hazard says; 4 to 10 % die in all, half by then."""
    known = [story for story in common if story.age is not None]
    chances = [1 - math.exp(-s.death_hazard(0) - s.death_hazard(1)) for s in known]
    assert is_by_chance(sum(story.died <= 2 for story in known), chances)
    died = [story.died for story in common if math.isfinite(story.died)]
    assert 0.04 * len(common) < len(died) < 0.10 * len(common)
    assert sum(day <= 2 for day in died) >= len(died) / 2


def test_g_csf_is_given_to_the_sicker(common):
    """A start has the truth's chance on each day at risk: higher where low or infected."""
    for is_sick in (False, True):
        chances, started = [], 0
        for story in common:
            if not story.is_daily:
                continue
            last = min(10, story.right - 1, story.died - 1, story.gcsf_from, story.left)
            for day in range(1, int(last) + 1):
                infected = story.infected_from <= day
                if (story.is_low or infected) == is_sick:
                    logit = -3.0 + 1.2 * story.is_low + 1.4 * infected
                    chances.append(1 / (1 + math.exp(-logit)))
                    started += story.gcsf_from == day
        assert len(chances) > 100
        assert is_by_chance(started, chances)
    treated = Counter((s.is_low, math.isfinite(s.gcsf_from)) for s in common)
    share = {low: treated[low, True] / (treated[low, True] + treated[low, False]) for low in (0, 1)}
    assert share[1] > share[0] + 0.15


def test_time_before_g_csf_is_immortal(common):
    """It starts on day 1 to 10, never on day 0, never in somebody recovered or dead by then."""
    starts = [story for story in common if math.isfinite(story.gcsf_from)]
    assert len(starts) > 130
    for story in starts:
        assert 1 <= story.gcsf_from <= 10
        assert story.gcsf_from < min(story.right, story.died)


def test_the_naive_comparisons_mislead_in_opposite_directions(common):
    """Ever against never, G-CSF looks useless; counted from its first dose, better than it is.

    The true effect is 1.5. Rates of recovery per day, ever given it against never, from withdrawal:
    below 1.2. Mean days from the first dose are fewer than those of the never treated.
    """
    days, recovered = defaultdict(float), Counter()
    spans = defaultdict(list)
    for story in common:
        ever = math.isfinite(story.gcsf_from)
        days[ever] += min(story.right, story.died, story.left + 1)
        recovered[ever] += math.isfinite(story.right)
        if math.isfinite(story.right):
            spans[ever].append(story.right - (story.gcsf_from if ever else 0))
    rate = {ever: recovered[ever] / days[ever] for ever in (True, False)}
    assert rate[True] / rate[False] < 1.2
    assert np.mean(spans[True]) < np.mean(spans[False]) - 1


def test_relapses_and_late_onsets_are_there(stories):
    """8 patients take the suspect again, are low again and recover; 12 fall after rituximab."""
    relapses = [row for row in rows("events") if row["event"] == "relapse"]
    assert len(relapses) == RELAPSED
    for row in relapses:
        story = stories[row["patient_id"]]
        later = [value for day, value in story.counts if day > story.right]
        lowest = later.index(min(later))
        assert later[0] >= 1.5
        assert later[lowest] < 0.5
        assert later[-1] >= 1.5
    late = [story for story in stories.values() if story.is_late]
    assert len(late) == LATE
    for story in late:
        onset = min(day for day, value in story.counts if value < 1.5)
        assert 60 <= onset < 150
    codes = {row["atc"] for row in rows("medications") if row["drug"] == "rituximab"}
    assert codes == {"L01FA01", "L01XC02"}


def test_what_is_missing_and_how_often_they_are_seen(common):
    """Some ages, CRP and diagnoses are missing; visits run from daily to weekly; some are lost."""
    with_crp = {row["patient_id"] for row in rows("labs") if row["analyte"] == "CRP"}
    assert scatters_around(sum(story.age is None for story in common), len(common), 0.05)
    assert 0.65 < len(with_crp) / N < 0.9
    assert 200 < len({row["patient_id"] for row in rows("diagnoses")}) < N
    means = [np.mean(story.gaps) for story in common if story.gaps]
    kinds = Counter("daily" if m < 1.01 else "few" if m <= 3 else "weekly" for m in means)
    assert set(kinds) == {"daily", "few", "weekly"}
    assert min(kinds.values()) > 25
    lost = [s for s in common if math.isinf(s.right) and math.isinf(s.died)]
    assert 3 <= len(lost) < 30


def test_every_drug_is_in_the_dictionary_and_has_its_role():
    """Names and codes agree; suspects were all withdrawn; what is taken besides goes on."""
    for row in rows("medications"):
        by_name = load().drug(row["drug"])
        assert by_name is not None, row["drug"]
        assert by_name == load().drug(row["atc"])
        assert bool(row["stopped_on"]) or row["role"] != "suspect"
    assert Counter(row["role"] for row in rows("medications")).keys() == {
        "suspect", "concomitant", "treatment",
    }  # fmt: skip


def test_nothing_happens_after_death_or_closing():
    """Nothing is dated after a patient's death, nor after the day on which the study closed."""
    died = {
        row["patient_id"]: row["occurred_on"] for row in rows("events") if row["event"] == "death"
    }
    closed = date(2019, 1, 7).toordinal() + TRUTH.accrual_days
    for table, column in (
        ("labs", "taken_at"),
        ("medications", "started_on"),
        ("medications", "stopped_on"),
        ("diagnoses", "diagnosed_on"),
        ("events", "occurred_on"),
    ):
        for row in rows(table):
            if row[column]:
                assert row[column] <= died.get(row["patient_id"], "9999"), (table, row)
                assert date.fromisoformat(row[column]).toordinal() <= closed, (table, row)


def test_everything_is_labelled_synthetic():
    """Every column and analyte is on the card's list, and the notices say it first."""
    card = json.loads((FOLDER / "datapackage.json").read_text(encoding="utf-8"))["incohort"]
    made = set(card["synthetic_columns"])
    assert {f"labs.{row['analyte']}" for row in rows("labs")} <= made
    for path in FOLDER.glob("*.csv"):
        assert {f"{path.stem}.{column}" for column in rows(path.stem)[0]} <= made
    assert (card["privacy"], card["study"], card["origin"]) == ("public", None, "synthetic")
    assert card["notices"][0].startswith("Nobody here exists.")


# ---------------------------------------------------------------------- as arrays
HOMOGENEOUS = replace(
    TRUTH, recovery_low=0, recovery_infected=0, recovery_decade=0, death_per_day=1e-12
)


def test_the_defaults_are_calibrated_as_the_docstring_says():
    """Of 20,000: means of 9 to 11 and 6 to 8 days, 6 to 8 % dead, most by day 2, 10 and 3 %."""
    rng = np.random.default_rng(1)
    patients, chance = draw_patients(TRUTH, 20_000, rng), draw_chance(TRUTH, 20_000, rng)
    course = follow(TRUTH, patients, chance)
    end = np.minimum(course.recovery, course.death)
    has_died = course.death < course.recovery
    treated = course.gcsf_start < end
    assert 9 < end[~has_died & ~treated].mean() < 11
    assert 6 < (end - course.gcsf_start)[~has_died & treated].mean() < 8
    assert 0.06 < has_died.mean() < 0.08
    assert (end[has_died] <= 2).mean() > 0.5
    assert has_died[patients.is_low].mean() == pytest.approx(0.10, abs=0.02)
    assert has_died[~patients.is_low].mean() == pytest.approx(0.03, abs=0.015)


@pytest.mark.parametrize(("start", "hazard_ratio"), [(NEVER, 1.0), (0.0, 1.5)])
def test_recovery_follows_its_hazard(start, hazard_ratio):
    """Among equals the share not recovered by day t is exp(−sum of hazards), times 1.5 on G-CSF."""
    rng = np.random.default_rng(2)
    n = 40_000
    patients, chance = draw_patients(HOMOGENEOUS, n, rng), draw_chance(HOMOGENEOUS, n, rng)
    course = course_with(HOMOGENEOUS, patients, chance, np.full(n, start))
    added = 0.0
    for day in range(20):
        added += hazard_ratio * 0.25 * (1 - math.exp(-(((day + 0.5) / 8.0) ** 2)))
        expected = math.exp(-added)
        found = int((course.recovery > day + 1).sum())
        assert abs(found - n * expected) < 4 * math.sqrt(n * expected * (1 - expected)), day


def test_g_csf_on_a_later_day_changes_nothing_before_it():
    """The same patients recover at the same time if that is before the start, else no later."""
    rng = np.random.default_rng(3)
    patients, chance = draw_patients(TRUTH, 2000, rng), draw_chance(TRUTH, 2000, rng)
    never = course_with(TRUTH, patients, chance, np.full(2000, NEVER))
    later = course_with(TRUTH, patients, chance, np.full(2000, 5.0))
    is_before = never.recovery <= 5
    np.testing.assert_array_equal(never.recovery[is_before], later.recovery[is_before])
    assert (later.recovery[~is_before] < never.recovery[~is_before]).all()
    # hazards times 1.5 from day 5 on: what is left of the threshold is used up 1.5 times as fast
    assert (later.recovery[~is_before] > 5).all()


def test_a_draw_hangs_together_and_repeats():
    """Visits bound the recovery, causes fit their times, and the same seed gives the same study."""
    one, again = (draw(TRUTH, 3000, np.random.default_rng(4)) for _ in range(2))
    np.testing.assert_array_equal(one.time, again.time)
    np.testing.assert_array_equal(one.visits, again.visits)
    recovered, died = one.cause == 1, one.cause == 2
    starts = np.isfinite(one.course.gcsf_start)
    ends = np.minimum(one.course.recovery, one.course.death)
    assert 0.4 < starts.mean() < 0.8
    assert (one.course.gcsf_start[starts] < ends[starts]).all()
    np.testing.assert_array_equal(one.time[recovered], one.course.recovery[recovered])
    np.testing.assert_array_equal(one.time[died], one.course.death[died])
    assert (one.time[one.cause == 0] <= one.censor[one.cause == 0]).all()
    assert (one.left[recovered] < one.time[recovered]).all()
    assert (one.right[recovered] >= one.time[recovered]).all()
    assert np.isinf(one.right[~recovered]).all()
    assert (one.left <= one.time).all()
    for i in range(200):
        seen = [day for day in one.visits[i].tolist() if day >= 0]
        below = [day for day in seen if not recovered[i] or day < one.time[i]]
        above = [day for day in seen if recovered[i] and day >= one.time[i]]
        assert one.left[i] == max(below)
        assert one.right[i] == min(above, default=math.inf)


def test_the_right_model_finds_the_truth_and_the_naive_one_does_not():
    """Cox with G-CSF, infection and time: log 1.5. Ever against never: biased towards no effect."""
    study = draw(TRUTH, 4000, np.random.default_rng(5))
    enter, leave, event, given, infected, who = [], [], [], [], [], []
    for i in range(4000):
        cuts = {0.0, study.course.gcsf_start[i], study.patients.infected_from[i], study.time[i]}
        times = sorted(t for t in cuts if t <= study.time[i])
        for begin, end in pairwise(times):
            enter.append(begin)
            leave.append(end)
            event.append(study.cause[i] == 1 and end == study.time[i])
            given.append(study.course.gcsf_start[i] <= begin)
            infected.append(study.patients.infected_from[i] <= begin)
            who.append(i)
    low, age = study.patients.is_low, study.patients.age_years
    covariates = np.column_stack([given, infected, low[who], age[who]]).astype(float)
    right = cox(np.array(leave), np.array(event), covariates, time_enter=np.array(enter))
    naive = cox(study.time, study.cause == 1, study.ever_gcsf[:, None].astype(float))
    assert abs(right.coef[0] - math.log(1.5)) < 3.5 * right.se[0]
    assert abs(right.coef[1] - TRUTH.recovery_infected) < 3.5 * right.se[1]
    assert naive.coef[0] + 5 * naive.se[0] < math.log(1.5)


def test_the_oracle_is_exact_among_equals():
    """Without covariates the marginal effect is log 1.5, mean times are areas under survival."""
    found = oracle(HOMOGENEOUS, np.random.default_rng(6), n=40_000, tau=30.0)
    assert abs(found.marginal_log_hr.value - math.log(1.5)) < 4 * found.marginal_log_hr.se
    for hazard_ratio, simulated in ((1.0, found.rmst_never), (1.5, found.rmst_at_once)):
        mean, survival = 0.0, 1.0
        for day in range(30):
            hazard = hazard_ratio * 0.25 * (1 - math.exp(-(((day + 0.5) / 8.0) ** 2)))
            mean += survival * (1 - math.exp(-hazard)) / hazard
            survival *= math.exp(-hazard)
        assert abs(simulated.value - mean) < 4 * simulated.se
    # Nobody dies, so days gained by recovering sooner are days recovered.
    assert found.recovered_days_difference.value == pytest.approx(-found.rmst_difference.value)


def test_no_effect_is_no_effect():
    """With a hazard ratio of 1 nothing depends on when G-CSF is given."""
    found = oracle(replace(TRUTH, gcsf_log_hr=0.0), np.random.default_rng(7), n=20_000)
    assert found.rmst_difference.value == 0
    assert found.recovered_days_difference.value == 0
    assert abs(found.marginal_log_hr.value) < 4 * found.marginal_log_hr.se


def test_the_marginal_effect_is_nearer_to_none_than_the_conditional_one():
    """Hazard ratios don't average: without covariates the true ratio lies between 1 and 1.5."""
    found = oracle(TRUTH, np.random.default_rng(8), n=60_000)
    assert found.log_hr == math.log(1.5)
    assert 0.25 < found.marginal_log_hr.value < found.log_hr
    assert found.rmst_difference.value < 0 < found.recovered_days_difference.value
