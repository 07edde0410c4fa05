"""Which pixels of an image the filters meet, as a tile of pixels and taps.

A tap is a channel, a row and a column of a filter; at (pixels) counts the places of the filter, image after image.
"""

# ruff: noqa: N803, RET505  Triton's constants are in capitals, and it compiles what follows a return without an else
# pyright: reportOptionalOperand=false, reportOperatorIssue=false, reportGeneralTypeIssues=false
# pyright: reportArgumentType=false, reportAssignmentType=false, reportReturnType=false, reportOptionalSubscript=false

import triton
import triton.language as tl


@triton.jit
def source(at, tap, SIZE: tl.constexpr, STRIDE: tl.constexpr, PADDING: tl.constexpr, TRANSPOSED: tl.constexpr):
    """The row (or column) of the image that a filter's row meets where it stands, and whether there is one.

    at * STRIDE - PADDING + tap; transposed, the row whose solution `at` is.
    """
    if TRANSPOSED:
        place = at + PADDING - tap
        return place // STRIDE, (place >= 0) & (place < SIZE * STRIDE) & (place % STRIDE == 0)
    else:
        place = at * STRIDE - PADDING + tap
        return place, (place >= 0) & (place < SIZE)


@triton.jit
def read_patches(
    x,
    image_stride,
    images,
    at,
    tap,
    CHANNELS: tl.constexpr,
    HEIGHT: tl.constexpr,
    WIDTH: tl.constexpr,
    OUT_HEIGHT: tl.constexpr,
    OUT_WIDTH: tl.constexpr,
    KERNEL_HEIGHT: tl.constexpr,
    KERNEL_WIDTH: tl.constexpr,
    STRIDE_DOWN: tl.constexpr,
    STRIDE_RIGHT: tl.constexpr,
    TOP: tl.constexpr,
    LEFT: tl.constexpr,
    TRANSPOSED: tl.constexpr,
):
    """A tile (at, tap) of the images (images, CHANNELS, HEIGHT, WIDTH) at x; zero outside of them."""
    image, place = at // (OUT_HEIGHT * OUT_WIDTH), at % (OUT_HEIGHT * OUT_WIDTH)
    down, right = (place // OUT_WIDTH)[:, None], (place % OUT_WIDTH)[:, None]
    channel, within = tap // (KERNEL_HEIGHT * KERNEL_WIDTH), tap % (KERNEL_HEIGHT * KERNEL_WIDTH)
    tap_down, tap_right = (within // KERNEL_WIDTH)[None, :], (within % KERNEL_WIDTH)[None, :]
    row, has_row = source(down, tap_down, HEIGHT, STRIDE_DOWN, TOP, TRANSPOSED)
    column, has_column = source(right, tap_right, WIDTH, STRIDE_RIGHT, LEFT, TRANSPOSED)
    there = (image < images)[:, None] & (channel < CHANNELS)[None, :] & has_row & has_column
    pixel = channel[None, :] * (HEIGHT * WIDTH) + row * WIDTH + column
    return tl.load(x + (image.to(tl.int64) * image_stride)[:, None] + pixel, mask=there, other=0.0)
