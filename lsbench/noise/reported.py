"""What trainings say of the labels they held out, each for itself: for rows without the predictions."""

from collections.abc import Sequence
from dataclasses import dataclass

from lsbench.noise.pooled import PooledNoise, Refused
from lsbench.noise.weak import weakness
from lsbench.statistics import wilson_interval

Matrix = tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True)
class Reported:
    """Of one training."""

    rate: float  # share of labels that confident learning believes to be of another class
    matrix: Matrix  # (K, K) P(given | believed)
    count: int  # held-out examples
    accuracy: float  # of the held-out predictions, against the given labels
    majority: float  # the share of the most frequent class among them


def noise_of_reported(trainings: Sequence[Reported]) -> PooledNoise | Refused:
    """The means over trainings that held out different examples, one or more of them.

    The interval is Wilson's, for as many examples as one training held out (trainings share some): its lower end for
    confident learning's share, its upper end for the larger one of that and of 1 - accuracy, as in
    `lsbench.noise.pooled`. How often the surest predictions disagree is not known.
    """
    count = min(one.count for one in trainings)
    rate, accuracy, majority = (
        _mean([getattr(one, name) for one in trainings]) or 0.0 for name in ("rate", "accuracy", "majority")
    )
    if not count:
        return Refused("no example was held out", 0, accuracy, majority, is_pooled=False)
    if reason := weakness(accuracy, majority, None, count):
        return Refused(reason, count, accuracy, majority, is_pooled=False)
    low, _ = wilson_interval(rate * count, count)
    _, high = wilson_interval(max(rate, 1 - accuracy) * count, count)
    lines = zip(*(one.matrix for one in trainings), strict=True)
    return PooledNoise(
        contradicted=rate,
        low=float(low),
        high=float(high),
        count=count,
        accuracy=accuracy,
        majority=majority,
        surest=None,
        matrix=tuple(tuple(map(_mean, zip(*each, strict=True))) for each in lines),
        joint=None,
        is_pooled=False,
    )


def _mean(values: Sequence[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return sum(present) / len(present) if present else None
