"""The choice among several arms: which leads, which are shown to be worse, which are as good."""

import math
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lsbench.errors import InputError, require_choice, require_number
from lsbench.statistics.cautious import cautious_difference, cautious_p, gaps_of, seeds_to_decide
from lsbench.statistics.checks import BETTER, finite, require_level
from lsbench.statistics.flips import sign_flip_p
from lsbench.statistics.multiplicity import holm
from lsbench.statistics.paired import Difference
from lsbench.statistics.sample_size import effect_size


@dataclass(frozen=True)
class Comparison:
    """One arm against the leader, over the seeds that both have."""

    arm: Hashable
    status: Literal["worse", "equivalent", "undecided", "lost"]  # lost: seeds failed, so that it is not compared
    difference: Difference | None  # arm minus leader; of |values| for "zero"; None without a shared seed
    effect_size: float | None
    p_holm: float | None  # of the paired t-test, adjusted for all comparisons with the leader
    p_sign_flip: float | None
    seeds_needed: int | None  # that show such a difference 4 times in 5; None where it is decided, or out of reach


@dataclass(frozen=True)
class Choice:
    """The leader, what is shown against it, and whether that makes it the winner."""

    leader: Hashable | None  # None where every arm is lost
    winner: Hashable | None  # the leader, where every other arm is shown to be worse
    acceptable: tuple[Hashable, ...]  # the leader, then all that are compared and not shown to be worse
    comparisons: tuple[Comparison, ...]  # of all arms but the leader, in the mapping's order
    shared_seeds: int  # over which the leader was chosen


def choose(
    values: Mapping[Hashable, Mapping[int, float]],
    *,
    better: str,
    tolerance: float = 0.0,
    level: float = 0.95,
    lost: Collection[Hashable] = (),
) -> Choice | None:
    """Compare all arms with the leading one by differences paired by seed.

    The leader has the best mean over the seeds that all arms share (the first of equals). An arm that shares no seed
    with the others is not among them, and stays undecided. Another arm is

    - "worse" where its whole interval lies beyond the tolerance on the bad side and Holm's p is at most 1 - level,
    - "equivalent" where its interval lies within ±tolerance,
    - "undecided" else: one shared seed decides nothing,
    - "lost" where it is one of `lost`.

    The same function twice is equivalent; equal differences that are not 0 decide by their number (see `cautious_p`).
    The leader wins where at least one other arm is compared over at least two seeds and all are worse. The intervals
    are not adjusted for the number of arms.

    An arm that failed at some seeds is not judged by the others, which are no random sample: it neither leads nor is
    worse, no arm wins beside it, and it counts with p = 1 in Holm's adjustment.

    Args:
        values: arm -> seed -> number.
        better: "higher", "lower", or "zero": the smaller |number| is the better one.
        tolerance: a difference that does not matter.
        level: of the intervals.
        lost: the arms that failed at some of their seeds.

    Returns:
        The choice; None where no seed is shared, unless all arms are lost.

    Raises:
        InputError: a number that is not finite, another word for better, a negative tolerance, a level outside (0, 1).

    Example:
        >>> accuracy = {"ce": {0: 0.90, 1: 0.92, 2: 0.91}, "lsr": {0: 0.80, 1: 0.83, 2: 0.81}}
        >>> choice = choose(accuracy, better="higher")
        >>> choice.winner, choice.comparisons[0].status
        ('ce', 'worse')
    """
    require_choice("better", better, BETTER)
    require_number("tolerance", tolerance, 0)
    require_level("level", level)
    arms = {arm: _checked(arm, {} if arm in lost else by_seed, better) for arm, by_seed in values.items()}
    among, shared = _comparable(arms)
    if arms and arms.keys() <= set(lost):
        return Choice(None, None, (), tuple(map(_lost, arms)), 0)
    if not shared:
        return None
    sign = 1 if better == "higher" else -1
    leader = max(among, key=lambda arm: sign * np.mean([arms[arm][s] for s in shared]))
    gaps = {arm: _gaps(by_seed, arms[leader]) for arm, by_seed in arms.items() if arm != leader}
    p_values = {arm: p for arm, gap in gaps.items() if (p := 1.0 if arm in lost else cautious_p(gap)) is not None}
    adjusted = dict(zip(p_values, holm(list(p_values.values())), strict=True))
    comparisons = tuple(
        _lost(arm) if arm in lost else _comparison(arm, gap, adjusted.get(arm), sign, tolerance, 1 - level)
        for arm, gap in gaps.items()
    )
    won = bool(comparisons) and len(shared) > 1 and all(one.status == "worse" for one in comparisons)
    acceptable = (leader, *(one.arm for one in comparisons if one.status not in ("worse", "lost")))
    return Choice(leader, leader if won else None, acceptable, comparisons, len(shared))


def _checked(arm: Hashable, by_seed: Mapping[int, float], better: str) -> dict[int, float]:
    for seed, value in by_seed.items():
        if isinstance(value, float) and not math.isfinite(value):
            raise InputError(f"values must be finite, got {value} for {arm} at seed {seed}; leave out what failed")
    numbers = finite(f"the values of {arm}", list(by_seed.values()), 1)
    return dict(zip(by_seed, (np.abs(numbers) if better == "zero" else numbers).tolist(), strict=True))


def _comparable(arms: Mapping[Hashable, Mapping[int, float]]) -> tuple[list[Hashable], list[int]]:
    """The arms that the leader is chosen from, and the seeds that they share.

    These are all arms with a number. Where they share no seed, those that share the fewest with others are left out.
    """
    seeds = {arm: set(by_seed) for arm, by_seed in arms.items() if by_seed}
    alone = len(seeds) == 1
    while len(seeds) > 1 and not set.intersection(*seeds.values()):
        common = {arm: sum(len(own & other) for other in seeds.values()) - len(own) for arm, own in seeds.items()}
        seeds.pop(min(reversed(list(seeds)), key=lambda arm: (common[arm], len(seeds[arm]))))
    if not seeds or (len(seeds) == 1 and not alone):
        return [], []
    return list(seeds), sorted(set.intersection(*seeds.values()))


def _gaps(arm: Mapping[int, float], leader: Mapping[int, float]) -> NDArray[np.float64]:
    """Arm minus leader at the seeds that both have, (n,); all 0 where they differ by rounding only."""
    seeds = sorted(arm.keys() & leader.keys())
    return gaps_of([arm[s] for s in seeds], [leader[s] for s in seeds])


def _lost(arm: Hashable) -> Comparison:
    return Comparison(arm, "lost", None, None, None, None, None)


def _comparison(
    arm: Hashable, gaps: NDArray[np.float64], p_holm: float | None, sign: int, tolerance: float, alpha: float
) -> Comparison:
    difference, zeros = cautious_difference(gaps, alpha), [0.0] * len(gaps)
    status = _status(difference, sign, tolerance)
    if status == "worse" and (p_holm is None or p_holm > alpha):
        status = "undecided"
    return Comparison(
        arm,
        status,
        difference,
        effect_size(gaps.tolist(), zeros),
        p_holm,
        sign_flip_p(gaps.tolist(), zeros),
        seeds_to_decide(gaps, alpha, tolerance) if status == "undecided" else None,
    )


def _status(difference: Difference | None, sign: int, tolerance: float) -> Literal["worse", "equivalent", "undecided"]:
    if difference is None or difference.low is None or difference.high is None:
        return "undecided"
    if difference.within(tolerance):  # at tolerance 0: all differences are 0
        return "equivalent"
    best_case = difference.high if sign > 0 else -difference.low
    return "worse" if best_case < -tolerance else "undecided"
