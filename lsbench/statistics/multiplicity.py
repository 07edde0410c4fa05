"""p-values adjusted for how many claims there are, and for how many rules each was tested under."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values: reject where they are at most the level.

    Sorted ascending, adjusted_k = max_{j <= k} min(1, (m - j + 1) p_j). The chance of any false rejection stays under
    the level, whatever the dependence. (Holm, 1979)

    Args:
        p_values: the p-values of one family of tests.

    Returns:
        The adjusted ones, in the same order.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, float)
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

    Example:
        >>> under_every_rule([[0.01, 0.5], [0.02, 0.01]])
        [0.04, 0.5]
    """
    return holm(np.asarray(p_values, float).max(0).tolist())
