"""Loss correction: the noise's matrix P(given | true) is known, and taken into account."""

import torch
from torch import Tensor

from lsbench.errors import InputError
from lsbench.losses.arithmetic import examples, log_softmax, scaled
from lsbench.losses.checks import broadcasts, check_floating, readable, shape_of
from lsbench.losses.cross_entropy import ce

LARGEST_CONDITION = 1e6  # beyond it the inverse magnifies losses until float32 has no digit left
ROW_SUM_TOLERANCE = 1e-3  # of matrices in half precision, too


def forward(logits: Tensor, labels: Tensor, *, matrix: Tensor | None = None) -> Tensor:
    """Forward correction: the model's probs go through the noise before they meet the label.

    -log sum_i p_i T_iy with T_ij = P(given j | true i); None is no noise, which is cross-entropy

    The published code clips p, where this is computed from log p.

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.
        matrix: T, (K, K); (cells, K, K) for logits (cells, n, K); or one per example, (..., n or 1, K, K). Rows sum to
            1.

    Returns:
        (..., n) losses in nats, float32 unless the logits are float64.

    Raises:
        InputError: the shapes do not fit, or rows do not sum to 1.
        DtypeError: a dtype does not fit.

    (Patrini et al., 2017)

    Example:
        >>> import torch
        >>> matrix = torch.tensor([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
        >>> forward(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]), matrix=matrix)
        tensor([1.7152])
    """
    if matrix is None:
        return ce(logits, labels)
    z, index = examples(logits, labels)
    _check_rows(_checked(matrix, labels, z.shape[-1]))
    of_label = _rows_of(index, matrix.to(z.dtype).transpose(-1, -2), labels)  # P(y | true i), (..., n, K)
    return -torch.logsumexp(log_softmax(z) + of_label.log(), dim=-1)


def backward(logits: Tensor, labels: Tensor, *, matrix: Tensor | None = None, inverse: Tensor | None = None) -> Tensor:
    """Backward correction: a sum of all labels' losses that is, on average over the noise, the true label's.

    sum_j (T^-1)_yj (-log p_j) with T_ij = P(given j | true i); None is no noise, which is cross-entropy

    Args:
        logits: (..., n, K) of any float dtype.
        labels: (..., n) class numbers of any integer dtype.
        matrix: T, (K, K); (cells, K, K) for logits (cells, n, K); or one per example, (..., n or 1, K, K). Rows sum to
            1.
        inverse: T^-1 of the same shape, as `inverted` gives it, so that many calls invert the matrix once; the matrix
            is then not looked at.

    Returns:
        (..., n) losses in nats, float32 unless the logits are float64; they may be negative and have no lower bound.

    Raises:
        InputError: the shapes do not fit, rows do not sum to 1, or the matrix is singular, as that of all noise at rate
            (K - 1) / K is; values are looked at on a CPU only.
        DtypeError: a dtype does not fit.

    (Patrini et al., 2017)

    Example:
        >>> import torch
        >>> matrix = torch.tensor([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
        >>> backward(torch.tensor([[2.0, 0.0, -1.0]]), torch.tensor([1]), matrix=matrix)
        tensor([2.3127])
    """
    z, index = examples(logits, labels)
    if inverse is not None:
        inverse = _checked(inverse, labels, z.shape[-1], "inverse")
    elif matrix is not None:
        inverse = inverted(_checked(matrix, labels, z.shape[-1]))
    else:
        return ce(logits, labels)
    return scaled(_rows_of(index, inverse.to(z.dtype), labels), -log_softmax(z)).sum(-1)


def inverted(matrix: Tensor) -> Tensor:
    """T^-1 (..., K, K) in float64, of rows that sum to 1.

    `InputError` for other rows, or where there is no inverse to work with; values are looked at on a CPU only.
    """
    _check_rows(matrix)
    inverse = torch.linalg.inv_ex(matrix.double()).inverse
    if readable(inverse):
        condition = matrix.double().abs().sum(-1).amax(-1) * inverse.abs().sum(-1).amax(-1)
        if not bool((condition < LARGEST_CONDITION).all()):
            raise InputError("matrix is singular, so backward correction cannot invert it; try forward")
    return inverse


def _rows_of(index: Tensor, matrix: Tensor, labels: Tensor) -> Tensor:
    """The row of each label: index (..., n, 1), matrix (..., K, K), result (..., n, K)."""
    each = _per_example(matrix, labels).expand(*labels.shape, *matrix.shape[-2:])
    return each.gather(-2, index.unsqueeze(-1).expand(*index.shape, matrix.shape[-1])).squeeze(-2)


def _per_example(matrix: Tensor, labels: Tensor) -> Tensor:
    """The matrix with an axis for the examples, if it has none."""
    return matrix.unsqueeze(-3) if labels.ndim and matrix.ndim - 2 < labels.ndim else matrix


def _checked(matrix: Tensor, labels: Tensor, num_classes: int, name: str = "matrix") -> Tensor:
    check_floating(name, matrix)
    square = matrix.ndim >= 2 and shape_of(matrix)[-2:] == (num_classes, num_classes)
    if not (square and broadcasts(_per_example(matrix, labels).shape[:-2], labels.shape)):
        raise InputError(
            f"{name} must be ({num_classes}, {num_classes}), with leading axes that broadcast with those of labels of "
            f"shape {shape_of(labels)}, if any; got {shape_of(matrix)}"
        )
    return matrix


def _check_rows(matrix: Tensor) -> None:
    if not readable(matrix):
        return
    sums = matrix.sum(-1, dtype=torch.float64)
    if not bool(((sums - 1).abs() < ROW_SUM_TOLERANCE).all() and (matrix >= 0).all()):
        raise InputError("matrix must hold P(given | true): each row at least 0 and summing to 1")
