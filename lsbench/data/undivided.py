"""Data in one piece, of which a part is chosen for testing: as it is done with folders, near-duplicates on one side."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lsbench.data.alike.near_duplicates import Alike, alike_examples
from lsbench.data.division import divide, none_left
from lsbench.data.division_options import Division, division_options, keeps_alike
from lsbench.data.labels import require_classes
from lsbench.data.splits import Splits, noun_of
from lsbench.data.votes import Votes
from lsbench.errors import InputError
from lsbench.names.percent import percent
from lsbench.names.reference import Value


class Whole(NamedTuple):
    """Examples and labels in one piece."""

    images: np.ndarray  # (n, C, H, W) or (n, d)
    labels: np.ndarray  # (n,), numbers or text
    votes: Votes | None = None
    classes: tuple[str, ...] = ()


def divided(what: str, whole: Whole, options: Mapping[str, Value]) -> Splits:
    """Training and test part, by the options test, split and alike; near-duplicates are on one side unless ignored.

    `InputError`: images and labels are not equally many, or nothing is left for testing.
    """
    if len(whole.images) != len(whole.labels):
        raise InputError(
            f"{what} has {len(whole.images):,} {noun_of(whole.images)} but {len(whole.labels):,} labels; give one each"
        )
    share, split = division_options(options) or Division()
    alike = alike_examples(whole.images) if keeps_alike(options, default=True) else None
    train, test = divide(whole.labels, share, split, alike=None if alike is None else alike.numbers)
    if not len(test):
        classes = len(np.unique(whole.labels))
        require_classes(what, whole.labels, classes)
        raise InputError(none_left(what, noun_of(whole.images), whole.labels, None if alike is None else alike.numbers))
    images, labels, votes = whole.images, whole.labels, whole.votes
    return Splits(
        *(images[train], labels[train], images[test], labels[test]),
        classes=whole.classes,
        train_votes=votes and Votes(votes.values[train], votes.weights[train], votes.how),
        names=tuple(map(str, (*train.tolist(), *test.tolist()))),
        train_alike=None if alike is None else alike.numbers[train],
        notes=(division_note(len(test), share), *(alike_notes(alike, noun_of(images), labels) if alike else ())),
    )


def division_note(count: int, share: float) -> str:
    """What was chosen for testing, in a sentence."""
    part = f"{count:,} examples, {percent(share, 0)} of each class"
    return f"it has no test set: {part}, are for testing (:split=1: others)"


def alike_notes(alike: Alike, noun: str, labels: NDArray[Any]) -> tuple[str, ...]:
    """How many examples are near-duplicates, and whether their labels agree, in a sentence; none where there are none.

    noun: what they are called; labels (n,): of examples in the order of `alike`.
    """
    sizes = np.bincount(alike.numbers, minlength=len(labels))
    units, count = int((sizes > 1).sum()), int(sizes[sizes > 1].sum())
    what = f"{noun} look alike" if alike.level else f"{noun} are equal to another"
    if not count:
        return ()
    differ = len(np.unique(alike.numbers[labels != labels[alike.numbers]]))
    more = f"; in {differ:,} of these the labels differ" if differ else ""
    return (
        f"{count:,} of {len(labels):,} {what}, in {units:,} {'unit' if units == 1 else 'units'} of up to"
        f" {sizes.max():,}; each unit stays on one side of the division and in one fold{more} ({alike.told})",
    )
