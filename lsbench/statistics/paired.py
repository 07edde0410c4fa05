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

    Args:
        a: one value per seed.
        b: the values that are subtracted, in the same order of seeds.
        level: of the interval, in (0, 1).

    Returns:
        The mean and its interval. The ends are None for one pair, and for differences that are alike and not 0: they
        show no spread, and an interval of no width would call two of them certain. None for no pair.

    Raises:
        InputError: lengths that differ, or a level outside (0, 1).

    Example:
        >>> gap = paired_difference([0.90, 0.92, 0.91], [0.88, 0.89, 0.90])
        >>> round(gap.mean, 3), round(gap.low, 3), round(gap.high, 3)
        (0.02, -0.005, 0.045)
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
    """Two-sided p-value of Student's paired t-test (Student, 1908).

    Args:
        a: one value per seed.
        b: the values that are subtracted, in the same order of seeds.

    Returns:
        The p-value; 1 where all pairs are equal. None for fewer than two pairs, and for differences that are alike and
        not 0, which have no spread to be tested by: see `cautious_p`, which counts their signs.

    Raises:
        InputError: lengths that differ.

    Example:
        >>> round(t_test_p([0.90, 0.92, 0.91], [0.88, 0.89, 0.90]), 4)
        0.0742
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
