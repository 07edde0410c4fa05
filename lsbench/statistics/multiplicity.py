"""p-values adjusted for how many claims there are, and for how many rules each was tested under."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import InputError
from lsbench.statistics.checks import finite


def holm(p_values: ArrayLike) -> list[float]:
    """Holm's adjusted p-values: reject where they are at most the level.

    Sorted ascending, adjusted_k = max_{j <= k} min(1, (m - j + 1) p_j). The chance of any false rejection stays under
    the level, whatever the dependence. (Holm, 1979)

    Args:
        p_values: the p-values of one family of tests.

    Returns:
        The adjusted ones, in the same order.

    Raises:
        InputError: a number outside [0, 1].

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    p = _p_values(p_values, 1)
    order = np.argsort(p, kind="stable")
    scaled = np.minimum(1, p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.maximum.accumulate(scaled)
    return adjusted.tolist()


def under_every_rule(p_values: ArrayLike) -> list[float]:
    """Adjusted p-values of "it holds under every rule", for m claims that are tested under each of several rules.

    The largest p of each claim, as all must show it (Berger, 1982); then Holm's over the claims.

    Args:
        p_values: (rules, m).

    Returns:
        (m,) adjusted p-values.

    Raises:
        InputError: a number outside [0, 1], or no rule.

    Example:
        >>> under_every_rule([[0.01, 0.5], [0.02, 0.01]])
        [0.04, 0.5]
    """
    p = _p_values(p_values, 2)
    if not len(p):
        raise InputError("p_values must be (rules, m) with at least one rule, got none")
    return holm(p.max(0))


def _p_values(given: ArrayLike, dimensions: int) -> NDArray[np.float64]:
    p = finite("p_values", given, dimensions)
    if (wrong := (p < 0) | (p > 1)).any():
        raise InputError(f"p_values must lie in [0, 1], got {p[wrong][0]:g}")
    return p
