"""Intervals of proportions."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import InputError
from lsbench.statistics.checks import finite, require_level


def wilson_interval(
    successes: ArrayLike, n: ArrayLike, level: float = 0.95
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Low and high of Wilson's score interval of a proportion; NaN where n = 0.

    centre ± half, centre = (p + z²/2n) / (1 + z²/n), half = z sqrt(p(1-p)/n + z²/4n²) / (1 + z²/n). successes and n
    of any shapes that broadcast; `InputError` unless 0 <= successes <= n. (Wilson, 1927)
    """
    from scipy.special import ndtri

    require_level("level", level)
    k, total = (finite(name, x, np.ndim(x)) for name, x in (("successes", successes), ("n", n)))
    try:
        k, total = np.broadcast_arrays(k, total)
    except ValueError as error:
        raise InputError(f"successes and n must broadcast, got shapes {k.shape} and {total.shape}") from error
    if (wrong := (k < 0) | (k > total)).any():
        raise InputError(f"successes must lie in [0, n], got {k[wrong][0]:g} of {total[wrong][0]:g}")
    z = float(ndtri((1 + level) / 2))
    known = np.where(total > 0, total, np.nan)
    share, scale = k / known, 1 + z**2 / known
    centre = (share + z**2 / (2 * known)) / scale
    half = z * np.sqrt(share * (1 - share) / known + z**2 / (4 * known**2)) / scale
    low = np.where(k == 0, centre * 0, np.maximum(centre - half, 0))  # exactly 0 and 1 at the ends; NaN stays
    high = np.where(k == total, centre * 0 + 1, np.minimum(centre + half, 1))
    return low, high
