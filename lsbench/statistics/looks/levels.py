"""At which numbers of looks an interval is made, and how much of the error level each may use up."""

import functools

import numpy as np

from lsbench.errors import require_whole
from lsbench.statistics.looks.design import Design
from lsbench.statistics.spending import boundaries

LOOKS_EVERY = 25  # how many are looked at between two intervals
ANNOUNCED = 100  # looks, unless others are announced
AT_ANNOUNCED = 0.8  # of the error level, spent by the announced number of looks; the rest is kept for more
EARLY = 6  # power: how late most of that is spent


def schedule(announced: int, total: int) -> tuple[int, ...]:
    """The numbers of looks at which an interval is made, whatever is seen, below the total.

    25, 50, 75, ... up to the announced number, then 1.5, 2, 3, 4, 6, 8, ... times that.
    """
    require_whole("announced", announced, 2, 10**9)
    early = range(LOOKS_EVERY, min(announced, total), LOOKS_EVERY)
    later, factor = [], 1
    while announced * factor < total:
        later += [announced * factor, announced * factor * 3 // 2]
        factor *= 2
    return tuple(n for n in sorted({*early, *later}) if n < total)


def spent_by(n: int, announced: int) -> float:
    """The share of the error level used up by n looks: 0.8 (n / announced)^6, then 1 - 0.2 announced / n."""
    if n <= announced:
        return AT_ANNOUNCED * (n / announced) ** EARLY
    return 1 - (1 - AT_ANNOUNCED) * announced / n


def critical_values(design: Design, announced: int, n: int, side: float) -> dict[int, float]:
    """The critical z of each number of looks up to n of the schedule, where one side may err with chance side in all.

    The information of n looks is 1 / sum q_i² (1 / pi_i - 1): what they would have if contributions followed the sizes.
    """
    looks = tuple(k for k in schedule(announced, len(design.sizes)) if k <= n)
    if not looks:
        return {}
    times = tuple(information(design, k) for k in looks)
    return dict(zip(looks, _critical(times, tuple(side * spent_by(k, announced) for k in looks)), strict=True))


@functools.lru_cache(maxsize=4096)
def _critical(times: tuple[float, ...], spent: tuple[float, ...]) -> tuple[float, ...]:
    return boundaries(times, spent)


def information(design: Design, n: int) -> float:
    """1 / sum q_i² (1 / pi_i - 1): in proportion to 1 / variance where contributions follow the sizes."""
    q, pi = design.sizes, design.probabilities(n)
    return float(1 / (np.square(q) * (1 / pi - 1)).sum())


def last_complete(announced: int, total: int, n: int) -> int:
    """The last number of the schedule that n looks complete; 0 before the first, n where all were looked at."""
    return n if n == total else max((k for k in schedule(announced, total) if k <= n), default=0)
