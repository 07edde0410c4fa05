"""What the kernels refuse, and the sentence they say: what was got, what is allowed."""

import math

import torch
from torch import Tensor

from lsbench.errors import DtypeError, InputError, require_number
from lsbench.kernels.rows import PerRow

INTEGERS = (torch.int64, torch.int32, torch.uint8, torch.int16, torch.int8, torch.uint16, torch.uint32, torch.uint64)


def check_logits(logits: Tensor, name: str = "logits") -> None:
    """Raise unless they are floating point and have at least one class on the last axis."""
    if not isinstance(logits, Tensor):
        raise DtypeError(f"{name} must be a torch.Tensor, got {type(logits).__name__}")
    if not logits.is_floating_point():
        raise DtypeError(f"{name} must be floating point, got {logits.dtype}")
    if logits.ndim == 0 or logits.shape[-1] == 0:
        raise InputError(f"{name} must have at least one class on the last axis, got the shape {tuple(logits.shape)}")


def check_labels(labels: Tensor, lead: torch.Size) -> None:
    """Raise unless the labels are integers in the logits' shape without the class axis."""
    if not isinstance(labels, Tensor):
        raise DtypeError(f"labels must be a torch.Tensor, got {type(labels).__name__}")
    if labels.dtype not in INTEGERS:
        raise DtypeError(f"labels must be class numbers of an integer dtype, got {labels.dtype}; targets=... takes q")
    if labels.shape != lead:
        raise InputError(f"labels must have the logits' shape without the classes, {tuple(lead)}; got {_of(labels)}")


def check_one_of(labels: Tensor | None, targets: Tensor | None, logits: Tensor, lead: torch.Size) -> None:
    """Raise unless there are either labels or targets, and they fit the logits."""
    if (labels is None) == (targets is None):
        raise InputError("give either labels (class numbers) or targets=... (distributions), and not both")
    if labels is not None:
        check_labels(labels, lead)
    if targets is not None:
        check_logits(targets, "targets")
        if targets.shape != logits.shape:
            raise InputError(f"targets must have the logits' shape {_of(logits)}, got {_of(targets)}")


def check_weight(weight: Tensor, num_classes: int, name: str = "weight") -> None:
    """Raise unless there is one floating-point number per class."""
    check_logits(weight, name)
    if weight.shape != (num_classes,):
        raise InputError(f"{name} must have one entry for each of {num_classes} classes, got the shape {_of(weight)}")


def check_per_row(name: str, value: PerRow, lead: torch.Size, high: float = math.inf) -> None:
    """Raise unless it is a finite number that is at most `high`, or a floating-point tensor that fits the rows.

    A tensor's values are not looked at.
    """
    if not isinstance(value, Tensor):
        if not (isinstance(value, float) and -math.inf < value < math.inf and value <= high):
            require_number(name, value, high=high)
        return
    if not value.is_floating_point():
        raise DtypeError(f"{name} must be a number or a floating-point tensor, got {value.dtype}")
    pairs = zip(reversed(value.shape), reversed(lead), strict=False)
    if value.ndim > len(lead) or not all(size in (1, rows) for size, rows in pairs):
        raise InputError(f"{name} of shape {_of(value)} must broadcast with rows of shape {tuple(lead)}")


def _of(tensor: Tensor) -> tuple[int, ...]:
    return tuple(tensor.shape)
