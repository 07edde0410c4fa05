"""The mean of a number over seeds, and how far one seed lies from it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from numpy.typing import ArrayLike

from lsbench.statistics.alike import ALIKE
from lsbench.statistics.checks import finite


@dataclass(frozen=True)
class Spread:
    """A mean over seeds and the standard deviation of one seed (n - 1 in the denominator; None for one seed)."""

    mean: float
    sd: float | None
    n: int


def spread(values: ArrayLike) -> Spread | None:
    """Mean and sample standard deviation over seeds.

    Args:
        values: (n,) numbers, one per seed.

    Returns:
        Mean, sd and n; the sd is None for one number, and exactly 0 for numbers that are equal up to rounding. None for
        no number.

    Raises:
        InputError: a number that is not finite.

    Example:
        >>> accuracy = spread([0.90, 0.92, 0.91])
        >>> round(accuracy.mean, 3), round(accuracy.sd, 3), accuracy.n
        (0.91, 0.01, 3)
    """
    numbers = _plain(values)
    if not numbers:
        return None
    mean = math.fsum(numbers) / len(numbers)
    return Spread(mean, _sd(numbers, mean), len(numbers))


def _plain(values: ArrayLike) -> list[float]:
    """(n,) finite numbers as floats; a list of them is looked at by Python, which for so few is quicker."""
    if isinstance(values, list) and all(type(number) is float and math.isfinite(number) for number in values):
        return values
    return finite("values", values, 1).tolist()


def _sd(numbers: Sequence[float], mean: float) -> float | None:
    """Without NumPy, which takes ten times as long for the few numbers that there are."""
    if len(numbers) < 2:
        return None
    if max(numbers) - min(numbers) <= ALIKE * max(map(abs, numbers)):
        return 0.0
    return math.sqrt(math.fsum((number - mean) * (number - mean) for number in numbers) / (len(numbers) - 1))
