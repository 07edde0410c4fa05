"""Whether two lists of numbers put things into the same order."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import InputError
from lsbench.statistics.alike import is_above
from lsbench.statistics.checks import finite


def kendall_tau(a: ArrayLike, b: ArrayLike) -> float | None:
    """Kendall's tau-b: (concordant - discordant) / sqrt(pairs not tied in a × pairs not tied in b), in [-1, 1].

    a and b, (n,); numbers that are equal up to rounding tie; time and memory O(n²). None where fewer than two things
    are given or one list ties them all. `InputError` where lengths differ or a number is not finite. (Kendall, 1945)
    """
    first, second = finite("a", a, 1), finite("b", b, 1)
    if len(first) != len(second):
        raise InputError(f"a and b must have one length, got {len(first)} and {len(second)}")
    x, y = _signs(first), _signs(second)  # (n, n), each pair twice
    untied = float(np.sqrt(np.square(x).sum()) * np.sqrt(np.square(y).sum()))
    return float(np.clip((x * y).sum() / untied, -1, 1)) if untied else None


def _signs(values: NDArray[np.float64]) -> NDArray[np.float64]:
    above = is_above(values[:, None], values).astype(float)
    return above - above.T
