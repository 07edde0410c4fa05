"""Reverse and symmetric cross-entropy, where prediction and label change places."""

import math

from torch import Tensor

from lsbench.losses.arithmetic import Hyper, scaled, setting
from lsbench.losses.probability import LogProbs, log_probs, missed

REVERSE = -math.log(1e-4)  # 9.2103, what a class that is not the label costs: log 0 is taken to be log 1e-4


def rce(logits: Tensor, labels: Tensor) -> Tensor:
    """Reverse cross-entropy.

    -sum_c p_c log q_c with q the one-hot label and log 0 := log 1e-4, which is 9.2103 (1 - p_y)

    The paper writes A for log 0 and studies A = -4; its code, and all that followed, clamps q at 1e-4, as here. The
    code clamps p at 1e-7 too, which makes no visible difference.

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.

    Returns:
        (..., n) losses in nats, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit.
        DtypeError: a dtype does not fit.

    (Wang et al., 2019)

    Example:
        >>> import torch
        >>> rce(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor([8.1586])
    """
    return rce_of_log_probs(log_probs(logits, labels))


def rce_of_log_probs(given: LogProbs) -> Tensor:
    """`rce` of log-probs."""
    return REVERSE * missed(given.log_p_y)


def sce(logits: Tensor, labels: Tensor, *, alpha: Hyper = 0.1, beta: Hyper = 1.0) -> Tensor:
    """Symmetric cross-entropy.

    alpha * (-log p_y) + beta * 9.2103 (1 - p_y)

    For log 0 see `rce`.

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.
        alpha: the weight of cross-entropy, at least 0; a float, or a tensor that broadcasts with the labels.
        beta: the weight of the reverse one, likewise. The defaults are those of the paper for CIFAR-10; it takes 0.01
            and 1 for MNIST, 6 and 0.1 for CIFAR-100.

    Returns:
        (..., n) losses in nats, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit, or alpha or beta is out of range.
        DtypeError: a dtype does not fit.

    (Wang et al., 2019)

    Example:
        >>> import torch
        >>> sce(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor([8.3755])
    """
    return sce_of_log_probs(log_probs(logits, labels), alpha=alpha, beta=beta)


def sce_of_log_probs(given: LogProbs, *, alpha: Hyper, beta: Hyper) -> Tensor:
    """`sce` of log-probs."""
    log_p_y = given.log_p_y
    alpha = setting("alpha", alpha, log_p_y, log_p_y.dtype, low=0.0)
    beta = setting("beta", beta, log_p_y, log_p_y.dtype, low=0.0)
    return scaled(alpha, -log_p_y) + beta * REVERSE * missed(log_p_y)
