"""Claims about several arms, each in a family whose chance of any false claim is held.

Three families are offered. Against a baseline named beforehand: k - 1 comparisons, which leaves the most power. All
pairs: whatever the data made one look at, "worse than the leader" say. The set that may be best: which arms are not
shown to be worse than some other.

Where the arms were chosen from more arms, by numbers that may go with those that are compared (the same seeds in a
cheaper study), `chosen_from` counts them all: each family is then as large as if all had been compared, the others with
p = 1. So its claims hold whatever the choice was made by, as any of the pairs could have been looked at. Arms that were
chosen by numbers independent of these need no such count. (Cox, 1975; Wasserman and Roeder, 2009)
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, inf, nextafter
from typing import Literal, NamedTuple

import numpy as np

from lsbench.errors import require_number, require_whole
from lsbench.statistics.basis import largest_part
from lsbench.statistics.checks import require_level
from lsbench.statistics.multiplicity import holm
from lsbench.statistics.paired import Difference
from lsbench.statistics.pairs import Pairs, require_pairs

Family = Literal["baseline", "pairs"]
Finding = Literal["better", "worse", "equivalent", "undecided"]


class FamilySize(NamedTuple):
    """The comparisons of a family."""

    made: int  # of arms that share a seed
    counted: int  # for which it is corrected: those with arms that lost seeds, or were not chosen, are among them


@dataclass(frozen=True)
class Claim:
    """What a family shows of one arm against another; lower values are better."""

    arm: Hashable
    other: Hashable
    family: Family
    finding: Finding  # better, worse: by more than the tolerance; equivalent: within it
    difference: Difference | None  # arm minus other; its interval is joint: all of the family hold together
    p: float | None  # of this pair alone; None of fewer than two shared seeds
    p_adjusted: float  # by Holm over the family
    effect: float | None  # Cohen's d_z; None where differences show no spread


def against_baseline(
    pairs: Pairs, baseline: Hashable, *, tolerance: float = 0.0, alpha: float = 0.05, chosen_from: int = 0
) -> list[Claim]:
    """Every other arm against one that was named before the data were seen, in the order of the arms.

    p is Student's of each pair for a difference beyond the tolerance, adjusted by Holm over the k - 1 pairs. A pair
    without two shared seeds counts with p = 1. A claim is made where the adjusted p is at most alpha. (Holm, 1979)

    Args:
        pairs: all pairs of arms, see `pairs_of`; lower values are better.
        baseline: one of the arms.
        tolerance: a difference that does not matter.
        alpha: the chance of any false claim.
        chosen_from: of how many arms these were chosen by numbers that may go with these; 0: none is counted but these.

    Returns:
        One claim per other arm.

    Raises:
        InputError: a baseline that is none of the arms, a tolerance below 0, or an alpha outside (0, 1).

    Example:
        >>> from lsbench.statistics import pairs_of
        >>> errors = {"ce": {0: 0.10, 1: 0.11, 2: 0.12}, "lsr": {0: 0.20, 1: 0.22, 2: 0.21}}
        >>> [(claim.arm, claim.finding) for claim in against_baseline(pairs_of(errors), "ce")]
        [('lsr', 'worse')]
    """
    _require(pairs, tolerance, alpha, chosen_from)
    b, k = pairs.index(baseline), len(pairs.arms)
    others = [(i, b) for i in range(k) if i != b]
    return _claims(pairs, others, "baseline", tolerance, alpha, max(k, chosen_from) - 1)


def all_pairs(pairs: Pairs, *, tolerance: float = 0.0, alpha: float = 0.05, chosen_from: int = 0) -> list[Claim]:
    """Every pair of arms, k (k - 1) / 2 of them: also valid for two arms that were chosen after the data were seen.

    Tests and intervals as in `against_baseline`, over this family.

    Args:
        pairs: all pairs of arms, see `pairs_of`; lower values are better.
        tolerance: a difference that does not matter.
        alpha: the chance of any false claim.
        chosen_from: as in `against_baseline`.

    Returns:
        One claim per pair of arms.

    Raises:
        InputError: a tolerance below 0, or an alpha outside (0, 1).

    Example:
        >>> from lsbench.statistics import pairs_of
        >>> errors = {"ce": {0: 0.10, 1: 0.11, 2: 0.12}, "lsr": {0: 0.20, 1: 0.22, 2: 0.21}}
        >>> [(claim.arm, claim.finding, claim.other) for claim in all_pairs(pairs_of(errors))]
        [('ce', 'better', 'lsr')]
    """
    _require(pairs, tolerance, alpha, chosen_from)
    places, k = list(combinations(range(len(pairs.arms)), 2)), max(len(pairs.arms), chosen_from)
    return _claims(pairs, places, "pairs", tolerance, alpha, comb(k, 2))


def may_be_best(
    pairs: Pairs, *, tolerance: float = 0.0, alpha: float = 0.05, chosen_from: int = 0
) -> tuple[Hashable, ...]:
    """The arms that may be best: the true best is among them with a chance of at least 1 - alpha. Never empty.

    An arm is left out where a one-sided test shows it to be worse than some other by more than the tolerance, at alpha
    / max(k - 1, 2): it is compared with k - 1 others, and of two arms none is left out that the other, in a two-sided
    test, is not shown to be better than. No more is claimed of the arms left out: several of them may be
    equal to the best. The leader always stays. (Hsu, 1984)

    Args:
        pairs: all pairs of arms, see `pairs_of`; lower values are better.
        tolerance: a difference that does not matter.
        alpha: the chance that the best arm is not among them.
        chosen_from: as in `against_baseline`; of more arms than these each test is at alpha over all their pairs.

    Returns:
        The arms, in their order.

    Raises:
        InputError: a tolerance below 0, or an alpha outside (0, 1).

    Example:
        >>> from lsbench.statistics import pairs_of
        >>> errors = {"ce": {0: 0.10, 1: 0.11, 2: 0.12}, "lsr": {0: 0.20, 1: 0.22, 2: 0.21}}
        >>> may_be_best(pairs_of(errors))
        ('ce',)
    """
    _require(pairs, tolerance, alpha, chosen_from)
    k = len(pairs.arms)
    if k == 0:
        return ()
    level = set_level(k, alpha) if chosen_from <= k else alpha / comb(chosen_from, 2)
    shown = pairs.bounds(2 * level)[0] > tolerance  # the row's arm is worse than the column's
    leader = leader_of(pairs)
    return tuple(arm for arm, worse in zip(pairs.arms, shown, strict=True) if arm == leader or not worse.any())


def set_level(k: int, alpha: float) -> float:
    """The one-sided level of each test of the set that may be best, among k arms; of two it is the winner's."""
    return alpha / max(k - 1, 2)


