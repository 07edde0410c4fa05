"""Negative label smoothing: what backward correction of symmetric noise comes down to."""

from torch import Tensor

from lsbench.errors import InputError
from lsbench.losses.arithmetic import Eps
from lsbench.losses.fused import fused


def nls(logits: Tensor, labels: Tensor, *, eps: Eps = -0.4) -> Tensor:
    """Label smoothing with a smoothing mass below 0, computed as `fused` is.

    -sum_c q_c log p_c with q = (1 - eps) onehot + eps/K; it has no lower bound

    The paper chooses eps for each data set from -0.2 to -8, and warms up with cross-entropy where noise is high, which
    is left to the caller.

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.
        eps: a float below 0, or a tensor that broadcasts with the labels, whose values are not looked at.

    Returns:
        (..., n) losses in nats, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit, or eps is out of range.
        DtypeError: a dtype does not fit.

    (Wei et al., 2022)

    Example:
        >>> import torch
        >>> nls(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]))
        tensor([2.3032])
    """
    if isinstance(eps, (int, float)) and eps >= 0:
        raise InputError(f"eps of nls must be below 0, got {eps}; fused takes any eps up to 1")
    return fused(logits, labels, eps=eps)
