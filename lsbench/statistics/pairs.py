"""Every pair of arms, compared over the seeds that the two share: what all families of claims start from."""

import math
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsbench.errors import DtypeError, InputError, shown
from lsbench.statistics.alike import ALIKE
from lsbench.statistics.by_arm import ByArm, by_arm
from lsbench.statistics.cautious import ROUNDING, TINY

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Pairs:
    """Paired differences of k arms, row minus column, in the order of `arms`; lower values are better."""

    arms: tuple[Hashable, ...]
    values: Floats  # (k, seeds); NaN where an arm lacks a seed
    mean: Floats  # (k, k), over the seeds that both have; NaN without one
    sd: Floats  # (k, k), n - 1 in the denominator; NaN of fewer than two seeds, 0 where differences are alike
    n: NDArray[np.int64]  # (k, k), shared seeds
    example_variance: Floats | None = None  # (k, k), of the mean, from drawing other test examples; None: not looked at
    examples: int = 0  # how many test examples that variance was found with
    ties: NDArray[np.bool_] | None = None  # (k, k), pairs of equal numbers from runs that differ; None: there are none
    excess: Floats | None = None  # (k,), by how much an arm's mean may be too high by chance; None: by nothing

    @property
    def on(self) -> str:
        """What the differences hold for."""
        return "this test set" if self.example_variance is None else "new examples"

    def index(self, arm: Hashable) -> int:
        """Where an arm stands; `InputError` for one that is not there."""
        if arm not in self.arms:
            raise InputError(f"{shown(arm)} is none of the arms, which are {', '.join(map(str, self.arms))}")
        return self.arms.index(arm)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Seeds of each arm, (k,)."""
        return self.n.diagonal()

    def p_beyond(self, tolerance: float = 0.0, where: NDArray[np.bool_] | None = None) -> Floats:
        """Two-sided p-values that a difference lies beyond ±tolerance, (k, k); NaN of fewer than two shared seeds.

        Also NaN where they are not asked for: of 25 arms it takes a while to find all.

        min(1, 2 P(T >= (|m| - tolerance) / s)) with s = sd / sqrt(n) and n - 1 degrees: Student's paired test at
        tolerance 0. It is the level at which the interval of `bounds` reaches the tolerance, so that test and interval
        agree; half of it would hold a test's level beyond a tolerance, but not the interval's. Equal differences have
        no spread: 2^(1-n), the sign-flip test's, where they lie beyond it, else 1. (Student, 1908)
        """
        size = np.abs(self.mean)
        least = tolerance + self.too_high
        both = 2 * self._tail(size - least, where)
        return np.where(self._no_spread, self._p_of_equal(size > least), np.minimum(both, 1.0))

    def bounds(self, alpha: float) -> tuple[Floats, Floats]:
        """Ends of the 1 - alpha intervals, (k, k) each; NaN where a pair shows too little to have one.

        mean ± t_{1-alpha/2, n-1} sd / sqrt(n) for other seeds; for other seeds and other examples

            mean ± sqrt(t_{1-alpha/2, n-1}² sd² / n + t_{1-alpha/2, examples-1}² example_variance)

        which is exact where one part dominates and a little too wide between. Equal differences that are not 0 have an
        interval from as many seeds on as reach alpha by their signs: 2^(1-n) <= alpha. (Student, 1908; Graybill and
        Wang, 1980) Ties have none: a number that counts right answers is often equal by chance.
        """
        half = self.half(alpha / 2)
        doubtful = (self.n < 2) | (self._no_spread & (self.mean != 0) & (2.0 ** (1.0 - self.n) > alpha))
        if self.ties is not None:
            doubtful = doubtful | (self.ties & (half == 0))
        half = np.where(doubtful, np.nan, half)
        return self.ends(half)

    def ends(self, half: Floats) -> tuple[Floats, Floats]:
        """The ends (k, k) of intervals of that half-width; what an arm may be too high widens them on its side."""
        if self.excess is None:
            return self.mean - half, self.mean + half
        return self.mean - half - self.excess[:, None], self.mean + half + self.excess

    @property
    def too_high(self) -> Floats | float:
        """(k, k): by how much the arm with the higher mean may be too high."""
        return 0.0 if self.excess is None else np.where(self.mean > 0, self.excess[:, None], self.excess)

    def among(self, arms: Collection[Hashable]) -> "Pairs":
        """The pairs of these arms alone: those that are compared, so that a family counts no others."""
        places = [place for place, arm in enumerate(self.arms) if arm in arms]
        square = np.ix_(places, places)
        variance = None if self.example_variance is None else self.example_variance[square]
        names = tuple(self.arms[place] for place in places)
        return Pairs(
            names,
            self.values[places],
            self.mean[square],
            self.sd[square],
            self.n[square],
            variance,
            self.examples,
            None if self.ties is None else self.ties[square],
            None if self.excess is None else self.excess[places],
        )

    def _some(self, where: NDArray[np.bool_]) -> "Pairs":
        """The numbers of some pairs, as vectors."""
        variance = None if self.example_variance is None else self.example_variance[where]
        some = {name: getattr(self, name)[where] for name in ("mean", "sd", "n")}
        return replace(self, **some, example_variance=variance, ties=None if self.ties is None else self.ties[where])

    def gaps(self, i: int, j: int) -> Floats:
        """Row i minus column j at the seeds that both have, (n,)."""
        gaps = _differences(self.values[i], self.values[j])
        return gaps[~np.isnan(gaps)]

    @property
    def _no_spread(self) -> NDArray[np.bool_]:
        return (self.sd == 0) & (self.n >= 2)

    def _p_of_equal(self, beyond: NDArray[np.bool_]) -> Floats:
        return np.where(beyond, 2.0 ** (1.0 - self.n), 1.0)

    def half(self, tail: float | Floats) -> Floats:
        """How far an interval reaches that leaves out `tail` on each side, (k, k); 0 or NaN without spread."""
        from scipy.special import stdtrit

        with np.errstate(invalid="ignore"):
            squares = np.square(self._quantile(tail)) * np.square(self.sd) / self.n
            if self.example_variance is not None:
                squares = squares + np.square(stdtrit(self.examples - 1.0, tail)) * self.example_variance
            return np.sqrt(squares)

    def _quantile(self, tail: float | Floats) -> float | Floats:
        """Of Student's t with n - 1 degrees, (k, k); a number where all pairs share as many seeds."""
        from scipy.special import stdtrit

        same = self.n.size and (self.n == self.n.flat[0]).all()
        return stdtrit((self.n.flat[0] if same else self.n) - 1.0, tail)

    def _tail(self, distance: Floats, where: NDArray[np.bool_] | None = None) -> Floats:
        """The level at which a one-sided interval reaches that far, (k, k): P(T >= distance / s) for seeds alone."""
        from scipy.special import stdtr

        if where is not None:
            tail = np.full(distance.shape, np.nan)
            tail[where] = self._some(where)._tail(distance[where])
            return tail
        if self.example_variance is None:
            with np.errstate(invalid="ignore", divide="ignore"):
                return np.asarray(stdtr(self.n - 1.0, -distance * np.sqrt(self.n) / self.sd))
        low, high = np.full(self.mean.shape, np.log(1e-15)), np.full(self.mean.shape, np.log(0.5))
        for _ in range(50):  # the reach falls from endless to 0 as the tail grows to 1/2
            middle = (low + high) / 2
            far = self.half(np.exp(middle)) > np.abs(distance)
            low, high = np.where(far, middle, low), np.where(far, high, middle)
        tail = np.where(np.isnan(distance) | (self.n < 2), np.nan, np.exp(high))
        return np.where(distance >= 0, tail, 1.0 - tail)


