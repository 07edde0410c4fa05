"""A histogram of the confidences so fine that any usual binning can be had from it, without the logits."""

import torch

from lsbench.metrics.binning import Bins, fill_bins, require_bins, top_label
from lsbench.metrics.checks import Array, checked
from lsbench.rows.sketch import CELLS, require_divisor


def sketch(probs: Array, labels: Array) -> Bins:
    """Counts, confidence sums and correct sums of the top label over 3840 equal-width, right-closed cells.

    The edges are k/3840, rounded once to float64, so the edge j/B of any B that divides 3840 is among them.

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).

    Returns:
        Sums (..., 3840), float64 tensors.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range.
        DtypeError: probs that are not floating point, labels that are not integers.

    Example:
        >>> sketch([[0.9, 0.1], [0.4, 0.6]], [0, 1]).count.shape
        torch.Size([3840])
    """
    confidence, correct = top_label(*checked(probs, labels))
    edges = torch.arange(1, CELLS, dtype=confidence.dtype, device=confidence.device) / CELLS
    return fill_bins(confidence, correct, torch.bucketize(confidence, edges), CELLS)


def from_sketch(sketch: Bins, bins: int) -> Bins:
    """Merge a sketch's cells into equal-width bins: what a reliability diagram, `ece_of_bins`, `mce_of_bins` need.

    Equal to the bins that the metrics make, except for confidences that are exactly an edge: the metrics' edges are
    numpy's linspace, whose k * (1/bins) can be one float64 step away from k / bins here. It is for 10 bins (.3, .6,
    .7), 20, 24, 30 and 60; for 15, 16 and powers of two no edge differs, and the bins are always the same.

    Args:
        sketch: sums (..., 3840).
        bins: how many, a divisor of 3840.

    Returns:
        Sums (..., bins).

    Raises:
        InputError: bins below 1, or that do not divide 3840.
        DtypeError: bins that are not an integer.

    Example:
        >>> from_sketch(sketch([[0.9, 0.1], [0.4, 0.6]], [0, 1]), 10).count.tolist()
        [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0]
    """
    require_bins(bins)
    require_divisor(bins)
    return Bins(*(sums.unflatten(-1, (bins, -1)).sum(-1) for sums in (sketch.count, sketch.confidence, sketch.correct)))
