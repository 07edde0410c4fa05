"""Error spending: how much of the error level each look at growing data may use up."""

import math
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lsbench.errors import InputError, require_choice, require_whole
from lsbench.statistics.checks import require_level, require_many

SPENDING = ("obrien-fleming", "pocock")
MOST_LOOKS = 1000
FAR = 9.0  # standard deviations beyond which a path is not followed


def sequential_levels(looks: Sequence[int], alpha: float = 0.05, spending: str = "obrien-fleming") -> tuple[float, ...]:
    """The p-value that is significant at each look, so that all looks together err with chance alpha.

    With t = n / last, each side spends by time t: 2 - 2 Phi(z_{alpha/4} / sqrt(t)) ("obrien-fleming") or alpha/2 ln(1 +
    (e - 1) t) ("pocock"). The level of a look solves P(not crossed before, crossed now) = what is newly spent; the
    density of the uncrossed Brownian path is carried from look to look by quadrature. Exact for normal data of known
    variance; see `sequential_type_one` for t-tests of few seeds. (Armitage, McPherson and Rowe, 1969; Lan and DeMets,
    1983; Jennison and Turnbull, 2000)

    Args:
        looks: the cumulated numbers of seeds, increasing from 2; the last is all there will be.
        alpha: the chance of any error, in (0, 1), two-sided.
        spending: "obrien-fleming", which spends little early, or "pocock".

    Returns:
        The two-sided level of each look.

    Raises:
        InputError: looks that don't increase, alpha outside (0, 1), or another spending.

    Example:
        >>> [round(level, 4) for level in sequential_levels((3, 5, 8))]
        [0.0005, 0.009, 0.0471]
    """
    from scipy.special import ndtr

    require_looks(looks)
    require_level("alpha", alpha)
    require_choice("spending", spending, SPENDING)
    times = np.asarray(looks, float) / looks[-1]
    new = np.diff(_spent(times, alpha / 2, spending), prepend=0.0)
    return tuple(float(2 * ndtr(-z)) for z in _boundaries(times, new))


def boundaries(times: Sequence[float], spent: Sequence[float]) -> tuple[float, ...]:
    """Critical z of each look where one side has spent so much error by then; infinite where nothing can be spent.

    Args:
        times: of the looks, the information each has, increasing from above 0; only their ratios count.
        spent: the chance that one side may have erred by each look, increasing in (0, 0.5).

    Raises:
        InputError: times or spent that don't increase from above 0, or are not of one length.

    Example:
        >>> [round(z, 3) for z in boundaries((1.0, 2.0), (0.0001, 0.025))]
        [3.719, 1.96]
    """
    t, error = np.asarray(times, float), np.asarray(spent, float)
    ordered = (np.diff(t, prepend=0) > 0).all() and (np.diff(error, prepend=0) >= 0).all()
    if t.shape != error.shape or not len(t) or not ordered:
        raise InputError(f"times and spent must increase together from above 0, got {times} and {spent}")
    return tuple(_boundaries(t / t[-1], np.diff(error, prepend=0.0)))


def require_looks(looks: Sequence[int]) -> None:
    """Raise `InputError` unless looks are whole numbers that increase from 2."""
    require_many("looks", looks)
    if not 1 <= len(looks) <= MOST_LOOKS:
        raise InputError(f"there must be 1 to {MOST_LOOKS} looks, got {len(looks)}")
    for n in looks:
        require_whole("a look", n, 2, 10**9)
    if any(later <= earlier for earlier, later in pairwise(looks)):
        raise InputError(f"looks must increase, got {', '.join(map(str, looks))}")


def _spent(times: NDArray[np.float64], side: float, spending: str) -> NDArray[np.float64]:
    """The error that one side has spent by each time."""
    from scipy.special import ndtr, ndtri

    if spending == "pocock":
        return side * np.log1p((math.e - 1) * times)
    return 2 * ndtr(ndtri(side / 2) / np.sqrt(times))


def _boundaries(times: NDArray[np.float64], new: NDArray[np.float64]) -> list[float]:
    """Critical |z| of each look; infinite where nothing can be spent."""
    steps = np.sqrt(np.diff(times, prepend=0.0))
    nodes, weights = _rule(float(steps.min()))
    path, mass, bounds = np.zeros(1), np.ones(1), []  # where the uncrossed path may be, and with which probability
    for time, step, share in zip(times, steps, new, strict=True):
        scale = math.sqrt(time)
        bound = _crossing(path, mass, float(step), float(share), 40 * scale)
        bounds.append(bound / scale)
        reach = min(bound, FAR * scale)
        ahead = reach * nodes
        density = np.exp(-np.square((ahead[:, None] - path) / step) / 2) / (step * math.sqrt(2 * math.pi))
        path, mass = ahead, reach * weights * (density @ mass)
    return bounds


def _rule(least_step: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gauss-Legendre nodes and weights on [-1, 1], close enough for the smallest step of a path within ±FAR."""
    return _nodes(min(2000, 60 + math.ceil(20 / least_step)))


@lru_cache(maxsize=8)
def _nodes(count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The same at every error level; numpy's own take seconds for 2,000 of them, where threads are few."""
    from scipy.special import roots_legendre

    nodes, weights = roots_legendre(count)
    return nodes, weights


def _crossing(path: NDArray[np.float64], mass: NDArray[np.float64], step: float, share: float, most: float) -> float:
    """The bound that a path crosses upwards in its next step with chance share, by bisection."""
    from scipy.special import ndtr

    low, high = 0.0, most
    if float(mass @ ndtr((path - most) / step)) >= share:
        return math.inf
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if float(mass @ ndtr((path - middle) / step)) > share else (low, middle)
    return high
