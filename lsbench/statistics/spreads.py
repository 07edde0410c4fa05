"""The mean of a number over seeds, and how far one seed lies from it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsbench.statistics.alike import all_alike


@dataclass(frozen=True)
class Spread:
    """A mean over seeds and the standard deviation of one seed (n - 1 in the denominator; None for one seed)."""

    mean: float
    sd: float | None
    n: int


def spread(values: Sequence[float]) -> Spread | None:
    """Mean and sample standard deviation, exactly 0 of numbers that are equal up to rounding; None of nothing."""
    if not values:
        return None
    return Spread(float(np.mean(values)), _sd(np.asarray(values, float)), len(values))


def _sd(values: NDArray[np.float64]) -> float | None:
    if len(values) < 2:
        return None
    return 0.0 if all_alike(values) else float(np.std(values, ddof=1))
