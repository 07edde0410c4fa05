"""ECE by looked-at labels, beside what so few looks show of networks that are perfectly calibrated."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lsbench.analysis.looked.metrics import Kept
from lsbench.analysis.looked.sample import Sample
from lsbench.names.bins import DEFAULT_BINS
from lsbench.statistics.looks import Control, estimate


@dataclass(frozen=True)
class LookedEce:
    """No mean over examples, so that it is biased upwards, the more the fewer the looks: no claim is made by it."""

    value: float
    by_chance: float  # about what perfectly calibrated networks would show at so many looks


def looked_ece(networks: Sequence[Kept], sample: Sample) -> LookedEce:
    """The sum over bins of |mean of (right - confidence) within the bin| times its share, the mean over these networks.

    Each bin's signed error is estimated by the looks; by_chance sums sqrt(2 v / pi), v the variance of each, which is
    the mean of |x| for a normal x around 0. What can't be told counts as not right.
    """
    made = [_of_network(one, sample) for one in networks]
    return LookedEce(*(float(np.mean(part)) for part in zip(*made, strict=True)))


def _of_network(kept: Kept, sample: Sample) -> tuple[float, float]:
    bins = np.searchsorted(np.linspace(0, 1, DEFAULT_BINS + 1)[1:-1], kept.confidence)  # (a, b], as everywhere
    inside = bins == np.arange(DEFAULT_BINS)[:, None]  # (bins, N)
    given = inside * ((kept.predicted == sample.given) - kept.confidence)
    at, labels = sample.verified.examples, sample.verified.labels
    errors = inside[:, at] * ((kept.predicted[at] == labels) - kept.confidence[at])
    made = estimate(sample.design, errors, Control(given, fitted=False))
    variance = np.maximum(np.asarray(made.variance), 0)
    return float(np.abs(made.mean).sum()), float(np.sqrt(2 * variance / np.pi).sum())
