"""The interval of a mean over all examples, whenever a person stops looking."""

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import InputError, require_choice
from lsbench.statistics.checks import finite, require_level
from lsbench.statistics.looks.betting import lower_bound
from lsbench.statistics.looks.design import Design
from lsbench.statistics.looks.effects import Control
from lsbench.statistics.looks.estimate import estimate
from lsbench.statistics.looks.levels import ANNOUNCED, critical_values, last_complete

Numbers = NDArray[np.float64]
How = Literal["certain", "all seen", "exact", "asymptotic"]
FEWEST = 10  # contributions that differ from the control, without which only the exact interval is shown
FEWEST_EXPECTED = 7  # the same where a variance is expected, too


class LookInterval(NamedTuple):
    """A mean over all examples, and where it lies, whatever number of looks one stops at."""

    mean: float
    low: float  # -inf where only the upper bound was asked for
    high: float
    how: How
    corrections: int  # among the looks used, those that differ from the control
    n: int  # looks used: the rest waits for the next complete batch
    variance: float  # of the mean over the draw of looks; NaN with fewer than 2


class _Looks(NamedTuple):
    """What was seen of one contrast, and what is possible."""

    design: Design
    values: Numbers  # (n,)
    control: Control
    low: Numbers  # (N,)
    high: Numbers  # (N,)

    def negated(self, values: Numbers) -> "_Looks":
        """The same of -v, whose lower bound is minus the upper bound of v."""
        return _Looks(self.design, -values, self.control.negated(), -self.high, -self.low)


def interval(
    design: Design,
    seen_low: ArrayLike,
    seen_high: ArrayLike,
    control: Control,
    low: ArrayLike,
    high: ArrayLike,
    *,
    alpha: float = 0.05,
    announced: int = ANNOUNCED,
    one_sided: Literal["lower", "upper"] | None = None,
) -> LookInterval:
    """The interval of the mean of v over all N examples, from the first n of the order; it holds whenever one stops.

    With fewer than 10 contributions that differ from the control, 7 where it has an expectation: the exact bounds of
    `lower_bound`, which hold at every n. Else mean ± t_k sd at the numbers of looks k of `schedule`, t_k the quantile
    of Student's t whose tail is that of the critical z by error spending; all k so far hold together, so that the
    narrowest bounds are taken. Answers between two numbers of the schedule wait for the next; exact bounds use them.
    The mean is `estimate`'s, but never one that no labels would give; bounds that leave it out are moved to it.

    Args:
        design: of the looks.
        seen_low: (n,), the least that v of design.order[:n] can be by what a person said.
        seen_high: (n,), the greatest; the two differ where a person can't tell.
        control: (N,), see `given_control` and `believed_control`; chosen before anything was looked at.
        low: (N,), the least that v can be; see `bounds_of`. Where low == high nothing needs to be looked at.
        high: (N,), the greatest.
        alpha: chance that the interval ever misses, in (0, 1).
        announced: the number of looks that was announced first for this design.
        one_sided: "lower" or "upper": that bound only, with all of alpha.

    Returns:
        The interval. Its width is 0 only if nothing was unknown.

    Raises:
        InputError: shapes that don't match, no look, numbers that are outside their bounds.
    """
    require_level("alpha", alpha)
    require_choice("one_sided", one_sided or "both", ("both", "lower", "upper"))
    least = _Looks(design, *_checked(design, seen_low, seen_high, control, low, high))
    greatest = np.asarray(seen_high, float)
    if settled := _settled(least, greatest):
        return settled
    n = last_complete(announced, len(design.sizes), len(greatest))
    asymptotic = min(_corrections(least, greatest, n)) >= _fewest(control)
    bound = _by_spending(announced, n) if asymptotic else _exact
    side, used = (alpha if one_sided else alpha / 2), (n if asymptotic else len(greatest))
    middle = estimate(design, ((least.values + greatest) / 2)[:used], control)
    mean, corrections = _within_what_is_possible(middle.mean, least, greatest), max(_corrections(least, greatest, used))
    bottom = -math.inf if one_sided == "upper" else bound(least, side)
    top = math.inf if one_sided == "lower" else -bound(least.negated(greatest), side)
    low_end, high_end = min(bottom, top, mean), max(bottom, top, mean)  # bounds of several numbers of looks may cross
    how: How = "asymptotic" if asymptotic else "exact"
    return LookInterval(mean, low_end, high_end, how, corrections, used, float(middle.variance))


