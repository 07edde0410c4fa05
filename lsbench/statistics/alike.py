"""Whether numbers are equal up to rounding: the test for "no spread" of all that divides by a spread."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import InputError
from lsbench.statistics.checks import numbers

ALIKE = 1e-9  # numbers that vary by less than this share of the largest one vary by rounding only


def all_alike(values: ArrayLike) -> bool:
    """Whether numbers are equal up to rounding: max - min <= 1e-9 max |x|.

    .95 - .9433 and .9533 - .9466 differ by 1e-16, so that a standard deviation of exactly 0 is no test.

    Args:
        values: at least one number, of any shape.

    Returns:
        True where they differ by rounding only.

    Raises:
        InputError: no number, or what is no number.

    Example:
        >>> all_alike(np.array([0.95 - 0.9433, 0.9533 - 0.9466]))
        True
    """
    x = numbers("values", values)
    if not x.size:
        raise InputError("values is empty; give at least one number")
    return bool(np.ptp(x) <= ALIKE * np.abs(x).max())


def is_above(a: ArrayLike, b: ArrayLike) -> NDArray[np.bool_]:
    """Whether a > b by more than rounding, element by element.

    Args:
        a: numbers.
        b: numbers of a shape that broadcasts with that of a.

    Returns:
        An array of bools.

    Raises:
        InputError: shapes that don't broadcast, or what is no number.

    Example:
        >>> is_above([0.3, 0.1 + 0.2], [0.2, 0.3]).tolist()
        [True, False]
    """
    x, y = numbers("a", a), numbers("b", b)
    try:
        return x - y > ALIKE * np.maximum(np.abs(x), np.abs(y))
    except ValueError as error:
        raise InputError(f"a and b must broadcast, got shapes {x.shape} and {y.shape}") from error
