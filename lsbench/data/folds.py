"""Folds: a round of K seeds holds out every training example once. Sizes and counts; the draw is in `fold_draw`.

Seed s holds out fold s mod K of round s // K. Examples of one unit (equal images, one patient) share a fold. No numpy
here: `plan` needs the sizes.
"""

from collections.abc import Iterable, Mapping, Sequence
from heapq import heapify, heapreplace
from itertools import accumulate
from math import prod


def fold_sizes(n: int, folds: int, units: Sequence[int] = ()) -> list[int]:
    """How many of n examples each fold holds; units: sizes of the units of two examples and more.

    Units go to the fold that holds the fewest so far, the largest first; examples that stand alone fill the folds up.
    So the sizes do not depend on the draw, and without units they are those of `numpy.array_split`.

    Example:
        >>> fold_sizes(7, 3), fold_sizes(7, 3, [4, 2])
        ([3, 2, 2], [4, 2, 1])
    """
    return fill_up(place_units(sorted(units, reverse=True), folds)[1], n - sum(units))


def place_units(sizes: Iterable[int], folds: int) -> tuple[list[int], list[int]]:
    """The fold of each unit, in their order, and how many examples each fold holds then."""
    loads = [(0, fold) for fold in range(folds)]
    heapify(loads)
    fold_of_unit = []
    for size in sizes:
        load, fold = loads[0]
        fold_of_unit.append(fold)
        heapreplace(loads, (load + size, fold))
    return fold_of_unit, [load for load, _ in sorted(loads, key=lambda pair: pair[1])]


def fill_up(loads: Sequence[int], alone: int) -> list[int]:
    """What folds of these loads hold once so many single examples went, one by one, to the first of the smallest."""
    ordered = sorted(loads)
    below = (load * (i + 1) - total for i, (load, total) in enumerate(zip(ordered, accumulate(ordered), strict=True)))
    smallest = sum(needed <= alone for needed in below)  # folds that are filled up to one level
    level, over = divmod(alone + sum(ordered[:smallest]), smallest)
    first = set([fold for fold, load in enumerate(loads) if load <= level][:over])
    return [max(load, level) + (fold in first) for fold, load in enumerate(loads)]


def rounds_of(seeds: Iterable[int], folds: int) -> dict[int, set[int]]:
    """The folds that these seeds hold out, by round."""
    rounds: dict[int, set[int]] = {}
    for seed in seeds:
        rounds.setdefault(seed // folds, set()).add(seed % folds)
    return rounds


def never_held_out(n: int, folds: int, held_out: Mapping[int, int]) -> tuple[int, bool]:
    """How many of n examples no seed holds out, and whether that is exact; held_out: the size of each seed's fold.

    None where a round is whole. Of one round the others are left; rounds are drawn independently, so that each of
    several leaves its share of what the others leave, on average.

    Example:
        >>> never_held_out(100, 5, {0: 20, 1: 20, 2: 20}), never_held_out(100, 5, {3: 20, 7: 20})
        ((40, True), (64, False))
    """
    rounds = rounds_of(held_out, folds)
    if any(len(round_folds) == folds for round_folds in rounds.values()):
        return 0, True
    sizes = {(seed // folds, seed % folds): size for seed, size in held_out.items()}
    left = [1 - sum(sizes[i, fold] for fold in round_folds) / n for i, round_folds in rounds.items()]
    return round(n * prod(left)), len(rounds) <= 1


def missing_seeds(seeds: Iterable[int], folds: int) -> tuple[int, ...]:
    """The seeds that make the round whole of which most are there; the first of several such rounds."""
    rounds = rounds_of(seeds, folds)
    fullest = max(rounds, key=lambda i: (len(rounds[i]), -i))
    return tuple(fullest * folds + fold for fold in range(folds) if fold not in rounds[fullest])


def incomplete_text(n: int, folds: int, held_out: Mapping[int, int]) -> str:
    """A sentence on the examples that no seed holds out, see `never_held_out`; "" where there are none."""
    count, is_exact = never_held_out(n, folds, held_out)
    if not count:
        return ""
    missing = missing_seeds(held_out, folds)
    seeds = f"seed{'s' * (len(missing) != 1)} {', '.join(map(str, missing))}"
    about = "" if is_exact else "about "
    return f"{about}{count:,} of {n:,} training examples are never held out; train {seeds}, too, to hold out each once"
