"""What comes into an estimator, checked once: options, outcomes, covariates, labels, counts.

What is refused here is a programming error, so it raises; what data can't give is a `NoEstimate`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]


def check_option(name: str, value: object, options: tuple[object, ...]) -> None:
    """Refuse an option that is none of those that there are.

    Raises:
        ValueError: It is none of them.

    >>> check_option("method", "wilsn", ("wilson", "jeffreys"))
    Traceback (most recent call last):
    ValueError: method is 'wilsn'; it must be one of wilson, jeffreys
    """
    if value not in options:
        msg = f"{name} is {value!r}; it must be one of {', '.join(map(str, options))}"
        raise ValueError(msg)


def binary(values: ArrayLike, name: str) -> Flags:
    """Which rows had the event.

    Args:
        values: True or 1 for an event, False or 0 for none, shape (n,).
        name: What they are called in an error.

    Raises:
        ValueError: Not one-dimensional, or a value is missing or neither 0 nor 1.
    """
    given = np.asarray(values)
    if given.ndim != 1:
        msg = f"{name} must be one-dimensional"
        raise ValueError(msg)
    if given.dtype == np.bool_:
        return given
    if given.size and given.dtype.kind not in "iufO":
        msg = f"{name} must be 0 or 1, not {given.dtype}"
        raise ValueError(msg)
    numbers = _numbers(given, name)
    flags: Flags = numbers == 1
    if not (flags | (numbers == 0)).all():
        msg = f"{name} must be 0 or 1, False or True, without missing values"
        raise ValueError(msg)
    return flags


def design(
    values: ArrayLike | None, n: int, *, what: str = "time", may_be_empty: bool = False
) -> Matrix:
    """Covariates as a matrix with one complete row for each of n; None are no columns.

    Args:
        values: Shape (n, k), or (n,) for a single covariate.
        n: How many rows there must be.
        what: What a row stands beside, in an error.
        may_be_empty: Whether there may be no column.

    Raises:
        ValueError: Another shape, no column, or a value is missing.
    """
    x = np.zeros((n, 0)) if values is None else _numbers(np.asarray(values), "covariates")
    x = x[:, None] if x.ndim == 1 else x
    if (
        x.ndim != 2
        or len(x) != n
        or (x.shape[1] == 0 and not may_be_empty)
        or not np.isfinite(x).all()
    ):
        msg = f"covariates must have one complete row for each {what}"
        raise ValueError(msg)
    return x


def labels_of(values: ArrayLike, n: int, name: str) -> tuple[NDArray[np.generic], Codes]:
    """The different labels in order, and each row's index among them.

    Raises:
        ValueError: Not one label a row, a label is missing, or labels of kinds that have no order
            among each other (a word beside a number).
    """
    labels = np.asarray(values)
    if labels.shape != (n,):
        msg = f"{name} must have one value for each time"
        raise ValueError(msg)
    # A missing label is None or pandas' NA among objects, or the number unequal to itself.
    if labels.dtype == object and any(_is_missing(label) for label in labels):
        msg = f"{name} has missing values"
        raise ValueError(msg)
    if labels.dtype.kind == "f" and np.isnan(labels).any():
        msg = f"{name} has missing values"
        raise ValueError(msg)
    if labels.dtype.kind in "bu" or (labels.dtype.kind == "i" and n and labels.min() >= 0):
        counts = np.bincount(labels) if n and int(labels.max()) <= 2 * n else None
        if counts is not None:  # small whole numbers need no sorting
            present = np.flatnonzero(counts)
            lookup = np.zeros(len(counts), dtype=np.int64)
            lookup[present] = np.arange(len(present))
            return present.astype(labels.dtype), lookup[labels.astype(np.int64, copy=False)]
    try:
        distinct, codes = np.unique(labels, return_inverse=True)
    except TypeError:
        msg = f"{name} mixes labels of different kinds, such as words and numbers"
        raise ValueError(msg) from None
    return distinct, codes.astype(np.int64, copy=False)


def _is_missing(label: object) -> bool:
    if label is None:
        return True
    try:
        return not bool(label == label)  # noqa: PLR0124 — a NaN is unequal to itself
    except TypeError:  # pandas' NA is neither
        return True


def whole(values: ArrayLike, name: str) -> Codes:
    """Counts as whole numbers from 0.

    Raises:
        ValueError: One is missing, negative, or no whole number.
    """
    numbers = _numbers(np.asarray(values), name)
    if not np.isfinite(numbers).all() or (numbers < 0).any() or (numbers % 1 != 0).any():
        msg = f"{name} must be whole numbers from 0"
        raise ValueError(msg)
    return numbers.astype(np.int64)


def _numbers(values: NDArray[np.generic], name: str) -> Matrix:
    try:
        return values.astype(np.float64)
    except (TypeError, ValueError):
        msg = f"{name} must be numbers, without missing values"
        raise ValueError(msg) from None
