"""The part of a metric that no label enters: f of `lsbench.statistics.symmetric_labels`, of an arm's networks."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsbench.analysis.summary import ArmResults
from lsbench.errors import InputError
from lsbench.rows.predictions import LOWEST, read_predictions
from lsbench.rows.store import predictions_path


def label_free_of(arm: ArmResults, metric: str, num_classes: int, folder: Path | None) -> float | None:
    """f, the mean over the arm's seeds; None where it can't be had, and for a metric that has none, such as an ECE.

    Accuracy 1/K; accuracy - confidence 1/K less the confidence; AURC 1 - 1/K; NLL the mean of -log p over all classes,
    Brier |p|² + 1 - 2/K, both from the log-probs of the test set, which are kept for data of your own.
    """
    if metric in ("accuracy", "aurc"):
        return 1 / num_classes if metric == "accuracy" else 1 - 1 / num_classes
    if metric == "signed_error":
        return _less_confidence(arm, num_classes)
    return _of_log_probs(arm, OF_LOG_PROBS[metric], folder) if metric in OF_LOG_PROBS else None


def has_label_free(metric: str) -> bool:
    """Whether there is a formula for it at all, of what an arm's rows or log-probs hold."""
    return metric in ("accuracy", "aurc", "signed_error") or metric in OF_LOG_PROBS


def _less_confidence(arm: ArmResults, num_classes: int) -> float | None:
    accuracy, signed = arm.by_seed("accuracy"), arm.by_seed("signed_error")
    confidence = [accuracy[seed] - signed[seed] for seed in signed if seed in accuracy]
    return 1 / num_classes - float(np.mean(confidence)) if confidence and len(confidence) == arm.n else None


OF_LOG_PROBS: dict[str, Callable[[NDArray[np.float64]], float]] = {  # of (n, K)
    "nll": lambda log_probs: -float(log_probs.mean()),
    "brier": lambda log_probs: float((np.exp(log_probs) ** 2).sum(1).mean()) + 1 - 2 / log_probs.shape[1],
}


def _of_log_probs(
    arm: ArmResults, label_free: Callable[[NDArray[np.float64]], float], folder: Path | None
) -> float | None:
    if folder is None:
        return None
    try:
        read = [read_predictions(predictions_path(row.id, folder)) for row in arm.rows]
    except InputError:
        return None
    if not read or any(one is None or one.test_log_probs.min() <= LOWEST for one in read):
        return None
    return float(np.mean([label_free(one.test_log_probs) for one in read if one is not None]))
