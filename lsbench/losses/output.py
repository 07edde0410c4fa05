"""What a loss gave, and what it should have given: one number per example, and no mean of them."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor

FLAT = "F.cross_entropy(logits.flatten(0, -2), labels.flatten(), reduction='none').view_as(labels)"
AXIS = f"classes are the last axis, not axis 1: index with ..., or flatten, as in {FLAT}"


def problem_of_losses(losses: Any, logits: Sequence[int], labels: Sequence[int]) -> str:
    """What is wrong with what a loss gave for logits and labels of these shapes; "" where nothing is."""
    if not isinstance(losses, Tensor):
        return f"it returned {type(losses).__name__}; return a tensor, one number per example"
    if tuple(losses.shape) == tuple(labels):
        return ""
    got = f"logits {tuple(logits)} gave losses {tuple(losses.shape)} instead of {tuple(labels)}"
    if losses.ndim == 0:
        return f"{got}; don't take the mean, with reduction='none' for example: lsbench does"
    return f"{got}; {AXIS}"
