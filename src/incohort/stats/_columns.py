"""Covariates of a regression: whether they can be told apart, and on one scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


def columns_problem(x: Matrix, names: Sequence[str]) -> str:
    """Why no model with an intercept and these covariates, shape (n, k), has one answer, or ""."""
    if len(x) <= x.shape[1] + 1:
        return "there are fewer patients than the model has terms"
    for name, column in zip(names, x.T, strict=True):
        if np.ptp(column) == 0:
            return f"{name} is the same in everybody"
    scaled = (x - x.mean(axis=0)) / x.std(axis=0)
    if np.linalg.matrix_rank(scaled) < x.shape[1]:
        return "one covariate follows from the others"
    return ""


def standardised(x: Matrix) -> tuple[Matrix, Matrix]:
    """The design with an intercept and covariates of mean 0 and SD 1, and the way back.

    The second takes its coefficients to those of the covariates as they came in.
    """
    centre, spread = x.mean(axis=0), x.std(axis=0)
    back = np.diag([1.0, *(1 / spread)])
    back[0, 1:] = -centre / spread
    return np.column_stack([np.ones(len(x)), (x - centre) / spread]), back
