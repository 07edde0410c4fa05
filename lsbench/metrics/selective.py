"""How well confidence orders right before wrong predictions."""

import torch
from torch import Tensor

from lsbench.metrics.binning import top_label
from lsbench.metrics.contract import metric
from lsbench.metrics.ties import averaged_over_ties


@metric
def aurc(probs: Tensor, labels: Tensor) -> Tensor:
    """Area under the risk-coverage curve: the error rate among the surest k examples, averaged over k.

    1/n sum_k 1/k sum_{i among the k most confident} (1 - correct_i). Equal confidences count with their mean
    correctness: the expectation over random orders of the ties.

    (Geifman and El-Yaniv, 2017)

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).

    Returns:
        (...) in [0, 1], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range.
        DtypeError: probs that are not floating point, labels that are not integers.

    Example:
        >>> round(float(aurc([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1])), 4)
        0.2708
    """
    confidence, correct = top_label(probs, labels)
    _, correct = averaged_over_ties(confidence, correct)
    wrong = (1 - correct).flip(-1).cumsum(-1)
    coverage = torch.arange(1, wrong.shape[-1] + 1, device=wrong.device)
    return (wrong / coverage).mean(-1)


@metric
def risk_at_coverage(probs: Tensor, labels: Tensor, points: int = 100) -> Tensor:
    """The risk-coverage curve: the error rate among the surest 1/points, 2/points ... of all examples.

    risk(j) = 1/k sum_{i among the k most confident} (1 - correct_i) at k = ceil(j n / points), j = 1 ... points; ties
    averaged as in `aurc`.

    (El-Yaniv and Wiener, 2010)

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).
        points: of the curve.

    Returns:
        (..., points) in [0, 1], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range.
        DtypeError: probs that are not floating point, labels that are not integers.

    Example:
        >>> risk_at_coverage([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1], points=4).round(4).tolist()
        [0.0, 0.5, 0.3333, 0.25]
    """
    confidence, correct = top_label(probs, labels)
    _, correct = averaged_over_ties(confidence, correct)
    wrong = (1 - correct).flip(-1).cumsum(-1)
    n = wrong.shape[-1]
    k = torch.tensor([-(-j * n // points) for j in range(1, points + 1)], device=wrong.device)
    return wrong[..., k - 1] / k
