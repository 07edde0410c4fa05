"""Equal images, or vectors, within the training set and across both; found without holding a set in another form."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from lsbench.data.splits import AT_ONCE, Array

LOOKED_AT = 64  # values of an image that are compared first: most images that differ do so in these


def count_shared(training: Sequence[Array], test: Array) -> int:
    """How many test images are, value by value, among the training images.

    A few values of each image are compared first, and hashes of the whole only where these are equal, so that a set is
    read once, chunk by chunk, and a memory-mapped one stays on disk: a million 64x64 images take seconds.

    training: parts (n, ...), such as the training and the validation images; test (m, ...); images or vectors.
    """
    dtype = np.result_type(*(np.asarray(part[:1]).dtype for part in (*training, test)))
    wanted = {few for chunk in _chunks(test, dtype) for few in _few(chunk)}
    trained_on = {
        whole
        for part in training
        for chunk in _chunks(part, dtype)
        for whole in _hashes(chunk, [i for i, few in enumerate(_few(chunk)) if few in wanted])
    }
    return sum(whole in trained_on for chunk in _chunks(test, dtype) for whole in _hashes(chunk, range(len(chunk))))


def equal_images(images: Array) -> np.ndarray:
    """(n,) int64: for each image the number of the first image that is equal to it, value by value; often its own.

    A few values of each image are compared first, as in `count_shared`.
    """
    few = [values for chunk in _chunks(images, np.asarray(images[:1]).dtype) for values in _few(chunk)]
    count_by_few = Counter(few)
    first: dict[bytes, int] = {}
    numbers = np.arange(len(images))
    for i in (i for i, values in enumerate(few) if count_by_few[values] > 1):
        (whole,) = _hashes(np.asarray(images[i : i + 1]).reshape(1, -1), [0])
        numbers[i] = first.setdefault(whole, i)
    return numbers


def _chunks(images: Array, dtype: np.dtype) -> Iterator[np.ndarray]:
    """(b, values) each, of one dtype, as bytes and floats of the same value have other bytes."""
    for start in range(0, len(images), AT_ONCE):
        chunk = np.asarray(images[start : start + AT_ONCE])
        yield chunk.reshape(len(chunk), -1).astype(dtype, copy=False)


def _few(chunk: np.ndarray) -> list[bytes]:
    places = np.unique(np.linspace(0, chunk.shape[1] - 1, LOOKED_AT).round().astype(int))
    few = np.ascontiguousarray(chunk[:, places])
    return [row.tobytes() for row in few]


def _hashes(chunk: np.ndarray, rows: Sequence[int]) -> Iterator[bytes]:
    for row in rows:
        yield hashlib.blake2b(np.ascontiguousarray(chunk[row]).data, digest_size=16).digest()
