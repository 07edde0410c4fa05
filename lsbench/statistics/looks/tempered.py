"""Predictions that are no surer than the given labels allow: what is believed of labels begins with them."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.statistics.checks import finite
from lsbench.statistics.looks.effects import classes

Numbers = NDArray[np.float64]
TEMPERATURES = tuple(float(t) for t in np.geomspace(1, 8, 19))
WRONG = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4)  # shares of given labels that may be wrong
MOST = 20_000  # examples by which the temperature is chosen
LEAST = 1e-28  # of a probability, so that it has a logarithm


def tempered(probabilities: ArrayLike, given: ArrayLike) -> Numbers:
    """p^(1/T), made to sum to 1: with the T from 1 to 8 under which the given labels are likeliest.

    Given labels are taken to be wrong at random at a rate r, which is chosen beside T: the likelihood of g is
    (1 - r) p(g) + r (1 - p(g)) / (K - 1). Networks that are surer than they are right would else have a belief, and a
    variance that is expected, that are both too small. Nothing is looked at, so that it does not bias an estimate.

    Args:
        probabilities: (N, K).
        given: (N,), the given labels.

    Returns:
        (N, K), rows that sum to 1.

    Raises:
        InputError: shapes or labels that don't match.
    """
    p = finite("probabilities", probabilities, 2)
    labels, scores = classes(given, p.shape), np.log(np.maximum(p, LEAST))
    some = slice(None, None, -(-len(p) // MOST) or 1)
    likelihoods = [_likelihood(softened(scores[some], t), labels[some]) for t in TEMPERATURES]
    return softened(scores, TEMPERATURES[int(np.argmax(likelihoods))])


def softened(scores: Numbers, temperature: float) -> Numbers:
    """softmax(scores / temperature) of logits or log-probs (N, K)."""
    p = np.exp((scores - scores.max(1, keepdims=True)) / temperature)
    return p / p.sum(1, keepdims=True)


def _likelihood(p: Numbers, given: NDArray[np.int64]) -> float:
    """The greatest log likelihood of the given labels over the shares that may be wrong."""
    own, others = p[np.arange(len(p)), given], max(p.shape[1] - 1, 1)
    return max(float(np.log((1 - wrong) * own + wrong * (1 - own) / others + LEAST).sum()) for wrong in WRONG)
