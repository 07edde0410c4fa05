"""Sums over places, with the same bits each time, on a GPU too, where additions come in another order each time."""

import torch
from torch import Tensor

STEPS = 2.0**40  # of 1, in whole numbers, whose sums depend on no order


def sum_at(values: Tensor, place: Tensor, size: int) -> Tensor:
    """Sum the values (..., n) of each place, an index in [0, size), to (..., size) in float64.

    On a CPU they are added as they come. On a GPU, whose additions to one number come in any order, they are first
    rounded to 2^-40, and added as whole numbers: exact as long as no sum is above 2^22. values: 0 to 1, float64.
    """
    if values.device.type != "cuda":
        return values.new_zeros(*values.shape[:-1], size).scatter_add_(-1, place, values)
    return in_whole_numbers(values, place, size)


def in_whole_numbers(values: Tensor, place: Tensor, size: int) -> Tensor:
    """The same by whole numbers, on any device."""
    steps = (values * STEPS).round().to(torch.int64)
    return steps.new_zeros(*values.shape[:-1], size).scatter_add_(-1, place, steps).to(values.dtype) / STEPS
