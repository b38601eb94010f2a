"""The effect of a treatment that begins after time zero, given later to the sicker."""

from incohort.stats.causal.by_day import effect_by_day, effect_by_day_imputed
from incohort.stats.causal.e_value import EValue, e_value, e_value_of_hazard_ratio
from incohort.stats.causal.effect import Courses, TreatmentEffect, courses
from incohort.stats.causal.ipw import WeightedCurves, weighted_curves, weighted_effect
from incohort.stats.causal.person_days import PersonDays, known_by, person_days
from incohort.stats.causal.resampling import BOOTSTRAP, log_hazard_ratios, with_bootstrap
from incohort.stats.causal.timing import (
    SplitRows,
    ever_never,
    landmark_effect,
    split_at_treatment,
    time_varying,
)
from incohort.stats.causal.weighted_cox import WeightedCoxFit, weighted_cox
from incohort.stats.causal.weighted_curve import WeightedCurve, weighted_kaplan_meier
from incohort.stats.causal.weights import (
    Balance,
    Weights,
    censoring_weights,
    treatment_weights,
)

__all__ = [
    "BOOTSTRAP",
    "Balance",
    "Courses",
    "EValue",
    "PersonDays",
    "SplitRows",
    "TreatmentEffect",
    "WeightedCoxFit",
    "WeightedCurve",
    "WeightedCurves",
    "Weights",
    "censoring_weights",
    "courses",
    "e_value",
    "e_value_of_hazard_ratio",
    "effect_by_day",
    "effect_by_day_imputed",
    "ever_never",
    "known_by",
    "landmark_effect",
    "log_hazard_ratios",
    "person_days",
    "split_at_treatment",
    "time_varying",
    "treatment_weights",
    "weighted_cox",
    "weighted_curves",
    "weighted_effect",
    "weighted_kaplan_meier",
    "with_bootstrap",
]
