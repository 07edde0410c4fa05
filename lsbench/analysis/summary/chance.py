"""By how much a calibration error is too high by the chance of its test examples alone."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.analysis.summary.arms import ArmResults
from lsbench.analysis.summary.quantity import value_of
from lsbench.names.bins import DEFAULT_BINS
from lsbench.rows.row import Row
from lsbench.rows.sketch import merge, unpack

SURE = 2.0  # sds of the chance by which the gap of a bin is at most larger than it truly is
TWO_SIDED = 1.96  # sds of a normal number that leave out 5 %


def excess_of(arm: ArmResults, name: str) -> float | None:
    """The mean over an arm's seeds; None of numbers that chance makes no larger, and where a row does not tell.

    A calibration error is an absolute value: of a perfectly calibrated network it is above 0, the more so the less
    accurate the network is. What seeds tell does not show it, as all of them share one test set. Far from 0 an absolute
    value is as often too low as too high, and there is no excess.
    """
    where, point, metric = name.rpartition(".")
    of_row = {"ece": _of_ece, "signed_error": _of_signed_error}.get(metric)
    if of_row is None or not arm.rows:
        return None
    amounts = [of_row(row, where + point) for row in arm.rows]
    told = [amount for amount in amounts if amount is not None]
    return sum(told) / len(told) if len(told) == len(amounts) else None


def folded_excess(gap: ArrayLike, sd: ArrayLike) -> NDArray[np.float64]:
    """E|g + e| - g, e normal with that sd and g = max(0, gap - 2 sd), the least that a true gap seen so may be.

    E|g + e| = sd √(2/π) exp(-g² / 2 sd²) + g (1 - 2 Φ(-g / sd)). (Leone, Nelson and Nottingham, 1961)
    """
    from scipy.special import ndtr

    s = np.asarray(sd, float)
    ratio = np.maximum(0, np.asarray(gap, float) / np.where(s > 0, s, np.inf) - SURE)
    return s * (math.sqrt(2 / math.pi) * np.exp(-np.square(ratio) / 2) - 2 * ratio * ndtr(-ratio))


def _of_ece(row: Row, way: str) -> float | None:
    """The sum over its bins; where the bins are not kept, as after a temperature, the floor."""
    return _of_sketch(row.sketch) if row.sketch and not way else value_of(row, f"{way}ece_floor")


@lru_cache(8192)
def _of_sketch(text: str) -> float:
    cells = unpack(text)
    mean = cells.confidence / np.where(cells.count, cells.count, 1)
    variance = (cells.confidence * (1 - mean)).reshape(DEFAULT_BINS, -1).sum(1)
    bins = merge(cells, DEFAULT_BINS)
    right = bins.correct / np.where(bins.count, bins.count, 1)
    sd = np.sqrt(np.maximum(variance, bins.correct * (1 - right)))  # of too sure a network the second is larger
    return float(folded_excess(np.abs(bins.correct - bins.confidence), sd).sum() / bins.count.sum())


def _of_signed_error(row: Row, way: str) -> float | None:
    """1.96 s, less where |accuracy - confidence| is above that, and 0 from 3.92 s.

    s = sqrt(m (1 - m) / n), m the mean confidence: the variance of n calibrated answers is no larger.
    """
    accuracy, error, n = (value_of(row, name) for name in ("accuracy", f"{way}signed_error", "examples.test"))
    if accuracy is None or error is None or not n:
        return None
    confidence = min(max(accuracy - error, 0.0), 1.0)
    reach = TWO_SIDED * math.sqrt(confidence * (1 - confidence) / n)
    return min(reach, max(0.0, 2 * reach - abs(error)))
