"""What losses are made of beside the logits: log p, the label's log p_y, what it misses, and the entropy."""

import torch
from torch import Tensor

from lsbench.losses.arithmetic import examples, log_softmax


def log_probs(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """The classes' log p (..., n, K) and the labels' log p_y (..., n), in float32 or float64."""
    z, index = examples(logits, labels)
    log_p = log_softmax(z)
    return log_p, log_p.gather(-1, index).squeeze(-1)


def missed(log_p_y: Tensor) -> Tensor:
    """1 - p_y, the mass that is not on the label; accurate where it is small."""
    return -torch.expm1(log_p_y)


def entropy(log_p: Tensor) -> Tensor:
    """-sum_c p_c log p_c in nats, where 0 * log 0 is 0: log p (..., n, K), result (..., n)."""
    return -(log_p.exp() * log_p.masked_fill(log_p.isinf(), 0.0)).sum(-1)
