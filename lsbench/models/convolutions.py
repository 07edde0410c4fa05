"""The forms of a stack's convolution: the same numbers but for rounding, at other speeds on other devices.

Each takes x (cells, n, in, h, w), weight (cells, out, in / groups, kernel, kernel), bias (cells, out) or None, and the
geometry of one cell, and gives (cells, n, out, h', w').
"""

from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple, cast

import torch
import torch.nn.functional as F
from torch import Tensor

from lsbench.kernels.choose import may_triton
from lsbench.models.channels import apart, side_by_side

Pair = tuple[int, int]  # down, right


class Geometry(NamedTuple):
    """Of one cell, as torch has it."""

    stride: Pair
    padding: Any  # a Pair, "same" or "valid"
    dilation: Pair
    groups: int


Form = Callable[[Tensor, Tensor, Tensor | None, Geometry], Tensor]


def grouped(x: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry) -> Tensor:
    """One convolution of all cells, each with groups of its own."""
    flat_bias = None if bias is None else bias.flatten()
    places: Any = geometry._replace(groups=geometry.groups * len(x))
    return apart(F.conv2d(side_by_side(x), weight.flatten(0, 1), flat_bias, *places), len(x))


def one_by_one(x: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry) -> Tensor:
    """A convolution for each cell."""
    biases, places = [None] * len(x) if bias is None else bias, cast("Any", geometry)
    return torch.stack([F.conv2d(*own, *places) for own in zip(x, weight, biases, strict=True)])


def unfolded(x: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry) -> Tensor:
    """One product for each cell, all at once: (out, in k k) @ (in k k, n h' w'). For one group."""
    kernel: Pair = (weight.shape[-2], weight.shape[-1])
    height, width = _outputs(x, kernel, geometry)
    columns, rows = Columns.apply(x, kernel, geometry), weight.flatten(2)
    products = rows @ columns if bias is None else torch.baddbmm(bias.unsqueeze(2), rows, columns)
    return products.unflatten(2, (x.shape[1], height, width)).transpose(1, 2)


def direct(x: Tensor, weight: Tensor, bias: Tensor | None, geometry: Geometry) -> Tensor:
    """A Triton kernel that gathers patches and multiplies them at once. For one group, without dilation."""
    from lsbench.kernels.convolution_in_triton.op import convolution  # needs triton

    return convolution(x, weight, bias, window_of(x, weight, geometry))


def window_of(x: Tensor, weight: Tensor, geometry: Geometry) -> Any:
    """The `Window` of the direct form."""
    from lsbench.kernels.convolution_in_triton.launch import Window

    kernel: Pair = (weight.shape[-2], weight.shape[-1])
    (top, _), (left, _) = _paddings(kernel, geometry)
    height, width = _outputs(x, kernel, geometry)
    return Window(kernel, geometry.stride, (top, left), (height, width))


class Columns(torch.autograd.Function):
    """The patches that a convolution multiplies: (cells, n, in, h, w) -> (cells, in k k, n h' w'), in one copy."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, kernel: Pair, geometry: Geometry) -> Tensor:
        """Each patch a column."""
        ctx.sizes = x.shape, kernel, geometry
        (top, bottom), (left, right) = _paddings(kernel, geometry)
        patches = F.pad(x, (left, right, top, bottom))
        for axis in (0, 1):
            dilation = geometry.dilation[axis]
            patches = patches.unfold(3 + axis, dilation * (kernel[axis] - 1) + 1, geometry.stride[axis])
            patches = patches[..., ::dilation]
        return patches.permute(0, 2, 5, 6, 1, 3, 4).reshape(len(x), x.shape[2] * prod(kernel), -1)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None]:
        """Each pixel's gradient is the sum of those of its places in patches."""
        (gradient,) = gradients
        (cells, n, _, height, width), kernel, geometry = ctx.sizes
        (top, bottom), (left, right) = _paddings(kernel, geometry)
        size = (height + top + bottom, width + left + right)
        patches = gradient.unflatten(2, (n, -1)).transpose(1, 2).reshape(cells * n, gradient.shape[1], -1)
        whole = F.fold(patches, size, kernel, geometry.dilation, 0, geometry.stride)
        own = whole[..., top : top + height, left : left + width]
        return own.unflatten(0, (cells, n)), None, None


def _paddings(kernel: Pair, geometry: Geometry) -> list[Pair]:
    """Before and after, down and right."""
    if geometry.padding == "valid":
        return [(0, 0), (0, 0)]
    if isinstance(geometry.padding, str):  # same: what is odd goes behind
        sizes = [dilation * (size - 1) for size, dilation in zip(kernel, geometry.dilation, strict=True)]
        return [(size // 2, size - size // 2) for size in sizes]
    return [(size, size) for size in geometry.padding]


def _outputs(x: Tensor, kernel: Pair, geometry: Geometry) -> list[int]:
    """The sizes h', w'."""
    each = zip(x.shape[3:], _paddings(kernel, geometry), kernel, geometry.dilation, geometry.stride, strict=True)
    return [
        (size + sum(padding) - dilation * (length - 1) - 1) // stride + 1
        for size, padding, length, dilation, stride in each
    ]


GROUPED, UNFOLDED, ONE_BY_ONE, DIRECT = "grouped", "unfolded", "one by one", "direct"
FORMS: dict[str, Form] = {GROUPED: grouped, UNFOLDED: unfolded, ONE_BY_ONE: one_by_one, DIRECT: direct}


def forms_for(geometry: Geometry, weight: Tensor) -> list[str]:
    """Those that take a geometry, and weights of this dtype where they are."""
    if geometry.groups > 1:
        return [GROUPED, ONE_BY_ONE]
    is_direct = geometry.dilation == (1, 1) and weight.dtype == torch.float32 and may_triton(weight.device)
    return [GROUPED, UNFOLDED, ONE_BY_ONE, *([DIRECT] if is_direct else [])]
