"""Times to recovery as an estimator takes them, and whose they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import compress

import numpy as np
import pandas as pd
from numpy.typing import NDArray

CENSORED, RECOVERED, DIED = 0, 1, 2

Flags = NDArray[np.bool_]
Vector = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Times:
    """Episodes as an estimator takes them, one entry each; days from time zero.

    `treated_at` is infinite where no G-CSF was given, and missing where that can't be placed.
    `whose` names the patient and which of their episodes it is, for the disclosure gate.
    """

    patient: NDArray[np.int64]
    time: Vector
    cause: NDArray[np.int64]
    left: Vector
    right: Vector
    treated_at: Vector = field(repr=False)
    whose: tuple[tuple[str, int], ...] = field(default=(), repr=False)

    @property
    def n(self) -> int:
        """How many episodes."""
        return len(self.time)

    @property
    def event(self) -> Flags:
        """Which recovered."""
        return np.asarray(self.cause == RECOVERED, dtype=np.bool_)

    @property
    def cluster(self) -> NDArray[np.int64] | None:
        """Whose episodes go together; None where each patient has one."""
        return self.patient if len(np.unique(self.patient)) < self.n else None

    def persons(self, rows: Flags | None = None) -> int:
        """How many patients stand behind these episodes."""
        return len(np.unique(self.patient if rows is None else self.patient[rows]))

    def smallest(self, *rows: Flags) -> int:
        """The fewest patients behind any of these groups of episodes."""
        return min(self.persons(one) for one in rows)

    def where(self, rows: Flags) -> Times:
        """Some of the episodes."""
        return Times(
            patient=self.patient[rows], time=self.time[rows], cause=self.cause[rows],
            left=self.left[rows], right=self.right[rows], treated_at=self.treated_at[rows],
            whose=tuple(compress(self.whose, rows)),
        )  # fmt: skip

    def sooner_by(self, days: Vector) -> Times:
        """The same episodes with a clock that starts so many days later."""
        return Times(
            patient=self.patient, time=self.time - days, cause=self.cause,
            left=np.maximum(self.left - days, 0), right=self.right - days,
            treated_at=self.treated_at - days, whose=self.whose,
        )  # fmt: skip


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
        whose=tuple(
            zip(frame["patient_id"].astype(str), frame["episode"].astype(int), strict=True)
        ),
    )


def persons_at(times: Times, at: np.ndarray) -> tuple[int, ...]:
    """How many patients' follow-up ends at each time."""
    place = np.searchsorted(at, times.time)
    place = np.minimum(place, len(at) - 1)
    pairs = np.unique(np.column_stack([place, times.patient]), axis=0)
    counted: list[int] = np.bincount(pairs[:, 0], minlength=len(at)).tolist()
    return tuple(counted)
