"""What noise and smoothing must cost: the closed form of a perfect fit of separable data."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lsbench.errors import InputError, require_choice, require_number

Matrix = Sequence[Sequence[float | None]]  # P(given | true), a row per true class; None where a class never occurs
FORMS = ("softmax", "sigmoid")
BINS = 15


@dataclass(frozen=True)
class Optimum:
    """Against clean labels, averaged over the classes, each as often as the others."""

    accuracy: float  # in [0, 1]; below 1 where a wrong class is the likeliest label of some class
    confidence: float  # mean largest prob
    ece: float  # over 15 bins
    signed_error: float  # accuracy - confidence; above 0 is under-confident
    nll: float | None  # in nats; None where it is infinite
    brier: float  # in [0, 2]


def optimum(matrix: Matrix, eps: float = 0.0, form: str = "softmax") -> Optimum | None:
    """The numbers of the model that minimises the expected loss, where each input shows its true class i.

    softmax: q_i = (1 - eps) T_i + eps / K is what smoothed cross-entropy makes of labels drawn from T_i. For
    symmetric noise that hits a share rho of the labels, own class included, the confidence is
    c = (1 - eps)(1 - rho) + (1 - (1 - eps)(1 - rho)) / K and the ECE 1 - c. sigmoid: K independent ones of targets
    y (1 - eps) + eps / 2, normalised to sum 1.

    matrix (K, K), rows that sum to 1, or None throughout -> None where no optimum exists (a target below 0).
    `InputError`: a matrix of another kind, an eps above 1 or not finite, another form. (Lukasik et al., 2020)
    """
    require_choice("form", form, FORMS)
    require_number("eps", eps, high=1.0)
    targets = _targets(_checked(matrix), eps, form)
    if (targets < 0).any():
        return None
    truth = np.array([i for i, row in enumerate(matrix) if row[0] is not None])
    confidence, correct = targets.max(1), targets.argmax(1) == truth
    of_truth = targets[np.arange(len(truth)), truth]
    place = np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], confidence, side="left")
    gaps = np.bincount(place, correct - confidence, BINS)
    onehot = np.eye(targets.shape[1])[truth]
    return Optimum(
        accuracy=float(correct.mean()),
        confidence=float(confidence.mean()),
        ece=float(np.abs(gaps).sum() / len(truth)),
        signed_error=float((correct - confidence).mean()),
        nll=float(-np.log(of_truth).mean()) + 0.0 if (of_truth > 0).all() else None,
        brier=float(((targets - onehot) ** 2).sum(1).mean()),
    )


def _targets(noise: np.ndarray, eps: float, form: str) -> np.ndarray:
    """The probs of the optimum, (classes that occur, K)."""
    num_classes = noise.shape[1]
    if form == "softmax":
        return (1 - eps) * noise + eps / num_classes
    sigmoids = (1 - eps) * noise + eps / 2
    return sigmoids / sigmoids.sum(1, keepdims=True)


def _checked(matrix: Matrix) -> np.ndarray:
    """The rows that are there, as an array."""
    rows = [row for row in matrix if row and row[0] is not None]
    if not rows or any(len(row) != len(matrix) for row in matrix) or any(None in row for row in rows):
        raise InputError("matrix must be square, each row whole or None throughout, at least one of them whole")
    noise = np.array(rows, float)
    if not ((noise >= 0).all() and (np.abs(noise.sum(1) - 1) < 1e-4).all()):
        raise InputError("matrix must hold P(given | true): each row at least 0 and summing to 1")
    return noise