def require_pairs(pairs: object) -> None:
    """Raise `DtypeError` unless it is what `pairs_of` gives."""
    if not isinstance(pairs, Pairs):
        raise DtypeError(f"pairs must be what pairs_of gives, got {shown(pairs)}")


def pairs_of(values: ByArm) -> Pairs:
    """All pairs of arms, compared over the seeds that the two share.

    Differences that are rounding alone count as 0: the same function in float32 twice is the same arm.

    Args:
        values: arm -> seed -> a number of which less is better, as dicts; also arm -> numbers in the order of the
            seeds, or a DataFrame with a column per arm. A seed that is left out, None or NaN is missing; a run that
            diverged counts with its number.

    Returns:
        The pairs, in the order of the arms.

    Raises:
        InputError: an infinite number, or what is no number.

    Example:
        >>> pairs = pairs_of({"ce": {0: 0.25, 1: 0.5}, "lsr": {0: 0.5, 1: 0.75, 2: 0.5}})
        >>> float(pairs.mean[0, 1]), int(pairs.n[0, 1])
        (-0.25, 2)
    """
    arms = by_arm(values)
    seeds = sorted(set().union(*arms.values()), key=_order)
    table = np.array([[_number(arm, seed, by_seed) for seed in seeds] for arm, by_seed in arms.items()], float)
    return _pairs(tuple(arms), table.reshape(len(arms), len(seeds)))


