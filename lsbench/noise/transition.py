"""What a matrix of P(given | true) has to be before anything is drawn from it. No torch here."""

import math
from typing import Any

import numpy as np

from lsbench.errors import DtypeError, InputError

LARGEST_CONDITION = 100.0  # of a matrix that a loss is corrected by its inverse: losses are magnified about as much
ROUNDING = 1e-6  # how far a row's sum may be from 1: a file has a few digits


def require_transitions(name: str, matrix: Any, num_classes: int) -> np.ndarray:
    """Return the matrix as a float64 copy, (K, K), or raise unless every row is a distribution over the K classes.

    `InputError`: another shape, a number that is negative, NaN or infinite, a row that does not sum to 1 within
    1e-6. `DtypeError`: no array of real numbers.
    """
    given = np.asarray(matrix)
    if given.dtype.kind not in "fiu":
        raise DtypeError(f"{name} must be an array of real numbers, got {given.dtype}")
    if given.shape != (num_classes, num_classes):
        raise InputError(
            f"{name} must have shape ({num_classes}, {num_classes}), P(given | true) of {num_classes} classes;"
            f" got {given.shape}"
        )
    rows = np.array(given, dtype=np.float64)
    _require_distributions(name, rows)
    return rows


def condition_number(matrix: np.ndarray) -> float:
    """How much the inverse magnifies: the product of the largest absolute row sums of both; inf where there is none."""
    try:
        inverse = np.linalg.inv(matrix)
    except np.linalg.LinAlgError:
        return math.inf
    return float(np.abs(matrix).sum(-1).max() * np.abs(inverse).sum(-1).max())


def _require_distributions(name: str, rows: np.ndarray) -> None:
    allowed = np.isfinite(rows) & (rows >= 0)
    if not allowed.all():
        row, column = np.argwhere(~allowed)[0]
        raise InputError(f"{name} must hold probabilities, got {rows[row, column]:g} in row {row} (the first is 0)")
    with np.errstate(over="ignore"):  # an infinite sum is not 1 either
        sums, columns = rows.sum(-1), rows.sum(0)
    off = np.abs(sums - 1) > ROUNDING
    if off.any():
        transposed = np.abs(columns - 1).max() <= ROUNDING
        raise InputError(
            f"every row of {name} must sum to 1, P(given | true) of one true class; row {off.argmax()} (the first is 0)"
            f" sums to {sums[off][0]:.9g}"
            + ("; its columns do sum to 1, so transpose it: a row is a true class" if transposed else "")
        )
