"""How many seeds a family of comparisons needs, and what it can't find with those that it has."""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import require_number, require_whole
from lsbench.statistics.alike import all_alike
from lsbench.statistics.cautious import alike_needed
from lsbench.statistics.paired import t_quantile

MOST_SEEDS = 1_000  # more are not worth a number
_MORE = "more than 1,000"
CHANCE = 0.8  # with which a difference is to be found
FEWEST_TO_JUDGE = 4  # seeds: of three, one lies 5 deviations off in 30 % of cases
POINTS = 400  # of the sd's distribution: a mean over them is right to 1e-4


@dataclass(frozen=True)
class SeedsNeeded:
    """How many seeds decide a difference 4 times in 5, if it is as seen; None stands for more than 1,000."""

    expected: int | None
    low: int | None  # for a difference at the upper end of its 80 % interval
    high: int | None  # at the lower end

    def __str__(self) -> str:
        """As "16 (8 to 105)", or "more than 1,000"."""
        if self.low is None:
            return _MORE
        expected, low, high = (_MORE if seeds is None else str(seeds) for seeds in (self.expected, self.low, self.high))
        if low == high:
            return expected
        return f"{expected} ({low} to {high})" if expected != _MORE else f"{_MORE} (from {low})"


def seeds_to_find(differences: ArrayLike, alpha: float, tolerance: float = 0.0) -> SeedsNeeded | None:
    """How many seeds tell the mean of paired differences, as observed, from ±tolerance 4 times in 5.

    Expected: by the power of Student's test at the standardised distance (|mean| - tolerance) / sd. Low and high: at
    the ends of its 80 % interval, by inversion of the noncentral t. (Cohen, 1988; Steiger and Fouladi, 1997)

    Args:
        differences: (n,) paired differences.
        alpha: the level of one comparison: 0.05 / m in a family of m.
        tolerance: a difference that does not matter.

    Returns:
        The numbers of seeds; None for fewer than two differences and for those that are all 0.

    Example:
        >>> seeds_to_find([0.02, 0.03, 0.01, -0.01, 0.0], alpha=0.05).expected
        22
    """
    d = np.asarray(differences, float)
    n = len(d)
    if n < 2 or not d.any():
        return None
    if all_alike(d):
        needed = alike_needed(alpha) if abs(float(d.mean())) > tolerance else None
        return SeedsNeeded(needed, needed, needed)
    effect = (abs(float(d.mean())) - tolerance) / float(d.std(ddof=1))
    weak, strong = _interval_of_effect(effect, n)
    return SeedsNeeded(*(_needed(size, alpha) for size in (effect, strong, weak)))


@cache
def detectable_effect(n: int, alpha: float) -> float:
    """The standardised difference d_z that Student's paired test finds 4 times in 5.

    Times the sd of a pair's difference, it is a difference that may have been missed. (Cohen, 1988)

    Args:
        n: how many pairs, at least 2.
        alpha: the level of one comparison: 0.05 / m in a family of m.

    Returns:
        d_z, above 0.

    Raises:
        InputError: fewer than 2 pairs, or an alpha outside [0, 1].

    Example:
        >>> round(detectable_effect(n=5, alpha=0.05), 2)
        1.68
    """
    require_whole("n", n, 2, 10**6)
    require_number("alpha", alpha, 0, 1)
    low, high = 0.0, 1.0
    while _chance(high, n, alpha) < CHANCE:
        low, high = high, 2 * high
    for _ in range(25):
        middle = (low + high) / 2
        low, high = (low, middle) if _chance(middle, n, alpha) >= CHANCE else (middle, high)
    return high


def collapsed(differences: ArrayLike, times: float = 5.0) -> NDArray[np.bool_]:
    """Which seeds lie far from the others: a reason for a warning, not for a verdict.

    A seed is far where it lies further from the median than so many median absolute deviations.

    Args:
        differences: (n,) paired differences.
        times: how many median absolute deviations are far.

    Of normal differences some seed is that far in 22 % of cases with 5 seeds and 14 % with 10, so that the word for it
    is "far from the others". With fewer than 4 seeds nothing can be said.

    Returns:
        (n,) bools; all False for fewer than 4 differences, and where more than half of them are equal, as then there is
        no scale.

    Example:
        >>> collapsed([0.01, 0.02, 0.015, -0.5]).tolist()
        [False, False, False, True]
    """
    d = np.asarray(differences, float)
    if len(d) < FEWEST_TO_JUDGE:
        return np.zeros(len(d), bool)
    distance = np.abs(d - np.median(d))
    scale = float(np.median(distance))
    return distance > times * scale if scale > 0 else np.zeros(len(d), bool)


def _interval_of_effect(effect: float, n: int) -> tuple[float, float]:
    """The 80 % interval of a standardised distance seen in n pairs: where it is the 10 and 90 % quantile of t."""
    from scipy.special import nctdtrinc

    t = effect * math.sqrt(n)
    strong, weak = (float(nctdtrinc(n - 1, share, t)) for share in (0.1, 0.9))
    return weak / math.sqrt(n), strong / math.sqrt(n)


def _needed(effect: float, alpha: float) -> int | None:
    """The fewest seeds that find it 4 times in 5, by bisection, as the chance grows with n."""
    low, high = 2, MOST_SEEDS
    if _chance(effect, high, alpha) < CHANCE:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _chance(effect, middle, alpha) >= CHANCE else (middle + 1, high)
    return high


def _chance(effect: float, n: int, alpha: float) -> float:
    """P(T > t_{1-alpha/2}), T noncentral t, as a mean over the sd's distribution: right far out in the tails, too."""
    from scipy.special import ndtr

    return float(np.mean(ndtr(effect * math.sqrt(n) + t_quantile(alpha / 2, n - 1) * _sd_ratios(n))))


@cache
def _sd_ratios(n: int) -> NDArray[np.float64]:
    """The sd of n numbers over its true value at evenly spaced probabilities, (POINTS,)."""
    from scipy.special import chdtri

    return np.sqrt(np.asarray(chdtri(n - 1, (np.arange(POINTS) + 0.5) / POINTS)) / (n - 1))
