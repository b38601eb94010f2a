"""Times to recovery as an estimator takes them, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from incohort.stats.interval import Placement, imputed_times

CENSORED, RECOVERED, DIED = 0, 1, 2

Flags = NDArray[np.bool_]
Vector = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Times:
    """Episodes as an estimator takes them, one entry each; days from time zero.

    `treated_at` is infinite where no G-CSF was given, and missing where that can't be placed.
    """

    patient: NDArray[np.int64]
    time: Vector
    cause: NDArray[np.int64]
    left: Vector
    right: Vector
    treated_at: Vector = field(repr=False)

    @property
    def n(self) -> int:
        """How many episodes."""
        return len(self.time)

    @property
    def event(self) -> Flags:
        """Which recovered."""
        return np.asarray(self.cause == RECOVERED, dtype=np.bool_)

    @property
    def courses(self) -> tuple[Vector, Flags, Vector]:
        """Time, event and start of treatment, as an estimator of its effect takes them."""
        return self.time, self.event, self.treated_at

    @property
    def cluster(self) -> NDArray[np.int64] | None:
        """Whose episodes go together; None where each patient has one."""
        return self.patient if len(np.unique(self.patient)) < self.n else None

    def persons(self, rows: Flags | None = None) -> int:
        """How many patients stand behind these episodes."""
        return len(np.unique(self.patient if rows is None else self.patient[rows]))

    def where(self, rows: Flags) -> Times:
        """Some of the episodes."""
        return Times(**{part.name: getattr(self, part.name)[rows] for part in fields(self)})

    def sooner_by(self, days: Vector) -> Times:
        """The same episodes with a clock that starts so many days later."""
        return replace(
            self, time=self.time - days, left=np.maximum(self.left - days, 0),
            right=self.right - days, treated_at=self.treated_at - days,
        )  # fmt: skip


def placed(times: Times, placement: Placement) -> Times:
    """The same episodes, each recovery at that place between the two counts around it."""
    time, event = imputed_times(times.left, times.right, placement=placement)
    return replace(times, time=time, cause=event.astype(np.int64))


def times_of(frame: pd.DataFrame) -> Times:
    """Timed episodes as arrays."""
    codes, _ = pd.factorize(frame["patient_id"])
    starts = pd.to_numeric(frame["gcsf_start"]).astype("float64").to_numpy()
    is_given = frame["has_gcsf"]
    treated_at = np.where(
        is_given.eq(other=False), np.inf, np.where(is_given.eq(other=True), starts, np.nan)
    )
    return Times(
        patient=np.asarray(codes, dtype=np.int64),
        time=frame["time"].to_numpy(dtype=np.float64),
        cause=frame["cause"].to_numpy(dtype=np.int64),
        left=frame["left"].to_numpy(dtype=np.float64),
        right=frame["right"].to_numpy(dtype=np.float64),
        treated_at=treated_at.astype(np.float64),
    )


def days_between(start: pd.Series, day: pd.Series) -> pd.Series:
    """How many days after a start each day is; missing where either is."""
    days: pd.Series = (pd.to_datetime(day) - pd.to_datetime(start)).dt.days.astype("float64")
    return days


def persons_at(times: Times, at: Vector, ends: Vector | None = None) -> tuple[int, ...]:
    """How many patients' follow-up ends at each time, or since the one before.

    Args:
        times: The episodes.
        at: The times, in order.
        ends: Where each episode's follow-up ends; its own time where not given.
    """
    place = np.searchsorted(at, times.time if ends is None else ends)
    place = np.minimum(place, len(at) - 1)
    pairs = np.unique(np.column_stack([place, times.patient]), axis=0)
    counts: list[int] = np.bincount(pairs[:, 0], minlength=len(at)).tolist()
    return tuple(counts)
