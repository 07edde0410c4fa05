"""Images and labels of a data set, as its reader gives them: raw, unnormalised, in their published order."""

from typing import NamedTuple

from torch import Tensor


class Splits(NamedTuple):
    """The published training and test sets."""

    train_images: Tensor  # (n, channels, height, width), uint8 or float
    train_labels: Tensor  # (n,), int64
    test_images: Tensor  # (m, channels, height, width)
    test_labels: Tensor  # (m,), int64
