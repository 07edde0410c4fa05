"""What an example says about a contrast under each class: its bounds, what a person said, what is expected."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lsbench.errors import InputError
from lsbench.statistics.checks import finite

Numbers = NDArray[np.float64]
DOUBT = 6.0  # as if 60 % of the labels were wrong, where the belief is that 20 % are


class Control(NamedTuple):
    """What stands for an example that nobody looked at; see `estimate`."""

    values: Numbers  # (N,) or (..., N)
    fitted: bool  # whether its weight and level are fitted to the looked-at examples
    spread: Numbers | None = None  # (..., N), the variance that is expected around it; no variance is taken to be less


def given_control(effect: ArrayLike, given: ArrayLike) -> Control:
    """The effect if the given label is right: for differences of accuracy and of signed error."""
    d = finite("effect", effect, 2)
    return Control(d[np.arange(len(d)), classes(given, d.shape)], False)


def believed_control(
    effect: ArrayLike, belief: ArrayLike, given: ArrayLike, untempered: ArrayLike | None = None
) -> Control:
    """The mean of the effect under the belief, weight and level fitted: for NLL, Brier, and anything absolute.

    Few examples carry much of an NLL, and a sample that has none of them has too small a variance. So the variance that
    is believed comes with it, for a belief that trusts given labels less: where wrong labels follow what networks
    take the image for, both agree and both are wrong. Or for the mean of that and the belief, if that expects more:
    networks that are too sure, and wrong, hide much of an NLL where nobody would look.

    Args:
        effect: (N, K).
        belief: (N, K), of `belief_of` and `tempered` predictions.
        given: (N,), the given labels.
        untempered: (N, K), the belief by the predictions as they are, whose given labels are trusted less; if it is
            left out, those of `belief` are, and there is no other variance.
    """
    d, b = finite("effect", effect, 2), finite("belief", belief, 2)
    if d.shape != b.shape:
        raise InputError(f"effect and belief must have one shape, got {d.shape} and {b.shape}")
    sharp = b if untempered is None else finite("untempered", untempered, 2)
    if sharp.shape != b.shape:
        raise InputError(f"untempered and belief must have one shape, got {sharp.shape} and {b.shape}")
    doubted = _doubted(sharp, classes(given, d.shape))
    spreads = [_spread(d, doubted), *([] if untempered is None else [_spread(d, (doubted + b) / 2)])]
    return Control((d * b).sum(1), True, max(spreads, key=lambda spread: float(spread.sum())))


def _spread(effect: Numbers, belief: Numbers) -> Numbers:
    """The variance of each effect under a belief, (N,)."""
    middle = (effect * belief).sum(1, keepdims=True)
    return (belief * np.square(effect - middle)).sum(1)


def _doubted(belief: Numbers, given: NDArray[np.int64]) -> Numbers:
    """The belief with the odds of each given label divided by `DOUBT`."""
    rows = np.arange(len(belief))
    weights = belief.copy()
    weights[rows, given] /= DOUBT
    return weights / weights.sum(1, keepdims=True)


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