def leader_of(pairs: Pairs) -> Hashable:
    """The arm of the common basis that no other of it is better than on average, over the seeds that the two share.

    So every difference with the leader lies on its side, and an arm with few seeds changes nothing, see
    `common_basis`. Unequal seeds can make a circle (a ahead of b, b of c, c of a); then the arm with the best mean over
    the seeds of the basis leads. Where no two arms share a seed it is the one with the best mean. The first of equals.

    Args:
        pairs: all pairs of arms, see `pairs_of`; lower values are better.

    Returns:
        One of the arms.

    Example:
        >>> from lsbench.statistics import pairs_of
        >>> errors = {"ce": {0: 0.10, 1: 0.11, 2: 0.12}, "lsr": {0: 0.20, 1: 0.22, 2: 0.21}}
        >>> leader_of(pairs_of(errors))
        'ce'
    """
    require_pairs(pairs)
    places, shared = largest_part(~np.isnan(pairs.values))
    if not places:
        return pairs.arms[int(np.argmin(_own_means(pairs)))]
    places = sorted(places)
    beaten = np.any(pairs.mean[np.ix_(places, places)] > 0, axis=1)
    unbeaten = [places[i] for i in np.flatnonzero(~beaten)]
    best = places[int(np.argmin(pairs.values[places][:, shared].mean(1)))]
    return pairs.arms[unbeaten[0] if unbeaten else best]


