"""What the statistics accept: arrays of finite numbers, pairs of equal length, levels strictly between 0 and 1."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import DtypeError, InputError, require_number, shown

BETTER = ("higher", "lower", "zero")  # zero: the nearer to 0 the better


def finite(name: str, values: ArrayLike, dimensions: int) -> NDArray[np.float64]:
    """The values as a float64 array of that many dimensions; `InputError` for another shape, NaN or infinity."""
    try:
        array = np.asarray(values)
        array = array.astype(np.float64, casting="same_kind" if array.dtype.kind == "c" else "unsafe")
    except (TypeError, ValueError, OverflowError) as error:
        raise DtypeError(f"{name} must be an array of numbers, got {shown(values)}") from error
    if array.ndim != dimensions:
        raise InputError(f"{name} must have {dimensions} dimension(s), got shape {array.shape}")
    if not np.isfinite(array).all():
        where = np.argwhere(~np.isfinite(array))[0].tolist()
        raise InputError(f"{name} must hold finite numbers, got {array[tuple(where)]} at {where}")
    return array


def paired_differences(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Pair by pair, a - b, (n,); `InputError` where the lengths differ. A NaN stays a NaN."""
    first, second = np.asarray(a, float), np.asarray(b, float)
    if first.shape != second.shape:
        raise InputError(f"paired values must have one shape, got {first.shape} and {second.shape}")
    return first - second


def require_level(name: str, level: float) -> None:
    """Raise `InputError` unless 0 < level < 1."""
    require_number(name, level, 0, 1)
    if level in (0, 1):
        raise InputError(f"{name} must lie strictly between 0 and 1, got {shown(level)}")
