"""How far a loss and its gradient are from those in float64 of the same logits."""

import torch
from torch import Tensor

from lsbench.speed.step import Example

PIECE = 1 << 20  # logits in float64 at once


def errors(value: Tensor, gradient: Tensor, example: Example, eps: float) -> tuple[float, float]:
    """|value - exact| / |exact| of the mean loss, and max |gradient - exact| / max |exact|; NaN where they hold one."""
    value, (count, classes) = value.detach(), example.logits.shape
    size = max(1, PIECE // classes)
    loss = torch.zeros((), dtype=torch.float64, device=value.device)
    worst, largest = loss.clone(), loss.clone()
    for start in range(0, count, size):
        rows = slice(start, start + size)
        losses, exact = exactly(example.logits.detach()[rows], example.labels[rows], eps)
        exact /= count
        loss += losses.sum() / count
        largest = torch.maximum(largest, exact.abs().amax())
        worst = torch.maximum(worst, exact.sub_(gradient[rows]).abs_().amax())
    return float((value.double() - loss).abs() / loss.abs()), float(worst / largest)


def exactly(logits: Tensor, labels: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """Losses (n) -sum_c q_c log p_c and their gradients (n, K) p - q in float64, as the definition says."""
    log_p = torch.log_softmax(logits.double(), dim=1)
    q = torch.full_like(log_p, eps / logits.shape[1])
    q.scatter_add_(1, labels.unsqueeze(1), torch.full_like(log_p[:, :1], 1 - eps))
    return -(q * log_p).sum(1), log_p.exp_().sub_(q)
