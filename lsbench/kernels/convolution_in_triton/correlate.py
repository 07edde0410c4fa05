"""Filters over images: the convolution, and its gradient in the images, which is the transposed convolution."""

# ruff: noqa: N803, N806  Triton's constants are in capitals
# pyright: reportOptionalOperand=false, reportOperatorIssue=false, reportGeneralTypeIssues=false
# pyright: reportArgumentType=false, reportAssignmentType=false, reportReturnType=false, reportOptionalSubscript=false

import triton
import triton.language as tl

from lsbench.kernels.convolution_in_triton.patches import read_patches


@triton.jit(do_not_specialize=["images"])
def correlate(
    x,
    weight,
    bias,
    y,
    x_cell,
    x_image,
    y_cell,
    y_image,
    images,
    CHANNELS: tl.constexpr,
    HEIGHT: tl.constexpr,
    WIDTH: tl.constexpr,
    OUT_CHANNELS: tl.constexpr,
    OUT_HEIGHT: tl.constexpr,
    OUT_WIDTH: tl.constexpr,
    KERNEL_HEIGHT: tl.constexpr,
    KERNEL_WIDTH: tl.constexpr,
    STRIDE_DOWN: tl.constexpr,
    STRIDE_RIGHT: tl.constexpr,
    TOP: tl.constexpr,
    LEFT: tl.constexpr,
    TRANSPOSED: tl.constexpr,
    DTYPE: tl.constexpr,
    PRECISION: tl.constexpr,
    PLACES: tl.constexpr,
    OUTS: tl.constexpr,
    TAPS: tl.constexpr,
):
    """Makes y (cells, images, OUT_CHANNELS, OUT_HEIGHT, OUT_WIDTH) of x (cells, images, CHANNELS, HEIGHT, WIDTH).

    A program makes PLACES x OUTS numbers of one cell: the sum over all taps, TAPS at a time and always in this order.
    """
    cell = tl.program_id(1).to(tl.int64)
    at = tl.program_id(0) * PLACES + tl.arange(0, PLACES)
    out = tl.program_id(2) * OUTS + tl.arange(0, OUTS)
    AREA: tl.constexpr = KERNEL_HEIGHT * KERNEL_WIDTH
    filters = weight + cell * (OUT_CHANNELS * CHANNELS * AREA)
    total = tl.zeros((PLACES, OUTS), tl.float32)
    for first in range(0, CHANNELS * AREA, TAPS):
        tap = first + tl.arange(0, TAPS)
        patches = read_patches(
            x + cell * x_cell,
            x_image,
            images,
            at,
            tap,
            CHANNELS,
            HEIGHT,
            WIDTH,
            OUT_HEIGHT,
            OUT_WIDTH,
            KERNEL_HEIGHT,
            KERNEL_WIDTH,
            STRIDE_DOWN,
            STRIDE_RIGHT,
            TOP,
            LEFT,
            TRANSPOSED,
        )
        if TRANSPOSED:  # of weight (CHANNELS, OUT_CHANNELS, KERNEL_HEIGHT, KERNEL_WIDTH)
            inside = (tap // AREA * (OUT_CHANNELS * AREA) + tap % AREA)[:, None] + (out * AREA)[None, :]
        else:
            inside = tap[:, None] + (out * (CHANNELS * AREA))[None, :]
        there = (tap < CHANNELS * AREA)[:, None] & (out < OUT_CHANNELS)[None, :]
        factors = tl.load(filters + inside, mask=there, other=0.0)
        total = tl.dot(patches.to(DTYPE), factors.to(DTYPE), total, input_precision=PRECISION)
    if bias is not None:
        total += tl.load(bias + cell * OUT_CHANNELS + out, mask=out < OUT_CHANNELS, other=0.0)[None, :]
    image, place = at // (OUT_HEIGHT * OUT_WIDTH), at % (OUT_HEIGHT * OUT_WIDTH)
    to = y + cell * y_cell + (image.to(tl.int64) * y_image + place)[:, None] + (out * (OUT_HEIGHT * OUT_WIDTH))[None, :]
    there = (image < images)[:, None] & (out < OUT_CHANNELS)[None, :]
    tl.store(to, total.to(y.dtype.element_ty), mask=there)
