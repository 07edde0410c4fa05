"""What the statistics accept: arrays of finite numbers, pairs of equal length, levels strictly between 0 and 1."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import DtypeError, InputError, require_number, shown

BETTER = ("higher", "lower", "zero")  # zero: the nearer to 0 the better


def numbers(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """The values as a float64 array of any shape, NaN and infinities included; `DtypeError` for what is no number."""
    try:
        array = np.asarray(values)
        return array.astype(np.float64, casting="same_kind" if array.dtype.kind == "c" else "unsafe")
    except (TypeError, ValueError, OverflowError) as error:
        raise DtypeError(f"{name} must be an array of numbers, got {shown(values)}") from error


def finite(name: str, values: ArrayLike, dimensions: int) -> NDArray[np.float64]:
    """The values as a float64 array of that many dimensions; `InputError` for another shape, NaN or infinity."""
    array = numbers(name, values)
    if array.ndim != dimensions:
        raise InputError(f"{name} must have {dimensions} dimension(s), got shape {array.shape}")
    if not np.isfinite(array).all():
        where = np.argwhere(~np.isfinite(array))[0].tolist()
        raise InputError(f"{name} must hold finite numbers, got {array[tuple(where)]} at {where}")
    return array


def paired_differences(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Pair by pair, a - b, (n,); `InputError` where the lengths differ, or for a number that is not finite."""
    return np.subtract(*paired(a, b))


def paired(a: ArrayLike, b: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both as (n,) finite numbers; `InputError` as above."""
    first, second = finite("a", a, 1), finite("b", b, 1)
    if first.shape != second.shape:
        raise InputError(f"paired values must have one shape, got {first.shape} and {second.shape}")
    return first, second


def class_numbers(name: str, values: ArrayLike) -> NDArray[np.int64]:
    """Whole numbers of any shape; `InputError` for others."""
    array = numbers(name, values)
    if not (array == np.floor(array)).all() or np.isinf(array).any():
        raise InputError(f"{name} must be whole numbers, got {shown(values)}")
    return array.astype(np.int64)


def require_many(name: str, values: object) -> None:
    """Raise `DtypeError` unless it is a list, a tuple or an array."""
    if isinstance(values, str) or not hasattr(values, "__len__") or not getattr(values, "ndim", 1):
        raise DtypeError(f"{name} must be a list, got {shown(values)}")


def require_named(name: str, values: object, form: str) -> None:
    """Raise `DtypeError` unless it is a dict, or a table."""
    if not hasattr(values, "items"):
        raise DtypeError(f"{name} must be a dict, {form}; got {shown(values)}")


def require_level(name: str, level: float) -> None:
    """Raise `InputError` unless 0 < level < 1."""
    require_number(name, level, 0, 1)
    if level in (0, 1):
        raise InputError(f"{name} must lie strictly between 0 and 1, got {shown(level)}")
