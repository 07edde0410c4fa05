"""What one arm gave in one setting: its rows, its numbers by seed, and how it compares with another arm."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from lsbench.analysis.summary.code_versions import current, tags_of
from lsbench.analysis.summary.quantity import value_of
from lsbench.analysis.summary.setting import Setting, by_setting
from lsbench.names.catalogue import LOSSES
from lsbench.rows.row import Row
from lsbench.spec import Arm, Hyper, Recipe
from lsbench.statistics import Difference, Spread, cautious_difference, gaps_of, spread

BASELINE = "ce"
ALPHA = 0.05  # of every interval and test


@dataclass(frozen=True)
class ArmResults:
    """An arm with the rows that it has in one setting."""

    key: Arm
    rows: tuple[Row, ...]  # the ok ones, in the order of their seeds
    lost: tuple[Row, ...] = ()  # those that failed or diverged
    survivors: bool = False  # whether it may be compared by the seeds that are left, if it lost some

    @property
    def name(self) -> str:
        """The arm's, as a person reads it."""
        return self.key.name

    @property
    def n(self) -> int:
        """How many seeds gave a result."""
        return len(self.rows)

    @property
    def trained_as(self) -> frozenset[tuple[Arm, Recipe | None]]:
        """The arm; of one whose rows were picked, all with their recipes that they were picked from."""
        return frozenset({(self.key, None)})

    @property
    def lost_text(self) -> str:
        """`lost 2 of 5`, or nothing."""
        return f"lost {len(self.lost)} of {self.n + len(self.lost)}" if self.lost else ""

    @property
    def comparable(self) -> bool:
        """Whether it may be compared with other arms: no seed failed or diverged, or `survivors` allows it.

        The seeds that are left are no random sample: they may be those at which the loss did well. There must be one.
        """
        return not self.lost or (self.survivors and bool(self.rows))

    @cached_property
    def _numbers(self) -> dict[str, dict[int, float]]:
        return {}

    def by_seed(self, name: str) -> Mapping[int, float]:
        """A number (see `value_of`) of each seed that has it, to be shown. To compare arms take `compared`."""
        if name not in self._numbers:
            values = {row.cell.seed: value_of(row, name) for row in self.rows}
            self._numbers[name] = {seed: value for seed, value in values.items() if value is not None}
        return self._numbers[name]

    def compared(self, name: str) -> Mapping[int, float]:
        """The same, to be compared with other arms; empty for an arm that is not `comparable`.

        Also empty where some seeds lack the number, as an infinite NLL: the other seeds may be those at which it did
        well.
        """
        values = self.by_seed(name)
        return values if self.survivors or (self.comparable and len(values) == self.n) else {}

    def spread(self, name: str) -> Spread | None:
        """Its mean over the seeds, and the standard deviation of one."""
        return spread(list(self.by_seed(name).values()))

    @property
    def seconds_per_epoch(self) -> float | None:
        """Wall-clock, training and measuring; None where no seed gave a result."""
        if not self.rows:
            return None
        return sum((row.seconds or 0) / row.cell.recipe.all_epochs for row in self.rows) / self.n


def arms_by_setting(rows: Iterable[Row], *, survivors: bool = False) -> dict[Setting, list[ArmResults]]:
    """The arms of each setting, in the settings' order, without superseded rows: see `summary.code_versions`.

    `survivors`: arms that lost seeds may be compared by the seeds that are left.
    """
    kept = current(list(rows))
    tags = tags_of(kept)
    return {setting: _arms(rows, tags, survivors=survivors) for setting, rows in by_setting(kept).items()}


def arms_of(rows: Iterable[Row], *, survivors: bool = False) -> list[ArmResults]:
    """The arms of one setting's rows: the catalogue's order, then by hyperparameters.

    Two versions of the user's own loss are two arms, whose names end in @ and the start of the hash of their source. An
    arm without any ok row is an arm, too.
    """
    kept = current(list(rows))
    return _arms(kept, tags_of(kept), survivors=survivors)


def _arms(rows: Iterable[Row], tags: Mapping[tuple[str, str], str], *, survivors: bool) -> list[ArmResults]:
    rows_by_arm: dict[Arm, list[Row]] = {}
    for row in sorted(rows, key=lambda row: row.cell.seed):
        rows_by_arm.setdefault(row.cell.arm, []).append(row)
    ordered = sorted(rows_by_arm, key=lambda arm: (arm_order(arm), arm.source))
    return [_arm(tagged(arm, tags), rows_by_arm[arm], survivors=survivors) for arm in ordered]


def tagged(arm: Arm, tags: Mapping[tuple[str, str], str]) -> Arm:
    """The arm with the tag of its version, if it has one."""
    return replace(arm, tag=tags.get((arm.loss, arm.source), ""))


def _arm(key: Arm, rows: Sequence[Row], *, survivors: bool) -> ArmResults:
    ok, lost = (tuple(row for row in rows if (row.status == "ok") is good) for good in (True, False))
    return ArmResults(key, ok, lost, survivors)


def arm_order(arm: Arm) -> tuple[int, str, Hyper]:
    """The order of a table's lines: the catalogue's, then by hyperparameters."""
    names = list(LOSSES)
    return (names.index(arm.loss) if arm.loss in names else len(names), arm.loss, arm.hyper)


def pairs(a: Mapping[int, float], b: Mapping[int, float]) -> tuple[list[float], list[float]]:
    """The values of the seeds that both have, in the order of the seeds."""
    seeds = sorted(a.keys() & b.keys())
    return [a[seed] for seed in seeds], [b[seed] for seed in seeds]


def gaps(a: ArmResults, b: ArmResults, name: str, better: str = "") -> np.ndarray:
    """The number of one arm minus that of the other at the seeds that both have, (n,); of |numbers| for "zero"."""
    ours, theirs = pairs(a.compared(name), b.compared(name))
    return gaps_of(np.abs(ours), np.abs(theirs)) if better == "zero" else gaps_of(ours, theirs)


def compare(a: ArmResults, b: ArmResults, name: str, better: str = "") -> Difference | None:
    """The number of one arm minus that of the other, paired by seed; of |numbers| where better is "zero"."""
    return cautious_difference(gaps(a, b, name, better), ALPHA)
