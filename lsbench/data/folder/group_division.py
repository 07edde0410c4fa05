"""Which groups of a folder's images are for testing, where the folder has no test set."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from lsbench.data.folder.decode import Decoded
from lsbench.errors import InputError
from lsbench.names.encoding import to_bytes


def rank_of(split: int, name: str) -> bytes:
    """What orders names at random, the same on every machine; split picks the order."""
    return hashlib.sha256(to_bytes(f"lsbench/{split}/{name}")).digest()


def choose_test_groups(images: Decoded, groups: NDArray[np.str_], share: float, split: int) -> NDArray[np.int64]:
    """The images for testing: whole groups, so that of each class about the share is; groups (n,): of each image.

    Class by class, groups are taken in the order of their hashed names until the share is reached, the last one only
    where that comes nearer to it. A group without which a class would have nothing to train on is passed over.

    `InputError`: no group can be left for testing.
    """
    names, number = np.unique(groups, return_inverse=True)
    counts = np.zeros((len(names), len(images.classes)), np.int64)  # (groups, K)
    np.add.at(counts, (number, images.labels), 1)
    chosen = _chosen(counts, share, sorted(range(len(names)), key=lambda g: rank_of(split, str(names[g]))))
    if not chosen:
        raise InputError(
            f"no group can be for testing: each of the {len(names)} holds all images of a class; give a folder test, or"
            " smaller groups"
        )
    return np.flatnonzero(np.isin(number, chosen))


def _chosen(counts: NDArray[np.int64], share: float, order: list[int]) -> list[int]:
    chosen: list[int] = []
    total = counts.sum(0)
    for label, target in enumerate(np.maximum(1, np.rint(share * total))):
        for group in order:
            have, more = counts[chosen, label].sum(), counts[group, label]
            is_nearer = have == 0 or have + more - target <= target - have
            leaves_some = (counts[chosen].sum(0) + counts[group] < total).all()
            if have < target and more and group not in chosen and is_nearer and leaves_some:
                chosen.append(group)
    return chosen
