"""Many copies of one `nn.Sequential` as one program: every parameter gets a leading axis over cells.

A stack of one runs torch's own kernels on the single copy, so it computes exactly what the plain module does.
"""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class StackedModel(nn.Module):
    """Copies of one architecture, trained side by side: inputs (cells, n, ...) -> logits (cells, n, K)."""

    def __init__(self, copies: Sequence[nn.Sequential]) -> None:
        super().__init__()
        self.cells = len(copies)
        self.layers = nn.ModuleList(_stacked(layers) for layers in zip(*copies, strict=True))

    def forward(self, x: Tensor) -> Tensor:
        """Each copy's output for its own inputs."""
        for layer in self.layers:
            x = layer(x)
        return x

    def copy_state(self, cell: int) -> dict[str, Tensor]:
        """The state_dict of one cell's plain `nn.Sequential`."""
        return {name.removeprefix("layers."): value[cell] for name, value in self.state_dict().items()}


class StackedLinear(nn.Module):
    """nn.Linear per cell: (cells, n, in) -> (cells, n, out), one batched matrix product."""

    def __init__(self, copies: Sequence[nn.Linear]) -> None:
        super().__init__()
        self.weight = _parameter([copy.weight for copy in copies])  # (cells, out, in)
        self.bias = _parameter([copy.bias for copy in copies])  # (cells, out)

    def forward(self, x: Tensor) -> Tensor:
        """Each cell's inputs times its own weights."""
        if len(self.weight) == 1:
            return F.linear(x.squeeze(0), self.weight.squeeze(0), self.bias.squeeze(0)).unsqueeze(0)
        return torch.baddbmm(self.bias.unsqueeze(1), x, self.weight.mT)


class StackedConv2d(nn.Module):
    """nn.Conv2d per cell: (cells, n, in, h, w) -> (cells, n, out, h', w'), one grouped convolution."""

    def __init__(self, copies: Sequence[nn.Conv2d]) -> None:
        super().__init__()
        self.weight = _parameter([copy.weight for copy in copies])  # (cells, out, in, kernel, kernel)
        self.bias = _parameter([copy.bias for copy in copies])  # (cells, out)
        self.geometry: Any = (copies[0].stride, copies[0].padding, copies[0].dilation)

    def forward(self, x: Tensor) -> Tensor:
        """Each cell's inputs under its own filters."""
        cells = len(self.weight)
        if cells == 1:
            x = x.squeeze(0).contiguous(memory_format=torch.channels_last)  # a third faster than NCHW on a CPU
            return F.conv2d(x, self.weight.squeeze(0), self.bias.squeeze(0), *self.geometry).unsqueeze(0)
        side_by_side = x.transpose(0, 1).flatten(1, 2)  # (n, cells * in, h, w)
        y = F.conv2d(side_by_side, self.weight.flatten(0, 1), self.bias.flatten(), *self.geometry, groups=cells)
        return y.unflatten(1, (cells, -1)).transpose(0, 1)


class PerExample(nn.Module):
    """A layer without parameters that treats every example alike: cells are just more examples."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        """The layer applied to (cells * n, ...)."""
        return self.layer(x.flatten(0, 1)).unflatten(0, x.shape[:2])


STACKED = {nn.Linear: StackedLinear, nn.Conv2d: StackedConv2d}
PER_EXAMPLE = (nn.Flatten, nn.MaxPool2d)
ELEMENTWISE = (nn.ReLU,)


def _stacked(layers: Sequence[nn.Module]) -> nn.Module:
    kind = type(layers[0])
    if kind in STACKED:
        return STACKED[kind](layers)
    if kind in PER_EXAMPLE:
        return PerExample(layers[0])
    if kind in ELEMENTWISE:
        return layers[0]
    raise TypeError(f"no stacked form of {kind.__name__}; known: {', '.join(k.__name__ for k in STACKED)}")


def _parameter(values: Sequence[Tensor | None]) -> nn.Parameter:
    return nn.Parameter(torch.stack([value.detach() for value in values if value is not None]))
