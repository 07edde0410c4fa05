"""What an example says about a contrast under each class: its bounds, what a person said, what is expected."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import InputError
from lsbench.statistics.checks import finite

Numbers = NDArray[np.float64]


class Expected(NamedTuple):
    """What is expected of each effect d_i(y_i), by what is believed of y_i after the answers."""

    mean: Numbers  # (N,)
    square: Numbers  # (N,), the mean of d_i(y_i)²

    def away(self, model: Numbers) -> Numbers:
        """(..., N), the mean of (d_i(y_i) - m_i)² for a model m (..., N)."""
        return self.square - 2 * model * self.mean + np.square(model)


class Control(NamedTuple):
    """What stands for an example that nobody looked at; see `estimate`."""

    values: Numbers  # (N,) or (..., N)
    fitted: bool  # whether its weight and level are fitted to the looked-at examples
    expected: Expected | None = None  # of the effects: no variance is taken to be less than by that

    def negated(self) -> "Control":
        """Of the effects with the other sign."""
        expected = self.expected and Expected(-self.expected.mean, self.expected.square)
        return Control(-np.asarray(self.values), self.fitted, expected)


def given_control(effect: ArrayLike, given: ArrayLike, learned: ArrayLike | None = None) -> Control:
    """The effect if the given label is right: for differences of accuracy and of signed error.

    Args:
        effect: (N, K).
        given: (N,), the given labels.
        learned: (N, K), of `learned_belief`; without it no variance is expected.
    """
    d = finite("effect", effect, 2)
    return Control(d[np.arange(len(d)), classes(given, d.shape)], False, _expected(d, learned))


def believed_control(effect: ArrayLike, belief: ArrayLike, learned: ArrayLike | None = None) -> Control:
    """The mean of the effect under the belief, weight and level fitted: for NLL, Brier, and anything absolute.

    Few examples carry much of an NLL, and a sample that has none of them has too small a variance. So a variance that
    is expected comes with it, under what is believed after the answers.

    Args:
        effect: (N, K).
        belief: (N, K), before anything is looked at: of `belief_of` and `tempered` predictions.
        learned: (N, K), of `learned_belief`; without it no variance is expected.
    """
    d = finite("effect", effect, 2)
    return Control((d * _like(d, belief)).sum(1), True, _expected(d, learned))


def _expected(effect: Numbers, learned: ArrayLike | None) -> Expected | None:
    if learned is None:
        return None
    b = _like(effect, learned)
    return Expected((b * effect).sum(1), (b * np.square(effect)).sum(1))


def _like(effect: Numbers, belief: ArrayLike) -> Numbers:
    b = finite("a belief", belief, 2)
    if b.shape != effect.shape:
        raise InputError(f"effect and belief must have one shape, got {effect.shape} and {b.shape}")
    return b


def bounds_of(effect: ArrayLike) -> tuple[Numbers, Numbers]:
    """The least and the greatest that each example can contribute, (N,) each, whatever its label is."""
    d = finite("effect", effect, 2)
    return d.min(1), d.max(1)


def seen_of(
    effect: ArrayLike, examples: Sequence[int] | NDArray[np.int64], may_be: ArrayLike
) -> tuple[Numbers, Numbers]:
    """The least and the greatest contribution of each looked-at example, by what a person said of it, (n,) each.

    Args:
        effect: (N, K).
        examples: (n,), the numbers of those looked at.
        may_be: (n, K) bool, the classes that it may be; no class ("none of these") is as good as all of them.

    Raises:
        InputError: shapes that don't match.
    """
    d, possible = finite("effect", effect, 2), np.array(may_be, bool)
    chosen = d[np.asarray(examples, int)]
    if possible.shape != chosen.shape:
        raise InputError(f"may_be must have shape {chosen.shape}, got {possible.shape}")
    possible |= ~possible.any(1, keepdims=True)
    return np.where(possible, chosen, np.inf).min(1), np.where(possible, chosen, -np.inf).max(1)


def classes(given: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """The given labels as (N,) whole numbers in [0, K); `InputError` for others."""
    labels = np.asarray(given)
    if labels.shape != shape[:1] or labels.dtype.kind not in "iu" or len(shape) != 2:
        raise InputError(f"given labels must be {shape[0]} whole numbers, got shape {labels.shape} of {labels.dtype}")
    if len(labels) and (labels.min() < 0 or labels.max() >= shape[1]):
        raise InputError(f"given labels must lie in [0, {shape[1]}), got {labels.min()} to {labels.max()}")
    return labels.astype(np.int64)
