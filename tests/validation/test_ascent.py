"""The way up to a maximum, which all models that have no closed form share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incohort.stats._ascent import ascent, gain, newton_step


@dataclass(frozen=True)
class _Hill:
    """−log cosh(x − 3): so flat far out that whole Newton steps swing ever wider."""

    beta: np.ndarray

    @property
    def log_likelihood(self):
        return -float(np.log(np.cosh(self.beta - 3.0)).sum())

    @property
    def score(self):
        return -np.tanh(self.beta - 3.0)

    @property
    def information(self):
        return np.diag(1 / np.cosh(self.beta - 3.0) ** 2)


def test_a_step_that_leads_down_is_halved_until_it_leads_up():
    """From 2 off the top whole steps diverge; the halved ones never go down, and arrive."""
    whole = 5.0
    for _ in range(2):
        whole = float(whole + newton_step(_Hill(np.array([whole])))[0])
    assert abs(whole - 3.0) > 10

    stages = []
    for stage in ascent(_Hill(np.array([5.0])), newton_step, _Hill):
        stages.append(stage)
        if gain(stage) < 1e-20:
            break

    heights = [stage.place.log_likelihood for stage in stages]
    assert heights == sorted(heights)
    assert abs(stages[-1].place.beta[0] - 3.0) < 1e-12


def test_the_way_ends_where_no_step_leads_on():
    """A place without a value is never stepped to, and a curvature of 0 gives no step."""
    start = _Hill(np.array([2.0]))
    assert [s.place for s in ascent(start, newton_step, lambda _: None)] == [start]

    def flat(_):
        raise np.linalg.LinAlgError

    assert [s.place for s in ascent(start, flat, _Hill)] == [start]
