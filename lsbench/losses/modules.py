"""An `nn.Module` as a loss: called as torch's own losses are, with all examples in one row, (m, K) and (m,)."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from lsbench.errors import InputError


def as_function(name: str, given: Any) -> Callable[..., Tensor]:
    """The loss as a function f(logits (..., n, K), labels (..., n), *, hyper) -> (..., n).

    What is no module is that already. A module that keeps one loss per example (`reduction="none"`) is called with the
    examples of all cells in one row, where the classes are both the last axis and axis 1. `InputError` for one that
    reduces, or has parameters, which nothing would train.
    """
    if not isinstance(given, nn.Module):
        return given
    reduction = getattr(given, "reduction", "none")
    if reduction != "none":
        raise InputError(
            f"loss {name!r} gives one number per batch (reduction={reduction!r}), and a loss must give one per example;"
            f" make it with reduction='none', such as {type(given).__name__}(reduction='none')"
        )
    if next(given.parameters(), None) is not None:
        raise InputError(f"loss {name!r} has parameters, which nothing would train; make them hyperparameters")
    return _PerExample(given)


class _PerExample:
    """The module, on the device of the logits; half precision comes as float32, which class weights are in."""

    def __init__(self, module: nn.Module) -> None:
        self.module = module

    def __call__(self, logits: Tensor, labels: Tensor) -> Tensor:
        full = logits.float() if logits.dtype in (torch.float16, torch.bfloat16) else logits
        losses = self.module.to(logits.device)(full.flatten(0, -2), labels.flatten())
        is_per_example = isinstance(losses, Tensor) and losses.shape == (labels.numel(),)
        return losses.view(labels.shape) if is_per_example else losses
