"""One number of a study, or the reason why there is none: the row of the long results table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from incohort.results.estimands import Estimand

AS_PRINTED = "as printed"  # the method of a number that is quoted, not worked out


class Measure(StrEnum):
    """What kind of number an estimate is; it decides rounding and disclosure."""

    COUNT = "count"
    PROPORTION = "proportion"
    MEAN = "mean"
    SD = "sd"
    MEDIAN = "median"
    QUANTILE = "quantile"
    DIFFERENCE = "difference"
    RISK_RATIO = "risk_ratio"
    ODDS_RATIO = "odds_ratio"
    HAZARD_RATIO = "hazard_ratio"
    TIME_RATIO = "time_ratio"
    RATE = "rate"
    RATE_RATIO = "rate_ratio"
    CORRELATION = "correlation"
    COEFFICIENT = "coefficient"
    SMD = "standardised_mean_difference"
    STATISTIC = "statistic"
    P_VALUE = "p_value"


class Origin(StrEnum):
    """How far a number rests on patients: measured, rebuilt to match a print, or invented."""

    OBSERVED = "observed"
    RECONSTRUCTED = "reconstructed"
    SYNTHETIC = "synthetic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number with what a referee needs to judge it.

    `value` is at full precision: proportions in [0, 1], P values in [0, 1], everything else in
    `unit`. `n` is how many persons stand behind it (the denominator of a proportion), `events`
    how many of them had the event. `sources` name the columns it was computed from, as
    `table.column` or `labs.ANALYTE`. `method` names the estimator with its reference.
    `no_interval` says why an estimate that should have an interval has none.
    `residual_df` are a model's residual degrees of freedom, for the disclosure gate, which takes
    them away.
    `asked` names the parameters that stood at another value than their default when it was made:
    what a published figure, which was asked in one way only, is not to be held against.
    `digits` is how many significant digits the disclosure gate has left it; None: all.
    `estimand` says in words what is estimated; None where the number is of no rows.
    `again_of` is the key under which the number stands in its own section, where it is told again.
    `bound` is `≤` or `≥` where `value` is only known to be a limit of what is estimated.
    """

    key: str
    label: str
    measure: Measure
    value: float
    n: int | None = None
    events: int | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    conf_level: float | None = None
    unit: str = ""
    method: str = ""
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    origin: Origin = Origin.OBSERVED
    residual_df: int | None = None
    asked: tuple[str, ...] = ()
    no_interval: str = ""
    digits: int | None = None
    estimand: Estimand | None = None
    again_of: str = ""
    bound: Literal["", "≤", "≥"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotEstimable:
    """A number that these data cannot give, and why, in a sentence a reader understands.

    `n` is how many persons there are to estimate from, where that is the reason; None where the
    reason lies elsewhere (a table that the cohort does not have).
    """

    key: str
    label: str
    reason: str
    n: int | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppressed:
    """A number that exists and may not be shown, with the rule that withheld it.

    Of a share `events` may be told all the same: how many have the event, though not of how many.
    """

    key: str
    label: str
    reason: str
    events: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientPoints:
    """One mark per patient, for a scatter or strip plot: rows, so the gate may refuse it.

    `x`, `y` and `group` have one entry per patient, in no order that tells who.
    """

    key: str
    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    group: tuple[str, ...]
    x_label: str
    y_label: str
    sources: tuple[str, ...] = ()
    origin: Origin = Origin.OBSERVED
