"""Effect sizes, the power of a test, and how many seeds a difference takes."""

import math
from collections.abc import Sequence

from lsbench.errors import require_number, require_whole
from lsbench.statistics.alike import all_alike
from lsbench.statistics.checks import paired_differences, require_level
from lsbench.statistics.paired import t_quantile


def effect_size(a: Sequence[float], b: Sequence[float]) -> float | None:
    """Cohen's d_z: mean over standard deviation of the paired differences (Cohen, 1988).

    Args:
        a: one value per seed.
        b: the values that are subtracted, in the same order of seeds.

    Returns:
        d_z; None for one pair, and where the differences are alike.

    Raises:
        InputError: lengths that differ.

    Example:
        >>> round(effect_size([0.90, 0.92, 0.91], [0.88, 0.89, 0.90]), 3)
        2.0
    """
    differences = paired_differences(a, b)
    if len(differences) < 2 or all_alike(differences):
        return None
    return float(differences.mean()) / float(differences.std(ddof=1))


def power(d_z: float, n: int, level: float = 0.95) -> float:
    """Chance that a paired t-test at 1 - level finds a true effect of d_z standard deviations.

    P(|T| > t) where T is noncentral t with n - 1 degrees and noncentrality d_z sqrt(n). (Cohen, 1988)

    Args:
        d_z: mean over standard deviation of the differences.
        n: how many pairs, at least 2.
        level: of the test's interval.

    Returns:
        A chance in [0, 1].

    Raises:
        InputError: a d_z that is not finite, fewer than 2 pairs, or a level outside (0, 1).

    Example:
        >>> round(power(d_z=1.0, n=10), 3)
        0.803
    """
    from scipy.special import nctdtr

    require_number("d_z", d_z)
    require_whole("n", n, 2, 10**9)
    require_level("level", level)
    critical, shift = t_quantile((1 + level) / 2, n - 1), abs(d_z) * math.sqrt(n)
    between, below = (float(nctdtr(n - 1, shift, end)) for end in (critical, -critical))
    return 1 - (0.0 if math.isnan(between) else between) + (0.0 if math.isnan(below) else below)  # NaN: below 1e-15


def seeds_needed(d_z: float, chance: float = 0.8, level: float = 0.95, most: int = 10_000) -> int | None:
    """The fewest seeds with which a paired t-test finds an effect of d_z with a given chance.

    Args:
        d_z: mean over standard deviation of the differences.
        chance: of finding it.
        level: of the test's interval.
        most: how many seeds are tried.

    Returns:
        The number of seeds; None where `most` are too few.

    Raises:
        InputError: a chance or a level outside (0, 1), `most` below 2, or a d_z that is not finite.

    Example:
        >>> seeds_needed(d_z=1.0)
        10
    """
    require_level("chance", chance)
    require_whole("most", most, 2, 10**9)
    low, high = 2, 2
    while high < most and power(d_z, high, level) < chance:
        low, high = high, min(2 * high, most)
    if power(d_z, high, level) < chance:
        return None
    while low < high:  # power grows with n
        middle = (low + high) // 2
        low, high = (low, middle) if power(d_z, middle, level) >= chance else (middle + 1, high)
    return high
