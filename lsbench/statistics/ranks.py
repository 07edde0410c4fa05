"""Arms compared over many settings by their ranks."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import InputError, require_choice, require_whole
from lsbench.statistics.alike import is_above
from lsbench.statistics.checks import BETTER, finite, require_level


def average_ranks(scores: ArrayLike, better: str) -> NDArray[np.float64]:
    """Mean rank of each arm over the settings, 1 for the best; ties share the mean of their ranks (Friedman, 1937).

    Args:
        scores: (settings, arms) numbers.
        better: "higher", "lower", or "zero": the nearer to 0 the better.

    Returns:
        (arms,) mean ranks.

    Raises:
        InputError: no setting, no arm, or a number that is not finite.

    Example:
        >>> average_ranks([[0.9, 0.8, 0.7], [0.9, 0.7, 0.8]], "higher").tolist()
        [1.0, 2.5, 2.5]
    """
    require_choice("better", better, BETTER)
    values = _matrix(scores, fewest_arms=1)
    return _ranks({"higher": -values, "lower": values, "zero": np.abs(values)}[better]).mean(0)


def friedman(scores: ArrayLike) -> float:
    """p-value of Friedman's test that all arms rank alike over the settings, with its correction for ties.

    chi² = n² (k - 1) Σ_j (R_j - (k+1)/2)² / Σ_ij (r_ij - (k+1)/2)² with k - 1 degrees; r_ij are ranks within a setting,
    R_j their means. An approximation, conservative for few settings. (Friedman, 1937)

    Args:
        scores: (n settings, k >= 2 arms) numbers, or ranks.

    Returns:
        The p-value; 1 where every setting ties all arms.

    Raises:
        InputError: another shape, or a number that is not finite.

    Example:
        >>> round(friedman([[0.9, 0.8, 0.7], [0.9, 0.7, 0.8]]), 3)
        0.223
    """
    from scipy.special import chdtrc

    values = _matrix(scores, fewest_arms=2)
    n, k = values.shape
    ranks = _ranks(values)
    total = float(np.square(ranks - (k + 1) / 2).sum())
    if total == 0:
        return 1.0
    return float(chdtrc(k - 1, n**2 * (k - 1) * float(np.square(ranks.mean(0) - (k + 1) / 2).sum()) / total))


def critical_difference(k: int, n: int, level: float = 0.95) -> float:
    """By how much the average ranks of two arms must differ: q sqrt(k (k+1) / 6n).

    q is the level's quantile of the studentised range of k normals, over sqrt(2). (Nemenyi, 1963; Demšar, 2006)

    Args:
        k: how many arms, at least 2.
        n: over how many settings, at least 1.
        level: 1 - the chance of any false difference, in (0, 1).

    Returns:
        The difference of average ranks from which on two arms differ.

    Raises:
        InputError: k < 2, n < 1, or a level outside (0, 1).

    Example:
        >>> round(critical_difference(k=3, n=10), 3)
        1.048
    """
    require_whole("k", k, 2, 10_000)
    require_whole("n", n, 1, 10**9)
    require_level("level", level)
    return _range_quantile(level, k) / np.sqrt(2).item() * (k * (k + 1) / (6 * n)) ** 0.5


def _matrix(scores: ArrayLike, fewest_arms: int) -> NDArray[np.float64]:
    values = finite("scores", scores, 2)
    if values.shape[0] < 1 or values.shape[1] < fewest_arms:
        raise InputError(f"scores must be (settings >= 1, arms >= {fewest_arms}), got shape {values.shape}")
    return values


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rank within each row, ascending from 1, ties averaged: 1 + how many are less + half the others that are equal.

    Scores that are alike up to rounding tie: 1 + less + (k - less - more - 1) / 2.
    """
    less = is_above(values[:, :, None], values[:, None, :]).sum(-1)  # (n, k, k) -> (n, k)
    more = is_above(values[:, None, :], values[:, :, None]).sum(-1)
    return (1 + less + values.shape[1] - more) / 2


def _range_quantile(level: float, k: int) -> float:
    """Where the range of k standard normals stays below with probability level, by bisection.

    P(range <= q) = k ∫ phi(z) (Phi(z) - Phi(z - q))^(k-1) dz.
    """
    from scipy.special import ndtr

    z = np.linspace(-9, 9, 2001)
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * (z[1] - z[0])  # the trapezoid rule is exact to 1e-15 here
    low, high = 0.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        below = k * float(density @ (ndtr(z) - ndtr(z - middle)) ** (k - 1))
        low, high = (middle, high) if below < level else (low, middle)
    return (low + high) / 2
