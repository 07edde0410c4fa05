"""What stands beside the claims of a family: the sign-flip check, seeds to decide, what was missed, what is assumed."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from lsbench.errors import require_number, require_whole
from lsbench.statistics.checks import require_level
from lsbench.statistics.families import Claim
from lsbench.statistics.flips_among import sign_flips
from lsbench.statistics.needed import SeedsNeeded, collapsed, detectable_effect, seeds_to_find
from lsbench.statistics.pairs import Floats, Pairs, require_pairs
from lsbench.statistics.spreads import spread


@dataclass(frozen=True)
class Evidence:
    """What stands beside one claim, at the level of its family."""

    p_sign_flip: (
        float | None
    )  # step-down over the family; None below 6 seeds, for different seeds, and of a larger family
    seeds_needed: SeedsNeeded | None  # to decide a difference as seen; None where all are 0 and of one seed
    could_be_missed: float | None  # the least difference found 4 times in 5, in the values' unit; None without spread
    far_seeds: int  # how many seeds lie far from the others, see `collapsed`: the normal assumption is doubtful


def evidence_for(
    pairs: Pairs, claims: Sequence[Claim], *, tolerance: float = 0.0, alpha: float = 0.05, chosen_from: int = 0
) -> list[Evidence]:
    """What stands beside each claim of a family.

    Levels are Bonferroni's, alpha / m for m claims: the first step of Holm's. Sign flips test for a difference of 0, or
    for one beyond the tolerance by moving each pair's differences towards 0 by it. Seeds to decide and what could be
    missed are for new seeds on this test set.

    Args:
        pairs: all pairs of arms, from which the claims were made.
        claims: all claims of one family.
        tolerance: the one that the claims were made with.
        alpha: likewise.
        chosen_from: likewise; the family is then as large as that against a baseline among so many arms.

    Returns:
        One per claim.

    Raises:
        InputError: a tolerance below 0, or an alpha outside (0, 1).

    Example:
        >>> from lsbench.statistics import against_baseline, pairs_of
        >>> pairs = pairs_of({"ce": {0: 0.10, 1: 0.11, 2: 0.12}, "lsr": {0: 0.10, 1: 0.12, 2: 0.12}})
        >>> beside = evidence_for(pairs, against_baseline(pairs, "ce"))[0]
        >>> str(beside.seeds_needed), round(beside.could_be_missed, 3), beside.p_sign_flip
        ('26 (7 to more than 1,000)', 0.019, None)
    """
    require_pairs(pairs)
    require_level("alpha", alpha)
    require_number("tolerance", tolerance, 0)
    require_whole("chosen_from", chosen_from, 0, 10**6)
    gaps = [pairs.gaps(pairs.index(claim.arm), pairs.index(claim.other)) for claim in claims]
    too_high = np.broadcast_to(pairs.too_high, pairs.mean.shape)
    nearest = [tolerance + float(too_high[pairs.index(claim.arm), pairs.index(claim.other)]) for claim in claims]
    level = alpha / max(len(claims), chosen_from - 1, 1)
    counted_elsewhere = chosen_from > len(claims) + 1  # its other arms have no differences to flip
    flips = [None] * len(claims) if counted_elsewhere else _flips(pairs, gaps, nearest)
    return [
        Evidence(p, seeds_to_find(d, level, least), _missed(d, level, least), int(collapsed(d).sum()))
        for d, p, least in zip(gaps, flips, nearest, strict=True)
    ]


def could_be_missed(claims: Sequence[Claim], beside: Sequence[Evidence]) -> tuple[Hashable, float] | None:
    """How much a family could have missed: of its undecided claims, the arm and the largest `could_be_missed`.

    Args:
        claims: all claims of one family.
        beside: `evidence_for`, of them.

    Returns:
        The arm and the difference, in the values' unit; None where nothing is undecided or no spread is known.

    Example:
        >>> could_be_missed([], []) is None
        True
    """
    undecided = [
        (claim.arm, one.could_be_missed)
        for claim, one in zip(claims, beside, strict=True)
        if claim.finding == "undecided" and one.could_be_missed is not None
    ]
    return max(undecided, key=lambda pair: pair[1], default=None)


def _flips(pairs: Pairs, gaps: Sequence[Floats], nearest: Sequence[float]) -> list[float | None]:
    unequal = bool(gaps) and np.isnan(pairs.values).any()
    if not gaps or unequal or not len(gaps[0]):
        return [None] * len(gaps)
    d, tolerance = np.stack(gaps), np.array(nearest)[:, None]
    mean = d.mean(1, keepdims=True)
    p = sign_flips(np.where(np.abs(mean) > tolerance, d - np.sign(mean) * tolerance, 0.0))
    return [None] * len(gaps) if p is None else [float(one) for one in p]


def _missed(differences: Floats, alpha: float, tolerance: float) -> float | None:
    d = spread(differences)
    return tolerance + d.sd * detectable_effect(d.n, alpha) if d is not None and d.sd else None
