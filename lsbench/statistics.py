"""What repeated trainings tell: means, spreads, and differences paired by seed."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MOST_FLIPS = 16  # pairs whose sign patterns are all looked at: 65,536


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


def t_test_p(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Two-sided p-value of Student's paired t-test; None for fewer than two pairs.

    Equal pairs throughout give 1; differences that are all alike and not 0 give 0. (Student, 1908)
    """
    from scipy.special import stdtr

    differences = np.asarray(a, float) - np.asarray(b, float)
    n = len(differences)
    if n < 2:
        return None
    mean, sd = float(differences.mean()), float(differences.std(ddof=1))
    if sd == 0:
        return 1.0 if mean == 0 else 0.0
    return float(2 * stdtr(n - 1, -abs(mean) * math.sqrt(n) / sd))


def sign_flip_p(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Exact two-sided p-value of the paired sign-flip test: the share of sign patterns with as large a |sum|.

    p = #{s in {-1, 1}^n : |sum_i s_i d_i| >= |sum_i d_i|} / 2^n, at least 2 / 2^n; None of nothing. It assumes only
    that differences are symmetric about 0. Exact for up to `MOST_FLIPS` pairs, beyond which the t-test serves.
    (Fisher, 1935)
    """
    differences = np.asarray(a, float) - np.asarray(b, float)
    n = len(differences)
    if n == 0 or n > MOST_FLIPS:
        return None
    patterns = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
    sums = np.abs((1 - 2 * patterns) @ differences)
    tolerance = 1e-12 * float(np.abs(differences).sum())  # sums that are equal on paper differ in their last bits
    return float(np.mean(sums >= abs(differences.sum()) - tolerance))


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted for how many there are, in their order: reject where they are at most the level.

    Sorted ascending, adjusted_k = max_{j <= k} min(1, (m - j + 1) p_j); the chance of any false rejection stays under
    the level whatever the dependence. (Holm, 1979)
    """
    p = np.asarray(p_values, float)
    order = np.argsort(p, kind="stable")
    scaled = np.minimum(1, p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.maximum.accumulate(scaled)
    return adjusted.tolist()


def effect_size(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Cohen's d_z: mean over sd of the paired differences; None where there is no spread (Cohen, 1988)."""
    differences = np.asarray(a, float) - np.asarray(b, float)
    if len(differences) < 2 or (sd := float(differences.std(ddof=1))) == 0:
        return None
    return float(differences.mean()) / sd


def power(d_z: float, n: int, level: float = 0.95) -> float:
    """Chance that a paired t-test at 1 - level finds a true effect of d_z standard deviations with n pairs.

    P(|T| > t) where T is noncentral t with n - 1 degrees and noncentrality d_z sqrt(n). (Cohen, 1988)
    """
    from scipy.special import nctdtr

    critical, shift = _t_quantile((1 + level) / 2, n - 1), abs(d_z) * math.sqrt(n)
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
