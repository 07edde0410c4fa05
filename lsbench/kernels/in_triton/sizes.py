"""Which of the two kernels takes the rows, and with which sizes; no sizes are searched for by timing.

Measured by compiling for an H100, not by running: see results/kernel.md.
"""

import math
from typing import NamedTuple

import torch
import triton
from torch import Tensor

CACHED = 1 << 15  # classes of a row that 65,536 registers hold
STREAMED = 1 << 13  # bytes that a program reads at once of a longer row
BUFFERED = 4  # how many of them are read ahead, the one in work counted
TILE = 1 << 11  # classes of short rows that a program takes at once, of at most MOST_ROWS rows
MOST_ROWS = 128
WIDEST = 16  # bytes that a thread reads at once
LONG_ENOUGH = 1 << 10  # classes from which wide reads are worth it that the ends of a row are written apart
QUEUED = 256  # warps for each processor, many more than it runs at once, so that none is idle at the end
RESERVED = 1 << 11  # bytes of shared memory beside the buffers


class Chip(NamedTuple):
    """What is asked of a GPU."""

    processors: int
    shared_memory: int  # bytes that one program may have


class Sizes(NamedTuple):
    """How the rows are cut; the fields are the constants of the kernels."""

    VEC: int  # classes that a thread reads at once
    ALIGNED: bool  # whether each row begins and ends with such a group
    BLOCK: int  # classes that a program holds at once
    ROWS: int  # rows of a tile; 0 for the kernel of long rows
    STAGES: int  # buffers that rows are read ahead into, and one; 1 reads nothing ahead
    num_warps: int
    programs: int


def sizes_of(logits: Tensor, gradient: Tensor | None, heavy: int, chip: Chip) -> Sizes:
    """The sizes for logits (N, K); heavy is how many times the registers of a row of logits in float32 are needed."""
    count, num_classes = logits.shape
    vec, aligned = _width(logits, gradient)
    longest = num_classes if aligned else num_classes + vec - 1
    if longest > CACHED // heavy:
        programs = min(count, chip.processors * QUEUED // 8)
        return Sizes(vec, aligned, STREAMED // logits.element_size(), 0, BUFFERED, 8, programs)
    block = triton.next_power_of_2(longest)
    rows = min(MOST_ROWS, max(1, TILE // block)) if aligned else 1
    warps = min(32, max(4, rows * block * heavy // 512))
    stages = _stages(block * logits.element_size(), chip) if warps == 32 and heavy == 1 else 1
    queued = 1 if stages > 1 else QUEUED // warps
    return Sizes(vec, aligned, block, rows, stages, warps, min(-(-count // rows), chip.processors * queued))


def heaviness(logits: Tensor, weight: Tensor | None, targets: Tensor | None) -> int:
    """How many times the registers of a row of float32 logits are needed; float64 needs many for its exponentials."""
    return (4 if logits.dtype == torch.float64 else 1) * (1 + (weight is not None)) * (1 + (targets is not None))


def _width(logits: Tensor, gradient: Tensor | None) -> tuple[int, bool]:
    """How many classes a thread reads at once, and whether each row begins and ends with such a group."""
    both = [tensor for tensor in (logits, gradient) if tensor is not None]
    if any(tensor.data_ptr() % WIDEST for tensor in both):
        return 1, True
    num_classes, widest = logits.shape[1], WIDEST // logits.element_size()
    strides = [tensor.stride(0) for tensor in both]
    even = math.gcd(widest, num_classes, *strides)
    alike = all((stride - strides[0]) % widest == 0 for stride in strides)
    if even < widest and alike and num_classes >= LONG_ENOUGH:
        return widest, False
    return even, True


def _stages(row: int, chip: Chip) -> int:
    """Rows of so many bytes are read ahead while one is in work where shared memory holds two; one saves registers."""
    return next((stages for stages in (3, 2) if (stages - 1) * row + RESERVED <= chip.shared_memory), 1)
