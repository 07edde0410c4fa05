"""How far confidence is from accuracy, bin by bin."""

import math

from torch import Tensor

from lsbench.metrics.binning import Bins, Side, place_of, sum_in_bins, top_label, top_label_bins
from lsbench.metrics.contract import metric
from lsbench.names.bins import DEFAULT_BINS


@metric
def expected_calibration_error(
    probs: Tensor, labels: Tensor, bins: int = DEFAULT_BINS, closed: Side = "right"
) -> Tensor:
    """Expected calibration error (ECE) of the top label over equal-width bins.

    sum_b |sum_{i in b} (correct_i - confidence_i)| / n, with confidence the largest prob and correct whether it is
    the label's. closed="right" is the convention of the papers; "left" is that of torchmetrics and netcal, except
    that a confidence of exactly 1 stays in the last bin (torchmetrics gives it a bin of its own, which can only
    raise the error). The two differ on confidences that are exactly an edge.

    (Naeini et al., 2015; Guo et al., 2017)

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).
        bins: how many, at least 1.
        closed: which edge belongs to a bin: "right" or "left".

    Returns:
        (...) in [0, 1], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range, bins
            below 1, another side.
        DtypeError: probs that are not floating point, labels or bins that are not integers.

    Example:
        >>> round(float(expected_calibration_error([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1])), 4)
        0.4
    """
    return ece_of_bins(top_label_bins(probs, labels, bins, closed))


@metric
def maximum_calibration_error(
    probs: Tensor, labels: Tensor, bins: int = DEFAULT_BINS, closed: Side = "right"
) -> Tensor:
    """Maximum calibration error (MCE): the largest gap of a bin that is not empty, however few examples it holds.

    max_b |accuracy_b - confidence_b|.

    (Naeini et al., 2015)

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).
        bins: how many, at least 1.
        closed: which edge belongs to a bin: "right" or "left".

    Returns:
        (...) in [0, 1], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range, bins
            below 1, another side.
        DtypeError: probs that are not floating point, labels or bins that are not integers.

    Example:
        >>> round(float(maximum_calibration_error([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1])), 4)
        0.8
    """
    return mce_of_bins(top_label_bins(probs, labels, bins, closed))


@metric
def overconfidence(probs: Tensor, labels: Tensor, bins: int = DEFAULT_BINS, closed: Side = "right") -> Tensor:
    """The part of the ECE that comes from bins whose confidence is above their accuracy.

    sum_b max(0, sum_{i in b} (confidence_i - correct_i)) / n; with `underconfidence` it adds up to the ECE.

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).
        bins: how many, at least 1.
        closed: which edge belongs to a bin: "right" or "left".

    Returns:
        (...) in [0, 1], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range, bins
            below 1, another side.
        DtypeError: probs that are not floating point, labels or bins that are not integers.

    Example:
        >>> round(float(overconfidence([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1])), 4)
        0.2
    """
    return _gaps(top_label_bins(probs, labels, bins, closed)).clamp(max=0).sum(-1).abs() / labels.shape[-1]


@metric
def underconfidence(probs: Tensor, labels: Tensor, bins: int = DEFAULT_BINS, closed: Side = "right") -> Tensor:
    """The part of the ECE that comes from bins whose accuracy is above their confidence.

    sum_b max(0, sum_{i in b} (correct_i - confidence_i)) / n; with `overconfidence` it adds up to the ECE.

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).
        bins: how many, at least 1.
        closed: which edge belongs to a bin: "right" or "left".

    Returns:
        (...) in [0, 1], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range, bins
            below 1, another side.
        DtypeError: probs that are not floating point, labels or bins that are not integers.

    Example:
        >>> round(float(underconfidence([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1])), 4)
        0.2
    """
    return _gaps(top_label_bins(probs, labels, bins, closed)).clamp(min=0).sum(-1) / labels.shape[-1]


