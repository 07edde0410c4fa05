"""How many test labels would have to be wrong for two arms to change places, whatever is wrong with them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import InputError
from lsbench.statistics.checks import class_numbers


@dataclass(frozen=True)
class Disagreement:
    """Two arms' answers to n examples, at seeds that both have."""

    examples: int  # n
    differ: int  # on so many of them the two answer differently, at one seed or more
    fewest_wrong: int | None  # so many wrong labels, all among these, can reverse the order; None: none can
    where: tuple[int, ...] = ()  # the numbers of these examples, from 0; those that count most come first

    @property
    def share(self) -> float | None:
        """The wrong ones among those that are answered differently."""
        return self.fewest_wrong / self.differ if self.fewest_wrong is not None and self.differ else None


def disagreement_of(leading: ArrayLike, other: ArrayLike, labels: ArrayLike) -> Disagreement:
    """The fewest wrong labels with which `other` would be the more accurate one by the true labels, over all seeds.

    Example i, were its true label c, adds d_i(c) = #{seeds: leading answers c} - #{seeds: other answers c} to the right
    answers by which the first leads. A wrong label takes away at most d_i(given) - min_c d_i(c), and the examples
    with the largest such losses reverse the order soonest: exact, by counting, without any assumption.

    Args:
        leading: The answers (seeds, n) of the arm with at least as many right ones, as class numbers.
        other: Those of the other arm, at the same seeds.
        labels: The given labels (n,).

    Returns:
        How many examples the two answer differently, and how many wrong labels among these reverse the order.

    Raises:
        InputError: Shapes that do not fit, or a first arm that does not lead.

    Example:
        >>> disagreement_of([[0, 0, 0, 1]], [[1, 1, 1, 1]], [0, 0, 0, 1]).fewest_wrong  # 4 and 1 right; 2: 2 and 3
        2
    """
    ours, theirs, given = (class_numbers("answers and labels", x) for x in (leading, other, labels))
    if ours.ndim != 2 or ours.shape != theirs.shape or given.shape != ours.shape[1:] or not ours.size:
        raise InputError(f"answers (seeds, n) and labels (n,) wanted, got {ours.shape}, {theirs.shape}, {given.shape}")
    now = _lead(ours, theirs, given)
    total = int(now.sum())
    if total < 0:
        raise InputError(f"the first arm must lead, it has {-total} right answers fewer")
    losses = now - np.min([_lead(ours, theirs, answer) for answer in theirs], axis=0)
    order = np.argsort(-losses, kind="stable")
    enough = np.flatnonzero(np.cumsum(losses[order]) > total)
    differ = (np.sort(ours, axis=0) != np.sort(theirs, axis=0)).any(axis=0)
    where = tuple(order[differ[order]].tolist())
    return Disagreement(given.size, len(where), int(enough[0]) + 1 if enough.size else None, where)


def _lead(ours: NDArray, theirs: NDArray, labels: NDArray) -> NDArray[np.int64]:
    """By how many seeds more the first answers these labels (n,), of each example."""
    return (ours == labels).sum(axis=0) - (theirs == labels).sum(axis=0)
