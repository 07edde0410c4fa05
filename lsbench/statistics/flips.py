"""The exact sign-flip test of paired differences."""

from collections.abc import Sequence

import numpy as np

from lsbench.statistics.checks import paired_differences

MOST_FLIPS = 16  # pairs whose sign patterns are all looked at: 65,536


def sign_flip_p(a: Sequence[float], b: Sequence[float]) -> float | None:
    """p-value of the exact, two-sided sign-flip test: the share of sign patterns with as large a |sum|.

    p = #{s in {-1, 1}^n : |sum_i s_i d_i| >= |sum_i d_i|} / 2^n, at least 2 / 2^n. It assumes only that differences are
    symmetric about 0. (Fisher, 1935)

    Args:
        a: one value per seed.
        b: the values that are subtracted, in the same order of seeds.

    Returns:
        The p-value; None for no pair and for more than `MOST_FLIPS` pairs, where the t-test serves.

    Raises:
        InputError: lengths that differ.

    Example:
        >>> sign_flip_p([0.90, 0.92, 0.91], [0.88, 0.89, 0.90])
        0.25
    """
    differences = paired_differences(a, b)
    n = len(differences)
    if n == 0 or n > MOST_FLIPS:
        return None
    patterns = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
    sums = np.abs((1 - 2 * patterns) @ differences)
    tolerance = 1e-12 * float(np.abs(differences).sum())  # sums that are equal on paper differ in their last bits
    return float(np.mean(sums >= abs(differences.sum()) - tolerance))
