"""A perceptual hash and a thumbnail of each image of a set, read block by block."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lsbench.data.alike.close_hashes import as_numbers
from lsbench.data.splits import Array

SIDE = 32  # of the grey image that is hashed
LOW = 8  # frequencies in each direction: 64 bits
THUMBNAIL = 16  # side of the thumbnail
AT_ONCE = 2**24  # values that are held as floats
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # of red, green and blue in grey, ITU-R BT.601

Floats = NDArray[np.float32]


class Thumbnails(NamedTuple):
    """What near-duplicates are found by."""

    bits: NDArray[np.bool_]  # (n, 64)
    hashes: NDArray[np.uint64]  # (n,): the same as numbers
    pixels: Floats  # (n, 256), of mean 0 and length 1; 0 of an image of one grey


def thumbnails_of(parts: Sequence[Array]) -> Thumbnails:
    """The pHash and the thumbnail of each image (n, C, H, W) of all parts, of bytes or floats.

    An image becomes grey, 32 x 32 by the mean of areas; the 8 x 8 lowest frequencies of its discrete cosine transform
    are 1 where they are above their median, else 0.

    (Zauner, 2010, Implementation and benchmarking of perceptual image hash functions)
    """
    blocks = [_of_block(block) for part in parts for block in _blocks(part)]
    bits, pixels = map(np.concatenate, zip(*blocks, strict=True))
    return Thumbnails(bits, as_numbers(bits), pixels)


def _blocks(images: Array) -> Iterator[np.ndarray]:
    count = max(1, AT_ONCE // int(np.prod(images.shape[1:])))
    for start in range(0, len(images), count):
        yield np.asarray(images[start : start + count])


def _of_block(block: np.ndarray) -> tuple[NDArray[np.bool_], Floats]:
    rows, columns = (area_means(size, SIDE) for size in block.shape[2:])
    grey = rows @ _grey(block) @ columns.T  # (n, 32, 32)
    frequencies = (_cosines() @ grey @ _cosines().T).reshape(len(block), -1)
    step = SIDE // THUMBNAIL
    pixels = grey.reshape(len(block), THUMBNAIL, step, THUMBNAIL, step).mean((2, 4)).reshape(len(block), -1)
    pixels -= pixels.mean(1, keepdims=True)
    lengths = np.linalg.norm(pixels, axis=1, keepdims=True)
    is_flat = lengths <= 1e-5 * np.abs(grey).max((1, 2))[:, None]  # rounding
    pixels = np.where(is_flat, 0, pixels / np.maximum(lengths, 1e-30))
    return frequencies > np.median(frequencies, 1, keepdims=True), pixels


def _grey(block: np.ndarray) -> Floats:
    """(n, H, W) of (n, C, H, W): of three channels as red, green and blue, else their mean."""
    floats = block.astype(np.float32)
    return np.tensordot(LUMA, floats, (0, 1)) if block.shape[1] == len(LUMA) else floats.mean(1)


@lru_cache
def area_means(size: int, wanted: int) -> Floats:
    """(wanted, size): the matrix that makes `wanted` values of `size`, each the mean of its part of the line.

    Example:
        >>> area_means(4, 2).tolist()
        [[0.5, 0.5, 0.0, 0.0], [0.0, 0.0, 0.5, 0.5]]
    """
    edges = np.linspace(0, size, wanted + 1)
    places = np.arange(size)
    covered = np.minimum(edges[1:, None], places + 1) - np.maximum(edges[:-1, None], places)
    covered = np.maximum(covered, 0)
    return (covered / covered.sum(1, keepdims=True)).astype(np.float32)


@lru_cache
def _cosines() -> Floats:
    """(8, 32): the lowest rows of the discrete cosine transform of type II."""
    places = np.arange(SIDE) + 0.5
    return np.cos(np.pi * np.arange(LOW)[:, None] * places / SIDE).astype(np.float32)
