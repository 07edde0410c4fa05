"""What looked-at labels say of the test set's given ones: how many differ, and in which classes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsbench.analysis.looked.contrast import Contrast
from lsbench.analysis.looked.families import ALPHA
from lsbench.analysis.looked.reaches import Range, look_interval
from lsbench.analysis.looked.sample import Sample

FEWEST = 10  # looks at a given class: with fewer no interval is shown


@dataclass(frozen=True)
class Estimated:
    """A share of examples by the looks, with an interval that holds with 95 % whenever one stops to look."""

    share: float
    limits: Range
    how: str  # exact or asymptotic


@dataclass(frozen=True)
class GivenClass:
    """The test examples that are given one class."""

    number: int
    examples: int
    looked: int
    changed: int  # looks by which it is not the given class
    counts: tuple[int, ...]  # (K,) of the looks: which class they show; of several classes, or none, it counts nowhere
    unclear: int  # of the looks: no single class
    differs: Estimated | None  # the share whose looked-at label differs; None of too few looks


@dataclass(frozen=True)
class GivenLabels:
    """The given labels of the test set, beside the looked-at ones."""

    differ: Estimated  # the share of all test examples whose looked-at label is not the given one
    classes: tuple[GivenClass, ...]


def given_labels_of(sample: Sample) -> GivenLabels:
    """The noise rate and, by given class, what the looks show instead."""
    everywhere, classes = np.ones(sample.count, bool), range(sample.belief.shape[1])
    return GivenLabels(_differing(sample, everywhere), tuple(_of_class(sample, given) for given in classes))


def _differing(sample: Sample, among: NDArray[np.bool_]) -> Estimated:
    """The share of `among` (N,) whose looked-at label is not the given one; what can't be told may be either."""
    verified = sample.verified
    weight = among.astype(np.float64) * (sample.count / max(1, int(among.sum())))
    at = weight[verified.examples]
    single = (verified.may_be.sum(1) == 1) & ~verified.outside
    may_differ = ~(single & ~verified.changed)
    zeros = np.zeros(sample.count)
    contrast = Contrast(
        control=zeros[None],
        low=zeros,
        high=weight,
        least=(verified.changed * at)[None],
        most=(may_differ * at)[None],
        examples=verified.examples,
        fitted=False,  # so that the looks that differ are counted, and few of them make an exact interval
    )
    made = look_interval(contrast, sample, ALPHA / 2)
    return Estimated(made.mean, Range(max(0.0, made.low), min(1.0, made.high)), made.how)


def _of_class(sample: Sample, given: int) -> GivenClass:
    verified = sample.verified
    among, looked = sample.given == given, verified.given == given
    labels = verified.labels[looked]
    counts = np.bincount(labels[labels >= 0], minlength=sample.belief.shape[1])
    return GivenClass(
        number=given,
        examples=int(among.sum()),
        looked=int(looked.sum()),
        changed=int(verified.changed[looked].sum()),
        counts=tuple(int(count) for count in counts),
        unclear=int((labels < 0).sum()),
        differs=_differing(sample, among) if looked.sum() >= FEWEST else None,
    )
