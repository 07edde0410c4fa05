"""Images, or vectors, and labels of a data set, as its reader gives them: raw, unnormalised, in their own order."""

import hashlib
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, Union

import numpy as np

if TYPE_CHECKING:  # `plan` reads data sets without torch
    from torch import Tensor

    from lsbench.data.groups import Groups
    from lsbench.data.votes import Votes

Array: TypeAlias = Union[np.ndarray, "Tensor"]
AT_ONCE = 4096  # images
IMAGE_DIMENSIONS = 4  # of an array of images: n, channels, height, width; vectors have two, n and d


class Splits(NamedTuple):
    """The published training and test sets, and the set's own validation examples where it has some."""

    train_images: Array  # (n, channels, height, width), uint8 or float; or vectors (n, d), float
    train_labels: Array  # (n,), int64
    test_images: Array  # (m, ...), of the same shape
    test_labels: Array  # (m,), int64
    val_images: Array | None = None  # (v, ...)
    val_labels: Array | None = None  # (v,), int64
    classes: tuple[str, ...] = ()  # their names, or () where they have none
    label_map: tuple[int | float | str, ...] = ()  # what each class was called, or () where labels were 0..K-1 already
    train_votes: "Votes | None" = None  # of several people, where the labels were made of theirs
    notes: tuple[str, ...] = ()  # what was left out or done, a sentence each
    columns: tuple[str, ...] = ()  # (d,): names of vectors' columns, where they have some
    doubts: tuple[str, ...] = ()  # what of the values makes numbers doubtful, likewise
    groups: "Groups | None" = None  # of each part's examples, where the data set itself has some
    names: tuple[str, ...] = ()  # of the examples, where they have some: training, validation, test
    train_alike: np.ndarray | None = None  # (n,): examples with one number may not be parted; None: equal ones alone
    trained_labels: np.ndarray | None = None  # (n,): what is trained on, where predictions changed some; else None


def noun_of(images: Array) -> str:
    """What the examples are called in a sentence: images where they are, else examples."""
    return "images" if images.ndim == IMAGE_DIMENSIONS else "examples"


def count_labels(labels: Array | None, num_classes: int) -> tuple[int, ...]:
    """How many of them are 0, 1, ... num_classes - 1; none where the part is not there."""
    counts = np.bincount(np.asarray([] if labels is None else labels, np.int64), minlength=num_classes)
    return tuple(counts.tolist())


def hash_splits(splits: Splits) -> str:
    """16 hex digits of images and labels, everybody's, whatever file they came from; class names are not part of it.

    And of which examples may not be parted, where that is given.
    """
    digest = hashlib.sha256()
    for array in splits[:6]:
        _hash_array(digest, array)
    if splits.train_votes is not None:
        _hash_array(digest, splits.train_votes.values)
        _hash_array(digest, splits.train_votes.weights)
    if splits.train_alike is not None:
        _hash_array(digest, splits.train_alike)
    if splits.trained_labels is not None:
        _hash_array(digest, splits.trained_labels)
    return digest.hexdigest()[:16]


def with_labels(fingerprint: str, splits: Splits) -> str:
    """16 hex digits of a data set whose images have that fingerprint, and of all its labels."""
    digest = hashlib.sha256(fingerprint.encode())
    for labels in (splits.train_labels, splits.test_labels, splits.val_labels, splits.trained_labels):
        _hash_array(digest, labels)
    return digest.hexdigest()[:16]


def _hash_array(digest: "hashlib._Hash", array: Array | None) -> None:
    given = np.asarray([] if array is None else array)
    digest.update(f"{given.dtype.name} {given.shape} ".encode())
    for start in range(0, len(given), AT_ONCE):  # a whole set that is not contiguous would be copied
        digest.update(np.ascontiguousarray(given[start : start + AT_ONCE]).data)
