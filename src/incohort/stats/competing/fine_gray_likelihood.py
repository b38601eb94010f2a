"""Fine and Gray's weighted partial likelihood, its score and information, in linear time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incohort.stats.competing.inputs import CausedFollowUp
from incohort.stats.survival.inputs import Codes, Flags, Matrix, Vector

_ORDER_TOLERANCE = 1e-5  # of the spread of the linear predictor along a direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Rows in order of time; `x` is centred and scaled, the raw covariate is x · scale + mean.

    A row is at risk at the event times before position `until`; a row with a competing event
    stays at risk after, with the weight G(s−)/G(t−), where G is the probability of not being
    censored. `kept` is 1/G(t−) for those and 0 for others. `event_time`, `n_events` and
    `uncensored`, G(s−), are by different event time. `row[i]` is the place in the data of row i.
    """

    row: Codes
    x: Matrix
    mean: Vector
    scale: Vector
    code: Codes
    is_event: Flags
    is_censored: Flags
    kept: Vector
    until: Codes
    event_time: Vector
    n_events: Codes
    uncensored: Vector

    def at_risk(self, values: Matrix) -> Matrix:
        """Weighted sums over those at risk, of columns of `values`, shape (event times, k)."""
        m = len(self.event_time)
        total = np.empty((m, values.shape[1]), order="F")
        for k, column in enumerate(values.T):
            still = np.bincount(self.until, weights=column, minlength=m + 1)
            gone = np.bincount(self.until, weights=column * self.kept, minlength=m + 1)
            total[:, k] = np.cumsum(still[:0:-1])[::-1] + self.uncensored * np.cumsum(gone)[:-1]
        return total

    def over_time_at_risk(self, by_time: Matrix) -> Matrix:
        """For each row the weighted sum of values by event time, over its times at risk."""
        sums = np.empty((len(self.until), by_time.shape[1]), order="F")
        for k, column in enumerate(by_time.T):
            before = np.concatenate([[0.0], np.cumsum(column)])
            after = np.concatenate([np.cumsum((column * self.uncensored)[::-1])[::-1], [0.0]])
            sums[:, k] = before[self.until] + self.kept * after[self.until]
        return sums


@dataclass(frozen=True, slots=True, kw_only=True)
class Likelihood:
    """The likelihood at `beta`; hazard and mean covariates at risk by event time."""

    beta: Vector
    log_likelihood: float
    score: Vector
    information: Matrix
    risk: Vector
    hazard: Vector
    mean_x: Matrix


def design(caused: CausedFollowUp, x: Matrix, cause_of_interest: int) -> Design:
    """Covariates and weights made ready; G is Kaplan–Meier's curve of censoring."""
    rows = caused.rows
    row = rows.times.order
    m = len(rows.distinct)
    code = np.repeat(np.arange(m), rows.times.sizes)
    is_censored = caused.cause[row] == 0
    is_event = caused.cause[row] == cause_of_interest
    leaving = np.bincount(code, minlength=m)
    at_risk = caused.n - np.cumsum(leaving) + leaving
    censored = np.bincount(code[is_censored], minlength=m)
    uncensored = np.concatenate([[1.0], np.cumprod(1 - censored / at_risk)[:-1]])
    events = np.bincount(code[is_event], minlength=m)
    at = np.flatnonzero(events)
    mean = x.mean(axis=0)
    ready = np.asfortranarray(x[row]) - mean
    scale = np.abs(ready).mean(axis=0)
    scale = np.where(scale > 0, scale, 1.0)
    # G(t−) is 0 nowhere: it falls to 0 only where the last of all is censored, after all.
    kept = np.where(is_censored | is_event, 0.0, 1 / uncensored[code])
    return Design(
        row=row,
        x=ready / scale,
        mean=mean,
        scale=scale,
        code=code,
        is_event=is_event,
        is_censored=is_censored,
        kept=kept,
        until=np.searchsorted(at, code, side="right"),
        event_time=rows.distinct[at],
        n_events=events[at],
        uncensored=uncensored[at],
    )


