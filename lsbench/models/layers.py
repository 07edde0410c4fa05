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
from lsbench.models.channels import apart, side_by_side
from lsbench.models.convolutions import FORMS, GROUPED, Geometry


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
        if len(set(runs)) > 1:
            return self._unequal(x, runs)
        side_by_side = self.weight.view(len(x), -1, self.weight.shape[-1])
        outputs = _products(x, side_by_side, None if self.bias is None else self.bias.view(len(x), -1))
        return outputs.unflatten(-1, (-1, self.weight.shape[1])).transpose(1, 2).flatten(0, 1)

    def _unequal(self, x: Tensor, runs: Sequence[int]) -> Tensor:
        cells, out, _ = self.weight.shape
        products = RunsOfProducts.apply(x, self.weight.flatten(0, 1), [count * out for count in runs])
        outputs = products if self.bias is None else products + self.bias.view(-1, 1).to(products.dtype)
        return outputs.view(cells, out, -1).mT


def _products(x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """(rows, n, in), (rows, out, in), (rows, out) -> (rows, n, out).

    On a CPU as W x^T, a fifth faster, and so is the gradient in W: the outputs of one class are side by side in memory.
    """
    if x.device.type != "cpu":
        products = ProductsOfRows.apply(x, weight)
        return products if bias is None else products + bias.unsqueeze(1).to(products.dtype)
    return (weight @ x.mT if bias is None else torch.baddbmm(bias.unsqueeze(2), weight, x.mT)).mT


class ProductsOfRows(torch.autograd.Function):
    """x W^T: x (rows, n, in), W (rows, out, in) -> (rows, n, out).

    The gradient in W is g^T x, in W's own layout. Autograd makes it as (x^T g)^T, which is then copied to that layout:
    as many bytes as the stack has weights, in each step.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        """The products, in the precision that autocast asks for."""
        ctx.save_for_backward(x, weight)
        return x @ weight.mT

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None]:
        """The gradients in x and in W, where they are wanted, computed in the products' precision."""
        (gradient,) = gradients
        x, weight = (saved.to(gradient.dtype) for saved in ctx.saved_tensors)
        wants_x, wants_weight = ctx.needs_input_grad
        return gradient @ weight if wants_x else None, gradient.mT @ x if wants_weight else None


class RunsOfProducts(torch.autograd.Function):
    """W_r x_r^T of each run r, one below the other: x (runs, n, in), W (outs, in) -> (outs, n).

    The gradient in W is written where it belongs; autograd would put it together from that of each run's rows.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, sizes: Sequence[int]) -> Tensor:
        """The products, in the precision that autocast asks for; sizes: how many rows of W each run has."""
        ctx.save_for_backward(x, weight)
        ctx.sizes = sizes
        return torch.cat([rows @ inputs.T for rows, inputs in zip(weight.split(sizes), x, strict=True)])

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor, None]:
        """The gradients in x, where it is wanted, and in W, computed in the products' precision."""
        (gradient,) = gradients
        x, weight = (saved.to(gradient.dtype) for saved in ctx.saved_tensors)
        parts, for_weight = gradient.split(ctx.sizes), torch.empty_like(weight)
        for rows, part, inputs in zip(for_weight.split(ctx.sizes), parts, x, strict=True):
            torch.mm(part, inputs, out=rows)
        if not ctx.needs_input_grad[0]:
            return None, for_weight, None
        pairs = zip(parts, weight.split(ctx.sizes), strict=True)
        return torch.stack([part.T @ rows for part, rows in pairs]), for_weight, None


class StackedConv2d(nn.Module):
    """nn.Conv2d per cell: (cells, n, in, h, w) -> (cells, n, out, h', w'), as one grouped convolution or otherwise."""

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
        places: Any = (first.stride, first.padding, first.dilation, first.groups)
        self.geometry: Geometry = Geometry(*places)
        self.form: str = GROUPED  # of `lsbench.models.convolutions`

    def forward(self, x: Tensor) -> Tensor:
        """Each cell's inputs under its own filters."""
        return FORMS[self.form](x, self.weight, self.bias, self.geometry)


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


def _parameter(values: Sequence[Tensor | None]) -> nn.Parameter:
    return nn.Parameter(torch.stack([value.detach() for value in values if value is not None]))
