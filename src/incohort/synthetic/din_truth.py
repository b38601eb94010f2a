"""The truth behind the synthetic drug-induced neutropenia: every rate its patients are drawn with.

Kept apart so that a test or a benchmark can ask whether an analysis finds it again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incohort.synthetic.draws import Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class DinTruth:
    """How drug-induced neutropenia runs, in days from the withdrawal of the last suspect drug.

    Everybody is below 0.5 × 10⁹/L on day 0. *Recovery* is the true count reaching 1.5. All hazards
    are per day and constant from one whole day to the next, so that Cox's model holds exactly in
    continuous time and a day's chance is 1 − exp(−hazard). With low = the nadir is below 0.1,
    decades = (age − 60) / 10, infected(t) = has had a severe infection by day t, and G(t) = G-CSF
    was started by day t:

        recovery(t)  = h(t) · exp(r_low·low + r_infected·infected(t) + r_decade·decades + β·G(t))
        h(t)         = recovery_per_day · (1 − exp(−((t + ½) / recovery_ramp_days)²))
        death(t)     = death_per_day · (death_early_ratio while t < death_early_days, else 1)
                       · exp(d_low·low + d_infected·infected(t) + d_decade·decades + β_death·G(t))
        infection    = infection_per_day · exp(i_low·low), until the first, noticed at the day's end
        start(t)     = expit(start_logit + s_low·low + s_infected·infected(t)), the *chance* of
                       starting G-CSF on day t = 1 … start_until_day in those who are then alive,
                       neutropenic and untreated; once started it goes on until recovery or death

    Death ends everything; after recovery nobody dies. So G-CSF is given to the sicker (low and
    infected make a start likelier and recovery slower: confounding by indication), never on day 0
    and only to those who have not recovered yet (immortal time). Nothing else ties the two: given
    age, low and infected(t), starting is independent of what would happen. β is the log hazard
    ratio given the covariates; a model without them has another target, see `din_oracle`.

    Counts are taken on visit days: every day, every two or three days, or about weekly; the low and
    the infected are likelier to be seen daily. Loss to follow-up has one constant hazard; the study
    closes on one date, and patients enter evenly over `accrual_days` before it.

    The defaults are chosen, not estimated. They were set so that the untreated take about 9 to 11
    days on average and patients counted from their first G-CSF 6 to 8 (published means without
    G-CSF: 9.2 to 11.6, with it 5.5 to 7.7 days, some of less ill patients lower), about 7 % die,
    most of them by day 2 (5 to 7.4 % published; Kim 2015: four of four by hospital day 2), and
    fatality is higher with a nadir below 0.1 (10 against 3 % in Andersohn 2007). The true effect of
    G-CSF is not known; a hazard ratio of 1.5 is a premise. tests/spec/test_din_synthetic.py holds
    the figures of this paragraph.
    """

    # recovery to 1.5
    gcsf_log_hr: float = float(np.log(1.5))  # β
    recovery_per_day: float = 0.25
    recovery_ramp_days: float = 8.0
    recovery_low: float = -0.5
    recovery_infected: float = -0.3
    recovery_decade: float = -0.05

    # death before recovery
    gcsf_log_hr_death: float = 0.0
    death_per_day: float = 0.001
    death_early_ratio: float = 8.0
    death_early_days: int = 2
    death_low: float = 0.8
    death_infected: float = 1.0
    death_decade: float = 0.3

    # who they are
    age_mean: float = 60.0
    age_sd: float = 17.0
    low: float = 0.45
    comorbidity_logit: float = -1.0
    comorbidity_decade: float = 0.4
    infected_at_start: float = 0.25  # where the nadir is not below 0.1
    infected_at_start_low: float = 0.45
    infection_per_day: float = 0.03
    infection_low: float = 0.5
    crp_log_mean: float = 3.0  # of ln CRP in mg/L without infection
    crp_log_infected: float = 1.4
    crp_log_sd: float = 0.7

    # who is given G-CSF
    start_logit: float = -3.0
    start_low: float = 1.2
    start_infected: float = 1.4
    start_until_day: int = 10

    # what is seen
    daily: float = 0.3  # chance of a count every day
    daily_sicker: float = 0.6  # the same, with a nadir below 0.1 or infected on day 0
    weekly: float = 0.4  # of those not seen daily; the others every two or three days
    lost_per_day: float = 0.004
    accrual_days: int = 1200
    horizon_days: int = 120  # of simulation; nobody is followed for recovery beyond it
    age_missing: float = 0.05
    crp_missing: float = 0.15
    crp_missing_weekly: float = 0.4

    @property
    def days(self) -> Vector:
        """The whole days that hazards are constant from: 0 … `horizon_days` − 1."""
        return np.arange(self.horizon_days, dtype=np.float64)

    @property
    def recovery_baseline(self) -> Vector:
        """h(t) of each day: of a patient of 60, not low, never infected, without G-CSF."""
        ramp = 1.0 - np.exp(-(((self.days + 0.5) / self.recovery_ramp_days) ** 2))
        return self.recovery_per_day * ramp

    @property
    def death_baseline(self) -> Vector:
        """The same of death."""
        early = np.where(self.days < self.death_early_days, self.death_early_ratio, 1.0)
        return self.death_per_day * early
