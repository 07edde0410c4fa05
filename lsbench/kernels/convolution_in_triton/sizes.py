"""How the work is cut into tiles, by the shape of one cell alone: no sizes are searched for by timing.

The number of cells does not count, so that a cell's sums, and its bits, are those of any stack. Chosen by compiling
for an H100, not by running: see results/kernel.md.
"""

import triton

PLACES, TAPS = 128, 32  # of a tile of patches that filters are multiplied with
SUMMED_PLACES, SUMMED_TAPS = 32, 64  # of one that the gradient in the filters is a sum of
SPAN = 2048  # places that one program of that sum goes through
LEAST, MOST_OUTS = 16, 64  # what a product of tiles takes; output channels of a program
BLOCK = 1024  # numbers of a program that adds the parts
LAUNCH = {"num_warps": 4, "num_stages": 2}


def values_tile(taps: int, out_channels: int) -> dict[str, int]:
    """For the values, and the gradient in the images: filters of so many taps."""
    return {"PLACES": PLACES, "OUTS": _side(out_channels, MOST_OUTS), "TAPS": _side(taps, TAPS), **LAUNCH}


def weights_tile(taps: int, out_channels: int) -> dict[str, int]:
    """For the gradient in the filters."""
    sides = {"OUTS": _side(out_channels, MOST_OUTS), "TAPS": _side(taps, SUMMED_TAPS)}
    return {"SPAN": SPAN, "PLACES": SUMMED_PLACES, **sides, **LAUNCH}


def _side(size: int, most: int) -> int:
    return min(most, max(LEAST, triton.next_power_of_2(size)))
