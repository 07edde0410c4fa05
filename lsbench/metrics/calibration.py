"""How far confidence is from accuracy."""

from torch import Tensor

from lsbench.metrics.binning import Side, top_label_bins
from lsbench.metrics.contract import metric


@metric
def expected_calibration_error(probs: Tensor, labels: Tensor, bins: int = 15, closed: Side = "right") -> Tensor:
    """Expected calibration error (ECE) of the top label over equal-width bins.

    sum_b |sum_{i in b} (correct_i - confidence_i)| / n, with confidence the largest prob and correct whether it is
    the label's. closed="right" is the convention of the papers; "left" is that of torchmetrics and netcal, except
    that a confidence of exactly 1 stays in the last bin (torchmetrics gives it a bin of its own, which can only
    raise the error). The two differ on confidences that are exactly an edge.

    probs (..., n, K), labels (..., n) -> (...) in [0, 1], float64. Errors: `lsbench.metrics.checks.checked`, and
    `InputError` for bins < 1 or another side, `DtypeError` for bins that are not an integer.

    (Naeini et al., 2015; Guo et al., 2017)
    """
    sums = top_label_bins(probs, labels, bins, closed)
    return (sums.correct - sums.confidence).abs().sum(-1) / labels.shape[-1]
