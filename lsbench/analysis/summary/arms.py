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
from lsbench.spec import Arm
from lsbench.statistics import Difference, Spread, cautious_difference, gaps_of, spread

BASELINE = "ce"
ALPHA = 0.05  # of every interval and test


@dataclass(frozen=True)
class ArmResults:
    """An arm with the rows that it has in one setting."""

    key: Arm
    rows: tuple[Row, ...]  # the ok ones, in the order of their seeds
    lost: tuple[Row, ...] = ()  # those that failed or diverged
    survivors: bool = False  # whether it may be compared although it lost seeds

    @property
    def name(self) -> str:
        """The arm's, as a person reads it."""
        return self.key.name

    @property
    def n(self) -> int:
        """How many seeds gave a result."""
        return len(self.rows)

    @property
    def lost_text(self) -> str:
        """`lost 2 of 5`, or nothing."""
        return f"lost {len(self.lost)} of {self.n + len(self.lost)}" if self.lost else ""

    @property
    def comparable(self) -> bool:
        """Whether it may be compared: what diverged or failed at some seeds is not judged by the others alone.

        The seeds at which a loss survives are not a sample of all: they are those on which it did well.
        """
        return self.survivors or not self.lost

    @cached_property
    def _known(self) -> dict[str, dict[int, float]]:
        return {}

    def by_seed(self, name: str) -> Mapping[int, float]:
        """A number (see `value_of`) of each seed that has it: to be shown. To compare arms take `compared`."""
        if name not in self._known:
            values = {row.cell.seed: value_of(row, name) for row in self.rows}
            self._known[name] = {seed: value for seed, value in values.items() if value is not None}
        return self._known[name]

    def compared(self, name: str) -> Mapping[int, float]:
        """The same, to be compared with other arms: nothing of an arm that is not `comparable`.

        Nothing either where it lacks the number at some seeds, an NLL that is infinite there, say, or a temperature
        that was not found: those at which it has one are those at which it did well.
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
    """The arms of each setting, in the settings' order; what is superseded is in none: see `summary.code_versions`.

    `survivors`: arms that lost seeds may be compared by the seeds that are left.
    """
    kept = current(list(rows))
    tags = tags_of(kept)
    return {setting: _arms(of, tags, survivors=survivors) for setting, of in by_setting(kept).items()}


def arms_of(rows: Iterable[Row], *, survivors: bool = False) -> list[ArmResults]:
    """The arms of one setting's rows: the catalogue's order, then by hyperparameters.

    Versions of a loss of the user's own are arms apart: their names end in @ and the hash of their source. An arm of
    which no cell is ok is an arm, too.
    """
    kept = current(list(rows))
    return _arms(kept, tags_of(kept), survivors=survivors)


def _arms(rows: Iterable[Row], tags: Mapping[tuple[str, str], str], *, survivors: bool) -> list[ArmResults]:
    arms: dict[Arm, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (arm_order(row.cell.arm), row.cell.arm.source, row.cell.seed)):
        arms.setdefault(row.cell.arm, []).append(row)
    return [_arm(tagged(key, tags), of, survivors=survivors) for key, of in arms.items()]


def tagged(arm: Arm, tags: Mapping[tuple[str, str], str]) -> Arm:
    """The arm with the tag of its version, if it has one."""
    return replace(arm, tag=tags.get((arm.loss, arm.source), ""))


def _arm(key: Arm, rows: Sequence[Row], *, survivors: bool) -> ArmResults:
    ok, lost = (tuple(row for row in rows if (row.status == "ok") is good) for good in (True, False))
    return ArmResults(key, ok, lost, survivors)


def arm_order(arm: Arm) -> tuple:
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
