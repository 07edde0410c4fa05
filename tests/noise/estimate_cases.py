"""Exact posteriors, noise of known matrices, and an estimate's matrix as numbers."""

import numpy as np
import torch
from torch import Generator, Tensor

Case = tuple[Tensor, Tensor]


def gaussians(distance: float, n: int = 10_000, num_classes: int = 10, seed: int = 0) -> Case:
    """The exact posterior of classes that are unit Gaussians around the corners of a simplex, and the true classes."""
    draws = Generator().manual_seed(seed)
    true = torch.randint(num_classes, (n,), generator=draws)
    x = torch.randn(n, num_classes, generator=draws, dtype=torch.float64)
    x[torch.arange(n), true] += distance
    return (distance * x).softmax(-1), true


def transitions(kind: str, rate: float, num_classes: int = 10) -> Tensor:
    kept = torch.eye(num_classes, dtype=torch.float64)
    wrong = kept.roll(1, 1) if kind == "pairflip" else (1 - kept) / (num_classes - 1)
    return (1 - rate) * kept + rate * wrong


def shares(matrix: tuple[tuple[float | None, ...], ...]) -> np.ndarray:
    return np.array([[np.nan if share is None else share for share in row] for row in matrix])
