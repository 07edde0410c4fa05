"""Examples of one part, the most suspicious given label first."""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lsbench.rows.status import TEST, TRAIN

__all__ = ["TEST", "TRAIN", "Ranking", "rank", "suspicion_of"]

Floats = NDArray[np.float64]
Numbers = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Ranking:
    """All examples of a part that networks predicted without having seen them; the most suspicious first."""

    part: str  # TRAIN or TEST
    numbers: Numbers  # (n,): of TRAIN as `lsbench order` prints them, of TEST from 0 in the order of the test set
    given: Numbers  # (n,): classes
    suggested: Numbers  # (n,): the likeliest class by the mean probability; the given one where that is it
    suspicion: Floats  # (n,), in [-1, 1]: see `suspicion_of`; above 0 where another class is suggested
    self_confidence: Floats  # (n,): the mean probability of the given label
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
        """How many of them have another suggested label than the given one: they stand first."""
        return int((self.suggested != self.given).sum())


def rank(part: str, numbers: Numbers, given: Numbers, probs: Floats, disagree: Floats, seeds: Numbers) -> Ranking:
    """Rank examples by `suspicion_of`, equal ones by their number; probs (n, K): the mean over the runs."""
    suspicion, places = suspicion_of(probs, given), np.arange(len(given))
    order = np.lexsort((numbers, -suspicion))
    suggested = np.where(suspicion > 0, probs.argmax(-1), given)
    return Ranking(
        part=part,
        numbers=numbers[order],
        given=given[order],
        suggested=suggested[order],
        suspicion=suspicion[order],
        self_confidence=probs[places, given][order],
        disagree=disagree[order],
        seeds=seeds[order],
    )


def suspicion_of(probs: Floats, given: Numbers) -> Floats:
    """max_{k != given} p_k - p_given, of probabilities (n, K): the normalized margin of Northcutt et al., negated.

    Example:
        >>> suspicion_of(np.array([[0.7, 0.2, 0.1], [0.7, 0.2, 0.1]]), np.array([0, 1])).round(3).tolist()
        [-0.5, 0.5]
    """
    places = np.arange(len(given))
    others = probs.copy()
    others[places, given] = -np.inf
    return others.max(-1, initial=-np.inf) - probs[places, given]
