"""By how much a calibration error is too high by the chance of its test examples alone."""

import math

from lsbench.analysis.summary.arms import ArmResults
from lsbench.analysis.summary.quantity import value_of
from lsbench.rows.row import Row

TWO_SIDED = 1.96  # sds of a normal number that leave out 5 %


def excess_of(arm: ArmResults, name: str) -> float | None:
    """The mean over an arm's seeds; None of numbers that chance makes no larger, and where a row does not tell.

    A calibration error is an absolute value: of a perfectly calibrated network it is above 0, the more so the less
    accurate the network is. What seeds tell does not show it, as all of them share one test set.
    """
    where, point, metric = name.rpartition(".")
    of_row = {"ece": _of_ece, "signed_error": _of_signed_error}.get(metric)
    if of_row is None or not arm.rows:
        return None
    amounts = [of_row(row, where + point) for row in arm.rows]
    told = [amount for amount in amounts if amount is not None]
    return sum(told) / len(told) if len(told) == len(amounts) else None


def _of_ece(row: Row, way: str) -> float | None:
    """Its floor: in a bin |gap + chance| <= |gap| + |chance|, and the floor is the mean of the latter's sum."""
    return value_of(row, f"{way}ece_floor")


def _of_signed_error(row: Row, way: str) -> float | None:
    """1.96 sqrt(m (1 - m) / n) with m the mean confidence: the variance of n calibrated answers is no larger."""
    accuracy, error, n = (value_of(row, name) for name in ("accuracy", f"{way}signed_error", "examples.test"))
    if accuracy is None or error is None or not n:
        return None
    confidence = min(max(accuracy - error, 0.0), 1.0)
    return TWO_SIDED * math.sqrt(confidence * (1 - confidence) / n)
