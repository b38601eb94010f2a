"""The effect and the curves of a treatment, weighted so that its start hangs on chance alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from incohort.stats.causal.effect import TreatmentEffect, adjusting, effect_of, problem_of
from incohort.stats.causal.person_days import PersonDays
from incohort.stats.causal.weighted_cox import weighted_cox
from incohort.stats.causal.weighted_curve import WeightedCurve, weighted_kaplan_meier
from incohort.stats.outcome import NoEstimate
from incohort.stats.survival.inputs import Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedCurves:
    """The curve of days under treatment and that of days before or without it."""

    treated: WeightedCurve | NoEstimate
    untreated: WeightedCurve | NoEstimate


def weighted_effect(
    rows: PersonDays,
    weight: ArrayLike,
    *,
    baseline: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> TreatmentEffect | NoEstimate:
    """The treatment's hazard ratio in the weighted cohort (a marginal structural Cox model).

    It is free of confounding by what the weights were made of, and of immortal time. Patients are
    the clusters of its robust variance. With a baseline the hazard ratio is that among patients
    who were alike at time zero, otherwise that of the whole cohort: two different numbers.

    Args:
        rows: The days at risk.
        weight: Of `treatment_weights`, times those of `censoring_weights` if wanted, shape (rows,).
        baseline: What was known at time zero and is adjusted for, the same that
            `treatment_weights` was given as such, shape (rows, b).
        conf_level: In (0, 1).

    Raises:
        ValueError: As `weighted_cox`, or the baseline is not complete.

    Source: Hernán, Brumback & Robins 2000, Epidemiology 11:561; R's coxph on the same rows and
        weights in tests/validation/causal/causal.R.
    """
    problem = problem_of(rows.treated, rows.event)
    if problem:
        return NoEstimate(problem)
    fit = weighted_cox(
        rows.time,
        rows.event,
        np.column_stack([rows.treated, adjusting(baseline, rows.n)]),
        weight,
        time_enter=rows.time_enter,
        cluster=rows.patient,
    )
    return effect_of(
        fit if isinstance(fit, NoEstimate) else fit.hazard_ratios(conf_level=conf_level),
        counts=(
            len(rows.first),
            int(rows.starts.sum()),
            int(rows.event.sum()),
        ),
        method="inverse-probability-weighted time-varying Cox model"
        + ("" if baseline is None else " given what was known at time zero"),
    )


def weighted_curves(
    rows: PersonDays, weight: ArrayLike, *, conf_level: float = 0.95
) -> WeightedCurves:
    """The weighted curve of each treatment status, patients changing over when treatment begins.

    The treated curve has delayed entry: it stands for patients treated early only as far as some
    were (Simon and Makuch's curves).

    Arguments and faults as `weighted_effect`.

    Source: Simon & Makuch 1984, Stat Med 3:35; Xie & Liu 2005, Stat Med 24:3089; R's survfit.
    """
    w = np.asarray(weight, dtype=np.float64)

    def curve(chosen: Flags) -> WeightedCurve | NoEstimate:
        if not chosen.any():
            return NoEstimate("nobody is in this group")
        return weighted_kaplan_meier(
            rows.time[chosen],
            rows.event[chosen],
            w[chosen],
            time_enter=rows.time_enter[chosen],
            cluster=rows.patient[chosen],
            conf_level=conf_level,
        )

    return WeightedCurves(treated=curve(rows.treated), untreated=curve(~rows.treated))
