"""Whether wrong labels that differ by class could be why one arm is more accurate than another by the given labels.

J (K, K): the share of examples that are answered j and labelled k. If the given label depends on the true class alone,
T[y, k] = P(given k | true y), then J = J_true T. With M = T⁻¹ and D = J - J' (two arms) the true lead is tr(D M), and
the true class shares are p M, p being the given ones.

The rows of M sum to 1. Those matrices are looked at whose entries off the diagonal are at most 0:

    M = I + Σ t_yk e_y (e_y - e_k)ᵀ,    t_yk >= 0, over pairs y != k of classes

Such an M is an M-matrix, so that T = M⁻¹ is a matrix of probabilities: that of a Markov chain with the rates t, seen at
a time that is exponential with mean 1. Noise in one class, symmetric noise and all noise of two classes are such; a
chain of classes (0 to 1, 1 to 2) is not quite, so that a little less of it may do: in trials with 3 to 10 classes
usually under 5 %, at most 15 % of the rate. The true lead is linear in the moves m_yk = p_y t_yk:

    tr(D M) = tr(D) - Σ m_yk (D_ky - D_yy) / p_y

and the share of wrong labels, P(the chain ends elsewhere), is at most the expected number of its jumps, Σ m_yk. So the
noise that reverses the order with the fewest moves takes the pairs by their (D_ky - D_yy) / p_y, largest first.

What the arms answer limits the moves. Of the examples that an arm answers y and that are truly y, T_yk are labelled k:
so t_yk <= J_yk / J_yy for each arm, here with the upper end of Wilson's 95 % interval, as J is counted.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import InputError, require_whole
from lsbench.statistics.checks import class_numbers, finite
from lsbench.statistics.proportion import wilson_interval


@dataclass(frozen=True)
class ClassNoise:
    """A noise by class with which two arms are equally accurate by the true labels; more of it reverses their order."""

    rate: float  # the share of wrong labels
    matrix: NDArray[np.float64]  # (K, K), P(given | true)

    @property
    def main_move(self) -> tuple[int, int]:
        """The true class and the given one of the largest entry off the diagonal."""
        off = self.matrix - np.diag(np.diag(self.matrix))
        true, given = np.unravel_index(off.argmax(), off.shape)
        return int(true), int(given)


def joint_shares(answers: ArrayLike, labels: ArrayLike, num_classes: int) -> NDArray[np.float64]:
    """J (K, K): the share of examples that are answered j and labelled k, averaged over the seeds.

    Args:
        answers: (seeds, n), class numbers.
        labels: (n,), class numbers.
        num_classes: K.

    Returns:
        The shares, which sum to 1.

    Raises:
        InputError: Shapes that do not fit, or a class that is not one of K.

    Example:
        >>> joint_shares([[0, 1, 1, 1]], [0, 0, 1, 1], 2).tolist()
        [[0.25, 0.0], [0.25, 0.5]]
    """
    require_whole("num_classes", num_classes, 1, 10**6)
    a, y = class_numbers("answers", answers), class_numbers("labels", labels)
    if a.ndim != 2 or y.shape != a.shape[1:] or not a.size:
        raise InputError(f"answers (seeds, n) and labels (n,) wanted, got {a.shape} and {y.shape}")
    if min(a.min(), y.min()) < 0 or max(a.max(), y.max()) >= num_classes:
        raise InputError(f"classes must lie in [0, {num_classes - 1}], got {min(a.min(), y.min())} to {a.max()}")
    pairs = a * num_classes + y
    return np.bincount(pairs.ravel(), minlength=num_classes**2).reshape(num_classes, num_classes) / a.size


def true_lead(ours: ArrayLike, theirs: ArrayLike, matrix: ArrayLike) -> float | None:
    """By how much the first is more accurate by the true labels, if P(given | true) is this matrix: tr((J - J') T⁻¹).

    Args:
        ours: J (K, K) of the first arm: see `joint_shares`.
        theirs: J of the other.
        matrix: T (K, K), a line per true class.

    Returns:
        The difference of accuracies; None where the matrix cannot be inverted.

    Raises:
        InputError: Shapes that do not fit.

    Example:
        >>> one_flipped = [[0.6, 0.4], [0.0, 1.0]]
        >>> ours, theirs = [[0.24, 0.2], [0.06, 0.5]], [[0.285, 0.29], [0.015, 0.41]]  # .740 > .695 by the given labels
        >>> round(true_lead(ours, theirs, one_flipped), 3)
        -0.015
    """
    gap = finite("ours", ours, 2) - finite("theirs", theirs, 2)
    noise = finite("matrix", matrix, 2)
    if noise.shape != gap.shape:
        raise InputError(f"matrix must have shape {gap.shape}, got {noise.shape}")
    if np.linalg.cond(noise) > 1e8:
        return None
    return float(np.trace(np.linalg.solve(noise.T, gap.T)))


def reversing_noise(ours: ArrayLike, theirs: ArrayLike, examples: int) -> ClassNoise | None:
    """The noise by class of the fewest moves that makes the two arms equally accurate; None: none fits the answers.

    Args:
        ours: J (K, K) of the arm that leads by the given labels.
        theirs: J of the other.
        examples: How many examples J is counted from.

    Returns:
        The noise; None where no noise of this kind that fits the answers makes the lead 0.

    Raises:
        InputError: Shapes that do not fit, or a first arm that does not lead.

    Example:
        >>> noise = reversing_noise([[0.24, 0.2], [0.06, 0.5]], [[0.285, 0.29], [0.015, 0.41]], 10_000)
        >>> round(noise.rate, 2), noise.main_move
        (0.15, (0, 1))
    """
    first, second = finite("ours", ours, 2), finite("theirs", theirs, 2)
    if first.shape != second.shape:
        raise InputError(f"both must have one shape, got {first.shape} and {second.shape}")
    require_whole("examples", examples, 1, 10**12)
    gap = first - second
    lead = float(np.trace(gap))
    if lead < 0:
        raise InputError(f"the first arm must lead, its accuracy is {-lead:.4g} lower")
    moves = _fewest_moves(gap, lead, np.minimum(_most(first, examples), _most(second, examples)), first.sum(axis=0))
    return None if moves is None else _noise_of(moves, first.sum(axis=0))


def _most(joint: NDArray[np.float64], examples: int) -> NDArray[np.float64]:
    """The most moves m_yk that an arm's answers allow, (K, K): p_y J_yk / J_yy, none from a class never answered."""
    right = np.diag(joint)[:, None] * examples
    counts = joint * examples
    _, high = wilson_interval(np.round(counts), np.maximum(np.round(counts + right), 1))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(high < 1, high / (1 - high), np.inf)
    return joint.sum(axis=0)[:, None] * ratio


def _fewest_moves(
    gap: NDArray[np.float64], lead: float, most: NDArray[np.float64], shares: NDArray[np.float64]
) -> NDArray[np.float64] | None:
    """M (K, K) by which the lead is gone, the pair with the largest effect of a move first."""
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.where(shares[:, None] > 0, (gap.T - np.diag(gap)[:, None]) / shares[:, None], 0.0)
    np.fill_diagonal(effect, 0)
    order = np.argsort(-effect, axis=None, kind="stable")
    gains, limits = effect.ravel()[order], _within(most, effect, shares).ravel()[order]
    useful = gains > 0
    taken = np.where(useful, gains * np.where(useful, limits, 0), 0).cumsum()
    last = int(np.searchsorted(taken, lead))
    if last >= len(taken) or gains[last] <= 0:
        return None if lead else np.zeros_like(gap)
    moves = np.zeros(gap.size)
    moves[order[:last]] = limits[:last]
    moves[order[last]] = (lead - (taken[last - 1] if last else 0)) / gains[last]
    return moves.reshape(gap.shape)


def _within(most: NDArray[np.float64], effect: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """The limits (K, K) with which no class gets more labels than it has: those of the largest effect come first."""
    order = np.argsort(-effect, axis=0, kind="stable")
    limits = np.where(np.take_along_axis(effect, order, 0) > 0, np.take_along_axis(most, order, 0), 0)
    filled = np.minimum(limits.cumsum(axis=0), shares[None, :])
    within = np.zeros_like(most)
    np.put_along_axis(within, order, np.diff(filled, axis=0, prepend=0), 0)
    return within


def _noise_of(moves: NDArray[np.float64], shares: NDArray[np.float64]) -> ClassNoise:
    """T = M⁻¹, and its share of wrong labels."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rates = np.where(shares[:, None] > 0, moves / shares[:, None], 0.0)
    inverse = np.diag(1 + rates.sum(axis=1)) - rates
    matrix = np.linalg.inv(inverse)
    return ClassNoise(float(1 - (shares @ inverse) @ np.diag(matrix)), matrix)
