"""What is believed of labels after some were looked at: how much may still hide where nobody looked."""

from collections.abc import Sequence
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import InputError
from lsbench.statistics.checks import finite
from lsbench.statistics.looks.effects import classes
from lsbench.statistics.looks.sizes import belief_of
from lsbench.statistics.looks.tempered import LEAST, softened, tempered

Numbers = NDArray[np.float64]
TEMPERATURES = (0.4, 0.5, 0.63, 0.8, 1.0, 1.25, 1.6, 2.0, 2.5, 3.2, 4.0, 5.0, 6.5, 8.0)
DOUBTS = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)  # by which the odds of the given label are divided
SURPRISE = 1e-6  # no answer is less likely than that, so that one of them alone rules no belief out
SHARE = 1e-4  # beliefs with less of the weight are left out


class _Belief(NamedTuple):
    """One way to believe: how sure the predictions are, and how far the given labels are trusted."""

    temperature: float
    doubt: float

    @property
    def distance(self) -> float:
        """From predictions and given labels as they are: so many times less likely it is before the answers."""
        return max(self.temperature, 1 / self.temperature) * self.doubt

    def of(self, probabilities: Numbers, given: NDArray[np.int64]) -> Numbers:
        """(n, K): `belief_of` of predictions so softened, with the odds of the given label divided by the doubt."""
        b = belief_of(softened(np.log(np.maximum(probabilities, LEAST)), self.temperature), given)
        b[np.arange(len(b)), given] /= self.doubt
        return b / b.sum(1, keepdims=True)


BELIEFS = tuple(_Belief(*one) for one in product(TEMPERATURES, DOUBTS))


class Beliefs(NamedTuple):
    """What is believed of the true labels of N examples with K classes."""

    before: Numbers  # (N, K), by predictions and given labels alone: for estimates
    learned: Numbers  # (N, K), after the answers: for variances

    def among(self, inside: NDArray[np.bool_]) -> "Beliefs":
        """Of some of the examples, (N,) bool."""
        return Beliefs(self.before[inside], self.learned[inside])


def beliefs_of(
    probabilities: ArrayLike, given: ArrayLike, examples: Sequence[int] | NDArray[np.int64], may_be: ArrayLike
) -> Beliefs:
    """Before the answers, from `tempered` predictions, and after them; see `belief_of` and `learned_belief`."""
    learned = learned_belief(probabilities, given, examples, may_be)
    return Beliefs(belief_of(tempered(probabilities, given), given), learned)


def learned_belief(
    probabilities: ArrayLike, given: ArrayLike, examples: Sequence[int] | NDArray[np.int64], may_be: ArrayLike
) -> Numbers:
    """The mean of 98 beliefs, each with the weight that the answers give it (Bayes' rule).

    They differ in how sure the predictions are and how far given labels are trusted; without answers the likeliest is
    what both say as they are. Networks trained on wrong or smoothed labels are less sure than they are right, others
    surer: both is tried. A few enormous NLLs, which nobody drew, can't be told from what was looked at; but how often
    labels are not what predictions and given labels say is told by every look. So the answers teach the belief, and
    predictions say what each label would mean. The chance to be drawn depends on predictions and given labels alone, so
    that it has no place in the weights. It is for variances alone: an estimate is not biased by it.

    Args:
        probabilities: (N, K), as for `belief_of`.
        given: (N,), the given labels.
        examples: (n,), the numbers of those looked at.
        may_be: (n, K) bool, the classes that each may be; an answer that leaves none or all of them teaches nothing.

    Returns:
        (N, K), rows that sum to 1.

    Raises:
        InputError: shapes or labels that don't match.

    Example:
        >>> p, given, everyone = np.full((100, 2), [0.99, 0.01]), np.zeros(100, int), range(50)
        >>> answers = np.eye(2, dtype=bool)[np.arange(50) % 4 // 3]  # every fourth is of the other class
        >>> bool(0.1 < learned_belief(p, given, everyone, answers)[99, 1] < 0.4)
        True
    """
    p = finite("probabilities", probabilities, 2)
    labels, some, possible = classes(given, p.shape), np.asarray(examples, int), np.asarray(may_be, bool)
    if possible.shape != (len(some), p.shape[1]):
        raise InputError(f"may_be must have shape {(len(some), p.shape[1])}, got {possible.shape}")
    possible = possible | ~possible.any(1, keepdims=True)
    chances = [np.where(possible, belief.of(p[some], labels[some]), 0).sum(1) for belief in BELIEFS]
    weights = _weights_of(np.log(np.maximum(chances, SURPRISE)).sum(1))
    kept = np.where(weights > SHARE, weights, 0)
    beliefs = (w * belief.of(p, labels) for w, belief in zip(kept / kept.sum(), BELIEFS, strict=True) if w > 0)
    return sum(beliefs, np.zeros_like(p))


def _weights_of(log_likelihoods: ArrayLike) -> Numbers:
    """The weights (..., 98) of `BELIEFS` by the log likelihood of each; before, they are as 1 / distance."""
    logs = np.asarray(log_likelihoods, float) - np.log([belief.distance for belief in BELIEFS])
    likelihoods = np.exp(logs - logs.max(-1, keepdims=True))
    return likelihoods / likelihoods.sum(-1, keepdims=True)
