"""What an interval says about 0: the level at which it leaves 0 out, and how many more looks would do it."""

import math
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lsbench.statistics.looks.design import Design
from lsbench.statistics.looks.effects import Control
from lsbench.statistics.looks.interval import LookInterval, interval
from lsbench.statistics.looks.levels import ANNOUNCED, critical_values, information, schedule

Side = Literal["lower", "upper"]
LEVELS = tuple(float(p) for p in np.geomspace(1e-6, 0.999, 240))  # at which p is looked for; it is rounded up to one


class MoreLooks(NamedTuple):
    """How many more looks would leave 0 out of the interval; None: not before nearly all examples are looked at."""

    n: int | None  # if the true mean is what is estimated now
    least: int | None  # if it is at the better end of its 80 % interval
    most: int | None  # at the other end


def p_of(
    design: Design,
    seen_low: ArrayLike,
    seen_high: ArrayLike,
    control: Control,
    low: ArrayLike,
    high: ArrayLike,
    *,
    announced: int = ANNOUNCED,
    one_sided: Side | None = None,
) -> float:
    """The smallest level alpha of a grid at which `interval` leaves 0 out; 1 where none does.

    It holds whenever one stops, as the interval does, and takes its arguments. Between 1e-6 and 1, steps of 6 %.
    """

    def decided(alpha: float) -> bool:
        one = interval(
            design, seen_low, seen_high, control, low, high, alpha=alpha, announced=announced, one_sided=one_sided
        )
        return leaves_out_zero(one)

    lower, upper = -1, len(LEVELS)
    while upper - lower > 1:
        middle = (lower + upper) // 2
        lower, upper = (lower, middle) if decided(LEVELS[middle]) else (middle, upper)
    return LEVELS[upper] if upper < len(LEVELS) else 1.0


def leaves_out_zero(one: LookInterval) -> bool:
    """Whether the interval shows that the mean is not 0."""
    return one.low > 0 or one.high < 0


def more_looks(
    design: Design, one: LookInterval, *, alpha: float = 0.05, announced: int = ANNOUNCED, one_sided: Side | None = None
) -> MoreLooks:
    """How many more looks would decide, if the spread stays what it was.

    The variance of k looks is that of now times the information of now over that of k (see `critical_values`); k is
    the first number of the schedule at which the critical z is below |mean| / sd. The range is for the mean moved by
    1.28 sd either way. A rough guide: nothing is tested with it.

    Args:
        design: of the looks.
        one: the interval of now.
        alpha: as of the interval.
        announced: as of the interval.
        one_sided: as of the interval.

    Returns:
        Numbers of further looks; None where too little was seen to say, or where nearly all would be needed.
    """
    sd = math.sqrt(one.variance) if one.variance > 0 else 0.0
    if leaves_out_zero(one):
        return MoreLooks(0, 0, 0)
    if not sd or one.corrections < 2:
        return MoreLooks(None, None, None)
    sign = -1 if one_sided == "upper" else 1 if one_sided == "lower" else np.sign(one.mean)
    size, side = sign * one.mean, alpha if one_sided else alpha / 2
    return MoreLooks(*(_first(design, one.n, size + move * sd, sd, side, announced) for move in (0.0, 1.28, -1.28)))


def _first(design: Design, n: int, mean: float, sd: float, side: float, announced: int) -> int | None:
    now = information(design, n)
    looks = [k for k in schedule(announced, len(design.sizes)) if k > n]
    if mean <= 0 or not looks:
        return None
    z = critical_values(design, announced, looks[-1], side)
    return next((k - n for k in looks if z[k] * sd * math.sqrt(now / information(design, k)) < mean), None)
