"""Layers over a leading axis of cells, each cell with parameters of its own.

Images of several cells lie side by side as channels, (n, cells * C, h, w), while they pass through convolutions, batch
normalisation, pooling and what is between: (cells, n, C, h, w) is then a view, and nothing is copied.
"""

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lsbench.errors import InputError


class StackedLinear(nn.Module):
    """nn.Linear per cell: (cells, n, in) -> (cells, n, out), one batched matrix product.

    Inputs (runs, n, in) that runs of neighbouring cells share are multiplied by the weights of a whole run at once: a
    wide product is 4 times as fast as one of 10 columns per cell (1,280 inputs, 10 classes, one core). What it rounds
    to may depend on how many cells share it.
    """

    def __init__(self, copies: Sequence[nn.Linear]) -> None:
        super().__init__()
        self.weight: nn.Parameter = _parameter([copy.weight for copy in copies])  # (cells, out, in)
        self.bias: nn.Parameter | None = None  # (cells, out)
        if copies[0].bias is not None:
            self.bias = _parameter([copy.bias for copy in copies])

    def forward(self, x: Tensor, runs: Sequence[int] = ()) -> Tensor:
        """Each cell's inputs times its own weights; runs: how many cells share each row of x, () where none do."""
        if not runs:
            return _products(x, self.weight, self.bias)
        if len(set(runs)) == 1:
            return self._shared(x, self.weight, self.bias)
        biases = [None] * len(runs) if self.bias is None else self.bias.split(list(runs))
        rows = zip(x.split(1), self.weight.split(list(runs)), biases, strict=True)
        return torch.cat([self._shared(*row) for row in rows])

    def _shared(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Of equally long runs, their weights (cells, out, in) side by side: (runs, n, in) -> (cells, n, out)."""
        side_by_side = weight.reshape(len(x), -1, weight.shape[-1])
        outputs = _products(x, side_by_side, None if bias is None else bias.reshape(len(x), -1))
        return outputs.unflatten(-1, (-1, weight.shape[1])).transpose(1, 2).flatten(0, 1)


def _products(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """(rows, n, in), (rows, out, in), (rows, out) -> (rows, n, out)."""
    return x @ weight.mT if bias is None else torch.baddbmm(bias.unsqueeze(1), x, weight.mT)


class StackedConv2d(nn.Module):
    """nn.Conv2d per cell: (cells, n, in, h, w) -> (cells, n, out, h', w'), one grouped convolution."""

    def __init__(self, copies: Sequence[nn.Conv2d]) -> None:
        super().__init__()
        first = copies[0]
        if first.padding_mode != "zeros":
            raise TypeError(f"no stacked form of {first}; known: padding_mode='zeros'")
        weights = [copy.weight for copy in copies]
        self.weight: nn.Parameter = _parameter(weights)  # (cells, out, in / groups, kernel, kernel)
        self.bias: nn.Parameter | None = None  # (cells, out)
        if first.bias is not None:
            self.bias = _parameter([copy.bias for copy in copies])
        self.geometry: Any = (first.stride, first.padding, first.dilation, first.groups * len(copies))

    def forward(self, x: Tensor) -> Tensor:
        """Each cell's inputs under its own filters."""
        bias = None if self.bias is None else self.bias.flatten()
        return apart(F.conv2d(side_by_side(x), self.weight.flatten(0, 1), bias, *self.geometry), len(x))


class StackedBatchNorm(nn.Module):
    """nn.BatchNorm1d or 2d per cell: (cells, n, C, ...) -> the same, one batch normalisation of cells * C channels.

    y = weight (x - mean) / sqrt(var + tiny) + bias, per cell and channel. In training mean and var are those of the
    cell's own values, n of them or n h w, and the running ones follow them; in evaluation they are the running ones
    (Ioffe and Szegedy, 2015).
    """

    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(self, copies: Sequence[nn.BatchNorm1d | nn.BatchNorm2d]) -> None:
        super().__init__()
        first = copies[0]
        if not (first.affine and first.track_running_stats and first.momentum is not None):
            raise TypeError(f"no stacked form of {first}; known: affine, with running statistics and a momentum")
        self.tiny: float = first.eps
        self.momentum: float = first.momentum
        self.is_flat: bool = isinstance(first, nn.BatchNorm1d)  # one value per example and channel
        self.weight: nn.Parameter = _parameter([copy.weight for copy in copies])  # (cells, C)
        self.bias: nn.Parameter = _parameter([copy.bias for copy in copies])  # (cells, C)
        for name in ("running_mean", "running_var", "num_batches_tracked"):  # (cells, C), (cells, C), (cells,)
            self.register_buffer(name, torch.stack([copy.get_buffer(name) for copy in copies]))

    def forward(self, x: Tensor) -> Tensor:
        """Each cell's inputs, normalised by statistics of its own; `InputError` for a single value per channel."""
        if self.training:
            if x.shape[1] * x.shape[3:].numel() == 1:
                raise InputError(
                    "batch normalisation got a batch of one value per channel, whose variance is 0/0; needed: at least "
                    "two; try a batch size that does not leave a single example over, or larger images"
                )
            self.num_batches_tracked.add_(1)
        running = self.running_mean.view(-1), self.running_var.view(-1)  # updated in place
        affine = self.weight.view(-1), self.bias.view(-1)
        images = side_by_side(x)
        return apart(F.batch_norm(images, *running, *affine, self.training, self.momentum, self.tiny), len(x))


class PerChannel(nn.Module):
    """A layer without parameters that treats every channel alike: cells are just more channels."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        """The layer applied to (n, cells * C, h, w)."""
        return apart(self.layer(side_by_side(x)), len(x))


class PerExample(nn.Module):
    """A layer without parameters that treats every example alike: cells are just more examples."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: Tensor) -> Tensor:
        """The layer applied to (cells * n, ...)."""
        return self.layer(x.flatten(0, 1)).unflatten(0, x.shape[:2])


def side_by_side(x: Tensor) -> Tensor:
    """(cells, n, C, h, w) -> (n, cells * C, h, w); a view of what `apart` gave."""
    return x.transpose(0, 1).flatten(1, 2)


def apart(x: Tensor, cells: int) -> Tensor:
    """(n, cells * C, h, w) -> (cells, n, C, h, w), a view."""
    return x.unflatten(1, (cells, -1)).transpose(0, 1)


def _parameter(values: Sequence[Tensor | None]) -> nn.Parameter:
    return nn.Parameter(torch.stack([value.detach() for value in values if value is not None]))
