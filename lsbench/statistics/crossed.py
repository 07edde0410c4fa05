"""How much of a difference's uncertainty is the choice of test examples, beside that of seeds."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import InputError
from lsbench.statistics.checks import finite, numbers


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


def by_group(values: ArrayLike, groups: ArrayLike) -> NDArray[np.float64]:
    """A number for each group of examples, such that groups may stand in the place of examples.

        z_sg = m + (G / n) sum_{i in g} (v_si - m),  m the mean of all

    The mean over groups is the mean over examples, and the variance of the mean over groups is that of a ratio of sums
    whose units are groups, linearised. Groups of one example each leave the values as they are. (Cochran, 1977)

    Args:
        values: (S seeds, n examples).
        groups: (n,), a number for each example; equal ones are one group.

    Returns:
        (S, G), for G groups, in the order of their numbers.

    Raises:
        InputError: another number of groups than of examples, or a number that is not finite.

    Example:
        >>> by_group([[0, 1, 1, 0]], [0, 1, 1, 0]).tolist()
        [[0.0, 1.0]]
    """
    v, g = finite("values", values, 2), numbers("groups", groups)
    _, number = np.unique(g, return_inverse=True)
    if number.shape != v.shape[1:]:
        raise InputError(f"groups must be one for each of the {v.shape[1]:,} examples, got shape {number.shape}")
    count, mean = int(number.max()) + 1, v.mean()
    sums = np.stack([np.bincount(number, seed, count) for seed in v - mean])
    return mean + count / v.shape[1] * sums


def _squares(numbers: NDArray[np.float64]) -> float:
    """Their sum, without a copy, as there are many pairs of arms; BLAS would start threads, which cost more."""
    flat = numbers.ravel()
    return float(np.einsum("i,i->", flat, flat))