def _within_what_is_possible(mean: ArrayLike, least: _Looks, greatest: Numbers) -> float:
    """The estimate, no less and no more than any labels of the examples that nobody looked at would give."""
    return float(np.clip(mean, _possible(least), -_possible(least.negated(greatest))))


def _checked(
    design: Design, seen_low: ArrayLike, seen_high: ArrayLike, control: Control, low: ArrayLike, high: ArrayLike
) -> tuple[Numbers, Control, Numbers, Numbers]:
    below, above = finite("seen_low", seen_low, 1), finite("seen_high", seen_high, 1)
    bottom, top, c = finite("low", low, 1), finite("high", high, 1), finite("control", control.values, 1)
    total, n = len(design.sizes), len(below)
    if not bottom.shape == top.shape == c.shape == (total,) or above.shape != below.shape or not 1 <= n <= total:
        raise InputError(
            f"{total} examples take 1 to {total} looks, got {n} and {len(above)} with {len(bottom)} and {len(top)} "
            f"bounds and {len(c)} controls"
        )
    first, slack = design.first(n), 1e-9 * max(1.0, float(np.abs(bottom).max()), float(np.abs(top).max()))
    if (below > above).any() or (below < bottom[first] - slack).any() or (above > top[first] + slack).any():
        raise InputError("what was seen must lie between low and high, seen_low not above seen_high")
    return below, control, bottom, top


def _settled(least: _Looks, greatest: Numbers) -> LookInterval | None:
    """The mean itself where nothing is unknown but what nobody can tell: those not looked at can be one thing only."""
    n, first = len(greatest), least.design.first(len(greatest))
    low, high = least.low.copy(), least.high.copy()
    low[first] = high[first] = 0
    if (low < high).any():
        return None
    low[first], high[first] = least.values, greatest
    bottom, top = float(low.mean()), float(high.mean())
    how: How = "all seen" if (least.low < least.high).any() else "certain"
    return LookInterval((bottom + top) / 2, bottom, top, how, max(_corrections(least, greatest, n)), n, 0.0)


def _fewest(control: Control) -> int:
    """How many contributions must differ from the control for an interval that is not exact."""
    return FEWEST if control.expected is None else FEWEST_EXPECTED


def _corrections(least: _Looks, greatest: Numbers, n: int) -> tuple[int, int]:
    """How many of the first n differ from the control, at their least and at their greatest."""
    return _differ(least, n), _differ(least._replace(values=greatest), n)


def _exact(looks: _Looks, side: float) -> float:
    control = np.asarray(looks.control.values, float)
    return lower_bound(looks.design, looks.values, control, looks.low, looks.high, side)


def _by_spending(announced: int, n: int) -> Callable[[_Looks, float], float]:
    """The function that gives the greatest of the lower bounds at the numbers of looks up to n."""

    def bound(looks: _Looks, side: float) -> float:
        critical, fewest = critical_values(looks.design, announced, n, side), _fewest(looks.control)
        usable = [k for k, z in critical.items() if math.isfinite(z) and _differ(looks, k) >= fewest]
        return max([_possible(looks), *(_at(looks, k, critical[k]) for k in usable)])

    return bound


def _at(looks: _Looks, n: int, z: float) -> float:
    """Mean - t sd of the first n looks, t the quantile of Student's t whose tail is that of z."""
    from scipy.special import ndtr, stdtrit

    one = estimate(looks.design, looks.values[:n], looks.control)
    return float(one.mean + stdtrit(one.df, ndtr(-z)) * np.sqrt(one.variance))


def _differ(looks: _Looks, n: int) -> int:
    """How many of the first n differ from the control."""
    return int((looks.values[:n] != np.asarray(looks.control.values)[looks.design.first(n)]).sum())


def _possible(looks: _Looks) -> float:
    """The least mean that is possible, given what was seen."""
    low = looks.low.copy()
    low[looks.design.first(len(looks.values))] = looks.values
    return float(low.mean())
