"""Confident learning on arrays, without torch: a report reckons with it, too."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.integer]

ROUNDING = 1e-9  # a threshold is a mean, off by rounding: equal probs must reach it


def confident_joint(probs: Floats, given: Labels, weights: Floats | None = None) -> Floats:
    """The examples of each given class (row) that are believed to be of each class (column), (K, K).

    t_j = mean of p_ij over the i given j; example i is believed to be of the class of largest p_ij among those with
    p_ij >= t_j (of several the first), and is not counted where there is none. Each row of counts is scaled to the
    weight of the labels given, so that the sum is that of the weights.

    Args:
        probs: (n, K), in [0, 1].
        given: (n,), in [0, K).
        weights: (n,), how often each example counts; once by default.

    (Northcutt, Jiang and Chuang, 2021)
    """
    weights = np.ones(len(given)) if weights is None else weights
    num_classes = probs.shape[-1]
    believed, is_counted = _believed(probs, _thresholds(probs, given, weights))
    cells = (given * num_classes + believed)[is_counted]
    counts = np.bincount(cells, weights[is_counted], num_classes**2).reshape(num_classes, num_classes).astype(float)
    number = np.bincount(given, weights, num_classes)
    total = counts.sum(-1)
    return counts * np.divide(number, total, out=np.zeros(num_classes), where=total > 0)[:, None]


def believed_classes(probs: Floats, given: Labels) -> NDArray[np.intp]:
    """(n,) the class that each example is believed to be of, as `confident_joint` counts them; -1 where there is none.

    Args:
        probs: (n, K), in [0, 1].
        given: (n,), in [0, K).
    """
    believed, is_counted = _believed(probs, _thresholds(probs, given, np.ones(len(given))))
    return np.where(is_counted, believed, -1)


def off_diagonal(joint: Floats, total: float) -> float | None:
    """The share of a joint, whose sum is `total`, with a given class that is not the believed one; None of nothing."""
    return max(0.0, 1 - float(joint.trace()) / total) if total else None


def given_if_believed(joint: Floats) -> tuple[tuple[float | None, ...], ...]:
    """(K, K) P(given | believed): a row is a believed class, None where no example is believed to be of it."""
    return tuple(_shares(column) for column in joint.T.tolist())


def _thresholds(probs: Floats, given: Labels, weights: Floats) -> Floats:
    """(K,) the mean probability of each class among the examples given it; infinite for a class that is never given."""
    num_classes = probs.shape[-1]
    number = np.bincount(given, weights, num_classes)
    total = np.bincount(given, weights * probs[np.arange(len(given)), given], num_classes)
    return np.divide(total, number, out=np.full(num_classes, np.inf), where=number > 0)


def _believed(probs: Floats, thresholds: Floats) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    candidates = np.where(probs >= thresholds - ROUNDING, probs, -np.inf)
    believed = candidates.argmax(-1)
    return believed, candidates[np.arange(len(probs)), believed] > -np.inf


def _shares(counts: list[float]) -> tuple[float | None, ...]:
    total = sum(counts)
    return tuple(count / total if total else None for count in counts)
