"""Near-duplicates that are on both sides of a division."""

from typing import NamedTuple

import numpy as np

from lsbench.data.alike.near_duplicates import Alike, alike_examples, are_comparable
from lsbench.data.splits import Splits

MOST = 100_000  # images that are looked at unasked: of these it takes about ten seconds


class Across(NamedTuple):
    """How many test images look like an image that is trained on or held out."""

    test: int
    total: int
    alike: Alike

    def __str__(self) -> str:
        """In a sentence, with what near-duplicates are."""
        return f"{self.test:,} of {self.total:,} test images look like a training image ({self.alike.told})"


def alike_across(splits: Splits) -> Across | None:
    """None of vectors and of very small images, of which equal ones are counted elsewhere, and of more than 100,000.

    Images are compared as in `alike_examples`; copies are among them.
    """
    training = [part for part in (splits.train_images, splits.val_images) if part is not None]
    before, total = sum(map(len, training)), len(splits.test_images)
    if not are_comparable(splits.test_images) or before + total > MOST:
        return None
    alike = alike_examples(*training, splits.test_images)
    is_in_training = np.zeros(before + total, bool)
    is_in_training[alike.numbers[:before]] = True
    return Across(int(is_in_training[alike.numbers[before:]].sum()), total, alike)
