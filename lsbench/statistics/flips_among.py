"""Sign flips of several comparisons at once: the exact test that assumes symmetry alone, adjusted over a family."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.statistics.checks import finite

FEWEST_SEEDS = 6  # 2 / 2^5 = 0.0625: five decide nothing at 5 %
ALL_PATTERNS = 13  # seeds up to which all sign patterns are looked at: 8,192, of which half say the same
DRAWN = 9_999  # patterns that are drawn for more seeds
TIE = 1e-9  # statistics that are equal on paper differ in their last bits


def sign_flips(differences: ArrayLike, *, seed: int = 0) -> NDArray[np.float64] | None:
    """p-values of m comparisons by sign flips, adjusted for each other.

    The signs of a seed are flipped for all comparisons together, so that what they have in common stays. The statistic
    is |sum d| / sqrt(n sum d²), which grows as |t| does and exists without spread. p_(j) is the share of sign patterns
    in which the largest statistic of those at most as large as the j-th is at least the j-th (step-down). All 2^n
    patterns for n <= 13, else 9,999 drawn ones and p = (1 + b) / (B + 1). (Westfall and Young, 1993; Romano and Wolf,
    2005)

    Args:
        differences: (m, n), those of one comparison at n seeds, which all comparisons share.
        seed: of the drawn patterns.

    Returns:
        (m,) p-values; None for fewer than `FEWEST_SEEDS` seeds.

    Raises:
        InputError: another shape, or a number that is not finite.

    Example:
        >>> sign_flips([[1, 2, 1, 2, 1, 2], [1, -1, 1, -1, 1, -1]]).round(3).tolist()
        [0.062, 1.0]
    """
    d = finite("differences", differences, 2)
    n = d.shape[1]
    if n < FEWEST_SEEDS or not len(d):
        return None
    scale = np.sqrt(n * np.square(d).sum(1, keepdims=True))
    unit = np.divide(d, scale, out=np.zeros_like(d), where=scale > 0)
    observed = np.abs(unit.sum(1))
    order = np.argsort(-observed, kind="stable")
    flipped = np.abs(unit[order] @ _patterns(n, seed).T)
    largest = np.maximum.accumulate(flipped[::-1], 0)[::-1]  # of this comparison and those after it
    reached = (largest >= observed[order, None] - TIE).sum(1)
    drawn = n > ALL_PATTERNS
    shares = (reached + drawn) / (flipped.shape[1] + drawn)
    p = np.empty(len(d))
    p[order] = np.maximum.accumulate(np.where(observed[order] > 0, shares, 1.0))
    return p


def _patterns(n: int, seed: int) -> NDArray[np.float64]:
    """Sign patterns (B, n); the first sign is + in all, as a pattern and its opposite give the same |sum|."""
    if n > ALL_PATTERNS:
        return np.random.default_rng(seed).choice([-1.0, 1.0], (DRAWN, n))
    return 1.0 - 2.0 * ((np.arange(2 ** (n - 1))[:, None] >> np.arange(n)) & 1)
