"""Numbers as callers have them, tensors, arrays, Series or lists, as tensors; nothing else is ever guessed."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from lsbench.errors import DtypeError

Numbers = Any  # a tensor, a numpy array, a pandas Series, or lists of numbers


def as_floats(name: str, given: Numbers) -> Tensor:
    """A floating-point tensor, which shares memory where it can; whole numbers in lists are floats too.

    `DtypeError` for whole numbers in a tensor or an array, and for what are no numbers.
    """
    tensor = _as_tensor(name, given, "floating point", floats=True)
    if not tensor.is_floating_point():
        raise DtypeError(f"{name} must be a floating-point tensor or array, got {_dtype_of(given, tensor)}")
    return tensor


def as_labels(name: str, given: Numbers) -> Tensor:
    """A tensor of integers of any dtype; `DtypeError` for floats, truth values, and what are no numbers."""
    tensor = _as_tensor(name, given, "integers", floats=False)
    if tensor.is_floating_point() or tensor.is_complex() or tensor.dtype == torch.bool:
        raise DtypeError(f"{name} must be an integer tensor or array, got {_dtype_of(given, tensor)}")
    return tensor


def _as_tensor(name: str, given: Numbers, wanted: str, *, floats: bool) -> Tensor:
    if isinstance(given, Tensor):
        return given
    array = as_array(name, given, wanted)
    if not isinstance(given, np.ndarray):
        array = _of_list(array, floats=floats)
    return torch.from_numpy(np.require(array, array.dtype.newbyteorder("="), ["C", "W"]))


def as_array(name: str, given: Numbers, wanted: str) -> np.ndarray:
    """An array of numbers; `DtypeError` for anything else, and for lists of different lengths."""
    try:
        array = np.asarray(given)
    except (TypeError, ValueError) as error:
        raise DtypeError(f"{name} must be a tensor or array of {wanted}, got {type(given).__name__}") from error
    if array.dtype.kind not in "fiub":
        got = array.dtype if isinstance(given, np.ndarray) else type(given).__name__
        raise DtypeError(f"{name} must be a tensor or array of {wanted}, got {got}")
    return array.astype(np.float64) if array.dtype.itemsize > 8 else array


def _of_list(array: np.ndarray, *, floats: bool) -> np.ndarray:
    """An empty list has numpy's dtype of floats; whole numbers in a list may stand for probabilities."""
    if floats and array.dtype.kind in "iu":
        return array.astype(np.float64)
    return array.astype(np.int64) if not floats and not array.size else array


def _dtype_of(given: Numbers, tensor: Tensor) -> Any:
    return getattr(given, "dtype", tensor.dtype)
