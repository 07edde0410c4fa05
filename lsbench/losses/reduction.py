"""How losses per example become one number, and what the mean over nothing is."""

import warnings

import torch
from torch import Tensor

from lsbench.losses.checks import readable

REDUCTIONS = ("none", "mean", "sum")


class NothingToAverageWarning(UserWarning):
    """A mean was asked for, and no row has any weight in it; the loss is 0 and so is its gradient."""


def reduce(losses: Tensor, reduction: str) -> Tensor:
    """The losses as they are, their sum, or their mean, which is 0 with a warning if there are none."""
    if reduction == "none":
        return losses
    if reduction == "sum":
        return losses.sum()
    if losses.numel() == 0:
        warn_of_nothing("the batch is empty")
        return losses.sum()  # 0, and part of the graph
    return losses.mean()


def reduce_weighted(losses: Tensor, weights: Tensor, reduction: str) -> Tensor:
    """The losses times their weights, as `reduce` has it; but the mean divides by the sum of the weights.

    losses and weights of one shape; the mean is 0, with a warning, where the weights are all 0.
    """
    if reduction != "mean":
        return reduce(losses * weights, reduction)
    mass = weights.sum()
    if readable(mass) and mass == 0:
        warn_of_nothing("the batch is empty, or every row has a weight of 0")
    return (losses * weights).sum() / torch.where(mass == 0, 1.0, mass)


def warn_of_nothing(reason: str) -> None:
    """Say that a mean has nothing to be taken over; not from a compiled graph."""
    if not torch.compiler.is_compiling():
        warnings.warn(f"mean loss of nothing: {reason}; returning 0", NothingToAverageWarning, stacklevel=3)
