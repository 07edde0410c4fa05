"""The arithmetic that every loss shares: its dtype, its eps, and that nothing times infinity is nothing."""

import math

import torch
from torch import Tensor

from lsbench.errors import DtypeError, InputError, require_number
from lsbench.losses.checks import broadcasts, check_labels, check_logits, shape_of

Eps = float | Tensor


def compute_dtype(dtype: torch.dtype) -> torch.dtype:
    """The dtype that losses compute in and return: float64 stays, everything else becomes float32."""
    return torch.float64 if dtype == torch.float64 else torch.float32


def upcast(tensor: Tensor) -> Tensor:
    """The tensor in the dtype that losses compute in; itself where it has that already."""
    return tensor.to(compute_dtype(tensor.dtype))


def examples(logits: Tensor, labels: Tensor) -> tuple[Tensor, Tensor]:
    """Logits (..., n, K) as float32 or float64, and labels (..., n) as an int64 column (..., n, 1)."""
    check_logits(logits)
    check_labels(logits, labels)
    return upcast(logits), labels.long().unsqueeze(-1)


def smoothing(eps: Eps, labels: Tensor, dtype: torch.dtype) -> Eps:
    """Eps as a checked float, or as a tensor of the labels' shape; a tensor's values are not looked at.

    A float must be finite and at most 1, else `InputError`. Below 0 it is generalised smoothing (Wei et al., 2022).
    """
    if not isinstance(eps, Tensor):
        if not (isinstance(eps, float) and -math.inf < eps <= 1.0):  # comparisons, as torch.compile can trace them
            require_number("eps", eps, high=1.0)
        return float(eps)
    if not eps.is_floating_point():
        raise DtypeError(f"eps must be a float or a floating-point tensor, got {eps.dtype}")
    if not broadcasts(eps.shape, labels.shape):
        raise InputError(f"eps of shape {shape_of(eps)} must broadcast with labels of shape {shape_of(labels)}")
    return eps.to(dtype).expand(labels.shape)


def column(eps: Eps) -> Eps:
    """Eps with a class axis of 1, to stand beside logits."""
    return eps.unsqueeze(-1) if isinstance(eps, Tensor) else eps


def scaled(weight: Eps, value: Tensor) -> Tensor:
    """The product, where 0 * inf is 0: a class of weight 0 may have the logit -inf."""
    if not isinstance(weight, Tensor):
        return weight * value if weight else torch.zeros_like(value)
    return weight * value.masked_fill((weight == 0) & value.isinf(), 0.0)
