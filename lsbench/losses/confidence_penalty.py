"""Confidence penalty: the entropy of what is predicted is kept high."""

from torch import Tensor

from lsbench.losses.arithmetic import Hyper, setting
from lsbench.losses.probability import LogProbs, entropy, log_probs


def confidence_penalty(logits: Tensor, labels: Tensor, *, beta: Hyper = 0.1) -> Tensor:
    """Cross-entropy minus the entropy of the prediction.

    -log p_y - beta * H(p) with H(p) = -sum_c p_c log p_c

    The paper's variant that only penalises below an entropy threshold is another loss.

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.
        beta: the weight of the entropy, at least 0; a float, or a tensor that broadcasts with the labels. 0.1 is the
            value of the paper for CIFAR-10, 1 for MNIST.

    Returns:
        (..., n) losses in nats, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit, or beta is out of range.
        DtypeError: a dtype does not fit.

    (Pereyra et al., 2017)

    Example:
        >>> import torch
        >>> confidence_penalty(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor([2.1174])
    """
    return confidence_penalty_of_log_probs(log_probs(logits, labels), beta=beta)


def confidence_penalty_of_log_probs(given: LogProbs, *, beta: Hyper) -> Tensor:
    """`confidence_penalty` of log-probs."""
    log_p, log_p_y, _ = given
    return -log_p_y - setting("beta", beta, log_p_y, log_p.dtype, low=0.0) * entropy(log_p)
