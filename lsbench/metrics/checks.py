"""What probabilities and labels have to be before anything is computed from them; nothing is ever guessed."""

import math
from typing import TypeAlias

import numpy as np
import torch
from torch import Tensor

from lsbench.data.tensors import as_floats, as_labels
from lsbench.errors import InputError

Array: TypeAlias = Tensor | np.ndarray  # or a Series, or lists of numbers

RANGE_TOLERANCE = 1e-6
SUM_TOLERANCE = 1e-4
HINT = "from logits, take softmax(logits, -1) in float32 or wider first"


def checked(probs: Array, labels: Array) -> tuple[Tensor, Tensor]:
    """Return probs as float64 and labels as int64 tensors on the device of probs, or raise.

    probs (..., n, K), n and K at least 1: rows in [0, 1] to within 1e-6 (then clamped) that sum to 1 within 1e-4.
    labels (..., n): integers in [0, K).

    A stack of no cells is well (0, n, K): a metric of it is empty. No examples, or no classes, are an error.

    `InputError`: shapes that do not match, no examples, NaN, infinities, no distributions, labels out of range.
    `DtypeError`: probs that are not floating point, labels that are not integers, neither tensor nor array.
    """
    probs = _as_float64(probs)
    labels = _as_int64(labels).to(probs.device)
    _require_shapes(probs.shape, labels.shape)
    if labels.numel() == 0:  # a stack of no cells
        return probs, labels
    _require_classes(labels, probs.shape[-1])
    probs = _within_range(probs)
    _require_sums(probs)
    return probs, labels


def _as_float64(probs: Array) -> Tensor:
    return as_floats("probs", probs).detach().to(torch.float64)


def _as_int64(labels: Array) -> Tensor:
    return as_labels("labels", labels).to(torch.int64)


def _require_shapes(probs: torch.Size, labels: torch.Size) -> None:
    if len(probs) < 2:
        raise InputError(f"probs must have shape (..., n, K), got {tuple(probs)}")
    if probs[-1] == 0 or probs[-2] == 0:
        raise InputError(f"probs must have at least one example and one class, got shape {tuple(probs)}")
    if labels != probs[:-1]:
        raise InputError(f"labels must have shape {tuple(probs[:-1])} beside probs {tuple(probs)}, got {tuple(labels)}")


def _require_classes(labels: Tensor, num_classes: int) -> None:
    low, high = (int(end) for end in labels.aminmax())
    if low < 0 or high >= num_classes:
        wrong = low if low < 0 else high
        raise InputError(f"labels must be class numbers in [0, {num_classes}), got {wrong}")


def _within_range(probs: Tensor) -> Tensor:
    in_memory = probs.mT if probs.mT.is_contiguous() else probs  # three times as fast in that order
    low, high = (float(end) for end in in_memory.aminmax())  # a NaN anywhere makes both NaN
    if math.isnan(low):
        raise InputError("probs must be finite numbers, got NaN")
    if low < -RANGE_TOLERANCE or high > 1 + RANGE_TOLERANCE:
        wrong = low if low < -RANGE_TOLERANCE else high
        raise InputError(f"probs must be in [0, 1], got {wrong:g}; {HINT}")
    return probs.clamp(0, 1) if low < 0 or high > 1 else probs


def _require_sums(probs: Tensor) -> None:
    sums = probs.sum(-1)
    worst = float((sums - 1).abs().max())
    if worst > SUM_TOLERANCE:
        raise InputError(f"each row of probs must sum to 1 within {SUM_TOLERANCE:g}, got one off by {worst:g}; {HINT}")
