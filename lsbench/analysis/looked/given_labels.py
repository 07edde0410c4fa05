"""What looked-at labels say of the test set's given ones: how many differ, and in which classes."""

from dataclasses import dataclass

import numpy as np

from lsbench.analysis.looked.sample import Sample
from lsbench.analysis.looking.training import Share, share_among
from lsbench.errors import InputError

FEWEST = 10  # looks at a given class: with fewer no interval is shown


@dataclass(frozen=True)
class GivenClass:
    """The test examples that are given one class."""

    number: int
    examples: int
    looked: int
    changed: int  # looks by which it is not the given class
    counts: tuple[int, ...]  # (K,) of the looks: which class they show; of several classes, or none, it counts nowhere
    unclear: int  # of the looks: no single class
    differs: Share | None  # the share whose looked-at label differs; None of too few looks


@dataclass(frozen=True)
class GivenLabels:
    """The given labels of the test set, beside the looked-at ones; each interval holds whenever one stops to look."""

    differ: Share  # the share of all test examples whose looked-at label is not the given one
    classes: tuple[GivenClass, ...]


def given_labels_of(sample: Sample) -> GivenLabels:
    """The noise rate and, by given class, what the looks show instead."""
    verified = sample.verified
    differ = share_among(verified, verified.design.numbers, sample.beliefs)
    if differ is None:
        raise InputError(f"none of the answers of design {verified.design.id} is of its examples")
    return GivenLabels(differ, tuple(_of_class(sample, given) for given in range(verified.design.num_classes)))


def _of_class(sample: Sample, given: int) -> GivenClass:
    verified, design = sample.verified, sample.verified.design
    looked = verified.given == given
    numbers, labels = design.numbers[design.given == given], verified.labels[looked]
    counts = np.bincount(labels[labels >= 0], minlength=design.num_classes)
    return GivenClass(
        number=given,
        examples=len(numbers),
        looked=int(looked.sum()),
        changed=int(verified.changed[looked].sum()),
        counts=tuple(int(count) for count in counts),
        unclear=int((labels < 0).sum()),
        differs=share_among(verified, numbers, sample.beliefs) if looked.sum() >= FEWEST else None,
    )
