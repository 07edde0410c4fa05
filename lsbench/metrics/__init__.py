"""Metrics of probabilities, in float64, over any leading axes: accuracy, proper scores and calibration.

Fitting a temperature is in `training.temperature`, and comparing the numbers of several trainings in `statistics`.
"""

from lsbench.metrics.adaptive import adaptive_calibration_error
from lsbench.metrics.binning import Bins
from lsbench.metrics.calibration import (
    ece_floor,
    ece_of_bins,
    expected_calibration_error,
    l2_debiased,
    maximum_calibration_error,
    mce_of_bins,
    overconfidence,
    signed_error,
    underconfidence,
)
from lsbench.metrics.classification import accuracy, brier, error_rate, nll
from lsbench.metrics.classwise import (
    BrierParts,
    brier_parts,
    brier_reliability,
    brier_resolution,
    brier_uncertainty,
    classwise_calibration_error,
)
from lsbench.metrics.extremes import edge_ties, saturation
from lsbench.metrics.histogram import from_sketch, sketch
from lsbench.metrics.per_class import balanced_accuracy, macro_f1, majority_rate, majority_recall, recall
from lsbench.metrics.recalibration import Recalibration, calibration_p, calibration_slope, recalibrate
from lsbench.metrics.selective import aurc, risk_at_coverage
from lsbench.metrics.smooth import smooth_ece
from lsbench.metrics.suite import METRICS, evaluate

__all__ = [
    "METRICS",
    "Bins",
    "BrierParts",
    "Recalibration",
    "accuracy",
    "adaptive_calibration_error",
    "aurc",
    "balanced_accuracy",
    "brier",
    "brier_parts",
    "brier_reliability",
    "brier_resolution",
    "brier_uncertainty",
    "calibration_p",
    "calibration_slope",
    "classwise_calibration_error",
    "ece_floor",
    "ece_of_bins",
    "edge_ties",
    "error_rate",
    "evaluate",
    "expected_calibration_error",
    "from_sketch",
    "l2_debiased",
    "macro_f1",
    "majority_rate",
    "majority_recall",
    "maximum_calibration_error",
    "mce_of_bins",
    "nll",
    "overconfidence",
    "recalibrate",
    "recall",
    "risk_at_coverage",
    "saturation",
    "signed_error",
    "sketch",
    "smooth_ece",
    "underconfidence",
]
