"""Missing covariates: several plausible completions, and what they say together."""

from incohort.stats.imputation.chained import Imputations, Kind, impute, survival_predictors
from incohort.stats.imputation.rubin import Combined, pool

__all__ = ["Combined", "Imputations", "Kind", "impute", "pool", "survival_predictors"]
