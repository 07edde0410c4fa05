"""How far each arm may lie from the best of the others (multiple comparisons with the best)."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from lsbench.statistics.checks import require_level
from lsbench.statistics.families import set_level
from lsbench.statistics.pairs import Floats, Pairs, require_pairs


@dataclass(frozen=True)
class BestGap:
    """One arm's loss minus the least loss of the others, as a joint interval; it is below 0 for the best arm alone."""

    arm: Hashable
    low: float | None  # 0 for an arm that is not in the set that may be best; None, like high, where it can't be said
    high: float | None  # 0 for an arm that alone may be the best


def gaps_to_best(pairs: Pairs, *, alpha: float = 0.05) -> list[BestGap]:
    """Joint intervals of each arm's mean minus the least mean of the others.

    With d the mean of row minus column, h the one-sided half-width at alpha / max(k - 1, 2) and
    m_i = max_j (d_ij - h_ij):

        low_i = min(0, m_i)        high_i = max over j != i with m_j <= 0 of max(0, d_ij + h_ij), or 0 without such a j

    All hold at once with a chance of at least 1 - alpha: they follow from the k - 1 one-sided bounds of the arm that is
    truly best. m_i <= 0 says that arm i may be the best: the arms of `may_be_best` without a tolerance, if all arms
    have the same seeds. (Hsu, 1984; with Bonferroni's bound in the place of Dunnett's)

    Args:
        pairs: all pairs of arms, see `pairs_of`; lower values are better.
        alpha: the chance that any of the intervals is wrong.

    Returns:
        One per arm, in their order. No ends for an arm that has no interval with some other, of one seed or of equal
        differences; where some arm has none, the upper ends of the others are None, too, as it may be the best.

    Raises:
        InputError: an alpha outside (0, 1).

    Example:
        >>> from lsbench.statistics import pairs_of
        >>> errors = {"ce": {0: 0.10, 1: 0.11, 2: 0.12}, "lsr": {0: 0.20, 1: 0.22, 2: 0.21}}
        >>> [(gap.arm, round(gap.low, 3), round(gap.high, 3)) for gap in gaps_to_best(pairs_of(errors))]
        [('ce', -0.125, 0.0), ('lsr', 0.0, 0.125)]
    """
    require_pairs(pairs)
    require_level("alpha", alpha)
    k = len(pairs.arms)
    if k < 2:
        return [BestGap(arm, None, None) for arm in pairs.arms]
    nearest, farthest = _one_sided_bounds(pairs, set_level(k, alpha))
    m = nearest.max(1)  # NaN where an interval is missing
    rivals = ~(m > 0) & ~np.eye(k, dtype=bool)  # (k, k): those that may be the best instead of the row's arm
    high = np.where(rivals, np.maximum(farthest, 0), 0).max(1)
    return [
        BestGap(arm, *(None if np.isnan(end) or np.isnan(m[i]) else float(end) for end in (min(0, m[i]), high[i])))
        for i, arm in enumerate(pairs.arms)
    ]


def _one_sided_bounds(pairs: Pairs, tail: float) -> tuple[Floats, Floats]:
    """Lower and upper ends of the differences, (k, k) each; -inf and inf on the diagonal are never the largest."""
    half = pairs.half(tail)
    equal = (pairs.sd == 0) & (pairs.mean != 0) & (0.5**pairs.n > tail)
    half = np.where(equal | (pairs.n < 2), np.nan, half)
    low, high = pairs.ends(half)
    np.fill_diagonal(low, -np.inf)
    np.fill_diagonal(high, -np.inf)
    return low, high
