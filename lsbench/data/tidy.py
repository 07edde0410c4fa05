"""Somebody else's arrays of images, brought into the one form: (n, C, H, W) of bytes or floats."""

from collections.abc import Iterator

import numpy as np

from lsbench.data.splits import Array, Splits
from lsbench.errors import DtypeError, InputError

MOST_CHANNELS = 4  # of a shape in which both ends could be the channels


def tidy_images(what: str, images: np.ndarray, channels_last: bool = True) -> np.ndarray:
    """Images as (n, C, H, W), uint8 where all values are bytes and float32 otherwise.

    images: (n, h, w), (n, h, w, C) or (n, C, h, w); `channels_last` says which where the shape leaves it open.
    `InputError`: another rank, no images, or a value that is not finite. `DtypeError`: not numbers.
    """
    if images.dtype.kind not in "buif":
        raise DtypeError(f"{what} must be numbers, got dtype {images.dtype}")
    if images.ndim not in (3, 4) or 0 in images.shape:
        raise InputError(f"{what} must have the shape (n, h, w), (n, h, w, C) or (n, C, h, w), got {images.shape}")
    if images.ndim == 3:
        images = images[:, None]
    elif _is_channels_last(images.shape, channels_last):
        images = images.transpose(0, 3, 1, 2)
    return _as_bytes_or_floats(what, images)


def check_parts(what: str, splits: Splits) -> Splits:
    """The same, or an `InputError` where images and labels, or the parts, don't go together."""
    shape = splits.train_images.shape[1:]
    for name, images, labels in _parts(splits):
        if len(images) != len(labels):
            raise InputError(f"the {name} set of {what} has {len(images)} images but {len(labels)} labels")
        if images.shape[1:] != shape:
            raise InputError(
                f"images of {what} must share one shape; got {tuple(shape)} in train and"
                f" {tuple(images.shape[1:])} in {name} (channels, height, width)"
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
    if not np.isfinite(low) or not np.isfinite(high):  # a NaN anywhere makes both NaN
        raise InputError(f"{what} must be finite numbers, got NaN or inf")
    if images.dtype.kind == "f":
        return images.astype(np.float32, copy=False)
    if low >= 0 and high <= 255:
        return images.astype(np.uint8, copy=False)
    return images.astype(np.float32)
