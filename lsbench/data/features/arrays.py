"""The images of arrays as a network sees them: of the catalogue, of an npz, of a function of the user's."""

from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from lsbench.data.features.compute import features_of
from lsbench.data.features.frozen import Network
from lsbench.data.features.images import Images
from lsbench.data.features.preprocessing import COLOURS, fit_array
from lsbench.data.splits import AT_ONCE, Array, Splits
from lsbench.errors import InputError


def featured_splits(splits: Splits, what: str, network: Network, cache: Path) -> Splits:
    """The same, with features (n, width), memory-mapped, in place of the images of each part.

    Bytes are taken as 0..255. Floats are scaled so that the smallest number of the training images is 0 and the
    largest 1; others are cut to that. Grey images are repeated in three channels. `what` names the data set for people.
    `InputError`: images that are none, or have other channels; and as `features_of`, with its `StorageError`.
    """
    parts = [part for part in (splits.train_images, splits.test_images, splits.val_images) if part is not None]
    for part in parts:
        _require_images(what, part)
    low, high = _range(parts[0])
    images = _images(what, parts, low, high, network)
    features = features_of(images, network, cache).features
    ends = np.cumsum([len(part) for part in parts])
    train, test, *val = np.split(features, ends[:-1])
    return splits._replace(train_images=train, test_images=test, val_images=val[0] if val else None)


def _require_images(what: str, images: Array) -> None:
    if len(images.shape) != 4 or images.shape[1] not in (1, COLOURS):
        raise InputError(
            f"features are made of images of 1 or 3 channels; {what} has examples of shape {tuple(images.shape[1:])}"
        )


def _range(images: Array) -> tuple[float, float]:
    """What stands for 0 and for 1."""
    if "uint8" in str(images.dtype):
        return 0.0, 255.0
    low, high = float(images.min()), float(images.max())
    return low, high if high > low else low + 1


def _images(what: str, parts: list[Array], low: float, high: float, network: Network) -> Images:
    starts = np.cumsum([0, *(len(part) for part in parts)])
    digests = tuple(digest for part in parts for digest in _digests(part, low, high))

    def load(i: int) -> np.ndarray:
        which = int(np.searchsorted(starts, i, side="right")) - 1
        pixels = np.asarray(parts[which][i - starts[which]])
        if pixels.dtype != np.uint8:
            pixels = np.clip((pixels.astype(np.float32) - low) / (high - low), 0, 1, dtype=np.float32)
        return fit_array(pixels, network.preprocessing)

    return Images(what, digests, lambda i: f"image {i} of {what}", load)


def _digests(images: Array, low: float, high: float) -> list[str]:
    """Of each image's pixels and what they mean."""
    kind = f"{images.dtype} {tuple(images.shape[1:])} {low!r} {high!r} ".encode()
    digests = []
    for start in range(0, len(images), AT_ONCE):  # a whole set that is not contiguous would be copied
        some: Any = np.ascontiguousarray(images[start : start + AT_ONCE])
        digests += [sha256(kind + image.tobytes()).hexdigest()[:32] for image in some]
    return digests
