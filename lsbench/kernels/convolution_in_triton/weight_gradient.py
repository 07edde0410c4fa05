"""The gradient in the filters and in the biases: a sum over all places, in parts that are added in order."""

# ruff: noqa: N803, N806  Triton's constants are in capitals
# pyright: reportOptionalOperand=false, reportOperatorIssue=false, reportGeneralTypeIssues=false
# pyright: reportArgumentType=false, reportAssignmentType=false, reportReturnType=false, reportOptionalSubscript=false

import triton
import triton.language as tl

from lsbench.kernels.convolution_in_triton.patches import read_patches


@triton.jit(do_not_specialize=["images"])
def weight_parts(
    x,
    slopes,
    parts,
    x_cell,
    x_image,
    slopes_cell,
    slopes_image,
    part_stride,
    bias_start,
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
    HAS_BIAS: tl.constexpr,
    DTYPE: tl.constexpr,
    PRECISION: tl.constexpr,
    SPAN: tl.constexpr,
    PLACES: tl.constexpr,
    OUTS: tl.constexpr,
    TAPS: tl.constexpr,
):
    """The sums over SPAN places of slopes (cells, images, OUT_CHANNELS, OUT_HEIGHT, OUT_WIDTH) times patches of x.

    Of each part: (cells, OUT_CHANNELS, CHANNELS, KERNEL_HEIGHT, KERNEL_WIDTH), then (cells, OUT_CHANNELS) of biases.
    """
    AREA: tl.constexpr = OUT_HEIGHT * OUT_WIDTH
    ALL_TAPS: tl.constexpr = CHANNELS * KERNEL_HEIGHT * KERNEL_WIDTH
    cell, part = tl.program_id(1).to(tl.int64), tl.program_id(2)
    tap = tl.program_id(0) % tl.cdiv(ALL_TAPS, TAPS) * TAPS + tl.arange(0, TAPS)
    out = tl.program_id(0) // tl.cdiv(ALL_TAPS, TAPS) * OUTS + tl.arange(0, OUTS)
    total, of_biases = tl.zeros((OUTS, TAPS), tl.float32), tl.zeros((OUTS,), tl.float32)
    for first in range(part * SPAN, tl.minimum((part + 1) * SPAN, images * AREA), PLACES):
        at = first + tl.arange(0, PLACES)
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
            False,
        )
        image = at // AREA
        slope = slopes + cell * slopes_cell + (image.to(tl.int64) * slopes_image + at % AREA)[None, :]
        there = (image < images)[None, :] & (out < OUT_CHANNELS)[:, None]
        slope = tl.load(slope + (out * AREA)[:, None], mask=there, other=0.0)
        total = tl.dot(slope.to(DTYPE), patches.to(DTYPE), total, input_precision=PRECISION)
        if HAS_BIAS:
            of_biases += tl.sum(slope.to(tl.float32), 1)
    to = parts + part.to(tl.int64) * part_stride
    there = (out < OUT_CHANNELS)[:, None] & (tap < ALL_TAPS)[None, :]
    tl.store(to + (cell * OUT_CHANNELS + out)[:, None] * ALL_TAPS + tap[None, :], total, mask=there)
    if HAS_BIAS:
        mine = (out < OUT_CHANNELS) & (tl.program_id(0) % tl.cdiv(ALL_TAPS, TAPS) == 0)
        tl.store(to + bias_start + cell * OUT_CHANNELS + out, of_biases, mask=mine)


@triton.jit
def add_parts(parts, total, count, size, BLOCK: tl.constexpr):
    """Makes total (size) of parts (count, size), the first part first."""
    i = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    there = i < size
    at, summed = parts + i, tl.zeros((BLOCK,), tl.float32)
    for _ in range(count):
        summed += tl.load(at, mask=there, other=0.0)
        at += size
    tl.store(total + i, summed, mask=there)
