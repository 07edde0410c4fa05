"""A noise matrix from a few counts per class: each row is drawn to what the rows have in common, as far as they do.

A row of counts n_i has N labels, of which n_ii are kept. Two priors, each fitted by maximum marginal likelihood on a
grid (empirical Bayes, type II): the share of kept labels is Beta(a, b), and among the K - 1 other classes the wrong
labels are spread by a symmetric Dirichlet(c, ..., c). Where wrong labels go everywhere alike c is large, and all
classes get about the same small share; where each class is mistaken for one other, c is small, and the counts stay.

(Minka, 2000, "Estimating a Dirichlet distribution", for the likelihood of counts; Good, 1965, for the idea)
"""

import torch
from torch import Tensor

BETAS = torch.logspace(-1, 4, 41, dtype=torch.float64)  # eight a decade; of a and of b
SPREADS = torch.logspace(-2, 3, 41, dtype=torch.float64)  # of c


def shrunk_matrix(counts: Tensor) -> Tensor:
    """The posterior mean T of P(given j | true i).

    T_ii = (n_ii + a) / (N_i + a + b); T_ij = (1 - T_ii) (n_ij + c) / (N_i - n_ii + (K - 1) c) for j != i.

    Args:
        counts: (K, K) float64, examples of class i that are given j; K at least 2.

    Returns:
        (K, K) float64; each row is positive and sums to 1, but that of a class without counts is that of the identity.
    """
    num_classes, is_kept = len(counts), torch.eye(len(counts), dtype=torch.bool)
    kept, wrong = counts.diagonal(), counts[~is_kept].view(num_classes, num_classes - 1)
    a, b = _likeliest_beta(kept, wrong.sum(1))
    c = _likeliest_spread(wrong)
    share = (kept + a) / (counts.sum(1) + a + b)
    spread = (wrong + c) / (wrong + c).sum(1, keepdim=True)
    matrix = torch.diag(share)
    matrix[~is_kept] = ((1 - share).unsqueeze(1) * spread).flatten()
    return torch.where(counts.sum(1, keepdim=True) > 0, matrix, is_kept.double())


def _likeliest_beta(kept: Tensor, wrong: Tensor) -> tuple[Tensor, Tensor]:
    """The a and b of the largest marginal likelihood of kept (K,) and wrong (K,) counts; of equals the first."""
    a, b = (grid.flatten() for grid in torch.meshgrid(BETAS, BETAS, indexing="ij"))
    alphas, counts = torch.stack((a, b)), torch.stack((kept, wrong), 1)
    best = _first_largest([_log_likelihood(counts, alphas[:, k]) for k in range(len(a))])
    return a[best], b[best]


def _likeliest_spread(wrong: Tensor) -> Tensor:
    """The c of the largest marginal likelihood of the counts of wrong labels (K, K - 1); of equals the first."""
    return SPREADS[_first_largest([_log_likelihood(wrong, c.expand(wrong.shape[1])) for c in SPREADS])]


def _first_largest(values: list[Tensor]) -> int:
    """The place of the largest; of those that differ by rounding alone the first."""
    return int(torch.stack(values).round(decimals=6).argmax())


def _log_likelihood(counts: Tensor, alpha: Tensor) -> Tensor:
    """Log of the Dirichlet-multinomial probability of rows of counts (r, m), alpha (m,), up to what alpha can't change.

    sum over rows of: lgamma(A) - lgamma(N + A) + sum_j (lgamma(n_j + alpha_j) - lgamma(alpha_j)), A = sum_j alpha_j.
    """
    total = alpha.sum()
    ends = torch.lgamma(total) - torch.lgamma(counts.sum(1) + total)
    return (ends + (torch.lgamma(counts + alpha) - torch.lgamma(alpha)).sum(1)).sum()