def likelihood(data: Design, beta: Vector) -> Likelihood:
    """The likelihood at `beta`, all events of a time with the same denominator (Breslow).

    With r = w exp(xβ) and S0, S1 its sums over those at risk, the score is
    Σ over events of x − S1/S0 (Fine & Gray 1999, eq. 7). The information is Σ over rows of
    r·x·xᵀ times the hazard while at risk, less Σ over events of mean·meanᵀ.
    """
    eta = data.x @ beta
    shift = float(eta.max())
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        risk = np.exp(eta - shift)
        s0 = data.at_risk(risk[:, None])[:, 0]
        mean_x = data.at_risk(risk[:, None] * data.x) / s0[:, None]
        d = data.n_events
        hazard = d / s0
        expected = risk * data.over_time_at_risk(hazard[:, None])[:, 0]
        information = (data.x * expected[:, None]).T @ data.x - (mean_x * d[:, None]).T @ mean_x
        score = data.x[data.is_event].sum(axis=0) - d @ mean_x
        log_likelihood = float((eta[data.is_event] - shift).sum() - d @ np.log(s0))
    back = float(np.exp(min(shift, 700.0)))
    return Likelihood(
        beta=beta,
        log_likelihood=log_likelihood,
        score=score,
        information=information,
        risk=risk * back,
        hazard=hazard / back,
        mean_x=mean_x,
    )


def influence(data: Design, at: Likelihood) -> Matrix:
    """Each row's part in the score, η + ψ of Fine & Gray's §5, in order of the design."""
    parts: Matrix = score_residuals(data, at) + weight_residuals(data, at)
    return parts


def score_residuals(data: Design, at: Likelihood) -> Matrix:
    """η, each row's part where the weights are taken as known: what R's finegray() leads to."""
    x = data.x
    hazard, hazard_x = at.hazard[:, None], at.hazard[:, None] * at.mean_x
    both = data.over_time_at_risk(np.hstack([hazard, hazard_x]))
    eta: Matrix = at.risk[:, None] * (both[:, 1:] - x * both[:, :1])
    event_index = data.until[data.is_event] - 1
    eta[data.is_event] += x[data.is_event] - at.mean_x[event_index]
    return eta


def weight_residuals(data: Design, at: Likelihood) -> Matrix:
    """ψ, each row's part in the score through G, which is estimated.

    With q(t) the part of the score that hangs on the weights given before t and used from t on,
    ψ_i = ∫ q/n dM_i^c over the martingale of censoring.
    """
    x, k = data.x, data.x.shape[1]
    hazard, hazard_x = at.hazard[:, None], at.hazard[:, None] * at.mean_x
    m = int(data.code[-1]) + 1
    weight = at.risk * data.kept
    gone = _before(_by_code(data, np.column_stack([weight, weight[:, None] * x]), m))
    used = np.hstack([hazard, hazard_x]) * data.uncensored[:, None]
    ahead = np.vstack([np.cumsum(used[::-1], axis=0)[::-1], np.zeros((1, k + 1))])
    first = np.zeros(m + 1, dtype=np.int64)  # the first event time at or after each time
    first[1:] = np.cumsum(np.bincount(data.code[data.is_event], minlength=m) > 0)
    ahead = ahead[first[:-1]]
    q = gone[:, 1:] * ahead[:, :1] - gone[:, :1] * ahead[:, 1:]
    leaving = np.bincount(data.code, minlength=m)
    n = len(x) - np.cumsum(leaving) + leaving
    censored = np.bincount(data.code[data.is_censored], minlength=m)
    psi: Matrix = -np.cumsum(q * (censored / n.astype(np.float64) ** 2)[:, None], axis=0)[data.code]
    psi[data.is_censored] += (q / n[:, None])[data.code[data.is_censored]]
    return psi


def orders_all_events(data: Design, direction: Vector) -> bool:
    """Whether at each event nobody at risk stands higher along a direction than those with it.

    Then the likelihood rises for ever (Bryson & Johnson 1981), and there is no maximum.
    """
    along, m = data.x @ direction, len(data.event_time)
    still, gone = np.full(m + 1, -np.inf), np.full(m + 1, -np.inf)
    np.maximum.at(still, data.until, along)
    stays = data.kept > 0
    np.maximum.at(gone, data.until[stays], along[stays])
    highest = np.maximum.accumulate(still[:0:-1])[::-1]
    is_weighed = data.uncensored > 0
    highest = np.maximum(highest, np.where(is_weighed, np.maximum.accumulate(gone)[:-1], -np.inf))
    event_index = data.until[data.is_event] - 1
    return bool(
        (along[data.is_event] >= highest[event_index] - _ORDER_TOLERANCE * np.ptp(along)).all()
    )


def _by_code(data: Design, values: Matrix, m: int) -> Matrix:
    return np.column_stack([np.bincount(data.code, weights=v, minlength=m) for v in values.T])


def _before(values: Matrix) -> Matrix:
    """Sums over the times strictly before each."""
    total = np.zeros_like(values)
    np.cumsum(values[:-1], axis=0, out=total[1:])
    return total
