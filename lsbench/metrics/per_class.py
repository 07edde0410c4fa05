"""Metrics that give every class the same weight, however many examples it has, and the rate that needs no model."""

import math
from typing import NamedTuple

import torch
from torch import Tensor

from lsbench.metrics.contract import metric


class _Counts(NamedTuple):
    """Examples of each class, (..., K) each, float64."""

    labelled: Tensor
    predicted: Tensor  # by the largest prob; of several, the first class
    hit: Tensor  # both


@metric
def balanced_accuracy(probs: Tensor, labels: Tensor) -> Tensor:
    """Mean over classes of the share of a class's examples that are predicted as it: the mean recall.

    1/|C| sum_{c in C} #(y = c, argmax p = c) / #(y = c) with C the classes that have an example; a class without any
    is left out. With equally many examples per class it is the accuracy; always answering one class gives 1/|C|.

    (Brodersen et al., 2010)

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).

    Returns:
        (...) in [0, 1], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range.
        DtypeError: probs that are not floating point, labels that are not integers.

    Example:
        >>> round(float(balanced_accuracy([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1])), 4)
        0.8333
    """
    counts = _counts(probs, labels)
    recall = counts.hit / counts.labelled.clamp(min=1)
    return recall.sum(-1) / (counts.labelled > 0).sum(-1)


@metric
def recall(probs: Tensor, labels: Tensor) -> Tensor:
    """Of each class, the share of its examples that are predicted as it.

    recall_c = #(y = c, argmax p = c) / #(y = c); nan for a class without examples. Their mean is `balanced_accuracy`.

    (van Rijsbergen, 1979)

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).

    Returns:
        (..., K) in [0, 1], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range.
        DtypeError: probs that are not floating point, labels that are not integers.

    Example:
        >>> import numpy as np
        >>> recall(np.array([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2]]), np.array([0, 1, 1])).tolist()
        [1.0, 0.5]
    """
    counts = _counts(probs, labels)
    return (counts.hit / counts.labelled.clamp(min=1)).masked_fill(counts.labelled == 0, math.nan)


@metric
def macro_f1(probs: Tensor, labels: Tensor) -> Tensor:
    """Mean over classes of F1, the harmonic mean of a class's precision and recall.

    F1_c = 2 #(y = c, argmax p = c) / (#(y = c) + #(argmax p = c)). A class with examples that is never predicted has
    F1 = 0, and so has one that is predicted but has no example; a class with neither is left out.

    (van Rijsbergen, 1979; Opitz and Burst, 2019, of its two averages: the mean of the F1)

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).

    Returns:
        (...) in [0, 1], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range.
        DtypeError: probs that are not floating point, labels that are not integers.

    Example:
        >>> round(float(macro_f1([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1])), 4)
        0.7333
    """
    counts = _counts(probs, labels)
    either = counts.labelled + counts.predicted
    return (2 * counts.hit / either.clamp(min=1)).sum(-1) / (either > 0).sum(-1)


@metric
def majority_rate(probs: Tensor, labels: Tensor) -> Tensor:
    """The accuracy of always answering the class that most examples have: max_c #(y = c) / n, of the labels alone.

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples; only their shape is used.
        labels: (..., n), integers in [0, K).

    Returns:
        (...) in (0, 1], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range.
        DtypeError: probs that are not floating point, labels that are not integers.

    Example:
        >>> round(float(majority_rate([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1])), 4)
        0.75
    """
    return _count(probs, labels).amax(-1) / probs.shape[-2]


@metric
def majority_recall(probs: Tensor, labels: Tensor) -> Tensor:
    """Share of the most frequent class's examples that are predicted as it; of equally frequent ones the first counts.

    #(y = m, argmax p = m) / #(y = m) with m = argmax_c #(y = c): with accuracy and `majority_rate` it tells where the
    model and "always m" differ.

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).

    Returns:
        (...) in [0, 1], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range.
        DtypeError: probs that are not floating point, labels that are not integers.

    Example:
        >>> round(float(majority_recall([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1])), 4)
        0.6667
    """
    counts = _counts(probs, labels)
    most = counts.labelled.argmax(-1, keepdim=True)
    return (counts.hit.gather(-1, most) / counts.labelled.gather(-1, most)).squeeze(-1)


def _counts(probs: Tensor, labels: Tensor) -> _Counts:
    predicted = probs.max(-1).indices  # as top_label has it
    hits = (predicted == labels).to(probs.dtype)
    return _Counts(_count(probs, labels), _count(probs, predicted), _count(probs, labels, hits))


def _count(probs: Tensor, classes: Tensor, weights: Tensor | None = None) -> Tensor:
    """How many of the classes (..., n) are 0, ... K - 1, each counted by its weight: (..., K)."""
    weights = torch.ones_like(probs[..., 0]) if weights is None else weights
    return torch.zeros_like(probs[..., 0, :]).scatter_add_(-1, classes, weights)
