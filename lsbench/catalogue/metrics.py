"""The metrics."""

from lsbench.catalogue.entries import Metric

METRICS: dict[str, Metric] = {
    "accuracy": Metric(
        ref="lsbench.metrics.classification:accuracy",
        summary="share of examples whose largest prob is the label's",
        source="textbook",
        better="higher",
        each_epoch=True,
    ),
    "error_rate": Metric(
        ref="lsbench.metrics.classification:error_rate",
        summary="1 - accuracy",
        source="textbook",
        better="lower",
        each_epoch=True,
    ),
    "nll": Metric(
        ref="lsbench.metrics.classification:nll",
        summary="mean of -log p_y, in nats",
        source="textbook",
        better="lower",
        each_epoch=True,
    ),
    "brier": Metric(
        ref="lsbench.metrics.classification:brier",
        summary="mean over examples of sum_c (p_c - onehot_c)^2, in [0, 2]",
        source="Brier, 1950",
        better="lower",
        each_epoch=True,
    ),
    "ece": Metric(
        ref="lsbench.metrics.calibration:expected_calibration_error",
        summary="expected calibration error: 15 equal-width bins, right-closed, of the top prob",
        source="Naeini et al., 2015; Guo et al., 2017",
        better="lower",
        each_epoch=True,
    ),
    "mce": Metric(
        ref="lsbench.metrics.calibration:maximum_calibration_error",
        summary="maximum calibration error: the largest gap of the 15 bins that are not empty",
        source="Naeini et al., 2015",
        better="lower",
    ),
    "adaptive_ece": Metric(
        ref="lsbench.metrics.adaptive:adaptive_calibration_error",
        summary="ECE over 15 bins of equally many examples; ties in confidence averaged",
        source="Nguyen and O'Connor, 2015; Nixon et al., 2019",
        better="lower",
    ),
    "classwise_ece": Metric(
        ref="lsbench.metrics.classwise:classwise_calibration_error",
        summary="mean over classes of the 15-bin ECE of each class's prob",
        source="Kull et al., 2019",
        better="lower",
    ),
    "l2_debiased": Metric(
        ref="lsbench.metrics.calibration:l2_debiased",
        summary="squared calibration error over 15 bins less its bias; can be below 0",
        source="Bröcker, 2012; Kumar, Liang and Ma, 2019",
        better="lower",
    ),
    "smooth_ece": Metric(
        ref="lsbench.metrics.smooth:smooth_ece",
        summary="SmoothECE: residuals smoothed by a reflected Gaussian as wide as the error itself; no bins",
        source="Błasiok and Nakkiran, 2024",
        better="lower",
    ),
    "signed_error": Metric(
        ref="lsbench.metrics.calibration:signed_error",
        summary="accuracy - mean confidence; above 0 is under-confident",
        source="textbook",
        better="zero",
    ),
    "overconfidence": Metric(
        ref="lsbench.metrics.calibration:overconfidence",
        summary="part of the ECE from bins whose confidence is above their accuracy",
        source="lsbench",
        better="lower",
    ),
    "underconfidence": Metric(
        ref="lsbench.metrics.calibration:underconfidence",
        summary="part of the ECE from bins whose accuracy is above their confidence",
        source="lsbench",
        better="lower",
    ),
    "calibration_slope": Metric(
        ref="lsbench.metrics.recalibration:calibration_slope",
        summary="logistic slope of correctness on logit(confidence); 1 is calibrated, below 1 over-confident",
        source="Cox, 1958",
        better="none",
    ),
    "calibration_p": Metric(
        ref="lsbench.metrics.recalibration:calibration_p",
        summary="p-value of the likelihood-ratio test of calibration slope 1 and intercept 0",
        source="Cox, 1958; Miller, Hui and Tierney, 1991",
        better="none",
    ),
    "brier_reliability": Metric(
        ref="lsbench.metrics.classwise:brier_reliability",
        summary="the Brier score's miscalibration, from 15 bins of each class",
        source="Murphy, 1973",
        better="lower",
    ),
    "brier_resolution": Metric(
        ref="lsbench.metrics.classwise:brier_resolution",
        summary="how far the bins' class frequencies are from the overall ones; subtracted from the Brier score",
        source="Murphy, 1973",
        better="higher",
    ),
    "brier_uncertainty": Metric(
        ref="lsbench.metrics.classwise:brier_uncertainty",
        summary="the Brier score of the class frequencies; of the labels alone",
        source="Murphy, 1973",
        better="none",
    ),
    "aurc": Metric(
        ref="lsbench.metrics.selective:aurc",
        summary="area under the risk-coverage curve; ties in confidence averaged",
        source="Geifman and El-Yaniv, 2017",
        better="lower",
    ),
    "ece_floor": Metric(
        ref="lsbench.metrics.calibration:ece_floor",
        summary="the 15-bin ECE that a perfectly calibrated model would show with these confidences",
        source="lsbench",
        better="none",
    ),
    "edge_ties": Metric(
        ref="lsbench.metrics.extremes:edge_ties",
        summary="how many confidences are exactly an edge between two of the 15 bins",
        source="lsbench",
        better="none",
    ),
    "saturation": Metric(
        ref="lsbench.metrics.extremes:saturation",
        summary="share of confidences that are exactly 1",
        source="lsbench",
        better="none",
    ),
}
