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
        _warn("the batch is empty")
        return losses.sum()  # 0, and part of the graph
    return losses.mean()


def mean_over(losses: Tensor, mass: Tensor) -> Tensor:
    """The losses' sum over a mass that is not negative; 0 with a zero gradient if the mass is 0.

    The warning needs to see the mass, so it is given on a CPU only, and not from a compiled graph or under vmap.
    """
    nothing = mass == 0
    if readable(nothing) and bool(nothing):
        _warn("every row is ignored or has a class weight of 0")
    return torch.where(nothing, 0.0, losses.sum() / mass.masked_fill(nothing, 1.0))


def _warn(reason: str) -> None:
    if not torch.compiler.is_compiling():
        warnings.warn(f"mean loss of nothing: {reason}; returning 0", NothingToAverageWarning, stacklevel=3)
