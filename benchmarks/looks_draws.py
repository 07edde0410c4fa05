"""Draws of looks, and what their intervals say beside the truth."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lsbench.statistics.looks import Control, Design, LookInterval, bounds_of, interval, make_design

Numbers = NDArray[np.float64]
AT = (50, 75, 100, 150, 200, 300, 400, 500)  # at which one who goes on until decided may stop


class Contrast(NamedTuple):
    """One difference of two arms."""

    name: str
    effect: Numbers  # (N, K)
    right: Numbers  # (N,), the effect of each example under the true label
    control: Control

    @property
    def true(self) -> float:
        """The difference by the true labels of all examples."""
        return float(self.right.mean())


class Counts(NamedTuple):
    """What became of the draws of one contrast at one number of looks."""

    missed: float
    exact: float
    width: float  # median, against the uniform looked-at-only interval


class Family(NamedTuple):
    """Differences of which something is claimed together."""

    against_ce: list[Contrast]
    leader: list[Contrast]  # leader minus each other arm


def repeat(contrast: Contrast, sizes: Numbers, n: int, draws: int) -> Counts:
    """The intervals of n announced looks, draw after draw."""
    n = min(n, len(sizes))
    shown = [look(contrast, make_design(sizes, seed), n, n) for seed in range(draws)]
    missed = [not one.low <= contrast.true + 1e-12 or contrast.true - 1e-12 > one.high for one in shown]
    width = np.median([one.high - one.low for one in shown]) / uniform_width(contrast.right, n) if n < len(sizes) else 0
    return Counts(float(np.mean(missed)), float(np.mean([one.how == "exact" for one in shown])), float(width))


def uniform_width(right: Numbers, n: int) -> float:
    """Of the 95 % t interval of n labels looked at uniformly without replacement, at its expected spread."""
    from scipy.special import stdtrit

    return float(2 * stdtrit(n - 1, 0.975) * np.sqrt((1 - n / len(right)) * right.var(ddof=1) / n))


def look(
    contrast: Contrast, design: Design, n: int, announced: int, alpha: float = 0.05, one_sided: str | None = None
) -> LookInterval:
    """The interval of the first n looks of a design."""
    values = contrast.right[design.first(n)]
    low, high = bounds_of(contrast.effect)
    return interval(
        design, values, values, contrast.control, low, high, alpha=alpha, announced=announced, one_sided=one_sided
    )


def extended(contrast: Contrast, sizes: Numbers, announced: int, draws: int) -> float:
    """The share of draws in which the interval misses at any of the numbers of looks."""
    return float(np.mean([_ever(contrast, make_design(sizes, seed), announced) for seed in range(draws)]))


def _ever(contrast: Contrast, design: Design, announced: int, alpha: float = 0.05) -> bool:
    shown = (look(contrast, design, n, announced, alpha) for n in AT if n < len(design.sizes))
    return any(one.low > contrast.true or one.high < contrast.true for one in shown)


def family_errors(family: Family, sizes: Numbers, draws: int, announced: int = 50) -> tuple[float, float]:
    """The share of draws with any false claim against ce, and with the leader falsely better than every other."""
    designs = [make_design(sizes, seed) for seed in range(draws)]
    level = 0.05 / len(family.against_ce)
    against = [any(_ever(one, design, announced, level) for one in family.against_ce) for design in designs]
    best = [any(_all_above(family.leader, design, n, announced) for n in AT if n < len(sizes)) for design in designs]
    return float(np.mean(against)), float(np.mean(best))


def _all_above(contrasts: list[Contrast], design: Design, n: int, announced: int) -> bool:
    """Whether each difference is shown to be above its true value, as if that were 0."""
    return all(look(one, design, n, announced, 0.05, "lower").low > one.true for one in contrasts)
