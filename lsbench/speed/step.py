"""What is measured: a loss and its gradient in the logits, and the tensors it is measured on."""

from typing import NamedTuple

import torch
from torch import Tensor

from lsbench.speed.forms import Loss

SEED = 0


class Example(NamedTuple):
    """Logits (N, K), which want a gradient, and labels (N)."""

    logits: Tensor
    labels: Tensor

    def copy(self) -> "Example":
        """The same with logits of its own."""
        return Example(self.logits.detach().clone().requires_grad_(), self.labels)


def make_example(rows: int, classes: int, dtype: torch.dtype, device: torch.device) -> Example:
    """Normal logits and uniform labels, the same in every study."""
    stream = torch.Generator(device).manual_seed(SEED)
    logits = torch.randn(rows, classes, generator=stream, dtype=dtype, device=device, requires_grad=True)
    return Example(logits, torch.randint(classes, (rows,), generator=stream, device=device))


def step(loss: Loss, example: Example) -> tuple[Tensor, Tensor]:
    """The loss () and its gradient (N, K) in a new buffer, as after zero_grad().

    Logits are a network's output and no leaf, so that nothing accumulates: whoever asked gets the gradient itself.
    """
    value = loss(*example)
    (gradient,) = torch.autograd.grad(value, example.logits)
    return value, gradient
