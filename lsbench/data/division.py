"""Which examples are for testing, where nobody has said so: a share of each class, the same on every machine."""

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.data.groups import numbered
from lsbench.data.units import joined
from lsbench.errors import InputError
from lsbench.names.encoding import to_bytes

Numbers = NDArray[np.int64]


def divide(
    labels: ArrayLike,
    share: float = 0.2,
    split: int = 0,
    groups: NDArray[np.str_] | None = None,
    alike: Numbers | None = None,
    names: Sequence[str] | None = None,
) -> tuple[Numbers, Numbers]:
    """Indices of the examples for training and of those for testing, each in order.

    Class by class, units are taken in the order of their hashed names until the share of the class is reached, at least
    one example; a unit of several only where that comes nearer to the share. A unit without which a class would have
    nothing to train on is passed over. An example that is added later moves few others.

    Args:
        labels: (n,), class numbers or names.
        share: of each class that is for testing.
        split: another number is another choice.
        groups: (n,), of each example; a group is a unit.
        alike: (n,), for each example the number of one that it may not be parted from, often its own.
        names: (n,), of the examples, all different, such as their paths; None is their numbers.

    Raises:
        InputError: no group can be left for testing.

    Example:
        >>> train, test = divide([0, 0, 0, 0, 1, 1, 1, 1], share=0.25)
        >>> len(train), test.tolist()
        (6, [0, 5])
    """
    numbers = np.unique(np.asarray(labels), return_inverse=True)[1]
    names = [str(i) for i in range(len(numbers))] if names is None else names
    unit_of = _units(len(numbers), groups, alike)
    chosen = _chosen(_counts(unit_of, numbers), _in_order(unit_of, names if groups is None else groups, split), share)
    if groups is not None and not chosen:
        units = len(np.unique(unit_of))
        which = "the only one" if units == 1 else f"each of the {units:,}"
        raise InputError(
            f"no group can be for testing: {which} holds all examples of a class (groups that share an equal example"
            " are one); give a test set of your own, or smaller groups"
        )
    is_test = np.isin(unit_of, list(chosen))
    return np.flatnonzero(~is_test), np.flatnonzero(is_test)


def none_left(what: str, noun: str, labels: ArrayLike, alike: Numbers | None) -> str:
    """Why nothing of a data set in one piece can be for testing, and what to do; nouns are written as `images`."""
    classes, n = len(np.unique(np.asarray(labels))), len(np.asarray(labels))
    together = (
        ""
        if alike is None
        else f", and {noun} that are equal or nearly so stay together ({len(np.unique(alike)):,} differ)"
    )
    return (
        f"no example of {what} is left for testing: its {n:,} {noun} have {classes:,} classes, each of which keeps one"
        f" for training{together}; give at least two of a class, or a test set of your own"
    )


def _units(n: int, groups: NDArray[np.str_] | None, alike: Numbers | None) -> Numbers:
    """(n,): the number of each example's unit."""
    own = np.arange(n) if groups is None else numbered(groups)
    return own if alike is None else joined(own, alike)


def _in_order(unit_of: Numbers, names: Sequence[str] | NDArray[np.str_], split: int) -> list[int]:
    """The units at random, by the hash of the first of each unit's names as text."""
    first: dict[int, str] = {}
    for unit, name in zip(unit_of.tolist(), map(str, names), strict=True):
        first[unit] = min(name, first.get(unit, name))
    return sorted(first, key=lambda unit: _rank(split, first[unit]))


def _rank(split: int, name: str) -> bytes:
    """What orders names at random, the same on every machine; split picks the order."""
    return hashlib.sha256(to_bytes(f"lsbench/{split}/{name}")).digest()


def _counts(unit_of: Numbers, labels: Numbers) -> dict[int, dict[int, int]]:
    """How many examples of each class each unit has; of most units that is one of one class."""
    counts: dict[int, dict[int, int]] = {}
    for (unit, label), count in Counter(zip(unit_of.tolist(), labels.tolist(), strict=True)).items():
        counts.setdefault(unit, {})[label] = count
    return counts


def _chosen(counts: dict[int, dict[int, int]], order: Sequence[int], share: float) -> set[int]:
    """The units for testing."""
    chosen: set[int] = set()
    total, have = Counter[int](), Counter[int]()
    for unit in order:
        total.update(counts[unit])
    for label, units in _by_class(counts, order):
        target = max(1, round(share * total[label]))
        for unit in units:
            if have[label] >= target:
                break
            is_nearer = not have[label] or have[label] + counts[unit][label] - target <= target - have[label]
            leaves_some = all(have[k] + count < total[k] for k, count in counts[unit].items())
            if unit not in chosen and is_nearer and leaves_some:
                chosen.add(unit)
                have.update(counts[unit])
    return chosen


def _by_class(counts: dict[int, dict[int, int]], order: Sequence[int]) -> list[tuple[int, list[int]]]:
    """Each class with the units that hold some of it, in order."""
    units: dict[int, list[int]] = {}
    for unit in order:
        for label in counts[unit]:
            units.setdefault(label, []).append(unit)
    return sorted(units.items())
