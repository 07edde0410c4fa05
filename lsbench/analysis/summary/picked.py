"""An arm whose rows were picked, seed by seed, among several combinations of hyperparameters and recipes."""

from dataclasses import dataclass

from lsbench.analysis.summary.arms import ArmResults
from lsbench.spec import Arm, Recipe

Combination = tuple[tuple[str, float | str], ...]  # ("lr", 0.1), ("q", 0.5): the value of each name


@dataclass(frozen=True)
class PickedArm(ArmResults):
    """Per seed one row of several that were trained; `key` is without the hyperparameters that differ."""

    picks: tuple[tuple[int, Combination], ...] = ()  # the combination of each seed
    candidates: frozenset[tuple[Arm, Recipe | None]] = frozenset()

    @property
    def trained_as(self) -> frozenset[tuple[Arm, Recipe | None]]:
        """All that it was picked from: two arms are the same where they were picked from the same."""
        return self.candidates

    @property
    def counts(self) -> list[tuple[Combination, int]]:
        """Each combination that was picked, and for how many seeds; the smallest values first."""
        combinations = [combination for _, combination in self.picks]
        return [(one, combinations.count(one)) for one in sorted(set(combinations), key=order)]


def order(combination: Combination) -> tuple[object, ...]:
    """A key that sorts combinations by their values, numbers before words."""
    return tuple((isinstance(value, str), value) for _, value in combination)
