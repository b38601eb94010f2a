"""What is said of a treatment's effect, whichever way it was estimated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from incohort.stats._checked import design
from incohort.stats.outcome import NoEstimate
from incohort.stats.survival import HazardRatio
from incohort.stats.survival.inputs import TIE_TOLERANCE, Flags, Matrix, Vector, follow_up


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentEffect:
    """The hazard ratio of the event with treatment against without, with limits and P.

    Above 1, the event (recovery) comes sooner with treatment. `n` patients took part, of whom
    `n_treated` were treated while at risk. `is_biased` marks the analysis that is shown only as a
    warning.
    """

    hazard_ratio: float
    ci_low: float
    ci_high: float
    p_value: float
    conf_level: float
    n: int
    n_treated: int
    n_events: int
    is_biased: bool
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Courses:
    """Follow-up of patients with time at risk, and when their treatment began.

    `row` is each one's place among those who came in; `treated_at` is infinite where treatment
    did not begin before follow-up ended.
    """

    row: np.ndarray[tuple[int], np.dtype[np.int64]]
    time: Vector
    event: Flags
    treated_at: Vector

    @property
    def is_treated(self) -> Flags:
        """Whether treatment began while the patient was at risk."""
        return np.isfinite(self.treated_at)


def courses(time: ArrayLike, event: ArrayLike, treated_at: ArrayLike) -> Courses:
    """The patients' courses, checked.

    Patients whose follow-up ends at time zero have no time at risk and are left out. Treatment
    that began before time zero counts from there; treatment that begins when follow-up ends, or
    later, counts as none.

    Args:
        time: When follow-up ended, from 0, shape (n,).
        event: True or 1 for the event, shape (n,).
        treated_at: When treatment began; infinite where it never did, shape (n,).

    Raises:
        ValueError: As `follow_up`, or a start of treatment is missing.
    """
    rows = follow_up(time, event)
    exits = np.asarray(time, dtype=np.float64)
    starts = np.asarray(treated_at, dtype=np.float64)
    if starts.shape != exits.shape or np.isnan(starts).any():
        raise ValueError("treated_at must be one time for each patient, infinite where never")
    slack = TIE_TOLERANCE * np.maximum(1.0, exits)
    starts = np.where(starts < exits - slack, np.maximum(starts, 0.0), np.inf)
    kept = np.flatnonzero(exits > TIE_TOLERANCE)
    return Courses(row=kept, time=exits[kept], event=rows.event[kept], treated_at=starts[kept])


def adjusting(covariates: ArrayLike | None, n: int) -> Matrix:
    """The covariates to adjust for, shape (n, k); no column where there are none.

    Raises:
        ValueError: Not one complete row for each patient.
    """
    return design(covariates, n, what="patient", may_be_empty=True)


def problem_of(treated: Flags, event: Flags) -> str:
    """Why no effect can be told, or nothing."""
    if len(treated) == 0:
        return "nobody has time at risk"
    if not event.any():
        return "nobody had the event"
    if not treated.any():
        return "nobody was treated while at risk"
    if treated.all():
        return "everybody was treated all the time, so there is nobody to compare with"
    return ""


def effect_of(
    ratios: Sequence[HazardRatio] | NoEstimate,
    *,
    counts: tuple[int, int, int],
    method: str,
    is_biased: bool = False,
) -> TreatmentEffect | NoEstimate:
    """The first of a model's hazard ratios as the treatment's effect.

    Args:
        ratios: A model's hazard ratios, treatment first.
        counts: Patients, treated patients, events.
        method: How it was estimated; that of the interval is added.
        is_biased: Whether it is shown only as a warning.
    """
    if isinstance(ratios, NoEstimate):
        return ratios
    first = ratios[0]
    return TreatmentEffect(
        hazard_ratio=first.hazard_ratio,
        ci_low=first.ci_low,
        ci_high=first.ci_high,
        p_value=first.p_value,
        conf_level=first.conf_level,
        n=counts[0],
        n_treated=counts[1],
        n_events=counts[2],
        is_biased=is_biased,
        method=f"{method}; {first.method}",
    )
