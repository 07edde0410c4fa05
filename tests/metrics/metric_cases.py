"""Probs and labels for the tests of the metrics."""

import numpy as np
import torch
from torch import Tensor

SIZES = [(1, 2), (7, 1), (9, 3), (200, 2), (300, 10), (150, 100)]  # n, K


def random_case(n: int, num_classes: int, seed: int = 0, sharpness: float = 2.0) -> tuple[Tensor, Tensor]:
    """Probs and labels that follow them half of the time."""
    draws = torch.Generator().manual_seed(seed)
    probs = (sharpness * torch.randn(n, num_classes, generator=draws, dtype=torch.float64)).softmax(-1)
    labels = torch.randint(num_classes, (n,), generator=draws)
    follows = torch.rand(n, generator=draws) < 0.5
    return probs, torch.where(follows, torch.multinomial(probs, 1, generator=draws).squeeze(-1), labels)


def tied_case(n: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Two classes, few different confidences: many ties, edges of 10 and 20 bins among them, and exact ones."""
    draws = torch.Generator().manual_seed(seed)
    confidence = 0.5 + torch.randint(11, (n,), generator=draws).double() / 20
    return two_classes(*confidence.tolist()), torch.randint(2, (n,), generator=draws)


def two_classes(*confidences: float) -> Tensor:
    """Rows whose confidence is exactly the one given, in class 0."""
    return torch.tensor([[c, 1 - c] for c in confidences], dtype=torch.float64)


def calibrated_case(n: int, num_classes: int, seed: int = 0, sharpness: float = 2.0) -> tuple[Tensor, Tensor]:
    """Labels drawn from the probs themselves."""
    draws = torch.Generator().manual_seed(seed)
    probs = (sharpness * torch.randn(n, num_classes, generator=draws, dtype=torch.float64)).softmax(-1)
    return probs, torch.multinomial(probs, 1, generator=draws).squeeze(-1)


def confidence_and_hits(probs: Tensor, labels: Tensor) -> list[tuple[float, float]]:
    """(confidence, correct) of each example, by plain Python."""
    rows = zip(probs.tolist(), labels.tolist(), strict=True)
    return [(max(row), float(row.index(max(row)) == label)) for row, label in rows]


def calibration_error_of_torchmetrics(*arguments, **options):
    """torchmetrics' calibration error; imported when it is called, as that takes two seconds of every process."""
    from torchmetrics.functional.classification import multiclass_calibration_error

    return multiclass_calibration_error(*arguments, **options)


def bin_number(value: float, bins: int) -> int:
    """The right-closed bin of numpy's linspace that holds the value."""
    edges = np.linspace(0, 1, bins + 1).tolist()
    return next(b for b in range(bins) if value <= edges[b + 1] or b == bins - 1)
