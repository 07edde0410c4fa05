"""A metric of each test example, from the files that a run keeps beside its rows."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from lsbench.analysis.summary import ArmResults
from lsbench.errors import InputError
from lsbench.rows.examples import read_examples
from lsbench.rows.log_probs import ROUGH, KeptLogProbs, read_log_probs
from lsbench.rows.store import examples_path
from lsbench.statistics import by_group

METRICS = ("accuracy", "nll", "brier", "error_rate")  # means over examples


def _values_from(read: KeptLogProbs | None, metric: str, mean: float) -> np.ndarray | None:
    if read is None:
        return None
    values = _values(read.log_probs, read.labels, metric)
    return _of_this_row(read.path, metric, values, mean, read.tolerance)


def _values(log_probs: np.ndarray, labels: np.ndarray, metric: str) -> np.ndarray:
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


def has_groups(arms: Iterable[ArmResults], results: Path) -> bool:
    """Whether the test examples of a setting's arms have groups, so that intervals are over these."""
    row = next((row for arm in arms for row in arm.rows), None)
    examples = read_examples(examples_path(row.id, results)) if row else None
    return examples is not None and examples.groups is not None


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
    """From the small file that every run keeps, or else from log-probs."""
    path = examples_path(row_id, results)
    examples = read_examples(path) if metric != "brier" else None
    if examples is None or not np.isfinite(examples.values(metric)).all():
        return _values_from(read_log_probs(row_id, results), metric, mean)
    values = examples.values(metric)
    return _of_this_row(path, metric, values, mean, ROUGH)


def _of_this_row(path: Path, metric: str, values: np.ndarray, mean: float, tolerance: float) -> np.ndarray:
    if not abs(values.mean() - mean) <= tolerance * max(1.0, abs(mean)):
        raise InputError(f"{path}: not this row's file: its {metric} is {values.mean():.6g}, the row's {mean:.6g}")
    return values
