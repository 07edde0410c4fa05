"""Student's interval and test for a few pairs, whose differences may all be equal: no spread is no proof.

Two seeds on a small test set easily give the same accuracy difference twice; Student's test then divides by 0 and calls
it certain. Where differences are all alike and not 0, only their sign speaks, and the exact sign-flip test of n equal
signs decides: p = 2^(1-n), so 6 pairs at the level 0.05. (Fisher, 1935)
"""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import require_number
from lsbench.statistics.alike import all_alike
from lsbench.statistics.checks import finite, paired, require_level
from lsbench.statistics.paired import Difference, t_quantile, t_test_p
from lsbench.statistics.sample_size import seeds_needed

ROUNDING = 1e-6  # of the larger number: float32 arithmetic, averaged, is off by less
TINY = 1e-3  # what counts as the size of numbers near 0


def gaps_of(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """The differences a - b; all 0 where they differ by rounding only.

    The same loss computed twice in float32 differs in its last digits; it must not be called another loss.

    Args:
        a: (n,) numbers, one per seed.
        b: (n,) numbers that are subtracted, in the same order of seeds.

    Returns:
        (n,) differences in float64.

    Raises:
        InputError: lengths that differ, or a number that is not finite.

    Example:
        >>> gaps_of([0.91, 0.92], [0.91 + 1e-9, 0.92]).tolist()
        [0.0, 0.0]
    """
    ours, theirs = paired(a, b)
    gaps = ours - theirs
    size = np.maximum(np.abs(ours), np.abs(theirs))
    return np.zeros(len(gaps)) if (np.abs(gaps) <= ROUNDING * np.maximum(size, TINY)).all() else gaps


def cautious_p(differences: ArrayLike) -> float | None:
    """Two-sided p-value of paired differences: Student's, or that of their signs where they show no spread.

    n equal differences that are not 0 have p = 2^(1-n), by the exact sign-flip test. (Student, 1908; Fisher, 1935)

    Args:
        differences: (n,) paired differences.

    Returns:
        The p-value; 1 where all are 0; None for fewer than two.

    Raises:
        InputError: a number that is not finite.

    Example:
        >>> cautious_p([0.01, 0.01, 0.01])
        0.25
    """
    differences = finite("differences", differences, 1)
    n = len(differences)
    if n < 2:
        return None
    if all_alike(differences):
        return 2.0 ** (1 - n) if differences.any() else 1.0
    return t_test_p(differences.tolist(), [0.0] * n)


def cautious_difference(differences: ArrayLike, alpha: float) -> Difference | None:
    """The mean of paired differences with Student's interval; no interval of equal ones of which there are too few.

    mean ± t_{1-alpha/2, n-1} sd / sqrt(n). Equal differences that are not 0 have an interval, of no width, only where
    their signs reach alpha: from 6 seeds on at 0.05.

    Args:
        differences: (n,) paired differences.
        alpha: 1 - the level of the interval; sequential tests use values as small as 1e-17.

    Returns:
        The mean and its interval, whose ends are None where there is none; None for no differences.

    Raises:
        InputError: a number that is not finite, or an alpha outside [0, 1].

    Example:
        >>> gap = cautious_difference([0.02, 0.03, 0.01], alpha=0.05)
        >>> round(gap.mean, 3), round(gap.low, 3), round(gap.high, 3), gap.decided
        (0.02, -0.005, 0.045, False)
    """
    require_number("alpha", alpha, 0, 1)
    differences = finite("differences", differences, 1)
    n = len(differences)
    if n == 0:
        return None
    mean, p = float(differences.mean()), cautious_p(differences)
    if p is None:
        return Difference(mean, None, None, n)
    if all_alike(differences):
        decided = p == 1.0 or p <= alpha
        return Difference(mean, mean if decided else None, mean if decided else None, n)
    half = abs(t_quantile(alpha / 2, n - 1)) * float(differences.std(ddof=1)) / math.sqrt(n)
    return Difference(mean, mean - half, mean + half, n)


def alike_needed(alpha: float) -> int:
    """How many equal differences reach alpha: the least n with 2^(1-n) <= alpha."""
    return 1 + math.ceil(-math.log2(alpha))


def seeds_to_decide(differences: ArrayLike, alpha: float, tolerance: float = 0.0) -> int | None:
    """How many seeds show a difference of the observed size 4 times in 5.

    The mean is told from the nearer end of ±tolerance by the power of Student's test; of equal differences, it is as
    many as reach alpha by their signs.

    Args:
        differences: (n,) paired differences.
        alpha: the level of the test.
        tolerance: a difference that does not matter.

    Returns:
        The number of seeds. None for fewer than two differences, for differences that are all 0, where more than 10,000
        would be needed, and where there are as many already.

    Raises:
        InputError: a number that is not finite, an alpha outside (0, 1), or a tolerance below 0.

    Example:
        >>> seeds_to_decide([0.02, 0.03, 0.01, -0.01, 0.0], alpha=0.05)
        22
    """
    require_level("alpha", alpha)
    require_number("tolerance", tolerance, 0)
    differences = finite("differences", differences, 1)
    n = len(differences)
    if n < 2 or not differences.any():
        return None
    if all_alike(differences):
        needed = alike_needed(alpha)
    else:
        effect = (abs(float(differences.mean())) - tolerance) / float(differences.std(ddof=1))
        needed = seeds_needed(effect, level=1 - alpha)
    return needed if needed is not None and needed > n else None
