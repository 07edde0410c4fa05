"""Effect sizes, and how many seeds it takes to find one."""

import math
from collections.abc import Sequence

from lsbench.statistics.alike import all_alike
from lsbench.statistics.checks import paired_differences
from lsbench.statistics.paired import t_quantile


def effect_size(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Cohen's d_z: mean over sd of the paired differences; None of one pair, or where they are alike (Cohen, 1988)."""
    differences = paired_differences(a, b)
    if len(differences) < 2 or all_alike(differences):
        return None
    return float(differences.mean()) / float(differences.std(ddof=1))


def power(d_z: float, n: int, level: float = 0.95) -> float:
    """Chance that a paired t-test at 1 - level finds a true effect of d_z standard deviations with n pairs.

    P(|T| > t) where T is noncentral t with n - 1 degrees and noncentrality d_z sqrt(n). (Cohen, 1988)
    """
    from scipy.special import nctdtr

    critical, shift = t_quantile((1 + level) / 2, n - 1), abs(d_z) * math.sqrt(n)
    return float(1 - nctdtr(n - 1, shift, critical) + nctdtr(n - 1, shift, -critical))


def seeds_needed(d_z: float, chance: float = 0.8, level: float = 0.95, most: int = 10_000) -> int | None:
    """The fewest seeds with which an effect of d_z is found with that chance; None where `most` are too few."""
    low, high = 2, 2
    while high < most and power(d_z, high, level) < chance:
        low, high = high, min(2 * high, most)
    if power(d_z, high, level) < chance:
        return None
    while low < high:  # power grows with n
        middle = (low + high) // 2
        low, high = (low, middle) if power(d_z, middle, level) >= chance else (middle + 1, high)
    return high