@metric
def signed_error(probs: Tensor, labels: Tensor) -> Tensor:
    """Signed calibration error: accuracy minus mean confidence; above 0 is under-confident.

    mean_i (correct_i - confidence_i); no bins, no bias, and |signed error| <= ECE.

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).

    Returns:
        (...) in [-1, 1], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range.
        DtypeError: probs that are not floating point, labels that are not integers.

    Example:
        >>> round(float(signed_error([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 0, 1])), 4)
        0.25
    """
    confidence, correct = top_label(probs, labels)
    return (correct - confidence).mean(-1)


@metric
def l2_debiased(probs: Tensor, labels: Tensor, bins: int = DEFAULT_BINS, closed: Side = "right") -> Tensor:
    """Squared calibration error of the top label without the bias of few examples per bin.

    sum_b n_b/n [(acc_b - conf_b)^2 - acc_b (1 - acc_b) / (n_b - 1)]. Its expectation for a calibrated model is 0, so
    it can be below 0. A bin of one example, whose variance is unknown, counts 0 as in the authors' code.

    (Bröcker, 2012; Kumar, Liang and Ma, 2019)

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).
        bins: how many, at least 1.
        closed: which edge belongs to a bin: "right" or "left".

    Returns:
        (...) in [-1, 1], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range, bins
            below 1, another side.
        DtypeError: probs that are not floating point, labels or bins that are not integers.

    Example:
        >>> round(float(l2_debiased([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 0, 1])), 4)
        0.0
    """
    sums = top_label_bins(probs, labels, bins, closed)
    size = sums.count.clamp(min=2)  # where there are fewer, the bin is dropped below
    accuracy = sums.correct / size
    unbiased = (_gaps(sums) / size) ** 2 - accuracy * (1 - accuracy) / (size - 1)
    return (unbiased * size * (sums.count >= 2)).sum(-1) / labels.shape[-1]


@metric
def ece_floor(probs: Tensor, labels: Tensor, bins: int = DEFAULT_BINS, closed: Side = "right") -> Tensor:
    """The ECE that a perfectly calibrated model with these confidences would show on so few examples.

    (1/n) sum_b sqrt(2/pi sum_{i in b} c_i (1 - c_i)): the mean of |gap| when correctness is Bernoulli(c_i), by the
    normal approximation. An ECE near its floor says nothing; ECEs with different floors do not compare.

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K); checked, and not used.
        bins: how many, at least 1.
        closed: which edge belongs to a bin: "right" or "left".

    Returns:
        (...) in [0, 1], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range, bins
            below 1, another side.
        DtypeError: probs that are not floating point, labels or bins that are not integers.

    Example:
        >>> round(float(ece_floor([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1])), 4)
        0.3288
    """
    confidence = probs.amax(-1)
    variance = sum_in_bins(confidence * (1 - confidence), place_of(confidence, bins, closed), bins)
    return (2 / math.pi * variance).sqrt().sum(-1) / labels.shape[-1]


def ece_of_bins(sums: Bins) -> Tensor:
    """`expected_calibration_error` from the sums of its bins.

    Args:
        sums: those of each bin, (..., bins), such as `from_sketch` gives.

    Returns:
        (...) in [0, 1], float64.

    Example:
        >>> from lsbench.metrics import from_sketch, sketch
        >>> bins = from_sketch(sketch([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2]], [0, 1, 1]), bins=10)
        >>> round(ece_of_bins(bins).item(), 4)
        0.4333
    """
    return _gaps(sums).abs().sum(-1) / sums.count.sum(-1)


def mce_of_bins(sums: Bins) -> Tensor:
    """`maximum_calibration_error` from the sums of its bins.

    Args:
        sums: those of each bin, (..., bins), such as `from_sketch` gives.

    Returns:
        (...) in [0, 1], float64.

    Example:
        >>> from lsbench.metrics import from_sketch, sketch
        >>> bins = from_sketch(sketch([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2]], [0, 1, 1]), bins=10)
        >>> round(mce_of_bins(bins).item(), 4)
        0.8
    """
    return (_gaps(sums).abs() / sums.count.clamp(min=1)).amax(-1)


def _gaps(sums: Bins) -> Tensor:
    return sums.correct - sums.confidence
