"""A bound that holds exactly at every number of looks at once: betting against a mean, draw after draw."""

import numpy as np
from numpy.typing import NDArray

from lsbench.statistics.looks.design import Design

Numbers = NDArray[np.float64]
MOST = 0.95  # of what can be lost in one bet
GRID, ROUNDS = 33, 4  # candidate totals tried at once, and how often the grid is made finer


def lower_bound(
    design: Design, values: Numbers, control: Numbers, low: Numbers, high: Numbers, level: float, most: float = MOST
) -> float:
    """The lower bound of the mean of v over all examples that errs at any number of looks with chance level at most.

    With r_i = v_i - c_i, before draw k the sum of r over those that remain is T - S_{k-1} for a candidate total T, and
    r_k / q_k has the mean mu_k = (T - S_{k-1}) / (sum of q that remain) exactly, and is at least b_k, the least that is
    left. So prod_k (1 + min(l_k, most / (mu_k - b_k)) (r_k / q_k - mu_k)) is a non-negative martingale under T for bets
    l_k made before draw k, and exceeds 1 / level with chance level at most (Ville). It falls in T. (Waudby-Smith and
    Ramdas, 2024; Shekhar, Xu, Lipton, Liang and Ramdas, 2023)

    Args:
        design: whose first n were looked at.
        values: (n,), v of design.order[:n], at its least.
        control: (N,), chosen before anything was looked at.
        low: (N,), the least v can be.
        high: (N,), the greatest.
        level: chance of error.
        most: of what can be lost in one bet, in (0, 1].

    Returns:
        The bound; never below what is possible, given what was seen.
    """
    order, n = design.order, len(values)
    r, rest = values - control[order[:n]], order[n:]
    from_below, from_above = (float(r.sum() + (end - control)[rest].sum()) for end in (low, high))
    if n == len(order) or from_above - from_below <= 0:
        return float(control.mean() + from_below / len(order))
    game = _game(design, r, low - control, high - control, level, most)
    total = _largest_rejected(game, from_below, from_above, np.log(1 / level))
    return float(control.mean() + total / len(order))


def _missed_below(
    design: Design, values: Numbers, control: Numbers, low: Numbers, high: Numbers, level: float, mean: float
) -> NDArray[np.bool_]:
    """Whether `lower_bound` is above a mean after 1, 2, ..., n looks, (n,): faster than n bounds, for simulations."""
    order, n = design.order, len(values)
    r, least = values - control[order[:n]], (low - control)[order]
    total = (mean - float(control.mean())) * len(order)
    possible = np.cumsum(r) + (least.sum() - np.cumsum(least))[:n]
    away = (
        total > possible + 1e-9 * (high - low).sum()
    )  # else it is the least that is possible, which no bound is above
    if not away.any():
        return away
    path = _game(design, r, low - control, high - control, level, MOST).log_wealth_path(np.array([total]))[:, 0]
    return away & (np.maximum.accumulate(path) >= np.log(1 / level))


class _Game:
    """The log wealth of a gambler who bets that the total is above a candidate."""

    def __init__(
        self, x: Numbers, before: Numbers, remaining: Numbers, floor: Numbers, bets: Numbers, most: float
    ) -> None:
        self.x, self.before, self.remaining = x[:, None], before[:, None], remaining[:, None]
        self.floor, self.bets, self.most = floor[:, None], bets[:, None], most

    def log_wealth(self, totals: Numbers) -> Numbers:
        """The greatest that each candidate total has met so far, (m,); infinite where it is impossible."""
        return self.log_wealth_path(totals).max(0)

    def log_wealth_path(self, totals: Numbers) -> Numbers:
        """The same after each draw, (n, m)."""
        mean = (totals - self.before) / self.remaining
        room = mean - self.floor
        with np.errstate(divide="ignore", invalid="ignore"):
            bets = np.minimum(self.bets, self.most / room)
            steps = np.log(1 + bets * (self.x - mean))
        return np.where(room > 0, np.cumsum(steps, 0), np.inf)


def _game(design: Design, r: Numbers, least: Numbers, greatest: Numbers, level: float, most: float) -> _Game:
    """With r (n,) of the first n examples, and the bounds (N,) of r of all."""
    order, n = design.order, len(r)
    q, least, greatest = design.sizes[order], least[order], greatest[order]
    remaining = np.cumsum(q[::-1])[::-1][:n]
    floor = np.minimum.accumulate((least / q)[::-1])[::-1][:n]
    x, before = r / q[:n], np.cumsum(r) - r
    return _Game(x, before, remaining, floor, _bets(x, float((greatest / q).max() - floor[0]), level), most)


def _bets(x: Numbers, reach: float, level: float) -> Numbers:
    """l_k = sqrt(2 log(1 / level) / (s²_{k-1} k log(k + 1))), s² the variance so far, one made-up reach² / 4 included.

    (Waudby-Smith and Ramdas, 2024, their equation 26)
    """
    k = np.arange(1, len(x) + 1)
    mean = np.cumsum(x) / (k + 1)
    variance = (reach**2 / 4 + np.cumsum(np.square(x - mean))) / (k + 1)
    before = np.concatenate([[reach**2 / 4], variance[:-1]])
    return np.sqrt(2 * np.log(1 / level) / (before * k * np.log(k + 1)))


def _largest_rejected(game: _Game, low: float, high: float, enough: float) -> float:
    """The greatest total against which the gambler won enough, from low, to a 10^-6 of the reach."""
    for _ in range(ROUNDS):
        totals = np.linspace(low, high, GRID)
        won = game.log_wealth(totals[1:]) >= enough
        if not won.any():
            high = totals[1]
            continue
        last = 1 + int(np.flatnonzero(won)[-1])
        low, high = totals[last], totals[min(last + 1, GRID - 1)]
    return low
