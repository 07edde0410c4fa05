"""How many seeds a family of comparisons needs, and what it can't find with those that it has."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import require_number, require_whole
from lsbench.statistics.alike import all_alike
from lsbench.statistics.cautious import alike_needed
from lsbench.statistics.sample_size import power, seeds_needed

MOST_SEEDS = 1_000  # more are not worth a number
CHANCE = 0.8  # with which a difference is to be found


@dataclass(frozen=True)
class SeedsNeeded:
    """How many seeds decide a difference 4 times in 5, if it is as seen; None stands for more than 1,000."""

    expected: int | None
    low: int | None  # for a difference at the upper end of its 80 % interval
    high: int | None  # at the lower end


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


def detectable_effect(n: int, alpha: float) -> float:
    """The standardised difference d_z that Student's paired test finds 4 times in 5.

    Times the sd of a pair's difference, it is a difference that may have been missed. (Cohen, 1988)

    Args:
        n: how many pairs, at least 2.
        alpha: the level of one comparison.

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
    while power(high, n, 1 - alpha) < CHANCE:
        high *= 2
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (low, middle) if power(middle, n, 1 - alpha) >= CHANCE else (middle, high)
    return high


def fewest_flips(alpha: float) -> int:
    """How many seeds the sign-flip test needs before it can reach alpha: the least n with 2 / 2^n <= alpha.

    Args:
        alpha: the level of the test, above 0.

    Returns:
        The number of seeds.

    Example:
        >>> fewest_flips(0.05)
        6
    """
    return 1 + math.ceil(-math.log2(alpha))


def collapsed(differences: ArrayLike, times: float = 5.0) -> NDArray[np.bool_]:
    """Which seeds lie far from the others: a reason for a warning, not for a verdict.

    A seed is far where it lies further from the median than so many median absolute deviations.

    Args:
        differences: (n,) paired differences.
        times: how many median absolute deviations are far.

    Returns:
        (n,) bools; all False where more than half of the differences are equal, as then there is no scale.

    Example:
        >>> collapsed([0.01, 0.02, 0.015, -0.5]).tolist()
        [False, False, False, True]
    """
    d = np.asarray(differences, float)
    if not len(d):
        return np.zeros(0, bool)
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
    return seeds_needed(effect, CHANCE, 1 - alpha, MOST_SEEDS) if effect > 0 else None
