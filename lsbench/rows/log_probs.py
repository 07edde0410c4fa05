"""Log-probs of the test examples of a row, from whichever of its files has them."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lsbench.data.archive import ODD
from lsbench.errors import InputError
from lsbench.rows.examples import read_examples
from lsbench.rows.predictions import LOWEST, read_predictions
from lsbench.rows.store import examples_path, logits_path, predictions_path

ROUGH = 1e-3  # between a row's number and the mean over what is kept in 16 bits, as a share where it is above 1
FINE = 1e-4  # the same, of what is kept in 32 bits


class KeptLogProbs(NamedTuple):
    """What a network gave for the test examples."""

    log_probs: NDArray[np.float64]  # (n, K), natural logarithms
    labels: NDArray[np.int64]  # (n,): what the row was measured against
    tolerance: float  # how far the mean of a metric over them may be from the row's number
    path: Path  # of the file that has them


def read_log_probs(row_id: str, results: Path) -> KeptLogProbs | None:
    """Those of `--save-logits`, or else those that are kept of own data; None where there are none.

    `InputError` for a file that `run` did not write.
    """
    logits = read_logits(logits_path(row_id, results / "logits"))
    return logits or _of_predictions(row_id, results)


def read_logits(path: Path) -> KeptLogProbs | None:
    """Those in a file of `--save-logits`; None where there is no such file, `InputError` for another one."""
    if not path.exists():
        return None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return _checked(KeptLogProbs(arrays["test"].astype(float), arrays["test_labels"].astype(int), FINE, path))
    except ODD as error:
        raise InputError(f"{path}: not the log-probs that `run --save-logits` writes ({error})") from error


def _of_predictions(row_id: str, results: Path) -> KeptLogProbs | None:
    """The labels are in the file of what each test example got."""
    path = predictions_path(row_id, results)
    predictions, examples = read_predictions(path), read_examples(examples_path(row_id, results))
    if predictions is None or examples is None or predictions.test_log_probs.min() <= LOWEST:
        return None  # what is lower than that is not kept
    try:
        return _checked(KeptLogProbs(predictions.test_log_probs, examples.labels.astype(int), ROUGH, path))
    except ValueError as error:
        raise InputError(f"{path}: not of the same row as the examples beside it ({error})") from error


def _checked(read: KeptLogProbs) -> KeptLogProbs:
    log_probs, labels = read.log_probs, read.labels
    if log_probs.ndim != 2 or labels.shape != log_probs.shape[:1] or not len(labels):
        raise ValueError(f"shapes {log_probs.shape} and {labels.shape}")
    if labels.min() < 0 or labels.max() >= log_probs.shape[1]:
        raise ValueError(f"labels from {labels.min()} to {labels.max()} of {log_probs.shape[1]} classes")
    return read