def winner_of(pairs: Pairs, *, tolerance: float = 0.0, alpha: float = 0.05, chosen_from: int = 0) -> Hashable | None:
    """The arm that is shown to be better than every other by more than the tolerance, if there is one.

    Each of its k - 1 tests is at alpha, without adjustment: all must show it, so that a false winner, one that is not
    better than every other, has a chance of at most alpha. (the intersection-union test; Berger, 1982)

    Args:
        pairs: all pairs of arms, see `pairs_of`; lower values are better.
        tolerance: a difference that does not matter.
        alpha: the chance of a false winner.
        chosen_from: as in `against_baseline`; of more arms than these each test is at alpha over all their pairs.

    Returns:
        One of the arms, or None.

    Raises:
        InputError: a tolerance below 0, or an alpha outside (0, 1).

    Example:
        >>> from lsbench.statistics import pairs_of
        >>> errors = {"ce": {0: 0.10, 1: 0.11, 2: 0.12}, "lsr": {0: 0.20, 1: 0.22, 2: 0.21}}
        >>> winner_of(pairs_of(errors))
        'ce'
    """
    _require(pairs, tolerance, alpha, chosen_from)
    i = pairs.index(leader_of(pairs)) if pairs.arms else 0
    others = [j for j in range(len(pairs.arms)) if j != i]
    level = alpha if chosen_from <= len(pairs.arms) else alpha / comb(chosen_from, 2)
    shown = pairs.bounds(level)[1][i, others] < -tolerance
    return pairs.arms[i] if others and shown.all() else None


def _require(pairs: Pairs, tolerance: float, alpha: float, chosen_from: int) -> None:
    """What all families are given; `InputError` says what is wrong."""
    require_pairs(pairs)
    require_number("tolerance", tolerance, 0)
    require_level("alpha", alpha)
    require_whole("chosen_from", chosen_from, 0, 10**6)


def _own_means(pairs: Pairs) -> np.ndarray:
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.nansum(pairs.values, 1) / np.where(pairs.counts, pairs.counts, np.nan)
    return np.where(np.isnan(means), np.inf, means)


def _claims(
    pairs: Pairs, places: Sequence[tuple[int, int]], family: Family, tolerance: float, alpha: float, size: int
) -> list[Claim]:
    """The claims about these pairs, in a family of so many; those of them that were not compared have p = 1."""
    if not places:
        return []
    asked = np.zeros(pairs.n.shape, bool)
    asked[tuple(zip(*places, strict=True))] = True
    p_values, (low, high) = pairs.p_beyond(tolerance, asked), pairs.bounds(alpha / size)
    not_compared = [1.0] * (size - len(places))
    adjusted = holm([*(1.0 if np.isnan(p_values[i, j]) else float(p_values[i, j]) for i, j in places), *not_compared])
    claims = []
    for (i, j), p_adjusted in zip(places, adjusted[: len(places)], strict=True):
        bounds = (float(low[i, j]), float(high[i, j]))
        difference = _difference(pairs, i, j, bounds, p_adjusted <= alpha, tolerance)
        claims.append(
            Claim(
                pairs.arms[i],
                pairs.arms[j],
                family,
                _finding(difference, p_adjusted <= alpha, tolerance),
                difference,
                None if np.isnan(p_values[i, j]) else float(p_values[i, j]),
                p_adjusted,
                float(pairs.mean[i, j] / pairs.sd[i, j]) if pairs.sd[i, j] > 0 else None,
            )
        )
    return claims


def _difference(
    pairs: Pairs, i: int, j: int, bounds: tuple[float, float], shown: bool, tolerance: float
) -> Difference | None:
    """With Bonferroni's interval; where Holm's test shows more, it ends at the tolerance, which it leaves out."""
    n, mean, (low, high) = int(pairs.n[i, j]), float(pairs.mean[i, j]), bounds
    if n == 0:
        return None
    if np.isnan(low):
        return Difference(mean, None, None, n)
    if shown and mean > 0:
        low = max(low, nextafter(tolerance, inf))
    elif shown:
        high = min(high, nextafter(-tolerance, -inf))
    return Difference(mean, low, high, n)


def _finding(difference: Difference | None, shown: bool, tolerance: float) -> Finding:
    if difference is not None and shown:
        return "worse" if difference.mean > 0 else "better"
    return "equivalent" if difference is not None and difference.within(tolerance) else "undecided"