def _order(seed: Hashable) -> tuple[str, Hashable]:
    """Seeds by their size; those of another kind, such as words, apart."""
    return ("", seed) if isinstance(seed, Real) else (type(seed).__name__, str(seed))


def with_ties(pairs: Pairs, ties: Collection[tuple[Hashable, Hashable]]) -> Pairs:
    """The same pairs, of which some have equal numbers although their runs differ: these are not shown to be equal.

    Args:
        pairs: all pairs of arms.
        ties: two arms each, in any order.

    Returns:
        The pairs; an interval without width of one of the ties is none.

    Example:
        >>> pairs = with_ties(pairs_of({"ce": {0: 0.1, 1: 0.2}, "lsr": {0: 0.1, 1: 0.2}}), [("ce", "lsr")])
        >>> float(pairs.bounds(0.05)[0][0, 1])
        nan
    """
    tied = np.zeros(pairs.n.shape, bool)
    for one, other in ties:
        i, j = pairs.index(one), pairs.index(other)
        tied[i, j] = tied[j, i] = pairs.mean[i, j] == 0 and pairs.sd[i, j] == 0
    return replace(pairs, ties=tied) if tied.any() else pairs


def with_excess(pairs: Pairs, excess: Mapping[Hashable, float]) -> Pairs:
    """The same pairs, where an arm's mean may be too high by so much: no claim is made that this alone could make.

    An ECE is a sum of absolute values: of a perfectly calibrated network it is above 0, the more so the less accurate
    the network is. How much of a mean is chance, from 0 to this amount, is not known: so an interval reaches as much
    further on the side of each arm.

    Args:
        pairs: all pairs of arms.
        excess: arm -> at least 0. An arm that is not there has none.

    Returns:
        The pairs, with wider intervals and larger p.

    Example:
        >>> pairs = pairs_of({"ce": [0.010, 0.020, 0.015], "lsr": [0.040, 0.055, 0.045]})
        >>> [bool(some.bounds(0.05)[0][1, 0] > 0) for some in (pairs, with_excess(pairs, {"lsr": 0.04}))]
        [True, False]
    """
    amounts = np.array([excess.get(arm) or 0.0 for arm in pairs.arms], float)
    return replace(pairs, excess=amounts) if amounts.any() else pairs


def _pairs(arms: tuple[Hashable, ...], table: Floats) -> Pairs:
    differences = _differences(table[:, None], table[None])
    n = (~np.isnan(differences)).sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.nansum(differences, -1) / np.where(n, n, np.nan)
        squares = np.nansum(np.square(differences - mean[..., None]), -1)
        sd = np.sqrt(squares / np.where(n > 1, n - 1, np.nan))
    return Pairs(arms, table, mean, np.where(_alike(differences, n), 0.0, sd), n)


def _number(arm: Hashable, seed: Hashable, by_seed: Mapping[Hashable, Any]) -> float:
    value = by_seed.get(seed)
    if value is None:
        return np.nan
    if not isinstance(value, Real) and not (hasattr(value, "item") and isinstance(value := value.item(), Real)):
        raise DtypeError(f"values must be numbers, got {shown(value)} for {arm} at seed {seed}")
    if math.isinf(value):
        raise InputError(f"values must be finite, got {value} for {arm} at seed {seed}; None says that it is missing")
    return float(value)


def _differences(ours: Floats, theirs: Floats) -> Floats:
    """(..., seeds); 0 throughout where all are no more than rounding; NaN where one of the two lacks the seed."""
    gaps = ours - theirs
    size = np.maximum(np.abs(ours), np.abs(theirs))
    small = np.isnan(gaps) | (np.abs(gaps) <= ROUNDING * np.maximum(size, TINY))
    return np.where(small.all(-1, keepdims=True) & ~np.isnan(gaps), 0.0, gaps)


def _alike(differences: Floats, n: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether all of a pair's differences are equal up to rounding, of two at least."""
    low = np.where(np.isnan(differences), np.inf, differences).min(-1, initial=np.inf)
    high = np.where(np.isnan(differences), -np.inf, differences).max(-1, initial=-np.inf)
    with np.errstate(invalid="ignore"):
        return (n > 1) & (high - low <= ALIKE * np.maximum(np.abs(low), np.abs(high)))
