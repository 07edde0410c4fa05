"""Which examples are in which fold, from a drawn order."""

import numpy as np
from numpy.typing import NDArray

from lsbench.data.folds import fill_up, place_units

Numbers = NDArray[np.int64]


def folds_of(order: Numbers, folds: int, units: Numbers | None = None) -> Numbers:
    """The fold of each example (n,), 0 ... folds - 1; order (n,): a permutation of the examples.

    units (n,): the number of each example's unit; None: each stands alone. Alone, the examples in their drawn order
    are cut as `numpy.array_split` does. Units are placed as in `lsbench.data.folds.fold_sizes`; which of equally large
    ones comes first is by the order, too.
    """
    sizes = np.ones(len(order), np.int64) if units is None else np.bincount(units)[units]
    together, alone = order[sizes[order] > 1], order[sizes[order] == 1]
    fold_of, loads = np.empty(len(order), np.int64), [0] * folds
    if units is not None and len(together):
        fold_of[together], loads = _together(together, units, sizes, folds)
    fold_of[alone] = np.repeat(np.arange(folds), np.subtract(fill_up(loads, len(alone)), loads))
    return fold_of


def _together(together: Numbers, units: Numbers, sizes: Numbers, folds: int) -> tuple[Numbers, list[int]]:
    """The folds of the examples that do not stand alone, and how many each fold holds then."""
    _, first = np.unique(units[together], return_index=True)
    drawn = together[np.sort(first)]  # an example of each unit, in the drawn order
    drawn = drawn[np.argsort(-sizes[drawn], kind="stable")]
    fold_of_unit = np.empty(int(units.max()) + 1, np.int64)
    fold_of_unit[units[drawn]], loads = place_units(sizes[drawn].tolist(), folds)
    return fold_of_unit[units[together]], loads
