"""How often an example is worth a look: what its label would say about the comparison, times how doubtful it is."""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import InputError, require_number
from lsbench.statistics.checks import finite
from lsbench.statistics.looks.effects import classes

Numbers = NDArray[np.float64]
FLOOR = 0.15  # of the looks, which reach every example alike
BRIER = 0.15  # of the looks, by what a label would say about differences of the Brier score
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


def sizes_of(
    effects: Iterable[ArrayLike],
    belief: ArrayLike,
    given: ArrayLike,
    *,
    brier: Iterable[ArrayLike] = (),
    floor: float = FLOOR,
) -> Numbers:
    """How large the chance of each example is to be looked at: effect times doubt, and a floor for every example.

    q_i = f / N + s b_i / sum b + (1 - f - s) e_i / sum e. Both e and b are roots of the mean over contrasts of
    E_{y ~ belief_i} (d_i(y) - r_i)² / t², t the sum over examples of its root, so that no contrast swamps the others;
    the belief is drawn towards the uniform. For e, d is the difference of accuracy and r_i that under the given label;
    for b, d is the difference of Brier scores and r_i its mean under the belief. s = 0.15; where there is no
    such difference it goes to the floor.

    Args:
        effects: of each contrast of two arms (N, K): d_i(c), the difference of accuracy for example i if class c is
            right, mean over seeds. One that is the same for all classes everywhere is left out.
        belief: (N, K), of `belief_of`.
        given: (N,), the given labels.
        brier: as effects, of the Brier score; so NLL and Brier can be told from the same looks.
        floor: f, the share of looks that reach every example alike, in (0, 0.85].

    Returns:
        (N,), above 0, which sum to 1; all alike where no contrast differs anywhere.

    Raises:
        InputError: shapes or labels that don't match, or a floor outside (0, 0.85].

    Example:
        >>> sizes_of([[[1, 0], [0, 0]]], [[0.5, 0.5], [0.9, 0.1]], [0, 0]).round(2).tolist()
        [0.85, 0.15]
    """
    b, labels = finite("belief", belief, 2), classes(given, np.shape(belief))
    require_number("floor", floor, 0, 1 - BRIER)
    if floor == 0:
        raise InputError("floor must be above 0, so that every example can be looked at; got 0")
    n, k = b.shape
    b = (1 - UNSURE) * b + UNSURE / k
    accuracy = _joint(effects, b, lambda d: d[np.arange(n), labels])
    scores = _joint(brier, b, lambda d: (b * d).sum(1))
    even = np.full(n, 1 / n)
    return floor * even + BRIER * _or(scores, even) + (1 - floor - BRIER) * _or(accuracy, even)


def _or(shares: Numbers | None, even: Numbers) -> Numbers:
    return even if shares is None else shares


def _joint(effects: Iterable[ArrayLike], belief: Numbers, reference: Callable[[Numbers], Numbers]) -> Numbers | None:
    """E / sum e of all contrasts together; None where none differs by class."""
    checked = (_effect(effect, belief) for effect in effects)
    squares = [_share(d, belief, reference(d)) for d in checked if np.ptp(d, axis=1).any()]
    if not squares:
        return None
    e = np.sqrt(np.mean(squares, 0))
    return e / e.sum()


def _effect(effect: ArrayLike, belief: Numbers) -> Numbers:
    d = finite("an effect", effect, 2)
    if d.shape != belief.shape:
        raise InputError(f"an effect must have the belief's shape {belief.shape}, got {d.shape}")
    return d


def _share(effect: Numbers, belief: Numbers, reference: Numbers) -> Numbers:
    """e_i² of one contrast, normalised by its own total."""
    square = (belief * np.square(effect - reference[:, None])).sum(1)
    return square / np.sqrt(square).sum() ** 2
