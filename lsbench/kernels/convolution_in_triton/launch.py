"""The launches of the kernels: their arguments, and how many programs each has."""

from collections.abc import Sequence
from math import prod
from typing import Any, NamedTuple

import torch
import triton
import triton.language as tl
from torch import Tensor
from triton import knobs

from lsbench.kernels.convolution_in_triton.correlate import correlate
from lsbench.kernels.convolution_in_triton.sizes import BLOCK, values_tile, weights_tile
from lsbench.kernels.convolution_in_triton.weight_gradient import add_parts, weight_parts

Pair = tuple[int, int]  # down, right
DTYPES = {torch.float32: tl.float32, torch.bfloat16: tl.bfloat16, torch.float16: tl.float16}


class Window(NamedTuple):
    """Where the filters of a cell stand on its images."""

    kernel: Pair
    stride: Pair
    padding: Pair  # above, left of
    places: Pair  # how many: the size of the output


class Arithmetic(NamedTuple):
    """What is multiplied; sums are float32."""

    dtype: torch.dtype
    tf32: bool  # whether float32 may be

    def constants(self) -> dict[str, Any]:
        """Of a kernel. The interpreter can't multiply in 16 bits, and takes float32."""
        dtype = tl.float32 if knobs.runtime.interpret else DTYPES[self.dtype]
        return {"DTYPE": dtype, "PRECISION": "tf32" if self.tf32 else "ieee"}


class Call(NamedTuple):
    """A kernel and what it is launched with: `kernel[grid](**arguments)`."""

    kernel: Any
    grid: tuple[int, int, int]
    arguments: dict[str, Any]

    def run(self, beside: Tensor) -> None:
        """Launch it on the GPU of that tensor."""
        with torch.cuda.device_of(beside):
            self.kernel[self.grid](**self.arguments)


def values(
    x: Tensor, weight: Tensor, bias: Tensor | None, y: Tensor, window: Window, arithmetic: Arithmetic, transposed: bool
) -> Call:
    """What makes y of x: the convolution; transposed, the gradient in the images y of that in the values x."""
    cells, images, channels = x.shape[:3]
    out_channels, places = y.shape[2], images * prod(y.shape[3:])
    tile = values_tile(channels * prod(window.kernel), out_channels)
    tensors = {"x": x, "weight": weight, "bias": bias, "y": y, **_strides("x", x), **_strides("y", y)}
    numbers = {"images": images, **_sizes(x, y), **_places(window), "TRANSPOSED": transposed}
    grid = (triton.cdiv(places, tile["PLACES"]), cells, triton.cdiv(out_channels, tile["OUTS"]))
    return Call(correlate, grid, {**tensors, **numbers, **arithmetic.constants(), **tile})


def weight_sums(x: Tensor, slopes: Tensor, has_bias: bool, window: Window, arithmetic: Arithmetic) -> Call:
    """What makes `parts` (parts, numbers) of the gradient in all filters, then all biases."""
    (cells, images, channels), out_channels = x.shape[:3], slopes.shape[2]
    taps, places = channels * prod(window.kernel), images * prod(window.places)
    tile = weights_tile(taps, out_channels)
    blocks = triton.cdiv(taps, tile["TAPS"]) * triton.cdiv(out_channels, tile["OUTS"])
    filters, biases = cells * out_channels * taps, cells * out_channels * has_bias
    parts = torch.empty(max(1, triton.cdiv(places, tile["SPAN"])), filters + biases, device=x.device)
    tensors = {"x": x, "slopes": slopes, "parts": parts, **_strides("x", x), **_strides("slopes", slopes)}
    numbers = {"part_stride": parts.stride(0), "bias_start": filters, "HAS_BIAS": has_bias, "images": images}
    constants = {**_sizes(x, slopes), **_places(window), **arithmetic.constants(), **tile}
    return Call(weight_parts, (blocks, cells, len(parts)), {**tensors, **numbers, **constants})


def sum_of(parts: Tensor, total: Tensor) -> Call:
    """What adds the rows of `parts`, in order."""
    count, size = parts.shape
    arguments = {"parts": parts, "total": total, "count": count, "size": size, "BLOCK": BLOCK}
    return Call(add_parts, (triton.cdiv(size, BLOCK), 1, 1), arguments)


def images_like(x: Tensor, shape: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    """Room for images (cells, n, *shape), those of all cells side by side as channels: as what follows takes them."""
    cells, images = x.shape[:2]
    return torch.empty(images, cells, *shape, dtype=dtype, device=x.device).transpose(0, 1)


def _strides(name: str, images: Tensor) -> dict[str, int]:
    return {f"{name}_cell": images.stride(0), f"{name}_image": images.stride(1)}


def _sizes(x: Tensor, y: Tensor) -> dict[str, int]:
    names = ("CHANNELS", "HEIGHT", "WIDTH", "OUT_CHANNELS", "OUT_HEIGHT", "OUT_WIDTH")
    return _named(names, (*x.shape[2:], *y.shape[2:]))


def _places(window: Window) -> dict[str, int]:
    names = ("KERNEL_HEIGHT", "KERNEL_WIDTH", "STRIDE_DOWN", "STRIDE_RIGHT", "TOP", "LEFT")
    return _named(names, (*window.kernel, *window.stride, *window.padding))


def _named(names: Sequence[str], numbers: Sequence[int]) -> dict[str, int]:
    return dict(zip(names, numbers, strict=True))
