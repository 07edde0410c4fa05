"""Metrics of probabilities, in float64, over any leading axes: accuracy, proper scores and calibration."""

from lsbench.metrics.calibration import expected_calibration_error
from lsbench.metrics.classification import accuracy, brier, error_rate, nll
from lsbench.metrics.suite import METRICS, evaluate

__all__ = ["METRICS", "accuracy", "brier", "error_rate", "evaluate", "expected_calibration_error", "nll"]
