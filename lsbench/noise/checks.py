"""What labels have to be before anything is done to them."""

from numbers import Integral

import torch
from torch import Tensor

from lsbench.errors import DtypeError, InputError, shown


def require_num_classes(num_classes: int) -> None:
    """Raise unless num_classes is an integer of at least 2: with one class no label can be wrong."""
    if isinstance(num_classes, bool) or not isinstance(num_classes, Integral):
        raise DtypeError(f"num_classes must be an integer, got {shown(num_classes)}")
    if num_classes < 2:
        raise InputError(f"num_classes must be at least 2, got {shown(num_classes)}")


def require_labels(name: str, labels: Tensor, num_classes: int) -> None:
    """Raise unless labels is an integer tensor (n,) of class numbers in [0, num_classes); n may be 0."""
    if not isinstance(labels, Tensor):
        raise DtypeError(f"{name} must be a torch.Tensor, got {type(labels).__name__}")
    if labels.is_floating_point() or labels.is_complex() or labels.dtype == torch.bool:
        raise DtypeError(f"{name} must have an integer dtype, got {labels.dtype}")
    if labels.ndim != 1:
        raise InputError(f"{name} must have one dimension, (n,); got shape {tuple(labels.shape)}")
    _require_class_range(name, labels, num_classes)


def _require_class_range(name: str, labels: Tensor, num_classes: int) -> None:
    """Raise unless every label is in [0, num_classes)."""
    if labels.numel() == 0:
        return
    low, high = (int(end) for end in labels.long().aminmax())  # long: unsigned dtypes have no aminmax
    if low < 0 or high >= num_classes:
        raise InputError(f"{name} must be class numbers in [0, {num_classes}), got {low if low < 0 else high}")
