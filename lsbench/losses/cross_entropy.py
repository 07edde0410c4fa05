"""Cross-entropy, the loss that the others are compared with."""

from torch import Tensor

from lsbench.losses.probability import LogProbs, log_probs


def ce(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of each example.

    lse(z) - z_y = -log p_y

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.

    Returns:
        (..., n) losses in nats, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit.
        DtypeError: a dtype does not fit.

    Example:
        >>> import torch
        >>> ce(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor([2.1698])
    """
    return ce_of_log_probs(log_probs(logits, labels))


def ce_of_log_probs(given: LogProbs) -> Tensor:
    """`ce` of log-probs."""
    return -given.log_p_y
