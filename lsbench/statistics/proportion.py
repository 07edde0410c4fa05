"""Intervals of proportions."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import InputError
from lsbench.statistics.checks import finite, numbers, require_level


def wilson_interval(
    successes: ArrayLike, n: ArrayLike, level: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Wilson's score interval of a proportion.

    centre ± half, centre = (p + z²/2n) / (1 + z²/n), half = z sqrt(p(1-p)/n + z²/4n²) / (1 + z²/n). (Wilson, 1927)

    Args:
        successes: how many successes, of any shape.
        n: how many trials, of a shape that broadcasts with that of successes.
        level: of the interval, in (0, 1).

    Returns:
        Low and high; NaN where n is 0.

    Raises:
        InputError: unless 0 <= successes <= n, shapes that don't broadcast, or a level outside (0, 1).

    Example:
        >>> low, high = wilson_interval(8, 10)
        >>> round(float(low), 3), round(float(high), 3)
        (0.49, 0.943)
    """
    from scipy.special import ndtri

    require_level("level", level)
    k, total = (finite(name, y := numbers(name, x), y.ndim) for name, x in (("successes", successes), ("n", n)))
    try:
        k, total = np.broadcast_arrays(k, total)
    except ValueError as error:
        raise InputError(f"successes and n must broadcast, got shapes {k.shape} and {total.shape}") from error
    if (wrong := (k < 0) | (k > total)).any():
        raise InputError(f"successes must lie in [0, n], got {k[wrong][0]:g} of {total[wrong][0]:g}")
    z = float(ndtri((1 + level) / 2))
    n_or_nan = np.where(total > 0, total, np.nan)
    share, scale = k / n_or_nan, 1 + z**2 / n_or_nan
    centre = (share + z**2 / (2 * n_or_nan)) / scale
    half = z * np.sqrt(share * (1 - share) / n_or_nan + z**2 / (4 * n_or_nan**2)) / scale
    low = np.where(k == 0, centre * 0, np.maximum(centre - half, 0))  # exactly 0 and 1 at the ends; NaN stays
    high = np.where(k == total, centre * 0 + 1, np.minimum(centre + half, 1))
    return low, high
