"""Calibration error over bins of equal mass."""

import torch
from torch import Tensor

from lsbench.metrics.binning import Bins, fill_bins, require_bins, top_label
from lsbench.metrics.calibration import ece_of_bins
from lsbench.metrics.contract import metric
from lsbench.metrics.ties import averaged_over_ties
from lsbench.names.bins import DEFAULT_BINS


@metric
def adaptive_calibration_error(probs: Tensor, labels: Tensor, bins: int = DEFAULT_BINS) -> Tensor:
    """Expected calibration error of the top label over bins that hold equally many examples.

    Examples are sorted by confidence and cut like numpy.array_split: the first n mod bins bins hold one more than
    the others; with n < bins each example is a bin. Equal confidences count with their mean correctness, so a cut
    between them never depends on the order of the examples, and every bin keeps its mass.

    (Nguyen and O'Connor, 2015; Nixon et al., 2019)

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).
        bins: how many, at least 1.

    Returns:
        (...) in [0, 1], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range, bins
            below 1.
        DtypeError: probs that are not floating point, labels or bins that are not integers.

    Example:
        >>> round(float(adaptive_calibration_error([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1])), 4)
        0.4
    """
    require_bins(bins)
    confidence, correct = averaged_over_ties(*top_label(probs, labels))
    return ece_of_bins(_equal_mass(confidence, correct, bins))


def _equal_mass(confidence: Tensor, correct: Tensor, bins: int) -> Bins:
    n = confidence.shape[-1]
    number = torch.arange(bins, device=confidence.device)
    place = number.repeat_interleave(n // bins + (number < n % bins).long())
    return fill_bins(confidence, correct, place.expand(confidence.shape), bins)
