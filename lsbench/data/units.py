"""Which training examples belong together, so that no fold may part them: equal images, and groups."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lsbench.data.groups import Groups, numbered
from lsbench.data.overlap import equal_images
from lsbench.data.splits import Splits

Numbers = NDArray[np.int64]


class Units(NamedTuple):
    """The units of a data set's training examples."""

    numbers: Numbers | None  # (n,): of each example's unit; None where each stands alone
    sizes: tuple[int, ...]  # of the units of two examples and more, the largest first
    lone: tuple[int, ...]  # classes of which all training examples are in one unit, and so in one fold


def units_in(splits: Splits, groups: Groups | None = None) -> Units:
    """Equal images, or near-duplicates, are one unit; a group is one, with all groups that hold one of the same."""
    alike = equal_images(splits.train_images) if splits.train_alike is None else first_with(splits.train_alike)
    numbers = alike if groups is None else joined(numbered(groups.train), alike)
    counts = np.bincount(numbers)
    sizes = tuple(np.sort(counts[counts > 1])[::-1].tolist())
    return Units(numbers if sizes else None, sizes, _lone(np.asarray(splits.train_labels), numbers))


def first_with(numbers: np.ndarray) -> Numbers:
    """(n,): for each example the first one that has the same number."""
    _, first, places = np.unique(numbers, return_index=True, return_inverse=True)
    return first[places]


def joined(groups: Numbers, equal: Numbers) -> Numbers:
    """(n,): a number for all that are linked, directly or not, by one group or one number in `equal`.

    equal (n,): the index of an example that each is equal to; often its own.
    """
    parent = list(range(int(groups.max()) + 1))
    for i in np.flatnonzero(equal != np.arange(len(equal))).tolist():
        a, b = _root(parent, int(groups[i])), _root(parent, int(groups[equal[i]]))
        parent[max(a, b)] = min(a, b)
    return np.array([_root(parent, group) for group in range(len(parent))], np.int64)[groups]


def _root(parent: list[int], group: int) -> int:
    while parent[group] != group:
        group = parent[group]
    return group


def _lone(labels: Numbers, numbers: Numbers) -> tuple[int, ...]:
    pairs = np.unique(np.stack([labels, numbers]), axis=1)
    return tuple(np.flatnonzero(np.bincount(pairs[0]) == 1).tolist())
