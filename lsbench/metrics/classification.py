"""Accuracy, its complement and two proper scores: probs (..., n, K) and labels (..., n) to (...)."""

from torch import Tensor

from lsbench.metrics.binning import top_label
from lsbench.metrics.contract import metric


@metric
def accuracy(probs: Tensor, labels: Tensor) -> Tensor:
    """Share of examples whose largest prob is the label's.

    mean_i [argmax_c p_ic = y_i]; of several largest probs the first class counts.

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).

    Returns:
        (...) in [0, 1], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range.
        DtypeError: probs that are not floating point, labels that are not integers.

    Example:
        >>> round(float(accuracy([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1])), 4)
        0.75
    """
    return top_label(probs, labels)[1].mean(-1)


@metric
def error_rate(probs: Tensor, labels: Tensor) -> Tensor:
    """Share of examples whose largest prob is not the label's.

    mean_i [argmax_c p_ic != y_i]; of several largest probs the first class counts.

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).

    Returns:
        (...) in [0, 1], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range.
        DtypeError: probs that are not floating point, labels that are not integers.

    Example:
        >>> round(float(error_rate([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1])), 4)
        0.25
    """
    return (1 - top_label(probs, labels)[1]).mean(-1)


@metric
def nll(probs: Tensor, labels: Tensor) -> Tensor:
    """Negative log-likelihood of the labels.

    mean_i -log p_{i,y_i}, in nats; one p_y = 0 makes it inf, as it should: no floor flatters a model.

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).

    Returns:
        (...) in [0, inf], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range.
        DtypeError: probs that are not floating point, labels that are not integers.

    Example:
        >>> round(float(nll([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1])), 4)
        0.6456
    """
    return probs.gather(-1, labels[..., None]).squeeze(-1).log().neg().mean(-1)


@metric
def brier(probs: Tensor, labels: Tensor) -> Tensor:
    """Brier score: the squared distance to the one-hot label.

    mean_i sum_c (p_ic - [c = y_i])^2; the sum over classes, so twice the binary score of some libraries.

    (Brier, 1950)

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).

    Returns:
        (...) in [0, 2], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range.
        DtypeError: probs that are not floating point, labels that are not integers.

    Example:
        >>> round(float(brier([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1])), 4)
        0.45
    """
    minus_one = probs.new_full((*labels.shape, 1), -1.0)
    return probs.scatter_add(-1, labels[..., None], minus_one).square_().sum(-1).mean(-1)
