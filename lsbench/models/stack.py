"""Many copies of one network as one program: every parameter and buffer gets a leading axis over cells.

A stack of one is the plain module itself, so it computes what that does and costs what that costs.
"""

from collections import OrderedDict
from collections.abc import Sequence

import torch
from torch import Tensor, nn

from lsbench.models.layers import PerChannel, PerExample, StackedBatchNorm2d, StackedConv2d, StackedLinear
from lsbench.models.pool import MaxPool2d, pool_by_slices
from lsbench.models.residual import Residual

STACKED = {nn.Linear: StackedLinear, nn.Conv2d: StackedConv2d, nn.BatchNorm2d: StackedBatchNorm2d}
PER_CHANNEL = (nn.MaxPool2d, nn.AdaptiveAvgPool2d)
PER_EXAMPLE = (nn.Flatten,)
ELEMENTWISE = (nn.ReLU, nn.Identity)
KNOWN = (nn.Sequential, Residual, *STACKED, *PER_CHANNEL, *PER_EXAMPLE, *ELEMENTWISE)


class StackedModel(nn.Module):
    """Copies of one architecture, trained side by side: inputs (cells, n, ...) -> logits (cells, n, K).

    The stack takes the copies over; a single one is used as it is, in another layout.
    """

    def __init__(self, copies: Sequence[nn.Module]) -> None:
        super().__init__()
        self.cells = len(copies)
        self.layers = _stack(copies) if self.cells > 1 else Single(copies[0])

    def forward(self, x: Tensor) -> Tensor:
        """Each copy's output for its own inputs."""
        return self.layers(x)

    def gradients(self) -> list[Tensor]:
        """What the parameters have of them, (cells, ...) each, to be read and written."""
        found = [p.grad for p in self.parameters() if p.grad is not None]
        return found if self.cells > 1 else [gradient.unsqueeze(0) for gradient in found]

    def copy_state(self, cell: int) -> dict[str, Tensor]:
        """The state_dict of one cell's plain module, running statistics included."""
        if isinstance(self.layers, Single):
            return self.layers.module.state_dict()
        return {name.removeprefix("layers."): value[cell] for name, value in self.state_dict().items()}


class Single(nn.Module):
    """A stack of one: (1, n, ...) -> (1, n, K). Convolutions are in channels-last layout, a third faster on a CPU."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.has_images = any(isinstance(layer, nn.Conv2d) for layer in module.modules())
        self.module = module.to(memory_format=torch.channels_last) if self.has_images else module
        pool_by_slices(module)

    def forward(self, x: Tensor) -> Tensor:
        """The module's output."""
        x = x.squeeze(0)
        return self.module(x.to(memory_format=torch.channels_last) if self.has_images else x).unsqueeze(0)


def _stack(copies: Sequence[nn.Module]) -> nn.Module:
    """The same layer of every copy as one layer; what contains layers keeps their names."""
    first, kind = copies[0], type(copies[0])
    if kind in STACKED:
        return STACKED[kind](copies)
    if kind in PER_CHANNEL:
        return PerChannel(MaxPool2d.of(first) if isinstance(first, nn.MaxPool2d) else first)
    if kind in PER_EXAMPLE:
        return PerExample(first)
    if kind in ELEMENTWISE:
        return first
    if kind not in KNOWN:
        raise TypeError(f"no stacked form of {kind.__name__}; known: {', '.join(k.__name__ for k in KNOWN)}")
    parts = zip(*(copy.children() for copy in copies), strict=True)
    children = {name: _stack(part) for (name, _), part in zip(first.named_children(), parts, strict=True)}
    return Residual(**children) if kind is Residual else nn.Sequential(OrderedDict(children))
