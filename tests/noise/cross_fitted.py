"""Made sets with wrong labels, and what linear models that never saw an example predict of it."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from lsbench.noise.pooled import PooledNoise, Refused, pool, pooled_noise

N, CLASSES, FOLDS = 600, 4, 5


@dataclass(frozen=True)
class CrossFitted:
    """A made set."""

    given: np.ndarray
    log_probs: np.ndarray
    rate: float  # of wrong labels
    error: float  # of the predictions, against the true classes

    def estimated(self) -> PooledNoise | Refused:
        return pooled_noise(pool(np.arange(N), self.given, self.log_probs))


@cache
def cross_fitted(kind: str, rate: float, seed: int, distance: float) -> CrossFitted:
    """Gaussian classes at the corners of a simplex; least squares on the given labels of the other folds."""
    draws = np.random.default_rng(seed)
    true = draws.integers(0, CLASSES, N)
    x = np.hstack([draws.normal(size=(N, 20)) + distance * np.eye(20)[true], np.ones((N, 1))])
    given = np.where(draws.random(N) < rate, MISTAKEN[kind](true, draws), true)
    scores = np.empty((N, CLASSES))
    for fold in range(FOLDS):
        held_out = np.arange(N) % FOLDS == fold
        weights = np.linalg.lstsq(x[~held_out], np.eye(CLASSES)[given[~held_out]], rcond=None)[0]
        scores[held_out] = 5 * x[held_out] @ weights
    log_probs = scores - np.log(np.exp(scores).sum(1, keepdims=True))
    return CrossFitted(given, log_probs, float((given != true).mean()), float((scores.argmax(1) != true).mean()))


MISTAKEN = {
    "symmetric": lambda true, draws: (true + draws.integers(1, CLASSES, N)) % CLASSES,
    "pairs": lambda true, _: true ^ 1,
    "one way": lambda true, _: np.where(true % 2 == 0, true + 1, true),
}
