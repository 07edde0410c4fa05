"""Examples sorted into equal-width bins of their confidence: what every binned calibration metric is made from."""

from dataclasses import dataclass
from numbers import Integral
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor

from lsbench.errors import DtypeError, InputError, require_choice

Side = Literal["right", "left"]


@dataclass(frozen=True)
class Bins:
    """Sums over the examples of each bin, (..., bins) float64; a mean is a sum over `count`."""

    count: Tensor
    confidence: Tensor
    correct: Tensor


def top_label_bins(probs: Tensor, labels: Tensor, bins: int, closed: Side) -> Bins:
    """Count the examples of each confidence bin, and sum their confidence and correctness.

    confidence = max_c p_c, correct = [argmax_c p_c = y]; of several largest probs the first class counts. The edges
    are numpy's linspace(0, 1, bins + 1) (torch's differs in the last bit). closed="right": bins (a, b], the first
    [0, b]; closed="left": bins [a, b), the last [a, 1], so that a confidence of 1 has no bin of its own.

    Checked float64 probs (..., n, K) and int64 labels (..., n) -> sums of shape (..., bins).
    `InputError`: bins < 1 or another side. `DtypeError`: bins that are not an integer.
    """
    _require_bins(bins)
    require_choice("closed", closed, get_args(Side))
    confidence, predicted = probs.max(-1)
    edges = torch.from_numpy(np.linspace(0, 1, bins + 1)[1:-1]).to(probs.device)
    place = torch.bucketize(confidence, edges, right=closed == "left")

    def sums(values: Tensor) -> Tensor:
        return values.new_zeros(*values.shape[:-1], bins).scatter_add_(-1, place, values)

    correct = (predicted == labels).to(probs.dtype)
    return Bins(count=sums(torch.ones_like(confidence)), confidence=sums(confidence), correct=sums(correct))


def _require_bins(bins: int) -> None:
    if isinstance(bins, bool) or not isinstance(bins, Integral):
        raise DtypeError(f"bins must be an integer, got {bins!r}")
    if bins < 1:
        raise InputError(f"bins must be at least 1, got {bins}")
