"""Draws of looks, all at once, and what their intervals say beside the truth.

The formulas are those of `lsbench.statistics.looks`, on arrays whose first axis is the draw; a test compares them.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, stdtrit

from lsbench.statistics.looks import Control, Design, bounds_of, lower_bound, make_design, schedule, seen_of
from lsbench.statistics.looks.betting import _missed_below
from lsbench.statistics.looks.estimate import Estimate, _at_least, _unguarded
from lsbench.statistics.looks.interval import FEWEST_EXPECTED
from lsbench.statistics.looks.learned import BELIEFS, SURPRISE, _weights_of
from lsbench.statistics.looks.levels import critical_values, last_complete

Numbers = NDArray[np.float64]
Truths = NDArray[np.bool_]
SOME = 25  # draws at a time, as many as fit into fast memory
AT = (50, 75, 100, 150, 200, 300, 400, 500)  # at which one who goes on until decided may stop


class Contrast(NamedTuple):
    """One difference of two arms, or the metric of one."""

    name: str
    effect: Numbers  # (N, K)
    right: Numbers  # (N,), the effect of each example under the true label
    control: Control
    may_be: Truths  # (N, K), what people would say

    @property
    def true(self) -> float:
        """The mean by the true labels of all examples."""
        return float(self.right.mean())


class Draws:
    """Orders in which the N examples are looked at, and what is believed after so many answers."""

    def __init__(self, sizes: Numbers, draws: int, most: int, given: NDArray[np.int64], may_be: Truths) -> None:
        self.designs = [make_design(sizes, seed) for seed in range(draws)]
        self.total, self.given, self.may_be = len(sizes), given, may_be
        self.first = np.stack([design.first(min(most, self.total)) for design in self.designs])
        self._beliefs, self._logs = np.zeros(0), np.zeros(0)
        self._critical: dict[tuple[int, int, float], dict[int, float]] = {}

    def believe(self, probabilities: Numbers) -> None:
        """Make the beliefs of `learned_belief`: (M, N, K), and the log chance of each answer, (M, N)."""
        beliefs = [belief.of(probabilities, self.given) for belief in BELIEFS]
        chances = [np.where(self.may_be, belief, 0).sum(1) for belief in beliefs]
        self._logs = np.log(np.maximum(chances, SURPRISE))
        self._beliefs = np.stack(beliefs).astype(np.float32)

    def learned(self, n: int) -> Iterable[tuple[slice, NDArray[np.float32]]]:
        """What is believed after n answers, (some draws, N, K): of so many draws at a time as memory is quick for."""
        flat = self._beliefs.reshape(len(self._beliefs), -1)
        for start in range(0, len(self.first), SOME):
            some = slice(start, start + SOME)
            weights = _weights_of(self._logs[:, self.first[some, :n]].sum(-1).T).astype(np.float32)
            yield some, (weights @ flat).reshape(-1, *self._beliefs.shape[1:])

    def chances(self, n: int) -> Numbers:
        """(N,), of each example to be among the first n."""
        return self.designs[0].probabilities(n)

    def weights(self, n: int) -> Numbers:
        """(N,), of the squares that are expected in a variance after n looks."""
        return (1 / self.chances(n) - 1) / self.total**2

    def critical(self, announced: int, n: int, side: float) -> dict[int, float]:
        """Critical z of each number of looks up to n."""
        key = (announced, n, side)
        if key not in self._critical:
            every = critical_values(self.designs[0], *key)
            self._critical[key] = {k: z for k, z in every.items() if np.isfinite(z)}
        return self._critical[key]


class Shown(NamedTuple):
    """The intervals of all draws."""

    low: Numbers
    high: Numbers
    exact: Truths  # those have no bounds here: -inf and inf


class Intervals:
    """The intervals of a contrast, draw by draw."""

    def __init__(self, contrast: Contrast, draws: Draws) -> None:
        self.contrast, self.draws = contrast, draws
        self.low, self.high = bounds_of(contrast.effect)
        self.least, self.most = seen_of(contrast.effect, np.arange(draws.total), contrast.may_be)
        self.expected: dict[tuple[int, int], Numbers] = {}  # (n, k): (3, draws), see `expect`
        self._estimates: dict[tuple[int, int], tuple[Estimate, Numbers, Numbers]] = {}
        self._differs: dict[tuple[int, int], NDArray[np.int64]] = {}
        self._games: dict[tuple[float, int], tuple[Truths, Truths]] = {}

    def shown(self, n: int, announced: int, side: float) -> Shown:
        """The intervals after n looks, as `interval` makes them; each end errs with chance side."""
        used = last_complete(announced, self.draws.total, n)
        exact = np.minimum(self._differ(1, used), self._differ(-1, used)) < FEWEST_EXPECTED
        critical = self.draws.critical(announced, used, side)
        low = self._bound(1, n, critical)
        high = -self._bound(-1, n, critical)
        middle = self._estimate(0, used)[0].mean if used else np.zeros(len(exact))
        middle = np.clip(middle, self._possible(1, n), -self._possible(-1, n))
        low, high = np.minimum.reduce([low, high, middle]), np.maximum.reduce([low, high, middle])
        return Shown(np.where(exact, -np.inf, low), np.where(exact, np.inf, high), exact)

    def _possible(self, sign: int, n: int) -> Numbers:
        """The least that sign times the mean can be after n looks."""
        values, low = (self.least, self.low) if sign == 1 else (self.most, self.high)
        values, low = sign * values, sign * low
        return (low.sum() + (values - low)[self.draws.first[:, :n]].sum(1)) / self.draws.total

    def _bound(self, sign: int, n: int, critical: dict[int, float]) -> Numbers:
        """The greatest lower bound of sign times the mean, so far."""
        best = self._possible(sign, n)
        for k, z in critical.items():
            expected, fitted = self._expected_variance(sign, n, k), self.contrast.control.fitted
            one = _at_least(self._estimate(sign, k)[0], expected, fitted=fitted)
            bound = sign * one.mean + stdtrit(one.df, ndtr(-z)) * np.sqrt(one.variance)
            best = np.where(self._differ(sign, k) >= FEWEST_EXPECTED, np.maximum(best, bound), best)
        return best

    def _expected_variance(self, sign: int, n: int, k: int) -> Numbers:
        """Of what is away from the fitted model after k looks, by what is believed after n answers."""
        _, level, slope = self._estimate(sign, k)
        square, mean, joint = self.expected[n, k]
        weight, c = self.draws.weights(k), self.contrast.control.values
        model = level**2 * weight.sum() + 2 * level * slope * (weight @ c) + slope**2 * (weight @ c**2)
        return square - 2 * (level * mean + slope * joint) + model

    def _estimate(self, sign: int, k: int) -> tuple[Estimate, Numbers, Numbers]:
        """After k looks, with what was seen at its least (1), its most (-1), or in the middle (0)."""
        if (sign, k) not in self._estimates:
            values = {1: self.least, -1: self.most, 0: (self.least + self.most) / 2}[sign]
            first, (c, fitted, _) = self.draws.first[:, :k], self.contrast.control
            chances = self.draws.chances(k)[first]
            made = _unguarded(values[first], c[first], c.mean(), chances, self.draws.total, fitted=fitted)
            self._estimates[sign, k] = made
        return self._estimates[sign, k]

    def _differ(self, sign: int, k: int) -> NDArray[np.int64]:
        """How many of the first k differ from the control, at their least (1) or at their most (-1)."""
        if (sign, k) not in self._differs:
            values = self.least if sign == 1 else self.most
            self._differs[sign, k] = (values != self.contrast.control.values)[self.draws.first[:, :k]].sum(1)
        return self._differs[sign, k]

    def missed(self, n: int, announced: int, side: float, *, below_only: bool = False) -> Truths:
        """Whether the true mean is outside; below_only: whether it is below."""
        one, true, slack = self.shown(n, announced, side), self.contrast.true, 1e-12
        below = (one.low > true + slack) | self._beyond(one.exact, n, side, 1)
        return below if below_only else below | (one.high < true - slack) | self._beyond(one.exact, n, side, -1)

    def _beyond(self, exact: Truths, n: int, side: float, sign: int) -> Truths:
        """Whether the exact bound of that side is beyond the true mean, of the draws that have one."""
        key = (side, sign)
        if key not in self._games:
            self._games[key] = np.zeros(len(exact), bool), np.zeros(self.draws.first.shape, bool)
        played, beyond = self._games[key]
        for draw in np.flatnonzero(exact & ~played):
            beyond[draw] = self._game(self.draws.designs[draw], self.draws.first[draw], side, sign)
        played |= exact
        return exact & beyond[:, n - 1]

    def _game(self, design: Design, first: NDArray[np.int64], side: float, sign: int) -> Truths:
        """(most,), after so many looks."""
        values, ends = (self.least, (self.low, self.high)) if sign == 1 else (-self.most, (-self.high, -self.low))
        rest = (sign * self.contrast.control.values, *ends, side, sign * self.contrast.true)
        return _missed_below(design, values[first], *rest)

    def widths(self, n: int, side: float = 0.025) -> Numbers:
        """Of the intervals after n looks that were announced."""
        one = self.shown(n, n, side)
        widths = one.high - one.low
        for draw in np.flatnonzero(one.exact):
            widths[draw] = self._exact_width(int(draw), n, side)
        return widths

    def _exact_width(self, draw: int, n: int, side: float) -> float:
        design, c = self.draws.designs[draw], self.contrast.control.values
        first = design.first(n)
        low = lower_bound(design, self.least[first], c, self.low, self.high, side)
        return -lower_bound(design, -self.most[first], -c, -self.high, -self.low, side) - low

    def ever_missed(self, announced: int, side: float, *, below_only: bool = False) -> Truths:
        """Whether the true mean is outside at each number of looks at which one may stop, (draws, numbers)."""
        at = [n for n in AT if n < self.draws.total]
        return np.stack([self.missed(n, announced, side, below_only=below_only) for n in at], 1)


def expect(intervals: Sequence[Intervals], draws: Draws, asked: Mapping[int, Sequence[int]]) -> None:
    """Sums over the examples of w E d², w E d and w c E d, E by what is believed after n answers; c is the control.

    asked: n -> the numbers of looks up to it, of whose variances w is the weight.
    """
    d = np.stack([one.contrast.effect for one in intervals], -1).astype(np.float32)  # (N, K, contrasts)
    c = np.stack([one.contrast.control.values for one in intervals], -1).astype(np.float32)[:, None]
    for n, at in asked.items():
        weights = np.stack([draws.weights(k) for k in at]).astype(np.float32)
        for some, learned in draws.learned(n):
            beliefs = np.ascontiguousarray(learned.transpose(1, 0, 2))
            mean = np.matmul(beliefs, d)
            sums = [np.tensordot(weights, one, 1) for one in (np.matmul(beliefs, d**2), mean, c * mean)]
            for i, one in enumerate(intervals):
                for j, k in enumerate(at):
                    kept = one.expected.setdefault((n, k), np.zeros((3, len(draws.first))))
                    kept[:, some] = [made[j, :, i] for made in sums]


def uniform_width(right: Numbers, n: int) -> float:
    """Of the 95 % t interval of n labels looked at uniformly without replacement, at its expected spread."""
    return float(2 * stdtrit(n - 1, 0.975) * np.sqrt((1 - n / len(right)) * right.var(ddof=1) / n))


def numbers(at: Iterable[int], total: int, *, extend: bool) -> dict[int, list[int]]:
    """The numbers of looks n at which something is asked; of each the numbers up to it at which bounds are made."""
    asked = sorted({*at, *(AT if extend else ())})
    announced = {50, 100} if extend else set()
    return {n: sorted({k for a in {n, *announced} for k in schedule(a, total) if k <= n}) for n in asked if n < total}
