"""How often an example is worth a look: what its label would say about the comparison, times how doubtful it is."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import InputError, require_number
from lsbench.statistics.checks import finite
from lsbench.statistics.looks.effects import classes

Numbers = NDArray[np.float64]
FLOOR = 0.3  # of the looks, which reach every example alike
WRONG = 0.2  # of the labels, as is believed before anything is looked at
UNSURE = 0.1  # how far the belief that makes sizes is drawn towards all classes alike


def belief_of(probabilities: ArrayLike, given: ArrayLike, wrong: float = WRONG) -> Numbers:
    """What is believed of the true label of each example, from predictions and the given label.

    b_i(c) proportional to p_i(c) ((1 - wrong) 1{c = given_i} + wrong / (K - 1) 1{c != given_i}): Bayes' rule for labels
    that are wrong at random. Whatever is wrong with it costs width, never coverage.

    Args:
        probabilities: (N, K), of the arm that predicts the given labels best, mean over its seeds; or the shares of its
            runs that predict each class.
        given: (N,), the given labels.
        wrong: share of given labels that is believed to be wrong, in [0, 1].

    Returns:
        (N, K), rows that sum to 1.

    Raises:
        InputError: shapes or labels that don't match, negative probabilities.
    """
    p, labels = finite("probabilities", probabilities, 2), classes(given, np.shape(probabilities))
    require_number("wrong", wrong, 0, 1)
    if (p < 0).any():
        raise InputError(f"probabilities must not be negative, got {p.min():g}")
    others = max(p.shape[1] - 1, 1)
    likelihood = np.full(p.shape, wrong / others)
    likelihood[np.arange(len(p)), labels] = 1 - wrong
    joint = p * likelihood
    total = joint.sum(1, keepdims=True)
    return np.where(total > 0, joint / np.where(total > 0, total, 1), likelihood / likelihood.sum(1, keepdims=True))


def sizes_of(effects: Iterable[ArrayLike], belief: ArrayLike, given: ArrayLike, floor: float = FLOOR) -> Numbers:
    """How large the chance of each example is to be looked at: effect times doubt, and a floor for every example.

    q_i = floor / N + (1 - floor) e_i / sum e, e_i² the mean over contrasts of E_{y ~ b_i} (d_i(y) - d_i(given_i))²
    / t², t the sum over examples of its root, so that no contrast swamps the others; b is drawn towards the uniform.

    Args:
        effects: of each contrast of two arms (N, K): d_i(c), its value for example i if class c is right, mean over
            seeds. One that is 0 everywhere is left out.
        belief: (N, K), of `belief_of`.
        given: (N,), the given labels.
        floor: share of looks that reach every example alike, in (0, 1].

    Returns:
        (N,), above 0, which sum to 1; all alike where no contrast differs anywhere.

    Raises:
        InputError: shapes or labels that don't match, or a floor outside (0, 1].
    """
    b, labels = finite("belief", belief, 2), classes(given, np.shape(belief))
    require_number("floor", floor, 0, 1)
    if floor == 0:
        raise InputError("floor must be above 0, so that every example can be looked at; got 0")
    n, k = b.shape
    b = (1 - UNSURE) * b + UNSURE / k
    squares = [_share(d, b, labels) for d in (_effect(effect, b) for effect in effects) if np.ptp(d, axis=1).any()]
    e = np.sqrt(np.mean(squares, 0)) if squares else np.ones(n)
    return floor / n + (1 - floor) * e / e.sum()


def _effect(effect: ArrayLike, belief: Numbers) -> Numbers:
    d = finite("an effect", effect, 2)
    if d.shape != belief.shape:
        raise InputError(f"an effect must have the belief's shape {belief.shape}, got {d.shape}")
    return d


def _share(effect: Numbers, belief: Numbers, given: NDArray[np.int64]) -> Numbers:
    """e_i² of one contrast, normalised by its own total."""
    change = np.square(effect - effect[np.arange(len(given)), given][:, None])
    square = (belief * change).sum(1)
    return square / np.sqrt(square).sum() ** 2
