"""Margin-based label smoothing: logits are only held together where they are far apart."""

import torch.nn.functional as F
from torch import Tensor

from lsbench.losses.arithmetic import Hyper, column, examples, scaled, setting


def mbls(logits: Tensor, labels: Tensor, *, alpha: Hyper = 0.1, margin: Hyper = 10.0) -> Tensor:
    """Cross-entropy plus a penalty on logits that lie more than a margin below the largest.

    -log p_y + alpha * mean_c max(0, max_j z_j - z_c - margin)

    logits (..., n, K) of any float dtype, labels (..., n) integers; result (..., n) in nats, float32 unless the
    logits are float64. alpha and margin are at least 0, floats or tensors that broadcast with the labels. `InputError`
    or `DtypeError` where shapes, dtypes, alpha or margin do not fit. The paper writes a sum over the classes; its code,
    which gave its numbers with alpha 0.1, takes the mean, as here. (Liu et al., 2022)
    """
    z, index = examples(logits, labels)
    alpha = setting("alpha", alpha, labels, z.dtype, low=0.0)
    margin = setting("margin", margin, labels, z.dtype, low=0.0)
    beyond = F.relu(z.amax(-1, keepdim=True) - z - column(margin)).mean(-1)
    return scaled(alpha, beyond) - F.log_softmax(z, dim=-1).gather(-1, index).squeeze(-1)
