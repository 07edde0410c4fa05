"""A metric of each test example, from the log-probs that `run --save-logits` saved."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from lsbench.analysis.summary import ArmResults
from lsbench.errors import InputError
from lsbench.rows.store import logits_path
from lsbench.statistics import Difference, two_level_bootstrap

METRICS = ("accuracy", "nll", "brier", "error_rate")  # means over examples
TOLERANCE = 1e-4  # between a row's number and the mean over its examples, which are kept in float32


def values_of(path: Path, metric: str, mean: float) -> np.ndarray | None:
    """The metric of each test example (n,), whose mean is the row's number; None where there is no such file.

    `InputError`: a file that is not what `run` writes for this row, or a metric that is no mean over examples.
    """
    if metric not in METRICS:
        raise InputError(f"{metric!r} is no mean over examples; such are {', '.join(METRICS)}")
    if not path.exists():
        return None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            values = _values(arrays["test"].astype(float), arrays["test_labels"].astype(int), metric)
    except (OSError, ValueError, TypeError, LookupError, EOFError, MemoryError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: not the log-probs that `run --save-logits` writes ({error})") from error
    if not abs(values.mean() - mean) <= TOLERANCE:
        raise InputError(
            f"{path}: not this row's log-probs: their {metric} is {values.mean():.6g}, the row's {mean:.6g}"
        )
    return values


def _values(log_probs: np.ndarray, labels: np.ndarray, metric: str) -> np.ndarray:
    if log_probs.ndim != 2 or labels.shape != log_probs.shape[:1] or not len(labels) or labels.min() < 0:
        raise ValueError(f"shapes {log_probs.shape} and {labels.shape}")
    of_label = log_probs[np.arange(len(labels)), labels]
    if metric == "nll":
        return -of_label
    if metric == "brier":
        return (np.exp(log_probs) ** 2).sum(1) - 2 * np.exp(of_label) + 1
    right = (log_probs.argmax(1) == labels).astype(float)
    return right if metric == "accuracy" else 1 - right


def difference_over_examples(arm: ArmResults, other: ArmResults, metric: str, folder: Path) -> Difference | None:
    """One arm minus the other, with an interval over seeds and test examples; None where log-probs are missing."""
    if metric not in METRICS:
        return None
    seeds = sorted(arm.by_seed(metric).keys() & other.by_seed(metric).keys())
    a, b = (_stacked(results, seeds, metric, folder) for results in (arm, other))
    return None if a is None or b is None else two_level_bootstrap(a, b)


def _stacked(arm: ArmResults, seeds: Sequence[int], metric: str, folder: Path) -> np.ndarray | None:
    """The metric of each seed and test example, (seeds, n); None where a seed has no file."""
    ids, means = {row.cell.seed: row.id for row in arm.rows}, arm.by_seed(metric)
    per_seed = [values_of(logits_path(ids[seed], folder), metric, means[seed]) for seed in seeds]
    present = [values for values in per_seed if values is not None]
    complete = len(present) == len(per_seed) and len({len(values) for values in present}) == 1
    return np.stack(present) if complete else None
