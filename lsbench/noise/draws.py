"""What the kinds draw: which labels are hit, and which class they become. No draw depends on the rate."""

import torch
from torch import Generator, Tensor


def hits(labels: Tensor, rate: float | Tensor, generator: Generator) -> Tensor:
    """Which labels a draw of probability `rate`, one number or one for each label, hits; (n,) bool."""
    return uniforms(labels, generator) < rate


def uniforms(labels: Tensor, generator: Generator) -> Tensor:
    """One number in [0, 1) for each label, (n,) float64."""
    return torch.rand(labels.shape, generator=generator, dtype=torch.float64)


def other_class(labels: Tensor, num_classes: int, generator: Generator) -> Tensor:
    """One of the other K - 1 classes for each label, all equally likely, (n,)."""
    return (labels + torch.randint(1, num_classes, labels.shape, generator=generator)) % num_classes


def class_at(weights: Tensor, chances: Tensor) -> Tensor:
    """The class that each chance picks from its row of weights, (m,), by inverse CDF.

    The first class j with w_0 + ... + w_j > u (w_0 + ... + w_K-1), so one of weight 0 is never picked, and rows
    need not sum to 1 to the last bit.

    weights (m, K) or (1, K), none negative, float64; chances (m,) in [0, 1).
    """
    steps = weights.cumsum(-1)
    return (steps <= chances[:, None] * steps[:, -1:]).sum(-1)
