"""Generalised cross-entropy: between cross-entropy, which learns fast, and 1 - p_y, which noise does not mislead."""

import torch
from torch import Tensor

from lsbench.losses.arithmetic import Hyper, setting
from lsbench.losses.probability import LogProbs, log_probs

TINY = 1e-30  # below it (1 - p^q) / q rounds to its limit, and q itself may round to 0


def gce(logits: Tensor, labels: Tensor, *, q: Hyper = 0.7) -> Tensor:
    """Generalised cross-entropy.

    (1 - p_y^q) / q; q 0 is its limit -log p_y, which is cross-entropy, and q 1 is 1 - p_y

    This is the paper's L_q; its truncated form, which drops examples, is another loss.

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.
        q: in [0, 1]; a float, or a tensor that broadcasts with the labels.

    Returns:
        (..., n) losses, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit, or q is out of range.
        DtypeError: a dtype does not fit.

    (Zhang and Sabuncu, 2018)

    Example:
        >>> import torch
        >>> gce(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor([1.1158])
    """
    return gce_of_log_probs(log_probs(logits, labels), q=q)


def gce_of_log_probs(given: LogProbs, *, q: Hyper) -> Tensor:
    """`gce` of log-probs."""
    log_p_y = given.log_p_y
    q = setting("q", q, log_p_y, log_p_y.dtype, low=0.0, high=1.0)
    if not isinstance(q, Tensor):
        return -log_p_y if q < TINY else -torch.expm1(q * log_p_y) / q
    limit = q < TINY
    q = q.masked_fill(limit, 1.0)
    return torch.where(limit, -log_p_y, -torch.expm1(q * log_p_y) / q)
