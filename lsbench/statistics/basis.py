"""Which arms have enough seeds in common to say which of them leads."""

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lsbench.statistics.pairs import Pairs, require_pairs

Part = tuple[list[int], NDArray[np.bool_]]  # places of arms, and which seeds all of them have


@dataclass(frozen=True)
class CommonBasis:
    """The arms that may lead; an arm is among them or not by its seeds alone, whatever its values."""

    arms: tuple[Hashable, ...]  # at least two, or none
    n: int  # how many seeds all of them have
    too_few: tuple[Hashable, ...]  # the other arms: with them, more seeds would be lost than arms gained


def common_basis(pairs: Pairs) -> CommonBasis:
    """The part of the table of arms and seeds, at least two arms, that has no gap and the most cells.

    So an arm with few seeds neither leads nor takes seeds from the others: of arms with 10, 10 and 2 seeds, two over 10
    seeds are 20 cells, three over 2 are 6. Of equal parts the one with more arms counts, then the first that the search
    meets. The search starts from each arm and adds the arm that keeps the most seeds; it is exact where seed sets are
    nested.

    Args:
        pairs: all pairs of arms, see `pairs_of`.

    Returns:
        The arms in their order, and the arms left out. No arms where no two share a seed.

    Example:
        >>> from lsbench.statistics import pairs_of
        >>> ten = dict.fromkeys(range(10), 0.1)
        >>> common_basis(pairs_of({"ce": ten, "lsr": ten, "gce": {0: 0.1, 1: 0.1}}))
        CommonBasis(arms=('ce', 'lsr'), n=10, too_few=('gce',))
    """
    require_pairs(pairs)
    places, shared = largest_part(~np.isnan(pairs.values))
    inside = {pairs.arms[place] for place in places}
    return CommonBasis(
        tuple(arm for arm in pairs.arms if arm in inside),
        int(shared.sum()),
        tuple(arm for arm in pairs.arms if arm not in inside),
    )


def largest_part(present: NDArray[np.bool_]) -> Part:
    """Places of arms, and seeds (seeds,), of the part without a gap that has the most cells; present is (k, seeds)."""
    if len(present) > 1 and present.any() and present.all():
        return list(range(len(present))), present[0]
    starts = dict(zip(map(bytes, present[::-1]), reversed(range(len(present))), strict=True))  # the first of equal ones
    parts = [part for first in sorted(starts.values()) for part in _growing(present, first)]
    nothing: Part = ([], np.zeros(present.shape[-1], bool))
    return max(parts, key=lambda part: (len(part[0]) * part[1].sum(), len(part[0])), default=nothing)


def _growing(present: NDArray[np.bool_], first: int) -> list[Part]:
    """From one arm on, the arm that keeps the most seeds is added, until no seed is left."""
    places, shared, parts = [first], present[first], []
    while len(places) < len(present):
        kept = (present & shared).sum(1)
        kept[places] = 0
        if not kept.any():
            break
        places, shared = [*places, int(kept.argmax())], shared & present[kept.argmax()]
        parts.append((places, shared))
    return parts
