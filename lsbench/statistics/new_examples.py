"""The part of a pair's uncertainty that comes from drawing other test examples."""

from collections.abc import Hashable, Mapping
from dataclasses import replace
from itertools import combinations

import numpy as np

from lsbench.errors import DtypeError, InputError, shown
from lsbench.statistics.crossed import variance_of_examples
from lsbench.statistics.pairs import Floats, Pairs, require_pairs


def with_examples(pairs: Pairs, of_arms: Mapping[Hashable, Mapping[int, Floats]]) -> Pairs:
    """The same pairs, to hold for other test examples, too.

    Args:
        pairs: all pairs of arms.
        of_arms: arm -> seed -> a number per test example (n,), less is better. All arms and seeds have the same test
            examples, in the same order; the numbers' means are the values that `pairs` was made from, up to rounding.

    Returns:
        The pairs with the variance that comes from drawing other test examples.

    Raises:
        InputError: arms that are missing, or numbers of examples that differ.

    Example:
        >>> from lsbench.statistics import pairs_of
        >>> wrong = {"ce": {0: np.array([0, 0, 1]), 1: np.array([0, 1, 0])}, "lsr": {0: np.ones(3), 1: np.ones(3)}}
        >>> means = {arm: {seed: float(one.mean()) for seed, one in seeds.items()} for arm, seeds in wrong.items()}
        >>> with_examples(pairs_of(means), wrong).on
        'new examples'
    """
    require_pairs(pairs)
    if not isinstance(of_arms, Mapping) or not all(isinstance(seeds, Mapping) for seeds in of_arms.values()):
        raise DtypeError(f"of_arms must be a dict arm -> seed -> a number per test example, got {shown(of_arms)}")
    sizes = {len(numbers) for seeds in of_arms.values() for numbers in seeds.values()}
    if len(sizes) != 1 or pairs.arms != tuple(of_arms):
        raise InputError(f"all arms need numbers of the same test examples, got sets of {sorted(sizes)}")
    variance = np.zeros(pairs.mean.shape)
    tables = {
        place: (sorted(seeds), np.array([seeds[s] for s in sorted(seeds)], float))
        for place, seeds in enumerate(of_arms.values())
        if seeds  # an arm that lost seeds is compared with none
    }
    for i, j in combinations(tables, 2):
        gaps = _gaps_of_tables(*tables[i], *tables[j])
        if len(gaps) > 1:
            variance[i, j] = variance[j, i] = variance_of_examples(gaps)
    return replace(pairs, example_variance=variance, examples=sizes.pop())


def _gaps_of_tables(our_seeds: list[int], ours: Floats, their_seeds: list[int], theirs: Floats) -> Floats:
    """The differences at the seeds that both have, (seeds, examples)."""
    if our_seeds == their_seeds:
        return ours - theirs
    shared = sorted({*our_seeds} & {*their_seeds})
    return ours[[our_seeds.index(s) for s in shared]] - theirs[[their_seeds.index(s) for s in shared]]
