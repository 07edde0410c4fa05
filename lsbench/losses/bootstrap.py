"""Bootstrapping: the target is partly the label and partly what the model itself predicts."""

from torch import Tensor

from lsbench.losses.arithmetic import Hyper, scaled, setting
from lsbench.losses.probability import LogProbs, entropy, log_probs


def bootstrap_soft(logits: Tensor, labels: Tensor, *, beta: Hyper = 0.95) -> Tensor:
    """Soft bootstrapping: the prediction p itself is the other part of the target.

    -sum_c (beta onehot_c + (1 - beta) p_c) log p_c = beta * (-log p_y) + (1 - beta) * H(p)

    The gradient flows through both p, as in the paper, where this is minimum-entropy regularisation; some code holds
    the target's p fixed.

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.
        beta: the label's part of the target, in [0, 1]; a float, or a tensor that broadcasts with the labels.

    Returns:
        (..., n) losses in nats, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit, or beta is out of range.
        DtypeError: a dtype does not fit.

    (Reed et al., 2015)

    Example:
        >>> import torch
        >>> bootstrap_soft(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor([2.0876])
    """
    return bootstrap_soft_of_log_probs(log_probs(logits, labels), beta=beta)


def bootstrap_soft_of_log_probs(given: LogProbs, *, beta: Hyper) -> Tensor:
    """`bootstrap_soft` of log-probs."""
    log_p, log_p_y, _ = given
    beta = setting("beta", beta, log_p_y, log_p.dtype, low=0.0, high=1.0)
    return scaled(beta, -log_p_y) + (1 - beta) * entropy(log_p)


def bootstrap_hard(logits: Tensor, labels: Tensor, *, beta: Hyper = 0.8) -> Tensor:
    """Hard bootstrapping: the likeliest class, the first of several, is the other part of the target.

    beta * (-log p_y) + (1 - beta) * (-log p_m) with m = argmax_c p_c, through which no gradient flows

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.
        beta: the label's part of the target, in [0, 1]; a float, or a tensor that broadcasts with the labels.

    Returns:
        (..., n) losses in nats, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit, or beta is out of range.
        DtypeError: a dtype does not fit.

    (Reed et al., 2015)

    Example:
        >>> import torch
        >>> bootstrap_hard(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor([1.7698])
    """
    return bootstrap_hard_of_log_probs(log_probs(logits, labels), beta=beta)


def bootstrap_hard_of_log_probs(given: LogProbs, *, beta: Hyper) -> Tensor:
    """`bootstrap_hard` of log-probs."""
    log_p, log_p_y, _ = given
    beta = setting("beta", beta, log_p_y, log_p.dtype, low=0.0, high=1.0)
    likeliest = log_p.gather(-1, log_p.detach().max(-1, keepdim=True).indices).squeeze(-1)
    return scaled(beta, -log_p_y) - (1 - beta) * likeliest
