"""Differences paired by seed: Student's interval and test."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from lsbench.statistics.alike import all_alike
from lsbench.statistics.checks import paired_differences, require_level


@dataclass(frozen=True)
class Difference:
    """A mean of paired differences and its interval; low and high are None where the pairs show no spread to go by."""

    mean: float
    low: float | None
    high: float | None
    n: int

    @property
    def decided(self) -> bool:
        """Whether the interval leaves 0 out."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)

    def within(self, margin: float) -> bool:
        """Whether the whole interval lies in [-margin, margin]."""
        return self.low is not None and self.high is not None and -margin <= self.low and self.high <= margin


def paired_difference(a: Sequence[float], b: Sequence[float], level: float = 0.95) -> Difference | None:
    """Mean of a - b with Student's t interval: mean ± t_{(1+level)/2, n-1} sd / sqrt(n) (Student, 1908).

    a and b hold one value per seed, in the same order of seeds; `InputError` where their lengths differ. None of
    nothing. No interval (low and high are None) of one pair, and of differences that are alike and not 0: they show no
    spread, and an interval of no width would call two of them certain.
    """
    require_level("level", level)
    differences = paired_differences(a, b)
    n = len(differences)
    if n == 0:
        return None
    mean = float(differences.mean())
    if n == 1 or (all_alike(differences) and differences.any()):
        return Difference(mean, None, None, n)
    half = t_quantile((1 + level) / 2, n - 1) * float(differences.std(ddof=1)) / math.sqrt(n)
    return Difference(mean, mean - half, mean + half, n)


def t_quantile(probability: float, degrees: float) -> float:
    """Where Student's distribution function reaches the probability; endless at 0 and 1, whatever scipy says there."""
    from scipy.special import stdtrit  # a tenth of scipy.stats' import time

    if probability in (0, 1):
        return math.inf if probability else -math.inf
    return float(stdtrit(degrees, probability))


def t_test_p(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Two-sided p-value of Student's paired t-test; None for fewer than two pairs.

    Equal pairs throughout give 1. Differences that are alike and not 0 have no spread to be tested by, and give None:
    see `cautious_p`, which counts their signs. (Student, 1908)
    """
    from scipy.special import stdtr

    differences = paired_differences(a, b)
    n = len(differences)
    if n < 2:
        return None
    if all_alike(differences):
        return None if differences.any() else 1.0
    mean, sd = float(differences.mean()), float(differences.std(ddof=1))
    return float(2 * stdtr(n - 1, -abs(mean) * math.sqrt(n) / sd))
