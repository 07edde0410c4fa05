"""The mean of a number over seeds, and how far one seed lies from it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.statistics.alike import all_alike


@dataclass(frozen=True)
class Spread:
    """A mean over seeds and the standard deviation of one seed (n - 1 in the denominator; None for one seed)."""

    mean: float
    sd: float | None
    n: int


def spread(values: ArrayLike) -> Spread | None:
    """Mean and sample standard deviation over seeds.

    Args:
        values: (n,) numbers, one per seed.

    Returns:
        Mean, sd and n; the sd is None for one number, and exactly 0 for numbers that are equal up to rounding. None for
        no number.

    Example:
        >>> accuracy = spread([0.90, 0.92, 0.91])
        >>> round(accuracy.mean, 3), round(accuracy.sd, 3), accuracy.n
        (0.91, 0.01, 3)
    """
    array = np.asarray(values, float)
    return Spread(float(array.mean()), _sd(array), len(array)) if len(array) else None


def _sd(values: NDArray[np.float64]) -> float | None:
    if len(values) < 2:
        return None
    return 0.0 if all_alike(values) else float(np.std(values, ddof=1))
