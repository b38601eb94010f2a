"""The way up to a maximum: Newton's steps, halved where they would lead down."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


class Place(Protocol):
    """Somewhere on the way: coefficients, and how high it is there."""

    @property
    def beta(self) -> Vector:
        """The coefficients, shape (k,)."""
        ...

    @property
    def log_likelihood(self) -> float:
        """The height."""
        ...


class Sloped(Place, Protocol):
    """A place that knows how steep it is there, and how curved."""

    @property
    def score(self) -> Vector:
        """The gradient, shape (k,)."""
        ...

    @property
    def information(self) -> Matrix:
        """The curvature, downwards, shape (k, k)."""
        ...


P = TypeVar("P", bound=Place)
S = TypeVar("S", bound=Sloped)


@dataclass(frozen=True, slots=True)
class Stage(Generic[P]):
    """A place, the one before it, and the whole step that was tried there; none at the start."""

    place: P
    before: P
    step: Vector | None

    @property
    def longest(self) -> float:
        """The step's largest change of a coefficient; infinite at the start."""
        return math.inf if self.step is None else float(np.abs(self.step).max())


def ascent(
    start: P,
    step: Callable[[P], Vector],
    at: Callable[[Vector], P | None],
    *,
    n_steps: int = 60,
    n_halvings: int = 40,
    slack: float = 1e-12,
) -> Iterator[Stage[P]]:
    """The start, then each place that a step leads to, none lower than the one before.

    Whoever walks along decides where to stop. The way ends by itself after `n_steps`, or where no
    step leads on: the curvature can't be solved for, or no part of the step leads up.

    Args:
        start: Where to begin.
        step: The step from a place; `LinAlgError` where there is none.
        at: The place at some coefficients; None where the likelihood has no value.
        n_steps: How many steps at most.
        n_halvings: How often a step is tried, each time half as long.
        slack: How much lower rounding may make the next place, relative to the height.
    """
    now = start
    yield Stage(now, now, None)
    for _ in range(n_steps):
        try:
            whole = step(now)
        except np.linalg.LinAlgError:
            return
        floor = now.log_likelihood - slack * (1 + abs(now.log_likelihood))
        following = _first_above(floor, now.beta, whole, at, n_halvings)
        if following is None:
            return
        yield Stage(following, now, whole)
        now = following


def _first_above(
    floor: float, beta: Vector, whole: Vector, at: Callable[[Vector], P | None], n_halvings: int
) -> P | None:
    """The first of the whole step, half of it, a quarter … that ends no lower than the floor."""
    step = whole
    for _ in range(n_halvings):
        tried = at(beta + step)
        if tried is not None and tried.log_likelihood >= floor:
            return tried
        step = step / 2
    return None


def newton_step(place: Sloped) -> Vector:
    """Newton's step, information⁻¹ score."""
    return np.linalg.solve(place.information, place.score).astype(np.float64)


def gain(stage: Stage[S]) -> float:
    """Twice the log likelihood that the step promised, scoreᵀ information⁻¹ score."""
    return math.inf if stage.step is None else abs(float(stage.step @ stage.before.score))


def if_finite(place: S) -> S | None:
    """The place, unless its information overflowed."""
    return place if np.isfinite(place.information).all() else None
