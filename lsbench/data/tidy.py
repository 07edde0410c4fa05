"""Somebody else's arrays, brought into one form: images (n, C, H, W) of bytes or floats, vectors (n, d) of floats."""

from collections.abc import Iterator

import numpy as np

from lsbench.data.splits import Array, Splits, noun_of
from lsbench.errors import DtypeError, InputError

MOST_CHANNELS = 4  # of a shape in which both ends could be the channels
LARGEST = 1e18  # in magnitude, of a vector's value: far above it float32 can't hold what is made of it


def tidy_images(what: str, images: np.ndarray, channels_last: bool = True) -> np.ndarray:
    """Images as (n, C, H, W), uint8 where all values are bytes and float32 otherwise; (n, d) as `tidy_vectors` has it.

    images: (n, h, w), (n, h, w, C) or (n, C, h, w); `channels_last` says which where the shape leaves it open.
    `InputError`: another rank, no images, or a value that is not finite. `DtypeError`: not numbers.
    """
    if images.dtype.kind not in "buif":
        raise DtypeError(f"{what} must be numbers, got dtype {images.dtype}")
    if images.ndim not in (2, 3, 4) or 0 in images.shape:
        raise InputError(
            f"{what} must be images, (n, h, w), (n, h, w, C) or (n, C, h, w), or vectors, (n, d); got {images.shape}"
        )
    if images.ndim == 2:
        return tidy_vectors(what, images)
    if images.ndim == 3:
        images = images[:, None]
    elif _is_channels_last(images.shape, channels_last):
        images = images.transpose(0, 3, 1, 2)
    return _as_bytes_or_floats(what, images)


def tidy_vectors(what: str, vectors: np.ndarray) -> np.ndarray:
    """Numbers (n, d) as float32 where that loses nothing, else as float64: a date in seconds has more digits.

    NaN is a missing value, see `lsbench.data.table.impute`. `InputError`: no value but NaN, inf, or one above 1e18 in
    magnitude.
    """
    low, high = float(np.fmin.reduce(vectors, axis=None)), float(np.fmax.reduce(vectors, axis=None))  # but for NaN
    _require_finite(what, low, high)
    if max(-low, high) > LARGEST:
        raise InputError(f"{what} must be numbers up to {LARGEST:g}, got {high if high > LARGEST else low:g}")
    with np.errstate(under="ignore"):
        short = vectors.astype(np.float32, copy=False)
    is_whole = np.array_equal(short, vectors, equal_nan=True)
    return short if is_whole else vectors.astype(np.float64, copy=False)


def check_parts(what: str, splits: Splits) -> Splits:
    """The same, or an `InputError` where images and labels, or the parts, don't go together."""
    shape = splits.train_images.shape[1:]
    for name, images, labels in _parts(splits):
        if len(images) != len(labels):
            raise InputError(f"the {name} set of {what} has {len(images)} {noun_of(images)} but {len(labels)} labels")
        if images.shape[1:] != shape:
            raise InputError(
                f"examples of {what} must share one shape; got {_size_text(shape)} in train and"
                f" {_size_text(images.shape[1:])} in {name}"
            )
    return splits


def _parts(splits: Splits) -> Iterator[tuple[str, Array, Array]]:
    for name, images, labels in (("training", *splits[:2]), ("test", *splits[2:4]), ("validation", *splits[4:6])):
        if images is not None and labels is not None:
            yield name, images, labels


def _is_channels_last(shape: tuple[int, ...], default: bool) -> bool:
    _, a, b, c = shape
    first, last = a <= MOST_CHANNELS, c <= MOST_CHANNELS
    if first == last:  # both or neither: a picture is more often square than not
        first, last = b == c, a == b
    return last if first != last else default


def _as_bytes_or_floats(what: str, images: np.ndarray) -> np.ndarray:
    low, high = images.min(), images.max()
    _require_finite(what, low, high)
    if images.dtype.kind == "f":
        return images.astype(np.float32, copy=False)
    if low >= 0 and high <= 255:
        return images.astype(np.uint8, copy=False)
    return images.astype(np.float32)


def _require_finite(what: str, low: float, high: float) -> None:
    if not np.isfinite(low) or not np.isfinite(high):  # a NaN anywhere makes both NaN
        raise InputError(f"{what} must be finite numbers, got NaN or inf")


def _size_text(shape: tuple[int, ...]) -> str:
    if len(shape) == 1:
        return f"vectors of {shape[0]:,} numbers"
    return f"images of {'x'.join(map(str, shape))} (channels, height, width)"
