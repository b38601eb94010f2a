"""Whether a Cox model holds: the score test of proportional hazards."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, assert_never, get_args

import numpy as np
from scipy import special

from incohort.stats._checked import check_option
from incohort.stats.outcome import HypothesisTest, NoEstimate
from incohort.stats.survival.cox_fit import CoxFit
from incohort.stats.survival.cox_likelihood import while_at_risk
from incohort.stats.survival.inputs import TIE_TOLERANCE, Matrix, Vector
from incohort.stats.survival.kaplan_meier import curve_of

Transform = Literal["km", "rank", "identity", "log"]

_SINGULAR = 1e-10


@dataclass(frozen=True, slots=True, kw_only=True)
class ProportionalHazards:
    """The test for each term in its order, and for all together."""

    terms: tuple[HypothesisTest | NoEstimate, ...]
    overall: HypothesisTest | NoEstimate
    transform: Transform


def proportional_hazards(
    fit: CoxFit,
    *,
    transform: Transform = "km",
    terms: Sequence[Sequence[int]] | None = None,
) -> ProportionalHazards | NoEstimate:
    """Whether the hazard ratios change over time: the score test of a coefficient β + γ·g(t).

    Args:
        fit: A model that is not Firth's.
        transform: g(t): 1 − Kaplan–Meier's S(t−), the rank of t among all times, t, or log t.
        terms: Columns tested together, such as the indicators of one factor; each alone if None.

    Raises:
        ValueError: transform is none of the four, or a term names no column.

    Source: Grambsch & Therneau 1994, Biometrika 81:515; R's cox.zph, the exact score test of
        survival 3.0; tests/validation/survival/cox.json.
    """
    check_option("transform", transform, get_args(Transform))
    k = len(fit.coef)
    columns = [[j] for j in range(k)] if terms is None else [list(term) for term in terms]
    if not all(term and all(0 <= j < k for j in term) for term in columns):
        raise ValueError("a term must name columns of the covariates")
    if fit.is_firth:
        return NoEstimate("the likelihood is monotone, so its score says nothing about time")
    g = _of_time(fit, transform)
    if isinstance(g, NoEstimate):
        return g
    score, information = _augmented(fit, g)
    return ProportionalHazards(
        terms=tuple(_score_test(score, information, term) for term in columns),
        overall=_score_test(score, information, list(range(k))),
        transform=transform,
    )


def _of_time(fit: CoxFit, transform: Transform) -> Vector | NoEstimate:
    """g(t) of each event, less its mean over events."""
    rows = fit.rows
    event_row = fit.data.row[fit.data.event_row]
    time = rows.distinct[rows.exit_code]
    match transform:
        case "identity":
            g = time[event_row]
        case "log":
            if not (time[event_row] > 0).all():
                return NoEstimate("an event at time 0 has no logarithm")
            g = np.log(time[event_row])
        case "rank":
            count = np.bincount(rows.exit_code)  # mid-ranks among all times
            g = (np.cumsum(count) - (count - 1) / 2)[rows.exit_code][event_row]
        case "km":
            curve = curve_of(rows)
            before = np.searchsorted(curve.time, time[event_row] - TIE_TOLERANCE)
            g = 1 - np.concatenate([[1.0], curve.survival])[before]
        case _:
            assert_never(transform)
    return np.asarray(g - g.mean(), dtype=np.float64)


def _augmented(fit: CoxFit, g: Vector) -> tuple[Vector, Matrix]:
    """Score of γ at (β̂, 0), and the information of (β, γ): Σ V, Σ g·V and Σ g²·V over events."""
    data, at = fit.data, fit.at_maximum
    score = g @ (data.x[data.event_row] - at.mean_x)
    blocks = []
    for weight in (np.ones_like(g), g, g * g):
        expected = at.risk * while_at_risk(data, (weight * at.hazard)[:, None])[:, 0]
        by_row = (data.x * expected[:, None]).T @ data.x
        blocks.append(by_row - (at.mean_x * weight[:, None]).T @ at.mean_x)
    plain, once, twice = blocks
    return score, np.block([[plain, once], [once, twice]])


def _score_test(score: Vector, information: Matrix, term: list[int]) -> HypothesisTest | NoEstimate:
    """uᵀ (I_γγ − I_γβ I_ββ⁻¹ I_βγ)⁻¹ u over the columns of the term."""
    k = len(score)
    gamma = [k + j for j in term]
    beta = list(range(k))
    cross = information[np.ix_(gamma, beta)]
    term_information = information[np.ix_(gamma, gamma)]
    left = term_information - cross @ np.linalg.solve(information[:k, :k], cross.T)
    scale = np.sqrt(np.maximum(np.diag(term_information), 0))
    if (scale == 0).any() or np.linalg.eigvalsh(left / np.outer(scale, scale))[0] < _SINGULAR:
        return NoEstimate("the events lie too close together in time to see a change")
    u = score[term]
    statistic = float(u @ np.linalg.solve(left, u))
    return HypothesisTest(
        statistic=statistic,
        p_value=float(special.chdtrc(len(term), statistic)),
        df=len(term),
        method="score test of proportional hazards",
    )
