"""A histogram of confidences as a short text, and any usual binning of it, without torch."""

import base64
import zlib
from dataclasses import dataclass

import numpy as np

from lsbench.errors import InputError

CELLS = 3840  # 2^8 * 15: divided by 10, 12, 15, 16, 20, 24, 30, 32, ...
FIELDS = np.dtype([("cell", "<u2"), ("count", "<u4"), ("correct", "<u4"), ("place", "<u2")])
FINEST = 65_535  # steps of a mean confidence within its cell: an error of at most 2e-9


@dataclass(frozen=True)
class Sums:
    """Of each bin, (bins,) float64: how many examples, and their summed confidence and correctness."""

    count: np.ndarray
    confidence: np.ndarray
    correct: np.ndarray


def pack(sums: Sums) -> str:
    """The 3840 cells of a sketch as text: those that are not empty, deflated, in base64.

    A cell's mean confidence is kept in 65,535ths of its width, so that an ECE had from it is right to 2e-9.
    """
    if len(sums.count) != CELLS:
        raise InputError(f"a sketch has {CELLS} cells, got {len(sums.count)}")
    cells = np.flatnonzero(sums.count)
    count = sums.count[cells]
    kept = np.empty(len(cells), FIELDS)
    kept["cell"], kept["count"], kept["correct"] = cells, count, sums.correct[cells]
    kept["place"] = np.clip(np.rint((sums.confidence[cells] / count * CELLS - cells) * FINEST), 0, FINEST)
    columns = b"".join(kept[name].tobytes() for name in FIELDS.names or ())
    return base64.b64encode(zlib.compress(columns, 9)).decode()


def unpack(text: str) -> Sums:
    """The sketch that `pack` made this from; `InputError` where it did not."""
    try:
        inflate = zlib.decompressobj()
        columns = inflate.decompress(base64.b64decode(text, validate=True), CELLS * FIELDS.itemsize + 1)
    except (ValueError, zlib.error) as error:
        raise InputError(f"not a sketch: {error}") from error
    size, rest = divmod(len(columns), FIELDS.itemsize)
    if rest or not inflate.eof:
        raise InputError(f"not a sketch: {len(columns)} bytes, not a whole number of cells")
    kept, start = {}, 0
    for name in FIELDS.names or ():
        kept[name] = np.frombuffer(columns, FIELDS[name], size, start).astype(float)
        start += size * FIELDS[name].itemsize
    cells = kept["cell"].astype(int)
    if size and (cells.max() >= CELLS or (kept["correct"] > kept["count"]).any()):
        raise InputError("not a sketch: a cell that does not exist, or more correct than there are")
    sums = np.zeros((3, CELLS))
    sums[0, cells], sums[2, cells] = kept["count"], kept["correct"]
    sums[1, cells] = (cells + kept["place"] / FINEST) / CELLS * kept["count"]
    return Sums(*sums)


def merge(sums: Sums, bins: int) -> Sums:
    """A sketch's cells as equal-width bins; `InputError` unless bins divides 3840."""
    require_divisor(bins)
    return Sums(*(cells.reshape(bins, -1).sum(1) for cells in (sums.count, sums.confidence, sums.correct)))


def require_divisor(bins: int) -> None:
    """Raise an `InputError` unless the 3840 cells can be merged into so many bins of equal width."""
    if bins < 1 or CELLS % bins:
        raise InputError(f"bins must divide {CELLS}, such as 10, 15, 16 or 20; got {bins}")
