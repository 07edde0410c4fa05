"""Targets as tensors: one-hot, smoothed, and the cross-entropy of a distribution over classes."""

import torch
from torch import Tensor

from lsbench.losses.arithmetic import Eps, scaled


def one_hot(index: Tensor, like: Tensor) -> Tensor:
    """A one at each label: index (..., n, 1), result in shape and dtype of the logits (..., n, K)."""
    return torch.zeros_like(like).scatter(-1, index, 1.0)


def smooth(targets: Tensor, eps: Eps, num_classes: int) -> Tensor:
    """The targets mixed with the uniform distribution: (1 - eps) targets + eps / K."""
    return (1 - eps) * targets + eps / num_classes


def target_cross_entropy(q: Tensor, log_p: Tensor, eps: Eps, axis: int = -1) -> Tensor:
    """-sum_c q_c log p_c along the axis, where q was smoothed by eps.

    Only eps = 0 leaves zeros in q, so that 0 * log 0 has to be looked after there alone.
    """
    may_hold_zeros = isinstance(eps, Tensor) or eps == 0
    return -(scaled(q, log_p) if may_hold_zeros else q * log_p).sum(axis)
