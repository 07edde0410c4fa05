"""What is measured of every class's prob, not only of the largest."""

from dataclasses import dataclass

import torch
from torch import Tensor

from lsbench.data.tensors import as_floats, as_labels
from lsbench.metrics.binning import class_bins
from lsbench.metrics.contract import metric
from lsbench.names.bins import DEFAULT_BINS


@metric
def classwise_calibration_error(probs: Tensor, labels: Tensor, bins: int = DEFAULT_BINS) -> Tensor:
    """Classwise ECE: the mean over classes of the ECE of "it is class c", over equal-width right-closed bins.

    1/K sum_c sum_b |sum_{i in b(c)} ([y_i = c] - p_ic)| / n. It shrinks like 1/K, so compare it at one K only.

    (Kull et al., 2019)

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
        >>> round(float(classwise_calibration_error([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1])), 4)
        0.4
    """
    sums = class_bins(probs, labels, bins)
    return (sums.correct - sums.confidence).abs().sum((-2, -1)) / probs.shape[-1] / probs.shape[-2]


@dataclass(frozen=True)
class BrierParts:
    """What the Brier score is made of, (...) each: brier = reliability - resolution + uncertainty + within."""

    reliability: Tensor  # squared gap between mean prob and frequency of a bin: 0 for a calibrated model
    resolution: Tensor  # how far the bins' frequencies lie from the class's: higher is better
    uncertainty: Tensor  # of the labels alone: 1 - sum_c frequency_c^2
    within: Tensor  # variance of the probs inside a bin, less twice their covariance with the labels


def brier_parts(probs: Tensor, labels: Tensor, bins: int = DEFAULT_BINS) -> BrierParts:
    """Decompose the Brier score of checked probs, summed over classes, by equal-width right-closed bins of each class.

    With pi_c the frequency of class c, and p_b, y_b the mean prob and frequency of a bin:
    reliability = sum_c sum_b n_b/n (p_b - y_b)^2, resolution = sum_c sum_b n_b/n (y_b - pi_c)^2,
    uncertainty = sum_c pi_c (1 - pi_c), within = sum_c 1/n sum_i [(p_i - p_b)^2 - 2 (p_i - p_b)(y_i - y_b)].
    The sum is exact; without `within` it only is where all probs of a bin are equal.

    (Murphy, 1973; Stephenson, Coelho and Jolliffe, 2008)

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).
        bins: how many of each class, at least 1.

    Returns:
        The four parts, (...) each, float64 tensors.

    Raises:
        InputError: bins below 1.
        DtypeError: probs that are not floating point, labels or bins that are not integers.

    Example:
        >>> parts = brier_parts([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1])
        >>> round(float(parts.reliability), 4), round(float(parts.resolution), 4), round(float(parts.uncertainty), 4)
        (0.45, 0.375, 0.375)
    """
    probs, labels = as_floats("probs", probs).double(), as_labels("labels", labels).long()
    sums, n = class_bins(probs, labels, bins), probs.shape[-2]
    weight, size = sums.count / n, sums.count.clamp(min=1)
    prob, frequency = sums.confidence / size, sums.correct / size
    overall = sums.correct.sum(-1, keepdim=True) / n
    of_label = probs.gather(-1, labels[..., None]).sum((-2, -1)) / n
    variance = torch.linalg.vector_norm(probs, dim=(-2, -1)) ** 2 / n - _total(weight * prob**2)
    covariance = of_label - _total(weight * prob * frequency)
    return BrierParts(
        reliability=_total(weight * (prob - frequency) ** 2),
        resolution=_total(weight * (frequency - overall) ** 2),
        uncertainty=_total(overall * (1 - overall)),
        within=variance - 2 * covariance,
    )


@metric
def brier_reliability(probs: Tensor, labels: Tensor, bins: int = DEFAULT_BINS) -> Tensor:
    """The Brier score's part that is miscalibration, see `brier_parts`.

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).
        bins: how many, at least 1.

    Returns:
        (...) in [0, 2], 0 when calibrated, float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range, bins
            below 1.
        DtypeError: probs that are not floating point, labels or bins that are not integers.

    Example:
        >>> round(float(brier_reliability([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1])), 4)
        0.45
    """
    return brier_parts(probs, labels, bins).reliability


@metric
def brier_resolution(probs: Tensor, labels: Tensor, bins: int = DEFAULT_BINS) -> Tensor:
    """The Brier score's part that is knowledge, see `brier_parts`.

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples.
        labels: (..., n), integers in [0, K).
        bins: how many, at least 1.

    Returns:
        (...) in [0, 1], subtracted from the score, float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range, bins
            below 1.
        DtypeError: probs that are not floating point, labels or bins that are not integers.

    Example:
        >>> round(float(brier_resolution([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1])), 4)
        0.375
    """
    return brier_parts(probs, labels, bins).resolution


@metric
def brier_uncertainty(probs: Tensor, labels: Tensor) -> Tensor:
    """The Brier score of always predicting the class frequencies: 1 - sum_c frequency_c^2,.

    Args:
        probs: (..., n, K), a distribution over K classes for each of n examples; only their shape is used.
        labels: (..., n), integers in [0, K).

    Returns:
        (...) in [0, 1], float64: a tensor of tensors, numpy of numpy.

    Raises:
        InputError: shapes that do not match, no examples, rows that are no distributions, labels out of range.
        DtypeError: probs that are not floating point, labels that are not integers.

    Example:
        >>> round(float(brier_uncertainty([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2], [0.3, 0.7]], [0, 1, 1, 1])), 4)
        0.375
    """
    count = torch.zeros_like(probs[..., 0, :]).scatter_add_(-1, labels, torch.ones_like(probs[..., 0]))
    return 1 - (count / probs.shape[-2]).square().sum(-1)


def _total(values: Tensor) -> Tensor:
    return values.sum((-2, -1))
