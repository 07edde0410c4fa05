"""What a look at the labels tells: whether any row is ignored, and the weight that a mean divides by."""

import torch
from torch import Tensor

from lsbench.errors import InputError
from lsbench.kernels.rows import NEVER, PerRow


def may_be_ignored(labels: Tensor, num_classes: int, ignore_index: int) -> bool:
    """Whether any label may be ignore_index; `InputError` if one is neither that nor a class.

    Only a CPU is asked for the values, where that does not wait for a kernel to end; elsewhere the answer is True.
    """
    if not labels.is_cpu or not labels.numel():
        return True
    low, high = torch.aminmax(labels)
    low, high = low.item(), high.item()
    if low < 0 or high >= num_classes:
        wrong = (labels < 0) | (labels >= num_classes)
        also = "" if ignore_index == NEVER else f", or be ignore_index {ignore_index}"
        if also:
            wrong &= labels != ignore_index
        if wrong.any():
            raise InputError(f"labels must lie in [0, {num_classes - 1}]{also}; got {int(labels[wrong][0])}")
    return low <= ignore_index <= high


def mean_scale(
    labels: Tensor, weight: Tensor | None, ignore_index: int, may_ignore: bool, dtype: torch.dtype
) -> PerRow:
    """What a mean over labels (N) multiplies the sum by: 1 / sum_rows w_y. Where that is 1 / 0, it is finite."""
    if weight is None and not may_ignore:
        return 1.0 / max(1, labels.shape[0])
    counted = labels != ignore_index
    if weight is None:  # in few operations: on a GPU each is a launch
        return counted.sum(dtype=dtype).clamp(min=1.0).reciprocal()
    mass = (weight.to(dtype)[labels.masked_fill(~counted, 0)] * counted).sum()
    return torch.where(mass == 0, 0.0, 1.0 / mass)
