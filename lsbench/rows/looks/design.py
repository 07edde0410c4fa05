"""Which examples of a data set people are asked about, with which chances and in which order: fixed before any look."""

import hashlib
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lsbench.errors import InputError
from lsbench.names.dataset_name import of_images
from lsbench.names.encoding import to_bytes
from lsbench.names.reference import Reference, parse
from lsbench.rows.status import TEST
from lsbench.spec import Cell

CHANGES = ("size", "labels", "label", "unmatched")  # options of a data set that leave its examples as they are
ID_DIGITS = 11  # after a d, so that no spreadsheet takes the id for a number


class DesignArm(NamedTuple):
    """An arm that was there when a design was made."""

    name: str
    rows: tuple[str, ...]  # the ids of its rows


@dataclass(frozen=True)
class StoredDesign:
    """The examples of one part of a data set, and the order in which they are looked at.

    Example i has the size q_i: the next example is i with probability q_i / (sum of q over those that remain). So any
    prefix of the order is a sample whose chances are known (Rosén, 1997), and to look at more is to read on.
    """

    dataset: str  # as the rows have it
    fingerprint: str  # likewise
    part: str  # test or train
    test_noise: str  # how the rows' test labels were made wrong, see `test_noise_of`; "" where they were not
    classes: tuple[str, ...]  # (K,), their names
    numbers: NDArray[np.int64]  # (N,), of each example in its part: 0 .. N - 1 of all test examples
    given: NDArray[np.int64]  # (N,), labels as given when the design was made
    sizes: NDArray[np.float64]  # (N,), q_i
    order: NDArray[np.int64]  # (N,), places in these arrays, in the order of looks
    seed: int
    arms: tuple[DesignArm, ...]  # those that the sizes were made for, the leader and the baseline among them
    announced: tuple[int, ...] = ()  # the numbers of looks asked for, in the order of asking; the first before any look
    digests: tuple[str, ...] = ()  # (m,), SHA-256 of the first m items of the order: those that people were asked about
    version: str = ""  # of lsbench

    @cached_property
    def id(self) -> str:
        """A d and 11 hex digits of what decides which examples are looked at, in which order."""
        total = hashlib.sha256()
        for text in (self.fingerprint, self.part, self.test_noise, str(self.seed), *self.classes):
            total.update(to_bytes(text) + b"\0")
        for array in (self.numbers, self.given, self.sizes, self.order):
            total.update(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes())
        return f"d{total.hexdigest()[:ID_DIGITS]}"

    @property
    def count(self) -> int:
        """N, of the examples that may be drawn."""
        return len(self.order)

    @property
    def num_classes(self) -> int:
        """K."""
        return len(self.classes)

    @cached_property
    def ranks(self) -> dict[int, int]:
        """The place of each example in the order, by its number in the part."""
        return {number: rank for rank, number in enumerate(self.numbers[self.order].tolist())}

    def is_of(self, cell: Cell) -> bool:
        """Whether the examples are those of a cell, its test labels those that the design has, where it is of these.

        Other features of the same images are, and the same data set with labels that were changed since: by the name,
        so that `require_same_examples` belongs to it.
        """
        same_labels = self.part != TEST or self.test_noise == test_noise_of(cell)
        return same_labels and (self.fingerprint == cell.fingerprint or self._is_named_alike(cell.dataset))

    def _is_named_alike(self, dataset: str) -> bool:
        return self.dataset != dataset and without_changes(self.dataset) == without_changes(dataset)

    def require_same_examples(self, labels: NDArray[np.integer], what: str) -> None:
        """Raise an `InputError` unless labels, of all examples of the part, are those of the design.

        Those of examples that people were asked about may differ: they may have been changed by the answers.
        """
        enough = len(labels) == self.count if self.part == TEST else len(labels) > self.numbers.max()
        untouched = self.order[len(self.digests) :]
        if not enough or not np.array_equal(labels[self.numbers[untouched]], self.given[untouched]):
            raise InputError(
                f"{what}: its {self.part} labels are not those that design {self.id} was made for, of {self.dataset!r};"
                " the looks are of another data set, or of another division of it"
            )


@lru_cache(maxsize=1024)
def without_changes(dataset: str) -> str:
    """The name without what changes no example and no order of them: features, the size of images, files of labels."""
    try:
        images = parse(of_images(dataset))
    except InputError:
        return dataset
    return str(Reference(images.name, {word: value for word, value in images.options.items() if word not in CHANGES}))


def test_noise_of(cell: Cell) -> str:
    """How the test labels of a cell were made wrong; "" where they were not."""
    if not cell.test_noise_rate:
        return ""
    return f"{cell.test_noise} {cell.test_noise_rate:g}, seed {cell.test_noise_seed}"
