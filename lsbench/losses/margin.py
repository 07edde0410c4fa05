"""Margin-based label smoothing: logits are only held together where they are far apart."""

import torch.nn.functional as F
from torch import Tensor

from lsbench.losses.arithmetic import Hyper, column, examples, log_softmax, scaled, setting


def mbls(logits: Tensor, labels: Tensor, *, alpha: Hyper = 0.1, margin: Hyper = 10.0) -> Tensor:
    """Cross-entropy plus a penalty on logits that lie more than a margin below the largest.

    -log p_y + alpha * mean_c max(0, max_j z_j - z_c - margin)

    The paper writes a sum over the classes; its code, which gave its numbers with alpha 0.1, takes the mean, as here.

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.
        alpha: the weight of the penalty, at least 0; a float, or a tensor that broadcasts with the labels.
        margin: how far below the largest logit the others may lie, likewise.

    Returns:
        (..., n) losses in nats, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit, or alpha or margin is out of range.
        DtypeError: a dtype does not fit.

    (Liu et al., 2022)

    Example:
        >>> import torch
        >>> mbls(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]), margin=1.0)
        tensor([2.2698])
    """
    z, index = examples(logits, labels)
    alpha = setting("alpha", alpha, labels, z.dtype, low=0.0)
    margin = setting("margin", margin, labels, z.dtype, low=0.0)
    beyond = F.relu(z.amax(-1, keepdim=True) - z - column(margin)).mean(-1)
    return scaled(alpha, beyond) - log_softmax(z).gather(-1, index).squeeze(-1)
