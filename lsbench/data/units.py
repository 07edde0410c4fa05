"""Which training examples belong together, so that no fold may part them: equal images."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lsbench.data.overlap import equal_images
from lsbench.data.splits import Splits


class Units(NamedTuple):
    """The units of a data set's training examples."""

    numbers: NDArray[np.int64] | None  # (n,): of each example's unit; None where each stands alone
    sizes: tuple[int, ...]  # of the units of two examples and more, the largest first
    lone: tuple[int, ...]  # classes of which all training examples are in one unit, and so in one fold


def units_in(splits: Splits) -> Units:
    """Equal images are one unit."""
    numbers = equal_images(splits.train_images)
    counts = np.bincount(numbers)
    sizes = tuple(np.sort(counts[counts > 1])[::-1].tolist())
    return Units(numbers if sizes else None, sizes, _lone(np.asarray(splits.train_labels), numbers))


def _lone(labels: NDArray[np.int64], numbers: NDArray[np.int64]) -> tuple[int, ...]:
    pairs = np.unique(np.stack([labels, numbers]), axis=1)
    return tuple(np.flatnonzero(np.bincount(pairs[0]) == 1).tolist())
