"""Whether two lists of numbers put things into the same order."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import InputError
from lsbench.statistics.alike import is_above
from lsbench.statistics.checks import finite


def kendall_tau(a: ArrayLike, b: ArrayLike) -> float | None:
    """Kendall's tau-b: whether two lists of numbers put things into the same order.

    (concordant - discordant) / sqrt(pairs not tied in a × pairs not tied in b). Time and memory are O(n²).
    (Kendall, 1945)

    Args:
        a: (n,) numbers.
        b: (n,) numbers. Numbers that are equal up to rounding tie.

    Returns:
        A number in [-1, 1]; None for fewer than two things, and where one list ties all of them.

    Raises:
        InputError: lengths that differ, or a number that is not finite.

    Example:
        >>> round(kendall_tau([1, 2, 3], [1, 3, 2]), 3)
        0.333
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
