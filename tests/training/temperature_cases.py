"""Logits that are hard to fit a temperature to, and noise of known matrices."""

import math

import numpy as np
import torch
from torch import Tensor

KINDS = (
    "plain",
    "smoothed",
    "separable",
    "almost separable",
    "tiny",
    "huge",
    "ties",
    "one example",
    "misleading",
    "constant",
)


PLAIN = len(KINDS)  # the seed of every so many sets is of the kind "plain"


def symmetric(rate: float, num_classes: int) -> Tensor:
    """P(given | true): each label becomes one of the others with probability rate."""
    other = rate / (num_classes - 1)
    return torch.full((num_classes, num_classes), other, dtype=torch.float64).fill_diagonal_(1 - rate)


def uneven(num_classes: int, seed: int) -> Tensor:
    """P(given | true), different from its transpose."""
    rows = np.random.default_rng(seed).dirichlet(np.ones(num_classes), num_classes)
    return 0.5 * torch.eye(num_classes, dtype=torch.float64) + 0.5 * torch.from_numpy(rows)


def pairflip(rate: float, num_classes: int) -> Tensor:
    """P(given | true) that is 0 nearly everywhere: each label becomes the next with probability rate."""
    kept = torch.eye(num_classes, dtype=torch.float64)
    return (1 - rate) * kept + rate * kept.roll(1, 1)


def drawn(probs: Tensor, draws: torch.Generator) -> Tensor:
    return torch.multinomial(probs, 1, generator=draws).squeeze(-1)


def hard_set(seed: int) -> tuple[str, Tensor, Tensor]:
    draws = torch.Generator().manual_seed(seed)
    kind = KINDS[seed % len(KINDS)]
    n, num_classes = (int(torch.randint(2, high, (), generator=draws)) for high in (60, 101 if seed % 2 else 6))
    n = 1 if kind == "one example" else n
    logits = 3 * torch.randn(n, num_classes, generator=draws, dtype=torch.float64)
    labels = drawn((logits / 2).softmax(-1), draws)
    if kind == "smoothed":  # confidences of .9 and all others equal, nearly all right
        logits = math.log(0.9 * (num_classes - 1) / 0.1) * torch.eye(num_classes, dtype=torch.float64)[labels]
        logits += 0.01 * torch.randn(logits.shape, generator=draws, dtype=torch.float64)
        labels = torch.where(torch.rand(n, generator=draws) < 0.02, 0, labels)
    if kind in ("separable", "almost separable"):
        labels = logits.argmax(-1)
    if kind == "almost separable":
        labels[0] = logits[0].argsort()[-2]
    if kind == "ties":
        logits = logits.round()
    if kind == "misleading":
        labels = logits.argmin(-1)
    if kind == "constant":
        logits = logits[:, :1].expand(n, num_classes)
    scale = {"tiny": 1e-30, "huge": 1e30}.get(kind, 1.0)
    return kind, logits * scale, labels
