"""Cross-entropy, the loss that the others are compared with."""

import torch.nn.functional as F
from torch import Tensor

from lsbench.losses.arithmetic import examples


def ce(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy of each example.

    lse(z) - z_y = -log p_y

    logits (..., n, K) of any float dtype, labels (..., n) integers; result (..., n) in nats, float32 unless the
    logits are float64. `InputError` or `DtypeError` where shapes or dtypes do not fit.
    """
    z, index = examples(logits, labels)
    return -F.log_softmax(z, dim=-1).gather(-1, index).squeeze(-1)
