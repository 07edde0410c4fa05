"""Label smoothing in the three forms people write it in; all have the value and the gradient of `fused`.

eps is the mass spread over all K classes, the labelled class included. It is a float that is finite and at most 1
(below 0 it is generalised smoothing), or a tensor that broadcasts with the labels: one eps per cell of a stack.
"""

import torch
from torch import Tensor

from lsbench.losses.arithmetic import Eps, column, scaled, smoothing
from lsbench.losses.probability import LogProbs, log_probs
from lsbench.losses.targets import one_hot, smooth, target_cross_entropy


def lsr(logits: Tensor, labels: Tensor, *, eps: Eps = 0.01) -> Tensor:
    """Label-smoothing regularisation: cross-entropy with targets that are built in memory.

    -sum_c q_c log p_c with q = eps/K everywhere, and 1 - eps more at the label

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.
        eps: the smoothing mass over all classes, finite and at most 1; a float, or a tensor that broadcasts with the
            labels.

    Returns:
        (..., n) losses in nats, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit, or eps is out of range.
        DtypeError: a dtype does not fit.

    (Szegedy et al., 2016)

    Example:
        >>> import torch
        >>> lsr(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]), eps=0.1)
        tensor([2.1365])
    """
    return lsr_of_log_probs(log_probs(logits, labels), eps=eps)


def lsr_of_log_probs(given: LogProbs, *, eps: Eps) -> Tensor:
    """`lsr` of log-probs."""
    log_p, log_p_y, index = given
    eps = smoothing(eps, log_p_y, log_p.dtype)
    floor = torch.zeros_like(log_p) + column(eps) / log_p.shape[-1]
    peak = torch.ones_like(index, dtype=log_p.dtype) * (1 - column(eps))
    q = floor.scatter_add(-1, index, peak)
    return target_cross_entropy(q, log_p, eps)


def linear(logits: Tensor, labels: Tensor, *, eps: Eps = 0.1) -> Tensor:
    """Label smoothing as a linear combination of the label's loss and the mean loss of all classes.

    eps * mean_c(-log p_c) + (1 - eps) * (-log p_y)

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.
        eps: the smoothing mass over all classes, finite and at most 1; a float, or a tensor that broadcasts with the
            labels.

    Returns:
        (..., n) losses in nats, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit, or eps is out of range.
        DtypeError: a dtype does not fit.

    (Howard and Gugger, 2020)

    Example:
        >>> import torch
        >>> linear(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor([2.1365])
    """
    return linear_of_log_probs(log_probs(logits, labels), eps=eps)


def linear_of_log_probs(given: LogProbs, *, eps: Eps) -> Tensor:
    """`linear` of log-probs."""
    log_p, log_p_y, _ = given
    eps = smoothing(eps, log_p_y, log_p.dtype)
    return scaled(eps, -log_p.mean(-1)) + scaled(1 - eps, -log_p_y)


def reid(logits: Tensor, labels: Tensor, *, eps: Eps = 0.1) -> Tensor:
    """Label smoothing as in person re-identification, where a one-hot target is mixed with the uniform one.

    -sum_c q_c log p_c with q = (1 - eps) onehot + eps/K; the batch's mean is the original's `.mean(0).sum()`

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.
        eps: the smoothing mass over all classes, finite and at most 1; a float, or a tensor that broadcasts with the
            labels.

    Returns:
        (..., n) losses in nats, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit, or eps is out of range.
        DtypeError: a dtype does not fit.

    (Zhou and Xiang, 2019)

    Example:
        >>> import torch
        >>> reid(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor([2.1365])
    """
    return reid_of_log_probs(log_probs(logits, labels), eps=eps)


def reid_of_log_probs(given: LogProbs, *, eps: Eps) -> Tensor:
    """`reid` of log-probs."""
    log_p, log_p_y, index = given
    eps = smoothing(eps, log_p_y, log_p.dtype)
    q = smooth(one_hot(index, like=log_p), column(eps), log_p.shape[-1])
    return target_cross_entropy(q, log_p, eps)
