"""Near-duplicates whose labels differ: at most one of these labels can be right where both show the same."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lsbench.data.alike.near_duplicates import Alike, alike_examples, are_comparable
from lsbench.data.splits import Array, Splits

MOST = 100_000  # examples that are looked at: images of these take about ten seconds


class Twin(NamedTuple):
    """One of several examples that look alike."""

    example: int  # its number, as `lsbench order` prints it: training, validation, test
    label: int


class Disagreeing(NamedTuple):
    """Units of near-duplicates in which the labels differ, the most different first."""

    units: tuple[tuple[Twin, ...], ...]
    alike: Alike | None  # what near-duplicates are here; None: there were too many examples to look


def disagreeing(splits: Splits) -> Disagreeing:
    """Near-duplicates of all parts, as `alike_examples` finds them; of vectors equal ones. None of over 100,000."""
    images = [own for own in (splits.train_images, splits.val_images, splits.test_images) if own is not None]
    given = (splits.train_labels, splits.val_labels, splits.test_labels)
    labels = np.concatenate([np.asarray(own) for own in given if own is not None])
    if len(labels) > MOST:
        return Disagreeing((), None)
    alike = alike_examples(*images) if are_comparable(images[0]) else alike_examples(_joined(images))
    return Disagreeing(_units(alike.numbers, labels), alike)


def _joined(parts: Sequence[Array]) -> np.ndarray:
    """In one array, as equal vectors are looked for in each array alone."""
    return np.concatenate([np.asarray(part) for part in parts])


def _units(numbers: np.ndarray, labels: np.ndarray) -> tuple[tuple[Twin, ...], ...]:
    differing = np.unique(numbers[labels != labels[numbers]])
    order = np.argsort(numbers, kind="stable")
    starts = np.searchsorted(numbers[order], differing)
    ends = np.searchsorted(numbers[order], differing, side="right")
    members = (order[start:end].tolist() for start, end in zip(starts, ends, strict=True))
    units = [tuple(Twin(i, int(labels[i])) for i in some) for some in members]
    return tuple(sorted(units, key=lambda unit: (-len({twin.label for twin in unit}), len(unit), unit[0].example)))
