"""What Keras's losses take beside the predictions: a dtype by name, sample weights of several kinds and shapes."""

from typing import Any

import torch
from torch import Tensor

from lsbench.errors import DtypeError, InputError, shown
from lsbench.losses.checks import broadcasts, shape_of

DTYPES = {
    name: dtype
    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64)
    for name in (str(dtype).removeprefix("torch."), f"mixed_{dtype}".replace("torch.", ""))
}


def keras_dtype(given: Any) -> torch.dtype | None:
    """The dtype of a name (`float32`, a policy's `mixed_bfloat16`), of torch's or of a Keras policy; None is none."""
    named = getattr(given, "compute_dtype", given)
    dtype = DTYPES.get(named, named) if isinstance(named, str) else named
    if dtype is not None and not (isinstance(dtype, torch.dtype) and dtype in DTYPES.values()):
        raise DtypeError(f"dtype must be None, float16, bfloat16, float32 or float64, got {shown(given)}")
    return dtype


def same_rank(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Both, with a last axis of size 1 added or left out where one has it and the other has no such axis.

    As Keras does it: a vector beside (n, 1) becomes (n, 1); of more axes, the last one is left out.
    """
    if a.ndim == b.ndim + 1 and a.shape[-1] == 1:
        return (a, b.unsqueeze(-1)) if b.ndim == 1 else (a.squeeze(-1), b)
    if b.ndim == a.ndim + 1 and b.shape[-1] == 1:
        return (a.unsqueeze(-1), b) if a.ndim == 1 else (a, b.squeeze(-1))
    return a, b


def sample_weights(given: Any, losses: Tensor) -> Tensor:
    """The weights as a tensor like the losses, which they broadcast with, or have one axis of size 1 more."""
    try:
        weights = torch.as_tensor(given, dtype=losses.dtype, device=losses.device)
    except (TypeError, ValueError, RuntimeError) as error:
        raise DtypeError(
            f"sample_weight must be a tensor, an array or a list of numbers, got {shown(given)}"
        ) from error
    wide, fitting = same_rank(losses, weights)
    if not broadcasts(fitting.shape, wide.shape):
        raise InputError(
            f"sample_weight of shape {shape_of(weights)} must broadcast with losses of shape {shape_of(losses)}"
        )
    return weights
