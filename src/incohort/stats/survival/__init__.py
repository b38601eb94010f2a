"""Time to an event: curves, tests and models that allow for censoring and delayed entry."""

from incohort.stats._ratios import HazardRatio
from incohort.stats.survival.bootstrap import bootstrap_quantile
from incohort.stats.survival.concordance import Concordance, concordance
from incohort.stats.survival.cox import cox
from incohort.stats.survival.cox_checks import ProportionalHazards, proportional_hazards
from incohort.stats.survival.cox_curves import (
    BaselineHazard,
    ModelCurve,
    adjusted_survival,
    baseline_hazard,
    predicted_survival,
)
from incohort.stats.survival.cox_fit import CoxFit
from incohort.stats.survival.cox_residuals import (
    deviance_residuals,
    dfbeta,
    event_times,
    martingale_residuals,
    scaled_schoenfeld_residuals,
    schoenfeld_residuals,
    score_residuals,
)
from incohort.stats.survival.kaplan_meier import (
    RiskTable,
    SurvivalCurve,
    kaplan_meier,
    median_follow_up,
)
from incohort.stats.survival.landmark import Landmark, landmark
from incohort.stats.survival.logrank import LogRank, logrank, logrank_trend
from incohort.stats.survival.nelson_aalen import CumulativeHazard, nelson_aalen
from incohort.stats.survival.rmst import Rmst, RmstComparison, RmstContrast, rmst, rmst_comparison

__all__ = [
    "BaselineHazard",
    "Concordance",
    "CoxFit",
    "CumulativeHazard",
    "HazardRatio",
    "Landmark",
    "LogRank",
    "ModelCurve",
    "ProportionalHazards",
    "RiskTable",
    "Rmst",
    "RmstComparison",
    "RmstContrast",
    "SurvivalCurve",
    "adjusted_survival",
    "baseline_hazard",
    "bootstrap_quantile",
    "concordance",
    "cox",
    "deviance_residuals",
    "dfbeta",
    "event_times",
    "kaplan_meier",
    "landmark",
    "logrank",
    "logrank_trend",
    "martingale_residuals",
    "median_follow_up",
    "nelson_aalen",
    "predicted_survival",
    "proportional_hazards",
    "rmst",
    "rmst_comparison",
    "scaled_schoenfeld_residuals",
    "schoenfeld_residuals",
    "score_residuals",
]
