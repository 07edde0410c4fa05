"""The temperature that makes a network's probabilities fit looked-at labels."""

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lsbench.errors import InputError
from lsbench.rows.log_probs import read_log_probs
from lsbench.rows.looks import Verified
from lsbench.rows.row import Row
from lsbench.statistics.looks import Design
from lsbench.statistics.paired import t_quantile

FEWEST = 25  # looked-at labels
LOWEST, HIGHEST = math.log(1e-3), math.log(1e3)  # of 1 / T
STEPS = 60  # halvings of that bracket: to the last digits
Floats = NDArray[np.float64]


class LookedTemperature(NamedTuple):
    """T, and about where it lies with 95 %, from the looks alone."""

    value: float
    low: float
    high: float
    looked: int  # labels that are one class


def looked_temperature(row: Row, verified: Verified, folder: Path) -> LookedTemperature:
    """The T that minimises the estimated mean NLL of all test examples, (1 / N) sum_i -log softmax(z_i / T)_y / pi_i.

    The sum is over the looked-at examples, pi_i is how likely each was to be looked at (Horvitz and Thompson, 1952):
    so the examples that nobody looked at are stood for, whatever is wrong with their given labels. Looks without a
    single class are left out. The interval is of the linearised equation, by Student's quantile.

    Raises:
        InputError: no log-probs of the row are kept, fewer than `FEWEST` labels, a probability of 0, or no T is best.
    """
    kept = read_log_probs(row.id, folder)
    if kept is None:
        raise InputError(f"{row.id} has no log-probs of its test examples, which a temperature is fitted to")
    single = verified.labels >= 0
    if single.sum() < FEWEST:
        raise InputError(f"a temperature is fitted to {FEWEST} looked-at labels or more, got {single.sum()}")
    stored = verified.design
    chances = Design(stored.sizes, stored.order, stored.seed).probabilities(verified.n)[verified.examples]
    log_probs = kept.log_probs[verified.numbers][single]
    if not np.isfinite(log_probs).all():
        raise InputError(f"no temperature can be fitted: the network of {row.id} gives some class a probability of 0")
    return fitted(log_probs, verified.labels[single], 1 / chances[single])


def fitted(log_probs: Floats, labels: NDArray[np.int64], weights: Floats) -> LookedTemperature:
    """The same of log-probs (n, K), labels (n,) and weights (n,).

    Example:
        >>> z = np.array([[4.0, 0.0], [4.0, 0.0], [0.0, 4.0], [4.0, 0.0]])
        >>> round(fitted(z, np.array([0, 0, 1, 1]), np.ones(4)).value, 4)  # 3 of 4 are right: confidence 0.75
        3.641
    """

    def slopes(log_beta: float) -> Floats:
        """Of each example's NLL in 1 / T; they grow with it."""
        scaled = math.exp(log_beta) * log_probs
        probs = np.exp(scaled - scaled.max(1, keepdims=True))
        expected = (probs * log_probs).sum(1) / probs.sum(1)
        return expected - log_probs[np.arange(len(labels)), labels]

    low, high = LOWEST, HIGHEST
    if not (weights @ slopes(low) < 0 < weights @ slopes(high)):
        raise InputError(
            "no temperature fits the looked-at labels best: the network is right, or wrong, on all of them"
        )
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if weights @ slopes(middle) < 0 else (low, middle)
    own, step = slopes(low), 1e-4
    curvature = weights @ (slopes(low + step) - slopes(low - step)) / (2 * step)
    error = float(np.sqrt(np.square(weights * own).sum()) / curvature)
    half = _quantile(weights) * error
    value = math.exp(-low)
    return LookedTemperature(value, value * math.exp(-half), value * math.exp(half), len(labels))


def _quantile(weights: Floats) -> float:
    """Student's of 97.5 %, its degrees of freedom what so unequal weights are worth, less 1 (Kish, 1965)."""
    return abs(t_quantile(0.025, max(1.0, float(weights.sum() ** 2 / np.square(weights).sum()) - 1)))
