"""Poly-1: cross-entropy with another weight on the first term of its series."""

from torch import Tensor

from lsbench.losses.arithmetic import Hyper, setting
from lsbench.losses.probability import LogProbs, log_probs, missed


def poly1(logits: Tensor, labels: Tensor, *, poly: Hyper = 1.0) -> Tensor:
    """Poly-1 cross-entropy.

    -log p_y + poly * (1 - p_y), as -log p_y = sum_j (1 - p_y)^j / j; poly 0 is cross-entropy

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.
        poly: the paper's epsilon_1, at least -1; a float, or a tensor that broadcasts with the labels. The paper tunes
            it for each task, 2 for ImageNet.

    Returns:
        (..., n) losses in nats, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit, or poly is out of range.
        DtypeError: a dtype does not fit.

    (Leng et al., 2022)

    Example:
        >>> import torch
        >>> poly1(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor([3.0557])
    """
    return poly1_of_log_probs(log_probs(logits, labels), poly=poly)


def poly1_of_log_probs(given: LogProbs, *, poly: Hyper) -> Tensor:
    """`poly1` of log-probs."""
    log_p_y = given.log_p_y
    return -log_p_y + setting("poly", poly, log_p_y, log_p_y.dtype, low=-1.0) * missed(log_p_y)
