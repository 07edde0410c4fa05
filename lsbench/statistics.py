"""What repeated trainings tell: means, spreads, and differences paired by seed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Spread:
    """A mean over seeds and the standard deviation of one seed (n - 1 in the denominator; None for one seed)."""

    mean: float
    sd: float | None
    n: int


@dataclass(frozen=True)
class Difference:
    """A mean of paired differences and its interval; low and high are None where one pair shows no spread."""

    mean: float
    low: float | None
    high: float | None
    n: int

    @property
    def decided(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def spread(values: Sequence[float]) -> Spread | None:
    """Mean and sample standard deviation, or None of nothing."""
    if not values:
        return None
    return Spread(float(np.mean(values)), float(np.std(values, ddof=1)) if len(values) > 1 else None, len(values))


def paired_difference(a: Sequence[float], b: Sequence[float], level: float = 0.95) -> Difference | None:
    """Mean of a - b with Student's t interval: mean ± t_{(1+level)/2, n-1} sd / sqrt(n) (Student, 1908).

    a and b hold one value per seed, in the same order of seeds. None of nothing.
    """
    differences = np.asarray(a, float) - np.asarray(b, float)
    n = len(differences)
    if n == 0:
        return None
    mean = float(differences.mean())
    if n == 1:
        return Difference(mean, None, None, 1)
    half = _t_quantile((1 + level) / 2, n - 1) * float(differences.std(ddof=1)) / math.sqrt(n)
    return Difference(mean, mean - half, mean + half, n)


def _t_quantile(probability: float, degrees: int) -> float:
    from scipy.special import stdtrit  # a tenth of scipy.stats' import time

    return float(stdtrit(degrees, probability))
