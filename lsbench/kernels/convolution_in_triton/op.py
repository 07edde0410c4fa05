"""The convolution of a stack as one operation of autograd."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from lsbench.kernels.convolution_in_triton.launch import Arithmetic, Window, images_like, sum_of, values, weight_sums


def convolution(x: Tensor, weight: Tensor, bias: Tensor | None, window: Window) -> Tensor:
    """The outputs (cells, n, out, h', w') of x (cells, n, in, h, w), weight (cells, out, in, kernel, kernel).

    As F.conv2d does: in autocast's dtype inside of it, and in TF32 where cuDNN may. Weights stay float32, as do their
    gradients and all sums.
    """
    kind = x.device.type
    dtype = torch.get_autocast_dtype(kind) if torch.is_autocast_enabled(kind) else x.dtype
    return _Convolution.apply(x, weight, bias, window, Arithmetic(dtype, torch.backends.cudnn.allow_tf32))


class _Convolution(torch.autograd.Function):
    """The kernels, called where their results are wanted."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, window: Window, arithmetic: Arithmetic
    ) -> Tensor:
        """The values."""
        x, weight = _whole_images(x), weight.contiguous()
        ctx.save_for_backward(x, weight)
        ctx.how, ctx.has_bias = (window, arithmetic), bias is not None
        y = images_like(x, (weight.shape[1], *window.places), arithmetic.dtype)
        values(x, weight, bias, y, window, arithmetic, transposed=False).run(x)
        return y

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]  the decorator has no names
        ctx: Any, *gradients: Tensor
    ) -> tuple[Tensor | None, Tensor | None, Tensor | None, None, None]:
        """The gradients in the images, the filters and the biases."""
        slopes, (x, weight) = _whole_images(gradients[0]), ctx.saved_tensors
        of_x, of_weight, of_bias = None, None, None
        if ctx.needs_input_grad[0]:
            of_x = images_like(x, x.shape[2:], x.dtype)
            values(slopes, weight, None, of_x, *ctx.how, transposed=True).run(x)
        if any(ctx.needs_input_grad[1:3]):
            of_weight, of_bias = _weight_gradient(x, slopes, weight, ctx.has_bias, *ctx.how)
        return of_x, of_weight, of_bias, None, None


def _weight_gradient(
    x: Tensor, slopes: Tensor, weight: Tensor, has_bias: bool, window: Window, arithmetic: Arithmetic
) -> tuple[Tensor, Tensor | None]:
    """The gradients in the filters and in the biases."""
    call = weight_sums(x, slopes, has_bias, window, arithmetic)
    call.run(x)
    parts = call.arguments["parts"]
    total = torch.empty_like(parts[0]) if len(parts) > 1 else parts[0]
    if len(parts) > 1:
        sum_of(parts, total).run(x)
    filters, biases = total[: weight.numel()], total[weight.numel() :]
    return filters.view_as(weight), biases.view(weight.shape[:2]) if has_bias else None


def _whole_images(x: Tensor) -> Tensor:
    """The images (cells, n, C, h, w), copied unless each lies in memory as one block, wherever that is."""
    _, _, _, height, width = x.shape
    wanted = (height * width, width, 1)
    pairs = zip(x.shape[2:], x.stride()[2:], wanted, strict=True)
    return x if all(size == 1 or stride == whole for size, stride, whole in pairs) else x.contiguous()
