"""Cox's partial likelihood, its score and information, without a loop over event times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from incohort.stats.survival.inputs import Codes, Matrix, Vector
from incohort.stats.survival.risk_sets import RiskSets

Ties = Literal["efron", "breslow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """Covariates and risk sets, with rows and events in order of their sets.

    Row i of the design is row `row[i]` of the data. `x` is centred and scaled, shape (n, k): the
    raw covariate is x · scale + mean. `event_row` are the rows of the events, `event_set` their
    sets and `set_start` the first event of each set. For Efron's handling of ties, `tied` are the
    events that share their set with others, `tied_share` is l/d for the l-th of d of them (0,
    1/d, …), and `tied_set` numbers their sets alone from 0; all are empty for Breslow's.
    """

    row: Codes
    x: Matrix
    mean: Vector
    scale: Vector
    sets: RiskSets
    event_row: Codes
    event_set: Codes
    set_start: Codes
    tied: Codes
    tied_share: Vector
    tied_set: Codes
    ties: Ties

    @property
    def n_events_by_set(self) -> Codes:
        """How many events share each set."""
        return np.diff(np.append(self.set_start, len(self.event_row)))

    def as_given(self, values: Matrix) -> Matrix:
        """Values by row of the design, in the order of the data."""
        given = np.empty_like(values)
        given[self.row] = values
        return given


@dataclass(frozen=True, slots=True, kw_only=True)
class Likelihood:
    """The partial likelihood at `beta`, and what its derivatives are made of.

    `hazard` is one increment of the baseline hazard for each event, at mean covariates, and
    `mean_x` the mean covariates at risk that go with it, shape (events, k). By row of the
    design, `risk` is exp(xβ) and `expected` its hazard while at risk: the events to expect.
    """

    beta: Vector
    log_likelihood: float
    score: Vector
    information: Matrix
    risk: Vector
    hazard: Vector
    mean_x: Matrix
    expected: Vector


def design(x: Matrix, sets: RiskSets, ties: Ties) -> Design:
    """Covariates made ready: centred, scaled by their mean absolute deviation, all in order.

    A row that is never at risk when an event happens takes no part, and stands at the mean.
    """
    row = np.argsort(sets.last, kind="stable")
    takes_part = sets.last > sets.first
    mean = x[takes_part].mean(axis=0)
    ready = np.asfortranarray(x[row])
    ready -= mean
    ready[~takes_part[row]] = 0.0
    scale = np.abs(ready).sum(axis=0) / takes_part.sum()
    scale = np.where(scale > 0, scale, 1.0)
    ready /= scale
    ordered = sets.reordered(row)
    event_row = np.flatnonzero(ordered.event)
    event_set = ordered.last[event_row] - 1
    set_start = np.flatnonzero(np.diff(event_set, prepend=-1))
    d = np.diff(np.append(set_start, len(event_row)))[event_set]
    tied = np.flatnonzero(d > 1) if ties == "efron" else np.zeros(0, dtype=np.int64)
    rank = tied - set_start[event_set[tied]]
    return Design(
        row=row,
        x=ready,
        mean=mean,
        scale=scale,
        sets=ordered,
        event_row=event_row,
        event_set=event_set,
        set_start=set_start,
        tied=tied,
        tied_share=rank / d[tied],
        tied_set=np.cumsum(rank == 0) - 1,
        ties=ties,
    )


def likelihood(data: Design, beta: Vector) -> Likelihood:
    """The partial likelihood at `beta`, on the scale of the design.

    With risk r = exp(xβ), S0 and S1 the sums of r and r·x over those at risk, D0 and D1 the same
    over the events of the set, and f = l/d (Efron 1977), each event has the denominator S0 − f·D0
    and the mean covariates (S1 − f·D1)/(S0 − f·D0). The information is Σ over rows of r·x·xᵀ
    times the hazard while at risk, less Σ over events of mean·meanᵀ.
    """
    eta = data.x @ beta
    shift = float(eta.max())  # of the exponent, so that nothing overflows
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        risk = np.exp(eta - shift)
        s0, s1 = data.sets.weighted_sums(risk, data.x)
        denominator, mean_x = s0[data.event_set], _taken(s1, data.event_set)
        if len(data.tied):
            d0, d1 = _tied_sums(data, risk)
            denominator[data.tied] -= data.tied_share * d0
            mean_x[data.tied] -= data.tied_share[:, None] * d1
        mean_x /= denominator[:, None]
        hazard = 1 / denominator
        expected = risk * while_at_risk(data, hazard[:, None])[:, 0]
        score = data.x[data.event_row].sum(axis=0) - mean_x.sum(axis=0)
        information = (data.x * expected[:, None]).T @ data.x - mean_x.T @ mean_x
        log_likelihood = float((eta[data.event_row] - shift - np.log(denominator)).sum())
    back = float(np.exp(min(shift, 700.0)))
    return Likelihood(
        beta=beta,
        log_likelihood=log_likelihood,
        score=score,
        information=information,
        risk=risk * back,
        hazard=hazard / back,
        mean_x=mean_x,
        expected=expected,
    )


def expected_covariates(data: Design, at: Likelihood) -> Matrix:
    """For each row its hazard while at risk, weighted with the mean covariates, shape (n, k)."""
    return at.risk[:, None] * while_at_risk(data, at.hazard[:, None] * at.mean_x)


def by_set(data: Design, values: Matrix) -> Matrix:
    """Sums over the events of each set, shape (sets, …)."""
    if len(data.set_start) == len(data.event_row):
        return values
    return np.add.reduceat(values, data.set_start, axis=0)


def while_at_risk(data: Design, values: Matrix) -> Matrix:
    """For each row the sum of values by event, shape (events, k), over its sets at risk.

    An event's row counts 1 − f of its own set's terms, as it is part of Efron's average.
    """
    total = data.sets.over_time_at_risk(by_set(data, values))
    if len(data.tied):
        correction = _over_tied(data, values[data.tied] * data.tied_share[:, None])
        total[data.event_row[data.tied]] -= correction
    return total


def _taken(values: Matrix, index: Codes) -> Matrix:
    taken = np.empty((len(index), values.shape[1]), order="F")
    for k, column in enumerate(values.T):
        taken[:, k] = column[index]
    return taken


def _tied_sums(data: Design, risk: Vector) -> tuple[Vector, Matrix]:
    """For each tied event, risk and risk times x summed over the events of its set."""
    rows = data.event_row[data.tied]
    weight = risk[rows]
    both = _over_tied(data, np.column_stack([weight, weight[:, None] * data.x[rows]]))
    return both[:, 0], both[:, 1:]


def _over_tied(data: Design, values: Matrix) -> Matrix:
    """For each tied event, values summed over the events of its set."""
    starts = np.flatnonzero(np.diff(data.tied_set, prepend=-1))
    return np.add.reduceat(values, starts, axis=0)[data.tied_set]
