"""Student's interval and test for few pairs that may all differ by the same: no spread is no proof.

Two seeds on a small test set easily give the same accuracy difference twice; Student's test then divides by 0 and calls
it certain. Where differences are all alike and not 0, only their sign speaks, and the exact sign-flip test of n equal
signs decides: p = 2^(1-n), so 6 pairs at the level 0.05. (Fisher, 1935)
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.statistics.alike import all_alike
from lsbench.statistics.paired import Difference, t_quantile, t_test_p
from lsbench.statistics.sample_size import seeds_needed

ROUNDING = 1e-6  # of the larger number: float32 arithmetic, averaged, is off by less
TINY = 1e-3  # what counts as the size of numbers near 0


def gaps_of(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """A - b, (n,); all 0 where they differ by rounding only: the same function in float32 twice is the same arm."""
    ours, theirs = np.asarray(a, float), np.asarray(b, float)
    gaps = ours - theirs
    size = np.maximum(np.abs(ours), np.abs(theirs))
    return np.zeros(len(gaps)) if (np.abs(gaps) <= ROUNDING * np.maximum(size, TINY)).all() else gaps


def cautious_p(differences: ArrayLike) -> float | None:
    """Two-sided p-value: Student's, or 2^(1-n) of equal differences that are not 0. None for fewer than two."""
    differences = np.asarray(differences, float)
    n = len(differences)
    if n < 2:
        return None
    if all_alike(differences):
        return 2.0 ** (1 - n) if differences.any() else 1.0
    return t_test_p(differences.tolist(), [0.0] * n)


def cautious_difference(differences: ArrayLike, alpha: float) -> Difference | None:
    """Mean and Student's 1 - alpha interval; no interval of equal differences of which there are too few.

    mean ± t_{1-alpha/2, n-1} sd / sqrt(n); alpha, not the level, is given, since 1e-17 is a common one in sequences.
    """
    differences = np.asarray(differences, float)
    n = len(differences)
    if n == 0:
        return None
    mean, p = float(differences.mean()), cautious_p(differences)
    if p is None:
        return Difference(mean, None, None, n)
    if all_alike(differences):
        known = p == 1.0 or p <= alpha
        return Difference(mean, mean if known else None, mean if known else None, n)
    half = abs(t_quantile(alpha / 2, n - 1)) * float(differences.std(ddof=1)) / math.sqrt(n)
    return Difference(mean, mean - half, mean + half, n)


def alike_needed(alpha: float) -> int:
    """How many equal differences reach alpha: the least n with 2^(1-n) <= alpha."""
    return 1 + math.ceil(-math.log2(alpha))


def seeds_to_decide(differences: NDArray[np.float64], alpha: float, tolerance: float = 0.0) -> int | None:
    """How many pairs tell the mean, as seen, from the nearer end of ±tolerance, 4 times in 5, at the level alpha.

    By the power of Student's test, or as many equal differences as reach alpha. None of fewer than two pairs, of
    pairs that are all equal, where more than 10,000 would be needed, and where there are as many already.
    """
    n = len(differences)
    if n < 2 or not differences.any():
        return None
    if all_alike(differences):
        needed = alike_needed(alpha)
    else:
        effect = (abs(float(differences.mean())) - tolerance) / float(differences.std(ddof=1))
        needed = seeds_needed(effect, level=1 - alpha)
    return needed if needed is not None and needed > n else None
