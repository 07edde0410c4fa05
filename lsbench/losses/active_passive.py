"""Losses that symmetric noise does not mislead: mean absolute error, normalised cross-entropy, and their sums."""

import torch
from torch import Tensor

from lsbench.losses.arithmetic import Hyper, setting
from lsbench.losses.probability import LogProbs, log_probs, missed
from lsbench.losses.symmetric import REVERSE


def mae(logits: Tensor, labels: Tensor) -> Tensor:
    """Mean absolute error, which is a sum over the classes by custom.

    sum_c |p_c - onehot_c| = 2 - 2 p_y

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.

    Returns:
        (..., n) losses, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit.
        DtypeError: a dtype does not fit.

    (Ghosh et al., 2017)

    Example:
        >>> import torch
        >>> mae(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor([1.7716])
    """
    return mae_of_log_probs(log_probs(logits, labels))


def mae_of_log_probs(given: LogProbs) -> Tensor:
    """`mae` of log-probs."""
    return 2 * missed(given.log_p_y)


def nce(logits: Tensor, labels: Tensor) -> Tensor:
    """Normalised cross-entropy: the label's share in the losses of all labels.

    l_y / sum_c l_c with l = -log p; 0 for a single class

    Classes with the logit -inf share the whole between them.

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.

    Returns:
        (..., n) losses in [0, 1], float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit.
        DtypeError: a dtype does not fit.

    (Ma et al., 2020)

    Example:
        >>> import torch
        >>> nce(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor([0.3938])
    """
    return nce_of_log_probs(log_probs(logits, labels))


def nce_of_log_probs(given: LogProbs) -> Tensor:
    """`nce` of log-probs."""
    return _normalised(given.log_p, given.log_p_y)


def nce_rce(logits: Tensor, labels: Tensor, *, alpha: Hyper = 1.0, beta: Hyper = 1.0) -> Tensor:
    """Normalised plus reverse cross-entropy.

    alpha * l_y / sum_c l_c + beta * 9.2103 (1 - p_y) with l = -log p

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.
        alpha: the weight of nce, at least 0; a float, or a tensor that broadcasts with the labels.
        beta: the weight of rce, likewise. The defaults are those of the paper for CIFAR-10; for MNIST it takes 1 and
            100, for CIFAR-100 10 and 0.1.

    Returns:
        (..., n) losses, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit, or alpha or beta is out of range.
        DtypeError: a dtype does not fit.

    (Ma et al., 2020)

    Example:
        >>> import torch
        >>> nce_rce(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor([8.5524])
    """
    return nce_rce_of_log_probs(log_probs(logits, labels), alpha=alpha, beta=beta)


def nce_rce_of_log_probs(given: LogProbs, *, alpha: Hyper, beta: Hyper) -> Tensor:
    """`nce_rce` of log-probs."""
    return _active_passive(given, alpha, beta, REVERSE)


def nce_mae(logits: Tensor, labels: Tensor, *, alpha: Hyper = 1.0, beta: Hyper = 1.0) -> Tensor:
    """Normalised cross-entropy plus mean absolute error.

    alpha * l_y / sum_c l_c + beta * (2 - 2 p_y) with l = -log p

    The published code takes 1 - p_y for the error, so that its beta 1 is 0.5 here.

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.
        alpha: the weight of nce, at least 0; a float, or a tensor that broadcasts with the labels.
        beta: the weight of mae, likewise. The defaults are those of the paper for CIFAR-10.

    Returns:
        (..., n) losses, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit, or alpha or beta is out of range.
        DtypeError: a dtype does not fit.

    (Ma et al., 2020)

    Example:
        >>> import torch
        >>> nce_mae(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor([2.1654])
    """
    return nce_mae_of_log_probs(log_probs(logits, labels), alpha=alpha, beta=beta)


def nce_mae_of_log_probs(given: LogProbs, *, alpha: Hyper, beta: Hyper) -> Tensor:
    """`nce_mae` of log-probs."""
    return _active_passive(given, alpha, beta, 2.0)


def _active_passive(given: LogProbs, alpha: Hyper, beta: Hyper, cost: float) -> Tensor:
    log_p, log_p_y, _ = given
    alpha = setting("alpha", alpha, log_p_y, log_p.dtype, low=0.0)
    beta = setting("beta", beta, log_p_y, log_p.dtype, low=0.0)
    return alpha * _normalised(log_p, log_p_y) + beta * cost * missed(log_p_y)


def _normalised(log_p: Tensor, log_p_y: Tensor) -> Tensor:
    impossible = log_p.isinf().sum(-1)
    is_possible = impossible == 0  # elsewhere the share is a constant, and its gradient 0
    total = torch.where(is_possible, log_p.sum(-1), -1.0)
    total = total.masked_fill(total == 0, -1.0)  # a single class
    return torch.where(is_possible, log_p_y / total, log_p_y.isinf() / impossible.clamp(min=1))
