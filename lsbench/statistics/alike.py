"""Whether numbers are equal up to rounding: the test for "no spread" of all that divides by a spread."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

ALIKE = 1e-9  # numbers that vary by less than this share of the largest one vary by rounding only


def all_alike(values: NDArray[np.float64]) -> bool:
    """Whether numbers are equal up to rounding: max - min <= 1e-9 max |x|.

    .95 - .9433 and .9533 - .9466 differ by 1e-16, so that a standard deviation of exactly 0 is no test.

    Args:
        values: at least one number, of any shape.

    Returns:
        True where they differ by rounding only.

    Example:
        >>> all_alike(np.array([0.95 - 0.9433, 0.9533 - 0.9466]))
        True
    """
    return bool(np.ptp(values) <= ALIKE * np.abs(values).max())


def is_above(a: ArrayLike, b: ArrayLike) -> NDArray[np.bool_]:
    """Whether a > b by more than rounding, element by element.

    Args:
        a: numbers.
        b: numbers of a shape that broadcasts with that of a.

    Returns:
        An array of bools.

    Example:
        >>> is_above([0.3, 0.1 + 0.2], [0.2, 0.3]).tolist()
        [True, False]
    """
    x, y = np.asarray(a, float), np.asarray(b, float)
    return x - y > ALIKE * np.maximum(np.abs(x), np.abs(y))
