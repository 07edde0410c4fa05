"""The perfect fit to noisy, smoothed labels if all classes were separable: its calibration in closed form.

Where no input leaves doubt about its class, the model that fits noisy, smoothed labels perfectly is under-confident on
clean labels, by an amount with a closed form. With classes that overlap it is less under-confident: with symmetric
noise and Bayes accuracy A the ECE is that of separable classes times (A - 1/K) / (1 - 1/K). In populations of 10
classes:

    Bayes accuracy   noise   eps   ECE of the true optimum   of the formula
         75 %          .4     0            28.9 %                 40 %
         75 %           0    .1             6.5 %                  9 %
         32 %          .4     0            10   %                 40 %

The Bayes accuracy is not known, but apart from chance no measured accuracy is higher. So the formula is used only where
the measured accuracy is at least `NEAR` of the accuracy that it assumes, both counted from chance: then its ECE is too
high by at most a tenth. Where noise makes a wrong class the likeliest label, the assumed accuracy is low; a model that
did not learn the noise has a higher one, and the formula does not apply to it either. A model that memorises wrong
labels is more confident than the perfect fit: its ECE lies below the formula, not above it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lsbench.errors import InputError, require_choice, require_number
from lsbench.names.bins import DEFAULT_BINS

Matrix = Sequence[Sequence[float | None]]  # P(given | true), a row per true class; None where a class never occurs
FORMS = ("softmax", "sigmoid")
NEAR = 0.9  # the least measured accuracy for which the formula is used, as a share of the assumed one above chance


@dataclass(frozen=True)
class Optimum:
    """The numbers of the perfect fit on clean labels; each class counts as often as the test set has it."""

    accuracy: float  # in [0, 1]; below 1 where a wrong class is the likeliest label of some class
    confidence: float  # mean largest prob
    ece: float  # over `DEFAULT_BINS` bins
    signed_error: float  # accuracy - confidence; above 0 is under-confident
    nll: float | None  # in nats; None where it is infinite
    brier: float  # in [0, 2]

    def applies(self, accuracy: float, num_classes: int) -> bool:
        """Whether a measured accuracy is near the one that is assumed here: neither far below nor far above."""
        chance = 1 / num_classes
        far_above = accuracy - self.accuracy > (1 - NEAR) * (1 - chance)
        return accuracy - chance >= NEAR * (self.accuracy - chance) and not far_above


def optimum(
    matrix: Matrix, eps: float = 0.0, form: str = "softmax", frequencies: Sequence[float] | None = None
) -> Optimum | None:
    """The numbers of the model that minimises the expected loss, where each input shows its true class i.

    softmax: q_i = (1 - eps) T_i + eps / K is what smoothed cross-entropy makes of labels drawn from T_i. For
    symmetric noise that hits a share rho of the labels, own class included, the confidence is
    c = (1 - eps)(1 - rho) + (1 - (1 - eps)(1 - rho)) / K and the ECE 1 - c. sigmoid: K independent ones of targets
    y (1 - eps) + eps / 2, normalised to sum 1.

    matrix (K, K), rows that sum to 1, or None throughout -> None where no optimum exists (a target below 0).
    frequencies (K,): how often each class is tested, in any unit; None takes all as equally frequent. A class without
    a row in the matrix is left out. `InputError`: a matrix of another kind, an eps above 1 or not finite, another form,
    frequencies that are not K numbers from 0 or leave no class. (Lukasik et al., 2020)
    """
    require_choice("form", form, FORMS)
    require_number("eps", eps, high=1.0)
    targets = _targets(_checked(matrix), eps, form)
    truth = np.array([i for i, row in enumerate(matrix) if row[0] is not None])
    counts = _counts(frequencies, truth, len(matrix))
    if (targets < 0).any():
        return None
    confidence, correct = targets.max(1), targets.argmax(1) == truth
    tested, of_truth, total = counts > 0, targets[np.arange(len(truth)), truth], counts.sum()
    place = np.searchsorted(np.linspace(0, 1, DEFAULT_BINS + 1)[1:-1], confidence, side="left")
    gaps = np.bincount(place, counts * (correct - confidence), DEFAULT_BINS)
    onehot = np.eye(targets.shape[1])[truth]
    is_finite = bool((of_truth[tested] > 0).all())
    return Optimum(
        accuracy=float(counts @ correct / total),
        confidence=float(counts @ confidence / total),
        ece=float(np.abs(gaps).sum() / total),
        signed_error=float(counts @ (correct - confidence) / total),
        nll=float(-(counts[tested] @ np.log(of_truth[tested])) / total) + 0.0 if is_finite else None,
        brier=float(counts @ ((targets - onehot) ** 2).sum(1) / total),
    )


def _counts(frequencies: Sequence[float] | None, truth: np.ndarray, num_classes: int) -> np.ndarray:
    """How often each class that occurs is tested, (classes that occur,)."""
    if frequencies is None:
        return np.ones(len(truth))
    counts = np.array(frequencies, float)
    if counts.shape != (num_classes,) or not (np.isfinite(counts).all() and (counts >= 0).all()):
        raise InputError(f"frequencies must be {num_classes} numbers from 0 on, got {list(frequencies)!r}")
    if not counts[truth].sum():
        raise InputError("frequencies leave no class of which the noise is known")
    return counts[truth]


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
