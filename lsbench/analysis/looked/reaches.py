"""How far a number reaches: these networks on this test set, new seeds, new test examples; an interval for each.

The looks give an interval [l, u] for the mean m of these networks on this test set, in which only the draw of the looks
is random. New seeds and new examples add their own variances, by which each end moves away from m (MOVER; Zou and
Donner, 2008):

    low = m - sqrt((m - l)² + t² sd² / S + z² v / N)

sd over the S seeds of the estimates of one seed each, t Student's quantile with S - 1 degrees of freedom, v the
estimated variance of d_i(y_i) over the N examples. The looks' own part in sd² is counted twice, which widens.
Answers that are alike on all N examples may differ on new ones: on a share of up to 1 - side^(1 / N) of them.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from lsbench.analysis.looked.contrast import Contrast
from lsbench.analysis.looked.metrics import Floats
from lsbench.analysis.looked.sample import Sample
from lsbench.statistics.alike import all_alike
from lsbench.statistics.cautious import alike_needed
from lsbench.statistics.looks import Control, LookInterval, MoreLooks, estimate, interval, more_looks
from lsbench.statistics.paired import t_quantile


class Reach(StrEnum):
    """For what a number, or a claim, holds."""

    NETWORKS = "networks"  # these networks on this test set: only the draw of the looks is random
    LOSS = "loss"  # new seeds, too
    EXAMPLES = "examples"  # new test examples, too


@dataclass(frozen=True)
class Range:
    """An interval; each end alone errs with the chance that it was asked for."""

    low: float
    high: float

    def shows(self, tolerance: float = 0.0) -> int:
        """1: all of it is above the tolerance; -1: below minus it; 0 else."""
        return int(self.low > tolerance) - int(self.high < -tolerance)

    def within(self, tolerance: float) -> bool:
        """Whether all of it lies within the tolerance."""
        return -tolerance <= self.low and self.high <= tolerance

    def negative(self) -> "Range":
        """Of the number with the other sign; no -0."""
        return Range(0.0 - self.high, 0.0 - self.low)


@dataclass(frozen=True)
class Reaches:
    """A number with its interval for each reach."""

    mean: float
    ranges: dict[Reach, Range]  # without those that can't be had
    how: str  # how the looks' interval was made: exact, or asymptotic
    corrections: int  # of the looks: so many moved the number, or may have
    n: int  # of the looks: so many are used

    def negative(self) -> "Reaches":
        """Of the contrast with its two arms exchanged."""
        turned = {reach: one.negative() for reach, one in self.ranges.items()}
        return Reaches(0.0 - self.mean, turned, self.how, self.corrections, self.n)


def reaches(contrast: Contrast, sample: Sample, side: float, *, new_examples: bool = True) -> Reaches:
    """The mean of a contrast, with intervals of which each end errs with chance `side`.

    new_examples: whether the test examples are drawn one by one; where they come in groups nothing is said of new ones.
    """
    looked = look_interval(contrast, sample, side)
    used = contrast.first(looked.n)
    ranges = {Reach.NETWORKS: Range(looked.low, looked.high)}
    seeds = _seed_part(used, sample, side)
    if seeds is not None:
        ranges[Reach.LOSS] = _wider(looked, seeds)
        if new_examples:
            ranges[Reach.EXAMPLES] = _wider(looked, seeds + _example_part(used, sample, side, looked.mean))
    return Reaches(looked.mean, ranges, looked.how, looked.corrections, looked.n)


def look_interval(contrast: Contrast, sample: Sample, side: float) -> LookInterval:
    """Of these networks on this test set."""
    return interval(
        sample.design,
        *contrast.looked,
        contrast.mean_control,
        contrast.low,
        contrast.high,
        alpha=2 * side,
        announced=sample.announced,
    )


def more_needed(contrast: Contrast, sample: Sample, side: float) -> MoreLooks:
    """How many more looks would tell the contrast from 0, for these networks on this test set."""
    now = look_interval(contrast, sample, side)
    return more_looks(sample.design, now, alpha=2 * side, announced=sample.announced)


def _wider(looked: LookInterval, part: float) -> Range:
    below, above = max(0.0, looked.mean - looked.low), max(0.0, looked.high - looked.mean)
    return Range(looked.mean - float(np.hypot(below, part**0.5)), looked.mean + float(np.hypot(above, part**0.5)))


def _seed_part(contrast: Contrast, sample: Sample, side: float) -> float | None:
    """t² sd² / S; None of one seed, and of equal numbers where there are too few for a claim by their signs."""
    if contrast.seeds < 2:
        return None
    means = [
        np.asarray(estimate(sample.design, one, contrast.seed_controls).mean) for one in (contrast.least, contrast.most)
    ]
    if not contrast.is_zero and any(_too_alike(per_seed, side) for per_seed in means):
        return None
    sd = max(float(per_seed.std(ddof=1)) for per_seed in means)
    return (t_quantile(side, contrast.seeds - 1) * sd) ** 2 / contrast.seeds


def _too_alike(per_seed: Floats, side: float) -> bool:
    """Whether numbers show no spread, and are 0 or too few to speak by their signs: see `statistics.cautious`."""
    return all_alike(per_seed) and (not per_seed.any() or len(per_seed) < alike_needed(2 * side))


def _example_part(contrast: Contrast, sample: Sample, side: float, mean: float) -> float:
    """z² v / N, with v estimated by the looks, and within what the networks' answers allow.

    Of answers that are alike on all N examples it is (1 - side^(1 / N))²: were they to differ on a larger share of all
    examples, they would be alike on N of them with a chance below side. (Clopper and Pearson, 1934)
    """
    from scipy.special import ndtri

    if contrast.is_zero and not contrast.fitted:
        return float(-np.expm1(np.log(side) / sample.count)) ** 2
    least, most = _squares(contrast.low, contrast.high)
    looked = np.maximum(*(one**2 for one in contrast.looked))
    control = Control(np.clip(np.square(contrast.mean_control.values), least, most), contrast.fitted)
    square = float(estimate(sample.design, looked, control).mean)
    variance = float(np.clip(square, least.mean(), most.mean())) - mean**2
    return float(ndtri(side)) ** 2 * max(0.0, variance) / sample.count


def _squares(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """The least and the most that the square of each number can be."""
    most = np.maximum(low**2, high**2)
    return np.where((low <= 0) & (high >= 0), 0.0, np.minimum(low**2, high**2)), most
