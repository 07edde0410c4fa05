"""Examples of one part, the most suspicious given label first."""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsbench.rows.status import TEST, TRAIN

__all__ = ["TEST", "TRAIN", "Ranking", "margin_of", "rank", "suspicion_of"]

Floats = NDArray[np.float64]
Numbers = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Ranking:
    """All examples of a part that networks predicted without having seen them; the most suspicious first."""

    part: str  # TRAIN or TEST
    numbers: Numbers  # (n,): of TRAIN as `lsbench order` prints them, of TEST from 0 in the order of the test set
    given: Numbers  # (n,): classes
    suggested: Numbers  # (n,): the likeliest class by the mean probability; the given one where that is it
    suspicion: Floats  # (n,), in [0, 1]: see `suspicion_of`
    margin: Floats  # (n,), in [-1, 1]: see `margin_of`; below 0 where another class is suggested
    disagree: Floats  # (n,): share of the runs that predicted the example whose likeliest class is not the given one
    seeds: Numbers  # (n,): by how many seeds' networks it was predicted

    def __len__(self) -> int:
        return len(self.numbers)

    def first(self, count: int) -> "Ranking":
        """The most suspicious ones alone."""
        cut = {f.name: getattr(self, f.name)[:count] for f in fields(self) if f.name != "part"}
        return replace(self, **cut)

    @property
    def suggesting(self) -> int:
        """How many of them have another suggested label than the given one."""
        return int((self.suggested != self.given).sum())


def rank(part: str, numbers: Numbers, given: Numbers, probs: Floats, disagree: Floats, seeds: Numbers) -> Ranking:
    """Rank examples by `suspicion_of`, equal ones by their number; probs (n, K): the mean over the runs."""
    suspicion, margin = suspicion_of(probs, given), margin_of(probs, given)
    order = np.lexsort((numbers, probs[np.arange(len(given)), given]))
    suggested = np.where(margin < 0, probs.argmax(-1), given)
    return Ranking(
        part=part,
        numbers=numbers[order],
        given=given[order],
        suggested=suggested[order],
        suspicion=suspicion[order],
        margin=margin[order],
        disagree=disagree[order],
        seeds=seeds[order],
    )


def suspicion_of(probs: Floats, given: Numbers) -> Floats:
    """1 - p_given, of probabilities (n, K): one minus the self-confidence of Northcutt et al. (2021).

    Whether another class is likely is not asked: a label that can't be right may belong to one of two others.

    Example:
        >>> suspicion_of(np.array([[0.7, 0.2, 0.1], [0.7, 0.2, 0.1]]), np.array([0, 1])).round(3).tolist()
        [0.3, 0.8]
    """
    return 1 - probs[np.arange(len(given)), given]


def margin_of(probs: Floats, given: Numbers) -> Floats:
    """p_given - max_{k != given} p_k, of probabilities (n, K): the normalized margin of Northcutt et al. (2021).

    Example:
        >>> margin_of(np.array([[0.7, 0.2, 0.1], [0.7, 0.2, 0.1]]), np.array([0, 1])).round(3).tolist()
        [0.5, -0.5]
    """
    places = np.arange(len(given))
    others = probs.copy()
    others[places, given] = -np.inf
    return probs[places, given] - others.max(-1, initial=-np.inf)
