"""A histogram of the confidences so fine that any usual binning can be had from it, without the logits."""

import torch

from lsbench.metrics.binning import Bins, fill_bins, require_bins, top_label
from lsbench.metrics.checks import Array, checked
from lsbench.rows.sketch import CELLS, require_divisor


def sketch(probs: Array, labels: Array) -> Bins:
    """Counts, confidence sums and correct sums of the top label over 3840 equal-width, right-closed cells.

    The edges are k/3840, rounded once to float64, so the edge j/B of any B that divides 3840 is among them.

    probs (..., n, K), labels (..., n), tensors or arrays -> sums (..., 3840), float64 tensors.
    Errors: `lsbench.metrics.checks.checked`.
    """
    confidence, correct = top_label(*checked(probs, labels))
    edges = torch.arange(1, CELLS, dtype=confidence.dtype, device=confidence.device) / CELLS
    return fill_bins(confidence, correct, torch.bucketize(confidence, edges), CELLS)


def from_sketch(sketch: Bins, bins: int) -> Bins:
    """Merge a sketch's cells into equal-width bins: what a reliability diagram, `ece_of_bins`, `mce_of_bins` need.

    Equal to the bins that the metrics make, except for confidences that are exactly an edge: the metrics' edges are
    numpy's linspace, whose k * (1/bins) can be one float64 step away from k / bins here. It is for 10 bins (.3, .6,
    .7), 20, 24, 30 and 60; for 15, 16 and powers of two no edge differs, and the bins are always the same.

    Sums (..., 3840) -> (..., bins). `InputError`: bins < 1, or that do not divide 3840; `DtypeError`: not an integer.
    """
    require_bins(bins)
    require_divisor(bins)
    return Bins(*(sums.unflatten(-1, (bins, -1)).sum(-1) for sums in (sketch.count, sketch.confidence, sketch.correct)))
