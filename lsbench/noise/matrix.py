"""Noise of a known matrix: the label that is given depends on the true class, in any way."""

import numpy as np
import torch
from torch import Generator, Tensor

from lsbench.noise.draws import class_at, hits, uniforms
from lsbench.noise.transition import require_transitions


def matrix_noise(
    labels: Tensor, rate: float, num_classes: int, generator: Generator, *, matrix: Tensor | np.ndarray
) -> Tensor:
    """Each label, with probability `rate`, is drawn anew from its class's row of the matrix.

    P(j | i) = (1 - r) [j = i] + r M_ij, the matrix itself at rate 1.

    matrix (K, K), M_ij = P(given j | true i). `InputError`: not (K, K), or a row that is no distribution.

    (Natarajan et al., 2013; Patrini et al., 2017)
    """
    rows = _checked(matrix, num_classes)
    hit, chances = hits(labels, rate, generator), uniforms(labels, generator)
    noisy = labels.clone()
    for cls in range(num_classes):  # class after class, so that no (n, K) table is held
        members = (hit & (labels == cls)).nonzero().squeeze(-1)
        noisy[members] = class_at(rows[cls : cls + 1], chances[members])
    return noisy


def _checked(matrix: Tensor | np.ndarray, num_classes: int) -> Tensor:
    plain = matrix.detach().cpu().numpy() if isinstance(matrix, Tensor) else matrix
    return torch.from_numpy(require_transitions("matrix", plain, num_classes))
