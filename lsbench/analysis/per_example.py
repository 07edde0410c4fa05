"""A metric of each test example, from the files that a run keeps beside its rows."""

import zipfile
from pathlib import Path

import numpy as np

from lsbench.analysis.summary import ArmResults
from lsbench.errors import InputError
from lsbench.rows.examples import read_examples
from lsbench.rows.store import examples_path, logits_path
from lsbench.statistics import by_group

METRICS = ("accuracy", "nll", "brier", "error_rate")  # means over examples
TOLERANCE = 1e-4  # between a row's number and the mean over its log-probs, which are kept in float32
ROUGH = 1e-3  # the same, of what is kept in 16 bits


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
    return _of_this_row(path, metric, values, mean, TOLERANCE)


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


def examples_of(arm: ArmResults, metric: str, results: Path) -> dict[int, np.ndarray] | None:
    """A metric of each test example, or of each group of them, by seed; None where a seed has no file beside its row.

    `InputError` for a file that can't be used. A metric that is no mean over examples has none.
    """
    if metric not in METRICS:
        return None
    ids, means = {row.cell.seed: row.id for row in arm.rows}, arm.by_seed(metric)
    per_seed = {seed: _values_of_row(ids[seed], metric, mean, results) for seed, mean in means.items()}
    complete = {seed: values for seed, values in per_seed.items() if values is not None}
    if len(complete) < len(per_seed):
        return None
    return in_groups(complete, next((ids[seed] for seed in complete), ""), results)


def in_groups(values: dict[int, np.ndarray], row_id: str, results: Path) -> dict[int, np.ndarray] | None:
    """The numbers of each test example, by seed, as numbers of each group where the test examples have groups.

    None where there is one group, which says nothing of others. row_id: of any of the rows, which share the groups.
    """
    examples = read_examples(examples_path(row_id, results)) if values else None
    if examples is None or examples.groups is None:
        return values
    if len(np.unique(examples.groups)) < 2:
        return None
    return dict(zip(values, by_group(np.stack(list(values.values())), examples.groups), strict=True))


def _values_of_row(row_id: str, metric: str, mean: float, results: Path) -> np.ndarray | None:
    """From the small file that every run keeps, or else from the log-probs of `--save-logits`."""
    path = examples_path(row_id, results)
    examples = read_examples(path) if metric != "brier" else None
    if examples is None:
        return values_of(logits_path(row_id, results / "logits"), metric, mean)
    values = examples.values(metric)
    return _of_this_row(path, metric, values, mean, ROUGH * max(1.0, abs(mean)))


def _of_this_row(path: Path, metric: str, values: np.ndarray, mean: float, tolerance: float) -> np.ndarray:
    if not abs(values.mean() - mean) <= tolerance:
        raise InputError(f"{path}: not this row's file: its {metric} is {values.mean():.6g}, the row's {mean:.6g}")
    return values
