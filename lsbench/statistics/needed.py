"""How many seeds a family of comparisons needs, and what it can't find with those that it has."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from statistics import median

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import require_number, require_whole
from lsbench.statistics.cautious import alike_needed
from lsbench.statistics.checks import finite, require_level
from lsbench.statistics.paired import t_quantile
from lsbench.statistics.spreads import spread

MOST_SEEDS = 1_000  # more are not worth a number
_MORE = "more than 1,000"
CHANCE = 0.8  # with which a difference is to be found
FEWEST_TO_JUDGE = 4  # seeds: of three, one lies 5 deviations off in 30 % of cases
EXACT_UP_TO = 50  # seeds
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

    Raises:
        InputError: a number that is not finite, an alpha outside (0, 1), or a tolerance below 0.

    Example:
        >>> seeds_to_find([0.02, 0.03, 0.01, -0.01, 0.0], alpha=0.05).expected
        22
    """
    require_level("alpha", alpha)
    require_number("tolerance", tolerance, 0)
    d = spread(differences)
    if d is None or d.sd is None or (d.mean == 0 and d.sd == 0):
        return None
    if d.sd == 0:
        needed = alike_needed(alpha) if abs(d.mean) > tolerance else None
        return SeedsNeeded(needed, needed, needed)
    effect = (abs(d.mean) - tolerance) / d.sd
    weak, strong = _interval_of_effect(effect, d.n)
    return SeedsNeeded(*(_needed(size, alpha) for size in (effect, strong, weak)))


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
    return _least_effect(n, alpha)


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

    Raises:
        InputError: a number that is not finite, or times below 0.

    Example:
        >>> collapsed([0.01, 0.02, 0.015, -0.5]).tolist()
        [False, False, False, True]
    """
    require_number("times", times, 0)
    d = finite("differences", differences, 1)
    if len(d) < FEWEST_TO_JUDGE:
        return np.zeros(len(d), bool)
    distance = np.abs(d - median(d.tolist()))
    scale = median(distance.tolist())
    return distance > times * scale if scale > 0 else np.zeros(len(d), bool)


def _interval_of_effect(effect: float, n: int) -> tuple[float, float]:
    """The 80 % interval of a standardised distance seen in n pairs: where it is the 10 and 90 % quantile of t."""
    from scipy.special import nctdtrinc

    t = effect * math.sqrt(n)
    strong, weak = (float(nctdtrinc(n - 1, share, t)) for share in (0.1, 0.9))
    return weak / math.sqrt(n), strong / math.sqrt(n)


def _needed(effect: float, alpha: float) -> int | None:
    """The fewest seeds that find it 4 times in 5, by bisection, as the least effect that is found falls with n."""
    low, high = 2, MOST_SEEDS
    if effect < _least_effect(high, alpha):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if effect >= _least_effect(middle, alpha) else (middle + 1, high)
    return high


@cache
def _least_effect(n: int, alpha: float) -> float:
    """The standardised difference that is found 4 times in 5; kept, as all comparisons of a family ask for the same."""
    shift, root = t_quantile(alpha / 2, n - 1) * _sd_ratios(n), math.sqrt(n)

    def beyond(effect: float) -> float:
        return _chance(effect * root, shift) - CHANCE

    low, high = 0.0, 1.0
    while beyond(high) < 0:
        low, high = high, 2 * high
    return _zero(beyond, low, high)


def _zero(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where a rising function crosses 0, from above, to 1e-9: the Illinois form of false position.

    It takes a third of the steps of bisection. (Dowell and Jarratt, 1971)
    """
    below, above, last = rising(low), rising(high), 0.0
    while above > 1e-9 and high - low > 1e-9 * high:
        middle = low + (high - low) * below / (below - above)
        value = rising(middle)
        if value >= 0:
            high, above, below = middle, value, below / 2 if last > 0 else below
        else:
            low, below, above = middle, value, above / 2 if last < 0 else above
        last = value
    return high


def _chance(t: float, shift: NDArray[np.float64]) -> float:
    """P(T > t_{1-alpha/2}), T noncentral t, as a mean over the sd's distribution: right far out in the tails, too."""
    from scipy.special import ndtr

    return float(ndtr(t + shift).sum()) / POINTS


@cache
def _sd_ratios(n: int) -> NDArray[np.float64]:
    """The sd of n numbers over its true value at evenly spaced probabilities, (POINTS,).

    Of many numbers by the cube root of chi-square, which is nearly normal: P(T > t) is then right to 1e-5, and 1,000
    numbers of seeds take no time. (Wilson and Hilferty, 1931)
    """
    from scipy.special import chdtri, ndtri

    upper, degrees = (np.arange(POINTS) + 0.5) / POINTS, n - 1
    if n <= EXACT_UP_TO:
        return np.sqrt(np.asarray(chdtri(degrees, upper)) / degrees)
    share = 2 / (9 * degrees)
    return (1 - share - ndtri(upper) * math.sqrt(share)) ** 1.5
