"""Looking at the seeds as they come in, and stopping as soon as they have decided."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lsbench.errors import InputError, require_number, require_whole
from lsbench.statistics.cautious import cautious_difference, cautious_p
from lsbench.statistics.checks import finite
from lsbench.statistics.spending import require_looks

Status = Literal["better", "worse", "equivalent", "undecided"]


@dataclass(frozen=True)
class SequentialResult:
    """Where a sequence of looks has stopped, or how far it has come."""

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
    """Stop at the first look whose paired t-test is significant at the look's own level; see `sequential_levels`.

    differences, (n,), in the order of seeds, positive where the arm is better; the look at k sees the first k of them.
    The repeated interval is mean ± t_{1-level/2, k-1} sd / sqrt(k). With a margin, a repeated interval within ±margin
    stops as "equivalent", even where it leaves 0 out. Differences all alike and not 0 count by their signs only.
    `InputError` for a level outside [0, 1], looks that don't increase, a margin that isn't above 0, or a number that
    is not finite. (Jennison and Turnbull, 2000, sections 4.4 and 9.1)
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
    """Chance that paired t-tests at these looks and levels ever call two equal arms different, by simulation.

    Levels of `sequential_levels` assume a known variance; with t-tests they err slightly more often: for alpha 0.05
    and looks 3, 5, 8, 12, 20 it is 0.051 ("obrien-fleming") or 0.056 ("pocock"), for 2, 3, 4, 5 0.057 or 0.060.
    `InputError` as in `sequential_test`. (Jennison and Turnbull, 2000, section 4.4)
    """
    from scipy.special import stdtr

    _require_plan(looks, levels, None)
    require_whole("draws", draws, 1, 10_000_000)
    d = np.random.default_rng(seed).normal(size=(draws, looks[-1]))
    crossed = np.zeros(draws, bool)
    for n, level in zip(looks, levels, strict=True):
        seen = d[:, :n]
        t = np.abs(seen.mean(1)) * math.sqrt(n) / seen.std(1, ddof=1)
        crossed |= 2 * stdtr(n - 1, -t) <= level
    return float(crossed.mean())


def _require_plan(looks: Sequence[int], levels: Sequence[float], margin: float | None) -> None:
    require_looks(looks)
    if len(levels) != len(looks):
        raise InputError(f"there must be one level per look, got {len(levels)} levels for {len(looks)} looks")
    for level in levels:
        require_number("a level", level, 0, 1)
    if margin is not None:
        require_number("margin", margin, 0)
        if margin == 0:
            raise InputError("margin must be above 0 or None, got 0")


def _look(seen: NDArray[np.float64], look: int, level: float, margin: float | None) -> SequentialResult:
    p, difference = cautious_p(seen), cautious_difference(seen, level)
    if p is None or difference is None:
        raise InputError(f"a look needs 2 differences, got {len(seen)}")
    status: Status = "undecided"
    if margin is not None and difference.within(margin):
        status = "equivalent"
    elif p <= level and difference.mean != 0:
        status = "better" if difference.mean > 0 else "worse"
    return SequentialResult(status, look, len(seen), p, difference.mean, difference.low, difference.high)
