"""The wrong labels of Co-teaching's published code, bit for bit, to compare with results that were trained on them.

That code starts a generator of its own at seed 0 for every data set and draws from it once per example, in order.
So every seed of a study gets the same wrong labels, and those of a lower rate are no subset of a higher one's.
"""

import numpy as np
import torch
from torch import Generator, Tensor


def coteaching_symmetric(labels: Tensor, rate: float, num_classes: int, _generator: Generator) -> Tensor:
    """Each label becomes one of the other classes with probability `rate`; the cell's generator is not read.

    P(j | i) = 1 - r for j = i, r / (K - 1) otherwise.

    (Han et al., 2018, Co-teaching)
    """
    matrix = np.full((num_classes, num_classes), rate / (num_classes - 1))
    np.fill_diagonal(matrix, 1 - rate)
    return _redrawn(labels, rate, matrix)


def coteaching_pairflip(labels: Tensor, rate: float, num_classes: int, _generator: Generator) -> Tensor:
    """Class i becomes i + 1 mod K with probability `rate`; the cell's generator is not read.

    P(i + 1 mod K | i) = r, P(i | i) = 1 - r.

    (Han et al., 2018, Co-teaching)
    """
    stays = np.eye(num_classes)
    return _redrawn(labels, rate, (1 - rate) * stays + rate * np.roll(stays, 1, axis=1))


def _redrawn(labels: Tensor, rate: float, matrix: np.ndarray) -> Tensor:
    """Each label drawn anew from its row, except at rate 0, where the original draws nothing."""
    if rate == 0:
        return labels.clone()
    flipper = np.random.RandomState(0)  # the original's; numpy's newer generators have other bits
    # one call per example, in order: how many random numbers a call consumes depends on what it draws
    drawn = [flipper.multinomial(1, matrix[label], 1)[0].argmax() for label in labels.tolist()]
    return torch.tensor(drawn, dtype=torch.int64)
