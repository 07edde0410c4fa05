"""Convolutions of 1 x 1 pixels by oneDNN, also on one thread, where torch takes a slower way of its own."""

from typing import Any

import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode


class PointwiseByOneDnn(TorchFunctionMode):
    """Inside it `conv2d` with a kernel of 1 x 1 is `torch.mkldnn_convolution`, which is the same function.

    On one thread and fewer than 16 images torch would multiply matrices after a copy to channels first. Of
    EfficientNet-Lite0 that is a fifth of the time.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Called for every function of torch."""
        keywords = kwargs or {}
        return _convolved(*args, **keywords) if func is torch.conv2d else func(*args, **keywords)


def _convolved(
    input: Tensor,  # noqa: A002 - torch's own names
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    is_pointwise = weight.shape[2:] == (1, 1) and groups == 1 and padding in (0, (0, 0), [0, 0])
    is_plain = input.device.type == "cpu" and input.dtype == weight.dtype == torch.float32 and input.dim() == 4
    if is_pointwise and is_plain and torch.backends.mkldnn.is_available():
        return torch.mkldnn_convolution(input, weight, bias, (0, 0), _two(stride), (1, 1), 1)
    return torch.conv2d(input, weight, bias, stride, padding, dilation, groups)


def _two(stride: Any) -> Any:
    return (stride, stride) if isinstance(stride, int) else stride
