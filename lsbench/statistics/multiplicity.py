"""p-values adjusted for how many there are."""

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float]) -> list[float]:
    """p-values adjusted for how many there are, in their order: reject where they are at most the level.

    Sorted ascending, adjusted_k = max_{j <= k} min(1, (m - j + 1) p_j); the chance of any false rejection stays under
    the level whatever the dependence. (Holm, 1979)
    """
    p = np.asarray(p_values, float)
    order = np.argsort(p, kind="stable")
    scaled = np.minimum(1, p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty(len(p))
    adjusted[order] = np.maximum.accumulate(scaled)
    return adjusted.tolist()
