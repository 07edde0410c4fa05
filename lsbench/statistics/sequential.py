"""Group-sequential tests: testing as the seeds come in, and stopping as soon as they decide."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lsbench.errors import InputError, require_number, require_whole
from lsbench.statistics.cautious import cautious_difference, cautious_p
from lsbench.statistics.checks import finite, require_many
from lsbench.statistics.spending import require_looks

Status = Literal["better", "worse", "equivalent", "undecided"]


@dataclass(frozen=True)
class SequentialResult:
    """The state of a sequential test at its last look."""

    status: Status
    look: int  # counted from 1; 0 where there were too few seeds for the first
    n: int  # seeds used at that look
    p: float | None  # of the paired t-test there, to be compared with the look's level and nothing else
    mean: float | None
    low: float | None  # the repeated confidence interval: it holds at all looks at once
    high: float | None


def sequential_test(
    differences: Sequence[float], looks: Sequence[int], levels: Sequence[float], margin: float | None = None
) -> SequentialResult:
    """A group-sequential test: stop at the first look whose paired t-test is significant at that look's level.

    The look at k takes the first k differences. The repeated interval, mean ± t_{1-level/2, k-1} sd / sqrt(k), holds at
    all looks at once. Differences that are all alike and not 0 count by their signs only. (Jennison and Turnbull, 2000,
    sections 4.4 and 9.1)

    Args:
        differences: (n,) in the order of seeds, positive where the arm is better.
        looks: the numbers of seeds at which it is tested, increasing.
        levels: of each look, in [0, 1]; see `sequential_levels`.
        margin: above 0: an interval within ±margin stops as "equivalent", even where it leaves 0 out. None: never.

    Returns:
        The result at the look where it stopped, or at the last for which there are enough differences.

    Raises:
        InputError: a level outside [0, 1], looks that don't increase, a margin that is not above 0, or a number that is
            not finite.

    Example:
        >>> sequential_test([0.02, 0.03, 0.02], looks=(3, 5), levels=(0.03, 0.04)).status
        'better'
    """
    d = finite("differences", differences, 1)
    _require_plan(looks, levels, margin)
    result = SequentialResult("undecided", 0, 0, None, None, None, None)
    for look, (n, level) in enumerate(zip(looks, levels, strict=True), 1):
        if n > len(d) or result.status != "undecided":
            break
        result = _look(d[:n], look, level, margin)
    return result


def sequential_type_one(looks: Sequence[int], levels: Sequence[float], *, draws: int = 20_000, seed: int = 0) -> float:
    """Chance that a sequential test ever calls two equal arms different, by simulation with normal differences.

    Levels of `sequential_levels` assume a known variance; with t-tests they err slightly more often: for alpha 0.05 and
    looks 3, 5, 8, 12, 20 it is 0.051 ("obrien-fleming") or 0.056 ("pocock"), for 2, 3, 4, 5 0.057 or 0.060.
    (Jennison and Turnbull, 2000, section 4.4)

    Args:
        looks: the numbers of seeds at which it is tested, increasing.
        levels: of each look.
        draws: how many sequences are simulated.
        seed: of the simulation.

    Returns:
        The share of sequences that cross a level.

    Raises:
        InputError: as `sequential_test`.

    Example:
        >>> 0.04 < sequential_type_one((3, 5, 8), (0.0005, 0.009, 0.0471)) < 0.06
        True
    """
    from scipy.special import stdtr

    _require_plan(looks, levels, None)
    require_whole("draws", draws, 1, 10_000_000)
    d = np.random.default_rng(seed).normal(size=(draws, looks[-1]))
    crossed = np.zeros(draws, bool)
    for n, level in zip(looks, levels, strict=True):
        first = d[:, :n]
        t = np.abs(first.mean(1)) * math.sqrt(n) / first.std(1, ddof=1)
        crossed |= 2 * stdtr(n - 1, -t) <= level
    return float(crossed.mean())


def _require_plan(looks: Sequence[int], levels: Sequence[float], margin: float | None) -> None:
    require_looks(looks)
    require_many("levels", levels)
    if len(levels) != len(looks):
        raise InputError(f"there must be one level per look, got {len(levels)} levels for {len(looks)} looks")
    for level in levels:
        require_number("a level", level, 0, 1)
    if margin is not None:
        require_number("margin", margin, 0)
        if margin == 0:
            raise InputError("margin must be above 0 or None, got 0")


def _look(differences: NDArray[np.float64], look: int, level: float, margin: float | None) -> SequentialResult:
    p, difference = cautious_p(differences), cautious_difference(differences, level)
    if p is None or difference is None:
        raise InputError(f"a look needs 2 differences, got {len(differences)}")
    status: Status = "undecided"
    if margin is not None and difference.within(margin):
        status = "equivalent"
    elif p <= level and difference.mean != 0:
        status = "better" if difference.mean > 0 else "worse"
    return SequentialResult(status, look, len(differences), p, difference.mean, difference.low, difference.high)
