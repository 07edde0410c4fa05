"""A metric of each example as a function of its label: one part depends on the label, the other does not."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lsbench.analysis.criteria import UNSCALED
from lsbench.analysis.summary.quantity import TEMPERATURE, value_of
from lsbench.rows.examples import read_examples
from lsbench.rows.log_probs import read_log_probs
from lsbench.rows.row import Row
from lsbench.rows.store import examples_path, predictions_path

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ByLabel:
    """m(example, c) = label[example, c] + fixed[example]; for a label that is none of the classes label is 0."""

    label: Floats  # (N, K)
    fixed: Floats  # (N,)


@dataclass(frozen=True)
class Kept:
    """What is kept of one network's answers on the test set."""

    predicted: NDArray[np.int64]  # (N,)
    confidence: Floats  # (N,)
    log_probs: Floats | None  # (N, K); None where only the answers are kept
    num_classes: int
    is_finite: bool = True  # whether all log-probs are finite, and none is too low to be kept

    def at(self, numbers: NDArray[np.int64]) -> "Kept":
        """Those of some of the examples, in that order."""
        log_probs = None if self.log_probs is None else self.log_probs[numbers]
        return Kept(self.predicted[numbers], self.confidence[numbers], log_probs, self.num_classes, self.is_finite)

    @property
    def probabilities(self) -> Floats:
        """(N, K); the answers as 0 and 1 where no more is kept."""
        return _right(self) if self.log_probs is None else np.exp(self.log_probs)


def _accuracy(kept: Kept) -> ByLabel:
    return ByLabel(_right(kept), np.zeros(len(kept.predicted)))


def _signed_error(kept: Kept) -> ByLabel:
    return ByLabel(_right(kept), -kept.confidence)


def _right(kept: Kept) -> Floats:
    return (kept.predicted[:, None] == np.arange(kept.num_classes)).astype(float)


def _nll(kept: Kept) -> ByLabel | None:
    if kept.log_probs is None or not kept.is_finite:
        return None
    return ByLabel(-kept.log_probs, np.zeros(len(kept.predicted)))


def _brier(kept: Kept) -> ByLabel | None:
    if kept.log_probs is None:
        return None
    probs = np.exp(kept.log_probs)
    return ByLabel(1 - 2 * probs, (probs**2).sum(1))


BY_LABEL: dict[str, Callable[[Kept], ByLabel | None]] = {  # the means over examples: a few labels estimate them
    "accuracy": _accuracy,
    "nll": _nll,
    "brier": _brier,
    "signed_error": _signed_error,
}
NEEDS_A_CLASS = ("nll",)  # has no value for an example that is of none of the classes
GIVEN_CONTROLS = ("accuracy", "signed_error")  # whose differences hardly change between the given and the true labels


def kept_of(row: Row, folder: Path, num_classes: int, way: str = UNSCALED) -> Kept | None:
    """A network's answers, after a way of temperature scaling; None where they are not kept, or not so scaled.

    `InputError`: a file that `run` did not write.
    """
    examples, logits = read_examples(examples_path(row.id, folder)), read_log_probs(row.id, folder)
    if examples is None:
        return None
    predicted = examples.predicted.astype(np.int64)
    if way == UNSCALED:
        log_probs = None if logits is None else logits.log_probs
        return Kept(predicted, examples.confidence, log_probs, num_classes, _is_finite(log_probs, row, folder))
    temperature = value_of(row, f"{way}.{TEMPERATURE}")
    if logits is None or not temperature:
        return None
    log_probs = _normalised(logits.log_probs / temperature)
    return Kept(predicted, np.exp(log_probs.max(1)), log_probs, num_classes, _is_finite(log_probs, row, folder))


def _is_finite(log_probs: Floats | None, row: Row, folder: Path) -> bool:
    """Whether every log-prob is a finite number; those of own data that are too low are not read from their file."""
    if log_probs is None:
        return not predictions_path(row.id, folder).exists()
    return bool(np.isfinite(log_probs).all())


def _normalised(scores: Floats) -> Floats:
    shifted = scores - scores.max(1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(1, keepdims=True))
