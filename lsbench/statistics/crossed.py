"""How much of a difference's uncertainty is the choice of test examples, beside that of seeds."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import InputError
from lsbench.statistics.checks import finite


def variance_of_examples(differences: ArrayLike) -> float:
    """The part of a mean difference's variance that comes from drawing other test examples.

    d_si = mean + seed_s + example_i + rest_si: with the mean squares of the two-way layout

        max(0, MS_example - MS_rest) / (S n)

    unbiased but for the cut at 0. The seeds' part, MS_seed / (S n) = sd² / S of the seeds' means, holds the rest
    already, so that the sum of both is the variance for new seeds and new examples. (Fisher, 1925; Owen, 2007)

    Args:
        differences: (S seeds, n examples), at least 2 of each.

    Returns:
        The variance of the grand mean.

    Raises:
        InputError: fewer than 2 seeds or 2 examples, or a number that is not finite.

    Example:
        >>> round(variance_of_examples([[0, 1, 1, 0], [0, 1, 1, 0]]), 4)
        0.0833
    """
    d = finite("differences", differences, 2)
    seeds, examples = d.shape
    if seeds < 2 or examples < 2:
        raise InputError(f"differences must be (seeds >= 2, examples >= 2), got shape {d.shape}")
    mean = float(d.mean())
    around_0 = seeds * examples * mean**2
    between_seeds = examples * _squares(d.mean(1)) - around_0
    between_examples = seeds * _squares(d.mean(0)) - around_0
    rest = max(0.0, _squares(d) - around_0 - between_seeds - between_examples)
    own = between_examples / (examples - 1) - rest / ((seeds - 1) * (examples - 1))
    return max(0.0, own) / (seeds * examples)


def _squares(numbers: NDArray[np.float64]) -> float:
    """Their sum, without a copy, as there are many pairs of arms; BLAS would start threads, which cost more."""
    flat = numbers.ravel()
    return float(np.einsum("i,i->", flat, flat))
